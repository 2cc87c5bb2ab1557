from datetime import date, timedelta

import pytest

from deliverwatch.core.warmup.day import DayInputs
from deliverwatch.core.warmup.forecast import demand_on, finish_on
from deliverwatch.core.warmup.plan import PlanBasis, Stage
from deliverwatch.core.warmup.run import RunEnd, RunState, WarmupRun
from warmups.runs import MONDAY, Mail, a_hold, a_run, day_of, judged

TEN = (100, 200, 300, 400, 500, 600, 700, 800, 900, 1000)
TWENTY = tuple(range(100, 2100, 100))
WEEK = [100, 200, 300, 400, 500, 0, 0]


def on(days: int) -> date:
    return MONDAY + timedelta(days=days)


def finish(run: WarmupRun, *days: Mail) -> date | None:
    found = judged(run, *days)
    return finish_on(run.plan, found[-1].after, [day.result for day in found], on(len(days)))


def demand(run: WarmupRun, *days: Mail) -> int | None:
    results = [day.result for day in judged(run, *days)]
    return demand_on(results, on(len(days)), run.plan.allowance(results[-1].after.stage))


def test_a_run_of_which_each_day_counts_takes_a_day_for_each_stage():
    assert finish(a_run(*TEN), 100, 200, 300) == on(9)


def test_the_last_stage_takes_a_day_itself():
    assert finish(a_run(100, 200), 100) == on(1)


def test_days_that_a_stage_takes_are_counted_and_those_that_it_had_are_not():
    assert finish(a_run(Stage(100, for_days=3), Stage(200, for_days=2)), 100) == on(4)


def test_half_of_the_days_count_and_it_takes_twice_as_long():
    assert finish(a_run(*TEN), 100, 100, 200, 150) == on(4 + 16 - 1)


def test_who_sends_on_working_days_finishes_on_one():
    run = a_run(*TWENTY)
    assert finish(run, *WEEK, *(600, 700, 800, 900, 1000, 0, 0)) == on(14 + 7 + 4)


def test_a_weekday_of_which_nothing_was_seen_yet_is_taken_for_one_with_mail():
    assert finish(a_run(*TEN), *WEEK[:4]) == on(9)


def test_a_weekday_that_had_mail_every_other_time_is_one_with_mail_and_its_idle_days_slow_the_pace():
    assert finish(a_run(*TEN), *(100, 200, 300, 0, 0, 0, 0), *(0, 400, 500, 0, 0, 0, 0)) == on(14 + 7 + 2)


def test_there_is_no_date_when_the_last_five_days_did_not_count():
    run = a_run(*TEN)
    assert finish(run, *TEN[:3], *[350] * 4) is not None
    assert finish(run, *TEN[:3], *[350] * 5) is None
    assert finish(run, *TEN[:6], *[0] * 7) is None


def test_there_is_no_date_when_the_last_day_is_not_known():
    assert finish(a_run(*TEN), *TEN[:3], None) is None


def test_a_plan_for_working_days_skips_the_others():
    run = a_run(*TEN, weekdays=frozenset(range(5)))
    assert finish(run, *WEEK[:4]) == on(11)


def test_a_calendar_takes_no_account_of_mail():
    assert finish(a_run(*TEN, basis=PlanBasis.CALENDAR_DAY), 100, 0, 0, 0) == on(9)


def test_a_calendar_that_stood_still_for_refusals_goes_slower():
    run = a_run(*TEN, basis=PlanBasis.CALENDAR_DAY)
    assert finish(run, 100, {"": (200, 120)}) == on(2 + 18 - 1)


def test_unknown_days_do_not_slow_the_pace():
    assert finish(a_run(*TEN), 100, 200, None, None, None, 300) == on(6 + 7 - 1)


def test_a_friday_without_mail_is_no_slower_pace_but_a_day_on_which_nothing_goes_out():
    assert finish(a_run(*TEN), 100, 200, None, None, 0, 300) == on(6 + 7 - 1 + 1)


def test_a_calendar_is_not_slowed_by_days_that_are_not_known():
    assert finish(a_run(*TEN, basis=PlanBasis.CALENDAR_DAY), 100, None, 200) == on(3 + 8 - 1)


def test_mail_on_days_that_are_not_in_the_plan_does_not_slow_it():
    assert finish(a_run(*TEN, weekdays=frozenset(range(5))), 100, 200, 300, 400, 500, 600, 600) == on(11)


def test_held_days_do_not_slow_the_pace_once_it_is_released():
    held = [DayInputs(on(number), providers=day_of(on(number), 300).providers, holds=(a_hold(),)) for number in (2, 3)]
    assert finish(a_run(*TEN), 100, 200, *held, 300) == on(5 + 7 - 1)


@pytest.mark.parametrize(
    "days",
    [
        (None, None),
        (0, 0, 0),
        (10, 10, 10),
        ({"": (100, 50)}, {"": (100, 50)}),
    ],
    ids=["nothing known", "no mail", "too little", "refused"],
)
def test_what_does_not_go_on_has_no_date(days):
    assert finish(a_run(*TEN), *days) is None


def test_a_run_that_is_held_has_no_date():
    assert finish(a_run(*TEN), 100, 200, DayInputs(on(2), holds=(a_hold(),))) is None


def test_a_run_that_is_over_has_no_date():
    run = a_run(*TEN)
    results = [day.result for day in judged(run, 100, 200)]
    assert finish_on(run.plan, RunState(3, ended=RunEnd.OFF), results, on(2)) is None


def test_who_stopped_sending_on_all_days_of_the_week_has_no_date():
    assert finish(a_run(*TEN), 100, *[0] * 20) is None


def test_nobody_is_told_of_a_day_in_years():
    run = a_run(*[Stage(100, for_days=100)] * 9)
    assert finish(run, 100) is None


def test_who_fills_the_allowance_fills_the_next():
    assert demand(a_run(*TEN), 100, 200, 300) == 400


def test_who_offers_more_than_the_allowance_goes_on_to():
    assert demand(a_run(100, 100, 100, 200), 150, 150, 150) == 300


def test_who_does_not_fill_it_is_told_by_the_same_day_of_the_week():
    days = [30, 10, 10, 10, 10, 10, 10, 50, 10, 10, 10, 10, 10, 10]
    assert demand(a_run(*TEN), *days) == 40


def test_nine_tenths_of_the_allowance_fill_it():
    assert demand(a_run(*TEN, basis=PlanBasis.SENDING_DAY), 90, 180, 270) == 360


def test_one_day_of_the_week_alone_tells_nothing_of_the_next():
    assert demand(a_run(*TEN), 30, 90, 10, 10, 10, 10, 10, 10) == 10
    assert demand(a_run(*TEN), 30, 0, 10, 10, 10, 10, 10, 10) == 10


def test_who_fell_short_on_one_of_the_last_days_does_not_fill_the_next():
    assert demand(a_run(*TEN, basis=PlanBasis.SENDING_DAY, enough_ratio=0.5), 100, 200, 240) == 200


def test_a_first_week_is_told_by_its_days_with_mail():
    assert demand(a_run(*TEN), 10, 0, 30, 20) == 20


def test_a_weekday_on_which_nothing_goes_out_has_no_demand():
    assert demand(a_run(*TWENTY), *WEEK, *(600, 700, 800, 900, 1000)) is not None
    assert demand(a_run(*TWENTY), *WEEK, *(600, 700, 800, 900, 1000, 0, 0), *(1100, 1200, 1300, 1400, 1500)) == 0


@pytest.mark.parametrize("days", [(None, None), (0, 0)], ids=["nothing known", "no mail"])
def test_of_no_mail_no_demand_is_known(days):
    assert demand(a_run(*TEN), *days) is None


def test_unknown_days_tell_no_demand():
    assert demand(a_run(*TEN), 100, None, 200, None, 300, None) == 400
