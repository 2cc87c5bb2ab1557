"""The senders' DNS records, watched by hours of the ledger against a real nameserver."""

from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.sender_dns import from_facts
from deliverwatch.core.subjects import DomainRole
from deliverwatch.flows.watch_dns import watch_dns
from deliverwatch.lookup.sender_records import SenderRecords
from deliverwatch.sandbox.zones import Mode, Record, Zone
from deliverwatch.store import open_store
from flows.rounds import MovedClock, hold
from samples import customer

MIDNIGHT = datetime(2026, 11, 18, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HELD = Inventory(
    (customer("acme"),),
    (Asset("192.0.2.10", "acme"), Asset("news.acme.example", "acme", roles=(DomainRole.ENVELOPE,))),
)


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/here.db")
    await hold(store, HELD)
    yield store
    await store.close()


@pytest.fixture
async def world(start_nameserver, store):
    """The zones, and a function that looks after some hours."""
    reverse, forward = Zone("2.0.192.in-addr.arpa"), Zone("acme.example")
    reverse.records["10"] = Record((), ptr="out.acme.example.")
    forward.records["news"] = Record((), txt="v=spf1 -all")
    server = await start_nameserver(reverse, forward)
    clock = MovedClock(MIDNIGHT)
    lookup = SenderRecords([server.address], timedelta(seconds=0.5))

    async def look(after=timedelta(0)):
        clock.advance(after)
        return await watch_dns(store, lookup, clock, HOUR / 4)

    return reverse, forward, server, look


async def values(store):
    return {kind: from_facts(facts).values for (kind, _), facts in (await store.dns_values()).items()}


async def test_an_hour_is_looked_at_once_and_all_of_it_every_six(world, store):
    *_, server, look = world
    assert await look() == 2
    asked = len(server.questions)
    assert await look() is None
    assert await look(HOUR) == 0
    assert len(server.questions) == asked
    assert await look(5 * HOUR) == 0
    assert len(server.questions) == asked + 2


async def test_a_record_that_went_is_believed_when_it_is_missed_again(world, store):
    reverse, *_, look = world
    await look()
    reverse.records.clear()
    assert await look(6 * HOUR) == 1
    assert (await values(store))["ptr"] == ("out.acme.example",)
    assert await look(HOUR) == 1
    assert (await values(store))["ptr"] == ()


async def test_a_nameserver_that_fails_takes_nothing_away(world, store):
    reverse, forward, _, look = world
    await look()
    reverse.mode, forward.mode = Mode.SERVFAIL, Mode.SILENT
    assert await look(6 * HOUR) == 0
    assert await look(6 * HOUR) == 0
    assert await values(store) == {"ptr": ("out.acme.example",), "spf": ("v=spf1 -all",)}
