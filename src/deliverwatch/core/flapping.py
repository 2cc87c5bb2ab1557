"""A listing that comes and goes.

Four openings of one watch within 72 hours are one message, "unstable", and then silence, however often it comes and
goes, until it has been the same for 24 hours. Then what it settled to is told. The episodes are kept all the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.listing import ListingState, Phase, Watch
from deliverwatch.core.subjects import Subject


@dataclass(frozen=True, slots=True)
class FlappingPolicy:
    openings: int = 4
    within: timedelta = timedelta(hours=72)
    settled_after: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Unstable:
    """`since`: when it was told, and to whom it was (`parties`, customers). `changed_at`: when it last came or went."""

    since: datetime
    changed_at: datetime
    parties: tuple[str, ...] = ()


_COMING_AND_GOING = (EventKind.LISTING_OPENED, EventKind.LISTING_CHANGED, EventKind.LISTING_CLOSED)


def calm(
    events: Sequence[Event],
    unstable: Mapping[Subject, Unstable],
    openings: Mapping[Subject, int],
    policy: FlappingPolicy,
) -> tuple[list[Event], dict[Subject, Unstable]]:
    """The events of one round, those of unstable watches quiet, and what is now known of these. `openings`: how many
    each watch had within the time before this round."""
    now_unstable: dict[Subject, Unstable] = {}
    calmed: list[Event] = []
    for event in events:
        subject = event.subject
        if subject is None or event.kind not in _COMING_AND_GOING:
            calmed.append(event)
            continue
        known = _still(unstable.get(subject), event, policy)
        opened = event.kind is EventKind.LISTING_OPENED
        if known is not None:
            same = event.kind is EventKind.LISTING_CHANGED  # the codes, not whether it is listed
            now_unstable[subject] = known if same else replace(known, changed_at=event.at)
        elif opened and openings.get(subject, 0) + 1 >= policy.openings:
            now_unstable[subject] = Unstable(event.at, event.at, tuple(event.facts.get("parties", ())))
            calmed.append(_unstable(event, openings[subject] + 1, policy))
        quiet = subject in now_unstable
        calmed.append(replace(event, facts={**event.facts, "quiet": True}) if quiet else event)
    return calmed, now_unstable


def _still(known: Unstable | None, event: Event, policy: FlappingPolicy) -> Unstable | None:
    """None for what has been the same long enough meanwhile, though nobody could see it, and for customers who were
    never told that there is anything."""
    if known is None or event.at - known.changed_at >= policy.settled_after:
        return None
    return known if set(event.facts.get("parties", ())) <= set(known.parties) else None


def settled(
    list_id: str,
    unstable: Mapping[Subject, Unstable],
    states: Mapping[Subject, ListingState],
    at: datetime,
    policy: FlappingPolicy,
) -> Iterable[tuple[Subject, Event]]:
    """The watches that have been the same long enough. `unstable`: those verified in this round, since silence settles
    nothing. `states`: those that are not clear, after the round."""
    for subject, known in unstable.items():
        if timedelta(0) <= at - known.changed_at < policy.settled_after:  # below: the clock was set back
            continue
        state = states.get(subject, ListingState())
        if not _is_about_to_move(state):
            yield subject, _settled(Watch(list_id, subject), known, state, at)


def _is_about_to_move(state: ListingState) -> bool:
    return state.phase is Phase.SUSPECTED or state.doubted or state.clear_count > 0


def _unstable(opened: Event, openings: int, policy: FlappingPolicy) -> Event:
    facts = {**opened.facts, "openings": openings, "within_hours": int(policy.within / timedelta(hours=1))}
    key = f"{EventKind.LISTING_UNSTABLE}/{opened.list_id}/{opened.subject}/{opened.at.isoformat()}"
    return Event(key, EventKind.LISTING_UNSTABLE, opened.at, opened.list_id, opened.subject, facts)


def _settled(watch: Watch, known: Unstable, state: ListingState, at: datetime) -> Event:
    facts: dict[str, Any] = {
        "listed": state.phase is Phase.LISTED,
        "unstable_since": known.since.isoformat(),
        "since": known.changed_at.isoformat(),
        "codes": list(state.codes),
    }
    if state.opened_at is not None:
        facts["opened_at"] = state.opened_at.isoformat()
    key = f"{EventKind.LISTING_SETTLED}/{watch.list_id}/{watch.subject}/{known.since.isoformat()}"
    return Event(key, EventKind.LISTING_SETTLED, at, watch.list_id, watch.subject, facts)
