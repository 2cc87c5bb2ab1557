"""One cause is one message: ranges and mass listings, on real servers and a real store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.alerting import Audience
from deliverwatch.core.events import EventKind
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.subjects import expand, parse_subject
from deliverwatch.flows.rounds import RoundPolicy
from deliverwatch.sandbox.zones import Mode, Zone, list_subject, unlist_subject, zone_for
from deliverwatch.store import open_store
from flows.rounds import OPS, MovedClock, Worker, hold, lookups_through
from samples import SAMPLE_LIST, customer

TAM = "tam-acme@esp.example"
RANGE = list(expand("192.0.2.0/24"))
ALONE = parse_subject("198.51.100.7")
HELD = Inventory((customer("acme"),), (Asset("192.0.2.0/24", "acme"), Asset("198.51.100.7", "acme")))


class TurnsLiar(Zone):
    """Answers its test points rightly so many times."""

    rightly = 1_000_000

    def mode_at(self, label):
        if label == "1.0.0.127":
            self.rightly -= 1
            return Mode.LISTS_THE_WORLD if self.rightly < 0 else Mode.NORMAL
        return super().mode_at(label)


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    await hold(store, HELD)
    yield store
    await store.close()


@pytest.fixture
def zone():
    return TurnsLiar("bl.sample.example", zone_for(SAMPLE_LIST).records)


@pytest.fixture
async def nameserver(zone, start_nameserver):
    return await start_nameserver(zone)


@pytest.fixture
def start_worker(store, nameserver):
    clock = MovedClock()
    return lambda blocklist=SAMPLE_LIST, **more: Worker(store, lookups_through(nameserver), clock, blocklist, **more)


def list_all(zone, subjects):
    for subject in subjects:
        list_subject(zone, SAMPLE_LIST, subject)


async def test_a_listed_network_is_one_message_for_each_reader_with_the_range(start_worker, zone, store):
    worker = start_worker()
    list_all(zone, RANGE)
    await worker.hours(2)
    assert len(await store.listings(open_only=True)) == 256
    assert await worker.kinds() == {EventKind.LISTING_OPENED: 256}
    assert await worker.mails(EventKind.LISTING_OPENED) == {OPS: 1, TAM: 1}
    (lead,) = [event for event in await store.events(limit=1000) if not event.facts.get("quiet")]
    assert (lead.facts["members"], lead.facts["member_count"]) == (["192.0.2.0/24"], 256)


async def test_it_is_real_though_it_is_a_mass_and_only_the_account_manager_waits(start_worker, zone, store, nameserver):
    worker = start_worker()
    list_all(zone, RANGE)
    await worker.hours()
    nameserver.questions.clear()
    await worker.hours()
    assert nameserver.times_asked("1.0.0.127.bl.sample.example") == 3, "before, after, and because it is a mass"
    waits = {line.notification.audience: line.notification.not_before for line in await store.outbox()}
    assert waits[Audience.OPERATOR] is None
    (lead,) = [event for event in await store.events(limit=1000) if not event.facts.get("quiet")]
    assert waits[Audience.TAM] == lead.at + timedelta(hours=1) + RoundPolicy().mass_grace_for


async def test_its_end_is_one_message_too(start_worker, zone, store):
    worker = start_worker()
    list_all(zone, RANGE)
    await worker.hours(2)
    for subject in RANGE:
        unlist_subject(zone, SAMPLE_LIST, subject)
    await worker.hours(4)
    assert await store.listings(open_only=True) == []
    assert await worker.mails(EventKind.LISTING_CLOSED) == {OPS: 1, TAM: 1}


async def test_a_mass_whose_test_points_lie_when_asked_again_opens_nothing(start_worker, zone, store):
    worker = start_worker()
    list_all(zone, RANGE)
    await worker.hours()
    zone.rightly = 2  # before and after the round; not once more
    cycle = await worker.hours()
    assert not cycle.verified
    assert await store.listings() == []
    assert await store.watch_states() == {}
    assert await worker.kinds() == {EventKind.LIST_FAILING: 1}


async def test_a_few_are_no_mass_and_ask_nothing_more(start_worker, zone, store, nameserver):
    worker = start_worker()
    list_all(zone, RANGE[:64])
    await worker.hours()
    nameserver.questions.clear()
    await worker.hours()
    assert nameserver.times_asked("1.0.0.127.bl.sample.example") == 2
    assert {line.notification.not_before for line in await store.outbox()} == {None}


async def test_a_list_that_only_informs_keeps_what_it_found(start_worker, zone, store):
    worker = start_worker(replace(SAMPLE_LIST, leads=False))
    list_all(zone, [ALONE])
    await worker.hours(2)
    assert [each.subject for each in await store.listings(open_only=True)] == [ALONE]
    assert await store.outbox() == []
