"""A customer's warm-ups in the weekly report: what the plan allowed, day by day, and what was delivered.

The days are the run's own service days whose dates lie in the report's week; stage, state and next allowance are of the
moment at which the report is made. A day that is over and not known stays in the week, without a number, and counts in
no sum: neither its mail nor what the plan allowed, so that the two can be compared.

Each status is the customer's copy (`core.warmups_seen`); of an address that others send from too there are no figures
at all.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import NamedTuple
from zoneinfo import ZoneInfo

from deliverwatch.core.warmup.day import DayState, Decision
from deliverwatch.core.warmup.plan import WarmupPlan
from deliverwatch.core.warmup.run import SETTLED_AFTER, WarmupRun
from deliverwatch.core.warmup.status import HoldView, RunStatus, RunWeek, WarmupDay
from deliverwatch.core.warmups_seen import for_customer

_WORST_FIRST = (DayState.HELD, DayState.OFF, DayState.BEHIND_REFUSED, DayState.UNKNOWN, DayState.READY_TO_RELEASE)
_NEEDS_THE_READER = frozenset({DayState.HELD, DayState.BEHIND_REFUSED, DayState.OFF})
_HELD = frozenset({DayState.HELD, DayState.READY_TO_RELEASE})
_DAY = timedelta(days=1)


class DayMark(StrEnum):
    """What became of the run as a whole on a day. RELEASED: by a person."""

    HELD = "held"
    RELEASED = "released"
    STEPPED_BACK = "stepped_back"


class ReportedDay(NamedTuple):
    """`allowed`, `delivered`: messages; None, both: not known. `settled`: the number grows no more."""

    on: date
    allowed: int | None
    delivered: int | None
    settled: bool
    mark: DayMark | None = None


class Sums(NamedTuple):
    """Over the days that are known; `unknown`: how many are not."""

    allowed: int
    delivered: int
    known: int
    unknown: int


class Complaints(NamedTuple):
    """Of the days that are known. `told` None: no provider told of any. `unmeasured`: ids of those that took mail on a
    day and told nothing of it."""

    told: int | None
    unmeasured: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportedWarmup:
    """One IP. `status`: as far as it is the customer's to know; of one that is shared there are no days and no
    complaints. `names`: of mailbox providers, by id."""

    status: RunStatus
    days: tuple[ReportedDay, ...]
    complaints: Complaints
    names: Mapping[str, str]

    @property
    def shared(self) -> bool:
        return self.status.shared

    @property
    def ip(self) -> str:
        return self.status.run.ip

    @property
    def holds(self) -> tuple[HoldView, ...]:
        """Those whose cause goes on, while the run does."""
        return tuple(hold for hold in self.status.holds if not hold.over and self.status.run.ended is None)

    @property
    def needs_the_reader(self) -> bool:
        """Also when it is held at one provider only."""
        return self.status.state in _NEEDS_THE_READER or bool(self.holds)


def reported_warmups(
    weeks: Iterable[RunWeek], first: date, now: datetime, names: Mapping[str, str]
) -> tuple[ReportedWarmup, ...]:
    """Those of the week that begins on `first`, the worst first. `names`: of mailbox providers, by id."""
    mine = [week for week in weeks if _is_of(week.status.run, first)]
    return tuple(sorted((_report(week, first, now, names) for week in mine), key=_worst_first))


def sums_of(days: Iterable[ReportedDay]) -> Sums:
    days = list(days)
    known = [(day.allowed, day.delivered) for day in days if day.allowed is not None and day.delivered is not None]
    allowed, delivered = (sum(numbers) for numbers in zip(*known, strict=True)) if known else (0, 0)
    return Sums(allowed, delivered, len(known), len(days) - len(known))


def _is_of(run: WarmupRun, first: date) -> bool:
    return run.started_on < first + 7 * _DAY and (run.ended_on is None or run.ended_on >= first)


def _worst_first(warmup: ReportedWarmup) -> tuple[object, ...]:
    """Those that need the reader, then those that are not known."""
    state, address = warmup.status.state, ip_address(warmup.ip)
    rank = _WORST_FIRST.index(state) if state in _WORST_FIRST else len(_WORST_FIRST)
    return not warmup.needs_the_reader, rank, warmup.status.run.pool or "", address.version, int(address)


def _report(week: RunWeek, first: date, now: datetime, names: Mapping[str, str]) -> ReportedWarmup:
    status = for_customer(week.status)
    if status.shared:
        return ReportedWarmup(status, (), Complaints(None, ()), names)
    judged = {day.result.on: day for day in week.days if first <= day.result.on < first + 7 * _DAY}
    complaints = _complaints(day for day in judged.values() if _is_known(day))
    days = tuple(
        day._replace(mark=_mark(judged.get(day.on), week.released_on, day.on))
        for day in _days(status.run, judged, first, now)
    )
    return ReportedWarmup(status, days, complaints, names)


def _mark(day: WarmupDay | None, released_on: Collection[date], on: date) -> DayMark | None:
    """A hold that was released and came back on the same day goes on."""
    if day is not None and day.result.state in _HELD:
        return DayMark.HELD
    if day is not None and day.result.decision is Decision.STEP_BACK:
        return DayMark.STEPPED_BACK
    return DayMark.RELEASED if on in released_on else None


def _days(run: WarmupRun, judged: Mapping[date, WarmupDay], first: date, now: datetime) -> tuple[ReportedDay, ...]:
    """From the run's begin to its end, as far as they are over in its zone."""
    today = now.astimezone(ZoneInfo(run.zone)).date()
    dates = [first + n * _DAY for n in range(7)]
    mine = [on for on in dates if run.started_on <= on < today and (run.ended_on is None or on <= run.ended_on)]
    return tuple(_day(run.plan, on, judged.get(on), today) for on in mine)


def _day(plan: WarmupPlan, on: date, day: WarmupDay | None, today: date) -> ReportedDay:
    """On a day that is none of the plan's it allows nothing."""
    settled = on + SETTLED_AFTER < today
    if day is None or not _is_known(day):
        return ReportedDay(on, None, None, settled)
    allowed = day.result.allowed if on.weekday() in plan.weekdays else 0
    return ReportedDay(on, allowed, day.result.counts.delivered, settled)


def _is_known(day: WarmupDay) -> bool:
    """Also where it cannot be told whether it was enough."""
    return day.result.unknown is None


def _complaints(days: Iterable[WarmupDay]) -> Complaints:
    counts = [(provider, each) for day in days for provider, each in day.providers.items()]
    told = [each.complaints for _, each in counts if each.complaints is not None]
    silent = {provider for provider, each in counts if each.delivered and each.complaints is None}
    return Complaints(sum(told) if told else None, tuple(sorted(silent)))
