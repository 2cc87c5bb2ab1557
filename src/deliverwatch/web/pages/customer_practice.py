"""`/customers/{id}/practice`: whether a customer follows best practice, with evidence; what was advised, and its fate.

A check that fails stands in the way of requests until it is mended. A person may set it aside with a reason, which is
kept with the advice; it holds for what fails now.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from deliverwatch.core.access import Act, Viewer
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.practice_together import names_of
from deliverwatch.core.visible import visible
from deliverwatch.render.tongue import marked, say
from deliverwatch.web.customer_desk import CustomerDesk, customer_desk
from deliverwatch.web.doors import person
from deliverwatch.web.frame import done, page
from deliverwatch.web.posted import Wrong, line, posted
from deliverwatch.web.practice_rows import advice_rows, check_rows, evidence_rows
from deliverwatch.web.request_ids import request_id

_DONE = {"overruled": marked("The check is overruled: requests go on without it.")}
_MOST_OVER = 100
_MOST_EVIDENCE = 300


def add(router: APIRouter) -> None:
    @router.api_route("/customers/{customer_id}/practice", methods=["GET", "HEAD"])
    async def practice(
        customer_id: str, request: Request, viewer: Annotated[Viewer, Depends(person())]
    ) -> HTMLResponse:
        return await _shown(request, await customer_desk(request, viewer, customer_id))

    @router.post("/customers/{customer_id}/practice/overrule")
    async def overrule(
        customer_id: str, request: Request, viewer: Annotated[Viewer, Depends(person(Act.WORK))]
    ) -> Response:
        desk, told = await customer_desk(request, viewer, customer_id), await posted(request)
        wrong = await _overrule(request, desk, told)
        if wrong is not None:
            return await _shown(request, desk, wrong, told)
        return RedirectResponse(f"/customers/{quote(customer_id)}/practice?done=overruled", HTTPStatus.SEE_OTHER)


async def _overrule(request: Request, desk: CustomerDesk, told: Mapping[str, str]) -> Wrong | None:
    reason = line("overrule", told, "reason", say("Say why: whoever reads of it next wants to know."))
    if isinstance(reason, Wrong):
        return reason
    ids = _ids(told)
    about = [each for each in await desk.app.store.advice(desk.customer.id, open_only=True) if each.id in ids]
    checks, subjects = sorted({each.check for each in about}), names_of(each.subject for each in about)
    facts = {"check": ", ".join(checks), "subject": ", ".join(subjects), "reason": reason}
    await desk.app.access.record(desk.viewer, "practice.overrule", desk.customer.id, facts, request_id(request))
    try:
        await desk.app.overrule_advice(desk.customer.id, ids, reason, desk.viewer.by)
    except NotPossible as why:
        return Wrong("overrule", "reason", visible(str(why)), HTTPStatus.CONFLICT)
    return None


def _ids(told: Mapping[str, str]) -> frozenset[str]:
    return frozenset(told.get("advice", "").split())


async def _shown(
    request: Request, desk: CustomerDesk, wrong: Wrong | None = None, told: Mapping[str, str] | None = None
) -> HTMLResponse:
    store, customer = desk.app.store, desk.customer.id
    results = (await store.practice(customer)).get(customer, [])
    advice = advice_rows(await store.advice(customer))
    over, told = [each for each in advice if not each.is_open], told or {}
    chosen = _ids(told)
    return page(
        request,
        "customer/practice.html.j2",
        wrong.status if wrong is not None else HTTPStatus.OK,
        notice=done(request, _DONE),
        desk=desk,
        checked_at=max((each.at for each in results), default=None),
        open=[each for each in advice if each.is_open],
        over=over[:_MOST_OVER],
        left_out=len(over[_MOST_OVER:]),
        checks=check_rows(results),
        evidence=evidence_rows(results)[:_MOST_EVIDENCE],
        evidence_left_out=max(len(results) - _MOST_EVIDENCE, 0),
        wrong=wrong,
        told=told,
        chosen=chosen,
        is_beside=any(each.may_overrule and not chosen.isdisjoint(each.ids) for each in advice),
    )
