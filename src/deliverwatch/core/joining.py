"""What begins, what ends, and what becomes of the news of an end whose beginning nobody has read yet.

Every episode, of a listing, a block, the illness of a list, is told as a beginning, perhaps changes, and an end. An end
looks back at what its reader was owed of the episode so far. Was all of it kept back (silenced, inhibited), then the
end is too: nobody hears that something is over which they never heard of. Has none of it been tried yet, then the end
tells it all in one message: "was listed from ... to ...". Else both go out, one after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.listing import Watch, opening_key

KEPT_BACK = frozenset({NotificationState.SILENCED, NotificationState.INHIBITED})
"""Nobody hears of it now; whether they will is decided when what keeps it back is over."""
UNTRIED = frozenset({NotificationState.PENDING, NotificationState.HELD, NotificationState.COLLECTED})
"""Owed; and if there was no attempt yet, certainly unread."""
UNSENT = UNTRIED | {NotificationState.SENDING}


class Part(StrEnum):
    BEGINS = "begins"
    CHANGES = "changes"
    ENDS = "ends"
    ALONE = "alone"


_BEGINS = frozenset(
    {
        EventKind.LISTING_OPENED,
        EventKind.LISTING_UNSTABLE,
        EventKind.LIST_BLIND,
        EventKind.LIST_FAILING,
        EventKind.LIST_QUARANTINED,
        EventKind.BLOCK_OPENED,
        EventKind.THROTTLE_STARTED,
        EventKind.FINDING_OPENED,
        EventKind.WARNING_STARTED,
        EventKind.WARMUP_HELD,
        EventKind.CHANNEL_FAILING,
        EventKind.RESOLVER_TROUBLE,
    }
)
_CHANGES = frozenset(
    {
        EventKind.LISTING_CHANGED,
        EventKind.LISTING_HANDED_OVER,
        EventKind.STILL_LISTED,
        EventKind.STILL_BLOCKED,
        EventKind.WARMUP_READY,
    }
)
_PROVIDERS_ENDS = frozenset(
    {EventKind.BLOCK_CLOSED, EventKind.THROTTLE_ENDED, EventKind.FINDING_CLOSED, EventKind.WARNING_ENDED}
)
ENDS = _PROVIDERS_ENDS | {
    EventKind.LISTING_CLOSED,
    EventKind.LIST_RECOVERED,
    EventKind.CHANNEL_WELL,
    EventKind.RESOLVER_WELL,
}
_OF_ONE_LISTING = frozenset({EventKind.LISTING_CHANGED, EventKind.LISTING_CLOSED, EventKind.LISTING_HANDED_OVER})


def part_of(event: Event) -> Part:
    if event.kind is EventKind.LISTING_SETTLED:
        return Part.BEGINS if event.facts["listed"] else Part.ENDS
    if event.kind in _BEGINS:
        return Part.BEGINS
    if event.kind in _CHANGES:
        return Part.CHANGES
    return Part.ENDS if event.kind in ENDS else Part.ALONE


def episode_of(event: Event) -> str | None:
    """What it is a part of: mostly the key of the event that began it. Lists, channels and resolvers fall ill under
    one name again and again."""
    kind, facts = event.kind, event.facts
    if kind in _OF_ONE_LISTING or (kind is EventKind.LISTING_SETTLED and facts["listed"]):
        return _listing_of(event)
    if kind is EventKind.LISTING_SETTLED:
        return unstable_key(event)
    if kind in (EventKind.LIST_BLIND, EventKind.LIST_FAILING, EventKind.LIST_QUARANTINED, EventKind.LIST_RECOVERED):
        return health_of(event.list_id, facts["path"])
    if kind in (EventKind.CHANNEL_FAILING, EventKind.CHANNEL_WELL):
        return f"channel/{facts['channel']}"
    if kind in (EventKind.RESOLVER_TROUBLE, EventKind.RESOLVER_WELL):
        return f"resolver/{facts['path']}/{facts['trouble']}"
    if kind in _PROVIDERS_ENDS:
        return event.key.removeprefix(f"{kind}/")
    if kind in (EventKind.STILL_LISTED, EventKind.STILL_BLOCKED):
        return event.key.removeprefix("reminder/").rpartition("/")[0]
    if kind is EventKind.WARMUP_READY:
        return event.key.replace(EventKind.WARMUP_READY, EventKind.WARMUP_HELD, 1)
    return event.key.removesuffix("/told") if kind in _BEGINS else None


def health_of(list_id: str, path: str) -> str:
    """The illnesses of a list, as seen on one path."""
    return f"health/{list_id}/{path}"


def unstable_key(settled: Event) -> str:
    """Of the event by which the watch was called unstable, which this one follows."""
    since = settled.facts["unstable_since"]
    return f"{EventKind.LISTING_UNSTABLE}/{settled.list_id}/{settled.subject}/{since}"


def _listing_of(event: Event) -> str:
    assert event.subject is not None
    return opening_key(Watch(event.list_id, event.subject), datetime.fromisoformat(event.facts["opened_at"]))


def this_time(history: Sequence[Event], before: str | None = None) -> Sequence[Event]:
    """Of what was ill more than once: since it was well last. `before`: the key of an event; as it was before that."""
    keys = [event.key for event in history]
    past = history[: keys.index(before)] if before in keys else history
    ends = [place for place, event in enumerate(past) if part_of(event) is Part.ENDS]
    return past[ends[-1] + 1 :] if ends else past


@dataclass(frozen=True, slots=True)
class Earlier:
    """A notification of the same episode to the same reader. `whole`: it tells of nothing that does not end now."""

    id: str
    state: NotificationState
    attempts: int
    about: str | None
    whole: bool = True

    @property
    def is_unread(self) -> bool:
        return self.state in UNTRIED and self.attempts == 0


@dataclass(frozen=True, slots=True)
class Fate:
    """`kept_back`: as that earlier one was. `joins`: ids of those that it tells with it. Neither: it goes out."""

    kept_back: Earlier | None = None
    joins: tuple[str, ...] = ()


def fate(event: Event, earlier: Sequence[Earlier]) -> Fate:
    """Of the news of a change or an end. `earlier`: oldest first. A reader who was owed nothing of it before, since
    they answer for it only now, is told."""
    unheard = [each for each in earlier if each.state in KEPT_BACK]
    heard = [each for each in earlier if each not in unheard]
    if unheard and not heard:
        return Fate(kept_back=unheard[-1])
    ends = part_of(event) is Part.ENDS or event.kind is EventKind.WARMUP_READY
    if ends and heard and all(each.is_unread and each.whole for each in heard):
        return Fate(joins=tuple(each.id for each in heard))
    return Fate()
