"""The week before, beside which a report puts its own: as it looks by now, and as its report said.

Its counts are made again from what is known today. They are only compared where that week had a report and at least
half as many watch-hours were due in it: of a customer who came on its last day nothing changed "since last week". Where
its report said something else (mail that was counted later, a listing that proved void), that is restated, number by
number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Span
from deliverwatch.core.events import Ending
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.listing import Listing
from deliverwatch.core.told_twice import Spaces
from deliverwatch.core.verification import ENOUGH_VERIFIED_RATIO
from deliverwatch.core.week_listings import ListingCounts, ReportedListing, counts_of, reported_listings
from deliverwatch.core.week_mail import NOT_MEASURED, Counted, WeekMail, week_mail

Figures = Mapping[str, int | float | None]
"""A report's numbers by name, as they are kept with it."""


class FigureName(StrEnum):
    """What is kept of a report's numbers. The first seven can be restated."""

    OPEN_AT_END = "open_at_end"
    OPENED = "opened"
    CLOSED = "closed"
    ATTEMPTED = "attempted"
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    BOUNCED = "bounced"
    VERIFIED_RATIO = "verified_ratio"
    WATCH_HOURS = "watch_hours"


COUNTS = tuple(FigureName)[:7]


class Restated(NamedTuple):
    """A number of the week before, and what its report said it was."""

    name: FigureName
    said: int
    now: int


@dataclass(frozen=True, slots=True)
class LastWeek:
    """What is loaded of it. `said`: the figures of its report, empty: there was none. `counted`: mail, everybody's."""

    span: Span
    said: Figures = field(default_factory=dict)
    counted: tuple[Counted, ...] = ()


@dataclass(frozen=True, slots=True)
class WeekBefore:
    """`listings` None: not to be compared with. `verified_ratio`: as its report said."""

    listings: ListingCounts | None = None
    verified_ratio: float | None = None
    mail: WeekMail = NOT_MEASURED
    restated: tuple[Restated, ...] = ()

    @property
    def enough_verified(self) -> bool:
        return self.verified_ratio is not None and self.verified_ratio >= ENOUGH_VERIFIED_RATIO


UNKNOWN_WEEK = WeekBefore()


def look_back(
    customer_id: str,
    holdings: Holdings,
    listings: Iterable[Listing],
    catalogue: Mapping[str, Blocklist],
    last_week: LastWeek | None,
    due_for: timedelta,
    spaces: Spaces,
) -> tuple[list[ReportedListing], WeekBefore]:
    """Its listings as they look today, and what is compared."""
    if last_week is None:
        return [], UNKNOWN_WEEK
    seen = reported_listings(customer_id, holdings, listings, catalogue, last_week.span)
    told = [listing for listing in seen if listing.ended is not Ending.VOID]
    mail = week_mail(customer_id, holdings, last_week.counted, spaces)
    return told, _week_before(last_week.said, counts_of(told, last_week.span), mail, due_for)


def _week_before(said: Figures, listings: ListingCounts, mail: WeekMail, due_for: timedelta) -> WeekBefore:
    """`due_for`: of the week that is compared with it."""
    hours = said.get(FigureName.WATCH_HOURS) or 0
    is_like = bool(hours) and 2 * hours >= due_for // timedelta(hours=1)
    return WeekBefore(
        listings if is_like else None,
        said.get(FigureName.VERIFIED_RATIO) if is_like else None,
        mail,
        tuple(_restated(said, {**counts_by_name(listings), **mail_by_name(mail)})),
    )


def counts_by_name(listings: ListingCounts) -> dict[str, int | None]:
    names = (FigureName.OPEN_AT_END, FigureName.OPENED, FigureName.CLOSED)
    return dict(zip(names, listings, strict=True))


def mail_by_name(mail: WeekMail) -> dict[str, int | None]:
    return dict(mail._asdict())


def _restated(said: Figures, now: Mapping[str, int | None]) -> list[Restated]:
    """What was not known then, or is not any more, is no other number."""
    pairs = [(name, said.get(name), now[name]) for name in COUNTS]
    return [
        Restated(name, int(before), after)
        for name, before, after in pairs
        if before is not None and after is not None and before != after
    ]
