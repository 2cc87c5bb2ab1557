"""When something is due at our own desk: on the wall clock of the customer's service zone, and in service hours.

Service hours are what one has: what is due on Monday morning is not two days away on a Saturday, but an hour.
"""

from datetime import datetime

from deliverwatch.core.service_hours import ServiceCalendar, service_time_between, zone_of
from deliverwatch.render.tongue import say
from deliverwatch.render.words import at, lasting


def due(moment: datetime | None, now: datetime, calendar: ServiceCalendar) -> str:
    """ "Wed 18 Nov 2026 14:00 GMT (2 h of service left)"."""
    if moment is None:
        return say("no time set")
    when = at(moment, zone_of(calendar.zone))
    if moment < now:
        late = lasting(service_time_between(calendar, moment, now))
        return say("{when} (overdue for {length} of service)", when=when, length=late)
    left = lasting(service_time_between(calendar, now, moment))
    return say("{when} ({length} of service left)", when=when, length=left)


def is_overdue(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment < now
