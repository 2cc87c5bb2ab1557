"""What a person is told of a source at a glance."""

from datetime import timedelta

import pytest

from deliverwatch.core.source_condition import SILENT_AFTER, condition_of
from samples import NOON

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("last_ingest_at", "failed_since", "silent_after", "condition"),
    [
        (None, None, SILENT_AFTER, "never_used"),
        (NOON - 24 * HOUR, None, SILENT_AFTER, "fine"),
        (NOON - 25 * HOUR, None, SILENT_AFTER, "silent"),
        (NOON - 999 * HOUR, None, None, "fine"),
        (NOON, NOON - HOUR, SILENT_AFTER, "failing"),
        (None, NOON - HOUR, None, "failing"),
    ],
)
def test_a_source_that_brings_data_by_itself_can_fall_silent(last_ingest_at, failed_since, silent_after, condition):
    assert condition_of(last_ingest_at, failed_since, silent_after, NOON) == condition
