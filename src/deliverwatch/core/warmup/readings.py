"""What follows from the readings of a platform's own warm-up: which one counts, and since when it goes on.

A platform tells its stage of now and no history: SparkPost's field is even absent when the warm-up is off or finished
(developers.sparkpost.com, "Sending IPs", read November 2026). So one reading a day is kept, and the history is ours. A
*stretch* is the readings in a row that say "warming"; a day without a reading is unknown and ends none, another start
told by the platform is another warm-up. All functions but `by_ip` and `no_longer_listed` take the readings of one IP.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from deliverwatch.core.platform import PlatformSnapshot
from deliverwatch.core.warmup.run import Reading

_DAY = timedelta(days=1)


def latest(readings: Iterable[Reading]) -> Reading | None:
    return max(readings, key=_order, default=None)


def reading_of_day(readings: Iterable[Reading], day: date) -> Reading | None:
    """The newest of that day."""
    return latest(each for each in readings if each.on == day)


def tracked(readings: Iterable[Reading], started_on: date) -> list[Reading]:
    """Those that bear on a run that began then: the platform may have begun a day earlier."""
    return [each for each in readings if each.on >= started_on - _DAY]


def is_tracked(readings: Iterable[Reading], day: date) -> bool:
    """Whether the platform told a stage by that day. `readings`: those of the run (`tracked`)."""
    return any(each.stage is not None and each.on <= day for each in readings)


def stretch_began_on(readings: Iterable[Reading]) -> date | None:
    """The day of the first reading of the warm-up that goes on; None: none does."""
    began: Reading | None = None
    for each in sorted(readings, key=_order):
        if not each.warming:
            began = None
        elif began is None or _another(began, each):
            began = each
    return None if began is None else began.on


def by_ip(readings: Iterable[Reading]) -> Mapping[str, list[Reading]]:
    found: dict[str, list[Reading]] = defaultdict(list)
    for each in readings:
        found[each.ip].append(each)
    return found


def of_snapshot(snapshot: PlatformSnapshot) -> list[Reading]:
    """One of each IP, on the UTC day: so the platform counts its days."""
    on = snapshot.read_at.astimezone(UTC).date()
    return [
        Reading(
            snapshot.platform,
            ip.address,
            on,
            snapshot.read_at,
            warming=ip.warmup_stage is not None,
            stage=ip.warmup_stage,
            pool=ip.pool,
        )
        for ip in snapshot.ips
    ]


def no_longer_listed(before: Iterable[Reading], now: Iterable[Reading], read_at: datetime) -> list[Reading]:
    """Of a platform that lists only what it warms: those it warmed when they were read last and does not list now."""
    listed = {each.ip for each in now}
    last = (latest(readings) for readings in by_ip(before).values())
    on = read_at.astimezone(UTC).date()
    return [
        Reading(each.platform, each.ip, on, read_at, warming=False, pool=each.pool)
        for each in last
        if each is not None and each.warming and each.ip not in listed
    ]


def _order(reading: Reading) -> tuple[date, datetime]:
    return reading.on, reading.read_at


def _another(began: Reading, later: Reading) -> bool:
    return None not in (began.started_on, later.started_on) and began.started_on != later.started_on
