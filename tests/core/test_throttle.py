"""How soon somebody may try again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.throttle import WITH_ADDRESS, WITH_NAME, again_at, whence

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
S = timedelta(seconds=1)


def failures(count):
    """The last of them now."""
    return [NOON - S * number for number in range(count)][::-1]


def wait(of_name=0, of_address=0, now=NOON, *, is_known=False):
    """In seconds."""
    at = again_at(now, failures(of_name), failures(of_address), is_known=is_known)
    return (at - now) / S if at is not None else 0


def test_who_mistypes_does_not_wait():
    assert [wait(of_name=count) for count in range(WITH_NAME.free + 1)] == [0] * 6
    assert [wait(of_address=count) for count in range(WITH_ADDRESS.free + 1)] == [0] * 21


def test_the_wait_doubles_up_to_a_limit():
    assert [wait(of_name=count) for count in range(6, 13)] == [1, 2, 4, 8, 16, 30, 30]
    assert [wait(of_address=count) for count in (21, 22, 30, 31, 100, 100_000)] == [1, 2, 512, 900, 900, 900]


def test_the_longer_wait_counts():
    assert wait(of_name=8, of_address=22) == 4
    assert wait(of_name=7, of_address=24) == 8


def test_the_wait_is_from_the_last_failure_on():
    assert wait(of_name=11, now=NOON + 20 * S) == 10
    assert wait(of_name=11, now=NOON + 30 * S) == 0


def test_a_stranger_who_guesses_does_not_make_the_owner_wait():
    assert wait(of_name=1_000, of_address=0, is_known=True) == 0
    assert wait(of_name=1_000, of_address=25, is_known=True) == 16


def test_a_clock_that_was_set_back_makes_nobody_wait_for_the_old_time():
    assert wait(of_name=11, now=NOON - timedelta(days=1)) == 30


@given(st.integers(0, 3_000), st.integers(0, 3_000))
def test_nobody_waits_for_ever(of_name, of_address):
    assert 0 <= wait(of_name=of_name) <= 30
    assert 0 <= wait(of_name, of_address) <= 900


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_network_is_one_guesser(address, counted_as):
    assert whence(address) == counted_as
