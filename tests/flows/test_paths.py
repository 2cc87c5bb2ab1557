"""Several resolvers: a list is asked through one on which it is well, and a bad one speaks for nobody."""

from datetime import timedelta

import pytest

from deliverwatch.core.events import EventKind
from deliverwatch.core.inventory import Asset
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.zone_health import Health
from deliverwatch.flows.check_blocklists import RoundPolicy
from deliverwatch.flows.run_rounds import Watchlist, due_rounds, run_round
from deliverwatch.lookup.aiodns_resolver import AiodnsLookups
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.sandbox.zones import Mode, list_subject, zone_for
from deliverwatch.store import open_store
from samples import INVENTORY, NOON, SAMPLE_LIST

HOUR = timedelta(hours=1)
SUBJECT = parse_subject("192.0.2.10")
IPV6_POINT = "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"


class Watch:
    """One installation with two resolvers, each with its own idea of the list."""

    def __init__(self, store, lookups, zones):
        self.store, self.lookups, self.zones = store, lookups, zones
        self.clock = SteppedClock(NOON)
        self._watchlist = Watchlist(
            (SAMPLE_LIST,), {"sample": HOUR}, ("ops@esp.example",), RoundPolicy(), timedelta(minutes=15)
        )

    async def hour(self):
        self.clock.advance(HOUR)
        (due,) = await due_rounds(self.store, self._watchlist, self.clock, {})
        return await run_round(self.store, self.lookups, self.clock, self._watchlist, due)

    async def kinds(self):
        return [event.kind for event in await self.store.events()]


@pytest.fixture
async def watch(tmp_path, start_nameserver):
    zones = [zone_for(SAMPLE_LIST), zone_for(SAMPLE_LIST)]
    servers = [await start_nameserver(zone) for zone in zones]
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    change = InventoryChange(customers_added=INVENTORY.customers, assets_added=INVENTORY.assets)
    await store.apply_inventory(change, NOON)
    lookups = AiodnsLookups([server.address for server in servers], timeout_for=timedelta(milliseconds=600))
    yield Watch(store, lookups, zones)
    await store.close()


async def test_the_other_resolver_confirms_at_once(watch):
    for zone in watch.zones:
        list_subject(zone, SAMPLE_LIST, SUBJECT)
    await watch.hour()
    assert await watch.kinds() == [EventKind.LISTING_OPENED]


async def test_a_resolver_that_failed_this_round_confirms_nothing_and_is_told_once(watch):
    watch.zones[0].mode = Mode.EMPTY
    list_subject(watch.zones[1], SAMPLE_LIST, SUBJECT)
    for _ in range(2):
        cycle = await watch.hour()
        assert (cycle.verified, cycle.path) == (True, watch.lookups.paths[1])
    assert sorted(await watch.kinds()) == [
        EventKind.LIST_FAILING,
        EventKind.LIST_QUARANTINED,
        EventKind.LISTING_OPENED,  # through the good one alone, after the time to live
    ]


async def test_a_resolver_that_comes_back_does_not_blind_the_list(watch):
    watch.zones[0].mode = Mode.EMPTY
    for _ in range(2):
        await watch.hour()
    watch.zones[0].mode = Mode.NORMAL
    bad, good = watch.lookups.paths
    for wanted in (good, good, bad):
        cycle = await watch.hour()
        assert (cycle.verified, cycle.path) == (True, wanted)
    assert (await watch.store.zone_states())["sample", bad].health is Health.HEALTHY


async def test_a_quarantined_list_opens_nothing_though_one_kind_passes(watch):
    await watch.store.apply_inventory(InventoryChange(assets_added=(Asset("2001:db8::10", "acme"),)), NOON)
    for zone in watch.zones:
        zone.unlist(IPV6_POINT)
    for _ in range(2):
        await watch.hour()
    for zone in watch.zones:
        list_subject(zone, SAMPLE_LIST, SUBJECT)
    for _ in range(3):
        await watch.hour()
    assert EventKind.LISTING_OPENED not in await watch.kinds()
