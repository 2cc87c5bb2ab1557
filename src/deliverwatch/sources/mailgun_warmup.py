"""What Mailgun says of its own warm-ups: the stage of each address, and of how many.

GET /v3/ip_warmups lists those in warm-up and no others, page by page: {"items": [...], "paging": {"next": link}}; the
last page is empty. How many stages there are and when it began is told only of one address: GET /v3/ip_warmups/IP,
{"details": {...}}. The stage is "stage_number" in the list and "stage" there; in the vendor's examples the two count
differently (stage number 3 and stage 2 have the same limit), so the list's goes first.
(Mailgun, "IP Address Warmup", and the vendor's Go client, read November 2026.)
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from deliverwatch.core.warmup.run import Reading
from deliverwatch.sources import json_values as value
from deliverwatch.sources.http import HttpApi, needed, origin_of
from deliverwatch.sources.json_values import Record
from deliverwatch.sources.warmup_answers import Params, address, json_object, pages, readable, records, stage, utc_day

PLATFORM = "mailgun"
SETTINGS_OF = "mailgun"
"""The source whose `api_key` and `url` are used."""
_WARMUPS = "/v3/ip_warmups"


def api(settings: Mapping[str, Any]) -> HttpApi:
    """Raises ConfigError."""
    key = needed(settings, SETTINGS_OF, "api_key", "an API key of the platform")
    origin = origin_of(settings, SETTINGS_OF, "https://api.mailgun.net", "/v3")
    headers = {"Authorization": f"Basic {b64encode(f'api:{key}'.encode()).decode()}"}
    return HttpApi(origin, headers, "Mailgun's API", f"[sources.{SETTINGS_OF}] api_key")


async def read_warmups(settings: Mapping[str, Any], now: datetime) -> list[Reading]:
    """Raises ConfigError for the settings, SourceFailed for the platform."""
    asked = api(settings)
    try:
        with readable(asked.who):
            listed = [record async for page in pages(asked, _WARMUPS, {}, _next_page) for record in _items(page)]
            by_ip = {address(record, "ip"): record for record in listed}
            return [_reading(ip, {**await _details(asked, ip), **record}, now) for ip, record in by_ip.items()]
    finally:
        await asked.close()


def _items(page: Record) -> list[Record]:
    """None are null: so the mock server of the vendor's Go client writes an empty page."""
    found = page.get("items", "missing")
    return [] if found is None else records(found, "items")


def _next_page(page: Record) -> Params | None:
    """Of the link, nothing but the question is believed."""
    link = value.mapping(page, "paging").get("next")
    if not link or not _items(page):
        return None
    if not isinstance(link, str):
        raise ValueError("paging: expected a link")
    return dict(parse_qsl(urlsplit(link).query))


async def _details(asked: HttpApi, ip: str) -> Record:
    document = json_object(await asked.get(f"{_WARMUPS}/{ip}"))
    if "details" not in document:
        raise ValueError("details: expected an object")
    return value.mapping(document, "details")


def _reading(ip: str, record: Record, now: datetime) -> Reading:
    return Reading(
        PLATFORM,
        ip,
        now.astimezone(UTC).date(),
        now,
        warming=True,
        stage=stage(record, "stage_number", "stage"),
        stages=stage(record, "total_stages"),
        started_on=utc_day(record, "plan_started_at"),
    )
