"""A silence: for a while nobody hears of some events, by the word of a person, and all is tracked as ever.

What would have been sent meanwhile is kept (`NotificationState.SILENCED`), with the silence it fell under. When the
silence is over, each reader is told the difference between what they were told and what is true then, and no more: a
listing that opened and is still open is told; one that came and went is not; an end is told to whoever was told of the
beginning. A silence ends by itself, after 30 days at most, or by hand.
"""

import ipaddress
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deliverwatch.core.events import Event
from deliverwatch.core.routing import Family, family_of
from deliverwatch.core.subjects import Subject, SubjectKind, looks_like_address, normal_domain, parse_network

LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Cover:
    """What is to be silent; None: whatever it is."""

    customer: str | None = None
    subject: str | None = None
    place: str | None = None
    family: Family | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """What it covers: all that fits every field that is set. `subject`: an address, a range or a domain. `place`: the
    id of a list or of a mailbox provider. `ended_at`: ended by hand before `until_at`; `settled_at`: when what was left
    to tell was told."""

    id: str
    begins_at: datetime
    until_at: datetime
    by: str
    reason: str
    customer: str | None = None
    subject: str | None = None
    place: str | None = None
    family: Family | None = None
    ended_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def over_at(self) -> datetime:
        return self.until_at if self.ended_at is None else min(self.ended_at, self.until_at)

    def is_on(self, now: datetime) -> bool:
        return self.begins_at <= now < self.over_at


def covered_name(subject: str) -> str:
    """As the inventory writes it. Raises ValueError."""
    if not looks_like_address(subject.strip()):
        return normal_domain(subject)
    network = parse_network(subject)
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def covers(silence: Silence, events: Collection[Event], customers: Sequence[str]) -> bool:
    """`events`: all that the reader would hear of in one message. `customers`: those they would read about. One that is
    not covered is reason enough to tell it."""
    if silence.customer is not None and set(customers) != {silence.customer}:
        return False
    return all(_covers(silence, event) for event in events)


def _covers(silence: Silence, event: Event) -> bool:
    places = (event.list_id, event.facts.get("provider"))
    return (
        (silence.family is None or family_of(event.kind) is silence.family)
        and (silence.place is None or silence.place in places)
        and (silence.subject is None or (event.subject is not None and _is_in(event.subject, silence.subject)))
    )


def _is_in(subject: Subject, name: str) -> bool:
    """A domain holds the names below it."""
    if subject.kind is SubjectKind.DOMAIN:
        return subject.value == name or subject.value.endswith(f".{name}")
    if not looks_like_address(name):
        return False
    return ipaddress.ip_address(subject.value) in ipaddress.ip_network(name)  # False between IPv4 and IPv6
