"""Rounds as stretches: joined where they are alike and meet, and holes stay holes."""

from datetime import timedelta

from deliverwatch.core.coverage import Cycle
from deliverwatch.core.round_stretches import stretches
from samples import NOON

HOUR = timedelta(hours=1)


def cycle(hours, verified=True, full=True, late=timedelta(0), why=None):
    at = NOON + hours * HOUR + late
    return Cycle("sample", "192.0.2.53:53", at, at, verified, (), full, at + HOUR, 9, detail=why)


def told(*cycles, now=NOON + 24 * HOUR):
    found = stretches(cycles, now)
    return [((each.begin - NOON) / HOUR, (each.end - NOON) / HOUR, each.verified, each.rounds) for each in found]


def test_rounds_that_meet_are_one_stretch_in_whatever_order_they_come():
    assert told(cycle(2), cycle(0), cycle(1)) == [(0, 3, True, 3)]


def test_a_round_some_seconds_late_leaves_no_hole_and_one_that_is_later_does():
    assert len(told(cycle(0), cycle(1, late=timedelta(seconds=50)))) == 1
    assert told(cycle(0), cycle(2)) == [(0, 1, True, 1), (2, 3, True, 1)]


def test_a_round_that_failed_ends_what_was_verified_and_says_why():
    found = stretches([cycle(0), cycle(0.5, verified=False, why="no answer"), cycle(1.5)], NOON + 2 * HOUR)
    assert [(each.verified, each.why) for each in found] == [(True, None), (False, "no answer"), (True, None)]
    assert [each.end for each in found] == [NOON + 0.5 * HOUR, NOON + 1.5 * HOUR, NOON + 2 * HOUR]


def test_of_several_that_failed_the_newest_reason_is_told():
    (found,) = stretches([cycle(0, False, why="one"), cycle(1, False, why="other")], NOON + 9 * HOUR)
    assert (found.rounds, found.why) == (2, "other")


def test_nothing_is_vouched_for_beyond_now_and_rounds_over_suspects_do_not_count():
    assert told(cycle(0), now=NOON + 0.5 * HOUR) == [(0, 0.5, True, 1)]
    assert told(cycle(0, full=False)) == []
