"""`/alerts`: what was told to whom, and why somebody was told of it, or was not."""

from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from deliverwatch.app import App
from deliverwatch.core.access import Viewer
from deliverwatch.core.events import Event
from deliverwatch.desk import Snapshot
from deliverwatch.flows.alert_ports import AlertLine, AlertTrail
from deliverwatch.flows.desk_ports import Customers
from deliverwatch.render.alert_record import Reader, alert_record, trail_record
from deliverwatch.render.alert_trail import sentences
from deliverwatch.web.alerts_seen import AlertsSeen
from deliverwatch.web.api.asking import Looks, OfCustomer, Works, app_of, only, record, whose
from deliverwatch.web.api.idempotency import once
from deliverwatch.web.api.operations import acts, answer, answer_page, reads
from deliverwatch.web.api.paging import Cursor, Limit, Page, cut, number_place
from deliverwatch.web.api.path_ids import AlertNumber, MessageId
from deliverwatch.web.api.problems import problem
from deliverwatch.web.api.shapes.common import PageOf
from deliverwatch.web.api.shapes.desk import AlertShape, AlertTrailShape, ResentShape
from deliverwatch.web.doors import not_found

_OTHERS = "It was told to others alone: to whom is not yours to see."


def add(router: APIRouter) -> None:
    @reads(router, "/alerts", "alerts.list", "Alerts, newest first", PageOf[AlertShape])
    async def every(
        request: Request, viewer: Looks, customer: OfCustomer = None, limit: Limit = 100, cursor: Cursor = None
    ) -> Response:
        """Each with its messages, and how they stand."""
        app = app_of(request)
        snapshot = await app.desk.snapshot()
        of = whose(viewer, snapshot, customer)
        page = cut(await app.store.alerts_of(of, before=number_place(cursor), limit=limit + 1), limit, _number)
        seen = AlertsSeen(app, only(viewer, of), snapshot)
        alerts = [seen.alert(each) for each in page.items]
        reader = _reader([each.numbered.event for each in alerts], of, snapshot, app)
        return answer_page(request, Page([alert_record(each, reader) for each in alerts], page.next))

    @reads(router, "/alerts/{number}", "alerts.show", "One alert: who was told, and why", AlertTrailShape)
    async def one(number: AlertNumber, request: Request, viewer: Looks) -> Response:
        """In sentences: who was told and by which rule, and who was not and why."""
        app = app_of(request)
        snapshot = await app.desk.snapshot()
        whole = await _find(app, viewer, number)
        trail = _seen(AlertsSeen(app, viewer, snapshot), whole)
        named = [trail.alert.numbered, *([trail.leads.numbered] if trail.leads is not None else []), *trail.inhibitors]
        reader = _reader([each.event for each in named], viewer.customers, snapshot, app)
        lists = {each.id: each for each in app.catalogue.all}
        names = {id_: each.name for id_, each in snapshot.customers.items() if viewer.sees(id_)}
        why = list(sentences(trail, lambda event: reader.titles[event.key], lists, names, reader.now))
        is_others = bool(whole.alert.lines) and not trail.alert.lines
        return answer(request, trail_record(trail, reader, [_OTHERS] if is_others else why))

    _add_resend(router)


def _add_resend(router: APIRouter) -> None:
    @acts(router, "/alerts/{number}/messages/{message_id}/resend", "alerts.resend", "Try it again", ResentShape)
    async def resend(number: AlertNumber, message_id: MessageId, request: Request, viewer: Works) -> Response:
        """Of a message that was given up; under the same id, so that who has it already sees that it is the same."""

        app = app_of(request)

        async def may() -> AlertTrail:
            trail = await _find(app, viewer, number)
            theirs = AlertsSeen(app, viewer, await app.desk.snapshot()).lines(trail.alert.lines)
            if message_id not in {line.notification.id for line in theirs}:
                raise not_found()
            return trail

        async def work() -> Response:
            trail = await may()
            await record(request, viewer, "alert.resend", message_id, number=trail.alert.numbered.id)
            if not await app.store.resend(message_id, app.clock.now()):
                return problem(HTTPStatus.CONFLICT, "This message was not given up: there is nothing to try again.")
            return answer(request, {"id": message_id, "resent": True})

        return await once(request, viewer, may, work)


def _number(alert: AlertLine) -> int:
    return alert.numbered.id


async def _find(app: App, viewer: Viewer, number: str) -> AlertTrail:
    """Raises 404."""
    trail = await app.store.alert_trail(number) if number.isascii() and number.isdigit() else None
    if trail is None or not viewer.sees_any(trail.alert.numbered.event.facts.get("parties", ())):
        raise not_found()
    return trail


def _seen(seen: AlertsSeen, whole: AlertTrail) -> AlertTrail:
    """An alert about others that leads this one is not named."""
    trail = seen.trail(whole)
    leads = whole.leads
    foreign = leads is not None and not seen.viewer.sees_any(leads.numbered.event.facts.get("parties", ()))
    return replace(trail, leads=None) if foreign else trail


def _reader(events: Iterable[Event], of: Customers, snapshot: Snapshot, app: App) -> Reader:
    titles = {each.key: app.telling.title(each, snapshot.inventory, of, snapshot.holdings) for each in events}
    return Reader(titles, app.clock.now(), of)
