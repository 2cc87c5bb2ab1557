"""Errors that say what is wrong: problem documents (RFC 9457) for programs, pages for people.

Under `/api` and `/ingest`, and from the probes, one is a program. What nobody foresaw is answered with the id of the
request and nothing else, is raised again for the log, and carries the same headers as every answer.
"""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deliverwatch.core.errors import StoreError
from deliverwatch.render.tongue import marked, say
from deliverwatch.web.frame import page
from deliverwatch.web.problems import problem
from deliverwatch.web.request_ids import request_id

_FOR_PROGRAMS = ("/api", "/ingest")
_TITLES: Mapping[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: marked("This was not understood"),
    HTTPStatus.FORBIDDEN: marked("You may not do this"),
    HTTPStatus.NOT_FOUND: marked("Not found"),
    HTTPStatus.CONFLICT: marked("This has changed meanwhile"),
    HTTPStatus.UNPROCESSABLE_ENTITY: marked("This was not understood"),
    HTTPStatus.TOO_MANY_REQUESTS: marked("Too many at once"),
    HTTPStatus.INTERNAL_SERVER_ERROR: marked("Something went wrong here"),
    HTTPStatus.SERVICE_UNAVAILABLE: marked("Not available at the moment"),
}


def add_errors(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        if status < HTTPStatus.BAD_REQUEST:
            return Response(status_code=status, headers=error.headers)
        return answer(request, status, str(error.detail), error.headers)

    @app.exception_handler(RequestValidationError)
    async def not_understood(request: Request, error: RequestValidationError) -> Response:
        places = ", ".join(dict.fromkeys(".".join(map(str, each["loc"])) for each in error.errors()))
        detail = say("What was sent does not fit: {places}.", places=places)
        return answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail)

    @app.exception_handler(StoreError)
    async def no_store(request: Request, error: StoreError) -> Response:
        return answer(
            request,
            HTTPStatus.SERVICE_UNAVAILABLE,
            say("The database does not answer: {why}", why=error),
        )


def answer(request: Request, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    if request.url.path.startswith(_FOR_PROGRAMS):
        return problem(status, detail, headers)
    shown = page(request, "error.html.j2", status, title=say(_TITLES.get(status, status.phrase)), detail=say(detail))
    shown.headers.update(headers or {})
    return shown


class Unforeseen:
    """Plain ASGI, below whatever sets headers; the framework's own handler stands above it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def send_watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_watched)
        except Exception:
            if scope["type"] == "http" and not begun:
                request = Request(scope)
                detail = say("It was written down under {id}: tell your operator.", id=request_id(request))
                await answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail)(scope, receive, send)
            raise
