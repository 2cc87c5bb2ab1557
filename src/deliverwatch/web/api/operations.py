"""How an operation of the API is registered, what it lets in, and how it answers.

Operations answer with documents that are made elsewhere (`render`); what OpenAPI says of them is declared beside, and
the two are held together by a test that asks every operation. Bodies have a limit, and text without meaning (NUL) is
refused at the door, so that nothing below need think of it.
"""

import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from deliverwatch.render.json_times import instant
from deliverwatch.web.api.etags import is_known, weak
from deliverwatch.web.api.paging import Page, link_to
from deliverwatch.web.api.problems import UNDERSTOOD, documented, problem, problem_of
from deliverwatch.web.api.request_headers import IDEMPOTENCY_KEY, IF_MATCH, IF_NONE_MATCH

_MOST_BODY = 4 << 20
_NO_TEXT = "NUL is no text: leave it out"


@dataclass(frozen=True, slots=True)
class Text:
    """An answer that is no JSON."""

    media_type: str
    example: str


Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Register = Callable[[Callable[..., Any]], Callable[..., Any]]


class Operation(APIRoute):
    """Knows the API's own errors."""

    def get_route_handler(self) -> Handler:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            if "\0" in unquote(request.url.path):
                return problem(HTTPStatus.NOT_FOUND, "There is nothing here, or nothing that you may see.")
            if "\0" in unquote(request.url.query):
                return problem(HTTPStatus.UNPROCESSABLE_ENTITY, _NO_TEXT, errors=[])
            try:
                answered = await inner(Request(request.scope, _limited(request.receive)))
            except UNDERSTOOD as error:
                return problem_of(error, matched="if-match" in request.headers)
            return _head(answered) if request.method == "HEAD" else answered

        return handle


def _limited(receive: Receive) -> Receive:
    room = _MOST_BODY

    async def receive_less() -> Message:
        nonlocal room
        message = await receive()
        room -= len(message.get("body", b""))
        if room < 0:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is larger than {_MOST_BODY} bytes.")
        return message

    return receive_less


def _head(answered: Response) -> Response:
    """Its headers alone (RFC 9110 §9.3.2)."""
    empty = Response(status_code=answered.status_code)
    empty.raw_headers = answered.raw_headers
    return empty


def operations() -> APIRouter:
    return APIRouter(route_class=Operation)


def reads(
    router: APIRouter,
    path: str,
    name: str,
    summary: str,
    shows: type[BaseModel] | Text,
    *,
    headers: Sequence[Mapping[str, Any]] | None = None,
    errors: Sequence[HTTPStatus] = (),
) -> Register:
    """A GET, and the HEAD beside it. `name`: of the operation; its tag is the first word. `shows`: its answer.
    `headers`: that it reads; None: those of what has an entity tag. `errors`: besides those of every operation."""
    is_text = isinstance(shows, Text)
    read = headers if headers is not None else () if is_text else (IF_NONE_MATCH,)
    responses = documented(errors) | {200: _described(summary, shows)}
    if IF_NONE_MATCH in read:
        responses[304] = {"description": "It is as you have it."}

    def register(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        router.get(
            path,
            operation_id=name.replace(".", "_"),
            summary=summary,
            tags=[name.partition(".")[0]],
            response_model=None if is_text else shows,
            response_class=Response if is_text else JsonResponse,
            responses=responses,
            openapi_extra={"parameters": list(read)},
        )(endpoint)
        router.head(path, include_in_schema=False, response_model=None)(endpoint)
        return endpoint

    return register


def acts(
    router: APIRouter,
    path: str,
    name: str,
    summary: str,
    shows: type[BaseModel],
    *,
    method: str = "POST",
    headers: Sequence[Mapping[str, Any]] = (IDEMPOTENCY_KEY,),
) -> Register:
    """What changes something. `headers`: that it reads."""
    errors = [HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE]
    if IF_MATCH in headers:
        errors.append(HTTPStatus.PRECONDITION_FAILED)

    def register(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        router.api_route(
            path,
            methods=[method],
            operation_id=name.replace(".", "_").replace("-", "_"),
            summary=summary,
            tags=[name.partition(".")[0]],
            response_model=shows,
            responses=documented(errors) | {200: _described(summary, shows)},
            openapi_extra={"parameters": list(headers)},
        )(endpoint)
        return endpoint

    return register


def _described(summary: str, shows: type[BaseModel] | Text) -> dict[str, Any]:
    if isinstance(shows, Text):
        content = {"schema": {"type": "string"}, "example": shows.example}
        return {"description": summary, "content": {shows.media_type: content}}
    return {"description": summary}


class JsonResponse(JSONResponse):
    """ASCII alone, so that half a character in a stranger's text is shown, and breaks nothing."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, separators=(",", ":"), default=_plain).encode()


def answer(
    request: Request,
    document: Any,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    tag: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """`tag`: the strong one of what is versioned."""
    answered = JsonResponse(document, status, dict(headers or {}))
    if request.method in ("GET", "HEAD"):
        tag = tag or weak(bytes(answered.body))
        if is_known(request, tag):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    if tag is not None:
        answered.headers["ETag"] = tag
    return answered


def answer_page(request: Request, page: Page[Any]) -> Response:
    """`page`: of documents."""
    headers = {"Link": link_to(request, page.next)} if page.next is not None else {}
    return answer(request, {"items": list(page.items), "next": page.next}, headers=headers)


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case set() | frozenset():
            return sorted(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
