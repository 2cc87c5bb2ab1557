"""The nightly reading of the sending platform: told once, applied as the operator chose."""

from datetime import date, timedelta

import pytest

from deliverwatch.core.errors import SourceFailed
from deliverwatch.core.events import EventKind
from deliverwatch.core.platform import PlatformIp, PlatformPool, PlatformSnapshot
from deliverwatch.core.receivers import Routing
from deliverwatch.flows.read_platform import JOB, proposal, read_nightly
from deliverwatch.store import open_store
from flows.rounds import MovedClock, hold

TOLD = Routing(("ops@esp.example",))
LEASE = timedelta(minutes=15)
POOL = (PlatformPool("p1", "acme-news"),)


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/here.db")
    await hold(store)
    yield store
    await store.close()


def platform(*addresses, pool="p1"):
    async def read(now):
        return PlatformSnapshot("sparkpost", now, tuple(PlatformIp(each, pool) for each in addresses), POOL)

    return read


async def nightly(store, clock, read, apply=False):
    return await read_nightly(store, read, clock, TOLD, LEASE, apply=apply)


async def held(store):
    return {asset.name: asset.holder for asset in (await store.inventory()).assets}


async def test_once_a_day_and_each_difference_is_told_once(store):
    clock = MovedClock()
    read = platform("198.51.100.99")
    assert (await nightly(store, clock, read)).change.assets_added
    assert await nightly(store, clock, read) is None
    clock.advance(timedelta(days=1))
    assert (await nightly(store, clock, read)).change.assets_added
    (event,) = await store.events([EventKind.PLATFORM_DIFFERS])
    assert event.facts["added"] == ["198.51.100.99 (acme)"]
    assert [line.notification.recipient for line in await store.outbox()] == list(TOLD.operators)


async def test_asked_for_a_difference_is_kept_and_changes_nothing(store):
    clock, before = MovedClock(), await held(store)
    await nightly(store, clock, platform("198.51.100.99"))
    assert await held(store) == before
    kept = await proposal(store, clock)
    assert [asset.name for asset in kept.change.assets_added] == ["198.51.100.99"]


async def test_applied_at_once_it_is_the_inventory_from_that_day_on(store):
    clock = MovedClock()
    await nightly(store, clock, platform("198.51.100.99"), apply=True)
    (asset,) = [each for each in (await store.inventory()).assets if each.name == "198.51.100.99"]
    assert (asset.holder, asset.from_on) == ("acme", date(2026, 11, 18))
    assert not await proposal(store, clock)
    (event,) = await store.events([EventKind.PLATFORM_DIFFERS])
    assert event.facts["applied"]


async def test_what_agrees_is_no_news(store):
    clock = MovedClock()
    await nightly(store, clock, platform("192.0.2.8"))
    assert await store.events([EventKind.PLATFORM_DIFFERS]) == []


async def test_a_platform_that_fails_changes_nothing_and_is_tried_again(store):
    clock = MovedClock()

    async def failing(now):
        raise SourceFailed("the platform answered 503", permanent=False)

    assert await nightly(store, clock, failing) is None
    assert (await store.source_states())[JOB].failure == "the platform answered 503"
    assert await nightly(store, clock, platform("198.51.100.99")) is None, "the lease of the failed try still runs"
    clock.advance(LEASE + timedelta(seconds=1))
    assert (await nightly(store, clock, platform("198.51.100.99"))).change
    assert (await store.source_states())[JOB].failure is None
