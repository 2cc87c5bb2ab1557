"""Who is on call, across clock changes, covers and absences."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from deliverwatch.core.on_call import Absence, Deputies, Rota, Shift

LONDON = ZoneInfo("Europe/London")
ROTA = Rota(("ann@esp.example", "ben@esp.example", "pager"), date(2026, 10, 5), time(9), 7, LONDON)


def at(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("now", "who"),
    [
        ("2026-10-05T07:59:59+00:00", None),
        ("2026-10-05T08:00:00+00:00", "ann@esp.example"),
        ("2026-10-12T07:59:59+00:00", "ann@esp.example"),
        ("2026-10-12T08:00:00+00:00", "ben@esp.example"),
        ("2026-10-26T08:59:59+00:00", "pager"),
        ("2026-10-26T09:00:00+00:00", "ann@esp.example"),
    ],
)
def test_the_rota_hands_over_on_the_wall_clock(now, who):
    """On the Sunday before the last of these, the clocks went back: the week had 169 hours."""
    assert ROTA.on_call(at(now)) == who


def test_every_instant_of_six_years_has_somebody_and_each_turn_is_a_week_of_the_wall_clock():
    now, before, turns = at("2026-10-05T08:00:00+00:00"), None, []
    while now.year < 2032:
        who = ROTA.on_call(now)
        if who != before:
            turns.append(now.astimezone(LONDON))
        before, now = who, now + timedelta(minutes=30)
    assert {(each.weekday(), each.hour, each.minute) for each in turns} == {(0, 9, 0)}
    assert {(b.date() - a.date()).days for a, b in pairwise(turns)} == {7}


def test_a_cover_takes_a_stretch_and_the_last_one_wins():
    first = Shift("cat@esp.example", at("2026-10-06T00:00:00+00:00"), at("2026-10-08T00:00:00+00:00"))
    second = Shift("dan@esp.example", at("2026-10-07T00:00:00+00:00"), at("2026-10-07T12:00:00+00:00"))
    rota = Rota(ROTA.people, ROTA.starts_on, ROTA.hands_over, 7, LONDON, (first, second))
    times = ("2026-10-06T00:00:00+00:00", "2026-10-07T11:59:59+00:00", "2026-10-07T12:00:00+00:00")
    assert [rota.on_call(at(now)) for now in times] == ["cat@esp.example", "dan@esp.example", "cat@esp.example"]
    assert rota.on_call(at("2026-10-08T00:00:00+00:00")) == "ann@esp.example"


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def away(person, deputy=None):
    return Absence(person, NOW, NOW + timedelta(days=1), deputy)


@pytest.mark.parametrize(
    ("absences", "acting"),
    [
        ([], "ann"),
        ([away("ann")], "ben"),
        ([away("Ann")], "ben"),
        ([away("ann", "cat")], "cat"),
        ([away("ann"), away("ben", "cat")], "cat"),
        ([away("ann"), away("ben", "ann")], "ann"),
        ([away("ann"), away("ben")], "ann"),
    ],
)
def test_a_deputy_stands_in_and_where_nobody_is_left_the_person_is_told(absences, acting):
    assert Deputies({"ann": "ben"}, absences).acting_for("ann", NOW) == acting
    assert Deputies({"ann": "ben"}, absences).acting_for("ann", NOW + timedelta(days=1)) == "ann"
