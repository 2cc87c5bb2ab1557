"""When somebody is reminded of a listing or a block that goes on: each week after it was first told.

It follows from the episode and from when it was told, so that no log has to remember a reminder: one that ended is not
reminded of, however old a message is, and one that goes on for a year is reminded of 52 times. What is due comes up on
one day: the first whose beginning (UTC) lies after a full week. `week` counts from 1.

Of several that were told as one, and that are still alike, one message reminds.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.incidents import gather_by
from deliverwatch.core.subjects import Subject

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class GoesOn:
    """`key`: the episode's. `told_at`: when its beginning was first sent. `alike`: what must be equal of those that one
    message speaks of. `facts`: what its words are made from; among them `drafts`, the requests about it."""

    kind: EventKind
    key: str
    list_id: str
    subject: Subject
    told_at: datetime
    alike: Hashable
    facts: Mapping[str, Any]


def week_due(told_at: datetime, after: date, until: date) -> int | None:
    """Which week was full at the beginning of `until`, and not yet at that of `after`."""
    weeks, before = (_full_weeks(told_at, day) for day in (until, after))
    return weeks if weeks > max(before, 0) else None


def _full_weeks(told_at: datetime, day: date) -> int:
    return (datetime.combine(day, time(), UTC) - told_at) // WEEK


def reminders(going_on: Iterable[GoesOn], after: date, until: date, now: datetime) -> list[Event]:
    """Those that came due on the days after `after` up to `until`, each with one that leads it."""
    alike: dict[str, Hashable] = {}
    events: list[Event] = []
    for each in going_on:
        week = week_due(each.told_at, after, until)
        if week is not None:
            events.append(_event(each, week, now))
            alike[events[-1].key] = (each.kind, each.list_id, each.told_at, week, each.alike)
    return _with_requests_of_all(gather_by(events, lambda event: alike[event.key]))


def _event(each: GoesOn, week: int, now: datetime) -> Event:
    facts = {**each.facts, "told_at": each.told_at.isoformat(), "week": week}
    return Event(f"reminder/{each.key}/{week}", each.kind, now, each.list_id, each.subject, facts)


def _with_requests_of_all(events: Sequence[Event]) -> list[Event]:
    requests: dict[str, dict[str, Any]] = defaultdict(dict)
    for event in events:
        requests[event.facts.get("incident", event.key)] |= {each["id"]: each for each in event.facts["drafts"]}
    return [
        replace(event, facts={**event.facts, "drafts": list(requests[event.key].values())})
        if event.key in requests
        else event
        for event in events
    ]
