"""Amounts are cut, never rounded up to more than was verified."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from deliverwatch.render.tongue import listed, percent
from deliverwatch.render.words import at, counted, lasting, lasting_days, wrapped


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [(1.0, "100%"), (0.99999, "99.9%"), (0.95, "95%"), (0.94999, "94.9%"), (0.0004, "0%"), (0.0, "0%")],
)
def test_a_share_is_cut(ratio, shown):
    assert percent(ratio) == shown


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(0), "0 min"),
        (timedelta(seconds=59), "less than 1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=6), "6 h"),
        (timedelta(hours=30, minutes=5), "30 h 5 min"),
    ],
)
def test_a_length_is_cut(length, shown):
    assert lasting(length) == shown


def test_days_are_said_from_two_on():
    assert lasting_days(timedelta(hours=47)) == "47 h"
    assert lasting_days(timedelta(hours=71)) == "2 days"


def test_times_are_said_in_their_zone():
    moment = datetime(2026, 11, 16, 14, 41, tzinfo=UTC)
    assert at(moment) == "Mon 16 Nov 2026 14:41 UTC"
    assert at(moment, ZoneInfo("America/New_York")) == "Mon 16 Nov 2026 09:41 EST"


def test_counts_and_enumerations():
    assert [counted(n, "list") for n in (0, 1, 1200)] == ["0 lists", "1 list", "1,200 lists"]
    assert [listed(names) for names in ([], ["A"], ["A", "B"], ["A", "B", "C"])] == ["", "A", "A and B", "A, B and C"]


def test_long_words_are_not_broken():
    address = "https://deliverwatch.esp.example/" + "x" * 80
    assert address in wrapped(f"See {address} for more.", "  ").split()
