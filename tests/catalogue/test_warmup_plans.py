"""The shipped plans have the published numbers, and a file of one's own says what its README says."""

import re
from datetime import date
from itertools import chain, repeat

import pytest

from deliverwatch.catalogue.shipped import shipped
from deliverwatch.catalogue.warmup_plan_schema import AudienceEntry, GateEntry, IdleEntry, PlanEntry, StageEntry
from deliverwatch.catalogue.warmup_plans import load_warmup_plan, load_warmup_plans
from deliverwatch.core.errors import CatalogueError
from deliverwatch.core.warmup.plan import (
    Denominator,
    Gate,
    GateMeasure,
    Growth,
    Idle,
    PlanBasis,
    PlanDays,
    Stage,
    for_volume,
)
from deliverwatch.core.warmup.policy import DEFAULT_GATES

SHORT = "name: Ours\nowner: Us\nbasis: calendar_day\nstages: [50, 50, 100]\nsource: us\nchecked_on: 2026-11-22\n"


@pytest.fixture(scope="module")
def plans():
    return {plan.id: plan for plan in load_warmup_plans()}


def by_day(plan):
    """What each day of the plan allows, counted from 1."""
    return [None, *chain.from_iterable(repeat(stage.allowance(24), stage.for_days) for stage in plan.stages)]


def test_these_plans_are_shipped(plans):
    assert {(plan.id, plan.basis.value, plan.days_at_least) for plan in plans.values()} == {
        ("sparkpost-stages", "result", 29),
        ("acellemail", "result", 45),
        ("braze-conservative", "sending_day", 21),
        ("braze-moderate", "sending_day", 21),
        ("braze-aggressive", "sending_day", 17),
        ("sendgrid-auto-hourly", "calendar_day", 42),
        ("mailtrap-auto", "calendar_day", 21),
    }
    assert {plan.checked_on for plan in plans.values()} == {date(2026, 11, 22)}
    assert all(plan.notes for plan in plans.values())


@pytest.mark.parametrize(
    ("plan", "numbers"),  # messages of a day, by day: the table of the research, and the ends of each plan
    [
        ("sparkpost-stages", {1: 200, 7: 20_000, 14: 250_000, 21: 1_250_000, 28: 7_500_000, 29: 10_000_000}),
        ("mailtrap-auto", {1: 300, 7: 1_400, 14: 9_100, 21: 57_000}),
        ("braze-moderate", {1: 50, 7: 8_000, 14: 150_000, 21: 1_000_000}),
        ("braze-conservative", {1: 50, 3: 50, 4: 100, 7: 500, 14: 2_000, 21: 8_000}),
        ("braze-aggressive", {1: 50, 5: 5_000, 17: 4_000_000}),
        ("acellemail", {1: 1_000, 3: 4_000, 4: 8_000, 6: 8_000, 7: 15_000, 14: 50_000, 21: 100_000, 30: 250_000}),
        ("sendgrid-auto-hourly", {1: 24 * 20, 7: 24 * 151, 13: 24 * 1_000, 29: 24 * 246_953, 42: 24 * 19_601_056}),
    ],
)
def test_a_shipped_plan_has_its_published_numbers(plans, plan, numbers):
    days = by_day(plans[plan])
    assert {day: days[day] for day in numbers} == numbers


def test_the_sparkpost_plan_is_counted_as_the_platform_counts(plans):
    plan = plans["sparkpost-stages"]
    assert (plan.days, plan.enough_ratio, plan.platform_stops_after_days) == (PlanDays.UTC, 0.9, 10)
    assert [stage.audience_days for stage in plan.stages] == [30] * 14 + [60] * 14 + [None]


def test_hourly_caps_stand_beside_those_of_a_day(plans):
    assert plans["mailtrap-auto"].stages[0] == Stage(300, 60)
    assert plans["mailtrap-auto"].stages[20] == Stage(57_000, 11_400)
    assert plans["sendgrid-auto-hourly"].stages[12] == Stage(None, 1_000)


def test_the_braze_plans_go_on_as_they_say(plans):
    growth = {name: plans[f"braze-{name}"].beyond for name in ("conservative", "moderate", "aggressive")}
    assert growth == {"conservative": Growth(2.0, 3), "moderate": None, "aggressive": Growth(2.0, 1)}
    assert [each.per_day for each in for_volume(plans["braze-conservative"], 30_000).stages][-2:] == [16_000, 30_000]


@pytest.mark.parametrize(
    ("stage", "shares"),
    [
        (1, (0.05, 0.01, 0.01, 0.005)),
        (5, (0.40, 0.10, 0.05, 0.03)),
        (9, (1.0, 0.90, 0.70, 0.50)),
        (10, (1.0, 1.0, 1.0, 1.0)),
    ],
)
def test_acellemail_caps_single_providers_by_shares(plans, stage, shares):
    caps = plans["acellemail"].stages[stage - 1].providers
    assert caps == dict(zip(("google", "microsoft_consumer", "yahoo", "apple"), shares, strict=True))
    assert all(isinstance(cap, float) for cap in caps.values())


def test_acellemail_has_its_own_gates_and_the_usual_ones_where_it_has_none(plans):
    gates = {gate.measure: gate for gate in plans["acellemail"].gates}
    assert gates[GateMeasure.BOUNCE].hold_above_ratio == 0.02
    assert gates[GateMeasure.COMPLAINT].hold_above_ratio == 0.0015
    own = (GateMeasure.BOUNCE, GateMeasure.COMPLAINT)
    assert [gate for gate in gates.values() if gate.measure not in own] == [
        gate for gate in DEFAULT_GATES if gate.measure not in own
    ]
    assert all(plan.gates == DEFAULT_GATES for plan in plans.values() if plan.id != "acellemail")


def test_an_overlay_replaces_a_plan_and_adds_one(tmp_path):
    folder = tmp_path / "warmup_plans"
    folder.mkdir()
    for name in ("ours", "sparkpost-stages"):
        (folder / f"{name}.yaml").write_text(f"id: {name}\n{SHORT}")
    plans = {plan.id: [stage.per_day for stage in plan.stages] for plan in load_warmup_plans(overlay=tmp_path)}
    assert plans["sparkpost-stages"] == plans["ours"] == [50, 50, 100]
    assert len(plans) == 8


def one(folder, text, overlay=None):
    path = folder / "ours.yaml"
    path.write_text(text)
    return load_warmup_plan(path, overlay)


def test_a_plan_with_no_more_than_it_must_say(tmp_path):
    plan = one(tmp_path, f"id: ours\n{SHORT}")
    assert (plan.days, plan.idle, plan.weekdays) == (PlanDays.SERVICE, Idle(20, 30), frozenset(range(7)))
    assert (plan.gates, plan.beyond, plan.enough_ratio) == (DEFAULT_GATES, None, 0.9)


def test_the_plan_in_the_readme_is_read_as_it_is_explained(tmp_path):
    (example,) = re.findall(r"```yaml\n(.*?)```", (shipped("warmup_plans") / "README.md").read_text(), re.DOTALL)
    plan = one(tmp_path, example)
    assert plan.stages == (
        Stage(500, audience_days=30),
        Stage(1000, audience_days=30),
        Stage(5000, 500, 2, {"apple": 1000, "google": 0.05}, 60),
        Stage(50000, None, 3, {"apple": 2500, "google": 0.5}, 60),
    )
    assert plan.gates == (
        Gate(GateMeasure.BOUNCE, Denominator.OFFERED, 0.03, 200, 0.08),
        Gate(GateMeasure.COMPLAINT, Denominator.DELIVERED, 0.002, 1000),
    )
    assert (plan.basis, plan.weekdays, plan.beyond) == (PlanBasis.RESULT, frozenset(range(5)), Growth(1.5, 2))


def test_the_readme_explains_every_key():
    text = (shipped("warmup_plans") / "README.md").read_text()
    for model in (PlanEntry, StageEntry, AudienceEntry, GateEntry, IdleEntry):
        assert [key for key in model.model_fields if f"`{key}`" not in text and f"{key}:" not in text] == []


def test_an_empty_list_of_gates_is_none(tmp_path):
    assert one(tmp_path, f"id: ours\ngates: []\n{SHORT}").gates == ()


def test_a_plan_that_says_so_may_shrink(tmp_path):
    plan = one(tmp_path, f"id: ours\nshrinks: true\n{SHORT.replace('100', '40')}")
    assert [stage.per_day for stage in plan.stages] == [50, 50, 40]


def test_a_plan_may_cap_a_provider_that_only_the_overlay_knows(tmp_path):
    text = f"id: ours\n{SHORT.replace('50, 50', '{per_day: 50, providers: {corner_isp: 10}}')}"
    provider = "{id: corner_isp, name: Corner ISP, kind: mailbox_provider, source: us, checked_on: 2026-11-22}"
    (tmp_path / "mailbox_providers.yaml").write_text(f"providers:\n  - {provider}\n")
    assert one(tmp_path, text, tmp_path).capped_providers == {"corner_isp"}
    with pytest.raises(CatalogueError, match="unknown mailbox provider 'corner_isp'"):
        one(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CatalogueError, match=r"ours\.yaml: cannot be read"):
        load_warmup_plan(tmp_path / "ours.yaml")
