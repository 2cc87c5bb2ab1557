"""Open listings when the inventory changes under them: who hears that it ended, and who that it went to another."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contract.store_values import NOON, commit, opening
from deliverwatch.core.alerting import Audience
from deliverwatch.core.events import Ending, EventKind
from deliverwatch.core.inventory import Asset, Holdings, Tam
from deliverwatch.core.inventory_diff import plan_import
from deliverwatch.core.listing import ListingPolicy, Look, Watch, fold
from deliverwatch.core.receivers import Routing
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.verdict import Outcome, Verdict
from deliverwatch.core.week_listings import listings_seen_by
from deliverwatch.flows.held import HeldCache
from deliverwatch.flows.rounds import RoundPolicy
from deliverwatch.flows.run_rounds import Watchlist
from deliverwatch.flows.sweep_watches import sweep_watches
from deliverwatch.flows.tell import about, notify
from deliverwatch.store import open_store
from samples import SAMPLE_LIST, customer

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ACME, BRAVO = customer("acme"), customer("bravo")
ADDRESS = parse_subject("203.0.113.1")
WATCH = Watch("zen", ADDRESS)
MINE = Asset("203.0.113.1", "acme", pool="p")
POOL = Asset("203.0.113.0/30", None, ("acme", "bravo"), pool="shared")
OPS = ("ops@esp.example",)


class Days:
    """A clock that stands still, some days after the listing began."""

    def __init__(self, days):
        self.days = days

    def now(self):
        return NOON + self.days * DAY


class Desk:
    """A real store, imports and sweeps on given days, and what is owed to whom after them."""

    def __init__(self, store):
        self.store = store

    async def import_(self, *assets, day=0, customers=(ACME, BRAVO)):
        now = Days(day).now()
        before = await self.store.inventory()
        change = plan_import(before, customers, assets, True, now.date())
        await self.store.apply_inventory(change, now)
        again = plan_import(await self.store.inventory(), customers, assets, True, now.date())
        assert not again

    async def list_it(self):
        state, events = opening(NOON, WATCH)
        await commit(self.store, states={ADDRESS: state}, events=events)

    async def sweep(self, day, lists_on=("zen",), running_for=timedelta(0), dry_run=(), leads=True):
        """{(recipient, kind): customers} of what it newly caused."""
        before = {line.notification.id for line in await self.store.outbox()}
        blocklists = tuple(replace(SAMPLE_LIST, id=list_id, leads=leads) for list_id in lists_on)
        watchlist = Watchlist(
            blocklists, dict.fromkeys(lists_on, HOUR), Routing(OPS), RoundPolicy(), HOUR, frozenset(dry_run)
        )
        held = await HeldCache(self.store).on(Days(day).now().date())
        await sweep_watches(self.store, Days(day), watchlist, held, running_for)
        lines = [line for line in await self.store.outbox() if line.notification.id not in before]
        return {(line.notification.recipient, line.event_kind): line.notification.customers for line in lines}

    async def owed(self, events, operators=OPS):
        inventory = await self.store.inventory()
        holdings = Holdings(inventory.assets)
        return notify([about(event, None, holdings) for event in events], inventory.customers, Routing(operators))

    async def seen_by(self, customer_id, day=0):
        inventory, found = await self.store.inventory(), await self.store.listings()
        seen = listings_seen_by(customer_id, inventory.assets, found, Days(day).now())
        return [(each.opened_at.date() - NOON.date(), each.ended) for each in seen]


@pytest.fixture
async def desk(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield Desk(store)
    await store.close()


async def test_who_no_longer_shares_keeps_the_past_and_who_shares_now_gets_none(desk):
    await desk.import_(replace(POOL, shared_with=("bravo",)))
    await desk.list_it()
    await desk.import_(replace(POOL, shared_with=("acme",)), day=4)
    assert await desk.seen_by("bravo", day=5) == [(0 * DAY, Ending.WITHDRAWN)]
    assert await desk.seen_by("acme", day=5) == [(4 * DAY, None)]
    assert [asset.shared_with for asset in (await desk.store.inventory()).assets] == [("bravo",), ("acme",)]
    await desk.import_(replace(POOL, shared_with=("acme", "bravo")), day=4)  # the same day: in place
    assert [asset.shared_with for asset in (await desk.store.inventory()).assets] == [("bravo",), ("acme", "bravo")]
    assert await desk.seen_by("bravo", day=5) == [(0 * DAY, None)]


async def test_the_tam_hears_of_a_listing_that_ended_because_the_asset_is_gone(desk):
    await desk.import_(MINE)
    await desk.list_it()
    await desk.import_(day=3)
    kind = EventKind.LISTING_CLOSED
    assert await desk.sweep(3) == {(OPS[0], kind): ("acme",), (ACME.tam.email, kind): ("acme",)}
    assert await desk.sweep(3) == {}


async def test_what_began_in_silence_ends_in_it(desk):
    await desk.import_(MINE)
    await desk.list_it()
    await desk.import_(day=3)
    assert await desk.sweep(3, leads=False) == {}
    assert await desk.store.listings(open_only=True) == []


async def test_a_list_that_goes_on_trial_ends_what_it_had_opened(desk):
    await desk.import_(MINE)
    await desk.list_it()
    kind = EventKind.LISTING_CLOSED
    assert await desk.sweep(3, dry_run=("zen",)) == {(OPS[0], kind): ("acme",), (ACME.tam.email, kind): ("acme",)}
    assert [each.ended for each in await desk.store.listings()] == [Ending.LIST_ENDED]


async def test_what_is_doubted_is_handed_over_to_nobody(desk):
    await desk.import_(replace(POOL, shared_with=("bravo",)))
    await desk.list_it()
    states = await desk.store.watch_states()
    await desk.store.commit_endings({watch: replace(state, doubted=True) for watch, state in states.items()}, [], [])
    await desk.import_(replace(POOL, shared_with=("acme",)), day=4)
    assert await desk.sweep(4) == {}
    await desk.store.commit_endings(states, [], [])
    assert set(await desk.sweep(5)) == {
        (person, EventKind.LISTING_HANDED_OVER) for person in (OPS[0], ACME.tam.email, BRAVO.tam.email)
    }


async def test_both_hear_of_a_listing_that_goes_from_one_to_the_other(desk):
    await desk.import_(MINE)
    await desk.list_it()
    assert await desk.sweep(0) == {}
    await desk.import_(replace(MINE, holder="bravo"), day=3)
    kind = EventKind.LISTING_HANDED_OVER
    assert await desk.sweep(3) == {
        (OPS[0], kind): ("acme", "bravo"),
        (ACME.tam.email, kind): ("acme",),
        (BRAVO.tam.email, kind): ("bravo",),
    }
    (event,) = await desk.store.events([kind])
    assert (event.facts["before"], event.facts["after"]) == (["acme"], ["bravo"])
    assert len(await desk.store.listings(open_only=True)) == 1


async def test_each_change_is_told_once_to_whoever_reads_then(desk):
    await desk.import_(MINE)
    await desk.list_it()
    await desk.import_(replace(MINE, holder="bravo"), day=3)
    assert await desk.sweep(3)
    assert await desk.sweep(4) == {}
    new_tam = replace(ACME, tam=Tam("New", "new@esp.example"))
    await desk.import_(replace(MINE, holder="bravo"), day=4, customers=(new_tam, BRAVO))
    assert await desk.sweep(5) == {}
    await desk.import_(MINE, day=6, customers=(new_tam, BRAVO))
    assert (new_tam.tam.email, EventKind.LISTING_HANDED_OVER) in await desk.sweep(6)


async def test_a_share_tells_only_those_for_whom_something_changed(desk):
    await desk.import_(replace(POOL, shared_with=("acme",)))
    await desk.list_it()
    await desk.import_(POOL, day=2)
    kind = EventKind.LISTING_HANDED_OVER
    assert await desk.sweep(2) == {(OPS[0], kind): ("bravo",), (BRAVO.tam.email, kind): ("bravo",)}


async def test_an_address_taken_out_of_a_shared_range_is_its_holders_alone(desk):
    await desk.import_(replace(POOL, shared_with=("bravo",)), MINE)
    holdings = Holdings((await desk.store.inventory()).assets)
    _, events = opening(NOON, WATCH)
    made = await desk.owed(events)
    assert {(each.recipient, each.audience, each.customers) for each in made} == {
        (OPS[0], Audience.OPERATOR, ("acme",)),
        (ACME.tam.email, Audience.TAM, ("acme",)),
    }
    assert holdings.parties(parse_subject("203.0.113.2"), NOON.date()) == ("bravo",)
    await desk.list_it()
    assert await desk.seen_by("bravo") == []
    await desk.import_(replace(POOL, shared_with=("bravo",)), day=3)
    assert (BRAVO.tam.email, EventKind.LISTING_HANDED_OVER) in await desk.sweep(3)
    assert await desk.seen_by("bravo", day=4) == [(3 * DAY, None)]


async def test_who_heard_of_the_beginning_hears_of_the_end(desk):
    await desk.import_(MINE)
    state, _ = opening(NOON, WATCH)
    await desk.import_(replace(MINE, holder="bravo"), day=3)
    events = []
    for hours in (0, 1, 2):
        look = Look(NOON + 4 * DAY + hours * HOUR, "192.0.2.53:53", Verdict(Outcome.CLEAR))
        state, happened = fold(state, WATCH, look, ListingPolicy())
        events += happened
    made = await desk.owed(events, ())
    assert {(each.recipient, each.customers) for each in made} == {
        (ACME.tam.email, ("acme",)),
        (BRAVO.tam.email, ("bravo",)),
    }


async def test_a_list_that_is_off_ends_what_is_open_and_hands_nothing_over(desk):
    await desk.import_(MINE)
    await desk.list_it()
    await desk.import_(replace(MINE, holder="bravo"), day=3)
    assert {kind for _, kind in await desk.sweep(3, lists_on=())} == {EventKind.LISTING_CLOSED}


async def test_a_list_over_which_no_round_can_be_written_is_told_once(desk):
    """Whatever keeps the rounds from being made: here there are none for days."""
    await desk.import_(Asset("192.0.2.10", "acme"))
    await commit(desk.store)
    long = timedelta(hours=5)
    assert await desk.sweep(3, running_for=timedelta(hours=1)) == {}, "not by a daemon that has only just begun"
    told = {("ops@esp.example", EventKind.LIST_STALE): ()}
    assert await desk.sweep(3, running_for=long) == told
    assert await desk.sweep(4, running_for=long) == {}
