"""Spans of verified time: unions, holes and what a list's rounds cover."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.core.coverage import Cycle, Span, holes, total, union, verified_spans
from deliverwatch.core.subjects import SubjectKind

START = datetime(2026, 11, 16, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def span(begin, end):
    return Span(START + begin * MINUTE, START + end * MINUTE)


def cycle(minute, verified=True, full=True):
    at = START + minute * MINUTE
    kinds = (SubjectKind.IPV4,) if verified else ()
    return Cycle("zen", "192.0.2.53:53", at, at, verified, kinds, full, at + HOUR, 1)


def verified_for(period, cycles):
    return total(span.within(period) for span in verified_spans(cycles, SubjectKind.IPV4))


SPANS = st.lists(st.builds(span, st.integers(0, 60), st.integers(0, 60)), max_size=8)
PERIOD = span(0, 60)


def minutes_in(spans):
    """The same by counting."""
    return {minute for each in spans for minute in range(60) if each.begin <= START + minute * MINUTE < each.end}


@settings(deadline=None)
@given(SPANS)
def test_total_counts_each_minute_once(spans):
    assert total(spans) == len(minutes_in(spans)) * MINUTE


@settings(deadline=None)
@given(SPANS)
def test_a_union_is_the_same_time_in_order_and_apart(spans):
    joined = union(spans)
    assert minutes_in(joined) == minutes_in(spans)
    assert all(each.length for each in joined)
    assert all(first.end < second.begin for first, second in pairwise(joined))


@settings(deadline=None)
@given(SPANS)
def test_holes_are_all_the_rest(spans):
    rest = holes(PERIOD, spans)
    assert minutes_in(rest) == set(range(60)) - minutes_in(spans)
    assert total(rest) + total(each.within(PERIOD) for each in spans) == PERIOD.length


def test_a_period_without_length_has_no_holes():
    assert holes(span(5, 5), []) == ()
    assert holes(span(9, 5), []) == ()


def test_a_verified_round_is_good_for_one_interval_from_its_start():
    assert verified_for(span(0, 600), [cycle(0), cycle(60)]) == 120 * MINUTE
    assert verified_for(span(30, 90), [cycle(0), cycle(60)]) == 60 * MINUTE


def test_late_rounds_leave_gaps_and_early_ones_gain_nothing():
    assert verified_for(span(0, 600), [cycle(0), cycle(70)]) == 120 * MINUTE
    assert verified_for(span(0, 130), [cycle(0), cycle(70)]) == 120 * MINUTE
    assert verified_for(span(0, 600), [cycle(0), cycle(20)]) == 80 * MINUTE


def test_failed_and_partial_rounds_and_no_rounds_verify_nothing():
    assert verified_for(PERIOD, [cycle(0, verified=False), cycle(5, full=False)]) == timedelta(0)
    assert verified_for(PERIOD, []) == timedelta(0)
    assert verified_for(PERIOD, [cycle(-90)]) == timedelta(0)
    assert verified_for(PERIOD, [cycle(-30)]) == 30 * MINUTE


def test_a_round_vouches_for_the_kinds_whose_test_points_passed_and_for_no_other():
    only_v4 = replace(cycle(0), verified=False)
    assert total(verified_spans([only_v4], SubjectKind.IPV4)) == HOUR
    assert verified_spans([only_v4], SubjectKind.IPV6) == ()


def test_a_round_that_begins_some_seconds_late_leaves_no_hole():
    rounds = [cycle(0), cycle(60.2), cycle(121.1)]
    assert verified_spans(rounds, SubjectKind.IPV4) == (span(0, 181.1),)


def test_one_that_begins_later_or_fails_does():
    assert verified_spans([cycle(0), cycle(61.2)], SubjectKind.IPV4) == (span(0, 60), span(61.2, 121.2))
    assert verified_spans([cycle(0), cycle(60.2, verified=False)], SubjectKind.IPV4) == (span(0, 60),)
