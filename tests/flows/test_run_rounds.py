"""Which lists are asked when, and that rounds over one list never cross; on a real store and real look-ups."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import Phase
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.flows.held import HeldCache
from deliverwatch.sandbox.zones import Mode, Zone, list_subject, zone_for
from deliverwatch.store import open_store
from flows.rounds import HOUR, LEASE, MovedClock, Worker, hold, lookups_through
from samples import NOON, SAMPLE_LIST

SUBJECT = parse_subject("192.0.2.10")


@pytest.fixture
def clock():
    return MovedClock()


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    await hold(store)
    yield store
    await store.close()


@pytest.fixture
def zone():
    return zone_for(SAMPLE_LIST)


@pytest.fixture
async def nameserver(zone, start_nameserver):
    return await start_nameserver(zone)


@pytest.fixture
def start_worker(store, clock, nameserver):
    lookups = lookups_through(nameserver)
    return lambda *blocklists, **more: Worker(store, lookups, clock, *(blocklists or (SAMPLE_LIST,)), **more)


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


class Slow(Zone):
    """Each question takes the better part of a lease; of the third nothing is heard."""

    asked = 0

    def mode_at(self, label):
        self.asked += 1
        if self.asked <= 3:
            self.clock.advance(LEASE * 0.4)
        if self.asked < 3:
            return super().mode_at(label)
        self.reached.set()
        return Mode.SILENT


async def test_a_long_round_keeps_its_lease(store, start_worker, nameserver, clock, zone):
    slow = Slow(zone.name, zone.records)
    slow.clock, slow.reached = clock, asyncio.Event()
    nameserver.add(slow)
    patient = lookups_through(nameserver, timeout_for=timedelta(minutes=5))
    worker, other = Worker(store, patient, clock, SAMPLE_LIST), start_worker()
    (due,) = await worker.due()
    working = asyncio.create_task(worker.run(due))
    await slow.reached.wait()
    async with asyncio.timeout(20):
        while await other.due():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert not working.done()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def test_the_inventory_is_loaded_anew_when_it_or_the_day_has_changed(store):
    cache = HeldCache(store)
    today = NOON.date()
    held = await cache.on(today)
    assert await cache.on(today) is held
    tomorrow = await cache.on(today + timedelta(days=1))
    assert tomorrow is not held
    await store.apply_inventory(InventoryChange(assets_added=(Asset("news.acme.example", "acme"),)), NOON)
    assert (await cache.on(tomorrow.day)).kinds == {SubjectKind.IPV4, SubjectKind.DOMAIN}


async def test_lists_of_the_same_kinds_share_their_subjects(store):
    held = await HeldCache(store).on(NOON.date())
    ours = held.covered_by(SAMPLE_LIST)
    assert held.covered_by(variant("other", *SAMPLE_LIST.kinds)) is ours
    assert {subject.kind for subject in ours} == {SubjectKind.IPV4}
    assert held.covered_by(variant("domains", SubjectKind.DOMAIN)) == ()


async def test_the_clock_set_back_silences_nobody_for_longer_than_an_interval(start_worker, clock):
    worker = start_worker()
    await worker.tick()
    clock.set_back(timedelta(days=400))
    restarted = start_worker()
    assert len(await restarted.tick()) == 1


def test_kinds_follow_what_is_held():
    assets = (Asset("192.0.2.0/24", "a"), Asset("2001:db8::1", "a"), Asset("news.acme.example", "a"))
    assert Inventory((), assets).kinds_on(NOON.date()) == set(SubjectKind)
    assert Inventory((), assets[:1]).kinds_on(NOON.date()) == {SubjectKind.IPV4}


@pytest.mark.parametrize("hours_ahead", [1, 4])
async def test_a_clock_that_was_ahead_stops_no_round(start_worker, clock, zone, store, hours_ahead):
    """What it left behind, a suspicion or a listing, is written again with a time of its own."""
    list_subject(zone, SAMPLE_LIST, SUBJECT)
    clock.advance(1000 * HOUR)
    await start_worker().hours(hours_ahead)
    clock.set_back(900 * HOUR)
    worker = start_worker()
    for _ in range(4):
        assert (await worker.hours()).listed == 1
    assert [listing.subject for listing in await store.listings(open_only=True)] == [SUBJECT]
