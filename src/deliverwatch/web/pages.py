"""The ASGI application: probes, the status page, webhook receivers, and errors that say what is wrong.

`/healthz` says that the process lives, `/readyz` that it works: the database answers and the daemon ticks. Under
`/api` and `/ingest`, and from the probes, errors are RFC 9457 problem documents; elsewhere they are pages. Signing in
comes with the pages that need it: until then the pages belong on a loopback address.
"""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from deliverwatch import __version__
from deliverwatch.core.errors import StoreError
from deliverwatch.flows.source_ports import Inbox
from deliverwatch.web.headers import SafeHeaders
from deliverwatch.web.problems import problem
from deliverwatch.web.receivers import add_receivers
from deliverwatch.web.status import StatusSource, is_ticking, read, status_view
from deliverwatch.web.unsubscribe import UnsubscribeSource, add_unsubscribe

_HERE = Path(__file__).parent
_FOR_PROGRAMS = ("/api", "/ingest")
_PAGES = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class PageSource(StatusSource, UnsubscribeSource, Protocol):
    """What all pages together need of an installation."""

    @property
    def inbox(self) -> Inbox: ...


def create_app(source: PageSource) -> FastAPI:
    app = FastAPI(
        title="deliverwatch", version=__version__, openapi_url="/api/openapi.json", docs_url=None, redoc_url=None
    )
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    _add_probes(app, source)
    add_receivers(app, lambda: source.inbox)
    add_unsubscribe(app, source, _PAGES)
    _add_errors(app)

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def status() -> HTMLResponse:
        view = status_view(await read(source))
        return HTMLResponse(_PAGES.get_template("status.html.j2").render(view=view))

    app.add_middleware(SafeHeaders)
    return app


def _add_probes(app: FastAPI, source: StatusSource) -> None:
    @app.get("/healthz", summary="The process lives", response_class=PlainTextResponse)
    @app.head("/healthz", include_in_schema=False)
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    @app.get("/readyz", summary="The database answers and the daemon ticks", response_class=PlainTextResponse)
    @app.head("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        try:
            await source.store.ping()
        except StoreError as fault:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, f"the database does not answer: {fault}")
        last_tick_at = source.last_tick_at()
        if not is_ticking(last_tick_at, source.clock.now(), source.tick_at_most):
            when = f"was at {last_tick_at:%Y-%m-%dT%H:%M:%SZ}" if last_tick_at is not None else "has not come yet"
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, f"the daemon's last tick {when}")
        return PlainTextResponse("ready\n")


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return _error(request, HTTPStatus(error.status_code), str(error.detail), error.headers)

    @app.exception_handler(StoreError)
    async def no_store(request: Request, error: StoreError) -> Response:
        return _error(request, HTTPStatus.SERVICE_UNAVAILABLE, f"The database does not answer: {error}")


def _error(request: Request, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    if request.url.path.startswith(_FOR_PROGRAMS):
        return problem(status, detail, headers)
    page = _PAGES.get_template("error.html.j2").render(status=status.value, title=status.phrase, detail=detail)
    return HTMLResponse(page, status, headers)
