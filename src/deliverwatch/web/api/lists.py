"""`/lists`: the catalogue of blocklists, and how each of them is by each way that it is asked."""

from typing import Any

from fastapi import APIRouter, Request, Response

from deliverwatch.app import App
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.zone_health import ZoneState
from deliverwatch.in_use import use_of
from deliverwatch.render.json_times import instant
from deliverwatch.render.list_document import list_document
from deliverwatch.web.api.asking import AdministersEverything, Looks, app_of, record
from deliverwatch.web.api.idempotency import once
from deliverwatch.web.api.operations import acts, answer, answer_page, reads
from deliverwatch.web.api.paging import Cursor, Limit, Page, page_of
from deliverwatch.web.api.path_ids import ListId
from deliverwatch.web.api.shapes.common import PageOf
from deliverwatch.web.api.shapes.desk import LiftedShape, ListShape, ListWithHealthShape
from deliverwatch.web.doors import not_found


def add(router: APIRouter) -> None:
    @reads(router, "/lists", "lists.list", "The catalogue in use", PageOf[ListShape])
    async def every(request: Request, _: Looks, limit: Limit = 100, cursor: Cursor = None) -> Response:
        """All that is known of, whether asked or not, in the order of their ids."""
        app = app_of(request)
        page = page_of(app.catalogue.all, cursor, limit, lambda each: each.id)
        return answer_page(request, Page([_document(app, each) for each in page.items], page.next))

    @reads(router, "/lists/{list_id}", "lists.show", "One list, with its health", ListWithHealthShape)
    async def one(list_id: ListId, request: Request, _: Looks) -> Response:
        """By each way that it is asked: whether it answers, since when, and when it is asked again."""
        app = app_of(request)
        blocklist = find(app, list_id)
        zones, last = await app.store.zone_states(), (await app.store.last_cycles()).get(list_id)
        health = [_health(path, zone) for (of, path), zone in sorted(zones.items()) if of == list_id]
        return answer(request, {**_document(app, blocklist), "health": health, **_last(last)})

    @acts(router, "/lists/{list_id}/ask-now", "lists.ask-now", "Ask a list again that refused us", LiftedShape)
    async def ask_now(list_id: ListId, request: Request, viewer: AdministersEverything) -> Response:
        """Without waiting for the hour to pass; in its next round."""

        async def may() -> object:
            return find(app_of(request), list_id)

        async def work() -> Response:
            await may()
            await record(request, viewer, "list.ask-now", list_id)
            return answer(request, {"list": list_id, "lifted": await app_of(request).ask_list_now(list_id)})

        return await once(request, viewer, may, work)


def find(app: App, list_id: str) -> Blocklist:
    """Raises 404."""
    found = next((each for each in app.catalogue.all if each.id == list_id), None)
    if found is None:
        raise not_found()
    return found


def _document(app: App, blocklist: Blocklist) -> dict[str, Any]:
    return list_document(blocklist, use_of(blocklist, app.catalogue, app.settings))


def _health(path: str, zone: ZoneState) -> dict[str, Any]:
    return {
        "path": path,
        "health": zone.health,
        "since": instant(zone.since),
        "detail": zone.detail,
        "stopped_at": instant(zone.stopped_at),
        "ask_again_at": instant(zone.ask_again_at),
    }


def _last(cycle: Cycle | None) -> dict[str, Any]:
    return {
        "last_round_at": instant(cycle.started_at) if cycle is not None else None,
        "last_round_verified": cycle.verified if cycle is not None else None,
    }
