"""What an alert is made of, and how it names what it is about.

A story answers the same questions for every event: what happened, since when, what proves it, what it means, what we do
next, what you do. An incident of several subjects is named by its ranges: "198.51.100.0/24 (256 addresses)", not 256
addresses. It is the reader's own part of it that is named and counted: the subject that leads the event may be somebody
else's, and so may be the list's text about it. Everything foreign goes through `in_mail`.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deliverwatch.core.alerting import AlertView
from deliverwatch.core.block import EpisodeEnd
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.render.encode import in_mail
from deliverwatch.render.privacy import addresses_in, is_private, unnamed
from deliverwatch.render.tongue import listed, marked, say_n
from deliverwatch.render.words import at, lasting

Row = tuple[str, str | None]

PULL = "deliverwatch drafts list, then deliverwatch drafts pull ID"
"""How a prepared request is taken on."""

OF_ALL = marked("shared with others: figures of all are left out")
_MOST_NAMED = 3
_MOST_RANGES = 20


@dataclass(frozen=True, slots=True)
class Story:
    """`state`: the words the subject line begins with; `tail`: what it says behind the list's name. `rows`: label and
    value; one without a value is left out. `name`: what it is about, where that is no list. `place`: what stands
    between a subject and that name."""

    state: str
    what: str
    rows: tuple[Row, ...]
    means: str
    we_do: str
    you_do: str
    tail: str = ""
    name: str | None = None
    place: str = "on"


def subjects(view: AlertView) -> tuple[str, ...]:
    """What the reader may know of, as ranges."""
    if view.members:
        return view.members
    if view.event.subject is None or "members" in view.event.facts:
        return ()
    return (view.event.subject.value,)


def is_by_hand(view: AlertView) -> bool:
    """Whether a person ended it."""
    return bool(view.event.facts["ended"] == EpisodeEnd.BY_HAND)


def knows_the_lead(view: AlertView) -> bool:
    """Whether the facts that belong to one subject alone are the reader's to know."""
    lead = view.event.subject
    return lead is not None and any(_holds(name, lead) for name in subjects(view))


def subject_name(view: AlertView) -> str:
    return named(subjects(view)) or "a subject"


def named(names: Iterable[str]) -> str:
    """ "192.0.2.10", "198.51.100.0/24 (256 addresses)", "192.0.2.8/30 (4 addresses) and 192.0.2.14", "192.0.2.1 and 9
    more"."""
    names = tuple(names)
    if is_private():
        return unnamed(names)
    if len(names) <= _MOST_NAMED:
        return listed([_with_size(name) for name in names])
    return say_n(
        "{name} and {n} more", "{name} and {n} more", sum(map(addresses_in, names[1:])), name=in_mail(names[0], 253)
    )


def how_many(names: Sequence[str]) -> int:
    """For the grammar of a sentence that names them: a range is one, unless its addresses are counted instead."""
    return sum(map(addresses_in, names)) if is_private() else len(names)


def are(view: AlertView) -> str:
    return "are" if len(subjects(view)) > 1 else "is"


def has(view: AlertView) -> str:
    return "have" if len(subjects(view)) > 1 else "has"


def were(view: AlertView) -> str:
    return "were" if len(subjects(view)) > 1 else "was"


def they(view: AlertView) -> str:
    return "they" if len(subjects(view)) > 1 else "it"


def subject_rows(view: AlertView) -> tuple[Row, ...]:
    """All of them, where the sentence names one and counts the rest."""
    names = subjects(view)
    if len(names) <= _MOST_NAMED:
        return ()
    return (("Subjects", spelled(names, _MOST_RANGES)),)


def spelled(names: Sequence[str], most: int) -> str:
    """The first of them one by one."""
    if is_private():
        return unnamed(names)
    shown = ", ".join(in_mail(name, 253) for name in names[:most])
    more = sum(map(addresses_in, names[most:]))
    return say_n("{names} and {n} more", "{names} and {n} more", more, names=shown) if more else shown


def list_name(view: AlertView) -> str:
    return in_mail(view.blocklist.name, 80) if view.blocklist is not None else in_mail(view.event.list_id, 80)


def foreign(value: object) -> str | None:
    return in_mail(str(value), 300) if value else None


def way(path: object) -> str | None:
    """A resolver by its address; the others by what they are (`flows.ports.Resolver.path`)."""
    return {"direct": "the list's own servers", "feed": "the downloaded file"}.get(str(path)) or foreign(path)


def moment(text: str) -> str:
    return at(datetime.fromisoformat(text))


def between(since: str, until: datetime) -> str:
    return lasting(max(until - datetime.fromisoformat(since), timedelta(0)))


def _with_size(name: str) -> str:
    size, shown = addresses_in(name), in_mail(name, 253)
    return say_n("{name} ({n} address)", "{name} ({n} addresses)", size, name=shown) if size > 1 else shown


def _holds(name: str, lead: Subject) -> bool:
    if "/" not in name or lead.kind is SubjectKind.DOMAIN:
        return name == lead.value
    return ipaddress.ip_address(lead.value) in ipaddress.ip_network(name)
