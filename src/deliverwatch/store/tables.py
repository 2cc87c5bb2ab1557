"""The tables. Their rows never leave this package: `mapping` turns them into core values and back.

What is written grows with change, not with checking. A watch that is clear has no row at all; one that is not has one
row in `watch_state`, and each change of it one line in `transition`. A watch without a conclusive answer has one row
in `watch_gap` for the whole stretch. Each round over a list adds one row to `cycle`, whatever it found, and from these
follow "last verified" and the verified share.

`job_slot` is the truth about work: `fence` grows with each claim of a slot, and a result is written only under the
fence that is current. `event` is unique by a key derived from its cause, `notification` by an id derived from event
and recipient, `listing` is projected from events, so that writing anything twice writes it once.

Every index names who needs it.
"""

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import JSON, Index, MetaData, Table, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from deliverwatch.store.columns import ForeignText, Serial, SortedText

# conditions in the words of their indexes, or these are not used
WAITING = "next_attempt_at IS NOT NULL OR state = 'held'"
INHIBITED = "state = 'inhibited' AND settled_at IS NULL"
COLLECTED = "state = 'collected'"
BY_BEGINNING: dict[str, Any] = {"postgresql_ops": {"subject": "text_pattern_ops"}}
"""PostgreSQL finds no beginnings in an index that is sorted by a locale."""

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


class Base(SQLModel):
    metadata = METADATA


def table_of(row: type[Base]) -> Table:
    return cast(Table, row.__table__)  # type: ignore[attr-defined]


def _was(value: Any) -> dict[str, Any]:
    """What a column that came later says of rows from before it, so that no table is copied to add it."""
    return {"server_default": value}


def only(condition: str) -> dict[str, Any]:
    """A partial index, in the words of both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class CustomerRow(Base, table=True):
    __tablename__ = "customer"

    id: str = Field(primary_key=True)
    name: str = Field(sa_type=ForeignText)
    service_time_zone: str
    language: str
    report_enabled: bool
    tam_name: str = Field(sa_type=ForeignText)
    tam_email: str
    tam_phone: str | None = Field(sa_type=ForeignText)


class InventoryRevisionRow(Base, table=True):
    """One row, once there was an import."""

    __tablename__ = "inventory_revision"

    id: int = Field(primary_key=True)
    revision: int


class ContactRow(Base, table=True):
    __tablename__ = "contact"

    customer_id: str = Field(primary_key=True, foreign_key="customer.id")
    position: int = Field(primary_key=True)
    address: str


class AssetRow(Base, table=True):
    """`holder` NULL: the ESP itself."""

    __tablename__ = "asset"
    __table_args__ = (
        # a holding is written once; NULLs would not be equal to each other
        Index(
            "uq_asset_holding",
            "name",
            text("coalesce(holder, '')"),
            text("coalesce(from_on, '0001-01-01')"),
            unique=True,
        ),
    )

    id: int = Field(primary_key=True, sa_type=Serial)
    name: str
    holder: str | None = Field(foreign_key="customer.id")
    pool: str | None
    stream: str | None
    subaccounts: list[str] = Field(sa_type=JSON)
    roles: list[str] = Field(sa_type=JSON)
    dkim_selectors: list[str] = Field(sa_type=JSON)
    network_owner: str | None = Field(sa_type=ForeignText)
    from_on: date | None
    until_on: date | None
    added_at: datetime


class AssetShareRow(Base, table=True):
    __tablename__ = "asset_share"

    asset_id: int = Field(primary_key=True, foreign_key="asset.id", sa_type=Serial)
    customer_id: str = Field(primary_key=True, foreign_key="customer.id")
    position: int


class JobSlotRow(Base, table=True):
    __tablename__ = "job_slot"
    __table_args__ = (
        # release_leases: all but a few of the slots are done
        Index("ix_job_slot_unfinished", "due_at", **only("finished_at IS NULL")),
    )

    job: str = Field(primary_key=True)
    key: str = Field(primary_key=True, sa_type=SortedText)
    due_at: datetime
    state: str
    fence: int
    lease_until: datetime | None
    started_at: datetime | None
    finished_at: datetime | None


class CycleRow(Base, table=True):
    """`job`, `key`, `fence`: the claim under which it was written; a slot has one result."""

    __tablename__ = "cycle"
    __table_args__ = (
        UniqueConstraint("job", "key"),
        # load_round and last_cycles: the newest of one list
        Index("ix_cycle_list_id_id", "list_id", "id"),
        # cycles: those of all lists within a week
        Index("ix_cycle_started_at", "started_at"),
    )

    id: int = Field(primary_key=True, sa_type=Serial)
    list_id: str
    path: str
    started_at: datetime
    finished_at: datetime
    verified: bool
    kinds_verified: list[str] = Field(sa_type=JSON, sa_column_kwargs=_was("[]"))
    full: bool
    vouches_until: datetime
    due: int
    listed: int
    clear: int
    refused: int
    unreachable: int
    nonsense: int
    detail: str | None = Field(sa_type=ForeignText)
    job: str
    key: str = Field(sa_type=SortedText)
    fence: int


class ListStateRow(Base, table=True):
    """One row for each list that was ever asked."""

    __tablename__ = "list_state"

    list_id: str = Field(primary_key=True)
    stale_told: bool


class ZoneStateRow(Base, table=True):
    __tablename__ = "zone_state"

    list_id: str = Field(primary_key=True)
    path: str = Field(primary_key=True)
    health: str
    since: datetime | None
    bad_rounds: int
    good_since: datetime | None
    detail: str | None = Field(sa_type=ForeignText)
    stopped_at: datetime | None
    ask_again_at: datetime | None
    bad_kinds: list[str] = Field(sa_type=JSON, sa_column_kwargs=_was("[]"))
    lies: bool = Field(sa_column_kwargs=_was(false()))


class QueryBudgetRow(Base, table=True):
    """How many queries of a day are given out, by list."""

    __tablename__ = "query_budget"

    list_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    used: int


class WatchStateRow(Base, table=True):
    """Only watches that are not clear."""

    __tablename__ = "watch_state"

    list_id: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    subject_kind: str
    phase: str
    as_of: datetime | None
    opened_at: datetime | None
    codes: list[str] = Field(sa_type=JSON)
    first_path: str | None
    first_expires_at: datetime | None
    clear_count: int
    clear_since: datetime | None
    clear_trusted_at: datetime | None
    doubted: bool = Field(sa_column_kwargs=_was(false()))


class UnstableWatchRow(Base, table=True):
    """Only watches that come and go."""

    __tablename__ = "unstable_watch"

    list_id: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    subject_kind: str
    since: datetime
    changed_at: datetime
    parties: list[str] = Field(sa_type=JSON)


class TransitionRow(Base, table=True):
    """Append-only: each change of a watch's state."""

    __tablename__ = "transition"

    id: int = Field(primary_key=True, sa_type=Serial)
    list_id: str
    subject: str
    subject_kind: str
    at: datetime
    from_phase: str
    to_phase: str
    codes: list[str] = Field(sa_type=JSON)


class WatchGapRow(Base, table=True):
    """`until` NULL: still without a conclusive answer."""

    __tablename__ = "watch_gap"
    __table_args__ = (
        # load_round, closing a gap; and a watch has one open gap at most
        Index("uq_watch_gap_open", "list_id", "subject", unique=True, **only("until IS NULL")),
        # gaps: those not over before a week began
        Index("ix_watch_gap_until", "until"),
    )

    id: int = Field(primary_key=True, sa_type=Serial)
    list_id: str
    subject: str
    subject_kind: str
    since: datetime
    until: datetime | None
    outcome: str
    detail: str | None = Field(sa_type=ForeignText)


class EventRow(Base, table=True):
    """Append-only. `id` is the order of writing, and the number by which people name it. `episode`: what it is a part
    of (`core.joining`). `incident`: the key of the event that tells it, if another does."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("key"),
        # events: newest first
        Index("ix_event_at", "at"),
        # what tells of a listing: the events of one list since it opened
        Index("ix_event_list_id_at", "list_id", "at"),
        # what was told of an episode before it ends
        Index("ix_event_episode", "episode", **only("episode IS NOT NULL")),
        # all that one message tells of
        Index("ix_event_incident", "incident", **only("incident IS NOT NULL")),
        # events_of all customers: the newest of some kinds
        Index("ix_event_kind_id", "kind", "id"),
    )

    id: int = Field(primary_key=True, sa_type=Serial)
    key: str
    kind: str
    at: datetime
    list_id: str
    subject: str | None
    subject_kind: str | None
    facts: dict[str, Any] = Field(sa_type=JSON)
    episode: str | None
    incident: str | None


class ListingRow(Base, table=True):
    """One episode, projected from its events; `key` is that of the first, `incident` that of the one which leads it."""

    __tablename__ = "listing"
    __table_args__ = (
        # changing and closing, open ones for the pages and drafts; and a watch has one open listing at most
        Index("uq_listing_open", "list_id", "subject", unique=True, **only("closed_at IS NULL")),
        # listings since: those not over before a week began
        Index("ix_listing_closed_at", "closed_at"),
        # load_round: how often each watch of a list was opened lately
        Index("ix_listing_list_id_opened_at", "list_id", "opened_at"),
        # listings_of: newest first
        Index("ix_listing_opened_at_key", "opened_at", "key"),
        # search: by the beginning of the subject
        Index("ix_listing_subject", "subject", **BY_BEGINNING),
    )

    key: str = Field(primary_key=True, foreign_key="event.key")
    list_id: str
    subject: str
    subject_kind: str
    opened_at: datetime
    confirmed_at: datetime
    closed_at: datetime | None
    ended: str | None
    codes: list[str] = Field(sa_type=JSON)
    meanings: list[str] = Field(sa_type=JSON)
    impact: str
    reason: str | None = Field(sa_type=ForeignText)
    path: str
    incident: str = Field(sa_column_kwargs=_was(text("''")))


class ReportRunRow(Base, table=True):
    __tablename__ = "report_run"
    __table_args__ = (
        UniqueConstraint("customer", "week"),
        # what tells of a listing: the reports made since it opened
        Index("ix_report_run_made_at", "made_at"),
        # unarchived: the oldest
        Index("ix_report_run_unarchived", "made_at", **only("archived_at IS NULL")),
        # report_heads of some customers
        Index("ix_report_run_customer_made_at", "customer", "made_at", "id"),
        # search: the subjects of all, without their long rows
        Index("ix_report_run_subject", "made_at", "id", "customer", "subject"),
    )

    id: str = Field(primary_key=True)
    customer: str = Field(foreign_key="customer.id")
    week: str
    made_at: datetime
    subject: str = Field(sa_type=ForeignText)
    html: str = Field(sa_type=ForeignText)
    text: str = Field(sa_type=ForeignText)
    sent_to: list[str] = Field(sa_type=JSON)
    listing_keys: list[str] = Field(sa_type=JSON, sa_column_kwargs=_was("[]"))
    figures: dict[str, Any] = Field(sa_type=JSON, sa_column_kwargs=_was("{}"))
    note: str = Field(sa_type=ForeignText, sa_column_kwargs=_was(""))
    bulletin: list[str] = Field(sa_type=JSON, sa_column_kwargs=_was("[]"))
    archived_at: datetime | None


class NotificationRow(Base, table=True):
    """The outbox. `next_attempt_at`: when it may be claimed; while it is being sent, the end of the lease; NULL when
    nothing is owed any more, or the message is held back. `attempts` is the fence of a claim;
    `failures`: how many of them were told to have failed. `thread`: what must reach
    a recipient in order. `about`: the silence, the event or the notification that its state follows from. `settled_at`:
    when it was found that what was kept back is not to be told at all."""

    __tablename__ = "notification"
    __table_args__ = (
        # claim_notification: the oldest that is owed
        Index("ix_notification_owed", "created_at", "id", **only("next_attempt_at IS NOT NULL")),
        # claim_notification: whether an older one of the thread is owed to the same recipient, or held back
        Index("ix_notification_waiting_thread", "recipient", "thread", **only(WAITING)),
        # outbox: newest first
        Index("ix_notification_created_at", "created_at"),
        # counts
        Index("ix_notification_state", "state"),
        # holding back, letting go and taking back what was told of a listing
        Index("ix_notification_event_key", "event_key"),
        Index("ix_notification_report_id", "report_id", **only("report_id IS NOT NULL")),
        # what a message tells besides; what a silence kept back
        Index("ix_notification_about", "about", **only("about IS NOT NULL")),
        # settling what is inhibited, every tick
        Index("ix_notification_inhibited", "created_at", **only(INHIBITED)),
        # digests that are due
        Index("ix_notification_collected", "digest_at", **only(COLLECTED)),
    )

    id: str = Field(primary_key=True)
    message_id: str
    audience: str
    channel: str
    recipient: str
    customers: list[str] = Field(sa_type=JSON)
    created_at: datetime
    event_key: str | None = Field(foreign_key="event.key")
    report_id: str | None = Field(foreign_key="report_run.id")
    thread: str | None
    state: str
    attempts: int
    next_attempt_at: datetime | None
    sent_at: datetime | None
    last_error: str | None = Field(sa_type=ForeignText)
    content: bytes | None
    not_before: datetime | None
    corrects_message_id: str | None
    corrects_at: datetime | None
    because: str = Field(sa_type=ForeignText, sa_column_kwargs=_was(text("''")))
    digest_at: datetime | None
    about: str | None
    settled_at: datetime | None
    failures: int = Field(sa_column_kwargs=_was(text("0")))
