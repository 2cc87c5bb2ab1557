"""`/warmups`: new sending IPs on their way, and what people decide about them. Nothing is changed at any platform."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from deliverwatch.core.access import Viewer
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.warmup.plan import PlanDays, WarmupPlan
from deliverwatch.core.warmup.status import RunStatus
from deliverwatch.flows.warmup_ports import RunHistory
from deliverwatch.render.warmup_documents import history_document, status_document
from deliverwatch.render.warmup_warnings import warning_words
from deliverwatch.render.warmup_words import Names
from deliverwatch.warmups import Warmups
from deliverwatch.web.api.asking import Looks, OfCustomer, Works, app_of, record, whose
from deliverwatch.web.api.bodies import Body, Line, WithReason, example
from deliverwatch.web.api.idempotency import once
from deliverwatch.web.api.operations import acts, answer, answer_page, reads
from deliverwatch.web.api.paging import Cursor, Limit, Page, page_of
from deliverwatch.web.api.path_ids import WarmupIp
from deliverwatch.web.api.problems import Faulty
from deliverwatch.web.api.shapes.common import PageOf
from deliverwatch.web.api.shapes.warmups import StartedWarmupShape, WarmupHistoryShape, WarmupShape
from deliverwatch.web.doors import not_found

_MOST_A_DAY = 1_000_000_000

Act = Callable[[Warmups], Awaitable[RunStatus]]


class Start(Body):
    model_config = example(ip="192.0.2.10", plan="sparkpost-stages", on="2026-12-01")

    ip: Annotated[Line, Field(examples=["192.0.2.10"])]
    plan: Annotated[Line, Field(examples=["result-gated"])]
    on: Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))]
    target: Annotated[int | None, Field(ge=1, le=_MOST_A_DAY, description="Messages a day at which it ends.")] = None
    days: Annotated[PlanDays | None, Field(description="Whose days are counted, if not as the plan says.")] = None


class Hold(WithReason):
    model_config = example(reason="deferred at Gmail", provider="gmail")

    provider: Annotated[Line | None, Field(description="Only at this mailbox provider.")] = None


class StepBack(WithReason):
    model_config = example(reason="too many deferrals", stage=3)

    stage: Annotated[int | None, Field(ge=1, le=1000, description="Null: the one before the present one.")] = None


def add(router: APIRouter) -> None:
    @reads(router, "/warmups", "warmups.list", "Warm-ups", PageOf[WarmupShape])
    async def every(
        request: Request,
        viewer: Looks,
        customer: OfCustomer = None,
        ended: Annotated[bool, Query(description="Those too that ended long ago.")] = False,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """In the order of their addresses: what is due today, and why it is held where it is."""
        app = app_of(request)
        of = whose(viewer, await app.desk.snapshot(), customer)
        found = await app.warmups.seen_by(of, ended=ended)
        page = page_of(found, cursor, limit, lambda each: f"{each.run.ip} {each.run.started_on} {each.run.id}")
        return answer_page(request, Page([status_document(each, _names(request)) for each in page.items], page.next))

    @reads(router, "/warmups/{ip}", "warmups.show", "One warm-up, day by day", WarmupHistoryShape)
    async def one(ip: WarmupIp, request: Request, viewer: Looks) -> Response:
        """The newest of this address: status, days, steps, and the plan in each of its versions."""
        return answer(request, history_document(await _find(request, viewer, ip), _names(request)))

    _add_start(router)
    _add_acts(router)


def _add_start(router: APIRouter) -> None:
    @acts(router, "/warmups", "warmups.start", "Begin a warm-up", StartedWarmupShape)
    async def start(body: Start, request: Request, viewer: Works) -> Response:
        """The plan is copied, and stays what was agreed. `warnings`: what speaks against it; it begins all the same."""

        async def may() -> None:
            await _refuse_foreign(request, viewer, body.ip)

        async def work() -> Response:
            await may()
            warmups, names = app_of(request).warmups, _names(request)
            plan = _plan(warmups, body.plan)
            await record(request, viewer, "warmup.start", body.ip, plan=body.plan, on=body.on.isoformat())
            warnings = await warmups.start_warnings(body.ip, body.on)
            status = await warmups.start(body.ip, plan, body.on, viewer.by, target=body.target, days=body.days)
            told = [{"kind": each.kind, "text": warning_words(each, names), **each.facts} for each in warnings]
            return answer(request, {**status_document(status, names), "warnings": told})

        return await once(request, viewer, may, work)


def _add_acts(router: APIRouter) -> None:
    @acts(router, "/warmups/{ip}/hold", "warmups.hold", "Stop the growth of its volume", WarmupShape)
    async def hold(ip: WarmupIp, body: Hold, request: Request, viewer: Works) -> Response:
        """Its volume stays as it is until the hold is released; everywhere, or at one mailbox provider."""
        facts = body.model_dump()
        return await _act(
            request, viewer, ip, "hold", facts, lambda it: it.hold(ip, body.reason, viewer.by, body.provider)
        )

    @acts(router, "/warmups/{ip}/release", "warmups.release", "End all its holds", WarmupShape)
    async def release(ip: WarmupIp, body: WithReason, request: Request, viewer: Works) -> Response:
        """Those that people made, and those that were made by what was measured."""
        facts = body.model_dump()
        return await _act(request, viewer, ip, "release", facts, lambda it: it.release(ip, body.reason, viewer.by))

    @acts(router, "/warmups/{ip}/step-back", "warmups.step-back", "Go back to an earlier stage", WarmupShape)
    async def step_back(ip: WarmupIp, body: StepBack, request: Request, viewer: Works) -> Response:
        """Its volume goes back to that of the stage, and grows from there."""
        facts = body.model_dump()
        return await _act(
            request, viewer, ip, "step-back", facts, lambda it: it.step_back(ip, body.reason, viewer.by, body.stage)
        )

    @acts(router, "/warmups/{ip}/finish", "warmups.finish", "End it before its plan does", WarmupShape)
    async def finish(ip: WarmupIp, body: WithReason, request: Request, viewer: Works) -> Response:
        """It is kept, and advises nothing any more."""
        facts = body.model_dump()
        return await _act(request, viewer, ip, "finish", facts, lambda it: it.finish(ip, body.reason, viewer.by))


async def _act(request: Request, viewer: Viewer, ip: str, what: str, facts: dict[str, Any], act: Act) -> Response:
    async def may() -> None:
        found = await _find(request, viewer, ip)
        if not viewer.sees(found.status.run.customer):
            raise NotPossible("others send from this address as well: who sees all of them decides about it")

    async def work() -> Response:
        await may()
        await record(request, viewer, f"warmup.{what}", ip, **facts)
        return answer(request, status_document(await act(app_of(request).warmups), _names(request)))

    return await once(request, viewer, may, work)


async def _find(request: Request, viewer: Viewer, ip: str) -> RunHistory:
    """Raises 404."""
    try:
        found = await app_of(request).warmups.history_seen(ip, viewer.customers)
    except NotPossible:  # no address
        found = None
    if found is None:
        raise not_found()
    return found


async def _refuse_foreign(request: Request, viewer: Viewer, ip: str) -> None:
    """An address of others, or of the ESP, is not there for this viewer."""
    try:
        subject = parse_subject(ip)
    except ValueError:
        return  # what is no address, the act says
    if subject.kind is SubjectKind.DOMAIN or viewer.customers is None:
        return
    snapshot = await app_of(request).desk.snapshot()
    held = snapshot.holdings.on(subject, snapshot.as_of.date())
    if not held or not all(viewer.sees(each.holder) for each in held):
        raise not_found()


def _plan(warmups: Warmups, plan_id: str) -> WarmupPlan:
    """Raises Faulty, with those that there are."""
    known = {each.id: each for each in warmups.plans}
    if plan_id not in known:
        raise Faulty(("body.plan", f"there is no such plan: expected one of {', '.join(sorted(known))}"))
    return known[plan_id]


def _names(request: Request) -> Names:
    return {each.id: each.name for each in app_of(request).providers.values()}
