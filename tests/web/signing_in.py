"""A house with a real store, and ways into it: what tests of pages and of the API begin with."""

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path

from deliverwatch.app import App
from deliverwatch.core.access import Account, Role, Scope
from deliverwatch.core.audit import Deed
from deliverwatch.core.inventory import Inventory
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.flows.access_ports import Session
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.settings import load_settings
from deliverwatch.store import open_store
from deliverwatch.web.doors import cookie_name
from deliverwatch.web.house import House

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
"""A Wednesday."""
ORIGIN = "http://127.0.0.1:8080"
FROM_US = {"Sec-Fetch-Site": "same-origin"}
"""What browsers say of a form on our own page."""
_TICK_AT_MOST = timedelta(seconds=45)
_numbers = count(1)


async def open_house(tmp_path, inventory=Inventory(), *, clock=None, settings=""):  # noqa: B008 - frozen
    """A House on a new SQLite file. Close it with `await house.app.store.close()`. `settings`: TOML, more than there
    must be."""
    clock = clock or SteppedClock(NOON)
    shutil.copy(_made(), tmp_path / "house.db")
    config = tmp_path / "deliverwatch.toml"
    config.write_text(settings + f'\n[store]\nurl = "sqlite:///{tmp_path / "house.db"}"\n', encoding="utf-8")
    app = App.open(load_settings(config, {}), clock)
    change = InventoryChange(customers_added=inventory.customers, assets_added=inventory.assets)
    await app.store.apply_inventory(change, clock.now() - timedelta(days=30))
    return House(app, lambda: clock.now(), _TICK_AT_MOST)


@cache
def _made():
    """A database with its tables: making them takes longer than most tests."""
    path = Path(tempfile.mkdtemp(prefix="deliverwatch-house-")) / "made.db"
    open_store(f"sqlite:///{path}").shut()
    return path


async def add_account(house, *, role=Role.OPERATOR, sees_all=True, email="", name=None, password=None, **more):
    """Its KeptAccount. Without a password, which takes a while to be hashed, it cannot sign in by the form."""
    name = name or f"{role}-{next(_numbers)}"
    return await house.app.access.add_account(Account("", name, role, email, sees_all, **more), password, "test")


async def sign_in(client, house, *, role=Role.OPERATOR, sees_all=True, email="", **more):
    """The client has the cookie of a new account's session from here on, and says of its forms that they are ours."""
    kept = await add_account(house, role=role, sees_all=sees_all, email=email, **more)
    await start_session(client, house, kept)
    return kept


async def start_session(client, house, kept):
    number, now = next(_numbers), house.app.clock.now()
    secret = f"secret-{number}"
    digest = sha256(secret.encode()).hexdigest()
    session = Session(
        f"s{number}", digest, kept.account.id, now, now, now + timedelta(hours=24), "192.0.2.1", "Browser"
    )
    await house.app.store.start_session(session, Deed(now, kept.account.name, "sign-in", kept.account.id, {}))
    client.cookies.clear()
    client.cookies.set(cookie_name(house), secret)
    client.headers.update(FROM_US)


async def token(house, scope=Scope.READ, customers=None, *, role=Role.OPERATOR, sees_all=True, email="", days=30):
    """Headers for requests to the API. `customers`: ids that it is bounded to."""
    kept = await add_account(house, role=role, sees_all=sees_all, email=email)
    bounds = frozenset(customers) if customers is not None else None
    _, text = await house.app.access.add_token(kept.account.id, "test", scope, bounds, days, "test")
    return {"Authorization": f"Bearer {text}"}
