"""The pace of one list, on a clock of numbers."""

import random

import pytest

from deliverwatch.lookup.pacing import FIRST_WINDOW, LEAST_WINDOW, MOST_WINDOW, Breaker, Bucket, Doubts, Pace


def test_the_first_wait_is_a_second_and_doubles_with_each_try():
    assert [Pace(5).wait_s(tries) for tries in (1, 2, 3)] == [1, 2, 2.5]


def test_three_tries_fit_into_a_short_timeout():
    pace = Pace(0.4)
    assert pace.wait_s(1) + pace.wait_s(2) < 0.4


def test_the_wait_follows_what_was_measured_and_never_falls_below_its_floor():
    pace = Pace(5)
    for _ in range(100):
        pace.answered(0.03)
    assert pace.wait_s(1) == 0.15
    for _ in range(100):
        pace.answered(0.8)
    assert 0.8 < pace.wait_s(1) < 1
    for after_s in [0.1, 1.5] * 50:
        pace.answered(after_s)
    assert pace.wait_s(1) > 1.5


def test_the_window_of_a_far_list_grows_up_to_its_limit():
    pace = Pace(5)
    for _ in range(1000):
        pace.answered(0.03)
    assert pace.window == MOST_WINDOW


def test_a_near_list_keeps_the_first_window_even_while_it_is_overrun():
    """What makes it slow is our own questions in its buffer."""
    pace = Pace(5)
    pace.answered(0.0001)
    for _ in range(1000):
        pace.answered(0.02)
    assert pace.window == FIRST_WINDOW


def test_one_loss_in_a_hundred_leaves_the_window_alone():
    pace, dice = Pace(5), random.Random(7)
    for number in range(20_000):
        pace.lost(number, number) if dice.random() < 0.01 else pace.answered(0.03)
    assert pace.window == MOST_WINDOW


def test_an_overrun_halves_it_and_answers_let_it_grow_again_slowly():
    pace = Pace(5)
    for _ in range(1000):
        pace.answered(0.03)
    for _ in range(MOST_WINDOW):
        pace.lost(sent_at=10, now=10.2)
    assert pace.window == MOST_WINDOW // 2
    for _ in range(pace.window):
        pace.answered(0.03)
    assert pace.window == MOST_WINDOW // 2 + 1
    for _ in range(MOST_WINDOW):
        pace.lost(sent_at=11, now=11.2)
    assert pace.window == (MOST_WINDOW // 2 + 1) // 2


def test_a_window_never_closes_and_comes_back():
    pace = Pace(5)
    pace.answered(0.0001)
    for second in range(1000):
        pace.lost(second, second)
    assert pace.window == LEAST_WINDOW
    for _ in range(5000):
        pace.answered(0.0001)
    assert pace.window == FIRST_WINDOW


def test_a_late_answer_takes_its_loss_back():
    pace = Pace(5)
    pace.answered(0.03)
    for second in range(500):
        pace.lost(second, second)
        pace.came_late()
        pace.answered(0.4)
    assert pace.window >= FIRST_WINDOW


def test_losses_before_the_first_answer_say_nothing_about_the_way():
    pace = Pace(5)
    for second in range(500):
        pace.lost(second, second)
    assert pace.window == FIRST_WINDOW


def test_the_breaker_opens_when_enough_have_waited_and_nothing_ever_came():
    breaker = Breaker(2.5)
    assert not breaker.opens(0)
    assert not breaker.opens(9)
    assert breaker.opens(10)
    breaker.answered()
    assert not breaker.opens(50)


def test_the_breaker_opens_after_fifty_in_a_row_and_one_answer_starts_anew():
    breaker = Breaker(2.5)
    breaker.answered()
    breaker.unanswered = 49
    assert not breaker.opens(50)
    breaker.answered()
    breaker.unanswered += 49
    assert not breaker.opens(0)
    breaker.unanswered += 1
    assert breaker.opens(0)


def test_a_servfail_is_asked_again_while_it_is_rare():
    doubts = Doubts()
    assert sum(doubts.worth_asking_again() for _ in range(1000)) == 20
    doubts.replied(1000)
    assert sum(doubts.worth_asking_again() for _ in range(1000)) == 100


@pytest.mark.parametrize("per_second", [1, 2, 5, 9, 10, 20, 100, 1000])
def test_no_second_holds_more_questions_than_the_list_bears(per_second):
    bucket, now, sent = Bucket(per_second), 100.0, []
    while now < 110:
        if wait_s := bucket.wait_s(now):
            now += wait_s
        else:
            bucket.take(now)
            sent.append(now)
    busiest = max(sum(start <= at < start + 0.999 for at in sent) for start in sent[:: max(1, per_second // 10)])
    assert busiest <= per_second
    assert len(sent) >= 5 * per_second


def test_a_bucket_that_was_not_used_does_not_save_up():
    bucket = Bucket(100)
    bucket.take(0)
    at_once = 0
    while not bucket.wait_s(1000):
        bucket.take(1000)
        at_once += 1
    assert at_once == 10
