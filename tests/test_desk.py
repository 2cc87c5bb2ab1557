"""One picture of the inventory for all pages, and events without what is others' to know."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.core.access import Act, Viewer
from deliverwatch.core.delivery import FactCounts, FactKey
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory import Asset, Customer, ServiceZone, Tam
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.subjects import parse_subject
from deliverwatch.desk import TamDesk
from deliverwatch.flows.delivery_ports import IngestBatch
from deliverwatch.store import open_store

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TAM = Tam("Robin Doe", "robin@esp.example")
MINE, OTHER = (Customer(f"{name}-id", name, ServiceZone.UK, TAM, ()) for name in ("Mine", "Bravo"))
OWN, SHARED, FOREIGN = map(parse_subject, ("192.0.2.10", "192.0.2.20", "192.0.2.30"))
ASSETS = (
    Asset("192.0.2.10", "Mine-id"),
    Asset("192.0.2.20", None, ("Mine-id", "Bravo-id")),
    Asset("192.0.2.30", "Bravo-id"),
    Asset("192.0.2.40", "Mine-id", until_on=(NOON - DAY).date()),
)
VIEWER = Viewer("a", "robin", frozenset(Act), frozenset({"Mine-id"}))
ALL = replace(VIEWER, customers=None)


class Clock:
    def __init__(self):
        self.at = NOON

    def now(self):
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    await store.apply_inventory(InventoryChange(customers_added=(MINE, OTHER), assets_added=ASSETS), NOON)
    await count(store, OWN, 30)
    await count(store, SHARED, 70)
    yield store
    await store.close()


@pytest.fixture
def desk(store, clock):
    return TamDesk(store, clock, {})


async def count(store, subject, attempted, source="postfix", at=NOON - 10 * MINUTE):
    key = FactKey(source, subject.value, "gmail", "", "", "", "", at)
    await store.commit_ingest(IngestBatch(source, source, NOON, facts={key: FactCounts(attempted)}))


class TestSnapshot:
    async def test_has_the_assets_of_today_and_what_share_of_the_mail_a_sender_has(self, desk):
        seen = await desk.snapshot()
        assert [each.name for each in seen.assets["Mine-id"]] == ["192.0.2.10", "192.0.2.20"]
        assert [each.name for each in seen.assets["Bravo-id"]] == ["192.0.2.20", "192.0.2.30"]
        assert seen.parties(SHARED) == ("Bravo-id", "Mine-id")
        assert seen.customers["Mine-id"] == MINE
        assert (seen.shares.of(OWN), seen.as_of, seen.shares_at) == (0.3, NOON, NOON)

    async def test_is_kept_until_the_inventory_changes(self, desk, store, clock):
        first = await desk.snapshot()
        clock.at += MINUTE
        assert await desk.snapshot() is first
        await store.apply_inventory(InventoryChange(assets_added=(Asset("192.0.2.50", "Mine-id"),)), NOON)
        again = await desk.snapshot()
        assert [each.name for each in again.assets["Mine-id"]] == ["192.0.2.10", "192.0.2.20", "192.0.2.50"]
        assert again.revision == first.revision + 1

    async def test_is_another_one_on_the_next_day(self, desk, store, clock):
        ends = replace(ASSETS[0], until_on=NOON.date())
        await store.apply_inventory(InventoryChange(assets_changed=((ASSETS[0], ends),)), NOON)
        assert "192.0.2.10" in [each.name for each in (await desk.snapshot()).assets["Mine-id"]]
        clock.at += DAY
        assert [each.name for each in (await desk.snapshot()).assets["Mine-id"]] == ["192.0.2.20"]

    @pytest.mark.parametrize("passed", [5 * MINUTE, -MINUTE])
    async def test_shares_are_counted_again_after_some_minutes_and_when_the_clock_was_set_back(
        self, desk, store, clock, passed
    ):
        first = await desk.snapshot()
        await count(store, OWN, 40, at=NOON - 20 * MINUTE)
        clock.at += 4 * MINUTE
        assert (await desk.snapshot()).shares.of(OWN) == 0.3
        clock.at = NOON + passed
        later = await desk.snapshot()
        assert (later.shares.of(OWN), later.shares_at) == (0.5, clock.at)
        assert (later.inventory, later.as_of) == (first.inventory, NOON)

    async def test_many_pages_at_once_load_it_once(self, desk, store, monkeypatch):
        loaded = []
        inventory = store.inventory

        async def counted():
            loaded.append(1)
            return await inventory()

        monkeypatch.setattr(store, "inventory", counted)
        seen = await asyncio.gather(*(desk.snapshot() for _ in range(20)))
        assert len(loaded) == 1
        assert len(set(map(id, seen))) == 1

    async def test_others_go_on_with_the_shares_of_before_while_one_counts(self, desk, store, clock, monkeypatch):
        await desk.snapshot()
        counting, go_on = asyncio.Event(), asyncio.Event()
        attempts = store.attempts

        async def slow(since, until):
            counting.set()
            await go_on.wait()
            return await attempts(since, until)

        monkeypatch.setattr(store, "attempts", slow)
        clock.at += 6 * MINUTE
        one = asyncio.create_task(desk.snapshot())
        await counting.wait()
        assert (await desk.snapshot()).shares_at == NOON
        go_on.set()
        assert (await one).shares_at == clock.at

    async def test_two_sources_of_one_space_are_added_up(self, store, clock):
        await count(store, OWN, 20, "api")
        assert (await TamDesk(store, clock, {}).snapshot()).shares.of(OWN) == 0.3
        spaces = {"api": "postfix"}
        assert (await TamDesk(store, clock, spaces).snapshot()).shares.of(OWN) == round(50 / 120, 4)


async def test_customers_are_those_that_one_sees_by_name(desk):
    assert await desk.customers(VIEWER) == [MINE]
    assert await desk.customers(ALL) == [OTHER, MINE]


def listing(subject, *parties, **facts):
    key = f"listing_opened/zen/{subject}/2026-11-24T12:00:00+00:00"
    return Event(key, EventKind.LISTING_OPENED, NOON, "zen", subject, {"parties": list(parties), **facts})


class TestAsSeen:
    async def seen(self, desk, event, viewer=VIEWER):
        return desk.as_seen(event, viewer, await desk.snapshot())

    async def test_what_is_one_s_own_stays_as_it_is(self, desk):
        event = listing(OWN, "Mine-id", mail_share=0.3, codes=["127.0.0.2"])
        assert await self.seen(desk, event) == event

    async def test_who_sees_all_reads_it_as_it_was_written(self, desk):
        event = listing(FOREIGN, "Bravo-id", incident="listing_opened/zen/192.0.2.31/x")
        assert await self.seen(desk, event, ALL) is event

    async def test_of_a_shared_sender_one_reads_neither_the_others_nor_the_share(self, desk):
        seen = await self.seen(desk, listing(SHARED, "Bravo-id", "Mine-id", mail_share=0.7, idle=False, codes=["x"]))
        assert seen.facts == {"parties": ["Mine-id"], "codes": ["x"]}
        block = replace(listing(SHARED, "Bravo-id", "Mine-id", mail_share=0.7), kind=EventKind.BLOCK_OPENED)
        told = await self.seen(desk, replace(block, facts={**block.facts, "samples": ["of Bravo"], "rule": "r"}))
        assert told.facts == {"parties": ["Mine-id"], "rule": "r", "shared": True}

    async def test_of_an_incident_one_reads_one_s_own_part(self, desk):
        facts = {
            "members": ["192.0.2.30", "192.0.2.10", "192.0.2.20"],
            "member_count": 3,
            "own": {"parties": ["Bravo-id"], "mail_share": 0.9},
            "mass": {"opened": 3, "watched": 9},
            "reason": "see lists.example/?ip=192.0.2.30",
            "codes": ["127.0.0.2"],
        }
        seen = await self.seen(desk, listing(FOREIGN, "Bravo-id", "Mine-id", **facts))
        assert (seen.subject, seen.key) == (OWN, listing(OWN).key)
        assert seen.facts == {
            "parties": ["Mine-id"],
            "members": ["192.0.2.10", "192.0.2.20"],
            "member_count": 2,
            "codes": ["127.0.0.2"],
        }

    async def test_what_points_to_another_s_event_points_nowhere(self, desk):
        event = listing(OWN, "Mine-id", incident=listing(FOREIGN).key, told_by=listing(FOREIGN).key, quiet=True)
        assert (await self.seen(desk, event)).facts == {"parties": ["Mine-id"], "quiet": True}

    async def test_who_had_it_before_is_not_named(self, desk):
        event = listing(OWN, "Bravo-id", "Mine-id", before=["Bravo-id"], after=["Mine-id"])
        seen = await self.seen(desk, replace(event, kind=EventKind.LISTING_HANDED_OVER))
        assert (seen.facts["before"], seen.facts["after"]) == ([], ["Mine-id"])

    async def test_nothing_of_the_other_is_left_in_any_of_them(self, desk):
        facts = {"members": ["192.0.2.30/31", "192.0.2.10"], "own": {"parties": ["Bravo-id"]}}
        facts |= {"told_by": listing(FOREIGN).key, "reason": "192.0.2.30"}
        before = {EventKind.LISTING_HANDED_OVER: {"before": ["Bravo-id"], "after": ["Mine-id"]}}
        for kind in (EventKind.LISTING_OPENED, EventKind.LISTING_HANDED_OVER, EventKind.BLOCK_OPENED):
            event = listing(FOREIGN, "Mine-id", "Bravo-id", **facts, **before.get(kind, {}))
            seen = await self.seen(desk, replace(event, kind=kind))
            told = json.dumps([seen.key, str(seen.subject), dict(seen.facts)])
            assert "Mine-id" in told
            assert "Bravo" not in told
            assert "192.0.2.3" not in told
