"""Every history in `scenarios/`, day by day."""

from datetime import timedelta
from pathlib import Path

import pytest

from deliverwatch.core.warmup.day import Because, DayResult, DayState, Decision, RunNews
from deliverwatch.core.warmup.platform import stops_on
from warmups.scenario import Replay, read

SCENARIOS = {path.stem: read(path) for path in sorted((Path(__file__).parent / "scenarios").glob("*.txt"))}
SAID_OF_NOW = {Because.FIRST_DAY, Because.NOT_BEGUN, Because.RELEASED}
"""Of a day that is not over: `core.warmup.now`."""


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_day_is_what_the_table_says(name: str) -> None:
    replay = Replay(SCENARIOS[name])
    for day in SCENARIOS[name].days:
        result = replay.fold(day)
        where, hours = f"{name}.txt:{day.line}: {day.on}", replay.scenario.hours(day.on + timedelta(days=1))
        allowance = str(replay.run.plan.allowance(result.after.stage, hours)) if result.after.ended is None else "-"
        found = (str(result.state), allowance, str(result.decision), str(result.because))
        assert found == (day.state, day.allowance.replace("_", ""), day.decision, day.because), where
        assert [news.what for news in result.news] == day.told, where
        facts = {f"{name} {value}" for news in result.news for name, value in news.facts.items()}
        assert set(day.facts) <= facts, where
        given = {name: str(most) if most is not None else "-" for name, most in replay.providers(hours).items()}
        assert {name: given.get(name, "-") for name in day.providers} == day.providers, where
        assert set(day.said) <= _said(replay, result), where


def _said(replay: Replay, result: DayResult) -> set[str]:
    stops = stops_on(replay.run.plan, result.after)
    gates = {f"gate {hold.cause} {hold.provider}".strip() for hold in result.after.gate_holds}
    said = {f"allowed {result.allowed}", f"stage {result.stage}", f"stops {stops}"}
    said |= {f"ended_on {result.after.ended_on}", f"unknown_since {result.after.unknown_since}"}
    return said | (gates or {"no gates"}) | {"by_platform" if result.by_platform else "not by_platform"}


def test_there_are_enough_of_them() -> None:
    assert len(SCENARIOS) >= 60


def test_they_show_every_state_decision_reason_and_piece_of_news() -> None:
    days = [day for scenario in SCENARIOS.values() for day in scenario.days]
    assert {day.state for day in days} == set(DayState)
    assert {day.decision for day in days} == set(Decision)
    assert {day.because for day in days} == set(Because) - SAID_OF_NOW
    assert {what for day in days for what in day.told} == set(RunNews)


def test_each_of_them_says_what_it_shows() -> None:
    folder = Path(__file__).parent / "scenarios"
    assert [path.name for path in folder.glob("*") if not path.read_text().startswith("# ")] == []
