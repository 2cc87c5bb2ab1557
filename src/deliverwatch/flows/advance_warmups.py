"""Judges the days of all warm-ups up to yesterday, and tells what they bring.

A day's counts may grow for three days, so those days are looked at again, and for a month those that were not known,
since a log may be read late; from the first of them whose inputs changed the days are judged afresh, each from the
state after the one before. That goes for a run that is over as well: its last day is judged when it has passed, and
late data may take its end back. A run that begins in the past, or an outage, is caught up with a month at a time. Today
is partial, and not judged. Runs are written together: one that somebody else has written meanwhile is left for the next
time. Judging the same twice writes nothing.
"""

import asyncio
import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from deliverwatch.core.events import Event
from deliverwatch.core.inventory import Customer, Holdings
from deliverwatch.core.warmup.day import DayInputs
from deliverwatch.core.warmup.days import day_span, last_day_over
from deliverwatch.core.warmup.fold import fold
from deliverwatch.core.warmup.plan_facts import plan_hash
from deliverwatch.core.warmup.policy import WarmupPolicy
from deliverwatch.core.warmup.run import (
    LEARNT_WITHIN,
    SETTLED_AFTER,
    Hold,
    RunEnd,
    RunState,
    StepKind,
    WarmupRun,
    WarmupStep,
)
from deliverwatch.core.warmup.status import WarmupDay
from deliverwatch.flows.hand_over_warmups import end_handed_over
from deliverwatch.flows.load_days import (
    Loaded,
    RunStore,
    Surroundings,
    Wanted,
    WarmupDesk,
    inputs_of,
    load_days,
    load_surroundings,
)
from deliverwatch.flows.mend_holds import reconciled_holds
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.tell import notify
from deliverwatch.flows.tell_warmups import events_of, gathered
from deliverwatch.flows.warmup_ports import PlanVersion, WarmupChanges, WarmupsOvertaken

_DAY = timedelta(days=1)
_AT_ONCE = 300
_PASS_DAYS = 40  # longer than `LEARNT_WITHIN`, so that each pass gets on
_CAUGHT_UP_DAYS = 400
_Stored = Mapping[date, WarmupDay]


class _Judged(NamedTuple):
    """`days`: those that are new, or other than they were; `before`: as they were."""

    run: WarmupRun
    days: Sequence[WarmupDay]
    before: _Stored


async def advance_warmups(
    store: RunStore, clock: Clock, desk: WarmupDesk, ip: str | None = None, *, again: bool = True
) -> int:
    """Returns how many days were judged, or judged differently. `ip`: of that one alone. `again`: look at days that
    were judged and may have changed; else only at those that were not."""
    runs = await _runs(store, clock, ip)
    if await end_handed_over(store, clock, desk, runs):
        runs = await _runs(store, clock, ip)
    if not runs:
        return 0
    holds = await reconciled_holds(store, clock, desk, runs)
    judged = 0
    for _ in range(_CAUGHT_UP_DAYS // _PASS_DAYS + 1):
        wanted, behind = await _wanted(store, runs, clock.now(), again=again)
        judged += await _advance(store, clock, desk, wanted, holds)
        if not behind:
            break
        runs = await _runs(store, clock, ip)
    return judged


async def _runs(store: RunStore, clock: Clock, ip: str | None) -> list[WarmupRun]:
    """All that may have days to judge: see `_is_settled`."""
    return await store.warmups(open_only=True, ended_since=clock.now().date() - LEARNT_WITHIN, ip=ip)


async def _wanted(
    store: RunStore, runs: Collection[WarmupRun], now: datetime, *, again: bool
) -> tuple[list[Wanted], bool]:
    """The days to look at in one pass; and whether there are more."""
    newest = await store.last_warmup_days([run.id for run in runs])
    wanted, behind = [], False
    for run in runs:
        over, stored = last_day_over(now, run.zone), newest.get(run.id)
        if _is_settled(run, stored, over, again=again):
            continue
        first = max(run.started_on, _first_open(stored, over) if again else _first_new(stored, over))
        last = _last(run, stored, over)
        if first <= last:
            until = min(last, first + (_PASS_DAYS - 1) * _DAY)
            behind = behind or until < last
            wanted.append(Wanted(run, first, until))
    return wanted, behind


def _is_settled(run: WarmupRun, stored: WarmupDay | None, over: date, *, again: bool) -> bool:
    """A run that ended so long ago that its last day does not change any more; but not before that day was judged."""
    if run.ended_on is None:
        return False
    was_judged = stored is not None and stored.result.on >= run.ended_on
    return was_judged and (not again or run.ended_on <= over - SETTLED_AFTER)


def _last(run: WarmupRun, stored: WarmupDay | None, over: date) -> date:
    """`stored` is later after a clock was set back. What a person ended has no days after that, whatever is learnt."""
    last = max(over, stored.result.on) if stored is not None else over
    return min(last, run.ended_on) if run.ended is RunEnd.FINISHED and run.ended_on is not None else last


def _first_new(stored: WarmupDay | None, over: date) -> date:
    return stored.result.on + _DAY if stored is not None else _first_open(None, over)


def _first_open(stored: WarmupDay | None, over: date) -> date:
    """The first day that may have to be judged, or judged again. `stored`: the newest judged; `over`: the last day that
    is over."""
    if stored is None:
        return over - _CAUGHT_UP_DAYS * _DAY
    settled = min(over - SETTLED_AFTER, stored.result.on)
    return min(settled + _DAY, stored.after.unknown_since or over)


async def _advance(
    store: RunStore, clock: Clock, desk: WarmupDesk, wanted: Sequence[Wanted], holds: Mapping[str, Sequence[Hold]]
) -> int:
    if not wanted:
        return 0
    around, inventory = await load_surroundings(store, wanted), await store.inventory()
    holdings, judged = inventory.holdings, 0
    for some in _portions(wanted):
        first = min(each.first for each in some)
        stored = await store.warmup_days([each.run.id for each in some], first - _DAY)
        plans = {each.run.id: await store.warmup_plans(each.run.id) for each in some if each.run.plan_version > 1}
        loaded = await load_days(store, some)
        found = await asyncio.to_thread(_judged, some, stored, plans, around, loaded, holds, desk)
        judged += await _commit(store, clock, desk, found, loaded.steps, holdings, inventory.customers)
    return judged


def _portions(wanted: Iterable[Wanted]) -> Iterator[list[Wanted]]:
    """Those that look at the same days together: a run that catches up does not make all others load what it loads."""
    alike: dict[tuple[date, date], list[Wanted]] = defaultdict(list)
    for each in wanted:
        alike[each.first, each.last].append(each)
    for some in alike.values():
        rest = iter(some)
        while portion := list(islice(rest, _AT_ONCE)):
            yield portion


def _judged(
    some: Iterable[Wanted],
    stored: Mapping[str, Sequence[WarmupDay]],
    plans: Mapping[str, Sequence[PlanVersion]],
    around: Surroundings,
    loaded: Loaded,
    holds: Mapping[str, Sequence[Hold]],
    desk: WarmupDesk,
) -> list[_Judged]:
    """Runs of which a day is new, or other than it was."""
    found = []
    for each in some:
        before = {day.result.on: day for day in stored.get(each.run.id, ())}
        state = before[each.first - _DAY].after if each.first - _DAY in before else RunState()
        was_tracked = state.reading is not None and state.reading.stage is not None
        inputs = inputs_of(each, around, loaded, holds.get(each.run.id, ()), desk, was_tracked=was_tracked)
        days = _fold_all(each.run, state, inputs, before, plans.get(each.run.id, ()), desk.policy)
        if days:
            found.append(_Judged(each.run, days, before))
    return found


def _fold_all(
    run: WarmupRun,
    state: RunState,
    inputs: Iterable[DayInputs],
    before: _Stored,
    plans: Sequence[PlanVersion],
    policy: WarmupPolicy,
) -> list[WarmupDay]:
    """From the first day whose inputs changed. Of what was judged after a day that turns out to be the last, nothing is
    left as it was."""
    days: list[WarmupDay] = []
    same = True
    for each in inputs:
        if state.ended is not None and each.on not in before:
            break
        then, stored = _as_of(run, plans, each.on), before.get(each.on)
        digest = digest_of(then, each)
        same = same and stored is not None and stored.digest == digest
        if same and stored is not None:
            state = stored.after
        else:
            day = WarmupDay(run.id, digest, fold(then, state, each, policy), each.providers)
            state = day.after
            days += [day] if day != stored else []
    return days


def _as_of(run: WarmupRun, plans: Iterable[PlanVersion], on: date) -> WarmupRun:
    """With the plan that was in force when the day began."""
    begins = day_span(on, run.zone).begin
    then = None
    for version in plans:
        if then is None or version.at <= begins:
            then = version
    if then is None or then.version == run.plan_version:
        return run
    return replace(run, plan=then.plan, plan_version=then.version, plan_hash=plan_hash(then.plan))


def digest_of(run: WarmupRun, day: DayInputs) -> str:
    """Of all that a day is judged by, but the day before."""
    told: list[Any] = [
        run.plan_hash,
        day.on,
        day.hours,
        sorted(day.providers.items()),
        day.unknown,
        sorted((hold.key, hold.provider, hold.opened_at, hold.ended_at) for hold in day.holds),
        sorted(day.throttled),
        [(step.at, step.kind, step.stage) for step in day.steps],
        day.reading,
        day.tracked,
    ]
    return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()[:32]


async def _commit(
    store: RunStore,
    clock: Clock,
    desk: WarmupDesk,
    found: Sequence[_Judged],
    steps: Mapping[str, Sequence[WarmupStep]],
    holdings: Holdings,
    customers: Collection[Customer],
) -> int:
    """At once, so that what is told of several is one message. Without those that somebody else has written."""
    while found:
        changes = [WarmupChanges(_as_it_is_now(each, steps.get(each.run.id, ())), each.days) for each in found]
        events = gathered([event for each in found for event in _events(each, holdings, desk, clock.now())])
        try:
            await store.commit_warmups(changes, events, notify(events, customers, desk.routing))
        except WarmupsOvertaken as overtaken:
            found = [each for each in found if each.run.id not in overtaken.run_ids]
        else:
            return sum(len(each.days) for each in found)
    return 0


def _events(each: _Judged, holdings: Holdings, desk: WarmupDesk, now: datetime) -> list[Event]:
    return events_of(each.run, each.days, each.before, holdings, desk.providers, now)


def _as_it_is_now(each: _Judged, steps: Iterable[WarmupStep]) -> WarmupRun:
    """Ended by its days, or by a person on a day that is not over yet; else open, whatever was believed before."""
    days = {**each.before, **{day.result.on: day for day in each.days}}
    last, run = days[max(days)].after, each.run
    if last.ended is not None:
        return replace(run, ended=last.ended, ended_on=last.ended_on)
    for step in steps:
        if step.kind is StepKind.FINISHED:
            return replace(run, ended=RunEnd.FINISHED, ended_on=step.at.astimezone(ZoneInfo(run.zone)).date())
    return replace(run, ended=None, ended_on=None)
