"""Mail that leaves under names nobody watches is found, and told once."""

from datetime import timedelta

import pytest

from deliverwatch.core.delivery import SenderKey
from deliverwatch.core.events import EventKind
from deliverwatch.core.receivers import Routing
from deliverwatch.flows.delivery_ports import IngestBatch
from deliverwatch.flows.find_unwatched import find_unwatched, unwatched_senders
from deliverwatch.store import open_store
from flows.rounds import MovedClock, hold
from samples import NOON

TOLD = Routing(("ops@esp.example",))
LEASE = timedelta(minutes=15)


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/here.db")
    await hold(store)
    yield store
    await store.close()


async def seen(store, clock, **names):
    senders = {SenderKey("postfix", role, name): 3 for role, name in names.items()}
    now = clock.now()
    await store.commit_ingest(IngestBatch("postfix", "postfix", now, senders=senders, last_event_at=now))


async def find(store, clock):
    found = await find_unwatched(store, clock, TOLD, LEASE)
    return None if found is None else [(sender.role, sender.name) for sender in found]


async def test_each_name_is_told_once_and_stays_on_the_list(store):
    clock = MovedClock()
    await seen(store, clock, ip="203.0.113.200", dkim="shop.example")
    assert await find(store, clock) == [("ip", "203.0.113.200"), ("dkim", "shop.example")]
    assert await find(store, clock) is None
    clock.advance(timedelta(days=1))
    await seen(store, clock, ip="203.0.113.200", link="new.example")
    assert await find(store, clock) == [("link", "new.example")]
    assert len(await unwatched_senders(store, clock)) == 3
    assert len(await store.events([EventKind.SENDERS_UNWATCHED])) == 2


async def test_what_is_held_is_no_news(store):
    clock = MovedClock()
    await seen(store, clock, ip="192.0.2.9")
    assert await find(store, clock) == []
    assert await store.events([EventKind.SENDERS_UNWATCHED]) == []


async def test_what_was_seen_last_week_only_is_over(store):
    clock = MovedClock(NOON)
    await seen(store, clock, ip="203.0.113.200")
    clock.advance(timedelta(days=9))
    assert await unwatched_senders(store, clock) == []
