"""`/silences`: for a while nobody hears of something, and it is tracked as ever."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, Field

from deliverwatch.core.access import Viewer
from deliverwatch.core.routing import Family
from deliverwatch.core.silences import LONGEST, Cover, Silence
from deliverwatch.render.silence_document import silence_document
from deliverwatch.web.api.asking import Looks, Works, app_of, record
from deliverwatch.web.api.bodies import Body, Line, Reason, example
from deliverwatch.web.api.idempotency import once
from deliverwatch.web.api.operations import acts, answer, answer_page, reads
from deliverwatch.web.api.paging import Cursor, Limit, Page, page_of
from deliverwatch.web.api.path_ids import SilenceId
from deliverwatch.web.api.problems import Faulty, problem
from deliverwatch.web.api.shapes.common import PageOf
from deliverwatch.web.api.shapes.desk import EndedShape, SilenceShape
from deliverwatch.web.doors import not_found


class NewSilence(Body):
    """It covers what fits all that is given, and something must be."""

    model_config = example(until="2026-12-01T09:00:00Z", reason="the pool is being moved", customer="acme")

    until: Annotated[AwareDatetime, Field(description="30 days ahead at most.", examples=["2026-12-01T09:00:00Z"])]
    reason: Reason
    customer: Line | None = None
    subject: Annotated[Line | None, Field(description="An address, a range, or a domain with all below it.")] = None
    place: Annotated[Line | None, Field(description="The id of a list or of a mailbox provider.")] = None
    kind: Family | None = None


def add(router: APIRouter) -> None:
    @reads(router, "/silences", "silences.list", "Silences", PageOf[SilenceShape])
    async def every(
        request: Request,
        viewer: Looks,
        over: Annotated[bool, Query(description="Also those that are over, of the last 30 days.")] = False,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """Those that are on now. Who sees some customers sees the silences of these alone."""
        found = [each for each in await _seen(request, viewer) if over or each.is_on(app_of(request).clock.now())]
        page = page_of(found, cursor, limit, lambda each: each.id)
        return answer_page(request, Page([silence_document(each) for each in page.items], page.next))

    _add_make(router)
    _add_end(router)


def _add_make(router: APIRouter) -> None:
    @acts(router, "/silences", "silences.add", "Be silent about something", SilenceShape)
    async def make(body: NewSilence, request: Request, viewer: Works) -> Response:
        """Whoever sees some customers only, silences what is about one of them."""

        async def may() -> None:
            if not viewer.sees(body.customer):
                if body.customer is None:
                    raise Faulty(("body.customer", "expected one of your customers: the others are told as ever"))
                raise not_found()

        async def work() -> Response:
            await may()
            facts = body.model_dump(mode="json")
            await record(request, viewer, "silence.add", body.customer or "", **facts)
            cover = Cover(body.customer, body.subject, body.place, body.kind)
            kept = await app_of(request).silence(viewer.by, body.reason, _utc(body.until), cover)
            return answer(request, silence_document(kept))

        return await once(request, viewer, may, work)


def _add_end(router: APIRouter) -> None:
    @acts(router, "/silences/{silence_id}/end", "silences.end", "End it now", EndedShape)
    async def end(silence_id: SilenceId, request: Request, viewer: Works) -> Response:
        """What is still true of what it kept back is told."""

        async def may() -> None:
            if not any(each.id == silence_id for each in await _seen(request, viewer)):
                raise not_found()

        async def work() -> Response:
            app = app_of(request)
            await may()
            await record(request, viewer, "silence.end", silence_id)
            if not await app.store.end_silence(silence_id, app.clock.now()):
                return problem(HTTPStatus.CONFLICT, "This silence is over already.")
            return answer(request, {"id": silence_id, "ended": True})

        return await once(request, viewer, may, work)


async def _seen(request: Request, viewer: Viewer) -> list[Silence]:
    app = app_of(request)
    found = await app.store.silences(since=app.clock.now() - LONGEST)
    return [each for each in found if viewer.sees(each.customer)]


def _utc(at: datetime) -> datetime:
    if not 1900 < at.year < 3000:
        raise Faulty(("body.until", "expected a time within the next 30 days"))
    return at.astimezone(UTC)
