"""What the flows may rely on of a store, on every database: the inventory, the ledger, the values themselves."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta, timezone

import pytest

from contract.store_values import (
    ACME,
    BRAVO,
    DAY,
    DOMAIN,
    HOUR,
    IPV4,
    IPV6,
    LEASE,
    MINUTE,
    NOON,
    WATCH,
    commit,
    cycle,
    draft,
    fold,
    listed,
    open_listing,
    step,
)
from deliverwatch.core.coverage import Gap
from deliverwatch.core.errors import FenceLost, StoreError
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import ListingState, Watch
from deliverwatch.core.remediation.draft import DraftState
from deliverwatch.core.subjects import DomainRole, parse_subject
from deliverwatch.core.verdict import Outcome
from deliverwatch.flows.ports import Claim, Slot
from deliverwatch.store import open_store

RANGE = Asset("198.51.100.0/28", "acme", pool="acme-news", stream="newsletter", subaccounts=("7", "8"))
SITE = Asset(
    "news.acme.example",
    "acme",
    roles=(DomainRole.FROM, DomainRole.DKIM),
    dkim_selectors=("s1",),
    network_owner="Example Net",
    from_on=date(2026, 1, 1),
    until_on=date(2027, 1, 1),
)
SHARED = Asset("203.0.113.0/29", None, shared_with=("bravo", "acme"), pool="shared-1")
ALL = InventoryChange(customers_added=(BRAVO, ACME), assets_added=(RANGE, SITE, SHARED))


class TestInventory:
    async def test_is_empty_at_first(self, store):
        assert await store.inventory() == Inventory()

    async def test_comes_back_as_it_was_given(self, store):
        await store.apply_inventory(ALL, NOON)
        found = await store.inventory()
        assert found == Inventory((ACME, BRAVO), (RANGE, SITE, SHARED))
        assert [asset.added_at for asset in found.assets] == [NOON] * 3

    async def test_changes_are_in_place(self, store):
        await store.apply_inventory(ALL, NOON)
        moved = replace(ACME, tam=BRAVO.tam, contacts=("new@acme.example",))
        shared = replace(SHARED, shared_with=("acme",), from_on=date(2026, 11, 1))
        change = InventoryChange(customers_changed=(moved,), assets_changed=((SHARED, shared),))
        await store.apply_inventory(change, NOON + DAY)
        found = await store.inventory()
        assert found == Inventory((moved, BRAVO), (RANGE, SITE, shared))
        assert {asset.added_at for asset in found.assets} == {NOON}

    async def test_what_is_gone_is_ended_and_kept(self, store):
        await store.apply_inventory(ALL, NOON)
        await store.apply_inventory(InventoryChange(assets_ended=((RANGE, date(2026, 11, 23)),)), NOON)
        assert (await store.inventory()).assets[0] == replace(RANGE, until_on=date(2026, 11, 23))

    async def test_taken_back_on_the_same_day_is_the_same_holding_known_from_now(self, store):
        held = replace(RANGE, from_on=date(2026, 11, 24))
        await store.apply_inventory(InventoryChange(customers_added=(ACME,), assets_added=(held,)), NOON)
        await store.apply_inventory(InventoryChange(assets_ended=((held, date(2026, 11, 23)),)), NOON + HOUR)
        await store.apply_inventory(InventoryChange(assets_added=(held,)), NOON + 2 * HOUR)
        (found,) = (await store.inventory()).assets
        assert (found, found.added_at) == (held, NOON + 2 * HOUR)

    async def test_a_change_of_what_is_not_there_changes_nothing(self, store):
        change = InventoryChange(customers_added=(ACME,), assets_changed=((RANGE, replace(RANGE, pool="other")),))
        with pytest.raises(StoreError, match=r"198\.51\.100\.0/28 is not on record"):
            await store.apply_inventory(change, NOON)
        assert await store.inventory() == Inventory()

    async def test_each_change_raises_the_revision_and_one_that_failed_does_not(self, store):
        assert await store.inventory_revision() == 0
        await store.apply_inventory(ALL, NOON)
        await store.apply_inventory(InventoryChange(assets_ended=((RANGE, date(2026, 11, 23)),)), NOON)
        assert await store.inventory_revision() == 2
        with pytest.raises(StoreError):
            await store.apply_inventory(InventoryChange(assets_changed=((SITE, replace(SITE, holder="nobody")),)), NOON)
        assert await store.inventory_revision() == 2

    async def test_an_asset_of_nobody_known_is_refused_whole(self, store):
        change = InventoryChange(customers_added=(BRAVO,), assets_added=(RANGE,))
        with pytest.raises(StoreError):
            await store.apply_inventory(change, NOON)
        assert await store.inventory() == Inventory()


class TestLedger:
    async def test_a_slot_is_added_once(self, store):
        assert await store.add_slot("scan/zen", "0001", NOON)
        assert not await store.add_slot("scan/zen", "0001", NOON + HOUR)
        assert await store.last_slot("scan/zen") == Slot("scan/zen", "0001", NOON, None, None)
        assert await store.last_slot("scan/other") is None

    async def test_the_last_slot_has_the_highest_key_by_code_point(self, store):
        for key in ("a", "B", "Z", "_"):
            await store.add_slot("scan/zen", key, NOON)
        assert (await store.last_slot("scan/zen")).key == "a"

    async def test_claimed_finished_and_never_again(self, store):
        await store.add_slot("scan/zen", "0001", NOON)
        claim = await store.claim_slot("scan/zen", "0001", NOON, LEASE)
        assert claim == Claim("scan/zen", "0001", 1)
        await store.finish_slot(claim, NOON + MINUTE)
        assert await store.last_slot("scan/zen") == Slot("scan/zen", "0001", NOON, NOON, NOON + MINUTE)
        assert await store.claim_slot("scan/zen", "0001", NOON + DAY, LEASE) is None
        await store.finish_slot(claim, NOON + HOUR)  # a replay
        assert (await store.last_slot("scan/zen")).finished_at == NOON + MINUTE

    async def test_what_is_not_there_cannot_be_claimed(self, store):
        assert await store.claim_slot("scan/zen", "0001", NOON, LEASE) is None
        with pytest.raises(FenceLost):
            await store.finish_slot(Claim("scan/zen", "0001", 1), NOON)

    async def test_a_lease_holds_until_it_ends_and_the_fence_grows(self, store):
        await store.add_slot("scan/zen", "0001", NOON)
        late = await store.claim_slot("scan/zen", "0001", NOON, LEASE)
        assert await store.claim_slot("scan/zen", "0001", NOON + LEASE - MINUTE, LEASE) is None
        next_one = await store.claim_slot("scan/zen", "0001", NOON + LEASE, LEASE)
        assert next_one.fence == 2
        with pytest.raises(FenceLost, match="claimed again meanwhile"):
            await store.finish_slot(late, NOON)
        await store.finish_slot(next_one, NOON + LEASE)

    async def test_late_but_still_the_only_one_may_finish(self, store):
        await store.add_slot("scan/zen", "0001", NOON)
        claim = await store.claim_slot("scan/zen", "0001", NOON, LEASE)
        await store.finish_slot(claim, NOON + DAY)

    async def test_a_renewed_lease_holds_longer_and_keeps_its_fence(self, store):
        await store.add_slot("scan/zen", "0001", NOON)
        claim = await store.claim_slot("scan/zen", "0001", NOON, LEASE)
        await store.renew_slot(claim, NOON + MINUTE, LEASE)
        assert (await store.last_slot("scan/zen")).lease_until == NOON + MINUTE + LEASE
        assert await store.claim_slot("scan/zen", "0001", NOON + LEASE, LEASE) is None
        await store.finish_slot(claim, NOON + LEASE)

    async def test_a_lease_that_is_lost_or_done_is_not_renewed(self, store):
        await store.add_slot("scan/zen", "0001", NOON)
        late = await store.claim_slot("scan/zen", "0001", NOON, LEASE)
        claim = await store.claim_slot("scan/zen", "0001", NOON + LEASE, LEASE)
        before = await store.last_slot("scan/zen")
        with pytest.raises(FenceLost, match="0001 of scan/zen"):
            await store.renew_slot(late, NOON + LEASE, DAY)
        assert await store.last_slot("scan/zen") == before
        await store.finish_slot(claim, NOON + LEASE)
        with pytest.raises(FenceLost):
            await store.renew_slot(claim, NOON + LEASE, DAY)

    async def test_released_leases_are_free_at_once_and_their_holders_are_too_late(self, store):
        await store.add_slot("scan/zen", "0001", NOON)
        await open_listing(store)
        dead = await store.claim_slot("scan/zen", "0001", NOON, DAY)
        delivery = await store.claim_notification(NOON + HOUR, DAY)
        assert await store.release_leases() == 2
        assert await store.release_leases() == 0
        with pytest.raises(FenceLost):
            await store.finish_slot(dead, NOON)
        assert (await store.claim_slot("scan/zen", "0001", NOON, DAY)).fence == 2
        again = await store.claim_notification(NOON + HOUR, DAY)
        assert (again.notification, again.attempt) == (delivery.notification, 2)

    async def test_of_two_that_claim_at_once_one_gets_it(self, store, store_url):
        for number in range(30):
            await store.add_slot("scan/zen", f"{number:04}", NOON)
            await open_listing(store, NOON + number * MINUTE, Watch("zen", parse_subject(f"192.0.2.{number}")))
        with ThreadPoolExecutor(3) as threads:
            claims, deliveries = zip(*threads.map(claim_all, [store_url] * 3), strict=True)
        assert sorted(key for keys in claims for key in keys) == [f"{number:04}" for number in range(30)]
        ids = [identity for identities in deliveries for identity in identities]
        assert len(ids) == len(set(ids)) == 30


def claim_all(url):
    """One process' worth of claims: all slots, then all notifications."""

    async def work():
        store = open_store(url)
        slots = [await store.claim_slot("scan/zen", f"{number:04}", NOON, LEASE) for number in range(30)]
        ids = []
        while (delivery := await store.claim_notification(NOON + HOUR, LEASE)) is not None:
            ids.append(delivery.notification.id)
        await store.close()
        return [claim.key for claim in slots if claim is not None], ids

    return asyncio.run(work())


class TestBudget:
    async def test_what_is_left_of_the_day_is_granted(self, store):
        day = NOON.date()
        assert await store.take_budget("zen", day, 60, 100) == 60
        assert await store.take_budget("zen", day, 60, 100) == 40
        assert await store.take_budget("zen", day, 60, 100) == 0
        assert await store.take_budget("zen", day, 60, 50) == 0  # cut down since
        assert await store.take_budget("zen", day, 60, 110) == 10
        assert await store.take_budget("other", day, 60, 100) == 60
        assert await store.take_budget("zen", day + DAY, 60, 100) == 60

    async def test_of_many_that_take_at_once_nobody_gets_what_another_got(self, store_url):
        with ThreadPoolExecutor(4) as threads:
            granted = list(threads.map(take_all, [store_url] * 4))
        assert sum(sum(each) for each in granted) == 100


def take_all(url):
    async def work():
        store = open_store(url)
        granted = [await store.take_budget("zen", NOON.date(), 7, 100) for _ in range(10)]
        await store.close()
        return granted

    return asyncio.run(work())


class TestValues:
    async def test_instants_are_kept_to_the_microsecond_and_come_back_in_utc(self, store):
        tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
        await store.add_slot("scan/zen", "0001", tokyo)
        due_at = (await store.last_slot("scan/zen")).due_at
        assert (due_at, due_at.utcoffset()) == (NOON, timedelta(0))

    async def test_a_naive_time_is_refused(self, store):
        with pytest.raises(StoreError, match="timezone"):
            await store.add_slot("scan/zen", "0001", NOON.replace(tzinfo=None))
        assert await store.last_slot("scan/zen") is None

    async def test_text_that_no_database_holds_keeps_no_round_from_being_committed(self, store):
        nasty = "NUL \x00, half \ud800, whole \U0001f480, \x1b[2J"
        state, events = fold(ListingState(), [listed(NOON), listed(NOON + MINUTE, "other", reason=nasty)])
        gap = Gap(Watch("zen", IPV6), NOON, None, Outcome.NONSENSE, nasty)
        await commit(store, cycle=cycle(detail=nasty), states={IPV4: state}, events=events, gaps_opened=[gap])
        harmless = "NUL \ufffd, half \ufffd, whole \U0001f480, \x1b[2J"
        assert (await store.listings())[0].reason == harmless
        assert (await store.last_cycles())["zen"].detail == harmless
        assert (await store.load_round("zen", NOON - 3 * DAY)).gaps[IPV6].detail == harmless
        assert (await store.events())[0].facts["reason"] == nasty

    async def test_counts(self, store):
        assert await store.counts() == {
            "open_listings": 0,
            "drafts_waiting": 0,
            "outbox_pending": 0,
            "outbox_dead": 0,
            "events": 0,
        }
        for minute, subject in enumerate((IPV4, IPV6, DOMAIN)):
            await open_listing(store, NOON + minute * MINUTE, Watch("zen", subject))
        await store.notification_failed(await store.claim_notification(NOON + HOUR, LEASE), "550", None)
        await store.notification_sent(await store.claim_notification(NOON + HOUR, LEASE), NOON + HOUR)
        await store.add_draft(draft("k1", 1), step())
        await store.add_draft(draft("k2", 2, state=DraftState.PULLED), step())
        await store.add_draft(draft("k3", 3, state=DraftState.SUBMITTED), step())
        assert await store.counts() == {
            "open_listings": 3,
            "drafts_waiting": 2,
            "outbox_pending": 1,
            "outbox_dead": 1,
            "events": 3,
        }

    async def test_what_was_written_is_there_for_the_next_one_that_opens(self, store, start_store):
        state, _ = await open_listing(store)
        assert await start_store().watch_states() == {WATCH: state}

    async def test_ping(self, store):
        await store.ping()
