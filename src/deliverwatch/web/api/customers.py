"""`/customers`: who they are, and what they hold."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from deliverwatch.core.access import Viewer
from deliverwatch.core.inventory import Asset, Customer
from deliverwatch.desk import Snapshot
from deliverwatch.render.customer_document import asset_document, customer_document
from deliverwatch.web.api.asking import Looks, app_of, whose
from deliverwatch.web.api.operations import answer, answer_page, reads
from deliverwatch.web.api.paging import Cursor, Limit, Page, page_of
from deliverwatch.web.api.path_ids import CustomerId
from deliverwatch.web.api.shapes.common import PageOf
from deliverwatch.web.api.shapes.inventory import AssetShape, CustomerShape, WholeCustomerShape


def add(router: APIRouter) -> None:
    @reads(router, "/customers", "customers.list", "Customers", PageOf[CustomerShape])
    async def every(request: Request, viewer: Looks, limit: Limit = 100, cursor: Cursor = None) -> Response:
        """In the order of their ids."""
        found = page_of(await app_of(request).desk.customers(viewer), cursor, limit, lambda each: each.id)
        return answer_page(request, Page([summary(each) for each in found.items], found.next))

    @reads(router, "/customers/{customer_id}", "customers.show", "One customer with its assets", WholeCustomerShape)
    async def one(customer_id: CustomerId, request: Request, viewer: Looks) -> Response:
        """With what it holds, ended holdings among them."""
        customer, snapshot = await find(request, viewer, customer_id)
        return answer(request, customer_document(customer, assets_of(customer_id, snapshot)))

    @reads(
        router,
        "/customers/{customer_id}/subjects",
        "customers.subjects",
        "What a customer holds or shares",
        PageOf[AssetShape],
    )
    async def subjects(
        customer_id: CustomerId,
        request: Request,
        viewer: Looks,
        ended: Annotated[bool, Query(description="Also what it does not hold today.")] = False,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """Its own, and what the ESP shares with it, in the order of their names."""
        _, snapshot = await find(request, viewer, customer_id)
        held = assets_of(customer_id, snapshot) if ended else snapshot.assets.get(customer_id, ())
        found = page_of(held, cursor, limit, _holding)
        return answer_page(request, Page([asset_document(each) for each in found.items], found.next))


async def find(request: Request, viewer: Viewer, customer_id: str) -> tuple[Customer, Snapshot]:
    """Raises 404."""
    snapshot = await app_of(request).desk.snapshot()
    whose(viewer, snapshot, customer_id)
    return snapshot.customers[customer_id], snapshot


def assets_of(customer_id: str, snapshot: Snapshot) -> list[Asset]:
    """Ended ones among them."""
    return [each for each in snapshot.inventory.assets if customer_id in each.parties]


def summary(customer: Customer) -> dict[str, Any]:
    document = customer_document(customer, ())
    del document["assets"]
    return document


def _holding(asset: Asset) -> str:
    """What a holding is known by, as text: a name is held again and again."""
    return f"{asset.name} {asset.holder or ''} {asset.from_on or ''}"
