"""Loads one page of a customer's timeline (`core.desk.timeline`): its events, and all else of the time they span."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from deliverwatch.core.desk.timeline import (
    TIMELINE_EVENTS,
    Entry,
    Stretch,
    has_line,
    newest_first,
    of_advice,
    of_assets,
    of_draft,
    of_events,
    of_report,
    of_steps,
    stretch_of,
)
from deliverwatch.core.events import Event
from deliverwatch.core.shared_sender import cause_of_the_whole
from deliverwatch.flows.alert_ports import NumberedEvent
from deliverwatch.flows.desk_ports import DraftHead, Place
from deliverwatch.web.customer_desk import CustomerDesk

_LINES = 40
_AT_ONCE = 100
_MOST_READ = 1_000
"""Of an incident with thousands of members the most are passed over on one page."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a page begins: events of smaller numbers than `before`, and all else up to `until`."""

    before: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """`older` None: it is the last."""

    entries: Sequence[Entry]
    older: Turn | None


async def timeline_page(desk: CustomerDesk, turn: Turn, lines: int = _LINES) -> TimelinePage:
    found, is_last = await _events(desk, turn, lines)
    events = [each.event for each in found]
    stretch = stretch_of(events, turn.until, is_last=is_last)
    told = [event for event in events if has_line(event)]
    parts = await asyncio.gather(_of_events(desk, told), _of_drafts(desk, stretch), _of_others(desk, stretch))
    older = None if is_last else Turn(found[-1].id, stretch.after)
    return TimelinePage(newest_first(chain(*parts)), older)


async def _events(desk: CustomerDesk, turn: Turn, lines: int) -> tuple[list[NumberedEvent], bool]:
    """So many that there are enough lines; and whether they are the last."""
    found: list[NumberedEvent] = []
    while True:
        before = found[-1].id if found else turn.before
        more = await desk.app.store.events_of(desk.only, kinds=TIMELINE_EVENTS, before=before, limit=_AT_ONCE)
        found += more
        whole = len(more) < _AT_ONCE
        if whole or len(found) >= _MOST_READ or sum(has_line(each.event) for each in found) >= lines:
            return _cut(found, lines, whole=whole)


def _cut(found: list[NumberedEvent], lines: int, *, whole: bool) -> tuple[list[NumberedEvent], bool]:
    """After so many lines."""
    ends = [place for place, each in enumerate(found, 1) if has_line(each.event)]
    if len(ends) <= lines:
        return found, whole
    return found[: ends[lines - 1]], False


async def _of_events(desk: CustomerDesk, events: Sequence[Event]) -> list[Entry]:
    """As the customer may know them."""
    seen = [desk.app.desk.as_seen(event, desk.own, desk.snapshot) for event in events]
    causes = await desk.app.store.causes_of([event.key for event in seen])
    theirs = {
        event.key: causes[event.key] if _is_alone(event, desk) else cause_of_the_whole(causes[event.key])
        for event in seen
        if event.key in causes
    }
    return list(of_events(seen, theirs))


def _is_alone(event: Event, desk: CustomerDesk) -> bool:
    subject, day = event.subject, event.at.date()
    return subject is not None and desk.snapshot.holdings.parties(subject, day) == (desk.customer.id,)


async def _of_drafts(desk: CustomerDesk, stretch: Stretch) -> list[Entry]:
    heads = [head async for head in _heads(desk, stretch)]
    steps = await asyncio.gather(*(desk.app.store.draft_steps(head.id) for head in heads))
    return [
        entry
        for head, each in zip(heads, steps, strict=True)
        for entry in of_draft(head.id, head.addressee or desk.names.name(head.provider), head.subjects, each, stretch)
    ]


async def _heads(desk: CustomerDesk, stretch: Stretch) -> AsyncIterator[DraftHead]:
    """Those that anything may have happened to in the stretch: a draft lives as long as its cause."""
    before: Place | None = None
    while True:
        found = await desk.app.store.draft_heads(desk.only, before=before, limit=_AT_ONCE)
        for head in found:
            if stretch.meets(head.created_at, head.changed_at):
                yield head
        if len(found) < _AT_ONCE:
            return
        before = found[-1].created_at, found[-1].id


async def _of_others(desk: CustomerDesk, stretch: Stretch) -> list[Entry]:
    store, customer = desk.app.store, desk.customer.id
    steps = await store.warmup_steps_of(desk.only, since=stretch.after, until=stretch.until)
    blocks = desk.snapshot.holdings.blocks_of(customer)
    assets = dict.fromkeys(asset for block in blocks for asset in block.assets)
    return [
        *(entry for ip, step in steps for entry in of_steps(ip, [step], stretch)),
        *of_assets(customer, assets, desk.now.date(), stretch),
        *of_advice(await store.advice(customer), stretch),
        *await _of_reports(desk, stretch),
    ]


async def _of_reports(desk: CustomerDesk, stretch: Stretch) -> list[Entry]:
    entries: list[Entry] = []
    before: Place | None = (stretch.until, "\U0010ffff") if stretch.until is not None else None
    while True:
        found = await desk.app.store.report_heads(desk.only, before=before, limit=_AT_ONCE)
        entries += [
            of_report(each.id, each.week, each.made_at, len(each.sent_to))
            for each in found
            if stretch.holds(each.made_at)
        ]
        if len(found) < _AT_ONCE or (stretch.after is not None and found[-1].made_at <= stretch.after):
            return entries
        before = found[-1].made_at, found[-1].id
