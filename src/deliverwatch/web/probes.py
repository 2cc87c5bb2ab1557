"""For those who watch the watcher: `/healthz` says that the process lives, `/readyz` that it works.

It works when the database answers and the daemon ticks. Neither says anything of customers, so neither asks who calls.
"""

from datetime import datetime, timedelta
from http import HTTPStatus

from fastapi import FastAPI, Response
from fastapi.responses import PlainTextResponse

from deliverwatch.core.errors import StoreError
from deliverwatch.web.house import House
from deliverwatch.web.problems import problem


def add_probes(app: FastAPI, house: House) -> None:
    @app.get("/healthz", summary="The process lives", response_class=PlainTextResponse)
    @app.head("/healthz", include_in_schema=False)
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    @app.get("/readyz", summary="The database answers and the daemon ticks", response_class=PlainTextResponse)
    @app.head("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        try:
            await house.app.store.ping()
        except StoreError as fault:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, f"the database does not answer: {fault}")
        last_tick_at = house.last_tick_at()
        if not is_ticking(last_tick_at, house.app.clock.now(), house.tick_at_most):
            when = f"was at {last_tick_at:%Y-%m-%dT%H:%M:%SZ}" if last_tick_at is not None else "has not come yet"
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, f"the daemon's last tick {when}")
        return PlainTextResponse("ready\n")


def is_ticking(last_tick_at: datetime | None, now: datetime, at_most: timedelta) -> bool:
    """A tick from the future does not count: the clock was set back, and nothing has ticked since."""
    return last_tick_at is not None and abs(now - last_tick_at) <= at_most
