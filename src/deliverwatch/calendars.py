"""Bank holidays from the `holidays` library, as the pure calendars of `core.service_hours`.

The US zones keep the holidays of the Federal Reserve Banks: one that falls on a Sunday moves to the Monday, one that
falls on a Saturday is not made up for (Federal Reserve Bank of Richmond, "Holiday Schedule" 2025-2027, checked
2026-11-24). The UK zone keeps the bank holidays of England and Wales; those on a weekend have a substitute weekday
(Banking and Financial Dealings Act 1971, schedule 1, and the yearly proclamations). One-off days that are declared
after the library was released are the operator's changes (`[[calendar.changes]]` in the settings).
"""

from collections.abc import Container, Iterable
from datetime import date

import holidays

from deliverwatch.core.inventory import ServiceZone
from deliverwatch.core.service_hours import HoursChange, ServiceCalendar


def service_calendar(zone: ServiceZone, changes: Iterable[HoursChange] = ()) -> ServiceCalendar:
    """`changes` may be those of all zones."""
    return ServiceCalendar(zone, _bank_holidays(zone), tuple(change for change in changes if change.zone is zone))


def _bank_holidays(zone: ServiceZone) -> Container[date]:
    """Grows by itself to the years it is asked about."""
    if zone is ServiceZone.UK:
        return holidays.country_holidays("GB", subdiv="ENG")
    return holidays.financial_holidays("XFED")
