"""Wiring of the data sources: settings and the registry become what the flows of sending data take as arguments."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from deliverwatch.core.errors import NotPossible, unknown_name
from deliverwatch.core.platform import PlatformDifference
from deliverwatch.core.receivers import Routing
from deliverwatch.core.source_condition import (
    MAIL_SILENT_AFTER,
    SILENT_AFTER,
    SourceCondition,
    SourceHealth,
    condition_of,
)
from deliverwatch.core.tally_rules import TallyRules
from deliverwatch.core.unwatched import Sender
from deliverwatch.flows.chunk import IngestTotals
from deliverwatch.flows.collect import Collector, Job, Retention
from deliverwatch.flows.delivery_ports import SourceState, WholeStore
from deliverwatch.flows.find_unwatched import find_unwatched, unwatched_senders
from deliverwatch.flows.ingest import IngestDesk, Told, ingest_file
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.read_platform import JOB as PLATFORM_JOB
from deliverwatch.flows.read_platform import ReadPlatform, proposal, read_nightly, read_now
from deliverwatch.flows.read_warmups import SILENT_AFTER as WARMUPS_SILENT_AFTER
from deliverwatch.flows.read_warmups import job_of, read_daily
from deliverwatch.flows.receive import WebhookInbox
from deliverwatch.flows.source_ports import ReaderOptions, Source
from deliverwatch.in_use import load_classifier
from deliverwatch.settings import PlatformWay, Settings
from deliverwatch.sources.registry import SOURCES
from deliverwatch.sources.sparkpost_inventory import SETTINGS_OF, read_platform
from deliverwatch.sources.warmup_registry import WARMUP_SOURCES, WarmupSource

_MAIL_FOLDERS = ("new", "cur")


class Intake:
    """The sending data of one installation. `lists_on`: by id. Reply rules are loaded when they are needed first."""

    def __init__(
        self,
        settings: Settings,
        store: WholeStore,
        clock: Clock,
        lists_on: Collection[str],
        routing: Routing,
        lease_for: timedelta,
    ) -> None:
        self.sources: Mapping[str, Source] = SOURCES
        self.settings: Mapping[str, Mapping[str, Any]] = {id_: each.plain() for id_, each in settings.sources.items()}
        self.retention = Retention(settings.ingest.raw_keep, settings.ingest.keep)
        self.inbox = WebhookInbox(store, clock, self.sources, self.settings, settings.ingest.max_body)
        self._store = store
        self._clock = clock
        self.desk = IngestDesk(self._load_rules, self._options)
        self.collector = Collector(store, self.desk, clock, self.sources, self.settings, self.retention, lease_for)
        self._settings = settings
        self._lists_on = lists_on
        self._routing = routing
        self._lease_for = lease_for

    def source(self, source_id: str) -> Source:
        """Raises NotPossible for an id that is none."""
        if source_id not in self.sources:
            raise NotPossible(unknown_name("source", source_id, self.sources))
        return self.sources[source_id]

    def condition(self, source: Source, state: SourceState, now: datetime) -> SourceCondition:
        silent_after = _silent_after(source, self.settings.get(source.id))
        return condition_of(state.last_ingest_at, state.failed_since, silent_after, now)

    def waiting_for(self, source: Source) -> list[str]:
        """The logs that it is to follow, and that are not there."""
        return [path for path in self.settings.get(source.id, {}).get("follow", ()) if not Path(path).exists()]

    async def health(self) -> list[SourceHealth]:
        """Of the sources that are set up, or were read by hand."""
        states, now = await self._store.source_states(), self._clock.now()
        known = [each for each in self.sources.values() if each.id in {*states, *self.settings}]
        of = {each.id: states.get(each.id, SourceState(each.id)) for each in known}
        sources = [
            SourceHealth(
                each.title, self.condition(each, of[each.id], now), of[each.id].last_event_at, of[each.id].failure
            )
            for each in known
        ]
        return [*sources, *(_warmup_health(each, states, now) for each in self._warmup_sources)]

    async def ingest(self, source: Source, path: Path, told: Told) -> IngestTotals:
        """A file, or all mails of a folder or maildir. Raises NotPossible or OSError."""
        totals = IngestTotals()
        for file in await asyncio.to_thread(_files, source, path):
            totals.add(await ingest_file(self._store, self.desk, source, file, self._clock.now(), told))
        return totals

    async def read_platform(self) -> PlatformDifference:
        """Asks the sending platform now. Raises NotPossible when none is set up, SourceFailed, ConfigError."""
        if self._platform is None:
            raise NotPossible(f"no sending platform is set up: expected [sources.{SETTINGS_OF}] with its key")
        apply = self._settings.ingest.platform is PlatformWay.APPLY
        return await read_now(self._store, self._platform, self._clock, self._routing, apply=apply)

    async def read_platform_nightly(self) -> None:
        if self._platform is not None:
            apply = self._settings.ingest.platform is PlatformWay.APPLY
            await read_nightly(self._store, self._platform, self._clock, self._routing, self._lease_for, apply=apply)

    def warmup_jobs(self) -> dict[str, Job]:
        """By platform that is set up: reads once a day what it says of its own warm-ups."""
        return {each.platform: partial(self._read_warmups, each) for each in self._warmup_sources}

    async def warmup_failures(self) -> dict[str, str]:
        """By title: why a platform's warm-ups could not be read lately."""
        states = await self._store.source_states()
        of = {each.title: states.get(job_of(each.platform)) for each in self._warmup_sources}
        return {title: state.failure for title, state in of.items() if state is not None and state.failure is not None}

    async def platform_failure(self) -> str | None:
        """Why the platform could not be read lately; None: it could, or was not tried."""
        state = (await self._store.source_states()).get(PLATFORM_JOB)
        return state.failure if state is not None else None

    async def platform_difference(self) -> PlatformDifference | None:
        """As it was read last; None: never."""
        return await proposal(self._store, self._clock)

    async def find_unwatched(self) -> None:
        """Once a day tells of those not told before."""
        await find_unwatched(self._store, self._clock, self._routing, self._lease_for)

    async def unwatched(self) -> list[Sender]:
        return await unwatched_senders(self._store, self._clock)

    @property
    def _warmup_sources(self) -> list[WarmupSource]:
        return [each for each in WARMUP_SOURCES if each.key in self.settings.get(each.settings_of, {})]

    async def _read_warmups(self, each: WarmupSource) -> object:
        read = partial(each.read, self.settings[each.settings_of])
        return await read_daily(
            self._store,
            each.platform,
            read,
            self._clock,
            self._routing,
            self._lease_for,
            lists_only_warming=each.lists_only_warming,
        )

    @property
    def _platform(self) -> ReadPlatform | None:
        told = self.settings.get(SETTINGS_OF, {})
        return partial(read_platform, told) if "key" in told else None

    def _load_rules(self) -> TallyRules:
        classifier = load_classifier(self._settings)
        return TallyRules.of(classifier.providers, classifier.classify, self._lists_on)

    def _options(self, source: Source, now: datetime) -> ReaderOptions:
        told = self.settings.get(source.id, {})
        return ReaderOptions(now, ZoneInfo(told.get("time_zone", "UTC")), told.get("ip"), told.get("instances", {}))


def _silent_after(source: Source, told: Mapping[str, Any] | None) -> timedelta | None:
    if told is None:
        return None
    if "maildir" in told:
        return MAIL_SILENT_AFTER
    brings = "follow" in told or source.receiver is not None or source.poller is not None
    return max(SILENT_AFTER, 3 * told.get("every", timedelta(0))) if brings else None


def _warmup_health(each: WarmupSource, states: Mapping[str, SourceState], now: datetime) -> SourceHealth:
    state = states.get(job_of(each.platform), SourceState(each.platform))
    condition = condition_of(state.last_ingest_at, state.failed_since, WARMUPS_SILENT_AFTER, now)
    return SourceHealth(each.title, condition, state.last_event_at, state.failure)


def _files(source: Source, path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    if not source.maildir:
        raise NotPossible(f"{path} is a folder: expected a file with data of {source.title}")
    folders = [path / part for part in _MAIL_FOLDERS if (path / part).is_dir()] or [path]
    return sorted(file for folder in folders for file in folder.iterdir() if file.is_file())
