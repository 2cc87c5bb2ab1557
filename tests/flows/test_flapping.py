"""What comes and goes is told as that, and then not until it has been the same for a day."""

import pytest

from deliverwatch.core.events import EventKind
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.subjects import expand, parse_subject
from deliverwatch.sandbox.zones import Mode, list_subject, unlist_subject, zone_for
from deliverwatch.store import open_store
from flows.rounds import HOUR, OPS, MovedClock, Worker, hold, lookups_through
from samples import SAMPLE_LIST, customer

TAM = "tam-acme@esp.example"
RANGE = list(expand("192.0.2.8/30"))
ALONE = parse_subject("198.51.100.7")
HELD = Inventory((customer("acme"),), (Asset("192.0.2.8/30", "acme"), Asset("198.51.100.7", "acme")))


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    await hold(store, HELD)
    yield store
    await store.close()


@pytest.fixture
def zone():
    return zone_for(SAMPLE_LIST)


@pytest.fixture
async def worker(store, zone, start_nameserver):
    return Worker(store, lookups_through(await start_nameserver(zone)), MovedClock(), SAMPLE_LIST)


def list_all(zone, subjects):
    for subject in subjects:
        list_subject(zone, SAMPLE_LIST, subject)


async def come_and_go(worker, zone, subjects, times):
    for _ in range(times):
        list_all(zone, subjects)
        await worker.hours(2)
        for subject in subjects:
            unlist_subject(zone, SAMPLE_LIST, subject)
        await worker.hours(3)


async def test_what_comes_and_goes_is_told_as_that_and_then_not_until_it_settles(worker, zone, store):
    await come_and_go(worker, zone, [ALONE], 6)
    assert await worker.mails(EventKind.LISTING_OPENED) == {OPS: 3, TAM: 3}
    assert await worker.mails(EventKind.LISTING_CLOSED) == {OPS: 3, TAM: 3}
    assert await worker.mails(EventKind.LISTING_UNSTABLE) == {OPS: 1, TAM: 1}
    assert len(await store.listings()) == 6, "every episode is kept"
    worker.clock.advance(22 * HOUR)
    await worker.hours()
    assert await worker.mails(EventKind.LISTING_SETTLED) == {}
    await worker.hours(2)
    assert await worker.mails(EventKind.LISTING_SETTLED) == {OPS: 1, TAM: 1}
    worker.clock.advance(60 * HOUR)
    list_all(zone, [ALONE])
    await worker.hours(2)
    assert await worker.mails(EventKind.LISTING_OPENED) == {OPS: 4, TAM: 4}


async def test_a_day_of_silence_settles_nothing(worker, zone):
    await come_and_go(worker, zone, [ALONE], 4)
    zone.mode = Mode.EMPTY
    await worker.hours(1)
    worker.clock.advance(30 * HOUR)
    await worker.hours(1)
    assert EventKind.LISTING_SETTLED not in await worker.kinds()
    zone.mode = Mode.NORMAL
    await worker.hours(2)
    assert (await worker.kinds())[EventKind.LISTING_SETTLED] == 1


async def test_a_network_that_comes_and_goes_is_one_message(worker, zone):
    await come_and_go(worker, zone, RANGE, 4)
    assert await worker.mails(EventKind.LISTING_UNSTABLE) == {OPS: 1, TAM: 1}
    worker.clock.advance(24 * HOUR)
    await worker.hours()
    assert (await worker.kinds())[EventKind.LISTING_SETTLED] == 4
    assert await worker.mails(EventKind.LISTING_SETTLED) == {OPS: 1, TAM: 1}
