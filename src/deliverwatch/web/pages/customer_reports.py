"""`/customers/{id}/reports`: the next weekly report and what is said of it, those that were made, and who reads them.

Before a report goes, a person may add a note for its readers, hold it, let it go, or skip it. A form names the week
that it was shown for, so that nobody holds a report which they did not mean. Contacts who get none any more are shown
with why, and may be restored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from deliverwatch.core.access import Act, Viewer
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.visible import visible
from deliverwatch.flows.report_ports import Contact, ReportWord, WeekPlan
from deliverwatch.render.tongue import marked, say
from deliverwatch.web.customer_desk import CustomerDesk, customer_desk
from deliverwatch.web.doors import not_found, person
from deliverwatch.web.frame import done, page
from deliverwatch.web.places import place_of, written
from deliverwatch.web.posted import Wrong, posted
from deliverwatch.web.request_ids import request_id

_ON_A_PAGE = 30
_DONE = {
    "note": marked("The note is kept."),
    "hold": marked("The report is held: it goes when it is released."),
    "release": marked("The report is released: it goes when it is due."),
    "skip": marked("The report is skipped: none is made of that week."),
    "restore": marked("The contact gets reports again."),
    "seen-to": marked("The contact is seen to, and goes on getting no reports."),
}
_PLANS: Mapping[WeekPlan, str] = {
    WeekPlan.SENT: marked("It goes by itself when it is due."),
    WeekPlan.HELD: marked("It is held, and goes when it is released."),
    WeekPlan.SKIPPED: marked("It is skipped, and is not made."),
}


_FIELDS = {"note": "text", "hold": "reason", "skip": "reason"}
"""Beside which it is said what was not possible."""


@dataclass(frozen=True, slots=True)
class NextReport:
    """`word` None: nothing was said of it. `readers`: who would get it now."""

    week: str
    due_at: datetime | None
    plan: WeekPlan
    word: ReportWord | None
    readers: tuple[str, ...]

    @property
    def words(self) -> str:
        return say(_PLANS[self.plan])


def add(router: APIRouter) -> None:
    @router.api_route("/customers/{customer_id}/reports", methods=["GET", "HEAD"])
    async def reports(customer_id: str, request: Request, viewer: Annotated[Viewer, Depends(person())]) -> HTMLResponse:
        return await _shown(request, await customer_desk(request, viewer, customer_id))

    @router.post("/customers/{customer_id}/reports/{act}")
    async def acted(
        customer_id: str, act: str, request: Request, viewer: Annotated[Viewer, Depends(person(Act.WORK))]
    ) -> Response:
        desk = await customer_desk(request, viewer, customer_id)
        if act not in _DONE:
            raise not_found()
        told = await posted(request)
        facts = {name: told[name] for name in ("week", "text", "reason", "address") if told.get(name)}
        await desk.app.access.record(viewer, f"report.{act}", customer_id, facts, request_id(request))
        try:
            await _do(desk, act, told)
        except NotPossible as why:
            wrong = Wrong(act, _FIELDS.get(act, ""), visible(str(why)), HTTPStatus.CONFLICT)
            return await _shown(request, desk, wrong, told)
        return RedirectResponse(f"/customers/{quote(customer_id)}/reports?done={act}", HTTPStatus.SEE_OTHER)


async def _do(desk: CustomerDesk, act: str, told: Mapping[str, str]) -> None:
    """Raises NotPossible, also for a week that the form does not name."""
    reporting, address = desk.app.reporting, told.get("address", "")
    words = reporting.words_of(desk.customer, told.get("week", ""), desk.viewer.by)
    match act:
        case "note":
            await words.note(told.get("text", ""))
        case "hold":
            await words.hold(told.get("reason", ""))
        case "release":
            await words.release()
        case "skip":
            await words.skip(told.get("reason", ""))
        case "restore":
            await reporting.restore_contact(desk.customer, address)
        case "seen-to":
            await reporting.see_to_contact(desk.customer, address)


async def _shown(
    request: Request, desk: CustomerDesk, wrong: Wrong | None = None, told: Mapping[str, str] | None = None
) -> HTMLResponse:
    before = place_of(request.query_params.get("before", ""))
    found = await desk.app.store.report_heads(desk.only, before=before, limit=_ON_A_PAGE + 1)
    shown, contacts = found[:_ON_A_PAGE], await desk.app.store.contacts(customer=desk.customer.id)
    more = shown[-1] if len(found) > _ON_A_PAGE else None
    return page(
        request,
        "customer/reports.html.j2",
        wrong.status if wrong is not None else HTTPStatus.OK,
        notice=done(request, _DONE),
        desk=desk,
        coming=await next_report(desk, contacts),
        reports=shown,
        older=f"?{urlencode({'before': written((more.made_at, more.id))})}" if more is not None else None,
        lost=[each for each in contacts if each.is_lost],
        restored=[each for each in contacts if not each.is_lost],
        wrong=wrong,
        told=told or {},
    )


async def next_report(desk: CustomerDesk, contacts: Sequence[Contact]) -> NextReport:
    customer, reporting = desk.customer, desk.app.reporting
    week = await reporting.next_week(customer)
    said = await desk.app.store.report_words(customer=customer.id, week=week)
    lost = {each.address for each in contacts if each.is_lost}
    return NextReport(
        week,
        dict(reporting.desk.weeks_until(customer, desk.now)).get(week),
        said[0].plan if said else WeekPlan.SENT,
        said[0] if said else None,
        tuple(each for each in customer.contacts if each not in lost) if customer.report_enabled else (),
    )
