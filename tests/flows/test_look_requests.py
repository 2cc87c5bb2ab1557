"""A list that a receiver cites is looked at once more, soon, and by the same rules as ever."""

from datetime import timedelta

import pytest

from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.delivery_ports import IngestBatch
from deliverwatch.sandbox.zones import list_subject, zone_for
from deliverwatch.store import open_store
from flows.rounds import HOUR, MovedClock, Worker, hold, lookups_through
from samples import NOON, SAMPLE_LIST

OURS = parse_subject("192.0.2.10")
OTHER = parse_subject("203.0.113.99")
MINUTE = timedelta(minutes=1)


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
async def worker(store, clock, zone, start_nameserver):
    worker = Worker(store, lookups_through(await start_nameserver(zone)), clock, SAMPLE_LIST)
    await worker.tick()
    clock.advance(20 * MINUTE)
    assert await worker.tick() == []
    return worker


async def cite(store, *subjects, list_id=SAMPLE_LIST.id):
    wanted = [(list_id, subject) for subject in subjects]
    await store.commit_ingest(IngestBatch("postfix", "postfix", NOON, look_requests=wanted))


async def test_those_of_ours_are_looked_at_at_once_and_alone(store, worker):
    await cite(store, OURS, OTHER)
    (cycle,) = await worker.tick()
    assert (cycle.full, cycle.due) == (False, 1)
    assert await store.look_requests() == {SAMPLE_LIST.id: (OTHER,)}
    assert await worker.tick() == []


async def test_it_opens_nothing_by_itself(store, worker, clock, zone):
    list_subject(zone, SAMPLE_LIST, OURS)
    await cite(store, OURS)
    await worker.tick()
    assert await store.listings() == []
    clock.advance(20 * MINUTE)
    await worker.tick()
    (listing,) = await store.listings()
    assert listing.subject == OURS


async def test_there_is_no_more_than_one_in_a_quarter_of_an_hour(store, worker, clock):
    await cite(store, OURS)
    assert len(await worker.tick()) == 1
    clock.advance(MINUTE)
    await cite(store, parse_subject("192.0.2.11"))
    assert await worker.tick() == []
    clock.advance(15 * MINUTE)
    assert len(await worker.tick()) == 1


async def test_a_full_round_settles_all_that_was_asked_for(store, worker, clock):
    await cite(store, OURS, OTHER)
    clock.advance(HOUR)
    (cycle,) = await worker.tick()
    assert cycle.full
    assert await store.look_requests() == {}


async def test_a_list_that_is_off_is_not_asked(store, worker):
    await cite(store, OURS, list_id="another")
    assert await worker.tick() == []
    await cite(store, OTHER)
    assert await worker.tick() == []
