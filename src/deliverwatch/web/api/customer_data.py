"""What is kept of one customer, for them to take along; and forgetting them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from deliverwatch.render.customer_data_document import customer_data_document, forgotten_document
from deliverwatch.web.api.asking import Administers, app_of, record
from deliverwatch.web.api.customers import find
from deliverwatch.web.api.operations import acts, answer, reads
from deliverwatch.web.api.path_ids import CustomerId
from deliverwatch.web.api.shapes.inventory import CustomerDataShape, ForgottenShape


def add(router: APIRouter) -> None:
    @reads(router, "/customers/{customer_id}/data", "customers.data", "All that is kept of one", CustomerDataShape)
    async def data(customer_id: CustomerId, request: Request, viewer: Administers) -> Response:
        """As they may know it: of what they share, nothing that is others' to know."""
        customer, _ = await find(request, viewer, customer_id)
        await record(request, viewer, "customer.data", customer_id)
        app = app_of(request)
        names = {each.id: each.name for each in app.providers.values()}
        return answer(request, customer_data_document(await app.customers.data(customer), names))

    @acts(
        router,
        "/customers/{customer_id}",
        "customers.forget",
        "Forget one, for good",
        ForgottenShape,
        method="DELETE",
        headers=(),
    )
    async def forget(
        customer_id: CustomerId,
        request: Request,
        viewer: Administers,
        with_assets: Annotated[bool, Query(description="Also what they hold today; else that is refused.")] = False,
    ) -> Response:
        """What is theirs alone is deleted, what concerns others stays without them. The audit trail stays whole."""
        customer, _ = await find(request, viewer, customer_id)
        await record(request, viewer, "customer.forget", customer_id, with_assets=with_assets)
        return answer(
            request, forgotten_document(await app_of(request).customers.forget(customer, with_assets=with_assets))
        )
