"""Which days, sums and facts of a warm-up are a customer's in their week."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from deliverwatch.core.warmup.day import DayState
from deliverwatch.core.warmup.run import HoldCause, RunEnd
from deliverwatch.core.warmup.status import HoldView
from deliverwatch.core.week_warmups import Complaints, ReportedDay, Sums, reported_warmups, sums_of
from render.week_runs import (
    BOUNCED,
    FIRST,
    GROWING,
    MADE_AT,
    NAMES,
    NEXT_ON,
    RUN,
    day,
    days,
    run_week,
    shared_week,
    told,
)

DAY = timedelta(days=1)
PERSON = HoldView(HoldCause.PERSON, "", MADE_AT, {"by": "Robin", "reason": "bravo complained"})


def one(week, now=MADE_AT):
    return reported_warmups([week], FIRST, now, NAMES)[0]


def dates(warmup):
    return [each.on.day for each in warmup.days]


def test_the_days_are_those_of_the_week_alone():
    before, after = day(FIRST - DAY, 500, 490), day(NEXT_ON, 60_000, 5)
    warmup = one(run_week(made=[before, *GROWING, after]))
    assert dates(warmup) == [16, 17, 18, 19, 20, 21, 22]
    assert warmup.days[0][:3] == (FIRST, 1000, 990)
    assert sums_of(warmup.days) == Sums(95_000, 92_765, 7, 0)


def test_a_day_that_is_not_known_has_no_number_and_counts_in_no_sum():
    made = days([(1000, 900), None, (2000, 1900), (4000, 0)])
    warmup = one(run_week(made=made))
    numbers = [each[1:3] for each in warmup.days]
    assert numbers == [(1000, 900), (None, None), (2000, 1900), (4000, 0), *[(None, None)] * 3]
    assert sums_of(warmup.days) == Sums(7000, 2800, 3, 4)


def test_a_day_of_which_only_the_result_cannot_be_told_keeps_its_numbers():
    warmup = one(run_week(made=days([(1000, 900)], state=DayState.UNKNOWN)))
    assert warmup.days[0][:3] == (FIRST, 1000, 900)


@pytest.mark.parametrize(
    ("run", "now", "expected"),
    [
        ({"started_on": date(2026, 11, 19)}, MADE_AT, [19, 20, 21, 22]),
        ({"ended": RunEnd.FINISHED, "ended_on": date(2026, 11, 18)}, MADE_AT, [16, 17, 18]),
        ({}, datetime(2026, 11, 19, 4, tzinfo=UTC), [16, 17]),
        ({"zone": "UTC"}, datetime(2026, 11, 19, 4, tzinfo=UTC), [16, 17, 18]),
    ],
    ids=["begun", "ended", "not over in the zone", "over in UTC"],
)
def test_days_go_from_the_begin_to_the_end_as_far_as_they_are_over(run, now, expected):
    assert dates(one(run_week(run=replace(RUN, **run)), now)) == expected


@pytest.mark.parametrize(
    "run",
    [{"started_on": NEXT_ON}, {"ended": RunEnd.DONE, "ended_on": FIRST - DAY}],
    ids=["begins later", "ended before"],
)
def test_a_run_of_another_week_is_not_told(run):
    assert told(run_week(run=replace(RUN, **run))) == ()


def test_the_last_three_days_may_grow():
    assert [each.settled for each in one(run_week()).days] == [True] * 4 + [False] * 3


def test_a_day_that_is_none_of_the_plans_allows_nothing():
    plan = replace(RUN.plan, weekdays=frozenset(range(5)))
    warmup = one(run_week(run=replace(RUN, plan=plan)))
    assert [each.allowed for each in warmup.days[3:]] == [8000, 15_000, 0, 0]


def test_complaints_are_told_where_they_are_measured():
    made = [day(FIRST, 300, 300, complaints=2), day(FIRST + DAY, 300, 300, complaints=1)]
    assert one(run_week(made=made)).complaints == Complaints(3, ("google",))
    unmeasured = [day(FIRST, 300, 300, complaints=None)]
    assert one(run_week(made=unmeasured)).complaints == Complaints(None, ("google", "microsoft_consumer"))
    late = [day(FIRST, 300, 0, complaints=1), day(FIRST + DAY, 300, 300, "silent", complaints=5)]
    assert one(run_week(made=late)).complaints == Complaints(1, ())
    before = [day(FIRST - DAY, 300, 300, complaints=9), day(FIRST, 300, 300, complaints=2)]
    assert one(run_week(made=before)).complaints == Complaints(2, ("google",))


def test_a_shared_one_has_no_figures():
    warmup = one(shared_week())
    assert (warmup.days, warmup.complaints) == ((), Complaints(None, ()))
    assert (warmup.shared, warmup.status.state) == (True, DayState.HELD)
    assert warmup.holds == (replace(BOUNCED, facts={}),)


def test_each_status_is_the_customers_copy():
    assert one(run_week(state=DayState.HELD, holds=(PERSON,))).holds == (replace(PERSON, facts={}),)


def test_who_needs_the_reader():
    over = replace(BOUNCED, over=True)
    assert one(run_week(holds=(BOUNCED,))).needs_the_reader
    assert one(run_week(state=DayState.OFF)).needs_the_reader
    assert not one(run_week(state=DayState.READY_TO_RELEASE, holds=(over,))).needs_the_reader
    ended = replace(RUN, ended=RunEnd.FINISHED, ended_on=FIRST)
    assert not one(run_week(state=DayState.DONE, run=ended, holds=(BOUNCED,))).needs_the_reader


def test_the_worst_come_first_then_by_pool_and_number():
    weeks = [
        run_week(ip="192.0.2.10"),
        run_week(ip="192.0.2.9"),
        run_week(ip="192.0.2.200", state=DayState.UNKNOWN),
        run_week(ip="192.0.2.201", state=DayState.BEHIND_REFUSED),
        run_week(ip="192.0.2.202", state=DayState.HELD, holds=(BOUNCED,)),
        run_week(ip="192.0.2.203", holds=(BOUNCED,)),
    ]
    assert [each.ip.rpartition(".")[2] for each in told(*weeks)] == ["202", "201", "203", "200", "9", "10"]


def test_no_day_is_no_sum():
    assert sums_of([]) == Sums(0, 0, 0, 0)
    assert sums_of([ReportedDay(FIRST, None, None, True)]) == Sums(0, 0, 0, 1)
