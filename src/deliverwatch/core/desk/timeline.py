"""A customer's timeline: everything that happened to them, was found of them or was done for them, in one order.

It is laid from events (listings, blocks, throttles, findings, warnings, holds of warm-ups), from what people did
(steps of drafts and of warm-ups), from the inventory (what was held from when to when), from advice and reports. Beside
the beginning of a listing or a block stands what changed before it.

Pages are cut by events: a page has so many of them, and whatever else lies in the time that they span. So the spans of
all pages lie side by side, and nothing is lost between two pages or shown on both. An event that was learnt of late
stands on the page of its number.

What was advised of several subjects at one time, or came into the inventory together, is one entry under their ranges.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory import Asset
from deliverwatch.core.practice import Advice, is_taken_back
from deliverwatch.core.practice_together import minute, names_of, without_subject
from deliverwatch.core.remediation.draft import Action, DraftStep
from deliverwatch.core.warmup.run import StepKind, WarmupStep

_DAY = timedelta(days=1)


class Matter(StrEnum):
    """What an entry is about."""

    LISTING = "listing"
    BLOCK = "block"
    THROTTLE = "throttle"
    FINDING = "finding"
    WARNING = "warning"
    WARMUP = "warmup"
    INVENTORY = "inventory"
    ADVICE = "advice"
    DRAFT = "draft"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Entry:
    """`what`: what happened, as a word for programs; of an event its kind, of a step what was done. `subjects`: as
    ranges. `where`: id of a list or a mailbox provider. `id`: of the draft, the report or the advice; of an event its
    key. `cause`: what changed before (`core.cause`); None: nobody has looked, or nothing is looked for. `by`: who did
    it. `exact`: its time is known to the minute, and not by the day alone."""

    at: datetime
    matter: Matter
    what: str
    id: str
    subjects: tuple[str, ...] = ()
    where: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    cause: Mapping[str, Any] | None = None
    by: str = ""
    exact: bool = True


class Stretch(NamedTuple):
    """The time of a page: later than `after` (None: from the beginning), up to `until` (None: up to now)."""

    after: datetime | None
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        return (self.after is None or at > self.after) and (self.until is None or at <= self.until)

    def meets(self, begin: datetime, end: datetime) -> bool:
        return (self.after is None or end > self.after) and (self.until is None or begin <= self.until)


_MATTERS: Mapping[EventKind, Matter] = {
    EventKind.LISTING_OPENED: Matter.LISTING,
    EventKind.LISTING_CHANGED: Matter.LISTING,
    EventKind.LISTING_CLOSED: Matter.LISTING,
    EventKind.LISTING_HANDED_OVER: Matter.LISTING,
    EventKind.LISTING_UNSTABLE: Matter.LISTING,
    EventKind.LISTING_SETTLED: Matter.LISTING,
    EventKind.BLOCK_OPENED: Matter.BLOCK,
    EventKind.BLOCK_CLOSED: Matter.BLOCK,
    EventKind.THROTTLE_STARTED: Matter.THROTTLE,
    EventKind.THROTTLE_ENDED: Matter.THROTTLE,
    EventKind.FINDING_OPENED: Matter.FINDING,
    EventKind.FINDING_CLOSED: Matter.FINDING,
    EventKind.WARNING_STARTED: Matter.WARNING,
    EventKind.WARNING_ENDED: Matter.WARNING,
    EventKind.WARMUP_HELD: Matter.WARMUP,
    EventKind.WARMUP_READY: Matter.WARMUP,
    EventKind.WARMUP_RELEASED: Matter.WARMUP,
    EventKind.WARMUP_STEPPED_BACK: Matter.WARMUP,
    EventKind.WARMUP_ENDED: Matter.WARMUP,
    EventKind.WARMUP_NOTICE: Matter.WARMUP,
    EventKind.WARMUP_UNPLANNED: Matter.WARMUP,
    EventKind.REPORT_CONTACT_LOST: Matter.REPORT,
}
TIMELINE_EVENTS: frozenset[EventKind] = frozenset(_MATTERS)
"""Reminders and what concerns lists and resolvers tell nothing new of a customer."""

_BY_EVENTS = frozenset({StepKind.HELD, StepKind.RELEASED, StepKind.STEPPED_BACK, StepKind.FINISHED})
"""What a person does to a warm-up that is an event, too."""
_NO_NEWS = frozenset({Action.RENEWED, Action.TOLD})


def stretch_of(events: Sequence[Event], until: datetime | None, *, is_last: bool) -> Stretch:
    """Of a page whose events are these, newest number first. `until`: where the page before it ended."""
    if is_last or not events:
        return Stretch(None, until)
    oldest = min(event.at for event in events)
    return Stretch(oldest if until is None else min(oldest, until), until)


def newest_first(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.at, entry.id, entry.what), reverse=True)


def of_events(events: Iterable[Event], causes: Mapping[str, Mapping[str, Any]]) -> Iterator[Entry]:
    """As their reader may know them."""
    yield from (_of_event(event, causes.get(event.key)) for event in events if has_line(event))


def has_line(event: Event) -> bool:
    """Whether no other event speaks for it: that one concerns whomever it does, too (`core.incidents`)."""
    return event.kind in _MATTERS and "incident" not in event.facts


def _of_event(event: Event, cause: Mapping[str, Any] | None) -> Entry:
    own = (event.subject.value,) if event.subject is not None else ()
    return Entry(
        event.at,
        _MATTERS[event.kind],
        event.kind,
        event.key,
        tuple(event.facts.get("members", own)),
        event.list_id or str(event.facts.get("provider") or ""),
        event.facts,
        cause,
    )


def of_steps(ip: str, steps: Iterable[WarmupStep], stretch: Stretch) -> Iterator[Entry]:
    """What people did to a warm-up, as far as no event tells it."""
    for step in steps:
        if step.kind not in _BY_EVENTS and stretch.holds(step.at):
            facts = {"reason": step.reason, "stage": step.stage}
            yield Entry(step.at, Matter.WARMUP, step.kind, f"{step.run_id}/{step.kind}", (ip,), "", facts, by=step.by)


def of_assets(customer: str, assets: Iterable[Asset], today: date, stretch: Stretch) -> Iterator[Entry]:
    """What came into their hands, and what left them. An asset that was always theirs came when we learnt of it."""
    theirs = (asset for asset in assets if customer in asset.parties)
    yield from _together(entry for asset in theirs for entry in _turns(asset, today) if stretch.holds(entry.at))


def _turns(asset: Asset, today: date) -> Iterator[Entry]:
    facts = {"shared": asset.holder is None}
    if asset.from_on is not None and asset.from_on <= today:
        yield _turn("held_from", _midnight(asset.from_on), asset.name, facts, exact=False)
    elif asset.from_on is None and asset.added_at is not None:
        yield _turn("watched_from", asset.added_at, asset.name, {}, exact=True)
    if asset.until_on is not None and asset.until_on < today:
        yield _turn("held_until", _midnight(asset.until_on + _DAY), asset.name, facts, exact=False)


def _turn(what: str, at: datetime, name: str, facts: Mapping[str, Any], *, exact: bool) -> Entry:
    return Entry(at, Matter.INVENTORY, what, f"{what}/{name}", (name,), facts=facts, exact=exact)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def of_advice(advice: Iterable[Advice], stretch: Stretch) -> Iterator[Entry]:
    """What was found stands in their facts with `practice_together.SUBJECT` where the subject stood."""
    yield from _together(_of_advice(advice, stretch))


def _of_advice(advice: Iterable[Advice], stretch: Stretch) -> Iterator[Entry]:
    for each in advice:
        over = "advice_taken_back" if is_taken_back(each) else "advice_mended"
        turns = (("advice_given", each.opened_at), ("advice_overruled", each.overruled_at), (over, each.mended_at))
        for what, at in turns:
            if at is not None and stretch.holds(at):
                by = (each.overruled_by or "") if what == "advice_overruled" else ""
                facts = {"check": each.check, "found": without_subject(each.subject, each.found)}
                yield Entry(at, Matter.ADVICE, what, each.id, (each.subject,) if each.subject else (), "", facts, by=by)


def _together(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Those that differ in their subjects alone, as one at the time of the last."""
    alike: dict[Hashable, list[Entry]] = defaultdict(list)
    for each in entries:
        facts = tuple(sorted(each.facts.items()))
        alike[minute(each.at), each.what, each.by, each.exact, facts].append(each)
    for some in alike.values():
        names = names_of(name for each in some for name in each.subjects)
        yield replace(some[0], at=max(each.at for each in some), subjects=tuple(names))


def of_draft(
    draft_id: str, addressee: str, subjects: Collection[str], steps: Iterable[DraftStep], stretch: Stretch
) -> Iterator[Entry]:
    for step in steps:
        if step.action not in _NO_NEWS and stretch.holds(step.at):
            facts = {"addressee": addressee, "state": step.state}
            yield Entry(step.at, Matter.DRAFT, step.action, draft_id, tuple(names_of(subjects)), "", facts, by=step.by)


def of_report(report_id: str, week: str, made_at: datetime, readers: int) -> Entry:
    return Entry(made_at, Matter.REPORT, "report_made", report_id, facts={"week": week, "readers": readers})
