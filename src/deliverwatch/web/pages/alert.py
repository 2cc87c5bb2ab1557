"""`/alerts/{number}`: one alert: why each reader was told of it, or was not, and how each message stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from deliverwatch.app import App
from deliverwatch.core.access import Act, Viewer
from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.routing import family_of
from deliverwatch.flows.alert_ports import AlertTrail
from deliverwatch.flows.ports import OutboxLine
from deliverwatch.render.alert_trail import sentences
from deliverwatch.render.tongue import marked
from deliverwatch.web.alerts_seen import AlertsSeen
from deliverwatch.web.customers_seen import customers_seen
from deliverwatch.web.doors import house, not_found, person
from deliverwatch.web.frame import done, page
from deliverwatch.web.pages.alerts import FAMILIES, ShownMessage, shown_message
from deliverwatch.web.posted import posted
from deliverwatch.web.request_ids import request_id

Looker = Annotated[Viewer, Depends(person())]
Worker = Annotated[Viewer, Depends(person(Act.WORK))]

_MOST_DIGITS = 18
_DONE = {"resent": marked("The message is due again, under the same id.")}


@dataclass(frozen=True, slots=True)
class ShownDelivery:
    """`given_up`: it may be sent again by hand."""

    message: ShownMessage
    line: OutboxLine
    given_up: bool


def add(router: APIRouter) -> None:
    @router.api_route("/alerts/{number}", methods=["GET", "HEAD"])
    async def alert(request: Request, number: str, viewer: Looker) -> HTMLResponse:
        app = house(request).app
        seen = AlertsSeen(app, viewer, await app.desk.snapshot())
        whole = await _trail(app, number, viewer)
        trail = seen.trail(whole)
        event, now = trail.alert.numbered.event, app.clock.now()
        return page(
            request,
            "alert.html.j2",
            notice=done(request, _DONE),
            number=trail.alert.numbered.id,
            event=event,
            title=seen.title(event),
            family=FAMILIES[family_of(event.kind)],
            customers=customers_seen(seen.snapshot, viewer, event.facts.get("parties", ())),
            leads=trail.leads,
            lead_title=seen.title(trail.leads.numbered.event) if trail.leads is not None else "",
            others_only=bool(whole.alert.lines) and not trail.alert.lines,
            why=_why(seen, trail, now),
            deliveries=[_delivery(each, now) for each in trail.alert.lines],
        )

    _add_resend(router)


def _add_resend(router: APIRouter) -> None:
    @router.post("/alerts/{number}/resend")
    async def resend(request: Request, number: str, viewer: Worker) -> Response:
        app = house(request).app
        seen = AlertsSeen(app, viewer, await app.desk.snapshot())
        trail, message = await _trail(app, number, viewer), (await posted(request)).get("message", "")
        if message not in {each.notification.id for each in seen.lines(trail.alert.lines)}:
            raise not_found()
        await app.access.record(
            viewer, "alert.resend", message, {"alert": trail.alert.numbered.id}, request_id(request)
        )
        resent = await app.store.resend(message, app.clock.now())
        return RedirectResponse(f"/alerts/{trail.alert.numbered.id}{'?done=resent' if resent else ''}", 303)


async def _trail(app: App, number: str, viewer: Viewer) -> AlertTrail:
    """By its number alone: keys name subjects, and are nobody's to guess."""
    if not number.isdecimal() or len(number) > _MOST_DIGITS:
        raise not_found()
    nearest = await app.store.events_of(viewer.customers, before=int(number) + 1, limit=1)
    trail = await app.store.alert_trail(number) if nearest and nearest[0].id == int(number) else None
    if trail is None:
        raise not_found()
    return trail


def _why(seen: AlertsSeen, trail: AlertTrail, now: datetime) -> list[str]:
    lists = {each.id: each for each in seen.app.catalogue.all}
    names = {each.id: each.name for each in seen.snapshot.customers.values()}
    return list(sentences(trail, seen.title, lists, names, now))


def _delivery(line: OutboxLine, now: datetime) -> ShownDelivery:
    return ShownDelivery(shown_message(line, now), line, line.state is NotificationState.DEAD)
