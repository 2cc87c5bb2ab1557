"""Every address of the desk: its routes as the application has them, and examples of each in the sandbox's week."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote

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


def filled(path: str, values: Mapping[str, str | None]) -> str | None:
    """None: there is no such thing."""
    wanted = re.findall(r"{(\w+)}", path)
    if any(values.get(each) is None for each in wanted):
        return None
    return re.sub(r"{(\w+)}", lambda place: quote(values[place[1]] or "", safe=""), path)


async def examples(house: House, customer: str) -> Mapping[str, str | None]:
    """What stands for the places in addresses, by name: of one customer, or of the installation. None: it has none."""
    store = house.app.store
    asked = await store.drafts(customer=customer)
    waiting = [each for each in asked if each.state is DraftState.PREPARED]
    alerts = await store.alerts(customer=customer)
    reports = await store.report_heads([customer])
    accounts = await store.accounts()
    return {
        "customer_id": customer,
        "draft_id": next((each.id for each in (*waiting, *asked)), None),
        "list_id": "spamhaus-zen",
        "number": next((str(each.numbered.id) for each in alerts), None),
        "report_id": next((each.id for each in reports), None),
        "ip": await _warming(house, customer),
        "id_": next((each.account.id for each in accounts), None),
    }


async def _warming(house: House, customer: str) -> str | None:
    runs = [each for each in await house.app.store.warmups() if each.customer == customer]
    return runs[0].ip if runs else None
