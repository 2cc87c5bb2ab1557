"""The daemon's own look at its resolvers: when it is made, by whom, and who hears of it how often."""

from datetime import timedelta

import pytest

from deliverwatch.core.events import EventKind
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.resolver_health import Trouble
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.flows.check_resolvers import JOB, watch_resolvers
from deliverwatch.lookup.resolver_probe import ResolverProbe
from deliverwatch.sandbox.zones import Mode, Zone, zone_for
from deliverwatch.store import open_store
from flows.rounds import HOUR, LEASE, OPS, MovedClock, Worker, hold, lookups_through
from samples import customer
from servers.lists import sample_list

V4 = frozenset({SubjectKind.IPV4})
LISTS = [sample_list(id=name, zone=f"{name}.example", kinds=V4) for name in ("one", "two")]
HELD = Inventory((customer("acme"),), (Asset("192.0.2.8/30", "acme"),))
PROBE = ResolverProbe(timedelta(seconds=2))
MINUTE = timedelta(minutes=1)


class Process:
    """One worker: its rounds, and its looks at the resolvers."""

    def __init__(self, store, clock, lookups, blocklists=LISTS):
        self.rounds = Worker(store, lookups, clock, *blocklists)
        self.store, self.clock, self.lookups = store, clock, lookups

    async def look(self):
        """The troubles found; None: it did not look."""
        held = await self.rounds.held.on(self.clock.now().date())
        watchlist = self.rounds.watchlist
        faults = await watch_resolvers(self.store, self.lookups, PROBE, self.clock, watchlist, held)
        return None if faults is None else [(fault.trouble, fault.lists) for fault in faults]

    async def looks_within(self, span_for, step_for=MINUTE):
        """After how long it looked, when asked all the time."""
        looked = []
        for number in range(1, span_for // step_for + 1):
            self.clock.advance(step_for)
            if await self.look() is not None:
                looked.append(number * step_for)
        return looked


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    await hold(store, HELD)
    yield store
    await store.close()


@pytest.fixture
async def lists(start_nameserver):
    """A server for both lists and the probe's ordinary name, and the lists' zones."""
    zones = [zone_for(blocklist) for blocklist in LISTS]
    return await start_nameserver(*zones, Zone("example.com")), zones


@pytest.fixture
def start(store, lists):
    """start() -> a process on this store; one clock for all"""
    clock = MovedClock()
    return lambda *servers: Process(store, clock, lookups_through(*servers or lists[:1]))


async def test_it_looks_once_a_day_whoever_does_and_whenever_they_were_started(start):
    assert await start().look() == []
    again = start()
    assert await again.look() is None
    again.clock.advance(23 * HOUR)
    assert await again.look() is None
    assert await again.looks_within(2 * HOUR, 30 * MINUTE) == [HOUR]


async def test_with_nothing_to_watch_nothing_is_asked(store, lists):
    process = Process(store, MovedClock(), lookups_through(lists[0]), [sample_list(kinds={SubjectKind.DOMAIN})])
    assert await process.look() is None
    assert not lists[0].questions


async def test_a_list_that_fails_is_reason_to_look_but_not_twice_within_an_hour(start, lists):
    process = start()
    await process.rounds.tick()
    await process.look()
    process.clock.advance(3 * HOUR)
    lists[1][0].mode = Mode.EMPTY
    await process.rounds.tick()
    assert await process.look() == []
    assert await process.looks_within(HOUR) == [HOUR]
    assert await process.looks_within(3 * HOUR, 10 * MINUTE) == []


async def test_a_trouble_soon_after_a_look_waits_for_the_hour(start, lists):
    process = start()
    process.clock.advance(30 * MINUTE)  # the hour is one of minutes gone by, not of the clock's face
    await process.look()
    process.clock.advance(20 * MINUTE)
    lists[1][0].mode = Mode.REFUSED
    await process.rounds.tick()
    assert await process.looks_within(HOUR) == [40 * MINUTE]


async def test_what_lasts_is_told_the_operators_once_a_day(start, behind_a_filter):
    for day in (1, 2):
        for _ in range(3):
            process = start(behind_a_filter)
            await process.rounds.tick()
            await process.look()
            process.clock.advance(2 * HOUR)
        assert await process.rounds.mails(EventKind.RESOLVER_TROUBLE) == {OPS: day}
        process.clock.advance(18 * HOUR)
    events = await process.store.events([EventKind.RESOLVER_TROUBLE])
    assert len({event.key for event in events}) == len(events) == 2
    assert {(event.list_id, event.facts["trouble"], event.facts["path"]) for event in events} == {
        ("", "filters", behind_a_filter.address)
    }
    assert events[0].facts["lists"] == ["one", "two"]


async def test_its_end_is_told_too(start, lists):
    process = start()
    for zone in lists[1]:
        zone.mode = Mode.EMPTY
    assert await process.look() == [(Trouble.HIDES, ("one", "two"))]
    for zone in lists[1]:
        zone.mode = Mode.NORMAL
    process.clock.advance(24 * HOUR)
    assert await process.look() == []
    process.clock.advance(24 * HOUR)
    assert await process.look() == []
    assert await process.rounds.mails(EventKind.RESOLVER_TROUBLE) == {OPS: 1}
    assert await process.rounds.mails(EventKind.RESOLVER_WELL) == {OPS: 1}


@pytest.fixture
def behind_a_filter(start_unbound, lists):
    zones = [*(blocklist.zone for blocklist in LISTS), "example.com", "qnamemin-test.internet.nl"]
    return start_unbound(dict.fromkeys(zones, lists[0].address), "private-address: 127.0.0.0/8")


async def test_the_resolvers_of_the_second_look_are_looked_at_too(store, lists, behind_a_filter):
    process = Process(store, MovedClock(), lookups_through(lists[0], confirm=[behind_a_filter]))
    assert await process.look() == [(Trouble.FILTERS, ("one", "two"))]


async def test_a_list_that_refuses_us_is_left_alone_and_what_it_said_counts(start, lists):
    server, zones = lists
    zones[0].list("2.0.0.127", "127.255.255.254")
    process = start()
    await process.rounds.tick()
    server.questions.clear()
    assert await process.look() == [(Trouble.PUBLIC, ("one",))]
    asked = {blocklist.id for blocklist in LISTS for each in server.questions if blocklist.zone in each.name}
    assert asked == {"two"}


async def test_a_look_that_was_broken_off_is_made_up_for_when_its_lease_is_over(start):
    process = start()
    key = f"{process.clock.now():%Y-%m-%dT%H}"
    await process.store.add_slot(JOB, key, process.clock.now())
    assert await process.store.claim_slot(JOB, key, process.clock.now(), LEASE)
    assert await process.look() is None
    process.clock.advance(LEASE)
    assert await process.look() == []


async def test_a_clock_that_was_set_back_silences_nothing(start):
    process = start()
    await process.look()
    process.clock.set_back(timedelta(days=30))
    assert await process.look() == []
    assert await process.look() is None
