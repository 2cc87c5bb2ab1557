"""What was listed before we looked is told as that, through real rounds."""

import pytest

from deliverwatch.core.events import EventKind
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.subjects import parse_subject
from deliverwatch.sandbox.zones import list_subject, zone_for
from deliverwatch.store import open_store
from flows.rounds import MovedClock, Worker, hold, lookups_through
from samples import SAMPLE_LIST, customer

OLD, LATER, NEW = "192.0.2.10", "192.0.2.11", "198.51.100.7"
HELD = Inventory((customer("acme"),), (Asset(OLD, "acme"), Asset(LATER, "acme")))


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    await hold(store, HELD)
    yield store
    await store.close()


async def test_only_what_the_first_look_at_a_watch_found_was_there_already(store, start_nameserver):
    zone = zone_for(SAMPLE_LIST)
    worker = Worker(store, lookups_through(await start_nameserver(zone)), MovedClock(), SAMPLE_LIST)
    list_subject(zone, SAMPLE_LIST, parse_subject(OLD))
    await worker.hours(3)
    list_subject(zone, SAMPLE_LIST, parse_subject(LATER))
    await worker.hours(3)
    list_subject(zone, SAMPLE_LIST, parse_subject(NEW))
    await store.apply_inventory(InventoryChange(assets_added=(Asset(NEW, "acme"),)), worker.clock.now())
    await worker.hours(3)
    opened = await store.events([EventKind.LISTING_OPENED])
    found = {event.subject.value: event.facts.get("first_look", False) for event in opened}
    assert found == {OLD: True, LATER: False, NEW: True}
