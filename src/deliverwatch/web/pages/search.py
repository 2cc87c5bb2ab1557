"""`/search`: one box over everything that one sees."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from deliverwatch.core.access import Viewer
from deliverwatch.web.doors import house, person
from deliverwatch.web.draft_names import Causes
from deliverwatch.web.episode_words import KINDS
from deliverwatch.web.frame import page
from deliverwatch.web.search_view import LEAST, find

_LONGEST = 200


def add(router: APIRouter) -> None:
    @router.api_route("/search", methods=["GET", "HEAD"])
    async def search(request: Request, viewer: Annotated[Viewer, Depends(person())]) -> HTMLResponse:
        app, words = house(request).app, request.query_params.get("q", "").strip()[:_LONGEST]
        return page(
            request,
            "search.html.j2",
            asked=words,
            finds=await find(app, viewer, words),
            too_short=0 < len(words) < LEAST,
            names=Causes(app),
            kinds=KINDS,
        )
