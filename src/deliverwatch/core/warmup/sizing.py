"""For new business and migrations: how many IPs a volume takes, by which plan they are warmed up, and what the weeks
look like.

A warm IP carries 2 to 5 million messages a day (SparkPost, IP warm-up overview, read 2026-11-22); the lower number is
taken. Below 500,000 a month an address of one's own has too little mail to keep its history, and a shared pool serves
better (the same). Plans that look at results come first, then those that count days with mail: by the calendar alone a
plan says "warm" after a week in which the providers saw nothing. Among plans of one kind the gentlest is taken that
takes at most eight weeks.

All of it is the best case: each day counts, and nothing is held.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from deliverwatch.core.errors import NotPossible, unknown_name
from deliverwatch.core.warmup.plan import PlanBasis, Stage, WarmupPlan, for_volume

PER_WARM_IP = 2_000_000
SHARED_BELOW_A_MONTH = 500_000
_MONTH = 30
EIGHT_WEEKS = 56
_PREFERENCE = (PlanBasis.RESULT, PlanBasis.SENDING_DAY, PlanBasis.CALENDAR_DAY)


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from the beginning of the warm-up; the last one ends with it. `per_ip`, `all_ips`: messages allowed on
    its last day. `messages`: of all IPs in the week. `share`: of the volume, on its last day. `audience_days`: the
    narrowest advice of its days; None: none."""

    number: int
    begins_on: date
    per_ip: int
    all_ips: int
    messages: int
    share: float
    audience_days: int | None


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another plan: how many IPs it takes, how many days from the first to the last, and when it is done at best."""

    plan_id: str
    basis: PlanBasis
    ips: int
    days: int
    done_on: date


@dataclass(frozen=True, slots=True)
class Sizing:
    """`begins_on`: the first day of the plan, on or after the one that was asked for. `ips_by_volume`: what warm IPs
    could carry; `ips` is more than that when the plan does not reach the volume with so few. `dedicated` False: a
    shared pool serves better. `plan`: up to the volume of one IP. `days`: from the first to the last."""

    volume_per_day: int
    dedicated: bool
    ips_by_volume: int
    ips: int
    volume_per_ip: int
    plan: WarmupPlan
    begins_on: date
    days: int
    done_on: date
    weeks: tuple[Week, ...]
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class _Fit:
    """A plan up to what one of so many IPs is to carry, and its days."""

    plan: WarmupPlan
    ips: int
    days: tuple[tuple[date, Stage], ...]

    @property
    def begins_on(self) -> date:
        return self.days[0][0]

    @property
    def done_on(self) -> date:
        return self.days[-1][0]

    @property
    def lasts(self) -> int:
        return (self.done_on - self.begins_on).days + 1


def size(plans: Iterable[WarmupPlan], volume_per_day: int, begins_on: date, plan_id: str | None = None) -> Sizing:
    """`plan_id`: the plan to take; None: the one that suits best. Raises NotPossible."""
    if volume_per_day < 1:
        raise NotPossible(f"{volume_per_day} is not a volume: expected 1 message a day or more")
    fits = [_fit(plan, volume_per_day, begins_on) for plan in plans]
    if not fits:
        raise NotPossible("there is no plan to choose from")
    fit = _best(fits) if plan_id is None else _named(fits, plan_id)
    return Sizing(
        volume_per_day=volume_per_day,
        dedicated=volume_per_day * _MONTH >= SHARED_BELOW_A_MONTH,
        ips_by_volume=_shared_out(volume_per_day, PER_WARM_IP),
        ips=fit.ips,
        volume_per_ip=fit.plan.full_volume,
        plan=fit.plan,
        begins_on=fit.begins_on,
        days=fit.lasts,
        done_on=fit.done_on,
        weeks=tuple(_weeks(fit, volume_per_day)),
        alternatives=tuple(_alternative(each) for each in sorted(fits, key=_by_preference) if each is not fit),
    )


def _shared_out(volume: int, per_ip: int) -> int:
    """How many IPs it takes."""
    return -(-volume // per_ip)


def _fit(plan: WarmupPlan, volume: int, begins_on: date) -> _Fit:
    most = PER_WARM_IP if plan.beyond is not None else min(plan.full_volume, PER_WARM_IP)
    ips = _shared_out(volume, most)
    cut = for_volume(plan, _shared_out(volume, ips))
    by_day = zip(_stages_by_day(cut), _days_of(cut, begins_on), strict=False)  # the stages end first
    return _Fit(cut, ips, tuple((day, stage) for stage, day in by_day))


def _stages_by_day(plan: WarmupPlan) -> Iterator[Stage]:
    for stage in plan.stages:
        yield from [stage] * stage.for_days


def _days_of(plan: WarmupPlan, begins_on: date) -> Iterator[date]:
    for ordinal in range(begins_on.toordinal(), date.max.toordinal() + 1):
        if (day := date.fromordinal(ordinal)).weekday() in plan.weekdays:
            yield day
    raise NotPossible(f"a plan that begins on {begins_on} does not end before the calendar does")


def _best(fits: Sequence[_Fit]) -> _Fit:
    """Of those that take the fewest IPs: they reach what one IP is to carry, or come nearest to it."""
    fewest = min(fit.ips for fit in fits)
    able = sorted((fit for fit in fits if fit.ips == fewest), key=_by_preference)
    alike = [fit for fit in able if fit.plan.basis is able[0].plan.basis]
    soon_enough = [fit for fit in alike if fit.lasts <= EIGHT_WEEKS]
    return soon_enough[-1] if soon_enough else alike[0]


def _named(fits: Iterable[_Fit], plan_id: str) -> _Fit:
    by_id = {fit.plan.id: fit for fit in fits}
    if plan_id not in by_id:
        raise NotPossible(unknown_name("plan", plan_id, by_id))
    return by_id[plan_id]


def _by_preference(fit: _Fit) -> tuple[int, int, str]:
    return _PREFERENCE.index(fit.plan.basis), fit.lasts, fit.plan.id


def _alternative(fit: _Fit) -> Alternative:
    return Alternative(fit.plan.id, fit.plan.basis, fit.ips, fit.lasts, fit.done_on)


def _weeks(fit: _Fit, volume: int) -> Iterator[Week]:
    first = fit.begins_on
    for index, days in groupby(fit.days, key=lambda each: (each[0] - first).days // 7):
        stages = [stage for _, stage in days]
        last = stages[-1].allowance(24)
        every = min(last * fit.ips, volume)
        advice = [stage.audience_days for stage in stages if stage.audience_days is not None]
        yield Week(
            number=index + 1,
            begins_on=first + timedelta(days=7 * index),
            per_ip=last,
            all_ips=every,
            messages=sum(min(stage.allowance(24) * fit.ips, volume) for stage in stages),
            share=every / volume,
            audience_days=min(advice, default=None),
        )
