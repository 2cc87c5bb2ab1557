"""What is read until the next commit, and that commit.

Items wait in a chunk until there are enough of them to be worth a transaction. Nearly always all of them are new, so
that is what the commit takes for granted; if an event id is in the store already nothing is written, and the chunk is
counted afresh with those known as duplicates. So it is, too, when another worker is faster.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from deliverwatch.core.delivery import DeliveryEvent, Ignored, Rejection
from deliverwatch.core.errors import AlreadySeen
from deliverwatch.core.tally import Numbered, Tally, event_digest
from deliverwatch.core.tally_rules import TallyRules
from deliverwatch.flows.delivery_ports import FileProgress, IngestBatch, IngestStore
from deliverwatch.flows.source_ports import Reader, Source

ITEMS_A_COMMIT = 50_000
_WITH_ID = (DeliveryEvent, Ignored)
MOST_TOLD = 1000
"""Rejections that are told one by one; all are counted."""


@dataclass(slots=True)
class IngestTotals:
    """What became of the records of one call. Together, `accepted`, `duplicates` and `rejected` are `read`."""

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    first_reply_at: datetime | None = None

    def add(self, counted: "Tally | IngestTotals") -> None:
        self.read += counted.read
        self.accepted += counted.accepted
        self.duplicates += counted.duplicates
        self.rejected += counted.rejected
        self.rejections += counted.rejections[: MOST_TOLD - len(self.rejections)]
        replied_at = [at for at in (self.first_reply_at, counted.first_reply_at) if at is not None]
        self.first_reply_at = min(replied_at, default=None)


@dataclass(slots=True)
class Origin:
    """Where a chunk comes from, and what its commit brings to its end or on. `name`: see RejectionLine. `own_ids`: by
    which it is known, among the ids of events."""

    name: str
    progress: FileProgress | None = None
    raw_id: int | None = None
    cursor: Mapping[str, Any] | None = None
    own_ids: Collection[int] = ()


class Chunk:
    """Items of one source in the order they were read."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._items: list[Numbered] = []

    @property
    def is_full(self) -> bool:
        return len(self._items) >= ITEMS_A_COMMIT

    def __len__(self) -> int:
        return len(self._items)

    def read(self, reader: Reader, block: bytes) -> None:
        """Takes what the reader finds in whole records."""
        append = self._items.append
        for item in reader.read(block):
            event_id = item.event_id if type(item) in _WITH_ID else None  # type: ignore[union-attr]
            append((None if event_id is None else event_digest(event_id), reader.line, item))

    def reject(self, line: int, why: str) -> None:
        self._items.append((None, line, Rejection(line, why)))

    def digests(self) -> set[int]:
        return {digest for digest, _, _ in self._items if digest is not None}

    def count(self, rules: TallyRules, now: datetime, seen: Collection[int]) -> Tally:
        tally = Tally(self.source.id, self.source.not_measured, rules, now)
        tally.add(self._items, seen)
        return tally


async def commit_chunk(store: IngestStore, rules: TallyRules, chunk: Chunk, origin: Origin, now: datetime) -> Tally:
    """Raises FenceLost when the file or body was read by somebody else meanwhile, AlreadySeen when one of the origin's
    own ids is there; nothing is written then."""
    seen: set[int] = set()
    while True:
        tally = await asyncio.to_thread(chunk.count, rules, now, seen)
        try:
            await store.commit_ingest(_batch(chunk.source, tally, origin, now))
        except AlreadySeen:
            seen = await store.seen_events(chunk.source.space, {*chunk.digests(), *origin.own_ids})
            if not seen.isdisjoint(origin.own_ids):
                raise AlreadySeen(f"{origin.name} was read by somebody else meanwhile") from None
            continue
        return tally


def _batch(source: Source, tally: Tally, origin: Origin, now: datetime) -> IngestBatch:
    return IngestBatch(
        source=source.id,
        space=source.space,
        at=now,
        facts=tally.facts,
        replies=tally.replies,
        clusters=tally.clusters,
        measures=tally.measures,
        signals=tally.signals,
        senders=tally.senders,
        rejections=tally.rejections,
        event_ids={*tally.event_ids, *origin.own_ids},
        read=tally.read,
        accepted=tally.accepted,
        duplicates=tally.duplicates,
        rejected=tally.rejected,
        last_event_at=tally.last_event_at,
        origin=origin.name,
        progress=with_counts(origin.progress, tally, now) if origin.progress is not None else None,
        cursor=origin.cursor,
        raw_id=origin.raw_id,
        look_requests=tally.look_requests,
    )


def with_counts(progress: FileProgress, tally: Tally, now: datetime) -> FileProgress:
    """How far the file is read, with the totals of what was read before."""
    return replace(
        progress,
        read=progress.read + tally.read,
        accepted=progress.accepted + tally.accepted,
        duplicates=progress.duplicates + tally.duplicates,
        rejected=progress.rejected + tally.rejected,
        at=now,
    )
