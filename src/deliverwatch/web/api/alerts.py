"""`/alerts`: what was told to whom, and why somebody was told of it, or was not."""

from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from deliverwatch.app import App
from deliverwatch.core.access import Viewer
from deliverwatch.core.events import Event
from deliverwatch.desk import Snapshot
from deliverwatch.flows.alert_ports import AlertLine, AlertTrail, NumberedEvent
from deliverwatch.flows.desk_ports import Customers
from deliverwatch.render.alert_record import Reader, alert_record, trail_record
from deliverwatch.render.alert_trail import sentences
from deliverwatch.web.api.asking import Looks, OfCustomer, Works, app_of, only, record, whose
from deliverwatch.web.api.idempotency import once
from deliverwatch.web.api.operations import acts, answer, answer_page, reads
from deliverwatch.web.api.paging import Cursor, Limit, Page, cut, number_place
from deliverwatch.web.api.problems import problem
from deliverwatch.web.api.shapes.common import PageOf
from deliverwatch.web.api.shapes.desk import AlertShape, AlertTrailShape, ResentShape
from deliverwatch.web.doors import not_found


def add(router: APIRouter) -> None:
    @reads(router, "/alerts", "alerts.list", "Alerts, newest first", PageOf[AlertShape])
    async def every(
        request: Request, viewer: Looks, customer: OfCustomer = None, limit: Limit = 100, cursor: Cursor = None
    ) -> Response:
        app = app_of(request)
        snapshot = await app.desk.snapshot()
        of = whose(viewer, snapshot, customer)
        page = cut(await app.store.alerts_of(of, before=number_place(cursor), limit=limit + 1), limit, _number)
        alerts = [_seen(each, only(viewer, of), snapshot, app) for each in page.items]
        reader = _reader([each.numbered.event for each in alerts], of, snapshot, app)
        return answer_page(request, Page([alert_record(each, reader) for each in alerts], page.next))

    @reads(router, "/alerts/{number}", "alerts.show", "One alert: who was told, and why", AlertTrailShape)
    async def one(number: str, request: Request, viewer: Looks) -> Response:
        app = app_of(request)
        snapshot = await app.desk.snapshot()
        trail = _trail_seen(await _find(app, viewer, number), viewer, snapshot, app)
        named = [trail.alert.numbered, *([trail.leads.numbered] if trail.leads is not None else []), *trail.inhibitors]
        reader = _reader([each.event for each in named], viewer.customers, snapshot, app)
        lists = {each.id: each for each in app.catalogue.all}
        names = {id_: each.name for id_, each in snapshot.customers.items() if viewer.sees(id_)}
        why = list(sentences(trail, lambda event: reader.titles[event.key], lists, names, reader.now))
        return answer(request, trail_record(trail, reader, why))

    _add_resend(router)


def _add_resend(router: APIRouter) -> None:
    @acts(router, "/alerts/{number}/messages/{message_id}/resend", "alerts.resend", "Try it again", ResentShape)
    async def resend(number: str, message_id: str, request: Request, viewer: Works) -> Response:
        """Of a message that was given up; under the same id, so that who has it already sees that it is the same."""

        async def work() -> Response:
            app = app_of(request)
            trail = await _find(app, viewer, number)
            theirs = (line.notification for line in trail.alert.lines)
            if not any(each.id == message_id and _concerns(each.customers, viewer) for each in theirs):
                raise not_found()
            await record(request, viewer, "alert.resend", message_id, number=trail.alert.numbered.id)
            if not await app.store.resend(message_id, app.clock.now()):
                return problem(HTTPStatus.CONFLICT, "This message was not given up: there is nothing to try again.")
            return answer(request, {"id": message_id, "resent": True})

        return await once(request, viewer, work)


def _number(alert: AlertLine) -> int:
    return alert.numbered.id


def _concerns(customers: Iterable[str], viewer: Viewer) -> bool:
    return viewer.sees_any(set(customers))


async def _find(app: App, viewer: Viewer, number: str) -> AlertTrail:
    """Raises 404."""
    trail = await app.store.alert_trail(number) if number.isascii() and number.isdigit() else None
    if trail is None or not _concerns(_parties(trail.alert), viewer):
        raise not_found()
    return trail


def _parties(alert: AlertLine) -> set[str]:
    return set(alert.numbered.event.facts.get("parties", ()))


def _seen(alert: AlertLine, viewer: Viewer, snapshot: Snapshot, app: App) -> AlertLine:
    numbered = NumberedEvent(alert.numbered.id, _event(alert.numbered.event, viewer, snapshot, app))
    told = (line for line in alert.lines if _concerns(line.notification.customers, viewer))
    return AlertLine(numbered, tuple(told))


def _event(event: Event, viewer: Viewer, snapshot: Snapshot, app: App) -> Event:
    return app.desk.as_seen(event, viewer, snapshot)


def _trail_seen(trail: AlertTrail, viewer: Viewer, snapshot: Snapshot, app: App) -> AlertTrail:
    """Without what speaks of others."""
    if viewer.sees_all:
        return trail
    leads = trail.leads if trail.leads is not None and _concerns(_parties(trail.leads), viewer) else None
    inhibitors = (each for each in trail.inhibitors if _concerns(each.event.facts.get("parties", ()), viewer))
    return replace(
        trail,
        alert=_seen(trail.alert, viewer, snapshot, app),
        leads=_seen(leads, viewer, snapshot, app) if leads is not None else None,
        inhibitors=tuple(NumberedEvent(each.id, _event(each.event, viewer, snapshot, app)) for each in inhibitors),
        silences=tuple(each for each in trail.silences if viewer.sees(each.customer)),
    )


def _reader(events: Iterable[Event], of: Customers, snapshot: Snapshot, app: App) -> Reader:
    titles = {each.key: app.telling.title(each, snapshot.inventory, of, snapshot.holdings) for each in events}
    return Reader(titles, app.clock.now(), of)
