"""A judged day comes back from its JSON values exactly."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.core.warmup.day import Because, DayCounts, DayResult, DayState, Decision
from deliverwatch.core.warmup.facts import (
    providers_from_facts,
    providers_to_facts,
    result_from_facts,
    result_to_facts,
    state_from_facts,
    state_to_facts,
)
from deliverwatch.core.warmup.run import RunState

NAMES = st.sampled_from(["", "google"]) | st.text(max_size=5)
PLAIN = {
    int: st.integers(0, 2**53),
    float: st.floats(0, 1),
    bool: st.booleans(),
    str: NAMES,
    date: st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    datetime: st.datetimes(timezones=st.just(UTC)),
    type(None): st.none(),
    Any: st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2),
}


def values_of(kind):
    """Of a type as a field declares it, so that a field that is new is tried too."""
    if kind in PLAIN:
        return PLAIN[kind]
    if origin := get_origin(kind):
        parts = [values_of(each) for each in get_args(kind) if each is not ...]
        if origin is UnionType:
            return st.one_of(parts)
        if origin is tuple:
            return st.lists(*parts, max_size=2).map(tuple)
        return st.dictionaries(*parts, max_size=3) if len(parts) == 2 else st.frozensets(*parts, max_size=3)
    if issubclass(kind, StrEnum):
        return st.sampled_from(kind)
    return st.builds(kind, **{name: values_of(field) for name, field in get_type_hints(kind).items()})


def through_json(facts):
    return json.loads(json.dumps(facts, allow_nan=False))


def kinds(value):
    """The types of a value and of all that is in it: equal values may differ in them."""
    if isinstance(value, dict):
        return {key: kinds(each) for key, each in value.items()}
    return type(value), [kinds(each) for each in value] if isinstance(value, tuple) else None


@settings(max_examples=150)
@given(values_of(DayResult))
def test_a_result_comes_back(result):
    found = result_from_facts(through_json(result_to_facts(result)))
    assert found == result
    assert kinds(found) == kinds(result)


@settings(max_examples=50)
@given(values_of(Mapping[str, DayCounts]))
def test_providers_come_back(providers):
    found = providers_from_facts(through_json(providers_to_facts(providers)))
    assert found == providers
    assert kinds(found) == kinds(providers)


def test_what_has_its_default_is_left_out():
    assert state_to_facts(RunState()) == {}
    assert state_from_facts({}) == RunState()
    quiet = DayResult(
        date(2026, 11, 24), 3, 500, DayCounts(), DayState.ON_PLAN, Decision.REPEAT, Because.NO_MAIL, RunState(stage=3)
    )
    assert result_to_facts(quiet) == {
        "on": "2026-11-24",
        "stage": 3,
        "allowed": 500,
        "counts": [0, 0, 0, 0, 0, None, None, None, 0],
        "state": "on_plan",
        "decision": "repeat",
        "because": "no_mail",
        "after": {"stage": 3},
    }
