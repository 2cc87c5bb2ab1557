"""One JSON document to a help desk's address, by POST, until it is accepted.

Any 2xx accepts it. A 4xx refuses this document or our right to send it, and trying again cannot help; but a conflict, a
time-out and "too early, too many" (408, 409, 425, 429; RFC 9110 §15.5, RFC 8470 §5.2, RFC 6585 §4) pass, as do all
5xx, a redirect, which is not followed, and every trouble on the way. `Deliverwatch-Id` is the same each time a
document is sent, so that who has it already can tell. `Deliverwatch-Signature` proves that the body is ours, and when
it was sent: HMAC-SHA-256 (RFC 2104) over "<seconds since 1970>.<body>", in hexadecimal.

The address may hold a password or a token: it stays in the settings, and no more than its host is ever said. The HTTP
library, which writes whole URLs to its log, is told not to.
"""

import asyncio
import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx

from deliverwatch.core.errors import ChannelFailed
from deliverwatch.flows.ports import OutgoingMail

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # below that, they write the URL

_PASSING = frozenset({408, 409, 425, 429})


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """`now`: what the signature's time is taken from. `timeout_for` is for one document, from connecting to the status
    line; what else the help desk answers is not read."""

    url: str = field(repr=False)
    secret: str | None = field(repr=False)
    now: Callable[[], datetime]
    timeout_for: timedelta = timedelta(seconds=10)

    async def deliver(self, mail: OutgoingMail) -> None:
        """`mail.content` is the document; its recipient is the one that was set up."""
        try:
            status = await self._post(mail.content, self._headers(mail))
        except ChannelFailed as failure:
            failure.__context__ = None  # the library's own holds the request, address and all
            raise
        if not 200 <= status <= 299:
            permanent = 400 <= status <= 499 and status not in _PASSING
            raise ChannelFailed(f"{self._desk} answered with HTTP status {status}", permanent=permanent)

    async def _post(self, body: bytes, headers: dict[str, str]) -> int:
        limit = self.timeout_for.total_seconds()
        try:
            async with (
                asyncio.timeout(limit),
                httpx.AsyncClient(timeout=limit, follow_redirects=False, trust_env=False) as client,
                client.stream("POST", self.url, content=body, headers=headers) as response,
            ):
                return response.status_code
        except (TimeoutError, httpx.TimeoutException):
            raise self._failed(f"gave no answer in {limit:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as failure:  # their words may hold the URL
            raise self._failed(f"was not reached: {type(failure).__name__}") from None

    def _headers(self, mail: OutgoingMail) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": "deliverwatch", "Deliverwatch-Id": mail.message_id}
        if self.secret is not None:
            headers["Deliverwatch-Signature"] = signature(self.secret, self.now(), mail.content)
        return headers

    def _failed(self, what: str) -> ChannelFailed:
        return ChannelFailed(f"{self._desk} {what}", permanent=False)

    @property
    def _desk(self) -> str:
        parts = urlsplit(self.url)
        return f"help desk {parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def signature(secret: str, at: datetime, body: bytes) -> str:
    seconds = int(at.timestamp())
    proof = hmac.new(secret.encode(), f"{seconds}.".encode() + body, "sha256").hexdigest()
    return f"t={seconds},v1={proof}"
