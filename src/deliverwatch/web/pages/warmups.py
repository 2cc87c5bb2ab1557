"""`/warmups`: all warm-ups that one sees, those that wait for a person first; and where a new one is begun."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from deliverwatch.app import App
from deliverwatch.core.access import Viewer
from deliverwatch.core.warmup.plan import WarmupPlan
from deliverwatch.render.tongue import number, say
from deliverwatch.render.warmup_words import Names
from deliverwatch.web.doors import house, person
from deliverwatch.web.frame import page
from deliverwatch.web.posted import Wrong
from deliverwatch.web.warmup_view import in_order, rows


def add(router: APIRouter) -> None:
    @router.api_route("/warmups", methods=["GET", "HEAD"])
    async def warmups(request: Request, viewer: Annotated[Viewer, Depends(person())]) -> HTMLResponse:
        return await overview(request, viewer)


async def overview(
    request: Request,
    viewer: Viewer,
    wrong: Wrong | None = None,
    given: Mapping[str, str] | None = None,
    warnings: Sequence[str] = (),
) -> HTMLResponse:
    """`warnings`: what speaks against the one that is about to be begun."""
    app, ended = house(request).app, request.query_params.get("ended") == "all"
    found = in_order(await app.warmups.seen_by(viewer.customers, ended=ended))
    return page(
        request,
        "warmups.html.j2",
        wrong.status if wrong is not None else HTTPStatus.OK,
        wrong=wrong,
        given=given or {},
        warnings=warnings,
        rows=rows(found, provider_names(app), (await app.desk.snapshot()).customers),
        with_ended=ended,
        plans=[(plan.id, plan_words(plan)) for plan in app.warmups.plans],
        today=app.clock.now().date(),
    )


def provider_names(app: App) -> Names:
    return {each.id: each.name for each in app.providers.values()}


def plan_words(plan: WarmupPlan) -> str:
    return say(
        "{name}: up to {volume} a day, in {days} days at least",
        name=plan.name,
        volume=number(plan.full_volume),
        days=plan.days_at_least,
    )
