"""The rounds over one list as stretches: how long it was verified without a break, and how long not.

Rounds that follow each other with the same result are one stretch. It lasts until its last round's word runs out or the
next stretch begins; what lies between two stretches was not looked at by anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from deliverwatch.core.coverage import Cycle


@dataclass(frozen=True, slots=True)
class Stretch:
    """`rounds`: how many there were. `why`: of one that was not verified, what its newest round says."""

    begin: datetime
    end: datetime
    verified: bool
    rounds: int
    why: str | None


_LATE_RATIO = 1 / 60
"""Of its interval: a round begins some seconds after it is due."""


def stretches(cycles: Iterable[Cycle], now: datetime) -> list[Stretch]:
    """Oldest first. Rounds over suspects alone say nothing of the list as a whole, and are left out."""
    found: list[Stretch] = []
    for cycle in sorted((each for each in cycles if each.full), key=lambda each: each.started_at):
        ends = max(min(cycle.vouches_until, now), cycle.started_at)
        this = Stretch(cycle.started_at, ends, cycle.verified, 1, None if cycle.verified else cycle.detail)
        last = found.pop() if found else None
        found += [this] if last is None else _after(last, this, (cycle.vouches_until - cycle.started_at) * _LATE_RATIO)
    return found


def _after(last: Stretch, this: Stretch, late_for: timedelta) -> list[Stretch]:
    """One stretch where they are alike and meet, else both, without overlap."""
    if this.begin > last.end + late_for:
        return [last, this]
    if this.verified is last.verified:
        return [replace(this, begin=last.begin, end=max(last.end, this.end), rounds=last.rounds + 1)]
    return [replace(last, end=this.begin), this]
