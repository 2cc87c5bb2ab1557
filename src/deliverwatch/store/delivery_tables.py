"""The tables of sending data, and of the episodes that are judged from it.

Counts are kept by the hour, under a key of all that is known of the mail; empty text is "not known", so that it can be
part of a key, and a count that is NULL was not measured. A key begins with its hour: reading a window, adding to the
newest hours and pruning the oldest all touch rows that lie together.

What a batch needs to be counted once lies beside it: how far a file is read (`file_progress`), which webhook calls are
done (`raw_body`), which events were counted (`seen_event`). Recipients and complainants are in `raw_body` alone.

Every index names who needs it.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from deliverwatch.store.columns import ForeignText, Serial
from deliverwatch.store.tables import BY_BEGINNING, Base, only

_NO_ROWID = {"sqlite_with_rowid": False}  # the key is the row: no second tree for it


class FactHourRow(Base, table=True):
    __tablename__ = "fact_hour"
    __table_args__ = (
        # traffic of some senders: each customer's report, and each cause that is looked for
        Index("ix_fact_hour_ip", "ip", "hour_at"),
        Index("ix_fact_hour_domain", "domain", "hour_at"),
        _NO_ROWID,
    )

    hour_at: datetime = Field(primary_key=True)
    source: str = Field(primary_key=True)
    ip: str = Field(primary_key=True)
    provider: str = Field(primary_key=True)
    domain: str = Field(primary_key=True, sa_type=ForeignText)
    pool: str = Field(primary_key=True, sa_type=ForeignText)
    campaign: str = Field(primary_key=True, sa_type=ForeignText)
    subaccount: str = Field(primary_key=True, sa_type=ForeignText)
    attempted: int | None = Field(sa_type=BigInteger)
    delivered: int | None = Field(sa_type=BigInteger)
    deferred: int | None = Field(sa_type=BigInteger)
    bounced: int | None = Field(sa_type=BigInteger)
    out_of_band: int | None = Field(sa_type=BigInteger)
    complaints: int | None = Field(sa_type=BigInteger)
    retries: int | None = Field(sa_type=BigInteger)


class ReplyHourRow(Base, table=True):
    __tablename__ = "reply_hour"
    __table_args__ = (_NO_ROWID,)

    hour_at: datetime = Field(primary_key=True)
    source: str = Field(primary_key=True)
    ip: str = Field(primary_key=True)
    provider: str = Field(primary_key=True)
    domain: str = Field(primary_key=True, sa_type=ForeignText)
    reply_class: str = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    list_id: str = Field(primary_key=True)
    subject: str = Field(primary_key=True, sa_type=ForeignText)
    deferred: int = Field(sa_type=BigInteger)
    bounced: int = Field(sa_type=BigInteger)
    expired: int = Field(sa_type=BigInteger)
    retries: int = Field(sa_type=BigInteger)
    sample: str = Field(sa_type=ForeignText)


class ReplyClusterRow(Base, table=True):
    """`digest`: of the template, which may be longer than PostgreSQL takes into an index."""

    __tablename__ = "reply_cluster"

    digest: str = Field(primary_key=True)
    template: str = Field(sa_type=ForeignText)
    replies: int = Field(sa_type=BigInteger)
    looks_like_block: bool
    first_at: datetime
    last_at: datetime


class MeasureRow(Base, table=True):
    __tablename__ = "measure"
    __table_args__ = (_NO_ROWID,)

    starts_at: datetime = Field(primary_key=True)
    lasts_seconds: int = Field(primary_key=True, sa_type=BigInteger)
    source: str = Field(primary_key=True)
    ip: str = Field(primary_key=True)
    provider: str = Field(primary_key=True)
    domain: str = Field(primary_key=True, sa_type=ForeignText)
    pool: str = Field(primary_key=True, sa_type=ForeignText)
    campaign: str = Field(primary_key=True, sa_type=ForeignText)
    subaccount: str = Field(primary_key=True, sa_type=ForeignText)
    attempted: int | None = Field(sa_type=BigInteger)
    delivered: int | None = Field(sa_type=BigInteger)
    deferred: int | None = Field(sa_type=BigInteger)
    bounced: int | None = Field(sa_type=BigInteger)
    complaints: int | None = Field(sa_type=BigInteger)
    as_of: datetime | None


class SignalRow(Base, table=True):
    """`day`: the receiver's own day. `source`: which said so last."""

    __tablename__ = "signal"

    day: date = Field(primary_key=True)
    provider: str = Field(primary_key=True)
    subject: str = Field(primary_key=True, sa_type=ForeignText)
    name: str = Field(primary_key=True)
    detail: str = Field(primary_key=True, sa_type=ForeignText)
    value: float | None
    text: str | None = Field(sa_type=ForeignText)
    source: str


class SeenSenderRow(Base, table=True):
    __tablename__ = "seen_sender"

    source: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    name: str = Field(primary_key=True, sa_type=ForeignText)
    counted: int = Field(sa_type=BigInteger)
    first_at: datetime
    last_at: datetime


class SeenEventRow(Base, table=True):
    """One for each event counted lately, so it is kept small. `seen_day`: the day's number in the calendar
    (`date.toordinal`). The id comes first in the key: numbers are told apart faster than names."""

    __tablename__ = "seen_event"
    __table_args__ = (_NO_ROWID,)

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    space: str = Field(primary_key=True)
    seen_day: int


class FileProgressRow(Base, table=True):
    """`inode`: as text, since some file systems count beyond what a database's integer holds."""

    __tablename__ = "file_progress"
    __table_args__ = (
        # followed_progress
        Index("ix_file_progress_source_path", "source", "path"),
    )

    source: str = Field(primary_key=True)
    head: str = Field(primary_key=True)
    head_size: int
    path: str = Field(sa_type=ForeignText)
    inode: str | None
    offset: int = Field(sa_type=BigInteger)
    digest: str
    lines: int = Field(sa_type=BigInteger)
    read: int = Field(sa_type=BigInteger)
    accepted: int = Field(sa_type=BigInteger)
    duplicates: int = Field(sa_type=BigInteger)
    rejected: int = Field(sa_type=BigInteger)
    at: datetime


class RawBodyRow(Base, table=True):
    """`body`: compressed. `state`: waiting, done, failed."""

    __tablename__ = "raw_body"
    __table_args__ = (
        UniqueConstraint("source", "identity"),
        # next_raw: the oldest that waits
        Index("ix_raw_body_waiting", "id", **only("state = 'waiting'")),
        # prune_ingest
        Index("ix_raw_body_received_at", "received_at"),
    )

    id: int = Field(primary_key=True, sa_type=Serial)
    source: str
    identity: str | None = Field(sa_type=ForeignText)
    received_at: datetime
    headers: dict[str, str] = Field(sa_type=JSON)
    body: bytes
    state: str


class SourceStateRow(Base, table=True):
    __tablename__ = "source_state"

    source: str = Field(primary_key=True)
    cursor: dict[str, Any] | None = Field(sa_type=JSON(none_as_null=True))
    last_ingest_at: datetime | None
    last_event_at: datetime | None
    failed_since: datetime | None
    failure: str | None = Field(sa_type=ForeignText)
    read: int = Field(sa_type=BigInteger)
    accepted: int = Field(sa_type=BigInteger)
    duplicates: int = Field(sa_type=BigInteger)
    rejected: int = Field(sa_type=BigInteger)


class RejectionRow(Base, table=True):
    """The newest of each source."""

    __tablename__ = "rejection"
    __table_args__ = (
        # rejections of one source, and dropping its older ones
        Index("ix_rejection_source_id", "source", "id"),
    )

    id: int = Field(primary_key=True, sa_type=Serial)
    source: str
    at: datetime
    origin: str = Field(sa_type=ForeignText)
    line: int = Field(sa_type=BigInteger)
    why: str = Field(sa_type=ForeignText)


class LookRequestRow(Base, table=True):
    """Only those that wait."""

    __tablename__ = "look_request"

    list_id: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    subject_kind: str
    asked_at: datetime


class ProviderEpisodeRow(Base, table=True):
    """`key`: that of its opening event."""

    __tablename__ = "provider_episode"
    __table_args__ = (
        # episodes: the open ones, and those not over before a time
        Index("ix_provider_episode_closed_at", "closed_at"),
        # episodes_of: newest first
        Index("ix_provider_episode_opened_at_key", "opened_at", "key"),
        # search: by the beginning of the subject
        Index("ix_provider_episode_subject", "subject", **BY_BEGINNING),
    )

    key: str = Field(primary_key=True)
    kind: str
    provider: str
    subject: str
    subject_kind: str
    what: str
    reply_class: str | None
    opened_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None
    ended: str | None
    mail_share: float | None
    evidence: dict[str, Any] = Field(sa_type=JSON)


class CauseRow(Base, table=True):
    """The likely cause of a listing or a provider's block, by the key of either."""

    __tablename__ = "cause"

    key: str = Field(primary_key=True)
    facts: dict[str, Any] = Field(sa_type=JSON)


class DnsValueRow(Base, table=True):
    __tablename__ = "dns_value"

    kind: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    facts: dict[str, Any] = Field(sa_type=JSON)


class PlatformProposalRow(Base, table=True):
    """One row, while something waits for the operator."""

    __tablename__ = "platform_proposal"

    id: int = Field(primary_key=True)
    facts: dict[str, Any] = Field(sa_type=JSON)
