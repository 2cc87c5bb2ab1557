"""`/sources`: where sending data come from: whether each speaks, what it cannot tell, and what could not be read.

How much was read, what was rejected and what the sending platform holds is the ESP's whole: only who sees all customers
sees it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from deliverwatch.app import App
from deliverwatch.core.access import Viewer
from deliverwatch.core.source_condition import SourceCondition, SourceHealth
from deliverwatch.flows.delivery_ports import SourceState
from deliverwatch.render.inventory_changes import change_lines
from deliverwatch.render.tongue import listed, marked, say
from deliverwatch.web.doors import house, person
from deliverwatch.web.frame import page

Looker = Annotated[Viewer, Depends(person())]

_MOST_REJECTIONS = 50
_MOST_CHANGES = 100
CONDITIONS: Mapping[SourceCondition, str] = {
    SourceCondition.FINE: marked("speaks"),
    SourceCondition.SILENT: marked("silent"),
    SourceCondition.FAILING: marked("cannot be read"),
    SourceCondition.NEVER_USED: marked("nothing read yet"),
}
TONES: Mapping[SourceCondition, str] = {
    SourceCondition.FINE: "good",
    SourceCondition.SILENT: "unsure",
    SourceCondition.FAILING: "bad",
    SourceCondition.NEVER_USED: "plain",
}
_NOT_MEASURED: Mapping[str, str] = {
    "attempted": marked("attempted mail"),
    "delivered": marked("delivered mail"),
    "deferred": marked("deferrals"),
    "bounced": marked("bounces"),
    "complaints": marked("complaints"),
    "ip": marked("the sending IP"),
    "provider": marked("the mailbox provider"),
    "domain": marked("the sending domain"),
    "delivered_by_ip": marked("the sending IP of deliveries"),
}


@dataclass(frozen=True, slots=True)
class SourceRow:
    """`set_up`: in the settings; else it was read by hand. `not_measured`: in words."""

    id: str
    title: str
    set_up: bool
    condition: SourceCondition
    state: SourceState
    not_measured: str


def add(router: APIRouter) -> None:
    @router.api_route("/sources", methods=["GET", "HEAD"])
    async def sources(request: Request, viewer: Looker) -> HTMLResponse:
        app = house(request).app
        states, now = await app.store.source_states(), app.clock.now()
        rows = _rows(app, states, now)
        return page(
            request,
            "sources.html.j2",
            rows=rows,
            others=_others(await app.intake.health(), rows),
            idle=[each for id_, each in app.intake.sources.items() if id_ not in {row.id for row in rows}],
            conditions=CONDITIONS,
            tones=TONES,
            verdict=_verdict(await app.intake.health()),
            **(await _of_the_whole(app) if viewer.sees_all else {"rejections": None, "platform": None}),
        )


def _rows(app: App, states: Mapping[str, SourceState], now: datetime) -> list[SourceRow]:
    """Of the sources that are set up, or were read by hand."""
    intake = app.intake
    return [
        SourceRow(
            id_,
            source.title,
            id_ in intake.settings,
            intake.condition(source, state := states.get(id_, SourceState(id_)), now),
            state,
            listed([say(_NOT_MEASURED[each]) for each in sorted(source.not_measured)]),
        )
        for id_, source in intake.sources.items()
        if id_ in intake.settings or id_ in states
    ]


def _others(health: list[SourceHealth], rows: list[SourceRow]) -> list[SourceHealth]:
    """What platforms say of their own warm-ups comes apart from their events."""
    return health[len(rows) :]


def _verdict(health: list[SourceHealth]) -> tuple[str, str]:
    if not health:
        return "unsure", say("No source is set up: blocks at mailbox providers are not seen.")
    doubted = sum(each.condition in (SourceCondition.SILENT, SourceCondition.FAILING) for each in health)
    if doubted:
        return "unsure", say(
            "{doubted} of {all} sources are silent or cannot be read.", doubted=doubted, all=len(health)
        )
    return "good", say("Every source that is set up speaks.")


async def _of_the_whole(app: App) -> dict[str, Any]:
    return {
        "rejections": await app.store.rejections(limit=_MOST_REJECTIONS),
        "platform": await _platform(app),
    }


async def _platform(app: App) -> dict[str, Any] | None:
    """What the sending platform has that the inventory has not, as it was read last."""
    found, failure = await app.intake.platform_difference(), await app.intake.platform_failure()
    if found is None and failure is None:
        return None
    changes = change_lines(found.change) if found is not None else []
    return {
        "failure": failure,
        "changes": changes[:_MOST_CHANGES],
        "more": max(len(changes) - _MOST_CHANGES, 0),
        "unmapped": found.unmapped if found is not None else (),
    }
