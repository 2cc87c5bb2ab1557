"""Warnings from our own counts: complaints, and deferrals that rise.

A rate of few is judged by the lower end of its interval. Deferrals differ from stream to stream, so a day is compared
with the week before it, and while it warns with the week before the warning: what has become usual meanwhile is not
what it was.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from deliverwatch.core.subjects import Subject
from deliverwatch.core.warning_marks import Level, Mark, WarningPolicy, level_of
from deliverwatch.core.wilson import lower_bound, upper_bound

_WEEK = timedelta(days=7)


class SenderDay(NamedTuple):
    """All mail of one sender to one provider in one day. None: not measured."""

    provider: str
    subject: Subject
    on: date
    attempted: int | None = None
    delivered: int | None = None
    deferred: int | None = None
    complaints: int | None = None


def complaint_marks(days: Sequence[SenderDay], policy: WarningPolicy) -> Iterator[Mark]:
    """Of the mail that was delivered; days without one of the two counts are left out."""
    for day in days:
        if day.complaints is not None and day.delivered:
            ratio = lower_bound(day.complaints, day.delivered)
            shown = {"complaints": day.complaints, "delivered": day.delivered}
            yield Mark(day.on, level_of(ratio, policy.complaint_notice, policy.complaint_urgent), shown)


def deferral_marks(days: Sequence[SenderDay], policy: WarningPolicy) -> Iterator[Mark]:
    """`days`: in order. Those with little mail, or with too little before them, are left out."""
    usual: float | None = None
    good = 0
    for number, day in enumerate(days):
        if day.deferred is None or (day.attempted or 0) < policy.least_attempts:
            continue
        against = _share_before(days[:number], day.on, policy) if usual is None else usual
        if against is None:
            continue
        is_rising = lower_bound(day.deferred, day.attempted or 0) >= _mark(against, policy)
        good = 0 if is_rising else good + 1
        usual = against if is_rising or (usual is not None and good < policy.good_days) else None
        shown = {"deferred": day.deferred, "attempted": day.attempted, "usual_ratio": round(against, 4)}
        yield Mark(day.on, Level.NOTICE if is_rising else None, shown)


def _mark(usual: float, policy: WarningPolicy) -> float:
    return max(policy.rising_ratio, usual * policy.rising_factor)


def _share_before(days: Sequence[SenderDay], on: date, policy: WarningPolicy) -> float | None:
    """The upper end of the share that was deferred in the week before; None when too little was measured."""
    week = [day for day in days[-7:] if on - day.on <= _WEEK and day.deferred is not None]
    attempted = sum(day.attempted or 0 for day in week)
    if attempted < policy.least_attempts:
        return None
    return upper_bound(sum(day.deferred or 0 for day in week), attempted)
