"""Which lists are asked when, and that rounds over one list never cross; on a real store and real look-ups."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import Phase
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.flows.check_blocklists import RoundPolicy
from deliverwatch.flows.run_rounds import Watchlist, due_rounds, run_round
from deliverwatch.lookup.aiodns_resolver import AiodnsLookups
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.sandbox.zones import Mode, list_subject, zone_for
from deliverwatch.store import open_store
from samples import INVENTORY, NOON, SAMPLE_LIST

HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=15)
SUBJECT = parse_subject("192.0.2.10")


class Worker:
    """One process that works on the store: what it remembers, and its share of the work."""

    def __init__(self, store, lookups, clock, *blocklists):
        self.store, self.lookups, self.clock = store, lookups, clock
        self.started = {}
        every = {blocklist.id: HOUR for blocklist in blocklists}
        self.watchlist = Watchlist(blocklists, every, ("ops@esp.example",), RoundPolicy(), LEASE)

    async def due(self):
        return await due_rounds(self.store, self.watchlist, self.clock, self.started)

    async def tick(self):
        cycles = []
        for due in await self.due():
            self.started[due.kind] = self.clock.monotonic()
            cycles.append(await run_round(self.store, self.lookups, self.clock, self.watchlist, due))
        return cycles


@pytest.fixture
def clock():
    return SteppedClock(NOON)


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    await store.apply_inventory(
        InventoryChange(customers_added=INVENTORY.customers, assets_added=INVENTORY.assets), NOON - HOUR
    )
    yield store
    await store.close()


@pytest.fixture
def zone():
    return zone_for(SAMPLE_LIST)


@pytest.fixture
async def start_worker(store, clock, zone, start_nameserver):
    nameserver = await start_nameserver(zone)
    lookups = AiodnsLookups([nameserver.address], timeout_for=timedelta(milliseconds=600))
    return lambda *blocklists: Worker(store, lookups, clock, *(blocklists or (SAMPLE_LIST,)))


def variant(list_id, *kinds):
    return replace(SAMPLE_LIST, id=list_id, kinds=frozenset(kinds))


async def test_a_list_is_asked_once_an_interval(start_worker, clock):
    worker = start_worker()
    assert len(await worker.tick()) == 1
    assert await worker.tick() == []
    clock.advance(HOUR)
    (cycle,) = await worker.tick()
    assert cycle.full


async def test_lists_that_cover_nothing_held_are_not_due_and_starve_nobody(start_worker):
    lists = [variant(f"domains-{number}", SubjectKind.DOMAIN) for number in range(5)]
    worker = start_worker(*lists, SAMPLE_LIST)
    assert [due.blocklist.id for due in await worker.due()] == ["sample"]


async def test_what_is_held_later_is_asked_at_once(start_worker, store):
    worker = start_worker(variant("domains", SubjectKind.DOMAIN))
    assert await worker.due() == []
    await store.apply_inventory(InventoryChange(assets_added=(Asset("news.acme.example", "acme"),)), NOON)
    assert [due.blocklist.id for due in await worker.due()] == ["domains"]


async def test_a_slot_somebody_works_on_is_not_due_until_its_lease_is_over(start_worker, store, clock):
    (due,) = await start_worker().due()
    await store.add_slot(due.job, due.key, NOON)
    assert await store.claim_slot(due.job, due.key, clock.now(), LEASE)
    other = start_worker()
    assert await other.due() == []
    clock.advance(LEASE)
    (again,) = await other.due()
    assert again.key == due.key
    assert len(await other.tick()) == 1


async def test_a_lease_from_a_clock_that_was_ahead_holds_nobody_up(start_worker, store, clock):
    (due,) = await start_worker().due()
    await store.add_slot(due.job, due.key, NOON)
    assert await store.claim_slot(due.job, due.key, NOON + timedelta(days=2), LEASE)
    assert len(await start_worker().tick()) == 1


async def test_a_round_that_broke_off_is_made_again_by_its_own_worker(start_worker, store, clock):
    worker = start_worker()
    (due,) = await worker.due()
    worker.started[due.kind] = clock.monotonic()
    await store.add_slot(due.job, due.key, NOON)
    await store.claim_slot(due.job, due.key, clock.now(), LEASE)
    assert await worker.due() == []
    clock.advance(LEASE)
    assert len(await worker.tick()) == 1


async def test_two_workers_ask_no_more_often_than_one(start_worker, store, clock):
    first, second = start_worker(), start_worker()
    rounds = 0
    for _ in range(12):
        rounds += len(await first.tick())
        clock.advance(HOUR / 2)
        rounds += len(await second.tick())
        clock.advance(HOUR / 2)
    assert rounds <= 13


async def test_a_suspect_is_asked_about_again_when_no_cache_can_repeat_it(start_worker, store, clock, zone):
    worker = start_worker()
    list_subject(zone, SAMPLE_LIST, SUBJECT)
    await worker.tick()
    assert await worker.due() == []
    clock.advance(zone.ttl_for)
    (due,) = await worker.due()
    assert due.suspects == (SUBJECT,)
    (cycle,) = await worker.tick()
    assert (cycle.full, cycle.due) == (False, 1)
    assert [listing.subject for listing in await store.listings()] == [SUBJECT]
    assert await worker.due() == []


async def test_a_suspect_that_stays_open_is_not_asked_about_at_every_tick(start_worker, store, clock, zone):
    worker = start_worker()
    list_subject(zone, SAMPLE_LIST, SUBJECT)
    await worker.tick()
    clock.advance(zone.ttl_for)
    zone.misbehave("10.2.0.192", Mode.SERVFAIL)
    assert len(await worker.tick()) == 1
    assert await worker.due() == []
    clock.advance(HOUR / 4)
    assert len(await worker.due()) == 1


async def test_full_and_confirming_rounds_share_one_lane(start_worker, store, clock, zone):
    """While one runs, whoever runs it, the other does not begin."""
    worker = start_worker()
    list_subject(zone, SAMPLE_LIST, SUBJECT)
    await worker.tick()
    clock.advance(zone.ttl_for)
    (confirming,) = await worker.due()
    await store.add_slot(confirming.job, confirming.key, NOON)
    await store.claim_slot(confirming.job, confirming.key, clock.now(), LEASE)
    clock.advance(LEASE / 3)
    states = await store.watch_states()
    assert [state.phase for state in states.values()] == [Phase.SUSPECTED]
    assert await start_worker().due() == []


async def test_the_clock_set_back_silences_nobody_for_longer_than_an_interval(start_worker, clock):
    worker = start_worker()
    await worker.tick()
    clock._now -= timedelta(days=400)
    restarted = start_worker()
    assert len(await restarted.tick()) == 1


def test_kinds_follow_what_is_held():
    assets = (Asset("192.0.2.0/24", "a"), Asset("2001:db8::1", "a"), Asset("news.acme.example", "a"))
    assert Inventory((), assets).kinds_on(NOON.date()) == set(SubjectKind)
    assert Inventory((), assets[:1]).kinds_on(NOON.date()) == {SubjectKind.IPV4}
