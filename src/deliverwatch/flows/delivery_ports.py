"""The store as the flows of sending data see it. All times are aware UTC; every `commit_*` is one transaction.

An ingested batch carries everything that follows from it: counts, event ids, how far the file is read or which raw body
is done. They are committed together, so that whatever is killed, each record counts once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.delivery import (
    Cluster,
    FactCounts,
    FactKey,
    Measure,
    Rejection,
    ReplyCounts,
    ReplyKey,
    SenderKey,
    Signal,
)
from deliverwatch.core.events import Event
from deliverwatch.core.mail_share import Attempts
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import Subject
from deliverwatch.core.warmup.run import NO_HOLD_CHANGES, HoldChanges
from deliverwatch.flows.access_ports import AccessStore
from deliverwatch.flows.alert_ports import AlertStore
from deliverwatch.flows.desk_ports import DeskStore
from deliverwatch.flows.ports import Store
from deliverwatch.flows.remediation_ports import RemediationStore
from deliverwatch.flows.report_ports import ReportStore
from deliverwatch.flows.warmup_ports import WarmupStore


@dataclass(frozen=True, slots=True)
class FileProgress:
    """How far a file was read. `head`: digest of its first `head_size` bytes, by which it is known again under another
    name; `digest`: of all bytes up to `offset`, so that only a continuation is one. Counts are totals of the file.
    `path`: where it lay last; `inode`: while it is followed."""

    source: str
    head: str
    head_size: int
    path: str
    inode: int | None
    offset: int
    digest: str
    lines: int
    read: int
    accepted: int
    duplicates: int
    rejected: int
    at: datetime


@dataclass(frozen=True, slots=True)
class RawBody:
    """A webhook call as it came, kept before it was answered. `headers`: those that are needed, no secrets."""

    id: int
    source: str
    identity: str | None
    received_at: datetime
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known of a source as a whole. `last_event_at`: of the newest event read."""

    source: str
    cursor: Mapping[str, Any] | None = None
    last_ingest_at: datetime | None = None
    last_event_at: datetime | None = None
    failed_since: datetime | None = None
    failure: str | None = None
    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class IngestBatch:
    """What one commit writes. Counts are added to what is there; measures and signals replace it.

    `event_ids`: digests (63 bits) of the ids of the events counted here, in `space`; AlreadySeen is raised, and nothing
    written, if one of them is there already. `progress`, `cursor`, `raw_id`: what this batch brings to its end or on.
    """

    source: str
    space: str
    at: datetime
    facts: Mapping[FactKey, FactCounts] = field(default_factory=dict)
    replies: Mapping[ReplyKey, ReplyCounts] = field(default_factory=dict)
    clusters: Sequence[Cluster] = ()
    measures: Sequence[Measure] = ()
    signals: Sequence[Signal] = ()
    senders: Mapping[SenderKey, int] = field(default_factory=dict)
    rejections: Sequence[Rejection] = ()
    event_ids: Collection[int] = ()
    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    last_event_at: datetime | None = None
    origin: str = ""
    progress: FileProgress | None = None
    cursor: Mapping[str, Any] | None = None
    raw_id: int | None = None
    look_requests: Sequence[tuple[str, Subject]] = ()


@dataclass(frozen=True, slots=True)
class RejectionLine:
    """`origin`: the file's name, "webhook", "api"."""

    source: str
    at: datetime
    origin: str
    line: int
    why: str


@dataclass(frozen=True, slots=True)
class SeenSender:
    """A name under which mail left: how much, and when first and last."""

    key: SenderKey
    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class EpisodeChanges:
    """`episodes`: those that opened, changed or closed; `events` with their notifications; `holds` of warm-ups."""

    episodes: Sequence[Episode] = ()
    events: Sequence[Event] = ()
    notifications: Sequence[Any] = ()
    holds: HoldChanges = NO_HOLD_CHANGES


class CauseWanted(NamedTuple):
    """A listing or a block by its key, with the likely cause that is kept of it; None: none is."""

    key: str
    subject: Subject
    opened_at: datetime
    cause: Mapping[str, Any] | None = None


class IngestStore(Protocol):
    async def seen_events(self, space: str, event_ids: Collection[int]) -> set[int]:
        """Which of them are there already."""

    async def commit_ingest(self, batch: IngestBatch) -> None:
        """Raises AlreadySeen (another worker was faster; read `seen_events` again) or FenceLost (the file's progress,
        or the raw body, moved on meanwhile), and writes nothing then."""

    async def file_progress(self, source: str, head: str) -> FileProgress | None: ...

    async def followed_progress(self, source: str, path: str) -> list[FileProgress]:
        """Files known under that path, newest first."""

    async def keep_raw(self, raw: RawBody) -> bool:
        """False: the source has one of that identity already. `raw.id` is given by the store."""

    async def next_raw(self, skip: Collection[int] = ()) -> RawBody | None:
        """The oldest that is not done, of those not in `skip` (by id, few)."""

    async def fail_raw(self, raw_id: int, why: str) -> None:
        """It cannot be read at all: kept until it expires, and shown."""

    async def source_failed(self, source: str, why: str, at: datetime) -> None: ...

    async def source_states(self) -> Mapping[str, SourceState]: ...

    async def rejections(self, source: str | None = None, limit: int = 100) -> list[RejectionLine]:
        """Newest first."""

    async def clusters(self, limit: int = 100) -> list[Cluster]:
        """Those that look like blocks first, then by count."""

    async def seen_senders(self, since: datetime) -> list[SeenSender]: ...

    async def prune_ingest(self, raw_before: datetime, ids_before: datetime, facts_before: datetime) -> None:
        """Drops raw bodies, event ids, and facts with their replies, signals, senders and clusters that are older."""


class EpisodeStore(Protocol):
    async def facts(self, since: datetime, until: datetime | None = None) -> list[tuple[FactKey, FactCounts]]:
        """Hours counted from events, and measures (their key's hour is the beginning of their period)."""

    async def measures(
        self, since: datetime, until: datetime | None = None, name: str | None = None
    ) -> list[tuple[str, Measure]]:
        """Those that begin in that span, with their source. `name`: only of this sending IP or domain."""

    async def replies(self, since: datetime) -> list[tuple[ReplyKey, ReplyCounts]]: ...

    async def verdicts(
        self,
        since: datetime,
        classes: Collection[ReplyClass],
        names: Collection[str] | None = None,
        until: datetime | None = None,
    ) -> list[tuple[ReplyKey, ReplyCounts]]:
        """The replies of some classes, oldest first. `names`: only those to these sending IPs and domains, or that name
        them as refused."""

    async def traffic(
        self, since: datetime, names: Collection[str], until: datetime | None = None
    ) -> list[tuple[FactKey, FactCounts]]:
        """Hours counted from events, measures not among them, of these sending IPs and domains. Oldest first."""

    async def attempts(self, since: datetime, until: datetime) -> list[Attempts]:
        """What all senders offered to whom in the span, counted from events, source by source."""

    async def signals(self, since: datetime) -> list[Signal]: ...

    async def episodes(
        self, *, open_only: bool = False, kinds: Collection[EpisodeKind] = (), since: datetime | None = None
    ) -> list[Episode]:
        """Newest first; `since`: those open at that time or later."""

    async def commit_episodes(self, changes: EpisodeChanges) -> None:
        """Events that are there already are left as they are; so are their notifications."""

    async def causes_wanted(self, since: datetime) -> list[CauseWanted]:
        """Listings and blocks without a likely cause that are open, or opened since then; and those that opened since
        then and have one."""

    async def keep_cause(self, key: str, cause: Mapping[str, Any]) -> None: ...

    async def causes(self) -> Mapping[str, Mapping[str, Any]]:
        """By key of the episode, listings' and blocks'."""

    async def dns_values(self) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        """What was found last of a sender's DNS: by kind ("ptr", "spf", "dkim", "dmarc") and name."""

    async def keep_dns_values(self, values: Mapping[tuple[str, str], Mapping[str, Any]]) -> None: ...

    async def platform_proposal(self) -> Mapping[str, Any] | None:
        """What the sending platform says of the inventory, waiting for the operator; None: nothing."""

    async def keep_platform_proposal(self, proposal: Mapping[str, Any] | None) -> None: ...


class WholeStore(
    Store,
    AlertStore,
    IngestStore,
    EpisodeStore,
    WarmupStore,
    RemediationStore,
    ReportStore,
    AccessStore,
    DeskStore,
    Protocol,
):
    """All of it, for who wires."""
