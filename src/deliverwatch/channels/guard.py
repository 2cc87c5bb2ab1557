"""A guard against server-side request forgery: no webhook makes this program call what it should not (CWE-918).

A name may resolve to an address inside our own network, at once or from the second time on (DNS rebinding), and there
are more ways to spell 127.0.0.1 than anybody can list. So nothing is read into a URL: at the moment of connecting its
host is resolved once, all its addresses are judged (`channels.addresses`), and one that was judged is connected to. If
one is refused, none is called. TLS still proves the name of the URL, and so does the Host header.

Only https goes out to the internet; plain http goes to networks that the operator allowed (`inside`), nowhere else.
Redirects are not followed, proxies of the environment not used, and no more than 64 KiB read of any answer.
"""

import asyncio
import ipaddress
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

import httpcore
import httpx

from deliverwatch.channels.addresses import Network, is_inside, refused

MOST_READ = 64 * 1024

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # below that, they write the URL

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""All addresses of a host, in the order of preference. Raises OSError."""


class Refused(Exception):
    """A target that may not be called; says why."""


async def by_this_machine(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def guarded_client(
    inside: Sequence[Network], scheme: str, timeout_for: timedelta, resolve: Resolve = by_this_machine
) -> httpx.AsyncClient:
    """For URLs of one scheme. `timeout_for`: for each wait, and in part for each address; whoever calls sets an end to
    all of it."""
    return httpx.AsyncClient(
        transport=_Transport(_Backend(inside, scheme, resolve), scheme),
        timeout=timeout_for.total_seconds(),
        follow_redirects=False,
        trust_env=False,
    )


class _Backend(httpcore.AsyncNetworkBackend):
    """Connects to what was judged."""

    def __init__(self, inside: Sequence[Network], scheme: str, resolve: Resolve) -> None:
        self._inside, self._scheme, self._resolve = inside, scheme, resolve
        self._sockets = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._judged(host, port)
        share = timeout / (len(addresses) + 1) if timeout is not None else None
        trouble: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                stream = await self._sockets.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failure:
                trouble = failure
            else:
                return _Stream(stream)
        raise trouble

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise Refused("a webhook is called over the network")

    async def sleep(self, seconds: float) -> None:
        await self._sockets.sleep(seconds)

    async def _judged(self, host: str, port: int) -> list[str]:
        """Raises Refused, or httpcore.ConnectError."""
        try:
            addresses = list(dict.fromkeys(await self._resolve(host, port)))
        except (OSError, UnicodeError) as failure:  # UnicodeError: a name that DNS cannot carry
            raise httpcore.ConnectError("the name was not found") from failure
        for address in addresses:
            self._judge(address)
        return addresses

    def _judge(self, address: str) -> None:
        parsed = ipaddress.ip_address(address)
        if is_inside(parsed, self._inside):
            return
        if (what := refused(parsed)) is not None:
            raise Refused(f"is at {parsed} ({what}), which no channel may call unless its `inside` holds it")
        if self._scheme != "https":
            raise Refused(f"is at {parsed}, which is called by https alone unless its `inside` holds it")


class _Stream(httpcore.AsyncNetworkStream):
    """Ends after `MOST_READ`, whatever it is that came."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._left = MOST_READ

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's signature
        if self._left <= 0:
            raise httpcore.ReadError("the answer has no end")
        data = await self._stream.read(min(max_bytes, self._left), timeout)
        self._left -= len(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's signature
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Transport(httpx.AsyncBaseTransport):
    """httpx over a network of our own, which it has no argument for. Its errors are httpcore's."""

    def __init__(self, backend: _Backend, scheme: str) -> None:
        self._scheme = scheme
        # Without a context of ours it trusts the usual authorities and those of this machine: an internal hook may have
        # one of the operator's own.
        self._pool = httpcore.AsyncConnectionPool(network_backend=backend)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme != self._scheme:
            raise Refused(f"is no {self._scheme} address")
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                request.method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._answer.aiter_stream():
            yield piece

    async def aclose(self) -> None:
        await self._answer.aclose()
