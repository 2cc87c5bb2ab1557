"""How a data source is: what a person is told of it at a glance.

A source that brings data by itself and has fallen silent looks just like one where nothing happens; so it is said. What
is only read from files now and then cannot fall silent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SILENT_AFTER = timedelta(hours=24)
"""Platforms send in minutes, logs grow all the time, statistics come daily."""
MAIL_SILENT_AFTER = timedelta(days=7)
"""Complaints and bounces that come as mail: a small sender has days without."""


class SourceCondition(StrEnum):
    """NEVER_USED: nothing was read yet. FAILING: it cannot be read at present."""

    NEVER_USED = "never_used"
    FINE = "fine"
    SILENT = "silent"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """`failure`: why it cannot be read, while it cannot."""

    title: str
    condition: SourceCondition
    last_event_at: datetime | None
    failure: str | None


def condition_of(
    last_ingest_at: datetime | None,
    failed_since: datetime | None,
    silent_after: timedelta | None,
    now: datetime,
) -> SourceCondition:
    """`silent_after`: None for a source that brings nothing by itself."""
    if failed_since is not None:
        return SourceCondition.FAILING
    if last_ingest_at is None:
        return SourceCondition.NEVER_USED
    if silent_after is not None and now - last_ingest_at > silent_after:
        return SourceCondition.SILENT
    return SourceCondition.FINE
