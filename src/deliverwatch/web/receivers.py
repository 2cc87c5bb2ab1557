"""`POST /ingest/{source}`: where sending platforms deliver their webhooks.

200 is answered only when the call is stored and committed, so that the platform tries again whatever goes wrong before.
A call that is not genuine is 401 and changes nothing; why, our log says, and not the answer. A body is cut off as soon
as it is too large, whether it came so or grew so when it was decompressed.
"""

import zlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from deliverwatch.core.errors import StoreError
from deliverwatch.core.visible import visible
from deliverwatch.flows.source_ports import Inbox, Receipt, ReceiptKind
from deliverwatch.web.problems import problem

log = structlog.get_logger()

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_MOST_PARTS = 64
_ANSWERS = {
    ReceiptKind.UNKNOWN: (HTTPStatus.NOT_FOUND, "No data source of that name sends webhooks."),
    ReceiptKind.NOT_SET_UP: (HTTPStatus.FORBIDDEN, "This receiver is not set up: it has no secret yet."),
    ReceiptKind.REFUSED: (HTTPStatus.UNAUTHORIZED, "The token or signature of this call is missing or wrong."),
}
_PROBLEM = {"application/problem+json": {"schema": {"type": "object"}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    int(status): {"description": status.phrase, "content": _PROBLEM}
    for status in (
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.SERVICE_UNAVAILABLE,
    )
}


class _Unreadable(Exception):
    """A body that is not taken. `status` and the sentence are the answer."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


def add_receivers(app: FastAPI, inbox: Callable[[], Inbox]) -> None:
    @app.post(
        "/ingest/{source}",
        summary="Takes a webhook call of a sending platform; 200 once it is stored",
        responses=_RESPONSES,
    )
    async def receive(source: str, request: Request) -> Response:
        here = inbox()
        closed = here.closed(source)
        if closed is not None:
            return _refused(source, closed)
        try:
            body = await _body(request, here.max_body)
        except _Unreadable as unreadable:
            log.warning("webhook_unreadable", source=source, why=str(unreadable))
            return problem(unreadable.status, str(unreadable))
        except ClientDisconnect:  # nobody is there to read an answer
            log.warning("webhook_unreadable", source=source, why="the caller hung up before its body was whole")
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        try:
            receipt = await here.take(source, {name.lower(): value for name, value in request.headers.items()}, body)
        except StoreError as fault:
            log.error("webhook_not_stored", source=source, why=str(fault))
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, "The call cannot be stored now: try again later.")
        if receipt.kind is ReceiptKind.KEPT:
            return JSONResponse({"status": "kept"})
        return _refused(source, receipt)


def _refused(source: str, receipt: Receipt) -> Response:
    log.warning("webhook_refused", source=visible(source, 40), why=visible(receipt.why, 200))
    status, detail = _ANSWERS[receipt.kind]
    return problem(status, detail)


async def _body(request: Request, most: int) -> bytes:
    """Decompressed. Raises _Unreadable, before more than `most` bytes are held."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", "deflate"):
        raise _Unreadable(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body is encoded in a way that is not taken here.")
    if int(request.headers.get("content-length", 0)) > most:  # a number: the server has seen to it
        raise _too_large(most)
    body, room = bytearray(), most
    async for part in request.stream():
        room -= len(part)
        if room < 0:
            raise _too_large(most)
        body += part
    return bytes(body) if encoding == "identity" else _decompressed(bytes(body), most)


def _decompressed(body: bytes, most: int) -> bytes:
    """Of all its parts: what is compressed bit by bit is as whole as any (RFC 1952 §2.2)."""
    content, rest = bytearray(), body
    for _ in range(_MOST_PARTS):
        unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
        try:
            content += unpacker.decompress(rest, most + 1 - len(content))
        except zlib.error:
            raise _Unreadable(HTTPStatus.BAD_REQUEST, "The body cannot be decompressed.") from None
        if len(content) > most:
            raise _too_large(most)
        if not unpacker.eof:
            raise _Unreadable(HTTPStatus.BAD_REQUEST, "The compressed body is not whole.")
        rest = unpacker.unused_data
        if not rest:
            return bytes(content)
    raise _Unreadable(HTTPStatus.BAD_REQUEST, f"The compressed body has more than {_MOST_PARTS} parts.")


def _too_large(most: int) -> _Unreadable:
    return _Unreadable(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is larger than {most} bytes.")
