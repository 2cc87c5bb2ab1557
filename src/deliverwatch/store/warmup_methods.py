"""The store as the flows of warm-ups see it (`flows.warmup_ports.WarmupStore`)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from deliverwatch.core.alerting import Notification
from deliverwatch.core.events import Event
from deliverwatch.core.warmup.run import Hold, Reading, WarmupRun, WarmupStep
from deliverwatch.core.warmup.status import WarmupDay
from deliverwatch.flows.warmup_ports import PlanVersion, WarmupChanges
from deliverwatch.store import readings as said
from deliverwatch.store import warmup_holds, warmups
from deliverwatch.store.database import Database


class WarmupMethods(Database):
    async def add_warmup(self, changes: WarmupChanges) -> None:
        await self._run(warmups.add, changes)

    async def commit_warmup(self, changes: WarmupChanges) -> None:
        await self._run(warmups.commit, changes)

    async def commit_warmups(
        self, changes: Sequence[WarmupChanges], events: Sequence[Event], notifications: Sequence[Notification]
    ) -> None:
        await self._run(warmups.commit_all, changes, events, notifications)

    async def warmups(
        self, *, open_only: bool = False, ended_since: date | None = None, ip: str | None = None
    ) -> list[WarmupRun]:
        return await self._run(warmups.runs, open_only, ended_since, ip)

    async def warmup_days(self, run_ids: Collection[str], since: date | None = None) -> Mapping[str, list[WarmupDay]]:
        return await self._run(warmups.days, run_ids, since)

    async def last_warmup_days(self, run_ids: Collection[str]) -> Mapping[str, WarmupDay]:
        return await self._run(warmups.last_days, run_ids)

    async def warmup_holds(self, run_ids: Collection[str] | None = None, *, unreleased: bool = False) -> list[Hold]:
        return await self._run(warmup_holds.holds, run_ids, unreleased)

    async def warmup_steps(self, run_ids: Collection[str]) -> Mapping[str, list[WarmupStep]]:
        return await self._run(warmups.steps, run_ids)

    async def warmup_plans(self, run_id: str) -> list[PlanVersion]:
        return await self._run(warmups.plans, run_id)

    async def keep_readings(self, readings: Sequence[Reading]) -> None:
        await self._run(said.keep, readings)

    async def readings(self, since: date, ips: Collection[str] | None = None) -> list[Reading]:
        return await self._run(said.readings, since, ips)
