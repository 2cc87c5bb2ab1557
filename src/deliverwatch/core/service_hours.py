"""Service hours: when the people who act on what the program finds are at work.

Each customer has one of three service zones: US Eastern and US Pacific from 09:00 to 17:00, the UK from 08:30 to
16:30, Monday to Friday without bank holidays. The operator changes that for their own house from a day on: other
hours, extra closed days, extra open days. A change counts only for the days it names, so that due times computed for
the days before stay what they were.

Days and weeks are cut on the wall clock of the zone, and every instant is kept in UTC. A wall time that occurs twice
(the night the clock goes back) means its first occurrence; one that does not occur (the night it goes forward) means
the first valid instant after the gap (PEP 495). So a local day has 23, 24 or 25 hours, and a week may be an hour
short or long. Durations are counted in elapsed time inside the hours, never by adding to a wall time.
"""

import hashlib
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from deliverwatch.core.coverage import Span
from deliverwatch.core.errors import ConfigError, Fault
from deliverwatch.core.inventory import ServiceZone

_DAY = timedelta(days=1)
_SATURDAY = 5
_LONGEST_CLOSURE_DAYS = 366
_REPORT_AT = time(9)
_WEEK = re.compile(r"(2[0-9]{3})-W([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Hours:
    """Wall times of one day; `opens` is before `closes`."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class HoursChange:
    """The operator's change for the days from `from_on` until `until_on`, both included (None: no end).

    `hours` None: as before. `open` None: as before; True or False makes these days service days, or not.
    """

    zone: ServiceZone
    from_on: date
    until_on: date | None = None
    hours: Hours | None = None
    open: bool | None = None

    def counts_on(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True, slots=True)
class ServiceCalendar:
    """One zone with its bank holidays and the operator's changes to it, of which the later in order win."""

    zone: ServiceZone
    bank_holidays: Container[date] = frozenset()
    changes: tuple[HoursChange, ...] = ()


_ZONES: Mapping[ServiceZone, tuple[str, Hours]] = {
    ServiceZone.EASTERN: ("America/New_York", Hours(time(9), time(17))),
    ServiceZone.PACIFIC: ("America/Los_Angeles", Hours(time(9), time(17))),
    ServiceZone.UK: ("Europe/London", Hours(time(8, 30), time(16, 30))),
}


def zone_of(zone: ServiceZone) -> ZoneInfo:
    return ZoneInfo(_ZONES[zone][0])


def service_span(calendar: ServiceCalendar, day: date) -> Span | None:
    """The service hours of one local day, in UTC; None on a day without service."""
    hours = _ZONES[calendar.zone][1]
    is_open = day.weekday() < _SATURDAY and day not in calendar.bank_holidays
    for change in calendar.changes:
        if change.zone is calendar.zone and change.counts_on(day):
            hours = change.hours or hours
            is_open = is_open if change.open is None else change.open
    if not is_open:
        return None
    zone = zone_of(calendar.zone)
    return Span(wall_instant(day, hours.opens, zone), wall_instant(day, hours.closes, zone))


def is_open(calendar: ServiceCalendar, instant: datetime) -> bool:
    span = service_span(calendar, instant.astimezone(zone_of(calendar.zone)).date())
    return span is not None and span.begin <= instant < span.end


def next_opening(calendar: ServiceCalendar, instant: datetime) -> datetime:
    """The first instant from then on that lies within service hours: `instant` itself when it does."""
    return max(instant, next(_openings(calendar, instant)).begin)


def next_beginning(calendar: ServiceCalendar, instant: datetime) -> datetime:
    """The first instant from then on at which service hours begin: that of the next service day, within the hours of
    one."""
    return next(span.begin for span in _openings(calendar, instant) if span.begin >= instant)


def add_service_time(calendar: ServiceCalendar, instant: datetime, for_: timedelta) -> datetime:
    """When `for_` of service time has passed since `instant`. A full day from the opening ends at closing time."""
    left = for_
    for span in _openings(calendar, instant):
        begin = max(instant, span.begin)
        if left <= span.end - begin:
            return begin + left
        left -= span.end - begin
    raise AssertionError("_openings ends only by raising")


def subtract_service_time(calendar: ServiceCalendar, instant: datetime, for_: timedelta) -> datetime:
    """From when on `for_` of service time passes until `instant`."""
    left, day, closed_days = for_, instant.astimezone(zone_of(calendar.zone)).date(), 0
    while closed_days <= _LONGEST_CLOSURE_DAYS:
        span = service_span(calendar, day)
        if span is not None and span.begin < instant:
            closed_days, end = 0, min(span.end, instant)
            if left <= end - span.begin:
                return end - left
            left -= end - span.begin
        else:
            closed_days += 1
        day -= _DAY
    problem = f"no service hours in the {calendar.zone} zone in the year after {day}"
    raise ConfigError(Fault("", "calendar", f"{problem}: give the change that closes it a beginning"))


def service_time_between(calendar: ServiceCalendar, begin: datetime, end: datetime) -> timedelta:
    """How much service time lies between two instants; nothing where `end` is not the later one."""
    passed = timedelta(0)
    for span in _openings(calendar, begin):
        if span.begin >= end:
            break
        passed += span.within(Span(begin, end)).length
    return passed


def _openings(calendar: ServiceCalendar, instant: datetime) -> Iterator[Span]:
    """The stretches of service that end after `instant`, in order."""
    day, closed_days = instant.astimezone(zone_of(calendar.zone)).date(), 0
    while closed_days <= _LONGEST_CLOSURE_DAYS:
        span = service_span(calendar, day)
        if span is not None and span.end > instant:
            closed_days = 0
            yield span
        else:
            closed_days += 1
        day += _DAY
    problem = f"no service hours in the {calendar.zone} zone within a year of {day - closed_days * _DAY}"
    raise ConfigError(Fault("", "calendar", f"{problem}: give the change that closes it an end"))


def wall_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which the clocks of the zone first show `at`, or the first one they show after it."""
    wall = datetime.combine(day, at, zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return _end_of_gap(wall.replace(fold=1).astimezone(UTC), instant, zone)


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The clock change between two instants: PEP 495 reads a missing wall time as one on each side of it."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def week_of(instant: datetime, zone: ZoneInfo) -> tuple[str, Span]:
    """The ISO week ("2026-W47") of the zone that holds the instant, and its span."""
    year, number, _ = instant.astimezone(zone).isocalendar()
    week = f"{year:04d}-W{number:02d}"
    return week, week_span(week, zone)


def week_span(week: str, zone: ZoneInfo) -> Span:
    """From Monday midnight to Monday midnight in the zone. Raises ConfigError for what is not a week."""
    monday = _monday(week)
    return Span(wall_instant(monday, time(0), zone), wall_instant(monday + 7 * _DAY, time(0), zone))


def _monday(week: str) -> date:
    match = _WEEK.fullmatch(week)
    if match is None:
        raise _not_a_week(week, "expected a year and an ISO week number, such as 2026-W47")
    try:
        return date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        raise _not_a_week(week, f"{match[1]} has no ISO week {match[2]}") from None


def _not_a_week(week: str, why: str) -> ConfigError:
    return ConfigError(Fault("", "week", f"{week[:20]!r} is not a week: {why}"))


def report_due_at(
    customer_id: str, week: str, calendar: ServiceCalendar, jitter_for: timedelta = timedelta(hours=1)
) -> datetime:
    """09:00 local on the first service day after the week, plus whole minutes below `jitter_for`.

    The minutes follow from the customer's id: they spread the load, and are the same every week.
    """
    day = _monday(week) + 7 * _DAY
    zone = zone_of(calendar.zone)
    first = next(_openings(calendar, wall_instant(day, time(0), zone))).begin.astimezone(zone).date()
    digest = hashlib.sha256(customer_id.encode()).digest()
    minutes = int.from_bytes(digest[:8], "big") % max(1, jitter_for // timedelta(minutes=1))
    return wall_instant(first, _REPORT_AT, zone) + timedelta(minutes=minutes)
