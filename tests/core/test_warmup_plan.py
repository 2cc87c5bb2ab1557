"""What a plan allows on a day, how it is cut to a volume, and that it is kept exactly."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.core.warmup.plan import (
    Denominator,
    Gate,
    GateMeasure,
    Growth,
    Idle,
    PlanBasis,
    PlanDays,
    Stage,
    WarmupPlan,
    for_volume,
)
from deliverwatch.core.warmup.plan_facts import plan_from_facts, plan_hash, plan_to_facts

PLAN = WarmupPlan(
    id="ours",
    name="Ours",
    owner="Example ESP",
    basis=PlanBasis.RESULT,
    stages=(
        Stage(100, 10, audience_days=30),
        Stage(400, None, 3, {"google": 0.5, "apple": 20}, 60),
        Stage(1000, None, 1, {"google": 1.0, "apple": 2000}),
    ),
    source="us",
    checked_on=date(2026, 11, 22),
    days=PlanDays.UTC,
    enough_ratio=0.95,
    gates=(Gate(GateMeasure.COMPLAINT, Denominator.DELIVERED, 0.001, 1000, 0.003),),
    idle=Idle(10, 14),
    weekdays=frozenset(range(5)),
    beyond=Growth(2.0, 3),
    platform="sparkpost",
    platform_stops_after_days=10,
    notes=("a note",),
)


@pytest.mark.parametrize(("hours", "allowed"), [(5, 50), (9, 90), (23, 100), (25, 100)])
def test_a_stage_allows_the_smaller_of_its_day_and_its_hours(hours, allowed):
    assert PLAN.allowance(1, hours) == allowed


@pytest.mark.parametrize(("hours", "allowed"), [(23, 460), (24, 480), (25, 500)])
def test_an_hourly_number_is_worth_the_hours_of_its_day(hours, allowed):
    assert Stage(None, 20).allowance(hours) == allowed


@pytest.mark.parametrize(
    ("stage", "provider", "allowed"),
    [
        (1, "google", None),
        (2, "google", 400),  # half of the full volume is more than the stage allows at all
        (2, "apple", 20),
        (3, "google", 1000),
        (3, "apple", 1000),
        (3, "yahoo", None),
    ],
)
def test_a_cap_is_messages_or_a_share_of_the_full_volume_and_never_above_the_stage(stage, provider, allowed):
    assert PLAN.provider_allowance(stage, provider) == allowed


def test_a_share_is_of_the_full_volume_and_not_of_the_stage():
    plan = replace(PLAN, stages=(Stage(400, providers={"google": 0.25}), Stage(1000)))
    assert plan.provider_allowance(1, "google") == 250


def test_a_plan_is_cut_at_the_first_stage_that_reaches_the_volume():
    plan = for_volume(replace(PLAN, stages=(Stage(100), Stage(400, None, 3), Stage(1000))), 300)
    assert [(stage.per_day, stage.for_days) for stage in plan.stages] == [(100, 1), (300, 1)]
    assert (plan.full_volume, plan.days_at_least, plan.beyond) == (300, 2, None)


def test_a_plan_goes_on_at_its_volume_while_caps_of_providers_grow():
    plan = for_volume(PLAN, 300)
    assert [(stage.per_day, stage.for_days) for stage in plan.stages] == [(100, 1), (300, 3), (300, 1)]
    assert [plan.provider_allowance(stage, "google") for stage in (2, 3)] == [150, 300]


def test_a_plan_goes_on_beyond_its_last_stage_when_it_says_how():
    plan = for_volume(PLAN, 5000)
    assert [(stage.per_day, stage.for_days) for stage in plan.stages[3:]] == [(2000, 3), (4000, 3), (5000, 1)]
    assert for_volume(replace(PLAN, beyond=None), 5000).full_volume == 1000


def kept(plan):
    """Through JSON text, as a database keeps it."""
    return plan_from_facts(json.loads(json.dumps(plan_to_facts(plan))))


def test_a_plan_comes_back_as_it_was():
    assert kept(PLAN) == PLAN
    assert kept(PLAN).stages[2].providers == {"google": 1.0, "apple": 2000}
    assert isinstance(kept(PLAN).stages[2].providers["google"], float)


CAPS = st.dictionaries(st.sampled_from(["google", "yahoo", "apple"]), st.integers(2, 9999) | st.floats(0.001, 1))
SOME = st.none() | st.integers(1, 10**9)
STAGES = st.builds(Stage, st.integers(1, 10**9), SOME, st.integers(1, 90), CAPS, st.none() | st.sampled_from([30, 60]))
GATES = st.builds(
    Gate,
    st.sampled_from(GateMeasure),
    st.sampled_from(Denominator),
    st.floats(0, 1),
    st.integers(1, 9),
    st.none() | st.floats(0, 1),
)
PLANS = st.builds(
    lambda **drawn: replace(PLAN, **drawn),
    basis=st.sampled_from(PlanBasis),
    stages=st.lists(STAGES, min_size=1, max_size=4).map(tuple),
    gates=st.lists(GATES, max_size=2).map(tuple),
    beyond=st.none() | st.builds(Growth, st.floats(1.01, 9), st.integers(1, 9)),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    platform_stops_after_days=SOME,
)


@given(PLANS)
@settings(max_examples=50)
def test_every_plan_comes_back_with_its_hash(plan):
    assert kept(plan) == plan
    assert plan_hash(kept(plan)) == plan_hash(plan)


@given(PLANS, st.integers(1, 10**7))
@settings(max_examples=50)
def test_a_cut_plan_never_allows_more_than_the_volume(plan, per_day):
    cut = for_volume(plan, per_day)
    assert cut.full_volume <= per_day


@pytest.mark.parametrize(
    "change",
    [
        {"basis": PlanBasis.SENDING_DAY},
        {"stages": PLAN.stages[:2]},
        {"stages": (*PLAN.stages[:2], Stage(1000, None, 1, {"google": 1.0, "apple": 2001}))},
        {"days": PlanDays.SERVICE},
        {"enough_ratio": 0.9},
        {"gates": ()},
        {"idle": Idle()},
        {"weekdays": frozenset(range(7))},
        {"beyond": None},
        {"platform": None},
        {"platform_stops_after_days": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_hash_changes_with_what_decides(change):
    assert plan_hash(replace(PLAN, **change)) != plan_hash(PLAN)


def test_the_hash_stays_when_only_words_change():
    words = {"id": "theirs", "name": "Theirs", "owner": "x", "source": "y", "checked_on": date(2027, 1, 1), "notes": ()}
    assert plan_hash(replace(PLAN, **words)) == plan_hash(PLAN)


def test_the_hash_does_not_hang_on_the_order_of_providers():
    turned = replace(PLAN.stages[1], providers={"apple": 20, "google": 0.5})
    assert plan_hash(replace(PLAN, stages=(PLAN.stages[0], turned, PLAN.stages[2]))) == plan_hash(PLAN)
