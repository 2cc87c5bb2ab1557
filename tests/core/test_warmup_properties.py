"""What holds of every warm-up, on 200 random ones: plans, traffic, holds, people and platforms by a seeded die.

Late data are played as the flow takes them: what was told of the last three days may change, in any order, and the days
are folded again from the first that did.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import pytest

from deliverwatch.core.warmup.day import DayCounts, DayInputs, DayResult, DayState, Decision, RunNews
from deliverwatch.core.warmup.fold import fold
from deliverwatch.core.warmup.holding import provider_allowance
from deliverwatch.core.warmup.plan import PlanBasis, Stage, WarmupPlan
from deliverwatch.core.warmup.policy import DEFAULT_GATES, WarmupPolicy
from deliverwatch.core.warmup.run import (
    ALL_PROVIDERS,
    SETTLED_AFTER,
    Hold,
    HoldCause,
    Reading,
    RunState,
    StepKind,
    WarmupRun,
    WarmupStep,
)

BEGINS = date(2026, 2, 20)
AT = datetime.combine(BEGINS, time(10), UTC)
DAY = timedelta(days=1)
PROVIDERS = ("google", "yahoo", "apple", "")
STEPS = (StepKind.RELEASED, StepKind.RELEASED, StepKind.STEPPED_BACK, StepKind.AMENDED, StepKind.FINISHED)
BEHIND = (DayState.BEHIND_NO_TRAFFIC, DayState.BEHIND_REFUSED)
SETTLED = SETTLED_AFTER.days
POLICY = WarmupPolicy()
SEEDS = range(200)


class Judged(NamedTuple):
    before: RunState
    day: DayInputs
    result: DayResult

    @property
    def released(self) -> bool:
        return any(step.kind is StepKind.RELEASED for step in self.day.steps)


def a_run(chance: random.Random) -> WarmupRun:
    volume, stages = chance.choice((50, 500, 5000)), []
    shares = {name: chance.choice((0.1, 0.3)) for name in PROVIDERS[:2] if chance.random() < 0.4}
    of_full = chance.random() < 0.5
    for _ in range(chance.randint(1, 9)):
        caps = {name: share if of_full else int(share * volume) for name, share in shares.items()}
        stages.append(Stage(volume, chance.choice((None, None, volume // 10)), chance.choice((1, 1, 1, 2)), caps))
        volume = volume * chance.choice((1, 2, 3))
    plan = WarmupPlan(
        *("agreed", "As agreed", "Example ESP", chance.choice(list(PlanBasis)), tuple(stages), "agreed", BEGINS),
        enough_ratio=chance.choice((0.5, 0.9)),
        gates=DEFAULT_GATES,
        weekdays=frozenset(range(chance.choice((5, 7, 7)))),
        platform="sparkpost",
        platform_stops_after_days=chance.choice((None, 10)),
    )
    return WarmupRun("run-1", "192.0.2.1", "acme", plan, 1, "hash", "America/New_York", BEGINS, AT)


def some_days(run: WarmupRun, chance: random.Random) -> list[DayInputs]:
    """What is sent follows the plan as a customer would, more or less; some stop sending."""
    holds: dict[str, Hold] = {}
    tracked, stage, days = chance.random() < 0.3, chance.choice((1, 2)), []
    stops_sending = chance.random() < 0.1
    steps = (0,) if chance.random() < 0.2 else (0, 1, 1, 1, 2, -1)
    for number in range(chance.randint(10, 40)):
        on, step = BEGINS + number * DAY, some_step(chance)
        if step is not None and step.kind is StepKind.RELEASED:
            holds.clear()
        some_holds(holds, number, chance)
        stage = min(max(stage + chance.choice(steps), 1), len(run.plan.stages))
        volume = (
            0
            if stops_sending and number > 3
            else round(run.plan.allowance(stage) * chance.choice((0, 0.5, 1, 1, 1, 3)))
        )
        unknown = "nothing was told of it" if chance.random() < 0.1 else None
        days.append(
            DayInputs(
                on,
                chance.choice((23, 24, 24, 24, 25)),
                {} if unknown else {name: some_counts(volume // 4, chance) for name in PROVIDERS if volume},
                unknown,
                tuple(holds.values()),
                frozenset(name for name in PROVIDERS[:2] if chance.random() < 0.1),
                () if step is None else (step,),
                a_reading(on, stage, chance) if tracked else None,
                tracked,
            )
        )
    return days


def some_step(chance: random.Random) -> WarmupStep | None:
    """Back to the first stage, where it goes back: whoever amends or steps back names a stage below the present one."""
    if chance.random() > 0.15:
        return None
    kind = chance.choice(STEPS)
    return WarmupStep("run-1", AT, kind, "robin", "as it has to be", 1 if kind in STEPS[2:4] else None)


def some_holds(holds: dict[str, Hold], number: int, chance: random.Random) -> None:
    if chance.random() < 0.1:
        cause = chance.choice((HoldCause.LISTING, HoldCause.BLOCK, HoldCause.PERSON))
        provider = chance.choice(PROVIDERS) if cause is not HoldCause.BLOCK else chance.choice(PROVIDERS[:3])
        holds[f"{cause} {number}"] = Hold("run-1", f"{cause} {number}", cause, provider or ALL_PROVIDERS, AT)
    for key, hold in holds.items():
        if hold.cause is not HoldCause.PERSON and chance.random() < 0.3:
            holds[key] = replace(hold, ended_at=AT, ended_how="over")


def some_counts(volume: int, chance: random.Random) -> DayCounts:
    attempted = round(volume * chance.uniform(0.8, 1.2))
    refused = round(attempted * chance.choice((0, 0, 0.02, 0.02, 0.05, 0.2, 0.6)))
    bounced = chance.randint(0, refused)
    blocked = chance.choice((0, 0, bounced, None))
    return DayCounts(
        attempted,
        chance.choice((attempted, attempted, attempted - refused)),
        attempted - refused,
        refused - bounced,
        bounced,
        chance.choice((None, 0, attempted // 500, attempted // 50)),
        blocked,
        0,
        blocked or 0,
    )


def a_reading(on: date, stage: int, chance: random.Random) -> Reading | None:
    warming = chance.random() > 0.01
    reading = Reading("sparkpost", "192.0.2.1", on, AT, warming, stage if warming else None)
    return reading if chance.random() > 0.05 else None


def folded(run: WarmupRun, days: Iterable[DayInputs], before: RunState) -> Iterator[Judged]:
    for day in days:
        result = fold(run, before, day, POLICY)
        yield Judged(before, day, result)
        before = result.after


def history(seed: int) -> tuple[WarmupRun, list[Judged]]:
    chance = random.Random(seed)
    run = a_run(chance)
    return run, list(folded(run, some_days(run, chance), RunState()))


@cache
def histories() -> list[tuple[WarmupRun, list[Judged]]]:
    return [history(seed) for seed in SEEDS]


def all_days() -> Iterator[tuple[WarmupRun, Judged]]:
    return ((run, each) for run, judged in histories() for each in judged)


def test_the_die_shows_all_there_is() -> None:
    assert {each.result.state for _, each in all_days()} == set(DayState)
    assert {each.result.decision for _, each in all_days()} == set(Decision)
    assert {news.what for _, each in all_days() for news in each.result.news} == set(RunNews)


def test_the_stage_stays_within_the_plan_and_grows_by_one_at_most() -> None:
    for run, (before, day, result) in all_days():
        read = day.reading.stage if day.reading is not None and day.reading.stage is not None else 1
        assert 1 <= result.stage <= max(before.stage, min(read, len(run.plan.stages)))
        assert (
            1 <= result.after.stage <= min(result.stage + (result.decision is Decision.ADVANCE), len(run.plan.stages))
        )


def test_allowances_never_exceed_those_of_the_stage_that_was_reached() -> None:
    for run, (_, day, result) in all_days():
        plan, after = run.plan, result.after
        assert result.allowed == plan.allowance(result.stage, day.hours)
        for name in {*plan.capped_providers, *after.tracks}:
            given = provider_allowance(plan, after.stage, after.tracks, name, 24)
            most = plan.provider_allowance(after.stage, name, 24)
            assert given is None or given <= (plan.allowance(after.stage) if most is None else most)
            assert most is None or given is not None, "a cap of the plan's was lost"


def test_a_held_run_never_advances() -> None:
    for _, each in all_days():
        if each.result.after.held:
            assert each.result.decision is not Decision.ADVANCE
            assert each.result.after.stage <= each.result.stage
        if each.before.held and not each.released:
            assert each.result.after.stage <= each.result.stage <= each.before.stage
            assert each.result.after.held or each.result.after.ended is not None, "only a person releases"


def test_a_held_provider_never_grows() -> None:
    for run, first, second in ((run, *two) for run, judged in histories() for two in pairwise(judged)):
        if second.released or second.result.after.ended is not None:
            continue
        for name in held_providers(first) & held_providers(second):
            before, after = (
                provider_allowance(run.plan, each.result.after.stage, each.result.after.tracks, name)
                for each in (first, second)
            )
            assert before is None or (after is not None and after <= before)


def held_providers(judged: Judged) -> frozenset[str]:
    holds = (*judged.day.holds, *judged.result.after.gate_holds)
    return frozenset(hold.provider for hold in holds) - {ALL_PROVIDERS}


def test_a_day_that_is_not_known_moves_nothing() -> None:
    for _, (before, day, result) in all_days():
        if result.unknown is None or result.after.ended is not None:
            continue
        after = result.after
        assert result.decision is not Decision.ADVANCE
        assert result.state not in (DayState.ON_PLAN, DayState.OVER_PLAN, DayState.IDLE, *BEHIND)
        assert after.enough is None
        if day.unknown is not None and not day.steps:
            assert (after.gate_holds, after.deferring, after.over) == (before.gate_holds, before.deferring, before.over)
            assert (after.idle_days, after.last_offered) == (before.idle_days, before.last_offered)
            assert not {news.what for news in result.news} & {RunNews.HELD, RunNews.READY, RunNews.IDLE}
        if not day.tracked and not day.steps:
            assert (after.stage, after.counted) == (before.stage, before.counted)


def test_a_run_that_is_over_says_nothing_more() -> None:
    for _, (before, _, result) in all_days():
        if before.ended is not None:
            assert result.after == before._replace(held=False, gate_holds=(), tracks={})
            assert result.news == ()


def test_a_replay_changes_nothing() -> None:
    for run, judged in histories():
        assert list(folded(run, (each.day for each in judged), RunState())) == judged


@pytest.mark.parametrize("fifth", range(5))
def test_late_data_in_any_order_end_in_the_same_state(fifth: int) -> None:
    for seed, (run, judged) in zip(SEEDS, histories(), strict=True):
        if seed % 5 == fifth:
            chance = random.Random(-seed - 1)
            assert as_the_flow_does(run, [each.day for each in judged], chance) == judged


def as_the_flow_does(run: WarmupRun, days: Sequence[DayInputs], chance: random.Random) -> list[Judged]:
    """Every day something more is told of the last three, in any order; of the oldest of them all there is."""
    told: dict[int, DayInputs] = {}
    judged: list[Judged] = []
    for today in range(1, len(days) + SETTLED):
        window = [number for number in range(today - SETTLED, today) if 0 <= number < len(days)]
        for number in chance.sample(window, len(window)):
            is_settled = number == today - SETTLED
            told[number] = days[number] if is_settled or chance.random() < 0.3 else so_far(days[number], chance)
            known = [told.get(each, not_told(days[each])) for each in range(min(today, len(days)))]
            first = next((i for i, each in enumerate(judged) if each.day != known[i]), len(judged))
            before = judged[first - 1].result.after if first else RunState()
            judged[first:] = folded(run, known[first:], before)
    return judged


def so_far(day: DayInputs, chance: random.Random) -> DayInputs:
    """A day of which not all was told yet, or nothing."""
    if chance.random() < 0.3:
        return not_told(day)
    providers = {
        name: counts._replace(delivered=counts.delivered // 2, bounced=counts.bounced // 3, complaints=None)
        for name, counts in day.providers.items()
        if chance.random() < 0.8
    }
    return replace(day, providers=providers)


def not_told(day: DayInputs) -> DayInputs:
    return replace(day, providers={}, unknown="nothing was told of it yet")
