"""What the daemon does by itself about sending data: works off webhook calls, fetches, follows, and drops what is old.

A source that fails is recorded with its reason and asked again at its own interval, and the longer it fails the more
rarely; the others are not held up by it. What was read before a failure stays read: each page, file part and call is
committed for itself.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from deliverwatch.core.errors import ConfigError, SourceFailed
from deliverwatch.flows.chunk import IngestTotals, Origin
from deliverwatch.flows.delivery_ports import IngestBatch, IngestStore
from deliverwatch.flows.follow import LogFollower
from deliverwatch.flows.ingest import IngestDesk, ingest_document
from deliverwatch.flows.maildir import IDS_KEPT_FOR, MaildirReader
from deliverwatch.flows.ports import Claim, Clock, Ledger
from deliverwatch.flows.read_webhooks import WebhookReader
from deliverwatch.flows.source_ports import Poller, Source

_RAREST = timedelta(hours=6)
_FETCHED_BY = frozenset({"key", "credentials"})
"""A source may only send to us, or also be asked: with one of these it is."""
_PRUNE = "prune/ingest"

Job = Callable[[], Coroutine[Any, Any, Any]]


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each is kept."""

    raw_for: timedelta
    facts_for: timedelta


class CollectStore(Ledger, IngestStore, Protocol):
    """The store, as far as collecting goes."""


class Collector:
    """All that one installation collects. `settings`: of the sources that are set up, as plain values."""

    def __init__(
        self,
        store: CollectStore,
        desk: IngestDesk,
        clock: Clock,
        sources: Mapping[str, Source],
        settings: Mapping[str, Mapping[str, Any]],
        retention: Retention,
        lease_for: timedelta,
    ) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock
        self._sources = sources
        self._settings = settings
        self._retention = retention
        self._lease_for = lease_for
        self._webhooks = WebhookReader(store, desk, clock, sources)
        self._every: dict[str, timedelta] = {}
        self._failing: set[str] = set()
        chosen = [(sources[id_], values) for id_, values in settings.items()]
        self._logs = [
            LogFollower(store, desk, source, Path(path), clock)
            for source, values in chosen
            for path in values.get("follow", ())
        ]
        self._maildirs = [
            MaildirReader(store, desk, source, Path(path))
            for source, values in chosen
            for path in values.get("maildir", ())
        ]
        self._fetched = [
            source for source, values in chosen if source.poller is not None and not _FETCHED_BY.isdisjoint(values)
        ]

    def jobs(self) -> dict[str, Job]:
        """What is to be done again and again, by name: each soon has nothing more to do, and at most one of each name
        runs at a time."""
        jobs: dict[str, Job] = {"webhooks": self.read_webhooks, "prune": self.prune}
        for log in self._logs:
            jobs[f"follow/{log.path}"] = partial(self._visit, log.source, str(log.path), log.catch_up)
        for maildir in self._maildirs:
            visit = partial(maildir.catch_up, self._clock)
            jobs[f"maildir/{maildir.folder}"] = partial(self._visit, maildir.source, str(maildir.folder), visit)
        for source in self._fetched:
            jobs[f"fetch/{source.id}"] = partial(self.fetch, source)
        return jobs

    def close(self) -> None:
        for log in self._logs:
            log.close()

    async def read_webhooks(self) -> IngestTotals:
        """All calls that wait, oldest first."""
        return await self._webhooks.read_all()

    async def fetch(self, source: Source) -> IngestTotals | None:
        """What is new at the source's own service; None: it was not the time to. Raises SourceFailed, recorded."""
        try:
            every = self._interval(source)
            claim = await self._claim(source, every)
            if claim is None:
                return None
            totals = await self._fetch(source, claim)
        except ConfigError as wrong:
            await self._record(source, str(wrong))
            return None
        except SourceFailed as failure:
            await self._store.source_failed(source.id, str(failure), self._clock.now())
            raise
        await self._is_well(source)
        return totals

    async def prune(self) -> bool:
        """Once a day: what was kept long enough is dropped."""
        now = self._clock.now()
        day, last = now.date().isoformat(), await self._store.last_slot(_PRUNE)
        if last is not None and (last.key >= day and last.finished_at is not None):
            return False
        await self._store.add_slot(_PRUNE, day, now)
        claim = await self._store.claim_slot(_PRUNE, day, now, self._lease_for)
        if claim is None:
            return False
        keep = self._retention
        await self._store.prune_ingest(now - keep.raw_for, now - IDS_KEPT_FOR, now - keep.facts_for)
        await self._store.finish_slot(claim, self._clock.now())
        return True

    async def _visit(self, source: Source, place: str, visit: Job) -> Any:
        """What cannot be read now is recorded once, and told again when it has another reason."""
        try:
            totals = await visit()
        except OSError as failure:
            await self._record(source, f"{place} cannot be read: {failure.strerror or failure}")
            return None
        healed = {why for why in self._failing if why.startswith(f"{place} ")}
        if healed:
            self._failing -= healed
            await self._is_well(source)
        return totals

    async def _record(self, source: Source, why: str) -> None:
        """Once. Raises SourceFailed the first time, for the log."""
        if why not in self._failing:
            self._failing.add(why)
            await self._store.source_failed(source.id, why, self._clock.now())
            raise SourceFailed(why, permanent=False)

    def _interval(self, source: Source) -> timedelta:
        """Raises ConfigError when the settings do not suffice."""
        if source.id not in self._every:
            self._every[source.id] = self._open(source).every
        return self._every[source.id]

    def _open(self, source: Source) -> Poller:
        assert source.poller is not None, "only sources with a poller are fetched"
        return source.poller(self._settings[source.id])

    async def _fetch(self, source: Source, claim: Claim) -> IngestTotals:
        totals = IngestTotals()
        state = (await self._store.source_states()).get(source.id)
        poller = self._open(source)
        try:
            async for page in poller.pages(state.cursor if state is not None else None, self._clock.now()):
                now, origin = self._clock.now(), Origin("api", cursor=page.cursor)
                await self._store.renew_slot(claim, now, self._lease_for)
                totals.add(await ingest_document(self._store, self._desk, source, page.body, origin, now))
        finally:
            await poller.close()
            await self._store.finish_slot(claim, self._clock.now())
        return totals

    async def _is_well(self, source: Source) -> None:
        await self._store.commit_ingest(IngestBatch(source.id, source.space, self._clock.now(), origin="api"))

    async def _claim(self, source: Source, every: timedelta) -> Claim | None:
        job, now = f"fetch/{source.id}", self._clock.now()
        last = await self._store.last_slot(job)
        number = 1
        if last is not None:
            if last.is_taken(now, self._lease_for):
                return None
            number = int(last.key) + (last.finished_at is not None)
            since = now - (last.started_at or last.due_at)
            if last.finished_at is not None and timedelta(0) <= since < await self._pause(source, every, now):
                return None
        await self._store.add_slot(job, f"{number:010d}", now)
        return await self._store.claim_slot(job, f"{number:010d}", now, self._lease_for)

    async def _pause(self, source: Source, every: timedelta, now: datetime) -> timedelta:
        """As long as it has been failing already, `_RAREST` at most; never shorter than its interval."""
        state = (await self._store.source_states()).get(source.id)
        if state is None or state.failed_since is None:
            return every
        return max(every, min(now - state.failed_since, _RAREST))
