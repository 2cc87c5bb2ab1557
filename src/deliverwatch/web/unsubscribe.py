"""`/unsubscribe/{token}`: a page that strangers are meant to open, without signing in and without a cookie.

GET changes nothing, since mail filters open every link they see; it shows a button. POST unsubscribes at once, whether
a person pressed the button or their mail program did it for them (RFC 8058 §3.2), with the same form field from both.

The token has 192 random bits. It is looked up by its digest, so that how long an answer takes tells nothing of the
tokens there are; and questions are answered at a bounded rate, whoever asks: behind a proxy all come from one address.
"""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Protocol

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from deliverwatch.core.inventory import Language
from deliverwatch.flows.ports import Clock
from deliverwatch.render.unsubscribe_words import UNKNOWN, UnsubscribeWords, asked, done

_PATH = "/unsubscribe/{token}"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_MOST_BODY = 4096
_A_SECOND, _AT_ONCE = 10, 100
_NOT_INDEXED = {"X-Robots-Tag": "noindex, nofollow"}


class Readers(Protocol):
    """Those of the reports."""

    @property
    def brand(self) -> str: ...

    async def language_of(self, token: str) -> Language | None:
        """The reader's; None: the token is none of ours."""

    async def unsubscribe(self, token: str) -> bool: ...


class UnsubscribeSource(Protocol):
    @property
    def reporting(self) -> Readers: ...

    @property
    def clock(self) -> Clock: ...


class _Rate:
    """Lets through so many at once, and then so many a second."""

    def __init__(self) -> None:
        self._left, self._at = float(_AT_ONCE), timedelta(0)

    def allows(self, now: timedelta) -> bool:
        self._left = min(_AT_ONCE, self._left + max((now - self._at).total_seconds(), 0) * _A_SECOND)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def add_unsubscribe(app: FastAPI, source: UnsubscribeSource, pages: Environment) -> None:
    rate = _Rate()

    def page(words: UnsubscribeWords, status: HTTPStatus = HTTPStatus.OK) -> Response:
        text = pages.get_template("unsubscribe.html.j2").render(words=words, brand=source.reporting.brand)
        return HTMLResponse(text, status, _NOT_INDEXED)

    def unknown() -> Response:
        """Whoever asks for what there is not does so at a bounded rate; the others never wait for them."""
        return page(UNKNOWN, HTTPStatus.NOT_FOUND) if rate.allows(source.clock.monotonic()) else _busy()

    async def language_of(token: str) -> Language | None:
        return await source.reporting.language_of(token) if _TOKEN.fullmatch(token) else None

    @app.api_route(_PATH, methods=["GET", "HEAD"], include_in_schema=False)
    async def ask(token: str) -> Response:
        language = await language_of(token)
        return page(asked(language)) if language is not None else unknown()

    @app.post(_PATH, include_in_schema=False)
    async def unsubscribe(token: str, request: Request) -> Response:
        if not await _means_it(request):
            return Response("expected List-Unsubscribe=One-Click\n", HTTPStatus.BAD_REQUEST, _NOT_INDEXED)
        language = await language_of(token)
        if language is None or not await source.reporting.unsubscribe(token):
            return unknown()
        return page(done(language))


async def _means_it(request: Request) -> bool:
    """The field may come as a form or in parts (RFC 8058 §3.1): its name and value are looked for, and nothing else in
    the body matters."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BODY:
            return False
    return b"List-Unsubscribe" in body and b"One-Click" in body


def _busy() -> Response:
    return Response(
        "too many at once: try again\n", HTTPStatus.TOO_MANY_REQUESTS, {**_NOT_INDEXED, "Retry-After": "10"}
    )
