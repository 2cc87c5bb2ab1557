"""What changes something is asked for by our own pages, or it is refused (cross-site request forgery).

A browser sends our cookie along with whatever any page makes it send. So it is asked where the request began:
`Sec-Fetch-Site` says it in every browser of today, and a page cannot set it; where it is missing, `Origin` is compared
with the address that browsers find us under, or, on a loopback address, with the one that was asked. Another host of
the same site is another site. What says neither is refused.

Not asked is at doors that take no cookie: the API and webhooks have their own proof, and one unsubscribes from within
a mail program. Signing in is asked too, or somebody could be signed in as somebody else.
"""

from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

WITHOUT_COOKIE = ("/api/", "/ingest/", "/unsubscribe/")
_SAFE = ("GET", "HEAD", "OPTIONS")
_OURS = ("same-origin", "none")
_REFUSED = (
    "This was sent from another site, or by a browser that does not say from where: nothing was done. "
    "Open the page itself and try again.\n"
)
_PORTS = {"http": 80, "https": 443}


class SameSite:
    """Plain ASGI. `origin`: see `House.origin`."""

    def __init__(self, app: ASGIApp, origin: str | None) -> None:
        self._app, self._origin = app, origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._allows(scope):
            await PlainTextResponse(_REFUSED, HTTPStatus.FORBIDDEN)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _allows(self, scope: Scope) -> bool:
        if scope["method"] in _SAFE or scope["path"].startswith(WITHOUT_COOKIE):
            return True
        headers = Headers(scope=scope)
        sites = headers.getlist("sec-fetch-site")
        if sites:
            return all(site in _OURS for site in sites)
        origins = headers.getlist("origin")
        return len(origins) == 1 and self._is_ours(origins[0], f"{scope['scheme']}://{headers.get('host', '')}")

    def _is_ours(self, origin: str, asked: str) -> bool:
        began = parts_of(origin)
        if began is None:
            return False
        is_public = self._origin is not None and began == parts_of(self._origin)
        return is_public or (is_loopback(began[1]) and began == parts_of(asked))


def parts_of(origin: str) -> tuple[str, str, int] | None:
    """Scheme, host, port; None: it has none of them, as "null" has."""
    try:
        read = urlsplit(origin)
        port = read.port or _PORTS.get(read.scheme)
    except ValueError:
        return None
    return (read.scheme, read.hostname, port) if read.hostname and port else None


def is_loopback(host: str) -> bool:
    """By its own name alone: others may be made to lead here."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
