"""`/reports/{id}`: one weekly report as it was sent, its text, and to whom it was addressed.

The report is mail: it brings its own styles, and text that strangers wrote. It is shown in a frame without any rights,
under a policy of its own.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from deliverwatch.core.access import Viewer
from deliverwatch.flows.ports import ReportRun
from deliverwatch.web.doors import house, not_found, person
from deliverwatch.web.frame import page
from deliverwatch.web.headers import AS_SENT


def add(router: APIRouter) -> None:
    @router.api_route("/reports/{report_id}", methods=["GET", "HEAD"])
    async def report(report_id: str, request: Request, viewer: Annotated[Viewer, Depends(person())]) -> HTMLResponse:
        app, run = house(request).app, await _report(request, viewer, report_id)
        contacts = await app.store.contacts(customer=run.customer)
        return page(
            request,
            "customer/report.html.j2",
            run=run,
            customer=(await app.desk.snapshot()).customers.get(run.customer),
            lost={each.address: each for each in contacts if each.is_lost},
        )

    @router.api_route("/reports/{report_id}/as-sent", methods=["GET", "HEAD"])
    async def as_sent(report_id: str, request: Request, viewer: Annotated[Viewer, Depends(person())]) -> HTMLResponse:
        run = await _report(request, viewer, report_id)
        return HTMLResponse(run.html, headers={"content-security-policy": AS_SENT})


async def _report(request: Request, viewer: Viewer, report_id: str) -> ReportRun:
    run = await house(request).app.store.report(report_id)
    if run is None or not viewer.sees(run.customer):
        raise not_found()
    return run
