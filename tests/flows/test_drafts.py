"""One draft that cannot be made holds up no other; on a real store."""

import pytest

from contract.store_values import IPV4, IPV6, MINUTE, NOON, open_listing
from core.remediation_samples import REQUESTER, form
from deliverwatch.core.errors import ConfigError, Fault
from deliverwatch.core.inventory import Asset, ServiceZone
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import Watch
from deliverwatch.core.provider import ProviderDirectory
from deliverwatch.core.remediation.addressee import FormDirectory, MailHosts
from deliverwatch.flows.draft_desk import DraftDesk
from deliverwatch.flows.prepare_drafts import prepare_drafts
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.store import open_store
from samples import SAMPLE_LIST, customer


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield store
    await store.close()


async def no_hosts(domain):
    return MailHosts(domain, ())


async def test_a_draft_that_cannot_be_made_is_told_after_the_others_are_made(store):
    change = InventoryChange(
        customers_added=(customer("acme"), customer("bravo", ServiceZone.UK)),
        assets_added=(Asset(IPV4.value, "acme"), Asset(IPV6.value, "bravo")),
    )
    await store.apply_inventory(change, NOON)
    await open_listing(store, NOON, Watch("sample", IPV4))
    await open_listing(store, NOON + MINUTE, Watch("sample", IPV6))
    first, second = await store.undrafted_listings()
    broken = ServiceZone.EASTERN if first.subject == IPV4 else ServiceZone.UK

    def due_at(zones, now):
        if broken in zones:
            raise ConfigError(Fault("", "calendar", "no service hours"))
        return now

    desk = DraftDesk(
        FormDirectory.of((form("list-operator"), form("postmaster-letter"))),
        {"sample": SAMPLE_LIST},
        ProviderDirectory.of(()),
        REQUESTER,
        lambda *_: "Please.\n",
        lambda result: "mend it",
        no_hosts,
        due_at,
        lambda draft, step, now: ((), {}),
    )
    for _ in range(2):
        with pytest.raises(ConfigError, match="no service hours"):
            await prepare_drafts(store, desk, SteppedClock(NOON))
        assert [draft.subjects for draft in await store.drafts()] == [(second.subject.value,)]
