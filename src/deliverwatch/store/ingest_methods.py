"""The store as the flows that read sending data see it (`flows.delivery_ports.IngestStore`)."""

from collections.abc import Collection, Mapping
from datetime import datetime

from deliverwatch.core.delivery import Cluster
from deliverwatch.flows.delivery_ports import FileProgress, IngestBatch, RawBody, RejectionLine, SeenSender, SourceState
from deliverwatch.store import facts, file_progress, ingest, raw_bodies, seen_events, source_states
from deliverwatch.store.database import Database


class IngestMethods(Database):
    async def seen_events(self, space: str, event_ids: Collection[int]) -> set[int]:
        return await self._run(seen_events.seen, space, event_ids)

    async def commit_ingest(self, batch: IngestBatch) -> None:
        await self._run(ingest.commit, batch)

    async def file_progress(self, source: str, head: str) -> FileProgress | None:
        return await self._run(file_progress.progress, source, head)

    async def followed_progress(self, source: str, path: str) -> list[FileProgress]:
        return await self._run(file_progress.followed, source, path)

    async def keep_raw(self, raw: RawBody) -> bool:
        return await self._run(raw_bodies.keep, raw)

    async def next_raw(self, skip: Collection[int] = ()) -> RawBody | None:
        return await self._run(raw_bodies.oldest, skip)

    async def fail_raw(self, raw_id: int, why: str) -> None:
        await self._run(raw_bodies.fail, raw_id, why)

    async def source_failed(self, source: str, why: str, at: datetime) -> None:
        await self._run(source_states.failed, source, why, at)

    async def source_states(self) -> Mapping[str, SourceState]:
        return await self._run(source_states.states)

    async def rejections(self, source: str | None = None, limit: int = 100) -> list[RejectionLine]:
        return await self._run(source_states.rejections, source, limit)

    async def clusters(self, limit: int = 100) -> list[Cluster]:
        return await self._run(facts.clusters, limit)

    async def seen_senders(self, since: datetime) -> list[SeenSender]:
        return await self._run(source_states.seen_senders, since)

    async def prune_ingest(self, raw_before: datetime, ids_before: datetime, facts_before: datetime) -> None:
        await self._run(ingest.prune, raw_before, ids_before, facts_before)
