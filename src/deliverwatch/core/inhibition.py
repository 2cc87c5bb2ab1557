"""What is not told, since what causes it is told already.

A resolver in trouble makes lists look ill that are asked through it; a list that is ill leaves watches without an
answer; what a list publishes in parts is listed on the whole as well. Each of these is one message, the cause's. What
it inhibits is kept, and told when the cause is over and it still stands.

Decided from what is in the database when the event is written, never by which came first in memory: a restart changes
nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.resolver_news import standing_troubles

TROUBLE_STANDS_FOR = timedelta(hours=25)
"""The trouble of a resolver is told once a day while it lasts; with an hour for the look to be made."""


class Cause(StrEnum):
    """Where to look for what inhibits an event."""

    RESOLVER = "resolver"
    LIST = "list"
    WHOLE = "whole"


_CAUSES = {
    EventKind.LIST_BLIND: Cause.RESOLVER,
    EventKind.LIST_FAILING: Cause.RESOLVER,
    EventKind.LIST_QUARANTINED: Cause.RESOLVER,
    EventKind.LIST_STALE: Cause.RESOLVER,
    EventKind.WATCHES_STALE: Cause.LIST,
}
_ON_A_PART = frozenset({EventKind.LISTING_OPENED, EventKind.LISTING_UNSTABLE})
"""What follows them is told or not as they were (`core.joining`)."""


def cause_of(event: Event) -> Cause | None:
    """`part_of` among the facts: the list whose answers hold all of this one's."""
    if event.kind in _ON_A_PART:
        return Cause.WHOLE if event.facts.get("part_of") else None
    return _CAUSES.get(event.kind)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands when an event is written. `troubles`: of resolvers, by path; `ill_paths`: those on which the event's
    list is not well; `illnesses`: by which it was told that it is not; `on_whole`: the listing of the same subject on
    the list that this one is a part of."""

    troubles: Mapping[str, Event] = field(default_factory=dict)
    ill_paths: Sequence[str] = ()
    illnesses: Sequence[Event] = ()
    on_whole: Event | None = None


def inhibitor_of(event: Event, around: Surroundings) -> Event | None:
    """A list that is stale is so by its resolvers only if all of those on which it is not well are in trouble."""
    match cause_of(event):
        case Cause.RESOLVER:
            paths = [event.facts["path"]] if "path" in event.facts else around.ill_paths
            found = [around.troubles.get(path) for path in paths]
            return found[0] if found and None not in found else None
        case Cause.LIST:
            return around.illnesses[-1] if around.illnesses else None
        case Cause.WHOLE:
            return around.on_whole
    return None


def ill_resolvers(told: Sequence[Event], now: datetime) -> dict[str, Event]:
    """The newest trouble of each path. `told`: of troubles and their ends, newest first."""
    return {
        event.facts["path"]: event
        for event in reversed(standing_troubles(told).values())
        if event.at > now - TROUBLE_STANDS_FOR
    }
