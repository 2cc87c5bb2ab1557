"""When something is due, in service hours."""

from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.core.inventory import ServiceZone
from deliverwatch.core.service_hours import ServiceCalendar
from deliverwatch.render.due_words import due, is_overdue

SATURDAY = datetime(2026, 11, 21, 12, tzinfo=UTC)
UK = ServiceCalendar(ServiceZone.UK)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 23, 9, 30, tzinfo=UTC), "Mon 23 Nov 2026 09:30 GMT (1 h of service left)"),
        (datetime(2026, 11, 20, 16, tzinfo=UTC), "Fri 20 Nov 2026 16:00 GMT (overdue for 30 min of service)"),
        (SATURDAY, "Sat 21 Nov 2026 12:00 GMT (0 min of service left)"),
        (None, "no time set"),
    ],
)
def test_a_weekend_takes_no_time(moment, words):
    assert due(moment, SATURDAY, UK) == words


def test_what_is_due_now_is_not_late_yet():
    assert [is_overdue(each, SATURDAY) for each in (SATURDAY, SATURDAY - timedelta(seconds=1), None)] == [
        False,
        True,
        False,
    ]
