"""Sums of a pool, and what explains a day above plan."""

from datetime import UTC, date, datetime, timedelta

import pytest

from deliverwatch.core.platform import PlatformIp, PlatformPool, PlatformSnapshot
from deliverwatch.core.warmup.day import Because, DayCounts, DayResult, DayState, Decision
from deliverwatch.core.warmup.plan import PlanBasis, Stage, WarmupPlan
from deliverwatch.core.warmup.pools import OverPlan, cold_without_overflow, pool_statuses, why_over_plan
from deliverwatch.core.warmup.run import Reading, RunEnd, RunState, WarmupRun
from deliverwatch.core.warmup.status import NextDay, RunStatus

ON = date(2026, 11, 17)
AT = datetime(2026, 11, 17, 9, tzinfo=UTC)
NEXT = ON + timedelta(days=1)
PLAN = WarmupPlan("own", "Own", "us", PlanBasis.RESULT, (Stage(200), Stage(500)), "made up", ON)


def status(ip="192.0.2.1", delivered=0, *, on=ON, pool="news", customer="acme", unknown=None, demand=None, why=None,
           ended=None, reading=None, judged=True):  # fmt: skip
    state = DayState.UNKNOWN if unknown else DayState.OVER_PLAN if delivered > 200 else DayState.ON_PLAN
    counts = DayCounts(delivered, delivered, delivered)
    after = RunState(reading=reading)
    day = DayResult(on, 1, 200, counts, state, Decision.ADVANCE, Because.ENOUGH_DELIVERED, after, unknown=unknown)
    run = WarmupRun(ip, ip, customer, PLAN, 1, "", "UTC", ON, AT, pool, ended)
    following = NextDay(NEXT, None if ended else 500, Decision.ADVANCE, Because.ENOUGH_DELIVERED, demand)
    return RunStatus(run, 1, 2, state, day if judged else None, following, (), (), False, None, None, why)


def only(*statuses):
    (pool,) = pool_statuses(statuses)
    return pool


def test_the_figures_of_a_pool_are_sums():
    pool = only(status("192.0.2.1", 190, demand=400), status("192.0.2.2", 180, demand=300))
    assert (pool.runs, pool.judged_on, pool.known, pool.allowed) == (2, ON, 2, 400)
    assert pool.counts is not None
    assert (pool.counts.delivered, pool.next_allowance, pool.demand) == (370, 1000, 700)
    assert pool.states == {DayState.ON_PLAN: 2}


def test_what_is_not_known_is_in_no_sum():
    behind = status("192.0.2.3", 150, on=ON - timedelta(days=1))
    pool = only(status("192.0.2.1", 190), status("192.0.2.2", 99, unknown="nobody tells"), behind)
    assert (pool.known, pool.allowed) == (1, 200)
    assert pool.counts is not None
    assert pool.counts.delivered == 190


def test_without_a_known_day_there_are_no_sums():
    pool = only(status(unknown="nobody tells"))
    assert (pool.judged_on, pool.known, pool.allowed, pool.counts) == (ON, 0, None, None)
    assert only(status(judged=False)).judged_on is None


def test_the_demand_of_some_is_not_the_demand_of_all():
    assert only(status("192.0.2.1", demand=400), status("192.0.2.2")).demand is None


def test_what_is_over_is_counted_and_adds_nothing():
    pool = only(status("192.0.2.1", 190, demand=400), status("192.0.2.2", 190, ended=RunEnd.DONE))
    assert (pool.runs, pool.known, pool.next_allowance, pool.demand) == (2, 1, 500, 400)
    over = only(status(ended=RunEnd.DONE))
    assert (over.next_allowance, over.counts) == (None, None)


def test_a_pool_is_one_customers():
    found = pool_statuses([status(), status(customer=None), status(customer="bravo"), status(pool=None)])
    assert [(each.customer, each.pool) for each in found] == [
        (None, "news"),
        ("acme", None),
        ("acme", "news"),
        ("bravo", "news"),
    ]


def test_why_it_was_above_plan_is_that_of_its_runs():
    assert only(status(), status("192.0.2.2", 900, why="no_overflow")).why_over_plan is OverPlan.NO_OVERFLOW


OVER = status("192.0.2.1", 900)
PAIR = {"192.0.2.1", "192.0.2.2"}


@pytest.mark.parametrize(
    ("of", "pool", "members", "cold", "why"),
    [
        (OVER, [], None, set(), None),
        (status("192.0.2.1", 190), [], None, {"192.0.2.1"}, None),
        (OVER, [], None, {"192.0.2.1"}, OverPlan.NO_OVERFLOW),
        (OVER, [status("192.0.2.2")], PAIR, set(), OverPlan.OTHERS_SILENT),
        (OVER, [status("192.0.2.2")], None, set(), None),
        (OVER, [status("192.0.2.2")], {*PAIR, "192.0.2.3"}, set(), None),
        (OVER, [status("192.0.2.2", 100)], PAIR, set(), None),
        (OVER, [status("192.0.2.2", unknown="nobody tells")], PAIR, set(), None),
        (OVER, [status("192.0.2.2", on=ON - timedelta(days=1))], PAIR, set(), None),
        (OVER, [], {"192.0.2.1"}, set(), None),
    ],
)
def test_only_what_is_known_explains_a_day_above_plan(of, pool, members, cold, why):
    assert why_over_plan(of, [of, *pool], members, cold) is why


def test_a_platform_that_does_not_warm_it_up_limits_nothing():
    off = status("192.0.2.1", 900, reading=Reading("sparkpost", "192.0.2.1", ON, AT, warming=False))
    assert why_over_plan(off, [off], None, {"192.0.2.1"}) is OverPlan.PLATFORM_OFF


def test_a_pool_is_cold_when_all_of_it_is_warmed_up_and_nothing_overflows():
    ips = (PlatformIp("192.0.2.1", "a", 3), PlatformIp("192.0.2.2", "a", 1), PlatformIp("192.0.2.3", "b", 3),
           PlatformIp("192.0.2.4", "b"), PlatformIp("192.0.2.5", "c", 3), PlatformIp("192.0.2.6", "d", 3))  # fmt: skip
    pools = (PlatformPool("a", "A"), PlatformPool("b", "B"), PlatformPool("c", "C", "a"), PlatformPool("d", "D"))
    snapshot = PlatformSnapshot("sparkpost", AT, ips, pools)
    assert cold_without_overflow(snapshot, {"a", "b", "c"}) == {"192.0.2.1", "192.0.2.2"}
