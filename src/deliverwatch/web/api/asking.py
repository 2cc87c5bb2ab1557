"""Who asks, and whose data they ask for: one customer's, or all that they see."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Query, Request

from deliverwatch.app import App
from deliverwatch.core.access import Act, Viewer
from deliverwatch.desk import Snapshot
from deliverwatch.flows.desk_ports import Customers
from deliverwatch.web.doors import house, not_found, program
from deliverwatch.web.request_ids import request_id

Looks = Annotated[Viewer, Depends(program())]
Works = Annotated[Viewer, Depends(program(Act.WORK))]
Administers = Annotated[Viewer, Depends(program(Act.ADMINISTER))]
SeesEverything = Annotated[Viewer, Depends(program(everything=True))]
AdministersEverything = Annotated[Viewer, Depends(program(Act.ADMINISTER, everything=True))]

OfCustomer = Annotated[str | None, Query(max_length=64, description="Only of this one.", examples=["acme"])]


def app_of(request: Request) -> App:
    return house(request).app


def whose(viewer: Viewer, snapshot: Snapshot, customer: str | None) -> Customers:
    """None: everybody's. Raises 404 for a customer that there is not, or not for this viewer."""
    if customer is None:
        return viewer.customers
    if customer not in snapshot.customers or not viewer.sees(customer):
        raise not_found()
    return frozenset({customer})


def only(viewer: Viewer, of: Customers) -> Viewer:
    """Who is told no more than whoever answers for these."""
    return replace(viewer, customers=frozenset(of) if of is not None else None)


async def record(request: Request, viewer: Viewer, action: str, object_: str, **facts: object) -> None:
    """Into the audit trail, before it is done."""
    await app_of(request).access.record(viewer, action, object_, facts, request_id(request))
