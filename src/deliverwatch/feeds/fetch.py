"""One polite GET of a list's file: conditional, bounded in size and time, over HTTPS alone.

The validators of the file we hold (RFC 9110 §8.8) go along, so that an unchanged file costs its operator one line
(304, §15.4.5). A body shorter than its Content-Length is an error of its own (RFC 9112 §8). Redirects are followed as
long as they stay on HTTPS.

A URL may hold a secret in its query or user part, so neither is ever shown, and the HTTP library, which writes whole
URLs to its log, is told to keep them to itself.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx

MAX_BYTES = 512 * 1024 * 1024
TIME_LIMIT_FOR = timedelta(minutes=5)
SILENCE_FOR = timedelta(seconds=30)
_MAX_REDIRECTS = 5
_MAX_VALIDATOR = 1000
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "deliverwatch"}

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # below that, they write the URL


@dataclass(frozen=True, slots=True)
class Fetched:
    """`problem`: why there is nothing new, as words to follow "the download of ...". `unchanged`: what we hold is
    current."""

    problem: str | None = None
    unchanged: bool = False
    etag: str | None = None
    last_modified: str | None = None


def shown(url: str) -> str:
    """Without what may be secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


async def fetch(url: str, into: Path, validators: Mapping[str, str]) -> Fetched:
    """Writes the body to `into`, which holds nothing to rely on unless it went well."""
    try:
        async with asyncio.timeout(TIME_LIMIT_FOR.total_seconds()), _client() as client:
            return await _follow(client, client.build_request("GET", url, headers=validators), into)
    except TimeoutError:
        return Fetched(f"takes longer than {TIME_LIMIT_FOR.total_seconds() / 60:.0f} minutes")
    except httpx.TimeoutException:
        return Fetched(f"heard nothing for {SILENCE_FOR.total_seconds():.0f} seconds")
    except httpx.RemoteProtocolError as problem:
        return Fetched(f"broke off: {problem}")
    except httpx.NetworkError as problem:
        return Fetched(f"found no way there: {problem}")
    except (httpx.HTTPError, httpx.InvalidURL) as problem:  # their words may hold the URL
        return Fetched(f"failed: {type(problem).__name__}")
    except OSError as problem:
        return Fetched(f"cannot be kept: {problem.strerror}")


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=SILENCE_FOR.total_seconds(), headers=_HEADERS)


async def _follow(client: httpx.AsyncClient, request: httpx.Request, into: Path) -> Fetched:
    for _ in range(_MAX_REDIRECTS + 1):
        response = await client.send(request, stream=True)
        try:
            if response.next_request is None:
                return await _take(response, into)
        finally:
            await response.aclose()
        request = response.next_request
        if request.url.scheme != "https":
            return Fetched("is redirected away from https")
    return Fetched(f"is redirected more than {_MAX_REDIRECTS} times")


async def _take(response: httpx.Response, into: Path) -> Fetched:
    if response.status_code == httpx.codes.NOT_MODIFIED:
        return Fetched(unchanged=True)
    if response.status_code != httpx.codes.OK:
        return Fetched(f"was answered with HTTP status {response.status_code}")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return Fetched("came in an encoding that was not asked for")
    file = await asyncio.to_thread(into.open, "wb")
    try:
        if not await _copy(response, file):
            return Fetched(f"is larger than {MAX_BYTES // 1024**2} MiB")
    finally:
        await asyncio.to_thread(file.close)
    return Fetched(etag=_validator(response, "ETag"), last_modified=_validator(response, "Last-Modified"))


def _validator(response: httpx.Response, name: str) -> str | None:
    """It is kept and sent back, so it must be what can be sent."""
    value: str = response.headers.get(name, "")
    return value if value.isascii() and 0 < len(value) <= _MAX_VALIDATOR else None


async def _copy(response: httpx.Response, file: BinaryIO) -> bool:
    size = 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > MAX_BYTES:
            return False
        await asyncio.to_thread(file.write, chunk)
    return True
