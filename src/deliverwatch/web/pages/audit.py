"""`/audit`, for operators: who did what, newest first, and whether the trail is whole."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from deliverwatch.core.access import Act
from deliverwatch.render.deed_facts import facts_in_line
from deliverwatch.render.tongue import say, say_n
from deliverwatch.web.doors import house, person
from deliverwatch.web.frame import page

_FOR_OPERATORS = Depends(person(Act.ADMINISTER))
_ON_A_PAGE = 100


def add(router: APIRouter) -> None:
    router.api_route("/audit", methods=["GET", "HEAD"], dependencies=[_FOR_OPERATORS])(show)
    router.post("/audit/verify", dependencies=[_FOR_OPERATORS])(verify)


async def show(request: Request, before: str = "", about: str = "") -> Response:
    return await _shown(request, _number(before), about.strip())


async def verify(request: Request) -> Response:
    """Changes nothing; sent by a button, since it reads the whole trail."""
    count, unfit = await house(request).app.access.verify_audit()
    if unfit is None:
        told = say_n("{n} line, and it is as it was written.", "{n} lines, each as it was written.", count)
    else:
        told = say("Line {number} is not as it was written, or one before it is missing.", number=unfit.number)
    return await _shown(request, None, "", verdict=told, tone="good" if unfit is None else "bad")


async def _shown(request: Request, before: int | None, about: str, **verdict: Any) -> Response:
    found = await house(request).app.store.audit(before=before, limit=_ON_A_PAGE + 1, object_=about or None)
    shown = found[:_ON_A_PAGE]
    older = {"before": str(shown[-1].number)} if len(found) > _ON_A_PAGE else None
    named = {"about": about} if about else {}
    return page(
        request,
        "audit.html.j2",
        HTTPStatus.OK,
        lines=[(line, facts_in_line(line.deed.facts)) for line in shown],
        about=about,
        older=f"/audit?{urlencode(older | named)}" if older is not None else None,
        newest=f"/audit?{urlencode(named)}" if before is not None else None,
        **{"verdict": "", "tone": "plain"} | verdict,
    )


def _number(told: str) -> int | None:
    """What is no number is no place to go on from: the newest are shown."""
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 16 else None
