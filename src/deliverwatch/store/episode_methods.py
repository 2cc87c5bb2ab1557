"""The store as the flows that judge sending data see it (`flows.delivery_ports.EpisodeStore`)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.delivery import FactCounts, FactKey, Measure, ReplyCounts, ReplyKey, Signal
from deliverwatch.core.mail_share import Attempts
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import Subject
from deliverwatch.flows.delivery_ports import CauseWanted, EpisodeChanges
from deliverwatch.store import facts, last_found, look_requests, provider_episodes, traffic
from deliverwatch.store.database import Database


class EpisodeMethods(Database):
    async def facts(self, since: datetime, until: datetime | None = None) -> list[tuple[FactKey, FactCounts]]:
        return await self._run(facts.facts, since, until)

    async def measures(
        self, since: datetime, until: datetime | None = None, name: str | None = None
    ) -> list[tuple[str, Measure]]:
        return await self._run(facts.measures, since, until, name)

    async def replies(self, since: datetime) -> list[tuple[ReplyKey, ReplyCounts]]:
        return await self._run(facts.replies, since)

    async def verdicts(
        self,
        since: datetime,
        classes: Collection[ReplyClass],
        names: Collection[str] | None = None,
        until: datetime | None = None,
    ) -> list[tuple[ReplyKey, ReplyCounts]]:
        return await self._run(traffic.verdicts, since, until, classes, names)

    async def traffic(
        self, since: datetime, names: Collection[str], until: datetime | None = None
    ) -> list[tuple[FactKey, FactCounts]]:
        return await self._run(traffic.of_senders, since, until, names)

    async def attempts(self, since: datetime, until: datetime) -> list[Attempts]:
        return await self._run(traffic.attempts, since, until)

    async def signals(self, since: datetime) -> list[Signal]:
        return await self._run(facts.signals, since)

    async def episodes(
        self, *, open_only: bool = False, kinds: Collection[EpisodeKind] = (), since: datetime | None = None
    ) -> list[Episode]:
        return await self._run(provider_episodes.episodes, open_only, kinds, since)

    async def commit_episodes(self, changes: EpisodeChanges) -> None:
        await self._run(provider_episodes.commit, changes)

    async def causes_wanted(self, since: datetime) -> list[CauseWanted]:
        return await self._run(provider_episodes.causes_wanted, since)

    async def keep_cause(self, key: str, cause: Mapping[str, Any]) -> None:
        await self._run(provider_episodes.keep_cause, key, cause)

    async def causes(self) -> Mapping[str, Mapping[str, Any]]:
        return await self._run(provider_episodes.causes)

    async def look_requests(self) -> Mapping[str, tuple[Subject, ...]]:
        return await self._run(look_requests.waiting)

    async def look_done(self, list_id: str, subjects: Collection[Subject]) -> None:
        await self._run(look_requests.done, list_id, subjects)

    async def dns_values(self) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        return await self._run(last_found.dns_values)

    async def keep_dns_values(self, values: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
        await self._run(last_found.keep_dns_values, values)

    async def platform_proposal(self) -> Mapping[str, Any] | None:
        return await self._run(last_found.proposal)

    async def keep_platform_proposal(self, proposal: Mapping[str, Any] | None) -> None:
        await self._run(last_found.keep_proposal, proposal)
