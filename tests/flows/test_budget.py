"""A list that bears so many queries a day: what is over says so, and is another part of the watches each day."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.blocklist import Budget
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.subjects import SubjectKind, expand
from deliverwatch.flows.ports import FEED
from deliverwatch.lookup.names import query_name
from deliverwatch.sandbox.zones import zone_for
from deliverwatch.store import open_store
from flows.rounds import MovedClock, Worker, hold, lookups_through
from samples import NOON, SAMPLE_LIST, customer

DAY = timedelta(days=1)
HELD = Inventory((customer("acme"),), (Asset("192.0.2.8/29", "acme"), Asset("2001:db8::10/127", "acme")))
SUBJECTS = [subject for asset in HELD.assets for subject in expand(asset.name)]
LIMITED = replace(SAMPLE_LIST, budget=Budget(per_day=16))  # twelve for the test points, four of ten subjects


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    await hold(store, HELD)
    yield store
    await store.close()


@pytest.fixture
async def nameserver(start_nameserver):
    return await start_nameserver(zone_for(SAMPLE_LIST))


@pytest.fixture
def worker(store, nameserver):
    return Worker(store, lookups_through(nameserver), MovedClock(), LIMITED, every=DAY)


async def a_day(worker, nameserver):
    """The subjects asked about in its round."""
    nameserver.questions.clear()
    worker.clock.advance(DAY)
    (cycle,) = await worker.tick()
    names = {query_name(SAMPLE_LIST, subject.kind, subject.value, None).rstrip("."): subject for subject in SUBJECTS}
    return cycle, {names[question.name] for question in nameserver.questions if question.name in names}


async def test_what_is_over_the_days_budget_is_not_asked_and_says_so(worker, nameserver, store):
    cycle, asked = await a_day(worker, nameserver)
    assert (cycle.due, cycle.clear, cycle.unreachable, len(asked)) == (10, 4, 6, 4)
    gaps = await store.gaps(NOON, NOON + 9 * DAY)
    assert {gap.watch.subject for gap in gaps} == set(SUBJECTS) - asked
    assert {gap.detail for gap in gaps} == {
        "not asked: the day's budget of 16 queries is used up: ask the list less often"
    }


async def test_it_is_another_part_each_day_until_all_had_their_turn(worker, nameserver):
    turns = [(await a_day(worker, nameserver))[1] for _ in range(4)]
    assert set.union(*turns[:3]) == set(SUBJECTS)
    assert turns[3] != turns[2]


async def test_rounds_that_found_the_budget_used_up_cost_nobody_their_turn(worker, nameserver, store):
    """Else an interval and a budget that fit each other would let some wait for ever."""
    more = Inventory((), (Asset("198.51.100.16/28", "acme"),))
    await hold(store, more)
    worker.watchlist.every["sample"] = DAY / 4
    for _ in range(4 * 40):
        worker.clock.advance(DAY / 4)
        await worker.tick()
    for subject in (*SUBJECTS, *expand("198.51.100.16/28")):
        assert nameserver.times_asked(query_name(SAMPLE_LIST, subject.kind, subject.value, None).rstrip("."))


async def test_one_of_each_kind_is_asked_so_that_every_kind_is_verified(worker, nameserver):
    for _ in range(4):
        cycle, asked = await a_day(worker, nameserver)
        assert {subject.kind for subject in asked} == {SubjectKind.IPV4, SubjectKind.IPV6}
        assert set(cycle.kinds_verified) == {SubjectKind.IPV4, SubjectKind.IPV6}


async def test_once_it_is_used_up_nothing_is_sent_at_all(worker, nameserver, store):
    await a_day(worker, nameserver)
    nameserver.questions.clear()
    worker.clock.advance(DAY)
    await store.take_budget("sample", worker.clock.now().date(), 16, 16)
    (cycle,) = await worker.tick()
    assert (len(nameserver.questions), cycle.verified, cycle.unreachable) == (0, False, 10)
    assert cycle.detail == "the day's budget of 16 queries is used up: ask the list less often"
    assert list(await store.zone_states()) == [("sample", worker.lookups.paths[0])]


async def test_a_budget_too_small_for_the_test_points_asks_nothing(store, nameserver):
    small = replace(SAMPLE_LIST, budget=Budget(per_day=13))
    worker = Worker(store, lookups_through(nameserver), MovedClock(), small)
    (cycle,) = await worker.tick()
    assert (len(nameserver.questions), cycle.verified) == (0, False)


async def test_a_list_is_asked_no_more_often_than_its_budget_suffices_for(store, nameserver):
    narrow = replace(SAMPLE_LIST, budget=Budget(per_day=66))
    worker = Worker(store, lookups_through(nameserver), MovedClock(), narrow, every=timedelta(hours=1))
    await worker.tick()
    worker.clock.advance(timedelta(hours=3))
    assert await worker.tick() == []
    worker.clock.advance(timedelta(hours=1))
    (cycle,) = await worker.tick()
    assert cycle.vouches_until - cycle.started_at == timedelta(hours=4)


async def test_a_budget_that_is_enough_is_not_felt(store, nameserver):
    enough = replace(SAMPLE_LIST, budget=Budget(per_day=22))
    worker = Worker(store, lookups_through(nameserver), MovedClock(), enough)
    (cycle,) = await worker.tick()
    assert (cycle.clear, cycle.verified) == (10, True)


class AsDownload:
    """What a nameserver says, by the way of a download."""

    def __init__(self, lookups):
        self._lookups = lookups

    def paths_for(self, _):
        return (FEED,)

    def confirm_paths_for(self, _):
        return ()

    def open(self, _):
        return self._lookups.open(self._lookups.paths[0])


async def test_what_is_had_as_a_download_costs_no_budget(store, nameserver):
    worker = Worker(store, AsDownload(lookups_through(nameserver)), MovedClock(), LIMITED)
    (cycle,) = await worker.tick()
    assert (cycle.clear, cycle.unreachable) == (10, 0)
