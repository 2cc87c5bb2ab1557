"""`/sources`: where sending data come from; `/replies`: what receivers said and no rule explains."""

from typing import Any

from fastapi import APIRouter, Request, Response

from deliverwatch.flows.delivery_ports import SourceState
from deliverwatch.render.json_times import instant
from deliverwatch.render.source_document import source_document
from deliverwatch.web.api.asking import Looks, SeesEverything, app_of
from deliverwatch.web.api.operations import answer_page, reads
from deliverwatch.web.api.paging import Cursor, Limit, Page, page_of
from deliverwatch.web.api.shapes.common import PageOf
from deliverwatch.web.api.shapes.desk import ReplyShape, SourceShape

_MOST_REPLIES = 500
_OF_THE_WHOLE: dict[str, Any] = {
    **dict.fromkeys(("read", "accepted", "duplicates", "rejected", "failure", "lost")),
    "waiting_for": [],
}


def add(router: APIRouter) -> None:
    @reads(router, "/sources", "sources.list", "Data sources", PageOf[SourceShape])
    async def every(request: Request, viewer: Looks, limit: Limit = 100, cursor: Cursor = None) -> Response:
        """How much was read, and what went wrong with it, is only for who sees everything."""
        app = app_of(request)
        states, now, intake = await app.store.source_states(), app.clock.now(), app.intake
        page = page_of(list(intake.sources.values()), cursor, limit, lambda each: each.id)
        documents = []
        for source in page.items:
            state = states.get(source.id, SourceState(source.id))
            condition, configured = intake.condition(source, state, now), source.id in intake.settings
            document = source_document(source, state, condition, configured, intake.waiting_for(source))
            documents.append(document if viewer.sees_all else {**document, **_OF_THE_WHOLE})
        return answer_page(request, Page(documents, page.next))

    @reads(router, "/replies", "sources.replies", "Replies not yet understood", PageOf[ReplyShape])
    async def replies(request: Request, _: SeesEverything, limit: Limit = 100) -> Response:
        """Masked, by what they have in common; those that look like blocks first, the 500 that count most."""
        found = (await app_of(request).store.clusters(_MOST_REPLIES))[:limit]
        times = ("first_at", "last_at")
        documents = [each._asdict() | {name: instant(getattr(each, name)) for name in times} for each in found]
        return answer_page(request, Page(documents, None))
