"""Asking Postmaster Tools, as a service account that each domain's owner lets read it.

Every domain is asked for its last ten days each time, since figures come late and are mended, and for its compliance.
Which domains: those of the settings, else all that the account may see and that are verified. One that it may not see
(403), or that is not known there (404), does not keep the others from being asked; it is named when all are done.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson

from deliverwatch.core.delivery import SignalName
from deliverwatch.core.errors import SourceFailed
from deliverwatch.flows.source_ports import Page, Poller, Shape, Source
from deliverwatch.sources.google_postmaster import METRICS, READER
from deliverwatch.sources.http import AnswerFailed, HttpApi, needed, origin_of
from deliverwatch.sources.jwt_login import ServiceAccount

_USUAL = "https://gmailpostmastertools.googleapis.com"
_SCOPE = "https://www.googleapis.com/auth/postmaster."
_DAYS, _MOST_PAGES, _PAGE_SIZE = 10, 100, 200
_NOT_OURS = frozenset({403, 404})
_MOST_NAMED = 20
_STANDARD = {
    SignalName.SPAM_RATE: "SPAM_RATE",
    SignalName.AUTH_SUCCESS_RATIO: "AUTH_SUCCESS_RATE",
    SignalName.DELIVERY_ERROR_RATIO: "DELIVERY_ERROR_RATE",
}


class PostmasterPoller:
    every = timedelta(hours=12)

    def __init__(self, settings: Mapping[str, Any]) -> None:
        path = needed(settings, "google-postmaster", "credentials", "the path of a service account's JSON key file")
        self._domains = tuple(settings.get("domains") or ())
        self.every = settings.get("every") or self.every
        scopes = ["traffic.readonly"] if self._domains else ["traffic.readonly", "domain"]
        setting = "[sources.google-postmaster] credentials"
        self._api = HttpApi(origin_of(settings, "google-postmaster", _USUAL), {}, "Google Postmaster Tools", setting)
        self._account = ServiceAccount(path, "google-postmaster", [_SCOPE + scope for scope in scopes])

    async def pages(self, cursor: Mapping[str, Any] | None, now: datetime) -> AsyncIterator[Page]:  # noqa: ARG002
        after = {"read_at": now.astimezone(UTC).isoformat()}
        self._api.authorize(await self._account.authorization(now))
        unseen: list[str] = []
        for domain in self._domains or await self._verified():
            try:
                async for body in self._of_domain(domain, now.astimezone(UTC).date()):
                    yield Page(body, after)
            except AnswerFailed as failed:
                if failed.status not in _NOT_OURS:
                    raise
                unseen.append(domain)
        if unseen:
            raise SourceFailed(_not_seen(unseen), permanent=False)

    async def close(self) -> None:
        await self._account.close()
        await self._api.close()

    async def _of_domain(self, domain: str, today: date) -> AsyncIterator[bytes]:
        path = f"/v2/domains/{quote(domain, safe='')}"
        token = ""
        for _ in range(_MOST_PAGES):
            body = await self._api.post(f"{path}/domainStats:query", orjson.dumps(_question(domain, today, token)))
            token = _next(body)
            yield body
            if not token:
                break
        yield await self._api.get(f"{path}/complianceStatus")

    async def _verified(self) -> Sequence[str]:
        """All domains that the account may read."""
        found: list[str] = []
        token = ""
        for _ in range(_MOST_PAGES):
            body = await self._api.get(
                "/v2/domains", {"pageSize": str(_PAGE_SIZE), **({"pageToken": token} if token else {})}
            )
            found.extend(_readable(body))
            token = _next(body)
            if not token:
                break
        return found


def _not_seen(domains: Sequence[str]) -> str:
    named = ", ".join(domains[:_MOST_NAMED]) + (" and others" if len(domains) > _MOST_NAMED else "")
    return (
        f"Google Postmaster Tools does not show {named} to this account: verify the domain there and let the service "
        "account read it, or take it out of [sources.google-postmaster] domains; the others were read"
    )


def _question(domain: str, today: date, token: str) -> dict[str, Any]:
    first, last = today - timedelta(days=_DAYS), today
    asked: dict[str, Any] = {
        "parent": f"domains/{domain}",
        "metricDefinitions": [_definition(name) for name in METRICS],
        "timeQuery": {"dateRanges": {"dateRanges": [{"start": _day(first), "end": _day(last)}]}},
        "aggregationGranularity": "DAILY",
        "pageSize": _PAGE_SIZE,
    }
    return {**asked, "pageToken": token} if token else asked


def _definition(name: str) -> dict[str, Any]:
    signal, detail = METRICS[name]
    definition: dict[str, Any] = {"name": name, "baseMetric": {"standardMetric": _STANDARD[signal]}}
    if signal is SignalName.AUTH_SUCCESS_RATIO:
        definition["filter"] = f'auth_type = "{detail}"'
    elif signal is SignalName.DELIVERY_ERROR_RATIO:
        kind, _, reason = detail.partition(": ")
        definition["filter"] = f'error_type = "{kind}"' + (f' AND error_reason = "{reason}"' if reason else "")
    return definition


def _day(day: date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        raise SourceFailed("Google Postmaster Tools answered with something that is no JSON object", permanent=False)
    return answer


def _next(body: bytes) -> str:
    token = _parsed(body).get("nextPageToken")
    return token if isinstance(token, str) else ""


def _readable(body: bytes) -> list[str]:
    listed = _parsed(body).get("domains")
    entries = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return [
        name.removeprefix("domains/")
        for each in entries
        if isinstance(name := each.get("name"), str)
        and each.get("permission") != "NONE"
        and each.get("verificationState") != "UNVERIFIED"
    ]


def _open(settings: Mapping[str, Any]) -> Poller:
    return PostmasterPoller(settings)


SOURCE = Source(
    id="google-postmaster",
    title="Google Postmaster Tools",
    shape=Shape.DOCUMENT,
    space="google-postmaster",
    reader=READER,
    not_measured=frozenset({"attempted", "delivered", "deferred", "bounced", "complaints", "ip"}),
    poller=_open,
)
