"""`/exports`: histories as CSV, for spreadsheets, sent as they are read.

The columns are the keys of the JSON documents; what is a list is one cell, what is unknown is empty.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from deliverwatch.core.access import Viewer
from deliverwatch.desk import Snapshot
from deliverwatch.flows.desk_ports import Customers, Place
from deliverwatch.render.csv_export import CSV_TYPE, Cell, csv_lines
from deliverwatch.render.warmup_documents import status_document
from deliverwatch.web.api.asking import Looks, OfCustomer, app_of, whose
from deliverwatch.web.api.blocks import episode_documents
from deliverwatch.web.api.listings import Since, aware, listing_documents
from deliverwatch.web.api.operations import Text, reads

_AT_ONCE = 500
_LISTING = (
    *("subject", "list", "opened_at", "confirmed_at", "closed_at", "ended", "codes", "meanings", "impact"),
    *("mail_share", "incident"),
)
_BLOCK = (
    *("id", "kind", "provider", "subject", "class", "what", "opened_at", "last_seen_at", "closed_at", "ended"),
    *("mail_share", "customers"),
)
_WARMUP = (
    *("ip", "customer", "pool", "plan", "stage", "stages", "day", "started_on", "state", "reason"),
    *("expected_finish_on", "ended", "ended_on", "shared"),
)

Rows = AsyncIterator[Sequence[Mapping[str, Any]]]


def _text(columns: Sequence[str]) -> Text:
    return Text("text/csv", b"".join(csv_lines(columns, ())).decode())


def add(router: APIRouter) -> None:
    _add_listings(router)
    _add_blocks(router)
    _add_warmups(router)


def _add_listings(router: APIRouter) -> None:
    @reads(router, "/exports/listings.csv", "exports.listings", "Listings, newest first", _text(_LISTING))
    async def listings(request: Request, viewer: Looks, customer: OfCustomer = None, since: Since = None) -> Response:
        """The columns are keys of `/listings`. It is sent while it is read, so its length is not known before."""
        app, (snapshot, of) = app_of(request), await _asked(request, viewer, customer)
        at = aware(since)

        async def rows() -> Rows:
            async for found in _slices(
                lambda before: app.store.listings_of(of, since=at, before=before, limit=_AT_ONCE)
            ):
                yield await listing_documents(app, snapshot, of, found)

        return _csv(_LISTING, rows())


def _add_blocks(router: APIRouter) -> None:
    @reads(router, "/exports/blocks.csv", "exports.blocks", "Blocks, throttles, findings, warnings", _text(_BLOCK))
    async def blocks(request: Request, viewer: Looks, customer: OfCustomer = None, since: Since = None) -> Response:
        """The columns are keys of `/blocks`. It is sent while it is read, so its length is not known before."""
        app, (snapshot, of) = app_of(request), await _asked(request, viewer, customer)
        at = aware(since)

        async def rows() -> Rows:
            async for found in _slices(
                lambda before: app.store.episodes_of(of, since=at, before=before, limit=_AT_ONCE)
            ):
                yield episode_documents(found, snapshot, of, app)

        return _csv(_BLOCK, rows())


def _add_warmups(router: APIRouter) -> None:
    @reads(router, "/exports/warmups.csv", "exports.warmups", "All warm-ups that ever were", _text(_WARMUP))
    async def warmups(request: Request, viewer: Looks, customer: OfCustomer = None) -> Response:
        """The columns are keys of `/warmups`."""
        app, (_, of) = app_of(request), await _asked(request, viewer, customer)

        async def rows() -> Rows:
            names = {each.id: each.name for each in app.providers.values()}
            yield [status_document(each, names) for each in await app.warmups.seen_by(of, ended=True)]

        return _csv(_WARMUP, rows())


async def _asked(request: Request, viewer: Viewer, customer: str | None) -> tuple[Snapshot, Customers]:
    snapshot = await app_of(request).desk.snapshot()
    return snapshot, whose(viewer, snapshot, customer)


async def _slices(read: Callable[[Place | None], Any]) -> AsyncIterator[Sequence[Any]]:
    """Of what is newest first by when it opened, and then by key."""
    before: Place | None = None
    while found := await read(before):
        yield found
        if len(found) < _AT_ONCE:
            return
        before = (found[-1].opened_at, found[-1].key)


def _csv(columns: Sequence[str], slices: Rows) -> Response:
    async def lines() -> AsyncIterator[bytes]:
        yield b"".join(csv_lines(columns, ()))
        async for rows in slices:
            _, *rest = csv_lines(columns, ([_cell(each[name]) for name in columns] for each in rows))
            yield b"".join(rest)

    return StreamingResponse(lines(), media_type=CSV_TYPE)


def _cell(value: Any) -> Cell:
    cell: Cell = value
    return cell
