"""Mail that leaves under a name which nobody watches.

A customer adds a domain, a pool gets an address, and the monitoring never hears of it: the first sign is a block on
what was not looked at. Sending data name every address and domain in use, so what the inventory does not hold is found.
A domain counts as watched when it, or one above it that is held, is: a name below a watched one is on the lists that
are asked for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from deliverwatch.core.inventory import Holdings
from deliverwatch.core.subjects import parse_subject


@dataclass(frozen=True, slots=True)
class Sender:
    """A name under which mail left. `role`: "ip", "envelope", "from", "dkim", "link"; `events`: how often seen."""

    source: str
    role: str
    name: str
    events: int
    first_at: datetime
    last_at: datetime


def unwatched(senders: Iterable[Sender], holdings: Holdings, today: date) -> list[Sender]:
    """Those that nobody holds today, most used first; names that are no address or domain are left out."""
    found = [sender for sender in senders if not _is_held(sender.name, holdings, today)]
    return sorted(found, key=lambda sender: (-sender.events, sender.name))


def _is_held(name: str, holdings: Holdings, today: date) -> bool:
    while True:
        try:
            subject = parse_subject(name)
        except ValueError:
            return True
        if holdings.on(subject, today):
            return True
        name = name.partition(".")[2] if subject.kind == "domain" else ""
        if "." not in name:
            return False
