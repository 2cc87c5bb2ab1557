"""`/events`: what happened, page by page, and as a stream that is resumed where it broke off.

The stream is server-sent events (HTML Living Standard §9.2): the id of each is the event's number, so that a client
which lost its connection names the last one it has, in `Last-Event-ID` or `after`, and misses none.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from deliverwatch.app import App
from deliverwatch.core.access import Viewer
from deliverwatch.core.events import EventKind
from deliverwatch.desk import Snapshot
from deliverwatch.flows.alert_ports import NumberedEvent
from deliverwatch.render.event_document import event_document
from deliverwatch.web.api.asking import Looks, OfCustomer, app_of, only, whose
from deliverwatch.web.api.listings import Since, aware
from deliverwatch.web.api.operations import Text, answer_page, reads
from deliverwatch.web.api.paging import Cursor, Limit, Page, cut, number_place
from deliverwatch.web.api.problems import Faulty, problem
from deliverwatch.web.api.request_headers import LAST_EVENT_ID
from deliverwatch.web.api.shapes.common import PageOf
from deliverwatch.web.api.shapes.desk import EventShape
from deliverwatch.web.doors import house

_STREAM = Text("text/event-stream", 'id: 4711\nevent: listing_opened\ndata: {"number": 4711, ...}\n\n')
_MOST_NUMBER = (1 << 63) - 1
_AT_ONCE = 100
_POLLED_EVERY = timedelta(seconds=1)
_MOST_OPEN, _MOST_OF_ONE = 200, 10
_ALIVE_EVERY = 15
"""Looks between two signs of life: proxies close what is silent for a minute."""

Kinds = Annotated[list[EventKind] | None, Query(description="Only of these.")]
After = Annotated[int | None, Query(ge=0, le=_MOST_NUMBER, description="The number of the last event you have.")]


def add(router: APIRouter) -> None:
    @reads(router, "/events", "events.list", "Events, newest first", PageOf[EventShape])
    async def every(
        request: Request,
        viewer: Looks,
        customer: OfCustomer = None,
        kind: Kinds = None,
        since: Since = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """All that was seen and told, as this viewer may know it."""
        app = app_of(request)
        snapshot = await app.desk.snapshot()
        of = whose(viewer, snapshot, customer)
        found = await app.store.events_of(
            of, kinds=kind or (), before=number_place(cursor), since=aware(since), limit=limit + 1
        )
        page = cut(found, limit, lambda each: each.id)
        return answer_page(request, Page(event_documents(page.items, only(viewer, of), snapshot, app), page.next))

    _add_stream(router)


def _add_stream(router: APIRouter) -> None:
    open_: Counter[str] = Counter()

    @reads(
        router,
        "/events/stream",
        "events.stream",
        "Events as they happen",
        _STREAM,
        headers=[LAST_EVENT_ID],
        errors=[HTTPStatus.TOO_MANY_REQUESTS],
    )
    async def stream(request: Request, viewer: Looks, after: After = None) -> Response:
        """Server-sent events, each with its number as id. They begin after `Last-Event-ID`, or `after`, or now."""
        app, last = app_of(request), _resumed(request, after)
        if last is None:
            newest = await app.store.events_of(viewer.customers, limit=1)
            last = newest[0].id if newest else 0
        if request.method == "HEAD":
            return Response(media_type="text/event-stream")
        if open_.total() >= _MOST_OPEN or open_[_who(viewer)] >= _MOST_OF_ONE:
            why = f"So many streams are open already: {_MOST_OF_ONE} of one token at most, and {_MOST_OPEN} of all."
            return problem(HTTPStatus.TOO_MANY_REQUESTS, why, {"Retry-After": "10"})
        return StreamingResponse(_counted(open_, request, viewer, last), media_type="text/event-stream")


def event_documents(
    events: Sequence[NumberedEvent], viewer: Viewer, snapshot: Snapshot, app: App
) -> list[dict[str, Any]]:
    seen = [NumberedEvent(each.id, app.desk.as_seen(each.event, viewer, snapshot)) for each in events]
    return [event_document(each, [*filter(viewer.sees, each.event.facts.get("parties", ()))]) for each in seen]


def _resumed(request: Request, after: int | None) -> int | None:
    said = request.headers.get("last-event-id")
    if said is None:
        return after
    if not (said.isascii() and said.isdigit() and len(said) < 20 and int(said) <= _MOST_NUMBER):
        raise Faulty(("header.last-event-id", "expected the number of an event"))
    return int(said)


def _who(viewer: Viewer) -> str:
    return viewer.token or viewer.account


async def _counted(open_: Counter[str], request: Request, viewer: Viewer, last: int) -> AsyncIterator[bytes]:
    """A stream holds a connection and asks the database every second, and the daemon lives in the same process."""
    open_[_who(viewer)] += 1
    try:
        async for each in _stream(request, viewer, last):
            yield each
    finally:
        open_[_who(viewer)] -= 1


async def _stream(request: Request, viewer: Viewer, last: int) -> AsyncIterator[bytes]:
    """Ends with the server, with the caller, and when the token does not let in any more."""
    app, looks = app_of(request), 0
    yield b": events follow\n\n"
    while not house(request).is_closing() and not await request.is_disconnected():
        looks += 1
        if looks % _ALIVE_EVERY == 0:
            yield b": still here\n\n"
            again = await app.access.by_token(request.headers["authorization"].partition(" ")[2].strip())
            if again is None:
                return
            viewer = again.viewer
        found = await app.store.events_of(viewer.customers, after=last, limit=_AT_ONCE)
        for document in event_documents(found, viewer, await app.desk.snapshot(), app) if found else ():
            last = document["number"]
            yield f"id: {last}\nevent: {document['kind']}\ndata: {json.dumps(document)}\n\n".encode()
        if not found:
            await asyncio.sleep(_POLLED_EVERY.total_seconds())
