"""A list that will not have us: it is left alone, another way is taken where there is one, and it resumes by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.events import EventKind
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.verdict import Outcome
from deliverwatch.flows.check_now import check_now
from deliverwatch.sandbox.zones import Mode, list_subject, zone_for
from deliverwatch.store import open_store
from flows.rounds import HOUR, OPS, MovedClock, Worker, hold, lookups_through
from samples import SAMPLE_LIST, customer

SUBJECT = parse_subject("192.0.2.10")
HELD = Inventory((customer("acme"),), (Asset("192.0.2.8/29", "acme"),))


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    await hold(store, HELD)
    yield store
    await store.close()


class Ways:
    """One list, and resolvers that each have their own standing with it."""

    def __init__(self, store, servers, zones, clock):
        self.store, self.servers, self.zones, self.clock = store, servers, zones, clock

    def start(self, *ways, confirm=(), **more):
        """A worker that was just started, on some of the servers."""
        servers = [self.servers[way] for way in ways]
        lookups = lookups_through(*servers, confirm=[self.servers[way] for way in confirm])
        return Worker(self.store, lookups, self.clock, SAMPLE_LIST, **more)

    def asked(self, way):
        """How much since this was last called."""
        number = len(self.servers[way].questions)
        self.servers[way].questions.clear()
        return number


@pytest.fixture
async def ways(store, start_nameserver):
    zones = [zone_for(SAMPLE_LIST), zone_for(SAMPLE_LIST)]
    return Ways(store, [await start_nameserver(zone) for zone in zones], zones, MovedClock())


async def test_the_operator_hears_at_once_and_the_list_is_left_alone(ways):
    worker = ways.start(0)
    ways.zones[0].mode = Mode.REFUSED
    cycle = await worker.hours()
    assert (ways.asked(0), cycle.verified, cycle.refused) == (1, False, 8)
    assert await worker.mails(EventKind.LIST_BLIND) == {OPS: 1}


async def test_one_test_point_is_asked_an_hour_whatever_the_interval(ways):
    worker = ways.start(0, every=timedelta(minutes=10))
    ways.zones[0].mode = Mode.REFUSED
    queries = []
    for _ in range(12):
        ways.clock.advance(timedelta(minutes=10, seconds=1))
        await worker.tick()
        queries.append(ways.asked(0))
    assert queries == [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    assert await worker.mails(EventKind.LIST_BLIND) == {OPS: 1}


async def test_a_list_with_a_long_interval_is_asked_again_after_an_hour_too(ways):
    worker = ways.start(0, every=timedelta(hours=12))
    ways.zones[0].mode = Mode.REFUSED
    await worker.hours()
    assert [bool(await worker.hours()) for _ in range(3)] == [True, True, True]


async def test_what_was_not_asked_for_says_since_when_and_moves_nothing(ways):
    worker = ways.start(0, every=timedelta(minutes=10))
    list_subject(ways.zones[0], SAMPLE_LIST, SUBJECT)
    await worker.hours(2)
    ways.zones[0].mode = Mode.REFUSED
    await worker.hours()
    ways.zones[0].mode = Mode.EMPTY
    ways.clock.advance(timedelta(minutes=11))
    (cycle,) = await worker.tick()
    assert cycle.detail.startswith("it refuses us since 2026-11-18 15:00 UTC: test point 127.0.0.2")
    assert (cycle.refused, cycle.due) == (8, 8)
    assert len(await ways.store.listings(open_only=True)) == 1


async def test_it_resumes_by_itself_and_says_so(ways):
    worker = ways.start(0)
    ways.zones[0].mode = Mode.REFUSED
    await worker.hours(3)
    ways.zones[0].mode = Mode.NORMAL
    cycle = await worker.hours()
    assert cycle.verified
    assert await worker.kinds() == {EventKind.LIST_BLIND: 1, EventKind.LIST_RECOVERED: 1}
    assert await worker.mails(EventKind.LIST_RECOVERED) == {OPS: 1}
    (zone,) = (await ways.store.zone_states()).values()
    assert (zone.stopped_at, zone.ask_again_at) == (None, None)


async def test_after_a_start_it_is_asked_at_once(ways):
    """What the list minds (a key, a resolver) may have been changed."""
    ways.zones[0].mode = Mode.REFUSED
    await ways.start(0).hours()
    ways.zones[0].mode = Mode.NORMAL
    ways.clock.advance(timedelta(minutes=1))
    (due,) = await ways.start(0).due()
    assert due.ask_stopped
    assert (await ways.start(0).run(due)).verified


async def test_asked_for_by_a_person_it_is_asked_at_once(ways):
    worker = ways.start(0)
    ways.zones[0].mode = Mode.REFUSED
    await worker.hours()
    assert await worker.due() == []
    ways.clock.advance(timedelta(minutes=1))
    assert await ways.store.lift_stop("sample", ways.clock.now()) == 1
    assert len(await worker.tick()) == 1


async def test_the_other_way_is_taken_and_the_first_asked_for_one_test_point_an_hour(ways):
    worker = ways.start(0, 1)
    list_subject(ways.zones[1], SAMPLE_LIST, SUBJECT)
    ways.zones[0].mode = Mode.REFUSED
    for _ in range(3):
        cycle = await worker.hours()
        assert (cycle.verified, cycle.path) == (True, worker.lookups.paths[1])
        assert ways.asked(0) == 1
    (blind,) = await ways.store.events([EventKind.LIST_BLIND])
    assert blind.facts["instead"] == worker.lookups.paths[1]
    assert len(await ways.store.listings(open_only=True)) == 1
    ways.zones[0].mode = Mode.NORMAL
    await worker.hours()
    assert (await worker.hours()).path == worker.lookups.paths[0]


async def test_a_second_way_that_refused_comes_back_though_nobody_needs_it(ways):
    worker = ways.start(0, 1)
    ways.zones[0].mode, ways.zones[1].mode = Mode.EMPTY, Mode.REFUSED
    await worker.hours()
    ways.zones[0].mode = Mode.NORMAL
    ways.asked(1)
    assert [(await worker.hours()).verified for _ in range(2)] == [True, True]
    assert ways.asked(1) == 2, "one test point an hour"
    ways.zones[1].mode = Mode.NORMAL
    await worker.hours()
    assert (await ways.store.zone_states())["sample", worker.lookups.paths[1]].stopped_at is None


async def test_a_way_that_is_used_no_more_makes_nobody_ask_again_and_again(ways):
    """Its stop stays in the store when the operator has put another resolver in its place."""
    ways.zones[0].mode = Mode.REFUSED
    await ways.start(0).hours()
    worker = ways.start(1)
    ways.clock.advance(2 * HOUR)
    await worker.tick()
    assert await worker.due() == []
    ways.clock.advance(timedelta(minutes=30))
    assert await worker.due() == []


async def test_a_confirming_way_that_refuses_makes_nobody_ask_again_and_again(ways):
    worker = ways.start(0, confirm=(1,))
    list_subject(ways.zones[0], SAMPLE_LIST, SUBJECT)
    ways.zones[1].mode = Mode.REFUSED
    await worker.hours()
    assert (await worker.kinds())[EventKind.LIST_BLIND] == 1
    await worker.hours(3)
    ways.clock.advance(timedelta(minutes=20))
    assert await worker.due() == []


async def test_a_refusal_takes_nothing_from_the_days_budget(ways):
    limited = replace(SAMPLE_LIST, budget=replace(SAMPLE_LIST.budget, per_day=200))
    worker = Worker(ways.store, lookups_through(ways.servers[0]), ways.clock, limited, every=timedelta(minutes=5))
    ways.zones[0].mode = Mode.REFUSED
    for _ in range(11):
        ways.clock.advance(timedelta(minutes=5, seconds=1))
        await worker.tick()
    day = ways.clock.now().date()
    assert await ways.store.take_budget("sample", day, 1000, 200) == 200 - 20


async def test_check_now_says_who_refuses(ways):
    ways.zones[0].mode = Mode.REFUSED
    found = await check_now(lookups_through(ways.servers[0]), ways.clock, [SAMPLE_LIST], [SUBJECT], lambda _: None)
    assert [finding.verdict.outcome for finding in found.found] == [Outcome.REFUSED]
    assert ways.asked(0) == 1
