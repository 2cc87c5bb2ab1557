"""`/status`: the whole installation on one page, for its operator."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from deliverwatch.core.access import Act
from deliverwatch.web.doors import house, person
from deliverwatch.web.frame import page
from deliverwatch.web.status import read, status_view


def add(router: APIRouter) -> None:
    @router.api_route("/status", methods=["GET", "HEAD"], dependencies=[Depends(person(Act.ADMINISTER))])
    async def status(request: Request) -> HTMLResponse:
        return page(request, "status.html.j2", view=status_view(await read(house(request))))
