"""What programs change of the inventory: a customer's own data, and many subjects at once."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import AfterValidator, Field

from deliverwatch.catalogue.inventory import CustomerData, inventory_id
from deliverwatch.catalogue.inventory_rows import SubjectChange
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.render.customer_document import customer_document
from deliverwatch.render.inventory_changes import change_lines
from deliverwatch.web.api.asking import Administers, app_of, record
from deliverwatch.web.api.bodies import Body, example
from deliverwatch.web.api.customers import assets_of, find
from deliverwatch.web.api.idempotency import once
from deliverwatch.web.api.operations import acts, answer
from deliverwatch.web.api.shapes.inventory import ChangesShape, WholeCustomerShape
from deliverwatch.web.doors import not_found

MOST_CHANGES = 10_000


class SubjectChanges(Body):
    """All of them are made, or none."""

    model_config = example(changes=[{"change": "add", "name": "192.0.2.10", "pool": "acme-news"}], dry_run=True)

    changes: Annotated[
        list[SubjectChange],
        Field(
            min_length=1,
            max_length=MOST_CHANGES,
            examples=[[{"change": "add", "name": "192.0.2.10", "pool": "acme-news"}]],
        ),
    ]
    dry_run: Annotated[bool, Field(description="Say what would change, and change nothing.")] = False


def add(router: APIRouter) -> None:
    @acts(
        router,
        "/customers/{customer_id}",
        "customers.put",
        "Add one, or replace its data",
        WholeCustomerShape,
        method="PUT",
    )
    async def put(
        customer_id: Annotated[str, AfterValidator(inventory_id), Path(examples=["acme"])],
        data: CustomerData,
        request: Request,
        viewer: Administers,
    ) -> Response:
        """Its own data; what it holds stays as it is."""
        if not viewer.sees(customer_id):
            raise not_found()
        customer = data.customer(customer_id)
        await record(request, viewer, "customer.put", customer_id, name=customer.name)
        await app_of(request).customers.keep(customer)
        snapshot = await app_of(request).desk.snapshot()
        return answer(request, customer_document(customer, assets_of(customer_id, snapshot)))

    @acts(
        router,
        "/customers/{customer_id}/subjects/changes",
        "customers.change-subjects",
        "Add, end or remove subjects, up to 10,000 at once",
        ChangesShape,
    )
    async def change(customer_id: str, body: SubjectChanges, request: Request, viewer: Administers) -> Response:
        """All rows are made or none, each fault is named with its row. Adding what is held tells it anew; removing ends
        with yesterday: nothing is deleted."""

        async def work() -> Response:
            customer, _ = await find(request, viewer, customer_id)
            rows = [each.row(customer_id) for each in body.changes]
            if not body.dry_run:
                await record(request, viewer, "customer.change-subjects", customer_id, rows=len(rows))
            changed = await app_of(request).customers.change_subjects(customer, rows, dry_run=body.dry_run)
            return answer(request, _document(changed, body.dry_run))

        return await once(request, viewer, work)


def _document(change: InventoryChange, dry_run: bool) -> dict[str, object]:
    return {"dry_run": dry_run, "changes": [{"what": what, "name": name} for what, name in change_lines(change)]}
