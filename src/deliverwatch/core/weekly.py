"""The weekly report of one customer, as a value: what was listed, what was verified, and what was not.

The report speaks of one ISO week, cut in the customer's service zone. It never says "all clear" unless every
critical list was watched and verified, and 95 % of the watch-hours of all lists that are on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from deliverwatch.core.blocklist import Impact, Scope
from deliverwatch.core.coverage import Span
from deliverwatch.core.events import Ending
from deliverwatch.core.inventory import Customer
from deliverwatch.core.subjects import Subject

ENOUGH_VERIFIED_RATIO = 0.95


class WeekVerdict(StrEnum):
    """LISTED: something is listed at the week's end, or was. ALL_CLEAR: verified. NOT_VERIFIED: nothing seen, but not
    enough checked to say so."""

    ALL_CLEAR = "all_clear"
    LISTED = "listed"
    NOT_VERIFIED = "not_verified"


@dataclass(frozen=True, slots=True)
class ReportedListing:
    """A listing as this customer sees it: cut to the time the asset was theirs."""

    subject: Subject
    list_id: str
    list_name: str
    opened_at: datetime
    closed_at: datetime | None
    ended: Ending | None
    impact: Impact
    scope: Scope
    meanings: tuple[str, ...]
    pool: str | None
    stream: str | None
    lookup_url: str | None


@dataclass(frozen=True, slots=True)
class UnverifiedList:
    """A list that is on, and for how long it could not be verified in the week. `why`: its latest reason."""

    list_id: str
    list_name: str
    impact: Impact
    due_for: timedelta
    verified_for: timedelta
    why: str


@dataclass(frozen=True, slots=True)
class UnverifiedWatch:
    """One subject that a list gave no conclusive answer for, although the list itself was well."""

    subject: Subject
    list_name: str
    unverified_for: timedelta
    why: str


@dataclass(frozen=True, slots=True)
class NotWatched:
    """An important list that is off, and what it takes to turn it on."""

    list_id: str
    list_name: str
    impact: Impact
    takes: str


@dataclass(frozen=True, slots=True)
class ReportedDraft:
    subjects: tuple[str, ...]
    addressee: str
    state: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class WeeklyReport:
    customer: Customer
    week: str
    span: Span
    zone_name: str
    made_at: datetime
    verdict: WeekVerdict
    subjects_watched: int
    lists_watched: int
    opened: int
    closed: int
    open_at_end: int
    verified_ratio: float
    listings: tuple[ReportedListing, ...]
    corrections: tuple[ReportedListing, ...]
    unverified: tuple[UnverifiedList, ...]
    unverified_watches: tuple[UnverifiedWatch, ...]
    not_watched: tuple[NotWatched, ...]
    drafts: tuple[ReportedDraft, ...]
