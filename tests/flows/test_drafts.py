"""Drafts for open listings; on a real store."""

import pytest

from contract.store_values import IPV4, IPV6, MINUTE, NOON, open_listing
from deliverwatch.core.errors import ConfigError, Fault
from deliverwatch.core.inventory import Asset, ServiceZone
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import Watch
from deliverwatch.core.remediation import Form, Requester
from deliverwatch.flows.prepare_drafts import DraftDesk, prepare_drafts
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.store import open_store
from samples import SAMPLE_LIST, customer

FORM = Form("list-operator", "Removal", (), "", "0", "2026-11-22", "made for the tests")


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield store
    await store.close()


async def test_a_draft_that_cannot_be_made_is_told_after_the_others_are_made(store):
    change = InventoryChange(
        customers_added=(customer("acme"), customer("bravo", ServiceZone.UK)),
        assets_added=(Asset(IPV4.value, "acme"), Asset(IPV6.value, "bravo")),
    )
    await store.apply_inventory(change, NOON)
    await open_listing(store, NOON, Watch("sample", IPV4))
    await open_listing(store, NOON + MINUTE, Watch("sample", IPV6))
    without = [listing.subject for listing in await store.listings_without_draft()]
    broken = ServiceZone.EASTERN if without[0] == IPV4 else ServiceZone.UK

    def due_at(zones, now):
        if broken in zones:
            raise ConfigError(Fault("", "calendar", "no service hours"))
        return now

    desk = DraftDesk(FORM, {"sample": SAMPLE_LIST}, Requester(), lambda form, facts, way: "Please.", due_at)
    with pytest.raises(ConfigError, match="no service hours"):
        await prepare_drafts(store, desk, SteppedClock(NOON))
    assert [draft.subjects for draft in await store.drafts()] == [(without[1].value,)]
