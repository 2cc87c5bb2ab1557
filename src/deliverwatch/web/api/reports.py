"""`/reports`: the weekly reports, their page and text as they were sent.

The mail is made again from these two: it is for whoever wants one file to keep or to pass on, and proves nothing about
what lies in a mailbox. What was sent byte by byte is in the archive, if there is one (`reports.archive`).
"""

from typing import Any

from fastapi import APIRouter, Request, Response

from deliverwatch.core.access import Viewer
from deliverwatch.flows.desk_ports import ReportHead
from deliverwatch.flows.ports import ReportRun
from deliverwatch.render.json_times import instant
from deliverwatch.render.look import MARK
from deliverwatch.render.mail import compose
from deliverwatch.web.api.asking import Looks, OfCustomer, app_of, whose
from deliverwatch.web.api.operations import Text, answer, answer_page, reads
from deliverwatch.web.api.paging import Cursor, Limit, Page, by_time, cut, time_place
from deliverwatch.web.api.path_ids import ReportId
from deliverwatch.web.api.shapes.common import PageOf
from deliverwatch.web.api.shapes.desk import ReportShape
from deliverwatch.web.doors import not_found

_NOBODYS = "to-whom-it-was-sent"
_HTML = Text("text/html", "<!doctype html><title>Acme Ltd: your week</title>...")
_TEXT = Text("text/plain", "Acme Ltd: your week\n...")
_MAIL = Text("message/rfc822", "Subject: Acme Ltd: your week\r\nTo: postmaster@acme.example\r\n...")


def add(router: APIRouter) -> None:
    @reads(router, "/reports", "reports.list", "Weekly reports, newest first", PageOf[ReportShape])
    async def every(
        request: Request, viewer: Looks, customer: OfCustomer = None, limit: Limit = 100, cursor: Cursor = None
    ) -> Response:
        """What they said in figures; the reports themselves are below."""
        app = app_of(request)
        of = whose(viewer, await app.desk.snapshot(), customer)
        found = await app.store.report_heads(of, before=time_place(cursor), limit=limit + 1)
        page = cut(found, limit, lambda each: by_time(each.made_at, each.id))
        return answer_page(request, Page([report_document(each) for each in page.items], page.next))

    @reads(router, "/reports/{report_id}", "reports.show", "One report", ReportShape)
    async def one(report_id: ReportId, request: Request, viewer: Looks) -> Response:
        """Without its text, which is at `/text` and `/html`."""
        return answer(request, report_document(await _find(request, viewer, report_id)))

    _add_as_sent(router)
    _add_mail(router)


def _add_as_sent(router: APIRouter) -> None:
    @reads(router, "/reports/{report_id}/html", "reports.html", "As it was sent, the page", _HTML)
    async def html(report_id: ReportId, request: Request, viewer: Looks) -> Response:
        """Without the address at which its reader unsubscribes."""
        run = await _find(request, viewer, report_id)
        return Response(run.html.replace(MARK, _NOBODYS), media_type="text/html; charset=utf-8")

    @reads(router, "/reports/{report_id}/text", "reports.text", "As it was sent, the plain text", _TEXT)
    async def text(report_id: ReportId, request: Request, viewer: Looks) -> Response:
        """Without the address at which its reader unsubscribes."""
        run = await _find(request, viewer, report_id)
        return Response(run.text.replace(MARK, _NOBODYS), media_type="text/plain; charset=utf-8")


def _add_mail(router: APIRouter) -> None:
    @reads(router, "/reports/{report_id}/eml", "reports.eml", "A mail made again from it", _MAIL)
    async def eml(report_id: ReportId, request: Request, viewer: Looks) -> Response:
        """Not the message that was sent: made anew from its page and its text, to the first of its readers, with an id
        of its own, without pictures, and without the address at which its reader unsubscribes."""
        run, app = await _find(request, viewer, report_id), app_of(request)
        html, text = run.html.replace(MARK, _NOBODYS) or None, run.text.replace(MARK, _NOBODYS)
        tam = (await app.desk.snapshot()).customers[run.customer].tam.email
        recipient = next(iter(run.sent_to), tam)
        sender = app.settings.reports.from_ or app.settings.mail.from_
        content = compose(sender, recipient, run.subject, text, html, f"again.{run.id}", run.made_at, tam)
        return Response(content, media_type="message/rfc822")


async def _find(request: Request, viewer: Viewer, report_id: str) -> ReportRun:
    """Raises 404."""
    run = await app_of(request).store.report(report_id)
    if run is None or not viewer.sees(run.customer):
        raise not_found()
    return run


def report_document(run: ReportRun | ReportHead) -> dict[str, Any]:
    return {
        "id": run.id,
        "customer": run.customer,
        "week": run.week,
        "made_at": instant(run.made_at),
        "subject": run.subject,
        "to": list(run.sent_to),
        "figures": dict(run.figures),
    }
