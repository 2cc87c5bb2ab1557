"""Response headers that every answer carries.

Nothing inline, nothing foreign: a page that shows a stranger's text must not run it even if escaping failed once
(Content Security Policy Level 3). No page is kept by a cache, framed, or named to another site.

A report is shown as it was sent, in a frame without rights, under a policy of its own (`AS_SENT`): it brings its styles
with it, and nothing else. What stands under an address that names its version may be kept for ever.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

AS_SENT = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
"""The policy that a route may bring instead of ours, in the header of that name."""

_POLICY = b"content-security-policy"
_CACHE = b"cache-control"
_OURS = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'; "
    b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"clipboard-write=(self), camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
)
_TLS_ONLY = (b"strict-transport-security", b"max-age=31536000")
_FOR_EVER = b"public, max-age=31536000, immutable"
_NOT_KEPT = b"no-store"


class SafeHeaders:
    """Plain ASGI, so that errors of every layer below carry them too. `is_secure`: browsers come over TLS."""

    def __init__(self, app: ASGIApp, is_secure: bool) -> None:
        self._app = app
        self._headers = (*_HEADERS, _TLS_ONLY) if is_secure else _HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._safe(scope, message)}
            await send(message)

        await self._app(scope, receive, send_safely if scope["type"] == "http" else send)

    def _safe(self, scope: Scope, message: Message) -> list[tuple[bytes, bytes]]:
        theirs = [(name.lower(), value) for name, value in message["headers"]]
        ours = {name for name, _ in self._headers} | {_POLICY, _CACHE}
        kept = [(name, value) for name, value in theirs if name not in ours]
        brought = dict(theirs)
        policy = AS_SENT.encode() if brought.get(_POLICY) == AS_SENT.encode() else _OURS
        return [*kept, *self._headers, (_POLICY, policy), (_CACHE, _cache(scope, message["status"], brought))]


def _cache(scope: Scope, status: int, brought: dict[bytes, bytes]) -> bytes:
    """A route may let the reader's own client ask whether it has changed ("private, no-cache"), and no more."""
    if scope["path"].startswith("/static/") and scope["query_string"].startswith(b"v=") and status in (200, 304):
        return _FOR_EVER
    return brought[_CACHE] if brought.get(_CACHE) == b"private, no-cache" else _NOT_KEPT
