"""Service hours, against rules that are written down here a second time, by hand or from the law."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deliverwatch.calendars import service_calendar
from deliverwatch.core.errors import ConfigError
from deliverwatch.core.inventory import ServiceZone
from deliverwatch.core.service_hours import (
    Hours,
    HoursChange,
    ServiceCalendar,
    add_service_time,
    is_open,
    next_opening,
    report_due_at,
    service_span,
    service_time_between,
    subtract_service_time,
    wall_instant,
    week_of,
    week_span,
    zone_of,
)

YEARS = range(2026, 2032)
DAY = timedelta(days=1)
US_2026_2027 = [
    "2026-01-01",
    "2026-01-19",
    "2026-02-16",
    "2026-05-25",
    "2026-06-19",
    "2026-09-07",
    "2026-10-12",
    "2026-11-11",
    "2026-11-26",
    "2026-12-25",
    "2027-01-01",
    "2027-01-18",
    "2027-02-15",
    "2027-05-31",
    "2027-07-05",
    "2027-09-06",
    "2027-10-11",
    "2027-11-11",
    "2027-11-25",
]
UK_2026_2027 = [
    "2026-01-01",
    "2026-04-03",
    "2026-04-06",
    "2026-05-04",
    "2026-05-25",
    "2026-08-31",
    "2026-12-25",
    "2026-12-28",
    "2027-01-01",
    "2027-03-26",
    "2027-03-29",
    "2027-05-03",
    "2027-05-31",
    "2027-08-30",
    "2027-12-27",
    "2027-12-28",
]
CALENDARS = {zone: service_calendar(zone) for zone in ServiceZone}
UK = CALENDARS[ServiceZone.UK]
EASTERN = CALENDARS[ServiceZone.EASTERN]


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days_of(*years):
    day = date(years[0], 1, 1)
    while day.year <= years[-1]:
        yield day
        day += DAY


def nth(year, month, weekday, number):
    """The number-th such weekday of the month, from its end when negative."""
    days = [day for day in days_of(year) if day.month == month and day.weekday() == weekday]
    return days[number - 1 if number > 0 else number]


def us_bank_holidays(year):
    """5 U.S.C. 6103; the Federal Reserve moves a Sunday to Monday, and leaves a Saturday where it is."""
    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    moved = [day + DAY if day.weekday() == 6 else day for day in fixed]
    mondays = [nth(year, 1, 0, 3), nth(year, 2, 0, 3), nth(year, 5, 0, -1), nth(year, 9, 0, 1), nth(year, 10, 0, 2)]
    return {*moved, *mondays, nth(year, 11, 3, 4)}


def easter(year):
    """The Gregorian computus (Meeus)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    return date(year, (h + k - 7 * m + 114) // 31, (h + k - 7 * m + 114) % 31 + 1)


def uk_bank_holidays(year):
    """Banking and Financial Dealings Act 1971: what falls on a weekend is made up for on the next free weekday."""
    mondays = [nth(year, 5, 0, 1), nth(year, 5, 0, -1), nth(year, 8, 0, -1)]
    taken = {easter(year) - 2 * DAY, easter(year) + DAY, *mondays}
    for day in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while day.weekday() >= 5 or day in taken:
            day += DAY
        taken.add(day)
    return taken


HOLIDAYS = {
    ServiceZone.EASTERN: us_bank_holidays,
    ServiceZone.PACIFIC: us_bank_holidays,
    ServiceZone.UK: uk_bank_holidays,
}


def closed_weekdays(zone, *years):
    calendar = CALENDARS[zone]
    return {day for day in days_of(*years) if day.weekday() < 5 and service_span(calendar, day) is None}


@pytest.mark.parametrize(
    ("zone", "by_hand"),
    [(ServiceZone.EASTERN, US_2026_2027), (ServiceZone.PACIFIC, US_2026_2027), (ServiceZone.UK, UK_2026_2027)],
)
def test_closed_weekdays_of_2026_and_2027_are_those_on_the_list(zone, by_hand):
    assert sorted(map(str, closed_weekdays(zone, 2026, 2027))) == by_hand


@pytest.mark.parametrize("zone", ServiceZone)
@pytest.mark.parametrize("year", YEARS)
def test_every_bank_holiday_of_every_year_follows_the_rule(zone, year):
    expected = {day for day in HOLIDAYS[zone](year) if day.weekday() < 5}
    assert closed_weekdays(zone, year) == expected


def test_no_weekend_is_ever_open():
    for calendar in CALENDARS.values():
        assert not [day for day in days_of(*YEARS) if day.weekday() >= 5 and service_span(calendar, day) is not None]


@pytest.mark.parametrize("year", YEARS)
def test_the_clock_changes_move_the_hours_in_utc_on_the_right_day(year):
    us_spring, us_autumn = nth(year, 3, 6, 2), nth(year, 11, 6, 1)
    uk_spring, uk_autumn = nth(year, 3, 6, -1), nth(year, 10, 6, -1)
    for zone, winter, summer, spring, autumn in (
        (ServiceZone.EASTERN, (14, 22), (13, 21), us_spring, us_autumn),
        (ServiceZone.PACIFIC, (17, 25), (16, 24), us_spring, us_autumn),
        (ServiceZone.UK, (8.5, 16.5), (7.5, 15.5), uk_spring, uk_autumn),
    ):
        for day in days_of(year):
            span = service_span(CALENDARS[zone], day)
            if span is not None:
                midnight = datetime.combine(day, time(0), UTC)
                hours = summer if spring <= day < autumn else winter
                assert (span.begin, span.end) == tuple(midnight + timedelta(hours=hour) for hour in hours), day


@pytest.mark.parametrize("zone", ServiceZone)
@pytest.mark.parametrize("year", YEARS)
def test_weeks_are_an_hour_short_in_spring_and_an_hour_long_in_autumn(zone, year):
    if zone is ServiceZone.UK:
        short, long = nth(year, 3, 6, -1), nth(year, 10, 6, -1)
    else:
        short, long = nth(year, 3, 6, 2), nth(year, 11, 6, 1)
    lengths = {}
    for day in days_of(year):
        week, span = week_of(wall_instant(day, time(12), zone_of(zone)), zone_of(zone))
        lengths[week] = span.length
        assert span.begin <= wall_instant(day, time(12), zone_of(zone)) < span.end
    odd = {week: length - 7 * DAY for week, length in lengths.items() if length != 7 * DAY}
    name = "{0.year}-W{0.week:02d}".format
    assert odd == {name(short.isocalendar()): timedelta(hours=-1), name(long.isocalendar()): timedelta(hours=1)}


def test_open_from_the_opening_minute_to_just_before_the_closing_one():
    assert not is_open(UK, utc("2026-11-23 08:29:59"))
    assert is_open(UK, utc("2026-11-23 08:30"))
    assert is_open(UK, utc("2026-11-23 16:29:59"))
    assert not is_open(UK, utc("2026-11-23 16:30"))
    assert is_open(CALENDARS[ServiceZone.PACIFIC], utc("2026-11-25 00:30"))  # Tuesday 16:30 there


def test_next_opening_is_now_when_open_and_passes_over_nights_weekends_and_holidays():
    assert next_opening(EASTERN, utc("2026-11-24 15:07")) == utc("2026-11-24 15:07")
    assert next_opening(EASTERN, utc("2026-11-24 05:00")) == utc("2026-11-24 14:00")
    assert next_opening(EASTERN, utc("2026-11-25 22:00")) == utc("2026-11-27 14:00")  # over Thanksgiving
    assert next_opening(UK, utc("2026-12-24 16:30")) == utc("2026-12-29 08:30")


def test_due_times_count_service_minutes_only():
    friday_four = utc("2026-11-27 21:00")
    assert add_service_time(EASTERN, friday_four, timedelta(hours=1)) == utc("2026-11-27 22:00")
    assert add_service_time(EASTERN, friday_four, timedelta(hours=2)) == utc("2026-11-30 15:00")
    assert add_service_time(EASTERN, utc("2026-11-28 03:00"), timedelta(hours=8)) == utc("2026-11-30 22:00")
    assert add_service_time(EASTERN, utc("2026-11-28 03:00"), timedelta(0)) == utc("2026-11-30 14:00")


def test_due_times_keep_the_wall_clock_over_a_clock_change():
    friday = utc("2027-03-12 21:00")  # 16:00 EST; the clock goes forward on Sunday
    assert add_service_time(EASTERN, friday, timedelta(hours=2)) == utc("2027-03-15 14:00")  # 10:00 EDT


def test_service_time_before_an_instant_is_counted_backwards():
    monday = utc("2026-11-30 14:20")  # 09:20 EST
    assert subtract_service_time(EASTERN, monday, timedelta(minutes=20)) == utc("2026-11-30 14:00")
    assert subtract_service_time(EASTERN, monday, timedelta(hours=2)) == utc("2026-11-27 20:20")
    assert subtract_service_time(EASTERN, monday, timedelta(hours=10)) == utc("2026-11-25 20:20")  # Thanksgiving
    assert subtract_service_time(EASTERN, utc("2026-11-28 03:00"), timedelta(hours=1)) == utc("2026-11-27 21:00")
    closed = HoursChange(ServiceZone.EASTERN, date(2000, 1, 1), open=False)
    never = ServiceCalendar(ServiceZone.EASTERN, changes=(closed,))
    with pytest.raises(ConfigError, match="no service hours in the eastern zone"):
        subtract_service_time(never, monday, timedelta(hours=1))


INSTANTS = st.integers(0, 6 * 366 * 86_400).map(lambda seconds: utc("2026-01-01") + timedelta(seconds=seconds))
LENGTHS = st.timedeltas(timedelta(0), timedelta(hours=120))


@given(st.sampled_from(list(ServiceZone)), INSTANTS, LENGTHS, LENGTHS, st.timedeltas(timedelta(0), 5 * DAY))
@example(ServiceZone.UK, utc("2026-12-24 16:30"), timedelta(hours=8), timedelta(hours=8), timedelta(0))
def test_due_times_lie_in_service_hours_add_up_and_never_overtake(zone, instant, length, more, later):
    calendar = CALENDARS[zone]
    due = add_service_time(calendar, instant, length)
    span = service_span(calendar, due.astimezone(zone_of(zone)).date())
    assert span is not None
    assert span.begin <= due <= span.end
    assert due >= max(instant, next_opening(calendar, instant)) + length
    assert add_service_time(calendar, instant, length + more) >= due
    assert add_service_time(calendar, instant + later, length) >= due
    if length and more:
        assert add_service_time(calendar, due, more) == add_service_time(calendar, instant, length + more)


@given(st.sampled_from(list(ServiceZone)), INSTANTS)
def test_next_opening_is_open_and_nothing_before_it_is(zone, instant):
    opening = next_opening(CALENDARS[zone], instant)
    assert is_open(CALENDARS[zone], opening)
    if opening != instant:
        assert not is_open(CALENDARS[zone], opening - timedelta(microseconds=1))
        assert not is_open(CALENDARS[zone], instant)


def test_a_time_that_comes_twice_is_its_first_and_one_that_does_not_come_is_the_end_of_the_gap():
    new_york = ZoneInfo("America/New_York")
    assert wall_instant(date(2026, 11, 1), time(1, 30), new_york) == utc("2026-11-01 05:30")
    assert wall_instant(date(2026, 3, 8), time(2, 30), new_york) == utc("2026-03-08 07:00")
    assert wall_instant(date(2026, 3, 8), time(3), new_york) == utc("2026-03-08 07:00")
    assert wall_instant(date(2026, 10, 4), time(2, 10), ZoneInfo("Australia/Lord_Howe")) == utc("2026-10-03 15:30")
    assert wall_instant(date(2026, 9, 6), time(0), ZoneInfo("America/Santiago")) == utc("2026-09-06 04:00")


def test_hours_in_a_gap_or_a_fold_still_give_a_span():
    night = (HoursChange(ServiceZone.EASTERN, date(2026, 1, 1), hours=Hours(time(1, 30), time(2, 30)), open=True),)
    calendar = ServiceCalendar(ServiceZone.EASTERN, changes=night)
    spring, autumn = service_span(calendar, date(2026, 3, 8)), service_span(calendar, date(2026, 11, 1))
    assert (spring.begin, spring.end) == (utc("2026-03-08 06:30"), utc("2026-03-08 07:00"))
    assert (autumn.begin, autumn.end) == (utc("2026-11-01 05:30"), utc("2026-11-01 07:30"))


def test_a_change_counts_from_its_day_until_its_day_and_in_its_zone_only():
    changes = (
        HoursChange(ServiceZone.UK, date(2026, 12, 1), hours=Hours(time(10), time(14))),
        HoursChange(ServiceZone.UK, date(2026, 12, 24), date(2026, 12, 24), open=False),
        HoursChange(ServiceZone.UK, date(2026, 12, 26), date(2026, 12, 26), open=True),
        HoursChange(ServiceZone.EASTERN, date(2026, 12, 22), date(2026, 12, 22), open=False),
    )
    calendar = service_calendar(ServiceZone.UK, changes)
    assert service_span(calendar, date(2026, 11, 30)) == service_span(UK, date(2026, 11, 30))
    assert service_span(calendar, date(2026, 12, 1)).begin == utc("2026-12-01 10:00")
    assert service_span(calendar, date(2026, 12, 22)) is not None
    assert service_span(calendar, date(2026, 12, 24)) is None
    assert service_span(calendar, date(2026, 12, 26)).end == utc("2026-12-26 14:00")
    assert add_service_time(calendar, utc("2026-12-23 13:00"), timedelta(hours=2)) == utc("2026-12-26 11:00")


def test_a_calendar_that_never_opens_again_says_so():
    closed = HoursChange(ServiceZone.UK, date(2026, 12, 1), open=False)
    with pytest.raises(ConfigError, match="no service hours in the uk zone within a year of 2026-12-05"):
        next_opening(service_calendar(ServiceZone.UK, [closed]), utc("2026-12-05 12:00"))


def test_weeks_are_iso_weeks_of_the_zone():
    pacific = zone_of(ServiceZone.PACIFIC)
    assert week_of(utc("2026-11-23 07:59"), pacific)[0] == "2026-W47"
    assert week_of(utc("2026-11-23 08:00"), pacific)[0] == "2026-W48"
    assert week_of(utc("2027-01-02 12:00"), pacific)[0] == "2026-W53"
    span = week_span("2026-W47", pacific)
    assert (span.begin, span.end) == (utc("2026-11-16 08:00"), utc("2026-11-23 08:00"))


@pytest.mark.parametrize("week", ["2026-47", "2027-W53", "2026-W00", "W47", "2026-W47 ", "٢٠٢٦-W47", ""])
def test_what_is_no_week_is_refused_with_a_sentence(week):
    with pytest.raises(ConfigError, match="is not a week"):
        week_span(week, zone_of(ServiceZone.UK))


def test_reports_are_due_on_monday_at_nine_plus_minutes_that_stay():
    due = report_due_at("acme", "2026-W46", EASTERN)
    assert utc("2026-11-16 14:00") <= due < utc("2026-11-16 15:00")
    assert due.second == due.microsecond == 0
    assert report_due_at("acme", "2026-W47", EASTERN) == due + 7 * DAY
    minutes = {report_due_at(f"customer-{number}", "2026-W46", EASTERN).minute for number in range(400)}
    assert len(minutes) > 50


def test_reports_wait_for_the_first_service_day_when_monday_is_none():
    no_jitter = timedelta(0)
    assert report_due_at("acme", "2026-W52", UK, no_jitter) == utc("2026-12-29 09:00")
    assert report_due_at("acme", "2026-W21", EASTERN, no_jitter) == utc("2026-05-26 13:00")
    assert report_due_at("acme", "2026-W21", EASTERN, timedelta(minutes=1)) == utc("2026-05-26 13:00")


def test_between_two_instants_only_service_hours_count():
    friday, monday = datetime(2026, 11, 20, 15, tzinfo=UTC), datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    uk = ServiceCalendar(ServiceZone.UK)
    assert service_time_between(uk, friday, monday) == timedelta(hours=2, minutes=30)
    assert service_time_between(uk, monday, friday) == timedelta(0)
    assert service_time_between(uk, friday, friday) == timedelta(0)
    assert service_time_between(uk, friday, friday + timedelta(hours=1)) == timedelta(hours=1)
