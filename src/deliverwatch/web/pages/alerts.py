"""`/alerts`: what happened and who was told, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from deliverwatch.core.access import Viewer
from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.receivers import EMAIL
from deliverwatch.core.routing import Family, family_of
from deliverwatch.flows.alert_ports import AlertLine
from deliverwatch.flows.ports import OutboxLine
from deliverwatch.render.alert_trail import standing
from deliverwatch.render.tongue import marked
from deliverwatch.web.alerts_seen import AlertsSeen
from deliverwatch.web.doors import house, person
from deliverwatch.web.frame import page

Looker = Annotated[Viewer, Depends(person())]

_AT_ONCE = 50
_TONES: Mapping[NotificationState, str] = {
    NotificationState.SENT: "good",
    NotificationState.DEAD: "bad",
    NotificationState.PENDING: "unsure",
    NotificationState.SENDING: "unsure",
    NotificationState.HELD: "unsure",
}
FAMILIES: Mapping[Family, str] = {
    Family.LISTING: marked("listing"),
    Family.BLOCK: marked("block"),
    Family.THROTTLE: marked("throttle"),
    Family.FINDING: marked("finding"),
    Family.WARNING: marked("early warning"),
    Family.WARMUP: marked("warm-up"),
    Family.REPORT: marked("report"),
    Family.INSTALLATION: marked("installation"),
}


@dataclass(frozen=True, slots=True)
class ShownMessage:
    to: str
    standing: str
    tone: str


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """`told`: whether anybody was to be told, seen here or not."""

    number: int
    at: datetime
    family: str
    title: str
    messages: tuple[ShownMessage, ...]
    told: bool


def add(router: APIRouter) -> None:
    @router.api_route("/alerts", methods=["GET", "HEAD"])
    async def alerts(request: Request, viewer: Looker, before: str = "", quiet: str = "") -> HTMLResponse:
        app = house(request).app
        place = int(before) if before.isdecimal() and len(before) < 19 else None
        found = await app.store.alerts_of(viewer.customers, before=place, limit=_AT_ONCE)
        seen = AlertsSeen(app, viewer, await app.desk.snapshot())
        now = app.clock.now()
        return page(
            request,
            "alerts.html.j2",
            alerts=[_shown(each, seen, now) for each in found if quiet or each.lines],
            quiet=bool(quiet),
            is_first=place is None,
            older=found[-1].numbered.id if len(found) == _AT_ONCE else None,
        )


def _shown(alert: AlertLine, seen: AlertsSeen, now: datetime) -> ShownAlert:
    event = alert.numbered.event
    return ShownAlert(
        alert.numbered.id,
        event.at,
        FAMILIES[family_of(event.kind)],
        seen.title(event),
        tuple(shown_message(each, now) for each in seen.lines(alert.lines)),
        bool(alert.lines),
    )


def shown_message(line: OutboxLine, now: datetime) -> ShownMessage:
    note = line.notification
    to = note.recipient if note.channel in (EMAIL, note.recipient) else f"{note.recipient} ({note.channel})"
    return ShownMessage(to, standing(line, now), _TONES.get(line.state, "plain"))
