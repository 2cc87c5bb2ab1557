"""A list that begins to list the world while a cache still repeats its test points from better days."""

from datetime import timedelta

import pytest

from deliverwatch.core.alerting import LISTING_EVENTS, NotificationState
from deliverwatch.core.events import Ending, EventKind
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.zone_health import Health
from deliverwatch.sandbox.zones import Mode, Zone, list_subject, zone_for
from deliverwatch.store import open_store
from flows.rounds import OPS, MovedClock, Worker, hold, lookups_through
from samples import SAMPLE_LIST, customer

MINUTES = timedelta(minutes=1)
ADDRESS, OTHER = parse_subject("192.0.2.10"), parse_subject("198.51.100.7")
TAM, OTHER_TAM = "tam-acme@esp.example", "tam-bravo@esp.example"
HELD = Inventory((customer("acme"), customer("bravo")), (Asset("192.0.2.10", "acme"), Asset("198.51.100.7", "bravo")))


class Cached(Zone):
    """As long as `cached`, what a resolver remembers of the test points."""

    cached = True

    def mode_at(self, label):
        return Mode.NORMAL if self.cached and label in ("2.0.0.127", "1.0.0.127") else super().mode_at(label)


class Story:
    def __init__(self, worker, zone):
        self.worker, self.zone, self.store, self.clock = worker, zone, worker.store, worker.clock

    async def deliver(self):
        """Whatever may go out by now; who was told of listings by it."""
        to = []
        while delivery := await self.store.claim_notification(self.clock.now(), 2 * MINUTES):
            await self.store.notification_sent(delivery, self.clock.now())
            to += [delivery.notification.recipient] if delivery.event.kind in LISTING_EVENTS else []
        return sorted(to)

    async def begin_to_lie(self):
        """The fresh answers first; what opens is told."""
        await self.worker.hours(2)
        self.zone.mode = Mode.LISTS_THE_WORLD
        await self.worker.hours()
        self.clock.advance(10 * MINUTES)
        await self.worker.tick()

    async def be_caught(self):
        self.zone.cached = False
        await self.worker.hours(2)

    async def recover(self, *listed):
        self.zone.mode = Mode.NORMAL
        for subject in listed:
            list_subject(self.zone, SAMPLE_LIST, subject)
        await self.worker.hours(5)

    async def episodes(self):
        return {each.subject: each.ended for each in await self.store.listings()}

    async def doubted(self):
        return [state.doubted for state in (await self.store.watch_states()).values()]

    async def states(self):
        return {
            (line.notification.recipient, line.event_kind): line.state
            for line in await self.store.outbox()
            if line.event_kind in (EventKind.LISTING_OPENED, EventKind.LISTING_CLOSED)
        }

    async def corrections(self):
        return sorted(
            line.notification.recipient for line in await self.store.outbox() if line.notification.corrects is not None
        )


@pytest.fixture
async def story(tmp_path, start_nameserver):
    zone = Cached("bl.sample.example", zone_for(SAMPLE_LIST).records)
    lookups = lookups_through(await start_nameserver(zone))
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    await hold(store, HELD)
    yield Story(Worker(store, lookups, MovedClock(), SAMPLE_LIST), zone)
    await store.close()


async def test_what_it_opened_is_told_while_nobody_can_know(story):
    await story.begin_to_lie()
    assert await story.episodes() == {ADDRESS: None, OTHER: None}
    assert await story.deliver() == sorted([OPS, OPS, TAM, OTHER_TAM])


async def test_once_caught_it_is_doubted_and_moves_no_further(story):
    await story.begin_to_lie()
    await story.be_caught()
    assert await story.episodes() == {ADDRESS: None, OTHER: None}
    assert await story.doubted() == [True, True]
    (zone,) = (await story.store.zone_states()).values()
    assert zone.health is Health.QUARANTINED


async def test_what_has_not_gone_out_is_held_back_and_dropped(story):
    await story.begin_to_lie()
    await story.be_caught()
    assert set((await story.states()).values()) == {NotificationState.HELD}
    await story.recover()
    assert await story.episodes() == {ADDRESS: Ending.VOID, OTHER: Ending.VOID}
    assert set((await story.states()).values()) == {NotificationState.DROPPED}
    assert await story.corrections() == []


async def test_whoever_was_told_gets_one_correction_each_and_nobody_else(story):
    await story.begin_to_lie()
    owed = await story.store.outbox()
    sent = {line.notification.recipient for line in owed if line.notification.recipient != OTHER_TAM}
    while delivery := await story.store.claim_notification(story.clock.now(), 2 * MINUTES):
        if delivery.notification.recipient == OTHER_TAM:
            await story.store.notification_failed(delivery, "not now", story.clock.now() + 90 * MINUTES)
        else:
            await story.store.notification_sent(delivery, story.clock.now())
    await story.be_caught()
    await story.recover()
    assert sent == {OPS, TAM}
    # an attempt was made at the other one, and what a mail server says is not always what it did
    assert await story.corrections() == sorted([OPS, TAM, OTHER_TAM])


async def test_a_listing_that_is_still_there_was_real_and_goes_out(story):
    await story.begin_to_lie()
    await story.be_caught()
    await story.recover(ADDRESS)
    assert await story.episodes() == {ADDRESS: None, OTHER: Ending.VOID}
    assert await story.doubted() == [False]
    assert await story.deliver() == sorted([OPS, TAM])
    assert await story.corrections() == []


async def test_what_opened_long_before_the_lie_is_not_doubted(story):
    list_subject(story.zone, SAMPLE_LIST, ADDRESS)
    await story.worker.hours(4)
    await story.deliver()
    story.zone.mode, story.zone.cached = Mode.LISTS_THE_WORLD, False
    await story.worker.hours(2)
    assert await story.doubted() == [False]
    await story.recover(ADDRESS)
    assert await story.episodes() == {ADDRESS: None}


async def test_a_list_taken_out_while_it_is_doubted_leaves_nothing_real_behind(story):
    await story.begin_to_lie()
    await story.be_caught()
    gone = Worker(story.store, story.worker.lookups, story.clock)
    assert await gone.sweep() == 2
    assert await story.episodes() == {ADDRESS: Ending.VOID, OTHER: Ending.VOID}
    assert await story.deliver() == []
