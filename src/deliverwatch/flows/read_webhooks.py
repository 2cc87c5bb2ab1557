"""Works off the webhook calls that were kept: oldest first, each counted once.

A call that its reader fails on must not hold up those behind it. Whatever it failed with ends the work, and is logged;
when the work begins again, the call that was being read then is known to be at fault. It is put behind all others, and
given up, with a line among the rejections, when it has failed `_TRIES` times in this process.
"""

import contextlib
from collections.abc import Mapping

from deliverwatch.core.errors import FenceLost
from deliverwatch.flows.chunk import IngestTotals, Origin
from deliverwatch.flows.delivery_ports import IngestStore, RawBody
from deliverwatch.flows.ingest import IngestDesk, ingest_document
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.source_ports import Source

_TRIES = 3


class WebhookReader:
    def __init__(self, store: IngestStore, desk: IngestDesk, clock: Clock, sources: Mapping[str, Source]) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock
        self._sources = sources
        self._reading: RawBody | None = None
        self._failed: dict[int, int] = {}  # how often, by id

    async def read_all(self) -> IngestTotals:
        """All calls that wait; those that failed before come last, each once."""
        await self._count_failure()
        totals = IngestTotals()
        while (raw := await self._store.next_raw(self._failed)) is not None:
            await self._read(raw, totals)
        tried: list[int] = []
        while self._failed and (raw := await self._store.next_raw(tried)) is not None:
            tried.append(raw.id)
            await self._read(raw, totals)
            self._failed.pop(raw.id, None)
        return totals

    async def _count_failure(self) -> None:
        """Of the call in the middle of which the work ended last time."""
        raw = self._reading
        if raw is None:
            return
        tries = self._failed.get(raw.id, 0) + 1
        if tries >= _TRIES:
            why = f"reading the call failed {tries} times, nothing of it is counted: the log says with what"
            await self._store.fail_raw(raw.id, why)
            self._failed.pop(raw.id, None)
        else:
            self._failed[raw.id] = tries
        self._reading = None

    async def _read(self, raw: RawBody, totals: IngestTotals) -> None:
        self._reading = raw
        source = self._sources.get(raw.source)
        if source is None:
            await self._store.fail_raw(raw.id, f"no source {raw.source!r} is known here: nobody can read it")
        else:
            origin = Origin("webhook", raw_id=raw.id)
            with contextlib.suppress(FenceLost):  # another worker has read it
                totals.add(await ingest_document(self._store, self._desk, source, raw.body, origin, self._clock.now()))
        self._reading = None
