"""`/customers/{id}/timeline`: everything that happened to a customer, newest first, page by page."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from deliverwatch.core.access import Viewer
from deliverwatch.render.tongue import say
from deliverwatch.web.customer_desk import customer_desk
from deliverwatch.web.doors import person
from deliverwatch.web.frame import page
from deliverwatch.web.places import is_meant
from deliverwatch.web.timeline_reads import Turn, timeline_page
from deliverwatch.web.timeline_words import timeline_lines

_MOST = 1 << 62


def add(router: APIRouter) -> None:
    @router.api_route("/customers/{customer_id}/timeline", methods=["GET", "HEAD"])
    async def timeline(
        customer_id: str, request: Request, viewer: Annotated[Viewer, Depends(person())]
    ) -> HTMLResponse:
        desk, turn = await customer_desk(request, viewer, customer_id), _turn(request)
        found = await timeline_page(desk, turn)
        return page(
            request,
            "customer/timeline.html.j2",
            desk=desk,
            lines=timeline_lines(found.entries, desk.names),
            older=_address(found.older) if found.older is not None else None,
            is_first=turn == Turn(),
        )


def _turn(request: Request) -> Turn:
    told = request.query_params
    if "before" not in told:
        return Turn()
    try:
        before, until = int(told["before"]), datetime.fromisoformat(told.get("until", ""))
    except ValueError:
        raise _no_such_place() from None
    if not is_meant(until) or not 0 < before < _MOST:
        raise _no_such_place()
    return Turn(before, until)


def _no_such_place() -> HTTPException:
    return HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, say("There is no such place in the timeline."))


def _address(turn: Turn) -> str:
    until = turn.until.isoformat() if turn.until is not None else ""
    return "?" + urlencode({"before": turn.before, "until": until})
