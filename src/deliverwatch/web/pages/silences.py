"""`/silences`: what nobody hears of for a while; making one, and ending it by hand.

Who does not see all customers sees and makes those of their own customers alone.
"""

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from deliverwatch.app import App
from deliverwatch.core.access import Act, Viewer
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.inventory import Customer
from deliverwatch.core.silences import LONGEST, Silence
from deliverwatch.render.tongue import marked
from deliverwatch.web.doors import house, not_found, person
from deliverwatch.web.frame import done, page
from deliverwatch.web.pages.alerts import FAMILIES
from deliverwatch.web.posted import posted
from deliverwatch.web.request_ids import request_id
from deliverwatch.web.silence_form import SilenceForm

Looker = Annotated[Viewer, Depends(person())]
Worker = Annotated[Viewer, Depends(person(Act.WORK))]

_DONE = {
    "made": marked("It is silent from now on. All of it is tracked as ever."),
    "ended": marked("The silence is over. What is still true of what it kept back is told."),
}


def add(router: APIRouter) -> None:
    @router.api_route("/silences", methods=["GET", "HEAD"])
    async def silences(request: Request, viewer: Looker) -> HTMLResponse:
        return await _page(request, viewer, SilenceForm.empty(house(request).app.clock.now()), {})

    @router.post("/silences")
    async def make(request: Request, viewer: Worker) -> Response:
        app, form = house(request).app, SilenceForm.sent(await posted(request))
        customers = {each.id for each in await app.desk.customers(viewer)}
        faults = form.faults(viewer, customers, _places(app), app.clock.now())
        if faults or form.until_at is None:
            return await _page(request, viewer, form, faults)
        await app.access.record(viewer, "silence.make", form.customer, asdict(form), request_id(request))
        try:
            await app.silence(viewer.by, form.reason, form.until_at, form.cover)
        except NotPossible as refused:
            return await _page(request, viewer, form, {"reason": str(refused)})
        return RedirectResponse("/silences?done=made", HTTPStatus.SEE_OTHER)

    @router.post("/silences/{silence_id}/end")
    async def end(request: Request, silence_id: str, viewer: Worker) -> Response:
        app = house(request).app
        now = app.clock.now()
        on = [each for each in await app.store.silences(since=now) if each.is_on(now) and viewer.sees(each.customer)]
        if silence_id not in {each.id for each in on}:
            raise not_found()
        await app.access.record(viewer, "silence.end", silence_id, {}, request_id(request))
        await app.store.end_silence(silence_id, now)
        return RedirectResponse("/silences?done=ended", HTTPStatus.SEE_OTHER)


async def _page(request: Request, viewer: Viewer, form: SilenceForm, faults: dict[str, str]) -> HTMLResponse:
    app = house(request).app
    now = app.clock.now()
    found = [each for each in await app.store.silences(since=now - LONGEST) if viewer.sees(each.customer)]
    on = [each for each in found if each.is_on(now)]
    customers = await app.desk.customers(viewer)
    return page(
        request,
        "silences.html.j2",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        notice=done(request, _DONE),
        on=_shown(on, customers, app),
        over=_shown([each for each in found if each not in on], customers, app),
        form=form,
        faults=faults,
        families=FAMILIES,
        customers=customers,
        places=sorted(_places(app)),
        longest=LONGEST.days,
    )


def _places(app: App) -> set[str]:
    return {*(each.id for each in app.catalogue.all), *app.providers}


def _shown(silences: list[Silence], customers: list[Customer], app: App) -> list[dict[str, Any]]:
    """With the names of what they cover."""
    names = {each.id: each.name for each in customers}
    places = {each.id: each.name for each in app.catalogue.all}
    places |= {each.id: each.name for each in app.providers.values()}
    return [
        {
            "silence": each,
            "customer": names.get(each.customer, each.customer) if each.customer else None,
            "place": places.get(each.place, each.place) if each.place else None,
            "family": FAMILIES[each.family] if each.family else None,
        }
        for each in silences
    ]
