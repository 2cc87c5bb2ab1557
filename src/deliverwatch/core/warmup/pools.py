"""The IPs of one pool that are warmed up together: their sums, and why a day was above plan.

The sending platform shares a pool's mail out among its IPs, so what one of them may not carry the others do, or the
pool that takes the overflow. Where neither can, the cold IPs carry it themselves, and a day is far above plan
(SparkPost, automated IP warm-up, read 2026-11-22). A sum is of the runs whose day is known, and says how many these
are.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from deliverwatch.core.platform import PlatformSnapshot
from deliverwatch.core.warmup.day import DayCounts, DayResult, DayState
from deliverwatch.core.warmup.outcome import totals
from deliverwatch.core.warmup.status import RunStatus


class OverPlan(StrEnum):
    """What is known to explain a day above plan. NO_OVERFLOW: all of the pool is cold, and no other takes what is too
    much. PLATFORM_OFF: the platform's own warm-up of the IP is off. OTHERS_SILENT: other IPs of the pool sent
    nothing."""

    NO_OVERFLOW = "no_overflow"
    PLATFORM_OFF = "platform_off"
    OTHERS_SILENT = "others_silent"


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """`pool` None: the IPs that are in none. `judged_on`: the last day that was judged. `known`: how many of the runs
    that go on have counts of that day; `allowed` and `counts` are sums of these, None without any. `next_allowance`: of
    all runs that go on, None if none does; `demand`: None unless it is known of all of these. `shared`: they are one
    customer's copies, of IPs that concern others as well, and have no sums."""

    customer: str | None
    pool: str | None
    ips: tuple[str, ...]
    states: Mapping[DayState, int]
    judged_on: date | None
    known: int
    allowed: int | None
    counts: DayCounts | None
    next_allowance: int | None
    demand: int | None
    why_over_plan: OverPlan | None = None
    shared: bool = False

    @property
    def runs(self) -> int:
        return len(self.ips)


def pool_statuses(statuses: Iterable[RunStatus]) -> list[PoolStatus]:
    """Of each customer's pools, in order; the ESP's own first. What is shared is apart from what is not."""
    pools: dict[tuple[str | None, str | None, bool], list[RunStatus]] = defaultdict(list)
    for each in statuses:
        pools[each.run.customer, each.run.pool, each.shared].append(each)
    in_order = sorted(pools.items(), key=lambda item: (item[0][0] or "", item[0][1] or "", item[0][2]))
    return [_pool(*of, some) for of, some in in_order]


def _pool(customer: str | None, pool: str | None, shared: bool, some: Sequence[RunStatus]) -> PoolStatus:
    going_on = [each for each in some if each.run.ended is None]
    judged_on = max((each.judged.on for each in going_on if each.judged is not None), default=None)
    known = [
        each.judged
        for each in going_on
        if each.judged is not None and each.judged.on == judged_on and each.judged.unknown is None
    ]
    allowances = [each.next.allowance for each in going_on if each.next.allowance is not None]
    demands = [each.next.demand for each in going_on if each.next.demand is not None]
    return PoolStatus(
        customer,
        pool,
        tuple(each.run.ip for each in some),
        Counter(each.state for each in some),
        judged_on,
        len(known),
        sum(day.allowed for day in known) if known else None,
        totals(day.counts for day in known) if known else None,
        sum(allowances) if allowances else None,
        sum(demands) if demands and len(demands) == len(going_on) else None,
        next((OverPlan(each.over_plan_why) for each in going_on if each.over_plan_why is not None), None),
        shared,
    )


def why_over_plan(
    status: RunStatus, pool: Iterable[RunStatus], members: Collection[str] | None, cold: Collection[str]
) -> OverPlan | None:
    """Of a run whose last day was above plan; None: nothing is known that explains it. `pool`: the runs of its pool;
    `members`: all addresses of the pool, None where that is not known. `cold`: addresses of pools of the platform all
    of which are warmed up, and which have no overflow."""
    day = status.judged
    if day is None or day.unknown is not None or day.counts.delivered <= day.allowed:
        return None
    reading = day.after.reading
    if reading is not None and not reading.warming:
        return OverPlan.PLATFORM_OFF
    if status.run.ip in cold:
        return OverPlan.NO_OVERFLOW
    others = {each.run.ip: each.judged for each in pool if each.run.ip != status.run.ip}
    if members is None or not others or set(members) != {status.run.ip, *others}:
        return None
    silent = all(_sent_nothing(other) and other is not None and other.on == day.on for other in others.values())
    return OverPlan.OTHERS_SILENT if silent else None


def _sent_nothing(day: DayResult | None) -> bool:
    return day is not None and day.unknown is None and not day.counts.attempted and not day.counts.delivered


def cold_without_overflow(platform: PlatformSnapshot, asked: Collection[str]) -> frozenset[str]:
    """Addresses of pools in which all are warmed up, and from which nothing overflows. `asked`: ids of the pools of
    which that is known."""
    pools = {pool.id for pool in platform.pools if pool.overflow is None and pool.id in asked}
    warm = {ip.pool for ip in platform.ips if ip.warmup_stage is None}
    return frozenset(ip.address for ip in platform.ips if ip.pool in pools - warm)
