"""One subject on one list, through time.

    clear ──listed──> suspected ──listed, independently──> listed ──3 x clear over 2 h──> clear
              ^            │
              └───clear────┘

The fold believes only conclusive looks. A listing opens on two `listed` looks which are independent of each other:
through another path (a second resolver, the list's own servers), or after the time to live of the first answer has run
out, since a cache in between repeats itself and proves nothing. It closes on three `clear` looks spread over two
hours, and no sooner than the test points that vouched for the first of them have run out in any cache: a list that goes
empty clears everything, and looks well for that long. An inconclusive look changes nothing whatever, and a look no
newer than the last one that changed the state is ignored, so that a replay is harmless. On a list that mixes good and
bad, an answer that accuses nobody is a clear one.

`opened_at` is the time of the first of the two looks. A listing that opened while its list was lying is doubted
(`core.doubt`): seen again once the list can be believed it is real, and if it is not there then, it never was: void.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from deliverwatch.core.blocklist import Impact
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.subjects import Subject
from deliverwatch.core.verdict import Verdict, is_listing


class Phase(StrEnum):
    CLEAR = "clear"
    SUSPECTED = "suspected"
    LISTED = "listed"


@dataclass(frozen=True, slots=True)
class Look:
    """One observation of one watch: when and which way was asked, and what it says.

    `at` is when its batch was begun. `path` names the resolver, or the list's own servers. `ttl_for` is how long after
    `at` a cache on that path may repeat it, `test_ttl_for` the same of the test points. `reason` is the list's own TXT
    text, hostile until encoded.
    """

    at: datetime
    path: str
    verdict: Verdict
    ttl_for: timedelta = timedelta(0)
    reason: str | None = None
    verifiable: bool = True
    test_ttl_for: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Watch:
    """A subject on a list."""

    list_id: str
    subject: Subject


@dataclass(frozen=True, slots=True)
class ListingState:
    """What is believed of one watch. `as_of` is the time of the look that last changed it. From `clear_trusted_at` on a
    clear look may close it."""

    phase: Phase = Phase.CLEAR
    as_of: datetime | None = None
    opened_at: datetime | None = None
    codes: tuple[str, ...] = ()
    first_path: str | None = None
    first_expires_at: datetime | None = None
    clear_count: int = 0
    clear_since: datetime | None = None
    clear_trusted_at: datetime | None = None
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class ListingPolicy:
    clear_looks: int = 3
    clear_spread: timedelta = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Listing:
    """One episode. `key` is that of its opening event; `incident` that of the event by which it was told, the same for
    all that opened together."""

    key: str
    list_id: str
    subject: Subject
    opened_at: datetime
    confirmed_at: datetime
    closed_at: datetime | None
    ended: Ending | None
    codes: tuple[str, ...]
    meanings: tuple[str, ...]
    impact: Impact
    reason: str | None
    path: str
    incident: str


def fold(
    state: ListingState, watch: Watch, look: Look, policy: ListingPolicy
) -> tuple[ListingState, tuple[Event, ...]]:
    """One look. Returns the very same state object when nothing changed, so that nothing need be written."""
    if not look.verdict.outcome.conclusive or not look.verifiable:
        return state, ()
    if state.as_of is not None and look.at <= state.as_of:
        return state, ()
    if is_listing(look.verdict):
        return _on_listed(state, watch, look)
    return _on_clear(state, watch, look, policy)


def from_the_future(state: ListingState, now: datetime) -> ListingState:
    """A state that a clock left which was ahead: it has been set back, or is another worker's. What is open stays open;
    what hangs on times begins anew, since otherwise nothing would count until that time has come again."""
    if state.as_of is None or state.as_of <= now:
        return state
    just_before = now - timedelta(microseconds=1)
    if state.phase is not Phase.LISTED:
        return ListingState(as_of=just_before)
    return replace(state, as_of=just_before, clear_count=0, clear_since=None, clear_trusted_at=None)


def end(state: ListingState, watch: Watch, at: datetime, ending: Ending) -> tuple[ListingState, tuple[Event, ...]]:
    """Ends what is open for a reason other than a verified delisting. What rests on the word of a liar alone, and can
    be asked about no more, is void."""
    if state.phase is not Phase.LISTED:
        return ListingState(as_of=at), ()
    if state.doubted:
        ending = Ending.VOID
    return ListingState(as_of=at), (_closed(state, watch, at, ending),)


def opening_key(watch: Watch, opened_at: datetime) -> str:
    """The key of the event that opened an episode, and of the episode."""
    return _key(EventKind.LISTING_OPENED, watch, opened_at)


def confirmed_by(state: ListingState, look: Look) -> bool:
    """Whether a further `listed` look is independent of the one that raised the suspicion."""
    assert state.first_expires_at is not None
    return look.path != state.first_path or look.at >= state.first_expires_at


def _on_listed(state: ListingState, watch: Watch, look: Look) -> tuple[ListingState, tuple[Event, ...]]:
    codes = look.verdict.codes
    if state.phase is Phase.LISTED:
        settled = replace(state, codes=codes, clear_count=0, clear_since=None, clear_trusted_at=None, doubted=False)
        if settled == state:
            return state, ()
        after = replace(settled, as_of=look.at)
        return after, (
            _event(EventKind.LISTING_CHANGED, after, watch, look, {"codes_before": list(state.codes)}),
        ) if codes != state.codes else ()
    if state.phase is Phase.SUSPECTED:
        if not confirmed_by(state, look):
            return state, ()
        after = ListingState(Phase.LISTED, look.at, state.opened_at, codes)
        return after, (
            _event(
                EventKind.LISTING_OPENED,
                after,
                watch,
                look,
                {"confirmed_at": look.at.isoformat(), "first_path": state.first_path},
            ),
        )
    return ListingState(Phase.SUSPECTED, look.at, look.at, codes, look.path, look.at + look.ttl_for), ()


def _on_clear(
    state: ListingState, watch: Watch, look: Look, policy: ListingPolicy
) -> tuple[ListingState, tuple[Event, ...]]:
    if state.phase is Phase.CLEAR:
        return state, ()
    if state.phase is Phase.SUSPECTED:
        return ListingState(as_of=look.at), ()
    since = state.clear_since or look.at
    trusted_at = state.clear_trusted_at or look.at + max(policy.clear_spread, look.test_ttl_for)
    count = min(state.clear_count + 1, policy.clear_looks)
    if count < policy.clear_looks or look.at < trusted_at:
        if count == state.clear_count:
            return state, ()
        return replace(state, clear_count=count, clear_since=since, clear_trusted_at=trusted_at, as_of=look.at), ()
    ending = Ending.VOID if state.doubted else Ending.DELISTED
    return ListingState(as_of=look.at), (_closed(state, watch, look.at, ending, clear_since=since.isoformat()),)


def _closed(state: ListingState, watch: Watch, at: datetime, ending: Ending, **facts: Any) -> Event:
    assert state.opened_at is not None
    return Event(
        _key(EventKind.LISTING_CLOSED, watch, state.opened_at),
        EventKind.LISTING_CLOSED,
        at,
        watch.list_id,
        watch.subject,
        {"opened_at": state.opened_at.isoformat(), "ended": ending, "codes": list(state.codes), **facts},
    )


def _event(kind: EventKind, state: ListingState, watch: Watch, look: Look, facts: Mapping[str, Any]) -> Event:
    assert state.opened_at is not None
    verdict = look.verdict
    shared = {
        "opened_at": state.opened_at.isoformat(),
        "codes": list(verdict.codes),
        "meanings": list(verdict.meanings),
        "impact": verdict.impact,
        "scope": verdict.scope,
        "removal": verdict.removal,
        "reason": look.reason,
        "path": look.path,
        "unexplained": list(verdict.unexplained),
    }
    moment = state.opened_at if kind is EventKind.LISTING_OPENED else look.at
    return Event(_key(kind, watch, moment), kind, look.at, watch.list_id, watch.subject, {**shared, **facts})


def _key(kind: EventKind, watch: Watch, moment: datetime) -> str:
    return f"{kind}/{watch.list_id}/{watch.subject}/{moment.isoformat()}"
