"""What can wait waits for service hours: on every bank holiday and clock change of 2026 to 2031, in all three zones."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from deliverwatch.calendars import service_calendar
from deliverwatch.core.blocklist import Impact
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory import ServiceZone
from deliverwatch.core.receivers import Routing, route
from deliverwatch.core.service_hours import next_beginning, next_opening, zone_of
from deliverwatch.core.subjects import parse_subject
from samples import customer

FIRST, LAST = date(2026, 1, 1), date(2031, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
OPENS_AT = {ServiceZone.EASTERN: time(9), ServiceZone.PACIFIC: time(9), ServiceZone.UK: time(8, 30)}
CALENDARS = {zone: service_calendar(zone) for zone in ServiceZone}
ROUTING = Routing(
    ("ops@esp.example",),
    opens=lambda zone, at: next_opening(CALENDARS[zone], at),
    digest_goes=lambda zone, at: next_beginning(CALENDARS[zone], at),
)


def told(zone, now, **facts):
    """When the account manager of a customer in that zone is told."""
    event = Event("x", EventKind.LISTING_OPENED, now, "zen", parse_subject("192.0.2.1"), facts)
    (tam,) = (each for each in route(event, ROUTING, [customer("acme", zone=zone)]) if each.audience == "tam")
    return tam.not_before or now


def opening_after(zone, day):
    """Reckoned by hand: the first later weekday that is no bank holiday."""
    day += timedelta(days=1)
    while day.weekday() >= 5 or day in CALENDARS[zone].bank_holidays:
        day += timedelta(days=1)
    return datetime.combine(day, OPENS_AT[zone], zone_of(zone)).astimezone(UTC)


@pytest.mark.parametrize("zone", ServiceZone)
def test_on_every_bank_holiday_it_waits_for_the_next_service_day_and_urgent_news_does_not(zone):
    closed = [day for day in DAYS if day in CALENDARS[zone].bank_holidays and day.weekday() < 5]
    assert len(closed) >= 6 * 8, "eight a year at least"
    for day in closed:
        noon = datetime.combine(day, time(12), zone_of(zone)).astimezone(UTC)
        assert told(zone, noon, impact=Impact.LOW) == opening_after(zone, day), day
        assert told(zone, noon, impact=Impact.LOW, mail_share=0.8) == noon


@pytest.mark.parametrize("zone", ServiceZone)
def test_over_every_clock_change_it_waits_for_the_hours_on_the_wall(zone):
    local = zone_of(zone)
    offsets = {day: datetime.combine(day, time(0), local).utcoffset() for day in DAYS}
    changes = [day for day in DAYS[1:] if offsets[day] != offsets[day - timedelta(days=1)]]
    assert len(changes) == 12, "two a year: the day after each"
    for day in changes:
        evening = datetime.combine(day - timedelta(days=2), time(23), local).astimezone(UTC)
        opens = told(zone, evening, impact=Impact.LOW)
        assert opens.astimezone(local).time() == OPENS_AT[zone]
        assert opens == opening_after(zone, day - timedelta(days=2)), day


@pytest.mark.parametrize("zone", ServiceZone)
def test_within_service_hours_it_goes_at_once_and_a_digest_with_the_next_day(zone):
    monday = datetime.combine(date(2026, 11, 23), time(11), zone_of(zone)).astimezone(UTC)
    assert told(zone, monday, impact=Impact.LOW) == monday
    assert next_beginning(CALENDARS[zone], monday) == opening_after(zone, date(2026, 11, 23))
    opening = opening_after(zone, date(2026, 11, 22))
    assert next_beginning(CALENDARS[zone], opening) == opening
