"""Asking Bird's platform for the counts of each day by sending IP.

The key names its region ("bk_us1_..."), and the region is in the host's name; elsewhere it is answered with 421. A day
goes on to grow while receivers answer, so the last ones are asked for anew. Daily counts reach back 365 days.
(bird.com/docs, read November 2026.)
"""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from deliverwatch.core.errors import ConfigError, Fault
from deliverwatch.flows.source_ports import Page
from deliverwatch.sources.http import PATIENT, HttpApi, Patience, needed, origin_of

_SOURCE = "bird-webhook"
_STATS = "/v1/email/stats/sending-ips"
_MOST_ROWS = "200"
_REGION = re.compile(r"bk_([a-z]{2}[0-9]{1,2})_")
_DAY = timedelta(days=1)

KEPT_FOR = timedelta(days=364)
FIRST_DAYS_FOR = timedelta(days=30)
GROWING_FOR = timedelta(days=3)


def api(settings: Mapping[str, Any], patience: Patience = PATIENT) -> HttpApi:
    """Raises ConfigError."""
    key = needed(settings, _SOURCE, "key", "an access key of the platform")
    region = _REGION.match(key)
    if region is None and not settings.get("url"):
        usual = "https://eu1.platform.bird.com"
        raise ConfigError(Fault("", f"[sources.{_SOURCE}] url", f"the key names no region: expected, such as, {usual}"))
    origin = origin_of(settings, _SOURCE, f"https://{region[1] if region else 'eu1'}.platform.bird.com", "/v1")
    return HttpApi(origin, {"Authorization": f"Bearer {key}"}, "Bird's API", f"[sources.{_SOURCE}] key", patience)


def open_stats_poller(settings: Mapping[str, Any]) -> "StatsPoller":
    return StatsPoller(api(settings), settings.get("every") or timedelta(hours=1))


class StatsPoller:
    """Its cursor's `until`: the first day that is not asked for yet."""

    def __init__(self, api: HttpApi, every: timedelta) -> None:
        self.every = every
        self._api = api

    async def pages(self, cursor: Mapping[str, Any] | None, now: datetime) -> AsyncIterator[Page]:
        today = now.astimezone(UTC).date()
        day = _first_day(cursor, today)
        while day <= today:
            params = {"from": day.isoformat(), "to": day.isoformat(), "limit": _MOST_ROWS}
            body = await self._api.get(_STATS, params)
            day += _DAY
            yield Page(body, {"until": min(day, today).isoformat()})

    async def close(self) -> None:
        await self._api.close()


def _first_day(cursor: Mapping[str, Any] | None, today: date) -> date:
    if not cursor:
        return today - FIRST_DAYS_FOR
    return max(min(date.fromisoformat(cursor["until"]), today) - GROWING_FOR, today - KEPT_FOR)
