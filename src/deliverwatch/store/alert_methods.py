"""The store as alerts see it (`flows.alert_ports.AlertStore`)."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from deliverwatch.core.alerting import Notification
from deliverwatch.core.silences import Silence
from deliverwatch.flows.alert_ports import AlertLine, AlertTrail, ChannelTrouble, DigestDue
from deliverwatch.store import alert_digests, alert_reads, alert_settling, alert_silences, channel_troubles, outbox
from deliverwatch.store.database import Database


class AlertMethods(Database):
    async def channel_troubles(self, failing: Mapping[str, datetime]) -> list[ChannelTrouble]:
        return await self._run(channel_troubles.troubles, failing)

    async def keep_silence(self, silence: Silence) -> None:
        await self._run(alert_silences.keep, silence)

    async def end_silence(self, silence_id: str, now: datetime) -> bool:
        return await self._run(alert_silences.end, silence_id, now)

    async def silences(self, *, since: datetime | None = None) -> list[Silence]:
        return await self._run(alert_silences.silences, since)

    async def settle_silences(self, now: datetime) -> int:
        told, over = await self._run(_settle_inhibited, now)
        for silence_id in over:
            told += await self._run(alert_settling.settle_silence, silence_id, now)
        return told

    async def digests_due(self, now: datetime) -> list[DigestDue]:
        return await self._run(alert_digests.due, now)

    async def commit_digest(self, digest: Notification, content: bytes, parts: Collection[str], now: datetime) -> bool:
        return await self._run(alert_digests.commit, digest, content, parts, now)

    async def alerts(
        self, *, customer: str | None = None, since: datetime | None = None, limit: int = 100
    ) -> list[AlertLine]:
        return await self._run(alert_reads.alerts, customer, since, limit)

    async def alert_trail(self, id_: str) -> AlertTrail | None:
        return await self._run(alert_reads.trail, id_)

    async def resend(self, notification_id: str, now: datetime) -> bool:
        return await self._run(outbox.resend, notification_id, now)

    async def told_openings(self, keys: Collection[str]) -> dict[str, datetime]:
        return await self._run(alert_reads.told_openings, keys)


def _settle_inhibited(connection: Connection, now: datetime) -> tuple[int, list[str]]:
    """And the silences that are over: at most ticks there is neither."""
    return alert_settling.settle_inhibited(connection, now), alert_silences.over(connection, now)
