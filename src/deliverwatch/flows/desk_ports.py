"""The store as the desk sees it: heads and pages of what is kept, of some customers only. Every method reads alone.

`customers` None: of all, and what is the ESP's own; an empty set: nothing. What concerns a customer is what an event
named it as a party of (`event_party`). Lists are cut into pages by a place in them (`before`), never by counting, so
that what comes meanwhile moves nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.desk.affected import Blocked, Listed
from deliverwatch.core.desk.start import Part
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.figures import Figures
from deliverwatch.core.listing import Listing
from deliverwatch.core.remediation.draft import Draft, DraftKind, DraftState
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.warmup.run import WarmupStep
from deliverwatch.flows.alert_ports import AlertLine, NumberedEvent

Customers = Collection[str] | None
Place = tuple[datetime, str]
"""Of a row in a list that is newest first: its time and its key."""


@dataclass(frozen=True, slots=True)
class DraftHead:
    """What a list of drafts shows; `missing` and `blockers` (those that stand) are counts."""

    id: str
    customer: str | None
    provider: str
    addressee: str
    kind: DraftKind
    channel: FormChannel
    state: DraftState
    subjects: tuple[str, ...]
    missing: int
    blockers: int
    created_at: datetime
    changed_at: datetime
    due_at: datetime | None
    follow_up_of: str | None
    reference: str | None
    expected_by: datetime | None


@dataclass(frozen=True, slots=True)
class DraftCount:
    """Drafts in one state for one list or mailbox provider; `overdue`: of those that wait for one of us."""

    state: DraftState
    provider: str
    count: int
    overdue: int


@dataclass(frozen=True, slots=True)
class ReportHead:
    id: str
    customer: str
    week: str
    made_at: datetime
    subject: str
    sent_to: tuple[str, ...]
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MailOfDay:
    """One UTC day at one mailbox provider, counted from events, all sources that are the best of their hours. None: not
    measured."""

    on: date
    provider: str
    attempted: int | None
    delivered: int | None
    deferred: int | None
    bounced: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found in the store: newest first, a few of each."""

    listings: tuple[Listing, ...] = ()
    episodes: tuple[Episode, ...] = ()
    drafts: tuple[DraftHead, ...] = ()
    reports: tuple[ReportHead, ...] = ()
    events: tuple[NumberedEvent, ...] = ()


class DeskStore(Protocol):
    async def events_of(
        self,
        customers: Customers,
        *,
        kinds: Collection[EventKind] = (),
        before: int | None = None,
        after: int | None = None,
        since: datetime | None = None,
        limit: int = 100,
    ) -> list[NumberedEvent]:
        """Newest first, by number; with `after` oldest first, those of greater numbers (for streams)."""

    async def events_told(self, limit: int) -> list[Event]:
        """The newest first, without those that another one tells of."""

    async def parties_of(self, keys: Collection[str]) -> Mapping[str, frozenset[str]]:
        """By key of a listing or an episode: all customers that its events named."""

    async def listings_of(
        self,
        customers: Customers,
        *,
        open_only: bool = False,
        list_id: str | None = None,
        since: datetime | None = None,
        before: Place | None = None,
        limit: int = 100,
    ) -> list[Listing]:
        """Newest opened first. `since`: open at that time or later. `before`: (opened_at, key)."""

    async def open_listed(self, customers: Customers, *, but: Collection[str] = ()) -> list[Listed]:
        """All that are open, on lists other than these; newest first."""

    async def open_blocked(self, customers: Customers) -> list[Blocked]:
        """All that are open."""

    async def worst_listings(self, lists: Collection[str], *, but: bool = False, incidents: int = 100) -> Part[Listing]:
        """Those that are open on these lists, or on all `but` these: of the worst incidents all, of the others how many
        there are. The order within is open."""

    async def episodes_of(
        self,
        customers: Customers,
        *,
        kinds: Collection[EpisodeKind] = (),
        open_only: bool = False,
        since: datetime | None = None,
        before: Place | None = None,
        limit: int = 100,
    ) -> list[Episode]:
        """As `listings_of`."""

    async def worst_episodes(
        self, kinds: Collection[EpisodeKind], *, since: datetime, alike: int = 100
    ) -> Part[Episode]:
        """Those that are open, or ended after `since`: what is open, gravest and newest first. Those of one provider
        that began and ended together are one of the `alike`, and come together. The order within is open."""

    async def count_open_episodes(self, customers: Customers, kinds: Collection[EpisodeKind]) -> int: ...

    async def causes_of(self, keys: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
        """The likely causes that are kept, by key of a listing or a block."""

    async def alerts_of(self, customers: Customers, *, before: int | None = None, limit: int = 100) -> list[AlertLine]:
        """Newest first, by number."""

    async def draft_heads(
        self,
        customers: Customers,
        *,
        states: Collection[DraftState] = (),
        provider: str | None = None,
        follow_up_of: str | None = None,
        before: Place | None = None,
        limit: int = 100,
    ) -> list[DraftHead]:
        """Newest created first. `before`: (created_at, id). `provider`: the list or mailbox provider; `follow_up_of`:
        only those that follow that draft."""

    async def drafts_due_first(
        self,
        customers: Customers,
        *,
        states: Collection[DraftState],
        provider: str | None = None,
        limit: int = 100,
    ) -> list[DraftHead]:
        """By when they are due, or to be looked at again; what has no time comes last."""

    async def count_drafts(
        self, customers: Customers, now: datetime, *, states: Collection[DraftState], provider: str | None = None
    ) -> list[DraftCount]:
        """By state and provider."""

    async def whole_drafts(self, ids: Collection[str]) -> Mapping[str, Draft]:
        """By id."""

    async def drafts_about(self, keys: Collection[str]) -> Mapping[str, str]:
        """By key of a listing or an episode: the id of the newest draft about it."""

    async def report_heads(
        self, customers: Customers, *, before: Place | None = None, limit: int = 100
    ) -> list[ReportHead]:
        """Newest made first. `before`: (made_at, id)."""

    async def warmup_steps_of(
        self, customers: Customers, *, since: datetime | None = None, until: datetime | None = None
    ) -> list[tuple[str, WarmupStep]]:
        """What people did to runs that are (or were) theirs alone, with the sending IP; newest first. `since` is not
        among them, `until` is."""

    async def mail_days(
        self, names: Sequence[str], since: datetime, until: datetime, spaces: Mapping[str, str] | None = None
    ) -> list[MailOfDay]:
        """Of these sending IPs (domains only where no IP is known), summed in the database; oldest first. `spaces`: see
        `core.told_twice`."""

    async def figures(self, now: datetime) -> Figures:
        """Of the whole installation, for metrics."""

    async def search(self, words: str, customers: Customers, limit: int = 10) -> Found:
        """By the beginning of a subject, or a part of an id, a reference or a report's subject."""
