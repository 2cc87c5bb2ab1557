"""A listing or a block of a warming address holds its run, in one transaction; a real store, list and round."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from deliverwatch.core.alerting import notification_id
from deliverwatch.core.block import EpisodeEnd
from deliverwatch.core.blocklist import UsedBy
from deliverwatch.core.errors import StoreError
from deliverwatch.core.events import EventKind
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import expand, parse_subject
from deliverwatch.core.warmup.day import Because, DayCounts, DayResult, DayState, Decision
from deliverwatch.core.warmup.plan import Denominator, Gate, GateMeasure, PlanBasis, Stage, WarmupPlan
from deliverwatch.core.warmup.plan_facts import plan_hash
from deliverwatch.core.warmup.run import (
    ALL_PROVIDERS,
    GateHold,
    Hold,
    HoldCause,
    RunState,
    StepKind,
    WarmupRun,
    WarmupStep,
)
from deliverwatch.core.warmup.status import WarmupDay
from deliverwatch.flows.close_by_hand import close_by_hand, episode_id
from deliverwatch.flows.judge import judge_episodes
from deliverwatch.flows.warmup_ports import PlanVersion, WarmupChanges
from deliverwatch.sandbox.zones import Mode, list_subject, unlist_subject, zone_for
from deliverwatch.store import open_store
from deliverwatch.store.engine import open_engine, read_url
from flows.rounds import HOUR, OPS, MovedClock, Worker, hold, lookups_through
from flows.test_judge import DESK, Log
from samples import NOON, SAMPLE_LIST, customer

IP = parse_subject("192.0.2.10")
TAM = "tam-acme@esp.example"
USED = replace(SAMPLE_LIST, used_by=(UsedBy("Example Mail", "its refusals name the list", "mail"),))
PLAN = WarmupPlan(
    "own", "Own plan", "Example ESP", PlanBasis.RESULT, (Stage(200), Stage(400)), "agreed by mail", date(2026, 11, 1)
)
HELD = Inventory((customer("acme"), customer("bravo")), (Asset("192.0.2.0/27", "acme"), Asset("198.51.100.7", "bravo")))
HOLDS, EVENTS = "warmup_hold", "event"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store.db"


@pytest.fixture
async def store(path):
    store = open_store(f"sqlite:///{path}")
    await hold(store, HELD)
    yield store
    await store.close()


@pytest.fixture
def clock():
    return MovedClock(NOON + timedelta(minutes=30))


@pytest.fixture
def zone():
    return zone_for(USED)


@pytest.fixture
async def worker(store, clock, zone, start_nameserver):
    return Worker(store, lookups_through(await start_nameserver(zone)), clock, USED)


async def start(store, ip=IP, **more):
    run = WarmupRun(
        f"run-{ip}", ip.value, "acme", PLAN, 1, plan_hash(PLAN), "Europe/London", NOON.date(), NOON - HOUR, **more
    )
    step = WarmupStep(run.id, NOON, StepKind.STARTED, "ann", "new")
    agreed = PlanVersion(run.id, 1, PLAN, NOON, "ann", "new")
    await store.add_warmup(WarmupChanges(run, steps=[step], agreed=agreed))
    return run


async def told(store, *kinds):
    """The warm-up events that were written, and who was told of each."""
    kinds = kinds or [kind for kind in EventKind if kind.startswith("warmup_")]
    lines = await store.outbox(limit=1000)
    return {
        event.key: sorted(line.notification.recipient for line in lines if line.notification.event_key == event.key)
        for event in await store.events(kinds, 1000)
    }


@pytest.fixture
def other(store, path):
    """Another connection to the database."""
    engine = open_engine(read_url(f"sqlite:///{path}"))
    yield engine
    engine.dispose()


def fails(other, table):
    """The table takes nothing any more, as if the disk were full."""
    with other.begin() as connection:
        connection.execute(text(f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END"))


def is_well(other):
    with other.begin() as connection:
        connection.execute(text("DROP TRIGGER full"))


class TestListings:
    async def test_a_listing_of_a_warming_address_holds_it_and_is_told(self, store, zone, worker):
        run = await start(store)
        list_subject(zone, USED, IP, "127.0.0.2")
        await worker.hours(2)
        (opened,) = await store.listings()
        (held,) = await store.warmup_holds(unreleased=True)
        assert (held.run_id, held.key, held.provider, held.cause) == (run.id, opened.key, "mail", HoldCause.LISTING)
        assert await told(store) == {f"warmup_held/{run.id}/{opened.key}": [OPS, TAM]}

    @pytest.mark.parametrize("table", [HOLDS, EVENTS])
    async def test_hold_listing_and_events_are_written_together_or_not_at_all(self, store, other, zone, worker, table):
        await start(store)
        list_subject(zone, USED, IP, "127.0.0.2")
        await worker.hours(1)
        fails(other, table)
        with pytest.raises(StoreError):
            await worker.hours(1)
        assert (await store.listings(), await store.warmup_holds(), await store.events()) == ([], [], [])
        is_well(other)
        worker.clock.advance(HOUR)  # the lease of the round that failed runs out
        await worker.hours(1)
        kinds = {event.kind for event in await store.events()}
        assert {EventKind.LISTING_OPENED, EventKind.WARMUP_HELD} <= kinds
        assert len(await store.warmup_holds(unreleased=True)) == len(await store.listings(open_only=True)) == 1

    async def test_its_end_makes_the_run_ready_and_releases_nothing(self, store, zone, worker):
        run = await start(store)
        list_subject(zone, USED, IP, "127.0.0.2")
        await worker.hours(2)
        unlist_subject(zone, USED, IP)
        await worker.hours(4)
        (held,) = await store.warmup_holds(unreleased=True)
        assert (held.ended_how, held.released_at) == ("delisted", None)
        assert held.ended_at is not None
        assert await told(store, EventKind.WARMUP_READY) == {f"warmup_ready/{run.id}/{held.key}": [OPS, TAM]}

    async def test_a_range_is_one_message_and_holds_every_run(self, store, zone, worker):
        subjects = list(expand("192.0.2.0/27"))[:29]
        for each in subjects:
            await start(store, each)
            list_subject(zone, USED, each, "127.0.0.2")
        await worker.hours(2)
        assert len({each.run_id for each in await store.warmup_holds(unreleased=True)}) == 29
        readers = await told(store, EventKind.WARMUP_HELD)
        assert sorted(filter(None, readers.values())) == [[OPS, TAM]]
        (lead,) = [each for each in await store.events([EventKind.WARMUP_HELD]) if not each.facts.get("quiet")]
        assert lead.facts["member_count"] == 29
        assert [each for each in await store.listings() if each.closed_at] == []

    async def test_an_ended_watch_ends_its_holds(self, store, zone, worker):
        await start(store)
        list_subject(zone, USED, IP, "127.0.0.2")
        await worker.hours(2)
        worker.watchlist = replace(worker.watchlist, blocklists=())
        await worker.sweep()
        (held,) = await store.warmup_holds(unreleased=True)
        assert held.ended_how == "list_ended"
        assert len(await told(store, EventKind.WARMUP_READY)) == 1

    async def test_a_gate_keeps_it_from_being_ready(self, store, zone, worker):
        run = await start(store)
        await store.commit_warmup(WarmupChanges(run, days=[gated_day(run)]))
        list_subject(zone, USED, IP, "127.0.0.2")
        await worker.hours(2)
        unlist_subject(zone, USED, IP)
        await worker.hours(4)
        assert [held.ended_how for held in await store.warmup_holds()] == ["delisted"]
        assert await told(store, EventKind.WARMUP_READY) == {}

    async def test_one_that_comes_and_goes_is_told_as_such_and_held_quietly(self, store, zone, worker):
        await start(store)
        for _ in range(5):
            list_subject(zone, USED, IP, "127.0.0.2")
            await worker.hours(2)
            unlist_subject(zone, USED, IP)
            await worker.hours(4)
        loud = [readers for readers in (await told(store, EventKind.WARMUP_HELD)).values() if readers]
        assert len(await store.warmup_holds(unreleased=True)) == 5
        assert len(loud) == 3
        assert (await worker.mails(EventKind.LISTING_UNSTABLE))[TAM] == 1

    async def test_a_list_on_trial_holds_nobody(self, store, zone, worker):
        await start(store)
        list_subject(zone, USED, IP, "127.0.0.2")
        worker.watchlist = replace(worker.watchlist, dry_run=frozenset({USED.id}))
        await worker.hours(2)
        assert await store.warmup_holds() == []

    async def test_a_liar_holds_nobody(self, store, zone, worker):
        await start(store)
        zone.mode = Mode.LISTS_THE_WORLD
        await worker.hours(3)
        assert await store.warmup_holds() == []

    async def test_an_address_without_a_run_is_told_as_before(self, store, zone, worker):
        await start(store, parse_subject("198.51.100.7"))
        list_subject(zone, USED, IP, "127.0.0.2")
        await worker.hours(2)
        assert len(await store.listings()) == 1
        assert (await store.warmup_holds(), await told(store)) == ([], {})


def gated_day(run):
    gate = Gate(GateMeasure.BOUNCE, Denominator.OFFERED, 0.05, 100)
    held = GateHold(HoldCause.BOUNCE, ALL_PROVIDERS, NOON.date(), 60, 900, gate.hold_above_ratio, per=gate.of)
    after = RunState(stage=1, gate_holds=(held,), held=True)
    result = DayResult(NOON.date(), 1, 200, DayCounts(900, 900, 840), DayState.HELD, Decision.HOLD, Because.HELD, after)
    return WarmupDay(run.id, "digest", result, {})


class TestBlocks:
    async def test_a_block_holds_its_provider_and_is_told(self, store, clock):
        run = await start(store)
        await Log().said(IP.value, bounced=9).into(store, clock)
        assert await judge_episodes(store, clock, DESK) == 1
        (block,) = await store.episodes()
        (held,) = await store.warmup_holds(unreleased=True)
        assert (held.run_id, held.key, held.provider, held.cause) == (run.id, block.key, "mail", HoldCause.BLOCK)
        assert await told(store) == {f"warmup_held/{run.id}/{block.key}": [OPS, TAM]}

    @pytest.mark.parametrize("table", [HOLDS, EVENTS])
    async def test_hold_block_and_events_are_written_together_or_not_at_all(self, store, other, clock, table):
        await start(store)
        await Log().said(IP.value, bounced=9).into(store, clock)
        fails(other, table)
        with pytest.raises(StoreError):
            await judge_episodes(store, clock, DESK)
        assert (await store.episodes(), await store.warmup_holds(), await store.events()) == ([], [], [])

    async def test_judging_again_holds_nothing_more(self, store, clock):
        await start(store)
        await Log().said(IP.value, bounced=9).into(store, clock)
        await judge_episodes(store, clock, DESK)
        before = await store.warmup_holds(), await told(store)
        await Log("other").said(IP.value, hour=-1, bounced=2).into(store, clock)
        await judge_episodes(store, clock, DESK)
        assert (await store.warmup_holds(), await told(store)) == before

    async def test_a_person_who_ends_it_makes_the_run_ready(self, store, clock):
        run = await start(store)
        await Log().said(IP.value, bounced=9).into(store, clock)
        await judge_episodes(store, clock, DESK)
        (block,) = await store.episodes()
        await close_by_hand(store, clock, DESK, episode_id(block), "the provider wrote so")
        (held,) = await store.warmup_holds(unreleased=True)
        assert held.ended_how == EpisodeEnd.BY_HAND
        assert await told(store, EventKind.WARMUP_READY) == {f"warmup_ready/{run.id}/{block.key}": [OPS, TAM]}

    async def test_a_hold_of_a_person_keeps_it_from_being_ready(self, store, clock):
        run = await start(store)
        persons = Hold(run.id, notification_id("step"), HoldCause.PERSON, ALL_PROVIDERS, NOON, {"by": "ann"})
        await store.commit_warmup(WarmupChanges(run, holds=[persons]))
        await Log().said(IP.value, bounced=9).into(store, clock)
        await judge_episodes(store, clock, DESK)
        (block,) = await store.episodes()
        await close_by_hand(store, clock, DESK, episode_id(block), "the provider wrote so")
        assert await told(store, EventKind.WARMUP_READY) == {}

    async def test_what_accuses_nobody_holds_nothing(self, store, clock):
        await start(store)
        await Log().said(IP.value, ReplyClass.AUTH_FAILURE, bounced=9).into(store, clock)
        assert await judge_episodes(store, clock, DESK) == 1
        assert (await store.warmup_holds(), await told(store)) == ([], {})
