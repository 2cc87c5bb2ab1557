"""One POST to a webhook, and what its answer says of the notification.

Any 2xx accepts it. 410 says that the hook is gone, for good. Any other 4xx refuses this document or our right to send
it, and trying again cannot help; but a conflict, a time-out and "too early, too many" (408, 409, 425, 429; RFC 9110
§15.5, RFC 8470 §5.2, RFC 6585 §4) pass, as do all 5xx, a redirect, which is not followed, and every trouble on the way.
So may a target that the guard refuses: its name can be mended, or its network allowed. Where 429 or 503 says how long
to wait, in seconds (RFC 9110 §10.2.3), that goes along; for a date, our own delays will do.

A hook's address often holds the token that keeps strangers out: it stays in the settings, and no more than its host is
ever said. Nor is what it answers, beyond the status.
"""

import asyncio
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import httpcore
import httpx

from deliverwatch.channels.addresses import Network
from deliverwatch.channels.guard import Refused, Resolve, by_this_machine, guarded_client
from deliverwatch.core.errors import ChannelFailed

_PASSING = frozenset({408, 409, 425, 429})
_SAYING_WHEN = frozenset({429, 503})
_LONGEST_NUMBER = 9
_TOO_LATE = (TimeoutError, httpx.TimeoutException, httpcore.TimeoutException)
_TROUBLE = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    OSError,
)  # their words may hold the URL


@dataclass(frozen=True, slots=True)
class Poster:
    """`called`: what people call the other side. `inside`: networks of the operator's own that it may be in. An address
    of this machine that is written as one ("http://127.0.0.1:9000/") is allowed by having been written, as the settings
    say (`settings.values.webhook`). `timeout_for` is for one document, from resolving to the status line."""

    url: str = field(repr=False)
    called: str
    inside: tuple[Network, ...] = ()
    timeout_for: timedelta = timedelta(seconds=10)
    resolve: Resolve = by_this_machine

    async def post(self, body: bytes, headers: Mapping[str, str]) -> None:
        """A JSON document. Returns when it was accepted. Raises ChannelFailed."""
        headers = {"Content-Type": "application/json", "User-Agent": "deliverwatch", **headers}
        try:
            status, retry_after = await self._ask(body, headers)
        except ChannelFailed as failure:
            failure.__context__ = None  # the library's own holds the request, address and all
            raise
        if not 200 <= status <= 299:
            raise self._unaccepted(status, retry_after)

    async def _ask(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, str | None]:
        limit = self.timeout_for.total_seconds()
        try:
            url = httpx.URL(self.url)
            async with (
                asyncio.timeout(limit),
                guarded_client(self._allowed(url), url.scheme, self.timeout_for, self.resolve) as client,
                client.stream("POST", url, content=body, headers=headers) as response,
            ):
                return response.status_code, response.headers.get("Retry-After")
        except Refused as refusal:
            raise self._failed(str(refusal)) from None
        except _TOO_LATE:
            raise self._failed(f"gave no answer in {limit:g} s") from None
        except _TROUBLE as failure:
            raise self._failed(f"was not reached: {type(failure).__name__}") from None

    def _unaccepted(self, status: int, retry_after: str | None) -> ChannelFailed:
        if status == httpx.codes.GONE:
            return ChannelFailed(f"{self._other_side} is gone: it answered with HTTP status {status}", permanent=True)
        permanent = 400 <= status <= 499 and status not in _PASSING
        return ChannelFailed(
            f"{self._other_side} answered with HTTP status {status}",
            permanent=permanent,
            retry_after=_wait(retry_after) if status in _SAYING_WHEN else None,
        )

    def _failed(self, what: str) -> ChannelFailed:
        return ChannelFailed(f"{self._other_side} {what}", permanent=False)

    def _allowed(self, url: httpx.URL) -> tuple[Network, ...]:
        try:
            written = ipaddress.ip_network(urlsplit(self.url).hostname or "")
            is_meant = written == ipaddress.ip_network(url.host)  # or the two read the address differently
        except ValueError:
            return self.inside
        return (*self.inside, written) if is_meant and written.is_loopback and url.scheme == "http" else self.inside

    @property
    def _other_side(self) -> str:
        try:
            parts = urlsplit(self.url)
        except ValueError:
            return self.called
        return f"{self.called} {parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _wait(retry_after: str | None) -> timedelta | None:
    said = retry_after or ""
    is_number = said.isascii() and said.isdigit() and len(said) <= _LONGEST_NUMBER
    return timedelta(seconds=int(said)) if is_number else None
