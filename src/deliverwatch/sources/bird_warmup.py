"""What Bird says of its own warm-ups: how far each dedicated address is, in percent of a schedule that is not told.

GET /v1/organization/dedicated-ips lists them all, page by page: {"data": [...], "next_cursor"}; `warmup_progress` is
refreshed hourly. An address is "warming" or "active"; of any other status nothing is said, since it is not known
whether its warm-up goes on. (bird.com/docs, "IP warmup" and "Pagination", read November 2026.)
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from deliverwatch.core.warmup.run import Reading
from deliverwatch.sources import json_values as value
from deliverwatch.sources.bird_api import api
from deliverwatch.sources.http import HttpApi
from deliverwatch.sources.json_values import Record
from deliverwatch.sources.warmup_answers import Params, address, pages, readable, records, utc_day

PLATFORM = "bird"
SETTINGS_OF = "bird-webhook"
"""The source whose `key` and `url` are used."""
_DEDICATED_IPS = "/v1/organization/dedicated-ips"
_FIRST_PAGE = {"limit": "100"}
_WARMING = {"warming": True, "active": False}


async def read_warmups(settings: Mapping[str, Any], now: datetime) -> list[Reading]:
    """Raises ConfigError for the settings, SourceFailed for the platform."""
    asked = api(settings)
    try:
        return await _read(asked, now)
    finally:
        await asked.close()


async def _read(asked: HttpApi, now: datetime) -> list[Reading]:
    with readable(asked.who):
        listed = [
            record
            async for page in pages(asked, _DEDICATED_IPS, _FIRST_PAGE, _next_page)
            for record in records(page.get("data"), "data")
        ]
        return [_reading(record, now) for record in listed if value.kind(record, "status") in _WARMING]


def _next_page(page: Record) -> Params | None:
    cursor = page.get("next_cursor")
    if not cursor:
        return None
    if not isinstance(cursor, str):
        raise ValueError("next_cursor: expected a text")
    return {**_FIRST_PAGE, "starting_after": cursor}


def _reading(record: Record, now: datetime) -> Reading:
    return Reading(
        PLATFORM,
        address(record, "address"),
        now.astimezone(UTC).date(),
        now,
        warming=_WARMING[value.kind(record, "status")],
        progress_ratio=_progress(record),
        pool=value.name(record, "pool_id"),
        started_on=utc_day(record, "warmup_started_at"),
    )


def _progress(record: Record) -> float | None:
    told = record.get("warmup_progress")
    if told is None:
        return None
    if type(told) not in (int, float) or not 0 <= told <= 100:
        raise ValueError("warmup_progress: expected a number from 0 to 100")
    return float(told) / 100
