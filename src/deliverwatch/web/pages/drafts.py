"""`/drafts`: the requests that wait for a person, by when they are due; those that are under way; and what is over.

Without a state in the filter it is today's work, whole. With one it is all drafts in that state, newest first, page by
page.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from deliverwatch.core.access import Viewer
from deliverwatch.core.remediation.draft import UNDER_WAY, WAITING, DraftState
from deliverwatch.flows.desk_ports import DraftCount, DraftHead, Place
from deliverwatch.render.tongue import marked, say
from deliverwatch.web.doors import house, not_found, person
from deliverwatch.web.draft_names import STATES, Causes
from deliverwatch.web.draft_queue import Desk, rows
from deliverwatch.web.frame import page
from deliverwatch.web.places import is_meant

_MOST_SHOWN = 50
_ON_A_PAGE = 50
_BEFORE_DOES_NOT_FIT = marked("The place to go on from is none of a page of drafts.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the filter says; empty: all."""

    state: str
    customer: str
    provider: str
    before: Place | None

    def address(self, **changes: str) -> str:
        """Of this page, filtered so."""
        told = {"state": self.state, "customer": self.customer, "provider": self.provider} | changes
        return f"/drafts?{urlencode({name: value for name, value in told.items() if value})}"


def add(router: APIRouter) -> None:
    @router.api_route("/drafts", methods=["GET", "HEAD"])
    async def drafts(request: Request, viewer: Annotated[Viewer, Depends(person())]) -> HTMLResponse:
        wanted = _wanted(request.query_params)
        return await (_today(request, viewer, wanted) if not wanted.state else _in_state(request, viewer, wanted))


def _wanted(told: Mapping[str, str]) -> Wanted:
    state = told.get("state", "")
    if state not in ("", *DraftState):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, say("There is no such state of a draft."))
    return Wanted(state, told.get("customer", ""), told.get("provider", ""), _place(told.get("before", "")))


def _place(told: str) -> Place | None:
    if not told:
        return None
    at, _, id_ = told.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or not is_meant(moment):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, say(_BEFORE_DOES_NOT_FIT))
    return moment, id_


async def _today(request: Request, viewer: Viewer, wanted: Wanted) -> HTMLResponse:
    store, whose = house(request).app.store, _whose(viewer, wanted)
    provider, now = wanted.provider or None, house(request).app.clock.now()
    return await _shown(
        request,
        viewer,
        wanted,
        await store.count_drafts(whose, now, states=WAITING | UNDER_WAY, provider=provider),
        waiting=await store.drafts_due_first(whose, states=WAITING, provider=provider, limit=_MOST_SHOWN),
        under_way=await store.drafts_due_first(whose, states=UNDER_WAY, provider=provider, limit=_MOST_SHOWN),
    )


async def _in_state(request: Request, viewer: Viewer, wanted: Wanted) -> HTMLResponse:
    app = house(request).app
    found = await app.store.draft_heads(
        _whose(viewer, wanted),
        states=(DraftState(wanted.state),),
        provider=wanted.provider or None,
        before=wanted.before,
        limit=_ON_A_PAGE + 1,
    )
    shown, last = found[:_ON_A_PAGE], found[_ON_A_PAGE - 1] if len(found) > _ON_A_PAGE else None
    older = wanted.address(before=f"{last.created_at.isoformat()}~{last.id}") if last is not None else None
    return await _shown(request, viewer, wanted, (), listed=shown, older=older)


def _whose(viewer: Viewer, wanted: Wanted) -> Collection[str] | None:
    if not wanted.customer:
        return viewer.customers
    if not viewer.sees(wanted.customer):
        raise not_found()
    return {wanted.customer}


async def _shown(
    request: Request,
    viewer: Viewer,
    wanted: Wanted,
    counts: Collection[DraftCount],
    *,
    waiting: Collection[DraftHead] = (),
    under_way: Collection[DraftHead] = (),
    listed: Collection[DraftHead] = (),
    older: str | None = None,
) -> HTMLResponse:
    """`counts`: of the day's work, of which the first are shown."""
    app = house(request).app
    desk = Desk((await app.desk.snapshot()).customers, app.calendars, Causes(app), app.clock.now())
    providers = {each.provider for each in counts} | {head.provider for head in listed}
    providers |= {wanted.provider} if wanted.provider else set()
    left_out = sum(each.count for each in counts) - len(waiting) - len(under_way)
    return page(
        request,
        "drafts.html.j2",
        wanted=wanted,
        waiting=rows(waiting, desk),
        under_way=rows(under_way, desk),
        listed=rows(listed, desk),
        left_out=max(left_out, 0),
        older=older,
        states={str(state): say(words) for state, words in STATES.items()},
        customers=await app.desk.customers(viewer),
        providers=sorted(((id_, desk.causes.name(id_)) for id_ in providers), key=lambda each: each[1].casefold()),
    )
