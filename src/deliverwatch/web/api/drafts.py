"""`/drafts`: requests for removal or review. Here they are read; what people do with them is `draft_acts`."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from deliverwatch.app import App
from deliverwatch.core.access import Viewer
from deliverwatch.core.remediation.draft import Draft, DraftState
from deliverwatch.flows.desk_ports import DraftHead
from deliverwatch.render.draft_document import document
from deliverwatch.render.draft_ways import plain
from deliverwatch.web.api.asking import Looks, OfCustomer, app_of, whose
from deliverwatch.web.api.etags import of_version
from deliverwatch.web.api.operations import Text, answer, answer_page, reads
from deliverwatch.web.api.paging import Cursor, Limit, Page, by_time, cut, time_place
from deliverwatch.web.api.path_ids import DraftId
from deliverwatch.web.api.shapes.common import PageOf
from deliverwatch.web.api.shapes.drafts import DraftShape, DraftStepShape, WholeDraftShape
from deliverwatch.web.doors import not_found

_TEXT = Text("text/plain", "IP address: 192.0.2.20\n")


def add(router: APIRouter) -> None:
    @reads(router, "/drafts", "drafts.list", "Drafts, newest first", PageOf[DraftShape])
    async def every(
        request: Request,
        viewer: Looks,
        customer: OfCustomer = None,
        state: Annotated[list[DraftState] | None, Query(description="Only in one of these.")] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """With their texts, as they are copied into forms."""
        app = app_of(request)
        of = whose(viewer, await app.desk.snapshot(), customer)
        heads = await app.store.draft_heads(of, states=state or (), before=time_place(cursor), limit=limit + 1)
        page = cut(heads, limit, lambda each: by_time(each.created_at, each.id))
        return answer_page(request, Page(await draft_documents(app, page.items), page.next))

    @reads(router, "/drafts/{draft_id}", "drafts.show", "One draft, with its history", WholeDraftShape)
    async def one(draft_id: DraftId, request: Request, viewer: Looks) -> Response:
        """`ETag`: its version, for `If-Match`."""
        draft = await find(request, viewer, draft_id)
        return answer(request, await _whole(request, draft), tag=of_version(draft.version))

    @reads(router, "/drafts/{draft_id}/steps", "drafts.steps", "What was done with it", PageOf[DraftStepShape])
    async def steps(draft_id: DraftId, request: Request, viewer: Looks) -> Response:
        """By whom and when, oldest first."""
        draft = await find(request, viewer, draft_id)
        return answer(request, {"items": (await _whole(request, draft))["history"], "next": None})

    @reads(router, "/drafts/{draft_id}/text", "drafts.text", "All of it as text, to copy", _TEXT)
    async def text(draft_id: DraftId, request: Request, viewer: Looks) -> Response:
        """With its fields, in the language of whoever it is for."""
        draft = await find(request, viewer, draft_id)
        content = plain(draft).encode("utf-8", "backslashreplace")
        return Response(content, media_type="text/plain; charset=utf-8")


async def find(request: Request, viewer: Viewer, draft_id: str) -> Draft:
    """Raises 404."""
    draft = await app_of(request).store.draft(draft_id)
    if draft is None or not viewer.sees(draft.customer):
        raise not_found()
    return draft


async def draft_documents(app: App, heads: Sequence[DraftHead]) -> list[dict[str, Any]]:
    drafts = [await app.store.draft(each.id) for each in heads]
    return [document(each) for each in drafts if each is not None]


async def _whole(request: Request, draft: Draft) -> dict[str, Any]:
    steps = await app_of(request).store.draft_steps(draft.id)
    return {"history": [], **document(draft, steps)}
