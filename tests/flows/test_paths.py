"""Several resolvers: a list is asked through one on which it is well, and a bad one speaks for nobody."""

import pytest

from deliverwatch.core.events import EventKind
from deliverwatch.core.inventory import Asset
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import Watch
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.zone_health import Health
from deliverwatch.sandbox.zones import Mode, list_subject, zone_for
from deliverwatch.store import open_store
from flows.rounds import MovedClock, Worker, hold, lookups_through
from samples import NOON, SAMPLE_LIST

SUBJECT = parse_subject("192.0.2.10")
IPV6_POINT = "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"


@pytest.fixture
def zones():
    """What each of two resolvers thinks of the list."""
    return [zone_for(SAMPLE_LIST), zone_for(SAMPLE_LIST)]


@pytest.fixture
async def watch(tmp_path, start_nameserver, zones):
    lookups = lookups_through(*[await start_nameserver(zone) for zone in zones])
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    await hold(store)
    yield Worker(store, lookups, MovedClock(), SAMPLE_LIST)
    await store.close()


async def test_the_other_resolver_confirms_at_once(watch, zones):
    for zone in zones:
        list_subject(zone, SAMPLE_LIST, SUBJECT)
    await watch.hours()
    assert await watch.kinds() == {EventKind.LISTING_OPENED: 1}


async def test_a_resolver_that_failed_this_round_confirms_nothing_and_is_told_once(watch, zones):
    zones[0].mode = Mode.EMPTY
    list_subject(zones[1], SAMPLE_LIST, SUBJECT)
    for _ in range(2):
        cycle = await watch.hours()
        assert (cycle.verified, cycle.path) == (True, watch.lookups.paths[1])
    assert await watch.kinds() == {
        EventKind.LIST_FAILING: 1,
        EventKind.LIST_QUARANTINED: 1,
        EventKind.LISTING_OPENED: 1,  # through the good one alone, after the time to live
    }


async def test_a_resolver_that_comes_back_does_not_blind_the_list(watch, zones):
    zones[0].mode = Mode.EMPTY
    for _ in range(2):
        await watch.hours()
    zones[0].mode = Mode.NORMAL
    bad, good = watch.lookups.paths
    for wanted in (good, good, bad):
        cycle = await watch.hours()
        assert (cycle.verified, cycle.path) == (True, wanted)
    assert (await watch.store.zone_states())["sample", bad].health is Health.HEALTHY


async def test_a_kind_whose_test_points_fail_blinds_no_other_kind(watch, zones):
    await watch.store.apply_inventory(InventoryChange(assets_added=(Asset("2001:db8::10", "acme"),)), NOON)
    for zone in zones:
        zone.unlist(IPV6_POINT)
    for _ in range(2):
        await watch.hours()
    for zone in zones:
        list_subject(zone, SAMPLE_LIST, SUBJECT)
        list_subject(zone, SAMPLE_LIST, parse_subject("2001:db8::10"))
    for _ in range(3):
        await watch.hours()
    assert [listing.subject for listing in await watch.store.listings()] == [SUBJECT]


async def test_a_resolver_that_lies_for_days_hides_no_listing_on_the_other(watch, zones):
    zones[0].mode = Mode.LISTS_THE_WORLD
    await watch.hours(3)
    list_subject(zones[1], SAMPLE_LIST, SUBJECT)
    await watch.hours(3)
    assert [listing.subject for listing in await watch.store.listings(open_only=True)] == [SUBJECT]
    state = (await watch.store.watch_states())[Watch("sample", SUBJECT)]
    assert not state.doubted
