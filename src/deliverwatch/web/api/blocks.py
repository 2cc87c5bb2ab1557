"""`/blocks` and `/warnings`: what mailbox providers do with our senders' mail, and what comes before."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from deliverwatch.app import App
from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.episode_ids import episode_id
from deliverwatch.core.episodes_seen import customers_of, episodes_of_these
from deliverwatch.desk import Snapshot
from deliverwatch.flows.desk_ports import Customers
from deliverwatch.render.episode_document import episode_document
from deliverwatch.web.api.asking import Looks, OfCustomer, Works, app_of, record, whose
from deliverwatch.web.api.bodies import WithReason
from deliverwatch.web.api.idempotency import once
from deliverwatch.web.api.listings import OpenOnly, Since, aware
from deliverwatch.web.api.operations import acts, answer, answer_page, reads
from deliverwatch.web.api.paging import Cursor, Limit, Page, by_time, cut, time_place
from deliverwatch.web.api.path_ids import BlockId
from deliverwatch.web.api.shapes.common import PageOf
from deliverwatch.web.api.shapes.episodes import EpisodeShape
from deliverwatch.web.doors import not_found

Documents = list[dict[str, Any]]


def add(router: APIRouter) -> None:
    @reads(router, "/blocks", "blocks.list", "Blocks, throttles, findings, warnings", PageOf[EpisodeShape])
    async def every(
        request: Request,
        viewer: Looks,
        customer: OfCustomer = None,
        open: OpenOnly = False,
        kind: Annotated[EpisodeKind | None, Query(description="Only of this one.")] = None,
        since: Since = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """Newest first. Of a sender that others use as well, what holds for the whole of it."""
        snapshot = await app_of(request).desk.snapshot()
        of = whose(viewer, snapshot, customer)
        filters = {"kinds": [kind] if kind is not None else [], "open_only": open, "since": aware(since)}
        return answer_page(request, await _page(app_of(request), snapshot, of, limit, cursor, **filters))

    _add_warnings(router)
    _add_close(router)


def _add_warnings(router: APIRouter) -> None:
    @reads(router, "/warnings", "blocks.warnings", "Early warnings, newest first", PageOf[EpisodeShape])
    async def warnings(
        request: Request,
        viewer: Looks,
        customer: OfCustomer = None,
        open: OpenOnly = True,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """What tends to come before a block. `/blocks` has them too."""
        snapshot = await app_of(request).desk.snapshot()
        of, filters = whose(viewer, snapshot, customer), {"kinds": [EpisodeKind.WARNING], "open_only": open}
        return answer_page(request, await _page(app_of(request), snapshot, of, limit, cursor, **filters))


def _add_close(router: APIRouter) -> None:
    @acts(router, "/blocks/{block_id}/close", "blocks.close", "End one by hand", EpisodeShape)
    async def close(block_id: BlockId, body: WithReason, request: Request, viewer: Works) -> Response:
        """For what is over and does not end by itself, since nobody measures whether mail is accepted."""
        app = app_of(request)

        async def may() -> None:
            await _refuse_others(app, viewer.customers, await _found(app, viewer.customers, block_id))

        async def work() -> Response:
            snapshot = await app.desk.snapshot()
            block = await _found(app, viewer.customers, block_id, open_only=True)
            await _refuse_others(app, viewer.customers, block)
            await record(request, viewer, "block.close", block_id, reason=body.reason)
            closed = await app.close_episode(block_id, body.reason)
            return answer(request, episode_documents([closed], snapshot, viewer.customers, app)[0])

        return await once(request, viewer, may, work)


async def _page(
    app: App, snapshot: Snapshot, of: Customers, limit: int, cursor: str | None, **filters: Any
) -> Page[dict[str, Any]]:
    found = await app.store.episodes_of(of, before=time_place(cursor), limit=limit + 1, **filters)
    page = cut(found, limit, lambda each: by_time(each.opened_at, each.key))
    return Page(episode_documents(page.items, snapshot, of, app), page.next)


def episode_documents(episodes: Sequence[Episode], snapshot: Snapshot, of: Customers, app: App) -> Documents:
    if of is None:
        return [episode_document(each, customers_of(each, snapshot.holdings)) for each in episodes]
    seen = episodes_of_these(of, snapshot.holdings, episodes, app.clock.now())
    return [episode_document(each, customers) for each, customers in seen]


async def _found(app: App, of: Customers, block_id: str, *, open_only: bool = False) -> Episode:
    """Raises 404."""
    found = await app.store.episodes_of(of, open_only=open_only, limit=_ALL)
    episode = next((each for each in found if episode_id(each) == block_id), None)
    if episode is None:
        raise not_found()
    return episode


_ALL = 1_000_000


async def _refuse_others(app: App, of: Customers, episode: Episode) -> None:
    """What others use as well is not for one customer's people to end. Raises 404."""
    snapshot = await app.desk.snapshot()
    if of is not None and not set(customers_of(episode, snapshot.holdings)) <= set(of):
        raise not_found()
