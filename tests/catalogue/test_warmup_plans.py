"""The shipped plan has the published numbers."""

from deliverwatch.catalogue.warmup_plans import load_warmup_plans
from deliverwatch.core.warmup import PlanBasis


def test_the_sparkpost_plan_has_its_29_stages():
    plan = {plan.id: plan for plan in load_warmup_plans()}["sparkpost-stages"]
    assert len(plan.stages) == 29
    assert (plan.stages[0], plan.stages[9], plan.stages[27], plan.stages[28]) == (200, 75_000, 7_500_000, 10_000_000)
    assert (plan.basis, plan.advance_above_ratio, plan.platform_stops_after_days) == (PlanBasis.GATED, 0.9, 10)


def test_an_overlay_replaces_a_plan_and_adds_one(tmp_path):
    folder = tmp_path / "warmup_plans"
    folder.mkdir()
    plan = "name: Ours\nowner: Us\nbasis: calendar_day\nstages: [50, 50, 100]\nsource: us\nchecked_on: 2026-11-22\n"
    for name in ("ours", "sparkpost-stages"):
        (folder / f"{name}.yaml").write_text(f"id: {name}\n{plan}")
    plans = {plan.id: plan.stages for plan in load_warmup_plans(overlay=tmp_path)}
    assert plans == {"sparkpost-stages": (50, 50, 100), "ours": (50, 50, 100)}
