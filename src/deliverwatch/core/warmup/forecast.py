"""When a run will be done if it goes on like this, and how much mail is likely to be offered tomorrow.

Both rest on what the customer really did: on which days of the week mail goes out, how many of those days counted, and
how far the allowance was filled. A run that is held, or whose last days did not count, has no date: "it does not go on
like this" is the honest answer.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil
from statistics import median

from deliverwatch.core.warmup.day import Because, DayResult, Decision
from deliverwatch.core.warmup.plan import PlanBasis, WarmupPlan
from deliverwatch.core.warmup.run import RunState

_DAY = timedelta(days=1)
_PACE_DAYS = 14
_SAME_WEEKDAYS = 4
_FILLED_RATIO = 0.9
_FILLED_DAYS = 3
_NOTHING_FOR_DAYS = 5
_FAR = 400
_WEEK = 7


def finish_on(plan: WarmupPlan, state: RunState, recent: Sequence[DayResult], next_on: date) -> date | None:
    """`recent`: judged days, oldest first. None: at this pace never, or within 400 days not, or too little is known."""
    if not recent or recent[-1].unknown is not None:
        return None
    rate = _pace(plan, recent)
    if state.held or state.ended is not None or not rate:
        return None
    left = sum(stage.for_days for stage in plan.stages[state.stage - 1 :]) - state.counted
    wanted, weekdays = ceil(left / rate), _weekdays(plan, recent)
    on, found = next_on, 0
    for _ in range(_FAR if weekdays else 0):
        found += on.weekday() in weekdays
        if found >= wanted:
            return on
        on += _DAY
    return None


def demand_on(recent: Sequence[DayResult], on: date, allowance: int) -> int | None:
    """Messages likely to be offered on that day, by what was certainly offered. Who fills the allowance day by day will
    fill the next; of others the same day of the week tells, or else the last days with mail."""
    known = [day for day in recent if day.unknown is None]
    mailed = [day for day in known if day.counts.attempted]
    same = [day.counts.attempted_least for day in known if day.on.weekday() == on.weekday()][-_SAME_WEEKDAYS:]
    if len(same) > 1 and not median(same):
        return 0
    if not mailed:
        return None
    last = mailed[-_FILLED_DAYS:]
    filled = [day.counts.attempted_least / day.allowed for day in last]
    if len(last) == _FILLED_DAYS and min(filled) >= _FILLED_RATIO:
        return round(allowance * median(filled))
    some = same if len(same) > 1 else [day.counts.attempted_least for day in mailed[-_WEEK:]]
    return round(median(some))


def _pace(plan: WarmupPlan, recent: Sequence[DayResult]) -> float:
    """Of the days on which it could, and was not held, how many counted; none, if none of the last five did. Days on
    which the customer sends are meant, be it that this time no mail was."""
    weekdays = _weekdays(plan, recent)
    days = [day for day in recent if day.unknown is None and day.decision is not Decision.HOLD]
    counted = [_counted(day) for day in days if day.on.weekday() in weekdays][-_PACE_DAYS:]
    return sum(counted) / len(counted) if any(counted[-_NOTHING_FOR_DAYS:]) else 0.0


def _counted(day: DayResult) -> bool:
    return day.decision is Decision.ADVANCE or day.because is Because.STAGE_LASTS


def _weekdays(plan: WarmupPlan, recent: Sequence[DayResult]) -> frozenset[int]:
    """On which the customer sends, as far as it was seen; of the others, those of the plan."""
    if plan.basis is PlanBasis.CALENDAR_DAY:
        return plan.weekdays
    seen: dict[int, list[bool]] = {}
    for day in recent:
        if day.unknown is None:
            seen.setdefault(day.on.weekday(), []).append(bool(day.counts.attempted))
    return frozenset(
        weekday for weekday in plan.weekdays if weekday not in seen or 2 * sum(seen[weekday]) >= len(seen[weekday])
    )
