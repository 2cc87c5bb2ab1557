"""What a page shows first of much, on every database: what is due first, what is worst, and how much more there is."""

from dataclasses import replace

import pytest

from contract.store_values import ACME, BRAVO, DAY, HOUR, NOON, block, closing, draft, opening, step
from deliverwatch.core.block import EpisodeKind
from deliverwatch.core.blocklist import Impact
from deliverwatch.core.desk.affected import Blocked, Listed
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import Watch
from deliverwatch.core.remediation.draft import UNDER_WAY, WAITING, DraftState
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.delivery_ports import EpisodeChanges
from deliverwatch.flows.desk_ports import DraftCount
from deliverwatch.flows.ports import ReportRun


@pytest.fixture(autouse=True)
async def customers(store):
    await store.apply_inventory(InventoryChange(customers_added=(ACME, BRAVO)), NOON)


class TestDrafts:
    async def add(self, store, number, **changes):
        made = draft(f"listing/{number}", number, **changes)
        assert await store.add_draft(made, step())
        return made

    async def queue(self, store):
        """Due in an hour, two days ago and never; sent, to be looked at again in two days and in one."""
        sent = {"state": DraftState.SUBMITTED, "due_at": NOON - DAY, "customer": "bravo"}
        return [
            await self.add(store, 1, customer="acme", due_at=NOON + HOUR),
            await self.add(store, 2, customer="acme", due_at=NOON - 2 * DAY, provider="sbl", state=DraftState.PULLED),
            await self.add(store, 3, channel=FormChannel.NONE, due_at=NOON - 9 * DAY),
            await self.add(store, 4, **sent, follow_up_at=NOON + 2 * DAY),
            await self.add(store, 5, **sent, follow_up_at=NOON + DAY),
            await self.add(store, 6, state=DraftState.CLOSED),
        ]

    async def test_those_due_first_come_first_and_what_has_no_time_last(self, store):
        await self.queue(store)

        async def due(customers=None, states=WAITING, **wanted):
            return [each.id for each in await store.drafts_due_first(customers, states=states, **wanted)]

        assert await due() == ["d-2", "d-1", "d-3"]
        assert await due(states=UNDER_WAY) == ["d-5", "d-4"]
        assert await due(limit=1) == ["d-2"]
        assert await due({"acme", "bravo"}) == ["d-2", "d-1"]
        assert await due(provider="zen") == ["d-1", "d-3"]
        assert await due(set()) == []

    async def test_they_are_counted_and_late_is_only_what_waits_for_us(self, store):
        await self.queue(store)

        async def counted(customers=None, **wanted):
            found = await store.count_drafts(customers, NOON, states=WAITING | UNDER_WAY, **wanted)
            return {(each.state, each.provider): (each.count, each.overdue) for each in found}

        prepared, pulled, sent = DraftState.PREPARED, DraftState.PULLED, DraftState.SUBMITTED
        assert await counted() == {(prepared, "zen"): (2, 0), (pulled, "sbl"): (1, 1), (sent, "zen"): (2, 0)}
        assert await counted({"bravo"}) == {(sent, "zen"): (2, 0)}
        assert await counted(provider="sbl") == {(pulled, "sbl"): (1, 1)}
        assert await counted(set()) == {}
        only = await store.count_drafts(None, NOON, states=[DraftState.CLOSED])
        assert only == [DraftCount(DraftState.CLOSED, "zen", 1, 0)]

    async def test_some_are_read_whole_by_their_ids(self, store):
        made = await self.queue(store)
        assert await store.whole_drafts(["d-1", "d-5", "d-none"]) == {"d-1": made[0], "d-5": made[4]}


async def listed(store, number, at, impact=Impact.HIGH, list_id="zen", incident=None, parties=(), closed=False):
    watch = Watch(list_id, parse_subject(f"192.0.2.{number}"))
    state, (opened,) = opening(at, watch)
    facts = {**opened.facts, "impact": str(impact), "parties": list(parties)}
    facts |= {"incident": incident} if incident else {}
    events = [replace(opened, facts=facts)]
    if closed:
        events += closing(state, at + HOUR, watch)[1]
    await store.commit_endings({}, events, [])
    return opened.key


class TestWorst:
    async def test_listings_gravest_and_newest_first_and_an_incident_is_whole(self, store):
        led = await listed(store, 1, NOON)
        await listed(store, 2, NOON, incident=led)
        await listed(store, 3, NOON + HOUR, Impact.LOW)
        grave = await listed(store, 4, NOON - DAY, Impact.CRITICAL)
        newer = await listed(store, 5, NOON + 2 * HOUR)
        await listed(store, 6, NOON + DAY, Impact.CRITICAL, closed=True)
        await listed(store, 7, NOON, Impact.CRITICAL, list_id="sbl")

        async def worst(incidents, lists=("sbl",), but=True):
            found = await store.worst_listings(lists, but=but, incidents=incidents)
            return sorted(each.subject.value[-1] for each in found.rows), found.more

        assert grave != newer
        assert await worst(1) == (["4"], 4)
        assert await worst(2) == (["4", "5"], 3)
        assert await worst(3) == (["1", "2", "4", "5"], 1)
        assert await worst(9) == (["1", "2", "3", "4", "5"], 0)
        assert await worst(9, but=False) == (["7"], 0)
        assert await worst(9, lists=()) == (["1", "2", "3", "4", "5", "7"], 0)

    async def test_episodes_open_ones_first_and_those_that_are_alike_together(self, store):
        made = [
            episode(1, NOON),
            episode(2, NOON),
            episode(3, NOON + HOUR, kind=EpisodeKind.THROTTLE),
            episode(4, NOON - DAY),
            episode(5, NOON + DAY, closed_at=NOON + 2 * DAY),
            episode(6, NOON - 9 * DAY, closed_at=NOON - 8 * DAY),
            episode(7, NOON, kind=EpisodeKind.WARNING),
        ]
        await store.commit_episodes(EpisodeChanges(episodes=made))

        async def worst(alike, kinds=(EpisodeKind.BLOCK, EpisodeKind.THROTTLE)):
            found = await store.worst_episodes(kinds, since=NOON - 7 * DAY, alike=alike)
            return sorted(each.key[-1] for each in found.rows), found.more

        assert await worst(1) == (["1", "2"], 3)
        assert await worst(2) == (["1", "2", "4"], 2)
        assert await worst(3) == (["1", "2", "3", "4"], 1)
        assert await worst(9) == (["1", "2", "3", "4", "5"], 0)
        assert await worst(9, [EpisodeKind.WARNING]) == (["7"], 0)


def episode(number, at, **changes):
    key = f"block_opened/microsoft/{number}"
    subject = parse_subject(f"192.0.2.{number}")
    return block(number, key=key, subject=subject, opened_at=at, last_seen_at=at, **{"closed_at": None, **changes})


class TestOpen:
    async def test_what_is_open_is_counted_and_told_in_short_to_whom_it_concerns(self, store):
        key = await listed(store, 1, NOON, parties=["acme"])
        await listed(store, 2, NOON + HOUR, Impact.LOW, parties=["bravo"])
        await listed(store, 3, NOON, list_id="sbl", parties=["acme"])
        await listed(store, 4, NOON, parties=["acme"], closed=True)
        first = Listed("zen", parse_subject("192.0.2.1"), Impact.HIGH, key)
        assert await store.open_listed({"acme"}, but=["sbl"]) == [first]
        assert [each.subject.value[-1] for each in await store.open_listed(None, but=["sbl"])] == ["2", "1"]
        assert len(await store.open_listed(None)) == 3
        assert await store.open_listed(set()) == []

    async def test_of_blocks_those_that_are_open(self, store):
        made = [
            episode(1, NOON),
            episode(2, NOON, closed_at=NOON + HOUR),
            episode(3, NOON, kind=EpisodeKind.WARNING),
            episode(4, NOON),
        ]
        await store.commit_episodes(EpisodeChanges(episodes=made))
        named = [(made[0], "acme"), (made[1], "acme"), (made[2], "acme"), (made[3], "bravo")]
        opened = [
            Event(each.key, EventKind.BLOCK_OPENED, NOON, "", each.subject, {"parties": [of]}) for each, of in named
        ]
        await store.commit_endings({}, opened, [])
        assert await store.open_blocked({"acme"}) == [Blocked(made[0].provider, made[0].subject)]
        assert len(await store.open_blocked(None)) == 2
        assert await store.open_blocked(set()) == []
        kinds = [EpisodeKind.BLOCK, EpisodeKind.WARNING]
        assert await store.count_open_episodes(None, kinds) == 3
        assert await store.count_open_episodes({"acme"}, kinds) == 2
        assert await store.count_open_episodes({"acme"}, [EpisodeKind.WARNING]) == 1
        assert await store.count_open_episodes(set(), kinds) == 0


async def test_in_a_search_capitals_count_for_nothing_whatever_the_letters_are(store):
    run = ReportRun("r1", "acme", "2026-W47", NOON, "Größe & Co: 100 % VERIFIED", "h", "t")
    await store.commit_report(None, run, [], {})
    for words in ("100 % verified", "größe", "GRößE & co"):
        assert [each.id for each in (await store.search(words, None)).reports] == ["r1"], words
