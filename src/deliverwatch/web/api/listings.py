"""`/listings`: subjects on lists, from when until when."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from deliverwatch.app import App
from deliverwatch.core.desk.listings_seen import listings_of_these
from deliverwatch.core.listing import Listing
from deliverwatch.desk import Snapshot
from deliverwatch.flows.desk_ports import Customers
from deliverwatch.render.listing_document import listing_document
from deliverwatch.web.api.asking import Looks, OfCustomer, app_of, whose
from deliverwatch.web.api.operations import answer_page, reads
from deliverwatch.web.api.paging import Cursor, Limit, Page, by_time, cut, time_place
from deliverwatch.web.api.problems import Faulty
from deliverwatch.web.api.shapes.common import PageOf
from deliverwatch.web.api.shapes.episodes import ListingShape

OpenOnly = Annotated[bool, Query(description="Only what is open now.")]
Since = Annotated[
    datetime | None, Query(description="Open then or later; with its zone.", examples=["2026-11-01T00:00:00Z"])
]


def add(router: APIRouter) -> None:
    @reads(router, "/listings", "listings.list", "Listings, newest first", PageOf[ListingShape])
    async def every(
        request: Request,
        viewer: Looks,
        customer: OfCustomer = None,
        open: OpenOnly = False,
        list: Annotated[str | None, Query(max_length=64, description="Only on this one.", examples=["psbl"])] = None,
        since: Since = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """Of one customer, or of some: cut to the time in which the asset was theirs, so that a page may hold fewer
        than `limit`, or none, and have a next one all the same."""
        app = app_of(request)
        snapshot = await app.desk.snapshot()
        of = whose(viewer, snapshot, customer)
        found = await app.store.listings_of(
            of, open_only=open, list_id=list, since=aware(since), before=time_place(cursor), limit=limit + 1
        )
        page = cut(found, limit, lambda each: by_time(each.opened_at, each.key))
        shown = await listing_documents(app, snapshot, of, page.items)
        return answer_page(request, Page([each for each in shown if not open or each["closed_at"] is None], page.next))


async def listing_documents(
    app: App, snapshot: Snapshot, of: Customers, listings: Sequence[Listing]
) -> list[dict[str, Any]]:
    causes = await app.store.causes_of([each.key for each in listings])
    seen = listings_of_these(of, snapshot.holdings, listings, app.clock.now())
    return [
        listing_document(each.listing, each.cause(causes.get(each.listing.key)), each.share(snapshot.shares))
        for each in seen
    ]


def aware(at: datetime | None) -> datetime | None:
    """In UTC. Raises Faulty for a time without a zone, or far from any that can be meant."""
    if at is None:
        return None
    if at.tzinfo is None or not 1900 < at.year < 3000:
        raise Faulty(("query.since", "expected a time with its zone: 2026-11-01T00:00:00Z"))
    return at.astimezone(UTC)
