"""What the flows may rely on of a store, on every database: rounds, and the episodes that follow from events."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from contract.store_values import (
    DAY,
    DOMAIN,
    HOUR,
    IPV4,
    IPV6,
    LEASE,
    MINUTE,
    NOON,
    WATCH,
    alert,
    clear,
    closing,
    commit,
    cycle,
    fold,
    listed,
    open_listing,
    opening,
    silent,
)
from deliverwatch.core import listing
from deliverwatch.core.blocklist import Impact
from deliverwatch.core.coverage import Gap
from deliverwatch.core.errors import FenceLost, StoreError
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.flapping import Unstable
from deliverwatch.core.listing import ListingState, Phase, Watch
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.verdict import Outcome
from deliverwatch.core.zone_health import Health, ZoneState
from deliverwatch.flows.ports import RoundResult


async def everything(store):
    """All that a round could have changed."""
    return (
        await store.load_round("zen", NOON - 3 * DAY),
        await store.watch_states(),
        await store.zone_states(),
        await store.cycles(NOON - 30 * DAY, NOON + 30 * DAY),
        await store.gaps(NOON - 30 * DAY, NOON + 30 * DAY),
        await store.listings(),
        await store.events(),
        await store.outbox(),
    )


class TestRounds:
    async def test_nothing_is_believed_at_first(self, store):
        before = await store.load_round("zen", NOON - 3 * DAY)
        assert (before.zones, before.states, before.gaps) == ({}, {}, {})
        assert (before.last_verified_at, before.stale_told) == (None, False)

    async def test_what_a_round_found_is_what_the_next_one_loads(self, store):
        zone = ZoneState(Health.FAILING, NOON, 1, NOON - HOUR, "test point gone")
        state, events = opening(NOON)
        suspected, _ = fold(ListingState(), [listed(NOON)], Watch("zen", DOMAIN))
        gap = Gap(Watch("zen", IPV6), NOON, None, Outcome.REFUSED, "127.255.255.254: public resolver")
        result = await commit(
            store,
            zones={"192.0.2.53:53": zone},
            states={IPV4: state, DOMAIN: suspected},
            gaps_opened=[gap],
            stale_told=True,
            events=events,
            notifications=[alert(events[0])],
        )
        after = await store.load_round("zen", NOON - 3 * DAY)
        assert after.zones == {"192.0.2.53:53": zone}
        assert after.states == {IPV4: state, DOMAIN: suspected}
        assert after.gaps == {IPV6: gap}
        assert (after.last_verified_at, after.stale_told) == (NOON, True)
        assert await store.watch_states() == {WATCH: state, Watch("zen", DOMAIN): suspected}
        assert await store.zone_states() == {("zen", "192.0.2.53:53"): zone}
        assert await store.cycles(NOON, NOON + HOUR) == [result.cycle]
        assert await store.events() == events
        assert [line.notification for line in await store.outbox()] == [alert(events[0])]
        assert (await store.last_slot("scan/zen")).finished_at == result.cycle.finished_at
        assert (await store.load_round("other", NOON - 3 * DAY)).states == {}

    async def test_a_round_that_found_nothing_new_writes_one_row(self, store, written):
        await commit(store, states={parse_subject(f"198.51.100.{n}"): opening(NOON)[0] for n in range(200)})
        await store.add_slot("scan/zen", "0002", NOON)
        claim = await store.claim_slot("scan/zen", "0002", NOON, LEASE)
        written.clear()
        await store.commit_round(RoundResult(claim, cycle(NOON + HOUR), {}, {}))
        assert written == ["UPDATE job_slot", "INSERT INTO cycle"]
        assert len(await store.watch_states()) == 200

    async def test_clear_is_forgotten_and_every_change_is_logged(self, store, count_rows):
        suspected, _ = fold(ListingState(), [listed(NOON)])
        await commit(store, states={IPV4: suspected})
        again, _ = fold(suspected, [clear(NOON + HOUR)])
        await commit(store, NOON + HOUR, states={IPV4: again})
        assert await store.watch_states() == {}
        assert count_rows()["transition"] == 2
        await commit(store, NOON + 2 * HOUR, states={IPV4: again})  # never was anything else
        assert count_rows()["transition"] == 2

    async def test_a_lost_fence_writes_nothing(self, store):
        await store.add_slot("scan/zen", "0001", NOON)
        late = await store.claim_slot("scan/zen", "0001", NOON, LEASE)
        await store.claim_slot("scan/zen", "0001", NOON + LEASE, LEASE)
        state, events = opening(NOON)
        before = await everything(store)
        with pytest.raises(FenceLost):
            await store.commit_round(
                RoundResult(late, cycle(), {"p": ZoneState()}, {IPV4: state}, events=events, notifications=[])
            )
        assert await everything(store) == before

    async def test_a_round_that_fails_half_way_leaves_nothing_and_can_be_written_again(self, store):
        await open_listing(store)
        await store.add_slot("scan/zen", "0002", NOON)
        claim = await store.claim_slot("scan/zen", "0002", NOON, LEASE)
        before = await everything(store)
        state, events = opening(NOON + HOUR)  # of a watch whose listing is open
        result = RoundResult(
            claim,
            cycle(NOON + HOUR),
            {"p": ZoneState()},
            {IPV4: state},
            events=events,
            notifications=[alert(events[0])],
        )
        with pytest.raises(StoreError, match="listing"):
            await store.commit_round(result)
        assert await everything(store) == before
        await store.commit_round(replace(result, events=(), notifications=()))

    async def test_the_same_result_twice_is_written_once(self, store):
        state, events = opening(NOON)
        gap = Gap(Watch("zen", IPV6), NOON, None, Outcome.UNREACHABLE, None)
        result = await commit(
            store, states={IPV4: state}, events=events, notifications=[alert(events[0])], gaps_opened=[gap]
        )
        before = await everything(store)
        await store.commit_round(result)
        assert await everything(store) == before

    async def test_an_event_that_is_known_alters_no_episode(self, store):
        state, event = await open_listing(store)
        closed, ended = closing(state, NOON + DAY)
        await commit(store, NOON + DAY, states={IPV4: closed}, events=ended)
        before = (await store.listings(), await store.events(), await store.outbox())
        await commit(store, NOON + 2 * DAY, events=[event, *ended, event], notifications=[alert(event)])
        assert (await store.listings(), await store.events(), await store.outbox()) == before

    async def test_gaps_open_once_and_close_with_the_round(self, store):
        first = Gap(Watch("zen", IPV6), NOON, None, Outcome.UNREACHABLE, "no answer in time")
        await commit(store, gaps_opened=[first])
        await commit(store, NOON + HOUR, gaps_opened=[replace(first, since=NOON + HOUR)])
        assert (await store.load_round("zen", NOON - 3 * DAY)).gaps == {IPV6: first}
        await commit(store, NOON + 2 * HOUR, gaps_closed=[IPV6])
        assert (await store.load_round("zen", NOON - 3 * DAY)).gaps == {}
        closed = replace(first, until=NOON + 2 * HOUR + MINUTE)
        second = replace(first, since=NOON + 5 * HOUR)
        await commit(store, NOON + 5 * HOUR, gaps_opened=[second])
        assert await store.gaps(NOON - DAY, NOON + DAY) == [closed, second]
        assert await store.gaps(NOON + HOUR, NOON + 2 * HOUR) == [closed]
        assert await store.gaps(NOON - DAY, NOON) == []
        assert await store.gaps(NOON + 4 * HOUR, NOON + 5 * HOUR) == []
        assert await store.gaps(NOON + 8 * DAY, NOON + 9 * DAY) == [second]

    async def test_last_verified_is_the_newest_full_verified_round(self, store):
        await commit(store, NOON)
        await commit(store, NOON + HOUR, cycle=cycle(NOON + HOUR, verified=False, detail="test point gone"))
        await commit(store, NOON + 2 * HOUR, cycle=cycle(NOON + 2 * HOUR, full=False))
        await commit(store, NOON + 3 * HOUR, "other")
        assert (await store.load_round("zen", NOON - 3 * DAY)).last_verified_at == NOON
        last = await store.last_cycles()
        assert last == {
            "zen": cycle(NOON + HOUR, verified=False, detail="test point gone"),
            "other": cycle(NOON + 3 * HOUR, "other"),
        }
        spanned = await store.cycles(NOON + HOUR, NOON + 3 * HOUR)
        assert [each.started_at for each in spanned] == [NOON + HOUR, NOON + 2 * HOUR]

    async def test_the_two_newest_verified_rounds_are_known_by_the_order_of_writing(self, store):
        assert (await store.load_round("zen", NOON)).verified_at == ()
        for hour in (5, 0, 1):  # the clock was ahead once
            await commit(store, NOON + hour * HOUR)
        assert (await store.load_round("zen", NOON)).verified_at == (NOON + HOUR, NOON)

    async def test_the_kinds_that_were_verified_are_kept(self, store):
        partly = replace(cycle(verified=False), kinds_verified=(SubjectKind.IPV6, SubjectKind.DOMAIN))
        await commit(store, cycle=partly)
        assert await store.cycles(NOON, NOON + HOUR) == [partly]

    async def test_openings_since_a_time_are_counted_by_watch(self, store):
        for day in range(3):
            state, _ = await open_listing(store, NOON + day * DAY)
            closed, events = closing(state, NOON + day * DAY + HOUR)
            await commit(store, NOON + day * DAY + 3 * HOUR, states={IPV4: closed}, events=events)
        await open_listing(store, NOON + DAY - MINUTE, Watch("zen", DOMAIN))
        await open_listing(store, NOON, Watch("other", IPV4))
        assert (await store.load_round("zen", NOON)).openings == {IPV4: 3, DOMAIN: 1}
        assert (await store.load_round("zen", NOON + DAY)).openings == {IPV4: 2}
        assert (await store.load_round("zen", NOON + DAY + MINUTE)).openings == {IPV4: 1}

    async def test_what_comes_and_goes_is_known_until_it_has_settled(self, store):
        first, second = Unstable(NOON, NOON), Unstable(NOON, NOON + HOUR)
        await commit(store, unstable={IPV4: first, DOMAIN: first})
        await commit(store, NOON, "other", unstable={IPV4: second})
        await commit(store, NOON + HOUR, unstable={IPV4: second, IPV6: None})
        assert (await store.load_round("zen", NOON)).unstable == {IPV4: second, DOMAIN: first}
        await commit(store, NOON + 2 * HOUR, unstable={IPV4: None})
        assert (await store.load_round("zen", NOON)).unstable == {DOMAIN: first}
        assert (await store.load_round("other", NOON)).unstable == {IPV4: second}

    async def test_a_list_that_refuses_us_may_be_asked_at_once(self, store):
        stopped = ZoneState(Health.FAILING, NOON, detail="refused", stopped_at=NOON, ask_again_at=NOON + HOUR)
        zones = {"a": stopped, "b": stopped, "c": ZoneState(since=NOON)}
        await commit(store, zones=zones)
        await commit(store, NOON, "other", zones={"a": stopped})
        assert (await store.load_round("zen", NOON)).zones == zones
        assert await store.lift_stop("zen", NOON + MINUTE) == 2
        lifted = replace(stopped, ask_again_at=NOON + MINUTE)
        assert (await store.load_round("zen", NOON)).zones == {**zones, "a": lifted, "b": lifted}
        assert (await store.load_round("other", NOON)).zones == {"a": stopped}
        assert await store.lift_stop("none", NOON) == 0

    async def test_stale_is_told_until_it_is_not(self, store):
        for hour, told in enumerate((False, True, True, False)):
            await commit(store, NOON + hour * HOUR, stale_told=told)
            assert (await store.load_round("zen", NOON - 3 * DAY)).stale_told is told

    async def test_many_watches_at_once(self, store):
        states = {parse_subject(f"2001:db8::{n:x}"): opening(NOON)[0] for n in range(1, 3001)}
        await commit(store, states=states)
        assert (await store.load_round("zen", NOON - 3 * DAY)).states == states
        ended = {subject: ListingState(as_of=NOON + HOUR) for subject in states}
        await commit(store, NOON + HOUR, states=ended)
        assert await store.watch_states() == {}

    async def test_endings_are_written_without_a_round(self, store):
        state, _ = await open_listing(store)
        after, events = listing.end(state, WATCH, NOON + HOUR, Ending.WITHDRAWN)
        await store.commit_endings({WATCH: after}, events, [alert(event) for event in events])
        assert await store.watch_states() == {}
        (found,) = await store.listings()
        assert (found.closed_at, found.ended) == (NOON + HOUR, Ending.WITHDRAWN)
        assert len(await store.outbox()) == 2
        before = await everything(store)
        await store.commit_endings({WATCH: after}, events, [alert(event) for event in events])
        assert await everything(store) == before

    async def test_endings_that_fail_leave_nothing(self, store):
        state, _ = await open_listing(store)
        after, _ = listing.end(state, WATCH, NOON + HOUR, Ending.WITHDRAWN)
        _, again = opening(NOON + HOUR)
        before = await everything(store)
        with pytest.raises(StoreError):
            await store.commit_endings({WATCH: after}, again, [])
        assert await everything(store) == before


class TestEpisodes:
    async def test_an_episode_follows_from_its_events(self, store):
        state, event = await open_listing(store)
        (opened,) = await store.listings()
        assert opened == listing.Listing(
            event.key,
            "zen",
            IPV4,
            opened_at=NOON,
            confirmed_at=NOON + MINUTE,
            closed_at=None,
            ended=None,
            codes=("127.0.0.2",),
            meanings=("means 127.0.0.2",),
            impact=Impact.HIGH,
            reason="sends spam",
            path="192.0.2.54:53",
            incident=event.key,
        )
        worse = listed(NOON + HOUR, codes=("127.0.0.2", "127.0.0.4"), reason="worse")
        state, events = fold(state, [worse])
        await commit(store, NOON + HOUR, states={IPV4: state}, events=events)
        (changed,) = await store.listings()
        assert changed == replace(
            opened, codes=("127.0.0.2", "127.0.0.4"), meanings=("means 127.0.0.2", "means 127.0.0.4")
        )
        state, events = closing(state, NOON + 2 * HOUR)
        await commit(store, NOON + 4 * HOUR, states={IPV4: state}, events=events)
        assert await store.listings() == [replace(changed, closed_at=NOON + 4 * HOUR, ended=Ending.DELISTED)]
        await open_listing(store, NOON + DAY)
        assert [each.closed_at is None for each in await store.listings()] == [True, False]

    async def test_listings_of_a_time(self, store):
        state, _ = await open_listing(store, NOON)
        await open_listing(store, NOON + HOUR, Watch("zen", DOMAIN))
        closed, events = closing(state, NOON + 2 * HOUR)
        await commit(store, NOON + 4 * HOUR, states={IPV4: closed}, events=events)
        await open_listing(store, NOON + DAY, Watch("other", IPV6))

        async def found(**wanted):
            return [each.subject for each in await store.listings(**wanted)]

        assert await found() == [IPV6, DOMAIN, IPV4]
        assert await found(open_only=True) == [IPV6, DOMAIN]
        assert await found(since=NOON + 3 * HOUR) == [IPV6, DOMAIN, IPV4]
        assert await found(since=NOON + 4 * HOUR) == [IPV6, DOMAIN]

    async def test_events_newest_first(self, store):
        _, opened = await open_listing(store, NOON)
        told = Event("list_stale/zen/1", EventKind.LIST_STALE, NOON + HOUR, "zen", facts={"watches": 3, "detail": None})
        odd = Event("code_unexplained/zen/127.0.0.9", EventKind.CODE_UNEXPLAINED, NOON + HOUR, "zen", IPV4, {"code": 9})
        await commit(store, NOON + HOUR, events=[told, odd])
        assert await store.events() == [odd, told, opened]
        assert await store.events(limit=1) == [odd]
        assert await store.events((EventKind.LIST_STALE, EventKind.LISTING_OPENED)) == [told, opened]

    @pytest.mark.parametrize("seed", range(4))
    async def test_over_random_histories_episodes_alternate_and_agree_with_states(self, store, seed):
        chance = random.Random(seed)
        subjects = [IPV4, IPV6, DOMAIN]
        for number in range(60):
            at = NOON + number * HOUR
            before = await store.load_round("zen", NOON - 3 * DAY)
            states, events = {}, []
            for subject in chance.sample(subjects, chance.randint(1, 3)):
                state = before.states.get(subject, ListingState())
                after, happened = fold(state, random_looks(chance, at), Watch("zen", subject))
                if chance.random() < 0.05:
                    after, ended = listing.end(after, Watch("zen", subject), at + 30 * MINUTE, Ending.WITHDRAWN)
                    happened += ended
                if after is not state:
                    states[subject] = after
                events += happened
            result = await commit(store, at, states=states, events=events)
            if chance.random() < 0.2:
                await store.commit_round(result)
            await agrees(store)
        assert len(await store.listings()) > 3


def random_looks(chance, at):
    makers = [
        lambda at: listed(at, path=chance.choice(("192.0.2.53:53", "192.0.2.54:53"))),
        lambda at: listed(at, codes=("127.0.0.4",)),
        clear,
        clear,
        silent,
    ]
    return [chance.choice(makers)(at + minute * MINUTE) for minute in range(chance.randint(1, 3))]


async def agrees(store):
    """Opened and closed strictly alternate, and what is believed is what the episodes say."""
    told = {}
    for event in reversed(await store.events(limit=10_000)):
        if event.kind is not EventKind.LISTING_CHANGED:
            told.setdefault(event.subject, []).append(event.kind)
    for kinds in told.values():
        wanted = [EventKind.LISTING_OPENED, EventKind.LISTING_CLOSED] * len(kinds)
        assert kinds == wanted[: len(kinds)]
    episodes = await store.listings()
    for subject in told:
        mine = sorted((each for each in episodes if each.subject == subject), key=lambda each: each.opened_at)
        assert len(mine) == told[subject].count(EventKind.LISTING_OPENED)
        assert all(a.closed_at is not None and a.closed_at <= b.opened_at for a, b in pairwise(mine))
    states = (await store.watch_states()).items()
    believed = {(watch.subject, state.codes) for watch, state in states if state.phase is Phase.LISTED}
    assert believed == {(each.subject, each.codes) for each in episodes if each.closed_at is None}
