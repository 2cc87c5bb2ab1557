"""A real store with one customer, an hour before their report is due."""

import shutil

import pytest

from deliverwatch.core.inventory import Asset
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.flows.send_reports import send_due_reports
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.store import open_store
from reporting.values import ACME, DESK, DUE_AT, HOUR, MONTHS_BEFORE


@pytest.fixture
def clock():
    return SteppedClock(DUE_AT - HOUR)


@pytest.fixture(scope="session")
def made_file(tmp_path_factory):
    """A database with its tables: making them takes longer than most of these tests."""
    path = tmp_path_factory.mktemp("made") / "store.db"
    open_store(f"sqlite:///{path}").shut()
    return path


@pytest.fixture
async def store(tmp_path, made_file):
    store = open_store(f"sqlite:///{shutil.copy(made_file, tmp_path / 'store.db')}")
    held = Asset("192.0.2.8/29", "acme")
    await store.apply_inventory(InventoryChange(customers_added=(ACME,), assets_added=(held,)), MONTHS_BEFORE)
    yield store
    await store.close()


@pytest.fixture
async def sent(store, clock):
    """The report of the week."""
    clock.advance(2 * HOUR)
    assert await send_due_reports(store, DESK, clock) == 1
    return (await store.reports())[0]
