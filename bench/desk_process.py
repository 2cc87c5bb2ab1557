"""The desk's pages over a store of two years, in a process of its own. Prints JSON.

Every page that the application has is asked for, as by a browser, straight through its ASGI layers: by a TAM who sees
all customers and by one who sees twenty, or by an operator where TAMs are not let in. What is measured is the CPU time
of this process, the store's thread with it, and of the one PostgreSQL process that works for it.
"""

import argparse
import asyncio
import json
import os
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
from fastapi import APIRouter
from fastapi.routing import APIRoute
from sqlalchemy import Connection, text

from deliverwatch.app import App
from deliverwatch.core.access import Account, Role
from deliverwatch.core.audit import Deed
from deliverwatch.flows.access_ports import Session
from deliverwatch.web.application import create_app
from deliverwatch.web.doors import cookie_name
from deliverwatch.web.house import House
from deliverwatch.web.pages import PAGES
from desk_history import address, id_of, tam_email
from report_store import NOW, Monday, settings

_TIMES = 9
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_QUERIES = {"/search": {"q": "198.18.0."}}
_VIEWERS = {"all": (Role.TAM, True), "own": (Role.TAM, False), "operator": (Role.OPERATOR, True)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("url")
    given = parser.parse_args()
    app = App.open(settings(given.folder, given.url), Monday())
    print(json.dumps(asyncio.run(_ask_all(app))))


async def _ask_all(app: App) -> list[dict[str, Any]]:
    house = House(app, lambda: NOW, timedelta(seconds=45))
    names = await _names(app)
    backend = await app.store._run(_backend)  # type: ignore[attr-defined]
    found: list[dict[str, Any]] = []
    transport = httpx.ASGITransport(create_app(house), raise_app_exceptions=False)
    for viewer, (role, sees_all) in _VIEWERS.items():
        cookies = {cookie_name(house): await _sign_in(app, role, sees_all)}
        async with httpx.AsyncClient(transport=transport, base_url="https://desk.example", cookies=cookies) as client:
            for path in _paths():
                if viewer != "operator" or path not in {each["path"] for each in found}:
                    found += await _ask(client, viewer, path, names, backend)
    await app.store.close()
    return found


def _paths() -> Iterator[str]:
    router = APIRouter()
    for page in PAGES:
        page.add(router)
    for route in router.routes:
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
            yield route.path


async def _names(app: App) -> dict[str, str]:
    """What stands in the places of the paths: of the customer who has most. A place that is not here is an error, so
    that no page is left out."""
    own = id_of(0)
    drafts = await app.store.draft_heads({own}, limit=1)
    events = await app.store.events_of({own}, limit=1)
    account = await app.access.add_account(Account("", "reader", Role.READ_ONLY, "", True), None, "bench")
    return {
        "customer_id": own,
        "report_id": "report-0-0",
        "draft_id": drafts[0].id,
        "number": str(events[0].id),
        "list_id": app.catalogue.live[0].id,
        "ip": address(0, 0),
        "id_": account.account.id,
    }


async def _sign_in(app: App, role: Role, sees_all: bool) -> str:
    """The secret of a session; half of the events of a day are new to it."""
    name = f"{role}-{sees_all}"
    kept = await app.access.add_account(Account("", name, role, tam_email(0), sees_all), None, "bench")
    await app.store.looked(kept.account.id, NOW - timedelta(hours=12))
    digest, ends_at = sha256(name.encode()).hexdigest(), NOW + timedelta(hours=24)
    session = Session(name, digest, kept.account.id, NOW, NOW, ends_at, "192.0.2.1", "Browser")
    await app.store.start_session(session, Deed(NOW, name, "sign-in", kept.account.id, {}))
    return name


async def _ask(
    client: httpx.AsyncClient, viewer: str, path: str, names: dict[str, str], backend: int | None
) -> list[dict[str, Any]]:
    """Nothing, where whoever asks is not let in."""
    address_of, query = path.format(**names), _QUERIES.get(path)
    answer = await client.get(address_of, params=query)
    if answer.status_code in (403, 404):
        return []
    if answer.status_code != 200:
        return [{"path": path, "viewer": viewer, "status": answer.status_code, "ms": 0.0, "octets": 0}]
    spent = []
    began = _ticks(backend)
    for _ in range(_TIMES):
        before = time.process_time()
        answer = await client.get(address_of, params=query)
        spent.append(time.process_time() - before)
    theirs = (_ticks(backend) - began) * _TICK_S / _TIMES
    octets = len(answer.content)
    ms = (statistics.median(spent) + theirs) * 1000
    return [{"path": path, "viewer": viewer, "status": 200, "ms": ms, "database_ms": theirs * 1000, "octets": octets}]


def _backend(connection: Connection) -> int | None:
    """Whoever works for the store, where that is another process."""
    if connection.dialect.name == "sqlite":
        return None
    number: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    return number


def _ticks(process: int | None) -> int:
    """CPU time so far, of user and system (proc(5))."""
    if process is None:
        return 0
    spent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(spent[11]) + int(spent[12])


if __name__ == "__main__":
    main()
