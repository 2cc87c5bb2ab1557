"""A judged day of a warm-up as JSON values and back, exactly.

One is kept per run and day, tens of thousands a week, so they are short: counts are lists in the order of their fields,
and elsewhere a field that has its default is left out. So once days are kept no default changes, new fields have one,
and those of `DayCounts` and `Track` come last.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from deliverwatch.core.warmup.day import Because, DayCounts, DayResult, DayState, Decision, News, RunNews
from deliverwatch.core.warmup.plan import Denominator
from deliverwatch.core.warmup.run import GateHold, HoldCause, Reading, RunEnd, RunState, Track

Facts = Mapping[str, Any]
Turns = Mapping[str, Callable[[Any], Any]]
"""By field, for those that are not JSON values as they are."""


def result_to_facts(result: DayResult) -> dict[str, Any]:
    return _told(result._asdict(), DayResult._field_defaults, _RESULT_TO)


def result_from_facts(facts: Facts) -> DayResult:
    return DayResult(**_turned(facts, _RESULT_FROM))


def providers_to_facts(providers: Mapping[str, DayCounts]) -> dict[str, list[int | None]]:
    return {provider: list(counts) for provider, counts in providers.items()}


def providers_from_facts(facts: Facts) -> dict[str, DayCounts]:
    return {provider: DayCounts(*counts) for provider, counts in facts.items()}


def state_to_facts(state: RunState) -> dict[str, Any]:
    return _told(state._asdict(), RunState._field_defaults, _STATE_TO)


def state_from_facts(facts: Facts) -> RunState:
    return RunState(**_turned(facts, _STATE_FROM))


def _told(fields: Facts, defaults: Facts, turns: Turns) -> dict[str, Any]:
    told = {name: value for name, value in fields.items() if name not in defaults or value != defaults[name]}
    return _turned(told, turns)


def _turned(facts: Facts, turns: Turns) -> dict[str, Any]:
    return {name: turns[name](value) if name in turns else value for name, value in facts.items()}


def _reading_to_facts(reading: Reading) -> dict[str, Any]:
    return _told(reading._asdict(), Reading._field_defaults, _READING_TO)


def _reading_from_facts(facts: Facts) -> Reading:
    return Reading(**_turned(facts, _READING_FROM))


def _gate_hold_to_facts(hold: GateHold) -> dict[str, Any]:
    return _told(hold._asdict(), GateHold._field_defaults, _GATE_HOLD_TO)


def _gate_hold_from_facts(facts: Facts) -> GateHold:
    return GateHold(**_turned(facts, _GATE_HOLD_FROM))


def _news_to_facts(news: News) -> list[Any]:
    return [str(news.what), news.on.isoformat(), dict(news.facts)]


def _news_from_facts(facts: list[Any]) -> News:
    what, on, more = facts
    return News(RunNews(what), date.fromisoformat(on), more)


_READING_TO: Turns = {"on": date.isoformat, "read_at": datetime.isoformat, "started_on": date.isoformat}
_READING_FROM: Turns = {
    "on": date.fromisoformat,
    "read_at": datetime.fromisoformat,
    "started_on": date.fromisoformat,
}
_GATE_HOLD_TO: Turns = {"cause": str, "since": date.isoformat, "per": str}
_GATE_HOLD_FROM: Turns = {"cause": HoldCause, "since": date.fromisoformat, "per": Denominator}
_STATE_TO: Turns = {
    "last_offered": dict,
    "gate_holds": lambda holds: [_gate_hold_to_facts(each) for each in holds],
    "tracks": lambda tracks: {provider: list(track) for provider, track in tracks.items()},
    "deferring": sorted,
    "reading": _reading_to_facts,
    "stage_since": date.isoformat,
    "ended": str,
    "ended_on": date.isoformat,
    "unknown_since": date.isoformat,
}
_STATE_FROM: Turns = {
    "gate_holds": lambda holds: tuple(_gate_hold_from_facts(each) for each in holds),
    "tracks": lambda tracks: {provider: Track(*track) for provider, track in tracks.items()},
    "deferring": frozenset,
    "reading": _reading_from_facts,
    "stage_since": date.fromisoformat,
    "ended": RunEnd,
    "ended_on": date.fromisoformat,
    "unknown_since": date.fromisoformat,
}
_RESULT_TO: Turns = {
    "on": date.isoformat,
    "counts": list,
    "state": str,
    "decision": str,
    "because": str,
    "after": state_to_facts,
    "news": lambda news: [_news_to_facts(each) for each in news],
}
_RESULT_FROM: Turns = {
    "on": date.fromisoformat,
    "counts": lambda counts: DayCounts(*counts),
    "state": DayState,
    "decision": Decision,
    "because": Because,
    "after": state_from_facts,
    "news": lambda news: tuple(_news_from_facts(each) for each in news),
}
