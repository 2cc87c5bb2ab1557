"""The chain of the audit trail shows what was done to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.audit import BEFORE_ALL, Deed, first_unfit, line_after

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DEED = Deed(NOON, "robin", "draft.submit", "d-1", {"reference": "#7", "at": None}, "t1", "r1")


def trail(count=5):
    lines, last = [], None
    for number in range(count):
        last = line_after(last, replace(DEED, object=f"d-{number}"))
        lines.append(last)
    return lines


def test_a_trail_that_nobody_touched_fits():
    lines = trail()
    assert [line.number for line in lines] == [1, 2, 3, 4, 5]
    assert (lines[0].before, lines[1].before) == (BEFORE_ALL, lines[0].digest)
    assert first_unfit(None, lines) is None
    assert first_unfit(lines[1], lines[2:]) is None
    assert first_unfit(None, []) is None


CHANGES = [
    {"at": NOON + timedelta(microseconds=1)},
    {"by": "sam"},
    {"action": "draft.close"},
    {"object": "d-9"},
    {"facts": {"reference": "#8", "at": None}},
    {"facts": {"reference": "#7"}},
    {"token": None},
    {"request": "r2"},
]


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_changed_is_found(change):
    lines = trail()
    lines[2] = replace(lines[2], deed=replace(lines[2].deed, **change))
    assert first_unfit(None, lines) == lines[2]


@pytest.mark.parametrize("change", CHANGES)
def test_so_it_is_when_its_digest_was_made_anew(change):
    lines = trail()
    lines[2] = line_after(lines[1], replace(lines[2].deed, **change))
    assert first_unfit(None, lines) == lines[3]


def test_what_was_taken_out_put_in_or_moved_is_found():
    lines = trail()
    assert first_unfit(None, lines[1:]) == lines[1]
    assert first_unfit(None, [*lines[:2], *lines[3:]]) == lines[3]
    assert first_unfit(None, [*lines[:3], lines[2], *lines[3:]]) == lines[2]
    assert first_unfit(None, [lines[1], lines[0], *lines[2:]]) == lines[1]
    assert first_unfit(None, [replace(lines[0], number=0), *lines[1:]]) is not None
    assert first_unfit(None, [replace(lines[0], before="1" * 64), *lines[1:]]) is not None


def test_one_instant_is_one_digest_wherever_it_was_written():
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5)))
    assert line_after(None, replace(DEED, at=elsewhere)).digest == line_after(None, DEED).digest


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())))
def test_the_order_of_facts_does_not_matter(facts):
    turned = dict(reversed(facts.items()))
    assert line_after(None, replace(DEED, facts=facts)).digest == line_after(None, replace(DEED, facts=turned)).digest


def test_text_does_not_run_over_into_the_next_field():
    one, other = replace(DEED, by="ab", action="c"), replace(DEED, by="a", action="bc")
    assert line_after(None, one).digest != line_after(None, other).digest
