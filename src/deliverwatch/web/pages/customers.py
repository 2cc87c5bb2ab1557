"""`/customers`: those that one sees; by name, or those with open trouble, the worst first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from deliverwatch.core.access import Viewer
from deliverwatch.core.desk.affected import Affected
from deliverwatch.core.inventory import Customer
from deliverwatch.render.tongue import marked
from deliverwatch.web.customers_seen import no_customers
from deliverwatch.web.doors import house, person
from deliverwatch.web.frame import page
from deliverwatch.web.trouble import open_trouble

_ON_A_PAGE = 100
SHOWN: Mapping[str, str] = {"all": marked("all, by name"), "affected": marked("affected, worst first")}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the filter says. `after`: the id of the last one on the page before."""

    words: str
    shown: str
    after: str

    @classmethod
    def of(cls, told: Mapping[str, str]) -> "Wanted":
        shown = told.get("show", "")
        return cls(told.get("q", "").strip()[:200], shown if shown in SHOWN else "all", told.get("after", ""))

    def address(self, after: str) -> str:
        told = {"q": self.words, "show": self.shown, "after": after}
        return f"/customers?{urlencode({name: value for name, value in told.items() if value})}"


@dataclass(frozen=True, slots=True)
class Row:
    """`assets`: addresses, ranges and domains of today, shared ones among them. `trouble` None: none that is known."""

    customer: Customer
    assets: int
    trouble: Affected | None


def add(router: APIRouter) -> None:
    @router.api_route("/customers", methods=["GET", "HEAD"])
    async def customers(request: Request, viewer: Annotated[Viewer, Depends(person())]) -> HTMLResponse:
        app, wanted = house(request).app, Wanted.of(request.query_params)
        snapshot = await app.desk.snapshot()
        troubles = {each.customer.id: each for each in (await open_trouble(app, viewer, snapshot)).affected}
        seen = await app.desk.customers(viewer)
        ordered = seen if wanted.shown == "all" else [each.customer for each in troubles.values()]
        found = [each for each in ordered if matches(each, wanted.words)]
        shown, more = _page_of(found, wanted.after)
        return page(
            request,
            "customers.html.j2",
            wanted=wanted,
            choices=SHOWN,
            all=len(seen),
            found=len(found),
            rows=[Row(each, len(snapshot.assets.get(each.id, ())), troubles.get(each.id)) for each in shown],
            next=wanted.address(shown[-1].id) if more else None,
            shares_at=snapshot.shares_at,
            no_customers=no_customers,
        )


def matches(customer: Customer, words: str) -> bool:
    """By a part of its name or id, or of its account manager's name or address."""
    sought = words.casefold()
    return any(
        sought in each.casefold() for each in (customer.name, customer.id, customer.tam.name, customer.tam.email)
    )


def _page_of(customers: Iterable[Customer], after: str) -> tuple[Sequence[Customer], bool]:
    """What stands after that one, or from the beginning where it is gone meanwhile; whether more follow."""
    listed = list(customers)
    begin = next((place for place, each in enumerate(listed, start=1) if each.id == after), 0)
    return listed[begin : begin + _ON_A_PAGE], len(listed) > begin + _ON_A_PAGE
