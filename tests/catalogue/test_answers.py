"""What a value of the catalogue may look like, and when two of them stand for the same answers."""

import itertools

import pytest

from deliverwatch.catalogue.answers import answer, holds, is_band, meet
from deliverwatch.core.verdict import matches


@pytest.mark.parametrize("text", ["127.0.0.2", "127.0.0.2-9", "127.0.*.0-3", "127.*.*.*", "127.0.0.0-255"])
def test_an_answer_or_pattern_stays_as_it_is(text):
    assert answer(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("127.0.0", "127.0.0.2.1", "127.0.0.02", "127.0.0.256", "128.0.0.1", "", "127.0.0.x", "::1"),
        *("127.0.0.9-2", "127.0.0.2-2", "127.0.0.-2", "127.0.0.2-", "127.0.0.2-3-4", "127.0.0.**", "*.0.0.2"),
        *("126-127.0.0.1", "127.0.*", "127.0.0.0-256", "127.0.0.\u0664", "127.0.0.2 "),
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="expected"):
        answer(text)


SMALL = ["127.0.0.0", "127.0.0.2", "127.0.0.1-2", "127.0.0.0-2", "127.0.0.*", "127.0.*.1", "127.0.1.1-2", "127.0.*.*"]
ADDRESSES = [f"127.0.{third}.{last}" for third in range(3) for last in range(4)]


@pytest.mark.parametrize(("one", "other"), list(itertools.product(SMALL, repeat=2)))
def test_patterns_hold_and_meet_as_the_answers_they_stand_for(one, other):
    """Small enough to count: the addresses above show every difference between these patterns."""
    of_one, of_other = ({each for each in ADDRESSES if matches(pattern, each)} for pattern in (one, other))
    assert holds(one, other) is (of_other <= of_one)
    assert meet(one, other) is bool(of_one & of_other)


@pytest.mark.parametrize(("one", "other"), [("2", "4"), ("2", "127.0.0.2"), ("127.0.0.*", "2")])
def test_a_bit_meets_itself_alone(one, other):
    assert not holds(one, other)
    assert not meet(one, other)
    assert holds("2", "2")
    assert meet("2", "2")


def test_a_band_leaves_the_last_octet_open():
    found = {text: is_band(text) for text in ("127.0.4.0-69", "127.0.4.*", "127.0.*.4", "127.0.0.4")}
    assert list(found.values()) == [True, True, False, False]
