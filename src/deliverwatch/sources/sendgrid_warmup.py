"""What SendGrid says of its own warm-ups: which addresses, and since when.

GET /v3/ips/warmup lists those in warm-up and no others: [{"ip", "start_date"}], seconds since 1970. The stage is not
told; it is the day of the published table of hourly caps, whose first is day 0: whole days since the start.
(Twilio SendGrid, "Retrieve all IPs currently in warmup", read November 2026.)
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from deliverwatch.core.warmup.run import Reading
from deliverwatch.sources import json_values as value
from deliverwatch.sources.documents import parsed
from deliverwatch.sources.http import HttpApi, needed, origin_of
from deliverwatch.sources.json_values import Record
from deliverwatch.sources.warmup_answers import address, readable, records

PLATFORM = "sendgrid"
SETTINGS_OF = "sendgrid"
"""The source whose `api_key` and `url` are used; its `key` is the webhook's."""
_DAY = timedelta(days=1)


def api(settings: Mapping[str, Any]) -> HttpApi:
    """Raises ConfigError."""
    key = needed(settings, SETTINGS_OF, "api_key", "an API key of the platform")
    origin = origin_of(settings, SETTINGS_OF, "https://api.sendgrid.com", "/v3")
    headers = {"Authorization": f"Bearer {key}"}
    return HttpApi(origin, headers, "SendGrid's API", f"[sources.{SETTINGS_OF}] api_key")


async def read_warmups(settings: Mapping[str, Any], now: datetime) -> list[Reading]:
    """Raises ConfigError for the settings, SourceFailed for the platform."""
    asked = api(settings)
    try:
        body = await asked.get("/v3/ips/warmup")
    finally:
        await asked.close()
    with readable(asked.who):
        return [_reading(record, now) for record in records(parsed(body), "answer")]


def _reading(record: Record, now: datetime) -> Reading:
    started_at = value.at(record, "start_date")
    if started_at > now + _DAY:  # less is a clock that differs
        raise ValueError("start_date: expected a time that is past")
    return Reading(
        PLATFORM,
        address(record, "ip"),
        now.astimezone(UTC).date(),
        now,
        warming=True,
        stage=max(0, (now - started_at) // _DAY) + 1,
        started_on=started_at.date(),
    )
