"""What every request is given before anybody looks at it: an id, and a language to be answered in.

The id stands in the answer, in the audit trail and in the log, so that the three can be laid beside each other; one
that a caller brings is not taken. The language is the browser's, until it is known who asks.
"""

import secrets

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deliverwatch.core.inventory import Language
from deliverwatch.render.tongue import speaking


class RequestIds:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = given

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-request-id", given.encode())]}
            await send(message)

        with speaking(language_of(Headers(scope=scope).get("accept-language", ""))):
            await self._app(scope, receive, send_named)


def request_id(request: HTTPConnection) -> str:
    given: str = request.state.request_id
    return given


def language_of(accepted: str) -> Language:
    """The first that we speak, in the order in which browsers write them (RFC 9110 §12.5.4): by preference."""
    for each in accepted.split(","):
        tag = each.partition(";")[0].strip().casefold().partition("-")[0]
        if tag in tuple(Language):
            return Language(tag)
    return Language.EN
