"""How many IPs a volume takes, by which plan, and what the weeks look like."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.catalogue.warmup_plans import load_warmup_plans
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.warmup.plan import Growth, PlanBasis, Stage, WarmupPlan
from deliverwatch.core.warmup.sizing import size

SHIPPED = load_warmup_plans()
MONDAY = date(2026, 11, 30)
WORKDAYS = frozenset(range(5))


def plan(name, volumes, basis=PlanBasis.RESULT, **more):
    stages = tuple(each if isinstance(each, Stage) else Stage(each) for each in volumes)
    return WarmupPlan(name, name, "Example", basis, stages, "us", MONDAY, **more)


def lasting(name, days, basis=PlanBasis.RESULT):
    """Reaches one million a day on its last day."""
    return plan(name, [*range(1, days), 1_000_000], basis)


@pytest.mark.parametrize(
    ("volume", "ips", "per_ip"),
    [
        (1, 1, 1),
        (2_000_000, 1, 2_000_000),
        (2_000_001, 2, 1_000_001),
        (5_000_000, 3, 1_666_667),
        (10_000_000, 5, 2_000_000),
    ],
)
def test_a_warm_ip_carries_two_million_a_day(volume, ips, per_ip):
    sizing = size(SHIPPED, volume, MONDAY)
    assert (sizing.ips, sizing.ips_by_volume, sizing.volume_per_ip) == (ips, ips, per_ip)
    assert sizing.weeks[-1].all_ips == volume


@pytest.mark.parametrize(("volume", "dedicated"), [(16_666, False), (16_667, True)])
def test_below_half_a_million_a_month_a_shared_pool_serves_better(volume, dedicated):
    sizing = size(SHIPPED, volume, MONDAY)
    assert sizing.dedicated is dedicated
    assert sizing.weeks  # it is shown all the same


@pytest.mark.parametrize(
    ("plans", "taken"),
    [
        ([("calendar_day", 20), ("sending_day", 20), ("result", 20)], "result-20"),
        ([("calendar_day", 20), ("sending_day", 20)], "sending_day-20"),
        ([("calendar_day", 20)], "calendar_day-20"),
        ([("result", 20), ("result", 56), ("result", 57)], "result-56"),
        ([("result", 57), ("result", 70), ("sending_day", 20)], "result-57"),
    ],
)
def test_results_before_mail_before_the_calendar_and_then_the_gentlest_within_eight_weeks(plans, taken):
    choice = [lasting(f"{basis}-{days}", days, PlanBasis(basis)) for basis, days in plans]
    sizing = size(choice, 1_000_000, MONDAY)
    assert sizing.plan.id == taken


def test_eight_weeks_are_counted_by_the_calendar_and_not_by_days_that_count():
    slow = replace(lasting("slow", 50), weekdays=WORKDAYS)  # 50 workdays are ten weeks
    assert size([slow, lasting("quick", 20)], 1_000_000, MONDAY).plan.id == "quick"


def test_a_plan_that_does_not_reach_the_volume_of_an_ip_is_not_taken():
    low, high = plan("low", [100, 200]), plan("high", [100, 200, 400], PlanBasis.CALENDAR_DAY)
    assert size([low, high], 400, MONDAY).plan.id == "high"
    assert size([low, high], 200, MONDAY).plan.id == "low"


def test_a_plan_that_goes_on_reaches_any_volume():
    grows = plan("grows", [100, 200], beyond=Growth(2.0, 3))
    sizing = size([grows], 1000, MONDAY)
    assert (sizing.ips, sizing.volume_per_ip) == (1, 1000)
    assert sizing.days == 1 + 1 + 3 + 3 + 1  # 100, 200, three of 400, three of 800, 1,000


def test_more_ips_are_taken_when_no_plan_reaches_the_volume():
    sizing = size([plan("low", [100, 200]), plan("high", [100, 400])], 1000, MONDAY)
    assert (sizing.plan.id, sizing.ips, sizing.ips_by_volume, sizing.volume_per_ip) == ("high", 3, 1, 334)


def test_the_plan_that_was_named_is_taken_with_as_many_ips_as_it_needs():
    sizing = size(SHIPPED, 100_000, MONDAY, "mailtrap-auto")
    assert (sizing.plan.id, sizing.ips, sizing.ips_by_volume, sizing.volume_per_ip) == ("mailtrap-auto", 2, 1, 50_000)


def test_the_weeks_of_a_plan():
    sizing = size(SHIPPED, 600_000, MONDAY, "sparkpost-stages")
    assert (sizing.days, sizing.begins_on, sizing.done_on) == (18, MONDAY, date(2026, 12, 17))
    assert [
        (week.number, week.begins_on.isoformat(), week.per_ip, week.messages, round(week.share, 3), week.audience_days)
        for week in sizing.weeks
    ] == [
        (1, "2026-11-30", 20_000, 38_700, 0.033, 30),
        (2, "2026-12-07", 250_000, 865_000, 0.417, 30),
        (3, "2026-12-14", 600_000, 1_825_000, 1.0, 60),
    ]


def test_a_week_has_the_sum_of_all_ips_and_never_more_than_the_volume():
    week = size([plan("low", [100, 200])], 399, MONDAY).weeks[0]
    assert (week.per_ip, week.all_ips, week.messages, week.share) == (200, 399, 200 + 399, 1.0)


def test_a_week_with_two_advices_has_the_narrower_one():
    stages = [Stage(100, audience_days=30), Stage(200, audience_days=60), Stage(300)]
    assert size([plan("ours", stages)], 300, MONDAY).weeks[0].audience_days == 30


def test_only_weekdays_of_the_plan_count():
    saturday = date(2026, 11, 28)
    sizing = size([plan("ours", [100, 200, 300, 400, 500, 600, 700], weekdays=WORKDAYS)], 700, saturday)
    assert (sizing.begins_on, sizing.done_on, sizing.days) == (MONDAY, date(2026, 12, 8), 9)
    assert [(week.begins_on, week.per_ip) for week in sizing.weeks] == [(MONDAY, 500), (date(2026, 12, 7), 700)]


def test_the_other_plans_are_told_with_what_they_take():
    others = {each.plan_id: (each.ips, each.days, each.done_on) for each in size(SHIPPED, 100_000, MONDAY).alternatives}
    assert others["sparkpost-stages"] == (1, 11, date(2026, 12, 10))
    assert others["mailtrap-auto"] == (2, 21, date(2026, 12, 20))
    assert others["braze-conservative"] == (1, 31, date(2026, 12, 30))
    assert len(others) == len(SHIPPED) - 1
    assert "acellemail" not in others  # it was taken


@pytest.mark.parametrize(
    ("plans", "volume", "begins_on", "plan_id", "sentence"),
    [
        (SHIPPED, 0, MONDAY, None, "0 is not a volume"),
        (SHIPPED, -5, MONDAY, None, "-5 is not a volume"),
        ((), 100, MONDAY, None, "no plan"),
        (SHIPPED, 100, MONDAY, "sparkpost", "did you mean 'sparkpost-stages'"),
        (SHIPPED, 1_000_000, date.max, None, "does not end before the calendar does"),
    ],
)
def test_what_is_not_possible_is_a_sentence(plans, volume, begins_on, plan_id, sentence):
    with pytest.raises(NotPossible, match=sentence):
        size(plans, volume, begins_on, plan_id)


def test_the_last_day_of_the_calendar_is_one():
    assert size([plan("ours", [100])], 100, date.max).done_on == date.max


@given(
    st.integers(1, 10**12),
    st.dates(date(2020, 1, 1), date(2100, 1, 1)),
    st.sampled_from([None, *(each.id for each in SHIPPED)]),
)
@settings(max_examples=60)
def test_every_volume_is_reached_step_by_step(volume, begins_on, plan_id):
    sizing = size(SHIPPED, volume, begins_on, plan_id)
    assert sizing.ips >= sizing.ips_by_volume
    assert (sizing.weeks[-1].all_ips, sizing.weeks[-1].share) == (volume, 1.0)
    assert [week.share for week in sizing.weeks] == sorted(week.share for week in sizing.weeks)
    assert sizing.done_on == begins_on + timedelta(days=sizing.days - 1)
    assert sizing.weeks[-1].begins_on <= sizing.done_on < sizing.weeks[-1].begins_on + timedelta(days=7)
