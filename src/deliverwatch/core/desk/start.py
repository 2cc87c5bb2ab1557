"""What a day begins with, besides the customers: what opened and closed, what is due, what could not be checked.

All of it is folded from values that were read already, and cut to what one looks at: the rest is counted, so that a
page of five hundred customers is as long as one of fifty.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.source_condition import SourceCondition, SourceHealth
from deliverwatch.core.warmup.day import DayState
from deliverwatch.core.warmup.status import RunStatus

OPENED = frozenset(
    {
        EventKind.LISTING_OPENED,
        EventKind.BLOCK_OPENED,
        EventKind.THROTTLE_STARTED,
        EventKind.FINDING_OPENED,
        EventKind.WARNING_STARTED,
    }
)
CLOSED = frozenset(
    {
        EventKind.LISTING_CLOSED,
        EventKind.BLOCK_CLOSED,
        EventKind.THROTTLE_ENDED,
        EventKind.FINDING_CLOSED,
        EventKind.WARNING_ENDED,
    }
)
WITHOUT_LOOK = timedelta(hours=24)
"""What is new for who never said that they have seen the page."""

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Part(Generic[_Row]):
    """The first rows of a list, and how many more there are."""

    rows: tuple[_Row, ...]
    more: int

    @property
    def count(self) -> int:
        return len(self.rows) + self.more


def part(rows: Sequence[_Row], most: int) -> Part[_Row]:
    return Part(tuple(rows[:most]), max(len(rows) - most, 0))


def is_news(event: Event) -> bool:
    """For somebody to look at: the leading event of an incident, not those that it leads, and not what only informs."""
    return not event.facts.get("quiet") and "incident" not in event.facts


def unheard_sources(health: Iterable[SourceHealth]) -> list[SourceHealth]:
    return [each for each in health if each.condition in (SourceCondition.SILENT, SourceCondition.FAILING)]


def waiting_warmups(statuses: Iterable[RunStatus]) -> list[RunStatus]:
    """Those for a person to release or to look at: the ready ones first."""
    found = [each for each in statuses if each.state in (DayState.READY_TO_RELEASE, DayState.HELD)]
    return sorted(found, key=lambda each: (each.state is not DayState.READY_TO_RELEASE, each.run.ip))
