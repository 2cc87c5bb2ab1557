"""`/search`: over customers, listings, blocks, drafts, reports and events."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from deliverwatch.web.api.asking import Looks, app_of
from deliverwatch.web.api.blocks import episode_documents
from deliverwatch.web.api.customers import summary
from deliverwatch.web.api.drafts import draft_documents
from deliverwatch.web.api.events import event_documents
from deliverwatch.web.api.listings import listing_documents
from deliverwatch.web.api.operations import answer, reads
from deliverwatch.web.api.reports import report_document
from deliverwatch.web.api.shapes.desk import FoundShape

_MOST = 50


def add(router: APIRouter) -> None:
    @reads(router, "/search", "search.find", "Search over everything", FoundShape)
    async def search(
        request: Request,
        viewer: Looks,
        q: Annotated[
            str,
            Query(
                min_length=1,
                max_length=200,
                description="The beginning of a subject, or part of an id, a name, a reference, a report's subject.",
                examples=["192.0.2."],
            ),
        ],
        limit: Annotated[int, Query(ge=1, le=_MOST, description="Of each kind.")] = 10,
    ) -> Response:
        """Up to `limit` of each kind, of what this viewer may see."""
        app, words = app_of(request), q.strip()
        snapshot, customers = await app.desk.snapshot(), await app.desk.customers(viewer)
        found = await app.store.search(words, viewer.customers, limit)
        called = [each for each in customers if words.casefold() in f"{each.id}\n{each.name}".casefold()]
        document = {
            "customers": [summary(each) for each in called[:limit]],
            "listings": await listing_documents(app, snapshot, viewer.customers, found.listings),
            "blocks": episode_documents(found.episodes, snapshot, viewer.customers, app),
            "drafts": await draft_documents(app, found.drafts),
            "reports": [report_document(each) for each in found.reports],
            "events": event_documents(found.events, viewer, snapshot, app),
        }
        return answer(request, document)
