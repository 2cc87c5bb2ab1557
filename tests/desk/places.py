"""Every address of the desk: its routes as the application has them, and examples of each in the sandbox's week."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fastapi import FastAPI
from fastapi.routing import APIRoute

from deliverwatch.core.remediation.draft import DraftState
from deliverwatch.web.house import House

FOR_PROGRAMS = ("/api/", "/ingest/", "/healthz", "/readyz", "/metrics")
NO_PAGES = ("/sign-in/provider", ".txt", ".md", ".eml", ".csv", "/as-sent", "/text")
"""What goes elsewhere, is a file, or is a report as it was sent, which stands in a page of ours."""


class Route(NamedTuple):
    method: str
    path: str


def routes(app: FastAPI) -> list[Route]:
    return sorted({Route(method, path) for path, methods in _all(app.routes) for method in methods - {"HEAD"}})


def _all(found) -> Iterator[tuple[str, set[str]]]:
    for each in found:
        if isinstance(each, APIRoute):
            yield each.path, each.methods
        elif hasattr(each, "effective_candidates"):
            yield from _all(each.effective_candidates())
        elif hasattr(each, "original_route"):
            yield each.path, each.methods


def pages(app: FastAPI) -> list[str]:
    """The addresses, with places in them, of all that is looked at."""
    paths = [path for method, path in routes(app) if method == "GET" and not path.startswith(FOR_PROGRAMS)]
    return [path for path in paths if not any(each in path for each in NO_PAGES)]


async def examples(house: House, customer: str) -> Mapping[str, str | None]:
    """What stands for the places in addresses, by name: of one customer, or of the installation. None: it has none."""
    store = house.app.store
    asked = await store.drafts(customer=customer)
    waiting = [each for each in asked if each.state is DraftState.PREPARED]
    (alert, *_) = await store.alerts(customer=customer)
    (report, *_) = await store.report_heads([customer])
    (account, *_) = await store.accounts()
    return {
        "customer_id": customer,
        "draft_id": next((each.id for each in (*waiting, *asked)), None),
        "list_id": "spamhaus-zen",
        "number": str(alert.numbered.id),
        "report_id": report.id,
        "ip": await _warming(house, customer),
        "id_": account.account.id,
    }


async def _warming(house: House, customer: str) -> str | None:
    runs = [each for each in await house.app.store.warmups() if each.customer == customer]
    return runs[0].ip if runs else None
