"""`/`: what a day begins with. "I have seen this" moves the time from which on something is new to the page's own."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from deliverwatch.core.access import Viewer
from deliverwatch.render.tongue import marked, say
from deliverwatch.render.warmup_words import reason, state_words
from deliverwatch.web.doors import entered, house, person
from deliverwatch.web.draft_names import Causes
from deliverwatch.web.frame import done, page
from deliverwatch.web.list_words import BELIEVED
from deliverwatch.web.places import is_meant
from deliverwatch.web.posted import posted
from deliverwatch.web.request_ids import request_id
from deliverwatch.web.start_view import start_view

_DONE = {"seen": marked("What happened up to now counts as seen.")}


def add(router: APIRouter) -> None:
    @router.api_route("/", methods=["GET", "HEAD"])
    async def start(request: Request, viewer: Annotated[Viewer, Depends(person())]) -> HTMLResponse:
        app = house(request).app
        providers = {id_: provider.name for id_, provider in app.providers.items()}
        return page(
            request,
            "start.html.j2",
            view=await start_view(house(request), viewer, entered(request).last_looked_at),
            notice=done(request, _DONE),
            believed=BELIEVED,
            state_words=state_words,
            reason=lambda status: reason(status, providers),
            names=Causes(app),
        )

    @router.post("/seen")
    async def seen(request: Request, viewer: Annotated[Viewer, Depends(person())]) -> Response:
        until = (await posted(request)).get("until", "")
        access, moment = house(request).app.access, _moment(until)
        await access.record(viewer, "start.seen", "", {"until": until}, request_id(request))
        await access.looked(viewer, moment)
        return RedirectResponse("/?done=seen", HTTPStatus.SEE_OTHER)


def _moment(told: str) -> datetime:
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        moment = None
    if moment is None or not is_meant(moment):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, say("This is none of the times that the page gave."))
    return moment
