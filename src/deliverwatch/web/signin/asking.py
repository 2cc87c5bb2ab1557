"""HTTP to the identity provider: a short document, in time, over a way on which it cannot be read or altered.

No proxy of the environment, no redirects: what is asked is what was named.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping
from typing import Any

import httpx

from deliverwatch.settings.values import is_private

_SILENCE_FOR, _ANSWER_FOR = 5.0, 10.0
_MOST_BYTES = 1 << 20


class ProviderDown(Exception):
    """It did not answer, or not as it should; why, for the log, without what it said."""


class ProviderRefuses(ProviderDown):
    """It answered that this cannot be done."""


class Asking:
    def __init__(self) -> None:
        self._trusted = ssl.create_default_context()

    async def get(self, url: str) -> dict[str, Any]:
        return await self._ask("GET", url)

    async def post(self, url: str, form: Mapping[str, str], login: tuple[str, str]) -> dict[str, Any]:
        return await self._ask("POST", url, data=form, auth=httpx.BasicAuth(*login))

    async def _ask(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        """Raises ProviderDown."""
        if not is_private(url):
            raise ProviderDown("it names an address without TLS")
        try:
            async with (
                asyncio.timeout(_ANSWER_FOR),
                self._client() as client,
                client.stream(method, url, **more) as got,
            ):
                return _document(got, await _body(got))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as failure:  # their words may hold the address
            raise ProviderDown(f"no answer ({type(failure).__name__})") from None

    def _client(self) -> httpx.AsyncClient:
        headers = {"Accept": "application/json", "User-Agent": "deliverwatch"}
        return httpx.AsyncClient(
            verify=self._trusted, timeout=_SILENCE_FOR, follow_redirects=False, trust_env=False, headers=headers
        )


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > _MOST_BYTES:
            raise ProviderDown("it says more than a megabyte")
    return bytes(body)


def _document(response: httpx.Response, body: bytes) -> dict[str, Any]:
    if response.status_code != httpx.codes.OK:
        raise (ProviderRefuses if response.is_client_error else ProviderDown)(f"it answers with {response.status_code}")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ProviderDown("it answers with something else than a JSON object")
    return found
