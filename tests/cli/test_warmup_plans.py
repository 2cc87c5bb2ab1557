"""`warmup plans`, `plan` and `plan-for`, with nothing prepared; and what the documents say of plans and gates."""

import re
from pathlib import Path

import pytest

from deliverwatch.catalogue.warmup_plans import load_warmup_plans
from deliverwatch.core.warmup.day import DayState
from deliverwatch.core.warmup.plan import Idle
from deliverwatch.core.warmup.policy import DEFAULT_GATES, WarmupPolicy
from deliverwatch.core.warmup.run import GATE_CAUSES, HoldCause
from deliverwatch.render.warmup_words import limit

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/warmup.md").read_text()
OWN = """\
id: ours
name: Our plan
owner: Example ESP
basis: result
stages:
  - {per_day: 500, providers: {apple: 25}}
  - {per_day: 1000, providers: {apple: 50}}
  - {per_day: 5000, per_hour: 500, for_days: 2, providers: {apple: 250, google: 0.255}}
audience: [{stages: 1-2, days: 30}]
source: our own
checked_on: 2026-11-22
"""


async def test_the_plans_need_nothing_prepared(deliverwatch, tmp_path):
    ran = await deliverwatch("warmup", "plans", "--json")
    assert ran.code == 0
    found = {each["id"]: each for each in ran.document}
    assert set(found) == {plan.id for plan in load_warmup_plans()}
    spark = found["sparkpost-stages"]
    assert (len(spark["stages"]), spark["basis"], spark["days"], spark["full_volume"]) == (29, "result", "utc", 10**7)
    assert (spark["stages"][27]["per_day"], spark["stages"][0]["audience_days"]) == (7_500_000, 30)
    assert "sparkpost-stages" in (await deliverwatch("warmup", "plans")).out
    assert list(tmp_path.iterdir()) == []


async def test_a_plan_is_shown_stage_by_stage_with_its_gates_and_source(deliverwatch, tmp_path):
    (tmp_path / "ours.yaml").write_text(OWN)
    ran = await deliverwatch("warmup", "plan", "ours.yaml")
    assert ran.code == 0
    assert re.search(r"^3 +5,000 +500 +2 +apple 250, google 25\.5% +-", ran.out, re.MULTILINE)
    assert re.search(r"^1 +500 +- +1 +apple 25 +30 days", ran.out, re.MULTILINE)
    assert "more than 90% of its allowance was delivered" in ran.out
    assert "Gate complaint: holds above 0.3% of delivered, from 500 messages on, steps back above 0.5%." in ran.out
    assert "Source: our own, checked on 2026-11-22." in ran.out
    shares = (await deliverwatch("warmup", "plan", "ours.yaml", "--json")).document["stages"][2]["providers"]
    assert shares == {"apple": 250, "google": {"share": 0.255}}


async def test_every_fault_of_a_plan_file_is_named(deliverwatch, tmp_path):
    (tmp_path / "ours.yaml").write_text(OWN.replace("1000,", "100,").replace("apple: 250", "appel: 250"))
    ran = await deliverwatch("warmup", "plan", "ours.yaml")
    assert (ran.code, ran.out) == (2, "")
    assert "ours.yaml" in ran.err
    assert "expected no fewer" in ran.err
    assert "did you mean 'apple'" in ran.err
    wrong = await deliverwatch("warmup", "plan", "sparkpost-stage")
    assert (wrong.code, "did you mean 'sparkpost-stages'" in wrong.err) == (2, True)
    assert (await deliverwatch("warmup", "plan", "nowhere.yaml")).code == 2


async def test_a_volume_is_sized_in_ips_and_weeks(deliverwatch, tmp_path):
    (tmp_path / "ours.yaml").write_text(OWN)
    ran = await deliverwatch("warmup", "plan-for", "--volume", 3_000_000, "--on", "2026-12-01", "--json")
    assert ran.code == 0
    sizing = ran.document
    assert (sizing["ips"], sizing["plan"], sizing["begins_on"], sizing["dedicated"]) == (
        2,
        "sparkpost-stages",
        "2026-12-01",
        True,
    )
    assert sizing["weeks"][-1]["all_ips"] == 3_000_000
    assert sizing["weeks"][-1]["begins_on"] <= sizing["done_on"]
    own = await deliverwatch("warmup", "plan-for", "--volume", 9000, "--on", "2026-12-01", "--plan", "ours.yaml")
    assert own.code == 0
    assert "2 IPs, each up to 4,500 a day, by Our plan (ours)." in own.out
    assert "SparkPost advises a shared pool below 500,000 a month." in own.out
    assert "Why this plan" not in own.out
    assert "sparkpost-stages" in own.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plan-for", "--volume", "0", "--on", "2026-12-01"), "--volume"),
        (("plan-for", "--volume", "9", "--on", "tomorrow"), "expected one such as 2026-12-01"),
        (("hold", "--ip", "news.acme.example", "--reason", "x"), "is not an IP address"),
    ],
)
async def test_wrong_usage_is_named(deliverwatch, arguments, said):
    ran = await deliverwatch("warmup", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def rows(title):
    """Of the table below a heading: what stands between the first backticks, and the whole row."""
    (section,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    return {name: row for row in re.findall(r"^\| `.*$", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}


def test_the_numbers_of_the_guide_are_those_of_the_code():
    table, policy = rows("Hold, repeat, step back: in numbers"), WarmupPolicy()
    assert set(table) == set(HoldCause)
    for gate in DEFAULT_GATES:
        row = table[GATE_CAUSES[gate.measure]]
        assert f"above {limit(gate.hold_above_ratio)} of {gate.of}, from {gate.at_least} on |" in row
        back = f"above {limit(gate.step_back_above_ratio)}" if gate.step_back_above_ratio is not None else "no"
        assert row.endswith(f"| {policy.clear_days} days in a row not above | {back} |")
    assert f"more than {limit(policy.whole_ratio)} of the last day's mail" in " ".join(GUIDE.split())
    assert f"after {Idle().restart_after_days} days without mail" in GUIDE


def test_the_guide_explains_every_state():
    assert set(rows("Read the line")) == set(DayState)


def test_the_readme_counts_the_plans():
    words = {7: "seven", 8: "eight", 9: "nine"}
    assert f"{words[len(load_warmup_plans())]} published ones, and yours" in (ROOT / "README.md").read_text()
