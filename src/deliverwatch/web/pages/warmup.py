"""`/warmups/{ip}`: where one warm-up stands and why, what to do, its days against its plan, and who did what."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from deliverwatch.app import App
from deliverwatch.core.access import Viewer
from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.warmup.day import DayState
from deliverwatch.flows.warmup_ports import RunHistory
from deliverwatch.render.tongue import marked
from deliverwatch.render.warmup_advice import advice_for
from deliverwatch.render.warmup_days import on_day
from deliverwatch.render.warmup_tables import DAY_COLUMNS, PROVIDER_COLUMNS
from deliverwatch.render.warmup_words import (
    Names,
    because,
    demand_words,
    forecast,
    platform_words,
    provider_name,
    reason,
    state_words,
)
from deliverwatch.web.doors import house, not_found, person
from deliverwatch.web.draft_queue import holder
from deliverwatch.web.episode_words import what
from deliverwatch.web.frame import done, page
from deliverwatch.web.pages.warmups import plan_words, provider_names
from deliverwatch.web.posted import Wrong
from deliverwatch.web.warmup_charts import charts_of
from deliverwatch.web.warmup_view import (
    days_of,
    holds_of,
    providers_of,
    reading_of,
    steps_of,
    tone,
)

_DONE: Mapping[str, str] = {
    "start": marked("The warm-up is begun. Nothing is changed at any sending platform."),
    "hold": marked("It is held: its volume is not to grow. Nothing is changed at any sending platform."),
    "release": marked("It is released, and goes on from the volume at which it was held."),
    "step-back": marked("It is stepped back. Nothing is changed at any sending platform."),
    "finish": marked("It is warmed up no more: it was finished by hand."),
}


def add(router: APIRouter) -> None:
    @router.api_route("/warmups/{ip}", methods=["GET", "HEAD"])
    async def warmup(ip: str, request: Request, viewer: Annotated[Viewer, Depends(person())]) -> HTMLResponse:
        return await shown(request, viewer, await the_history(house(request).app, viewer, ip))


async def the_history(app: App, viewer: Viewer, ip: str) -> RunHistory:
    """Of an address that the viewer may see, as far as it is theirs to know."""
    try:
        found = await app.warmups.history_seen(ip, viewer.customers)
    except NotPossible:  # no address at all
        found = None
    if found is None:
        raise not_found()
    return found


async def shown(
    request: Request,
    viewer: Viewer,
    history: RunHistory,
    wrong: Wrong | None = None,
    given: Mapping[str, str] | None = None,
) -> HTMLResponse:
    app, status = house(request).app, history.status
    names, customers = provider_names(app), (await app.desk.snapshot()).customers
    return page(
        request,
        "warmup.html.j2",
        wrong.status if wrong is not None else HTTPStatus.OK,
        notice=done(request, _DONE) if wrong is None else "",
        wrong=wrong,
        given=given or {},
        warmup=status,
        run=status.run,
        holder=holder(status.run.customer, customers.get(status.run.customer or "")),
        early_warnings=[what(each) for each in await _early_warnings(app, viewer, status.run.ip)],
        **_now(history, names),
        **_past(history, names),
    )


def _now(history: RunHistory, names: Names) -> dict[str, Any]:
    status = history.status
    known = [each.provider for each in status.providers if each.provider]
    return {
        "tone": tone(status),
        "state": state_words(status),
        "reason": reason(status, names),
        "advice": advice_for(status),
        "holds": holds_of(status, names),
        "because": because(status.next),
        "next_on": on_day(status.next.on),
        "forecasts": list(filter(None, (demand_words(status.next), forecast(status), platform_words(status)))),
        "reading": reading_of(history),
        "may_be_released": status.state is DayState.READY_TO_RELEASE,
        "hold_at": [(each, provider_name(each, names)) for each in known],
    }


def _past(history: RunHistory, names: Names) -> dict[str, Any]:
    return {
        "charts": charts_of(history, names),
        "provider_columns": PROVIDER_COLUMNS,
        "providers": providers_of(history, names) if not history.status.shared else [],
        "day_columns": DAY_COLUMNS,
        "days": days_of(history),
        "steps": steps_of(history),
        "versions": [(each, plan_words(each.plan)) for each in reversed(history.agreed)],
    }


async def _early_warnings(app: App, viewer: Viewer, ip: str) -> list[Episode]:
    found = await app.store.episodes_of(viewer.customers, kinds=(EpisodeKind.WARNING,), open_only=True, limit=500)
    return [each for each in found if each.subject.value == ip]
