"""Asking SparkPost's Events API and Metrics API for what is new.

Events are kept for ten days, and one may appear a few minutes after it happened. So they are asked for in windows of
an hour at most, each from a little before the last one's end: what comes twice is known by its `event_id`. The cursor
moves when a window is complete, which makes the oldest of it the only thing that is ever asked for again. What an
outage of more than ten days lost stays written in the cursor (`lost_from`, `lost_before`).

Metrics are counts of whole UTC days (from a day upward the platform knows no other zone), kept for six months, and
grow for a while, since complaints and late bounces are counted on the day of their message: the last days are asked for
anew. Provider by sending IP is one question for each IP that had mail that day.

Every page counts against a limit that is not published; 429 asks for patience (`sources.http`).
(developers.sparkpost.com, API description "Events" and "Metrics", read November 2026.)
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from deliverwatch.core.errors import SourceFailed
from deliverwatch.flows.source_ports import Page
from deliverwatch.sources import values
from deliverwatch.sources.documents import parsed
from deliverwatch.sources.http import PATIENT, HttpApi, Patience, needed, origin_of

_ORIGIN = "https://api.sparkpost.com"
_PREFIX = "/api/v1"
_EVENTS = f"{_PREFIX}/events/message"
_METRICS = f"{_PREFIX}/metrics/deliverability"
_EVENT_TYPES = (
    "delivery,delay,bounce,out_of_band,spam_complaint,policy_rejection,generation_failure,generation_rejection"
)
_PER_PAGE = "5000"
_COUNTS = "count_sent,count_delivered,count_accepted,count_inband_bounce,count_delayed_first,count_spam_complaint"
_MOST_ROWS = "10000"

EVENTS_KEPT_FOR = timedelta(days=10)
FIRST_REACH_FOR = timedelta(days=1)
LATE_FOR = timedelta(minutes=10)
SETTLED_AFTER = timedelta(minutes=1)
WINDOW_FOR = timedelta(hours=1)

METRICS_KEPT_FOR = timedelta(days=180)
FIRST_DAYS_FOR = timedelta(days=30)
GROWING_FOR = timedelta(days=3)
_DAY = timedelta(days=1)


def api(settings: Mapping[str, Any], source: str, patience: Patience = PATIENT) -> HttpApi:
    """Raises ConfigError."""
    key = needed(settings, source, "key", "an API key of the platform")
    origin = origin_of(settings, source, _ORIGIN, _PREFIX)
    return HttpApi(origin, {"Authorization": key}, "SparkPost's API", f"[sources.{source}] key", patience)


def open_events_poller(settings: Mapping[str, Any]) -> "EventsPoller":
    return EventsPoller(api(settings, "sparkpost-events"), settings.get("every") or timedelta(minutes=5))


def open_metrics_poller(settings: Mapping[str, Any]) -> "MetricsPoller":
    return MetricsPoller(api(settings, "sparkpost-metrics"), settings.get("every") or timedelta(hours=6))


class EventsPoller:
    def __init__(self, api: HttpApi, every: timedelta) -> None:
        self.every = every
        self._api = api

    async def pages(self, cursor: Mapping[str, Any] | None, now: datetime) -> AsyncIterator[Page]:
        until, told = _events_start(cursor, now)
        end = now - SETTLED_AFTER
        oldest = now - EVENTS_KEPT_FOR
        while until < end:
            window_end = min(until + WINDOW_FOR, end)
            before = {**told, "until": until.isoformat()}
            after = {**told, "until": window_end.isoformat()}
            async for body, last in self._window(max(until - LATE_FOR, oldest), window_end):
                yield Page(body, after if last else before)
            until = window_end

    async def _window(self, start: datetime, end: datetime) -> AsyncIterator[tuple[bytes, bool]]:
        """The pages of a window, and whether it is the last."""
        params: Mapping[str, str] | None = {
            "from": _second(start),
            "to": _second(end),
            "events": _EVENT_TYPES,
            "per_page": _PER_PAGE,
            "cursor": "initial",
        }
        asked: list[Mapping[str, str]] = []
        while params is not None:
            if params in asked:
                raise SourceFailed("SparkPost's API answers with the same page for ever", permanent=False)
            asked.append(params)
            body = await self._api.get(_EVENTS, params)
            params = _next_page(answer(body))
            yield body, params is None

    async def close(self) -> None:
        await self._api.close()


def _events_start(cursor: Mapping[str, Any] | None, now: datetime) -> tuple[datetime, dict[str, str]]:
    """Where to go on from, and what the cursor tells of losses."""
    if not cursor:
        return now - FIRST_REACH_FOR, {}
    until, oldest = values.at_iso(cursor["until"]), now - EVENTS_KEPT_FOR
    told = {key: cursor[key] for key in ("lost_from", "lost_before") if key in cursor}
    if until >= oldest:
        return until, told
    return oldest, {"lost_from": until.isoformat(), "lost_before": oldest.isoformat()}


def _next_page(document: Mapping[str, Any]) -> Mapping[str, str] | None:
    """The question of the link to the next page. Of the link, nothing but the question is believed."""
    links = document.get("links")
    if isinstance(links, list):  # an older form: [{"href": ..., "rel": "next"}]
        links = {link.get("rel"): link.get("href") for link in links if isinstance(link, dict)}
    link = links.get("next") if isinstance(links, dict) else None
    if isinstance(link, dict):
        link = link.get("href")
    try:
        return dict(parse_qsl(urlsplit(link).query)) if isinstance(link, str) and link else None
    except ValueError:
        raise SourceFailed("SparkPost's API answered with a link that is none", permanent=False) from None


def answer(body: bytes) -> Mapping[str, Any]:
    document = parsed(body)
    if not isinstance(document, dict) or "results" not in document:
        raise SourceFailed("SparkPost's API answered with something that holds no results", permanent=False)
    return document


class MetricsPoller:
    def __init__(self, api: HttpApi, every: timedelta) -> None:
        self.every = every
        self._api = api

    async def pages(self, cursor: Mapping[str, Any] | None, now: datetime) -> AsyncIterator[Page]:
        today = now.astimezone(UTC).date()
        day, told = _metrics_start(cursor, today)
        before = dict(cursor or {})
        while day < today:
            ips = await self._sending_ips(day)
            day += _DAY
            after = {**told, "until": max(day.isoformat(), before.get("until", ""))}
            for ip in ips[:-1]:
                yield Page(await self._by_provider(day - _DAY, now, ip), before)
            last = await self._by_provider(day - _DAY, now, ips[-1]) if ips else _wrapped([], day - _DAY, now)
            yield Page(last, after)
            before = after

    async def _sending_ips(self, day: date) -> list[str]:
        """Those that had mail, as the platform writes them for its own filter."""
        params = {**_of_day(day), "metrics": "count_sent", "limit": _MOST_ROWS}
        rows = answer(await self._api.get(f"{_METRICS}/sending-ip", params))["results"]
        named = (row.get("sending_ip") for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
        return [ip for ip in named if isinstance(ip, str) and ip]

    async def _by_provider(self, day: date, now: datetime, ip: str) -> bytes:
        params = {**_of_day(day), "metrics": _COUNTS, "limit": _MOST_ROWS, "sending_ips": ip}
        return _wrapped(answer(await self._api.get(f"{_METRICS}/mailbox-provider", params))["results"], day, now, ip)

    async def close(self) -> None:
        await self._api.close()


def _metrics_start(cursor: Mapping[str, Any] | None, today: date) -> tuple[date, dict[str, str]]:
    """The first day to ask for, and what the cursor tells of losses. Its `until` is the first day not asked for yet."""
    if not cursor:
        return today - FIRST_DAYS_FOR, {}
    until, oldest = date.fromisoformat(cursor["until"]), today - METRICS_KEPT_FOR
    told = {key: cursor[key] for key in ("lost_from", "lost_before") if key in cursor}
    if until < oldest:
        told = {"lost_from": until.isoformat(), "lost_before": oldest.isoformat()}
    return max(min(until, today) - GROWING_FOR, oldest), told


def _of_day(day: date) -> dict[str, str]:
    """From the first minute of the day to the first of the next, in UTC."""
    return {"from": f"{day}T00:00", "to": f"{day + _DAY}T00:00", "timezone": "UTC"}


def _wrapped(rows: Any, day: date, now: datetime, ip: str | None = None) -> bytes:
    """With what the answer does not say itself: its period, and the IP that was asked for."""
    start = datetime.combine(day, time(), UTC)
    wrapper: dict[str, Any] = {"from": start, "to": start + _DAY, "as_of": now, "results": rows}
    return orjson.dumps(wrapper if ip is None else {**wrapper, "sending_ip": ip})


def _second(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
