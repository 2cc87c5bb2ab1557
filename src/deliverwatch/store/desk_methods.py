"""The store as the desk sees it (`flows.desk_ports.DeskStore`)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.desk.affected import Blocked, Listed
from deliverwatch.core.desk.start import Part
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.figures import Figures
from deliverwatch.core.listing import Listing
from deliverwatch.core.remediation.draft import Draft, DraftState
from deliverwatch.core.warmup.run import WarmupStep
from deliverwatch.flows.alert_ports import AlertLine, NumberedEvent
from deliverwatch.flows.desk_ports import Customers, DraftCount, DraftHead, Found, MailOfDay, Place, ReportHead
from deliverwatch.store import (
    alert_reads,
    desk_heads,
    desk_mail,
    desk_queue,
    desk_reads,
    desk_search,
    desk_steps,
    desk_trouble,
    desk_worst,
    figures,
)
from deliverwatch.store.database import Database


class DeskMethods(Database):
    async def figures(self, now: datetime) -> Figures:
        return await self._run(figures.figures, now)

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
        return await self._run(desk_reads.events, customers, kinds, before, after, since, limit)

    async def events_told(self, limit: int) -> list[Event]:
        return await self._run(desk_worst.told, limit)

    async def parties_of(self, keys: Collection[str]) -> Mapping[str, frozenset[str]]:
        return await self._run(desk_reads.parties, keys)

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
        return await self._run(desk_reads.listings, customers, open_only, list_id, since, before, limit)

    async def open_listed(self, customers: Customers, *, but: Collection[str] = ()) -> list[Listed]:
        return await self._run(desk_trouble.listed, customers, but)

    async def open_blocked(self, customers: Customers) -> list[Blocked]:
        return await self._run(desk_trouble.blocked, customers)

    async def worst_listings(self, lists: Collection[str], *, but: bool = False, incidents: int = 100) -> Part[Listing]:
        return await self._run(desk_worst.listings, lists, but, incidents)

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
        return await self._run(desk_reads.episodes, customers, kinds, open_only, since, before, limit)

    async def worst_episodes(
        self, kinds: Collection[EpisodeKind], *, since: datetime, alike: int = 100
    ) -> Part[Episode]:
        return await self._run(desk_worst.episodes, kinds, since, alike)

    async def count_open_episodes(self, customers: Customers, kinds: Collection[EpisodeKind]) -> int:
        return await self._run(desk_worst.open_episodes, customers, kinds)

    async def causes_of(self, keys: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
        return await self._run(desk_reads.causes, keys)

    async def alerts_of(self, customers: Customers, *, before: int | None = None, limit: int = 100) -> list[AlertLine]:
        return await self._run(alert_reads.alerts_of, customers, before, limit)

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
        return await self._run(desk_heads.drafts, customers, states, provider, follow_up_of, before, limit)

    async def drafts_due_first(
        self,
        customers: Customers,
        *,
        states: Collection[DraftState],
        provider: str | None = None,
        limit: int = 100,
    ) -> list[DraftHead]:
        return await self._run(desk_queue.due_first, customers, states, provider, limit)

    async def count_drafts(
        self, customers: Customers, now: datetime, *, states: Collection[DraftState], provider: str | None = None
    ) -> list[DraftCount]:
        return await self._run(desk_queue.counts, customers, states, provider, now)

    async def whole_drafts(self, ids: Collection[str]) -> Mapping[str, Draft]:
        return await self._run(desk_queue.whole, ids)

    async def drafts_about(self, keys: Collection[str]) -> Mapping[str, str]:
        return await self._run(desk_heads.drafts_about, keys)

    async def report_heads(
        self, customers: Customers, *, before: Place | None = None, limit: int = 100
    ) -> list[ReportHead]:
        return await self._run(desk_heads.reports, customers, before, limit)

    async def warmup_steps_of(
        self, customers: Customers, *, since: datetime | None = None, until: datetime | None = None
    ) -> list[tuple[str, WarmupStep]]:
        return await self._run(desk_steps.steps, customers, since, until)

    async def mail_days(
        self, names: Sequence[str], since: datetime, until: datetime, spaces: Mapping[str, str] | None = None
    ) -> list[MailOfDay]:
        return await self._run(desk_mail.mail_days, names, since, until, spaces or {})

    async def search(self, words: str, customers: Customers, limit: int = 10) -> Found:
        return await self._run(desk_search.search, words, customers, limit)
