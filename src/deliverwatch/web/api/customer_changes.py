"""What programs change of the inventory: a customer's own data, and many subjects at once."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Body, Path, Request, Response
from pydantic import AfterValidator, Field

from deliverwatch.catalogue.inventory import CustomerData, inventory_id
from deliverwatch.catalogue.inventory_rows import SubjectChange
from deliverwatch.core.access import Viewer
from deliverwatch.core.foreign_subjects import held_by_others
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.subject_changes import Change, SubjectRow
from deliverwatch.desk import Snapshot
from deliverwatch.render.customer_document import customer_document
from deliverwatch.render.inventory_changes import change_lines
from deliverwatch.web.api.asking import Administers, app_of, record
from deliverwatch.web.api.bodies import Body as Strict
from deliverwatch.web.api.bodies import example
from deliverwatch.web.api.customers import assets_of, find
from deliverwatch.web.api.idempotency import once
from deliverwatch.web.api.operations import acts, answer
from deliverwatch.web.api.path_ids import CustomerId
from deliverwatch.web.api.problems import Faulty
from deliverwatch.web.api.shapes.inventory import ChangesShape, WholeCustomerShape
from deliverwatch.web.doors import not_found

MOST_CHANGES = 10_000
_DECIDES = "who sees all customers decides about it"
_EXAMPLE = {
    "name": "Acme Ltd",
    "service_time_zone": "eastern",
    "language": "en",
    "tam": {"name": "Robin Doe", "email": "robin.doe@esp.example"},
    "contacts": ["postmaster@acme.example"],
}


class SubjectChanges(Strict):
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
    _add_put(router)
    _add_changes(router)


def _add_put(router: APIRouter) -> None:
    @acts(
        router,
        "/customers/{customer_id}",
        "customers.put",
        "Add one, or replace its data",
        WholeCustomerShape,
        method="PUT",
        headers=(),
    )
    async def put(
        customer_id: Annotated[
            str, AfterValidator(inventory_id), Path(description="As it is, or is to be, called.", examples=["acme"])
        ],
        data: Annotated[CustomerData, Body(examples=[_EXAMPLE])],
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


def _add_changes(router: APIRouter) -> None:
    @acts(
        router,
        "/customers/{customer_id}/subjects/changes",
        "customers.change-subjects",
        "Add, end or remove subjects, up to 10,000 at once",
        ChangesShape,
    )
    async def change(customer_id: CustomerId, body: SubjectChanges, request: Request, viewer: Administers) -> Response:
        """All rows are made or none, each fault is named with its row. Adding what is held tells it anew; removing ends
        with yesterday: nothing is deleted."""

        async def work() -> Response:
            customer, snapshot = await find(request, viewer, customer_id)
            rows = [each.row(customer_id) for each in body.changes]
            _refuse_others(rows, viewer, snapshot)
            if not body.dry_run:
                await record(request, viewer, "customer.change-subjects", customer_id, rows=len(rows))
            changed = await app_of(request).customers.change_subjects(customer, rows, dry_run=body.dry_run)
            return answer(request, _document(changed, body.dry_run))

        return await once(request, viewer, lambda: find(request, viewer, customer_id), work)


def _refuse_others(rows: Sequence[SubjectRow], viewer: Viewer, snapshot: Snapshot) -> None:
    """Who is bounded to some customers takes nothing from others. Raises Faulty, which does not say whose it is."""
    if viewer.customers is None:
        return
    added = [each.asset for each in rows if each.change is Change.ADD]
    taken = held_by_others(added, snapshot.inventory.assets, viewer.customers, snapshot.as_of.date())
    named = [(f"body.changes.{number}", row.asset.name) for number, row in enumerate(rows)]
    faults = [(place, f"{name} is, or holds, what is not yours: {_DECIDES}") for place, name in named if name in taken]
    if faults:
        raise Faulty(*faults)


def _document(change: InventoryChange, dry_run: bool) -> dict[str, object]:
    return {"dry_run": dry_run, "changes": [{"what": what, "name": name} for what, name in change_lines(change)]}
