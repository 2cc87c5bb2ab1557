"""What the flows need from the outside world, as protocols. The adapters fit them; `app` wires and mypy proves it.

A `Resolver` is opened anew for each list and round: a resolver object that is shared or kept answers from its own
cache, and mistakes a slow list for a dead one. It takes the blocklist and the subject's own name, never a query name,
since the account key joins the name inside `lookup` and must not leave it. It answers; it never raises for anything the
network does.

All times that go into or come out of a `Store` are aware UTC instants. Every `commit_*` is one transaction. Methods
that take a `Claim` raise `FenceLost` when the slot was claimed by somebody else meanwhile, and write nothing.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from deliverwatch.core.alerting import Notification, NotificationState
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Cycle, Gap
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.flapping import Unstable
from deliverwatch.core.inventory import Inventory
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import Listing, ListingState, Watch
from deliverwatch.core.resolver_health import ProbedResolver
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.verdict import Answer
from deliverwatch.core.warmup.run import NO_HOLD_CHANGES, HoldChanges
from deliverwatch.core.zone_health import TestResult, ZoneState

FEED = "feed"
"""The path of a list that is had as a download."""

MAX_REASON = 512
"""How many characters of a list's own text are kept."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The wall clock, aware, UTC."""

    def monotonic(self) -> timedelta:
        """Time since some fixed moment; never steps."""

    async def sleep(self, delay_for: timedelta) -> None: ...


class Resolver(Protocol):
    """One list, one round, one path."""

    @property
    def path(self) -> str:
        """Which way it asks: a resolver ("192.0.2.53:53"), the list's own servers ("direct"), a download ("feed")."""

    async def ask(self, blocklist: Blocklist, kind: SubjectKind, name: str) -> Answer:
        """All A records of the list for a subject or test point."""

    async def ask_all(
        self, blocklist: Blocklist, subjects: Sequence[Subject], stop: Callable[[Answer], bool]
    ) -> Sequence[Answer]:
        """One answer for each, in their order; `NOT_LISTED` itself for a plain NXDOMAIN.

        Each answer that is not NXDOMAIN is shown to `stop`; once it says so nothing more is sent, and the rest come
        back as that answer with `asked` False. What the adapter itself does not ask (a list that answers nothing, a
        budget used up) comes back in the same way, with the reason in `detail`.
        """

    async def reason(self, blocklist: Blocklist, kind: SubjectKind, name: str) -> str | None:
        """The list's TXT text for a listing, as sent (hostile), `MAX_REASON` characters at most; None without one."""

    async def own_test(self, blocklist: Blocklist, kind: SubjectKind) -> TestResult | None:
        """What the way itself knows of the list's condition (the age and wholeness of a download). None: the test
        points must tell."""

    async def close(self) -> None: ...


class Lookups(Protocol):
    @property
    def paths(self) -> tuple[str, ...]:
        """The configured resolvers, in order of preference."""

    def paths_for(self, blocklist: Blocklist) -> tuple[str, ...]:
        """The ways on which this list is asked, in order of preference; at least one."""

    def confirm_paths_for(self, blocklist: Blocklist) -> tuple[str, ...]:
        """Ways for an independent second look; may be empty."""

    def open(self, path: str) -> Resolver: ...


class Probe(Protocol):
    async def __call__(self, path: str) -> ProbedResolver:
        """Asks a resolver for ordinary names. Never raises for anything the network does."""


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A complete message (RFC 5322 bytes) and its envelope."""

    sender: str
    recipient: str
    message_id: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says, before it is a message."""

    subject: str
    text: str
    html: str | None = None


class Channel(Protocol):
    async def deliver(self, mail: OutgoingMail) -> None:
        """Hands it over. Raises ChannelFailed, permanent or not; returns only when it was accepted."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write the result of one slot of the ledger. `fence` grows with each claim of the same slot."""

    job: str
    key: str
    fence: int


@dataclass(frozen=True, slots=True)
class Slot:
    job: str
    key: str
    due_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    lease_until: datetime | None = None

    def is_taken(self, now: datetime, lease_for: timedelta) -> bool:
        """Somebody works on it. A lease twice as far ahead as any can be comes from a clock that was set back; once as
        far, from another worker's that is ahead of ours."""
        latest = now + 2 * lease_for
        return self.finished_at is None and self.lease_until is not None and now < self.lease_until <= latest


@dataclass(frozen=True, slots=True)
class RoundLoad:
    """What is believed of one list before a round. `states` holds only watches that are not clear. `verified_at`: when
    the latest verified full rounds began, newest first, at most two. `openings`: how often each watch was opened since
    a time asked for, void ones left out. `unstable`: watches that come and go."""

    zones: Mapping[str, ZoneState]
    states: Mapping[Subject, ListingState]
    gaps: Mapping[Subject, Gap]
    verified_at: tuple[datetime, ...]
    stale_told: bool
    openings: Mapping[Subject, int] = field(default_factory=dict)
    unstable: Mapping[Subject, Unstable] = field(default_factory=dict)

    @property
    def last_verified_at(self) -> datetime | None:
        return self.verified_at[0] if self.verified_at else None


@dataclass(frozen=True, slots=True)
class RoundResult:
    """What one round over one list found. `states`: only those that changed; a CLEAR one is forgotten.

    `unstable`: those that changed; None: it is no longer. `held_back` and `released`: keys of listings whose messages,
    so far as they have not gone out, wait or go on.
    """

    claim: Claim
    cycle: Cycle
    zones: Mapping[str, ZoneState]
    states: Mapping[Subject, ListingState]
    gaps_opened: Sequence[Gap] = ()
    gaps_closed: Sequence[Subject] = ()
    stale_told: bool = False
    events: Sequence[Event] = ()
    notifications: Sequence[Notification] = ()
    unstable: Mapping[Subject, Unstable | None] = field(default_factory=dict)
    held_back: Sequence[str] = ()
    released: Sequence[str] = ()
    holds: HoldChanges = NO_HOLD_CHANGES


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notification claimed for sending, with what it is made from. `attempt` counts from 1. `content`: the message,
    from the moment it was made for the first time. `joined`: older events that it tells as well, oldest first.
    `cause`: the likely one of the listing or block, where somebody looked for it."""

    notification: Notification
    attempt: int
    fence: int
    event: Event | None
    content: bytes | None
    joined: tuple[Event, ...] = ()
    cause: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """A notification as people look it up."""

    notification: Notification
    state: NotificationState
    attempts: int
    next_attempt_at: datetime | None
    sent_at: datetime | None
    last_error: str | None
    event_kind: EventKind | None


@dataclass(frozen=True, slots=True)
class ReportRun:
    """A report that was made, once per customer and week. `listing_keys`: the episodes it tells of as real.
    `advice`: ids of what it tells the customer to put in order. `figures`: its numbers by name, with which the next
    one compares its own. `note`: what the TAM added. `bulletin`: ids of the items it tells."""

    id: str
    customer: str
    week: str
    made_at: datetime
    subject: str
    html: str
    text: str
    sent_to: tuple[str, ...] = ()
    listing_keys: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    figures: Mapping[str, int | float | None] = field(default_factory=dict)
    note: str = ""
    bulletin: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A customer whose data were deleted: how many rows of which table, and in how many that stay it is not named any
    more."""

    customer: str
    deleted: Mapping[str, int]
    anonymised: Mapping[str, int]


class Ledger(Protocol):
    """`job_slot(job, key)`, unique: the truth about what was started and what is done."""

    async def last_slot(self, job: str) -> Slot | None:
        """The slot of the job with the highest key."""

    async def add_slot(self, job: str, key: str, due_at: datetime) -> bool:
        """False when it is there already."""

    async def claim_slot(self, job: str, key: str, now: datetime, lease_for: timedelta) -> Claim | None:
        """None when it is done, or somebody else's lease still runs."""

    async def renew_slot(self, claim: Claim, now: datetime, lease_for: timedelta) -> None:
        """Long work keeps its lease from running out."""

    async def finish_slot(self, claim: Claim, now: datetime) -> None: ...

    async def release_leases(self) -> int:
        """Gives up the leases of a predecessor that is known to be dead (slots and notifications)."""


class Store(Ledger, Protocol):
    async def inventory(self) -> Inventory: ...

    async def apply_inventory(self, change: InventoryChange, at: datetime) -> None:
        """`at`: when the assets added were learnt of (`Asset.added_at`)."""

    async def inventory_revision(self) -> int:
        """Grows with each change of the inventory: who has kept one need not load it again."""

    async def forget_customer(self, customer_id: str) -> Forgotten:
        """What is theirs alone is deleted; what concerns others stays without them. Raises NotPossible."""

    async def load_round(self, list_id: str, openings_since: datetime) -> RoundLoad: ...

    async def commit_round(self, result: RoundResult) -> None:
        """Those who were told of what turned out void get their correction in the same transaction, and what of it had
        not gone out is dropped."""

    async def take_budget(self, list_id: str, day: date, wanted: int, per_day: int) -> int:
        """Reserves queries of the day's budget for a round; returns how many of those wanted are granted."""

    async def lift_stop(self, list_id: str, now: datetime) -> int:
        """A list that refuses us is asked again from now on; returns on how many paths it was stopped."""

    async def watch_states(self) -> Mapping[Watch, ListingState]:
        """All watches that are not clear."""

    async def commit_endings(
        self,
        states: Mapping[Watch, ListingState],
        events: Sequence[Event],
        notifications: Sequence[Notification],
        holds: HoldChanges = NO_HOLD_CHANGES,
    ) -> None:
        """What ends without a round; and whatever else is nothing but events."""

    async def look_requests(self) -> Mapping[str, tuple[Subject, ...]]:
        """By list: subjects that a receiver says are listed, not looked at since."""

    async def look_done(self, list_id: str, subjects: Collection[Subject]) -> None: ...

    async def zone_states(self) -> Mapping[tuple[str, str], ZoneState]:
        """By list id and path."""

    async def cycles(self, since: datetime, until: datetime) -> list[Cycle]:
        """Those that started in the span, oldest first."""

    async def cycles_of(self, list_id: str, since: datetime) -> list[Cycle]:
        """Those of one list that started since then, oldest first."""

    async def last_verified(self, list_ids: Collection[str]) -> Mapping[str, datetime]:
        """When the last verified full round of each began; those that never had one are left out."""

    async def last_cycles(self) -> Mapping[str, Cycle]:
        """The newest full cycle of each list."""

    async def gaps(self, since: datetime, until: datetime) -> list[Gap]:
        """Those that touch the span."""

    async def listings(self, *, open_only: bool = False, since: datetime | None = None) -> list[Listing]:
        """Newest first; `since`: those open at that time or opened later."""

    async def events(self, kinds: Sequence[EventKind] = (), limit: int = 100) -> list[Event]:
        """Newest first."""

    async def claim_notification(self, now: datetime, lease_for: timedelta) -> Delivery | None:
        """The oldest that is due. The claim is committed before anything is sent."""

    async def keep_content(self, delivery: Delivery, content: bytes) -> None:
        """The message as it is sent from now on. Raises FenceLost when somebody else has claimed it meanwhile."""

    async def notification_sent(self, delivery: Delivery, now: datetime) -> None: ...

    async def notification_failed(self, delivery: Delivery, why: str, next_attempt_at: datetime | None) -> None:
        """None: no further attempt, a dead letter."""

    async def outbox(self, limit: int = 100, states: Collection[NotificationState] = ()) -> list[OutboxLine]:
        """Newest first; only those in one of the states, if any are given."""

    async def commit_report(
        self,
        claim: Claim | None,
        run: ReportRun,
        notifications: Sequence[Notification],
        contents: Mapping[str, bytes],
        tokens: Mapping[str, str] | None = None,
    ) -> bool:
        """False, and only the slot finished, when the customer's week has one; False, and nothing written, when a
        person holds it, skips it or changed its note. `contents`: by notification id. `tokens`: readers' addresses by
        the digest of their unsubscribe token."""

    async def reports(self, *, customer: str | None = None, week: str | None = None) -> list[ReportRun]: ...

    async def counts(self) -> Mapping[str, int]:
        """Keys: open_listings, drafts_waiting, outbox_pending, outbox_dead, events."""

    @property
    def faults(self) -> int:
        """How often the database failed us since it was opened."""

    async def ping(self) -> None:
        """Raises StoreError when the database does not answer."""

    async def close(self) -> None: ...
