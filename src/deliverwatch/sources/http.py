"""Asking a platform's API over HTTP, politely and within bounds.

Redirects are not followed, proxies of the environment not used, bodies and waiting capped. 429 (RFC 6585 §4) is waited
for, as long as Retry-After says (RFC 9110 §10.2.3) and no longer than we care to; an answer of the 5xx kind and a
broken connection are tried twice more. What then remains is a `SourceFailed`: a sentence that names the platform and
nothing of the request, which may hold the key. The HTTP library, which writes whole URLs to its log, is told not to.
"""

import asyncio
import ipaddress
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from deliverwatch.core.errors import ConfigError, Fault, SourceFailed

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # below that, they write the URL

_REFUSED = {401, 403}
_TOO_MANY = {420, 429}  # 420: SparkPost, the account's own sending limit is reached


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often. `silence_for`: until the next piece of an answer, `answer_for`: until all of it.
    `first_wait_for` doubles up to `longest_wait_for`, which also bounds Retry-After."""

    silence_for: timedelta = timedelta(seconds=30)
    answer_for: timedelta = timedelta(minutes=5)
    first_wait_for: timedelta = timedelta(seconds=1)
    longest_wait_for: timedelta = timedelta(seconds=60)
    waits: int = 6
    retries: int = 2
    most_bytes: int = 64 * 1024 * 1024


PATIENT = Patience()


class AnswerFailed(SourceFailed):
    """An answer came, and its `status` was not 200."""

    def __init__(self, why: str, status: int | None, *, permanent: bool) -> None:
        super().__init__(why, permanent=permanent)
        self.status = status


class HttpApi:
    """One platform's API below `origin` ("https://api.example"). `who` names it in sentences, `setting` what the
    operator would have to change ("[sources.ID] key")."""

    def __init__(
        self, origin: str, headers: Mapping[str, str], who: str, setting: str, patience: Patience = PATIENT
    ) -> None:
        self.origin = origin
        self.who = who
        self._setting = setting
        self._patience = patience
        self._headers = {"User-Agent": "deliverwatch", "Accept-Encoding": "gzip", **headers}
        self._opened: httpx.AsyncClient | None = None

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """The body. Raises SourceFailed for every answer but 200. `path` begins with a slash."""
        return await self._ask(self._client().build_request("GET", self.origin + path, params=params))

    async def post(self, path: str, content: bytes, content_type: str = "application/json") -> bytes:
        """The same, for questions that are asked by POST: they are tried again too."""
        headers = {"Content-Type": content_type}
        return await self._ask(
            self._client().build_request("POST", self.origin + path, content=content, headers=headers)
        )

    def authorize(self, authorization: str) -> None:
        """From now on, for credentials that are renewed."""
        self._client().headers["Authorization"] = authorization

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.aclose()

    def _client(self) -> httpx.AsyncClient:
        """Opened when it is needed: to read the authorities' certificates takes longer than to find nothing is due."""
        if self._opened is None:
            self._opened = httpx.AsyncClient(
                headers=self._headers,
                timeout=self._patience.silence_for.total_seconds(),
                follow_redirects=False,
                trust_env=False,
            )
        return self._opened

    async def _ask(self, request: httpx.Request) -> bytes:
        retries, waits = self._patience.retries, self._patience.waits
        wait = self._patience.first_wait_for.total_seconds()
        while True:
            status, body, after, problem = await self._once(request)
            if status == httpx.codes.OK and problem is None:
                return body
            if status in _TOO_MANY and waits:
                waits -= 1
            elif (status is None or status >= 500) and retries:
                retries -= 1
            else:
                raise self._failed(status, problem)
            await asyncio.sleep(min(wait if after is None else after, self._patience.longest_wait_for.total_seconds()))
            wait *= 2

    async def _once(self, request: httpx.Request) -> tuple[int | None, bytes, float | None, str | None]:
        """Status, body, what Retry-After says, what went wrong on the way. No status: try again."""
        try:
            async with asyncio.timeout(self._patience.answer_for.total_seconds()):
                response = await self._client().send(request, stream=True)
                try:
                    body = await self._body(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            return None, b"", None, f"takes longer than {self._patience.answer_for.total_seconds() / 60:.0f} minutes"
        except httpx.TimeoutException:
            return None, b"", None, f"was silent for {self._patience.silence_for.total_seconds():.0f} seconds"
        except (httpx.HTTPError, httpx.InvalidURL) as problem:  # their words may hold the URL
            return None, b"", None, f"cannot be reached ({type(problem).__name__})"
        if body is None:
            limit = self._patience.most_bytes / 1024**2
            return response.status_code, b"", None, f"answered with more than {limit:g} MiB"
        return response.status_code, body, _seconds(response.headers.get("Retry-After")), None

    async def _body(self, response: httpx.Response) -> bytes | None:
        """None when there is more than we take; counted after decompression."""
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self._patience.most_bytes:
                return None
        return bytes(body)

    def _failed(self, status: int | None, problem: str | None) -> SourceFailed:
        if problem is not None:
            return SourceFailed(f"{self.who} {problem}", permanent=False)
        if status in _REFUSED:
            return AnswerFailed(
                f"{self.who} refused the request (HTTP status {status}): check {self._setting} and what it may read",
                status,
                permanent=True,
            )
        if status == httpx.codes.MISDIRECTED_REQUEST:
            return AnswerFailed(
                f"{self.who} says that this account lives in another region (HTTP status 421): set url to that region",
                status,
                permanent=True,
            )
        if status in _TOO_MANY:
            return AnswerFailed(f"{self.who} asks for patience (HTTP status {status})", status, permanent=False)
        unusable = status is not None and 300 <= status < 500
        return AnswerFailed(f"{self.who} answered with HTTP status {status}", status, permanent=unusable)


def _seconds(retry_after: str | None) -> float | None:
    """Only the form in seconds: for a date, our own back-off will do."""
    return float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else None


def origin_of(settings: Mapping[str, Any], source: str, usual: str, prefix: str = "") -> str:
    """The `url` setting as an origin, without a trailing `prefix` ("/api/v1"). Plain HTTP goes to this machine alone:
    the key would travel readably. Raises ConfigError."""
    url = str(settings.get("url") or usual).rstrip("/").removesuffix(prefix)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.path or parts.query or parts.fragment or parts.username or not _safe(parts.scheme, host):
        raise ConfigError(Fault("", f"[sources.{source}] url", f"expected the API's address, such as {usual}"))
    return url


def _safe(scheme: str, host: str) -> bool:
    if scheme == "https":
        return True
    try:
        return scheme == "http" and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False


def needed(settings: Mapping[str, Any], source: str, name: str, what: str) -> str:
    """A setting without which the source cannot be asked. Raises ConfigError."""
    value = settings.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(Fault("", f"[sources.{source}] {name}", f"is missing: expected {what}"))
    if not (value.isascii() and value.isprintable()):
        raise ConfigError(Fault("", f"[sources.{source}] {name}", "holds characters that no header can carry"))
    return value.strip()
