"""What the desk relies on of a store, on every database: held against an oracle that reads everything in Python."""

import random
from dataclasses import replace
from datetime import date

import pytest

from contract.store_values import ACME, BRAVO, DAY, HOUR, MINUTE, NOON, alert, block, closing, draft, opening, step
from deliverwatch.core.block import EpisodeKind
from deliverwatch.core.delivery import FactCounts, FactKey
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import Watch
from deliverwatch.core.remediation.draft import Blocker, DraftState
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.delivery_ports import EpisodeChanges, IngestBatch
from deliverwatch.flows.desk_ports import Found, MailOfDay
from deliverwatch.flows.ports import ReportRun

CARA = replace(BRAVO, id="cara", name="Cara")
MANY = frozenset({"bravo", "cara", *map(str, range(100))})
OF_SOME = [None, frozenset(), frozenset({"acme"}), frozenset({"bravo", "cara"}), frozenset({"nobody"}), MANY]
"""Viewers: of all, of none, of one customer, of two, of one that has nothing, of more than are looked up first."""


def naming(event, *parties, **facts):
    return replace(event, facts={**event.facts, "parties": list(parties), **facts})


def concerns(parties, customers):
    return customers is None or not set(parties).isdisjoint(customers)


@pytest.fixture(autouse=True)
async def customers(store):
    await store.apply_inventory(InventoryChange(customers_added=(ACME, BRAVO, CARA)), NOON)


class World:
    """Listings, blocks and warnings of three customers, some shared, some closed, several at one moment."""

    def __init__(self, seed=1):
        self.random = random.Random(seed)
        self.events, self.listings, self.episodes = [], {}, {}

    def parties(self):
        return tuple(sorted(self.random.sample(["acme", "bravo", "cara"], self.random.choice([0, 1, 1, 1, 2]))))

    def list_one(self, number):
        watch = Watch(self.random.choice(["zen", "sbl"]), parse_subject(f"192.0.2.{number}"))
        at, parties = NOON + self.random.randrange(12) * HOUR, self.parties()
        state, (opened,) = opening(at, watch)
        self.events.append(naming(opened, *parties))
        self.listings[opened.key] = parties
        if self.random.random() < 0.5:
            _, (closed,) = closing(state, at + 5 * HOUR, watch)
            self.events.append(naming(closed, *parties))

    def block_one(self, number):
        kind, parties = self.random.choice([EpisodeKind.BLOCK, EpisodeKind.WARNING]), self.parties()
        at = NOON + self.random.randrange(12) * HOUR
        closed_at = at + 6 * HOUR if self.random.random() < 0.5 else None
        key = f"block_opened/microsoft/{number}"
        self.episodes[key] = (
            block(number, key=key, kind=kind, opened_at=at, last_seen_at=at + HOUR, closed_at=closed_at),
            parties,
        )
        self.events.append(Event(key, EventKind.BLOCK_OPENED, at, "", None, {"parties": list(parties)}))

    async def write(self, store):
        for number in range(40):
            self.list_one(number)
            self.block_one(number)
        await store.commit_episodes(EpisodeChanges(episodes=[each for each, _ in self.episodes.values()]))
        await store.commit_endings({}, self.events, [])
        return self


@pytest.fixture
async def world(store):
    return await World().write(store)


async def pages(read, place, limit=7):
    """All that is read page by page."""
    found, before = [], None
    while some := await read(before=before, limit=limit):
        found += some
        before = place(some[-1])
    return found


async def first_number(store):
    """PostgreSQL counts on where the rows of an earlier test are gone."""
    return (await store.events_of(None, after=0, limit=1))[0].id


def newest_first(found):
    return sorted(found, key=lambda each: (each.opened_at, each.key), reverse=True)


@pytest.mark.parametrize("customers", OF_SOME)
class TestLists:
    async def test_events_by_number(self, store, world, customers):
        first = await first_number(store)
        numbered = [each for each in enumerate(world.events, first) if concerns(each[1].facts["parties"], customers)]
        found = await pages(lambda **page: store.events_of(customers, **page), lambda each: each.id)
        assert [(each.id, each.event) for each in found] == numbered[::-1]
        last = first + 30
        assert [each.id for each in await store.events_of(customers, after=last, limit=5)] == [
            number for number, _ in numbered if number > last
        ][:5]

    async def test_events_of_a_kind_since_a_time(self, store, world, customers):
        kind, since = EventKind.LISTING_CLOSED, NOON + 10 * HOUR
        expected = {
            each.key
            for each in world.events
            if each.kind is kind and each.at >= since and concerns(each.facts["parties"], customers)
        }
        found = await store.events_of(customers, kinds=[kind], since=since)
        assert {each.event.key for each in found} == expected

    async def test_listings_newest_opened_first(self, store, world, customers):
        everything = await store.listings()
        expected = [each for each in everything if concerns(world.listings[each.key], customers)]
        found = await pages(
            lambda **page: store.listings_of(customers, **page), lambda each: (each.opened_at, each.key)
        )
        assert found == newest_first(expected)
        since = NOON + 12 * HOUR
        some = await store.listings_of(customers, list_id="zen", since=since)
        assert some == newest_first(
            each for each in expected if each.list_id == "zen" and (each.closed_at is None or each.closed_at > since)
        )
        assert await store.listings_of(customers, open_only=True) == newest_first(
            each for each in expected if each.closed_at is None
        )

    async def test_episodes_newest_opened_first(self, store, world, customers):
        expected = [each for each, parties in world.episodes.values() if concerns(parties, customers)]
        found = await pages(
            lambda **page: store.episodes_of(customers, **page), lambda each: (each.opened_at, each.key)
        )
        assert found == newest_first(expected)
        some = await store.episodes_of(customers, kinds=[EpisodeKind.WARNING], open_only=True)
        assert some == newest_first(
            each for each in expected if each.kind is EpisodeKind.WARNING and each.closed_at is None
        )

    async def test_alerts_are_events_with_their_notifications(self, store, customers):
        events = [
            Event(str(number), EventKind.LIST_BLIND, NOON, "zen", None, {"path": "p", "parties": [each]})
            for number, each in enumerate(["acme", "bravo"], 1)
        ]
        await store.commit_endings({}, events, [alert(each) for each in events])
        found = await pages(lambda **page: store.alerts_of(customers, **page), lambda each: each.numbered.id, 1)
        expected = [each for each in reversed(events) if concerns(each.facts["parties"], customers)]
        assert [each.numbered.event for each in found] == expected
        assert [len(each.lines) for each in found] == [1] * len(expected)


async def test_one_reads_alone_is_one_customer_s(store, world):
    await store.commit_endings({}, [Event("x", EventKind.LIST_BLIND, NOON, "zen", None, {"path": "p"})], [])
    assert [each.numbered.event.facts["parties"] for each in await store.alerts(customer="cara", limit=3)] == [
        each.facts["parties"] for each in reversed(world.events) if "cara" in each.facts["parties"]
    ][:3]


async def test_rows_that_come_while_one_turns_pages_are_neither_lost_nor_repeated(store, world):
    first = await store.listings_of(None, limit=10)
    late = World(seed=2)
    late.list_one(200)
    late.list_one(201)
    await store.commit_endings({}, late.events, [])
    last = first[-1]
    rest = await store.listings_of(None, before=(last.opened_at, last.key))
    before = {each.key for each in first}
    assert before.isdisjoint(each.key for each in rest)
    assert set(world.listings) <= before | {each.key for each in rest}


class TestParties:
    async def test_are_all_that_events_of_a_listing_named(self, store):
        watch = Watch("zen", parse_subject("192.0.2.10"))
        state, (opened,) = opening(NOON, watch)
        _, (closed,) = closing(state, NOON + DAY, watch)
        await store.commit_endings({}, [naming(opened, "acme"), naming(closed, "acme", "bravo")], [])
        found = await store.parties_of([opened.key, "elsewhere"])
        assert found == {opened.key: frozenset({"acme", "bravo"}), "elsewhere": frozenset()}
        assert [each.key for each in await store.listings_of({"bravo"})] == [opened.key]

    async def test_an_incident_concerns_all_and_the_listing_that_leads_it_only_its_own(self, store):
        (lead,), (member,) = (
            opening(NOON, Watch("zen", parse_subject(name)))[1] for name in ("192.0.2.10", "192.0.2.11")
        )
        events = [
            naming(lead, "acme", "bravo", member_count=2, own={"parties": ["acme"]}),
            naming(member, "bravo", incident=lead.key, quiet=True),
        ]
        await store.commit_endings({}, events, [])
        assert {each.event.key for each in await store.events_of({"bravo"})} == {lead.key, member.key}
        assert [each.key for each in await store.listings_of({"bravo"})] == [member.key]
        assert await store.parties_of([lead.key]) == {lead.key: frozenset({"acme"})}

    async def test_what_is_written_twice_is_named_once(self, store, world, count_rows):
        before = count_rows()
        await store.commit_endings({}, world.events, [])
        assert count_rows() == before


async def test_causes_are_read_by_key(store):
    await store.keep_cause("a", {"changes": []})
    await store.keep_cause("b", {})
    assert await store.causes_of(["a", "c"]) == {"a": {"changes": []}}


class TestHeads:
    async def add(self, store, number, **changes):
        made = draft(f"listing/{number}", number, **changes)
        assert await store.add_draft(made, step())
        return made

    async def test_of_drafts_say_what_a_list_shows(self, store):
        overruled = Blocker("DKIM", "none", "sign", "", "tam", "now", "known")
        await self.add(store, 1, blockers=(Blocker("PTR", "none", "set"), overruled), reference="#7", customer="acme")
        (head,) = await store.draft_heads(None)
        assert (head.id, head.missing, head.blockers, head.subjects) == ("d-1", 1, 1, ("192.0.2.10",))
        assert (head.created_at, head.due_at, head.reference) == (NOON + MINUTE, NOON + DAY, "#7")

    async def test_of_drafts_by_customer_state_provider_and_what_they_follow(self, store):
        own = await self.add(store, 1, customer="acme")
        esp = await self.add(store, 2, state=DraftState.CLOSED)
        other = await self.add(store, 3, customer="bravo", provider="sbl", follow_up_of=own.id)

        async def heads(customers=None, **wanted):
            return [each.id for each in await store.draft_heads(customers, **wanted)]

        assert await heads() == [other.id, esp.id, own.id]
        assert await heads({"acme", "cara"}) == [own.id]
        assert await heads(set()) == []
        assert await heads(states=[DraftState.CLOSED]) == [esp.id]
        assert await heads(provider="sbl") == [other.id]
        assert await heads(follow_up_of=own.id) == [other.id]
        assert await heads(before=(other.created_at, other.id), limit=1) == [esp.id]

    async def test_the_newest_draft_about_a_listing_is_the_one(self, store):
        old = await self.add(store, 1)
        new = draft(old.episodes[0], 2, follow_up_of=old.id)
        await store.add_draft(new, step())
        assert await store.drafts_about([*old.episodes, "listing/9"]) == {old.episodes[0]: new.id}

    async def test_of_reports_newest_made_first(self, store):
        runs = [
            ReportRun(f"r{n}", each, f"2026-W4{n}", NOON + n * DAY, f"Week {n}", "<p>h</p>", "t", ("a@b.example",))
            for n, each in enumerate(["acme", "bravo", "acme"])
        ]
        for run in runs:
            assert await store.commit_report(None, run, [], {})
        found = await pages(lambda **page: store.report_heads(None, **page), lambda each: (each.made_at, each.id), 1)
        assert [each.id for each in found] == ["r2", "r1", "r0"]
        assert [each.subject for each in await store.report_heads({"acme"})] == ["Week 2", "Week 0"]
        assert await store.report_heads(set()) == []


class TestMailDays:
    async def read(self, store, facts, names, spaces=None):
        await store.commit_ingest(IngestBatch("postfix", "postfix", NOON, facts=facts))
        return await store.mail_days(names, NOON - DAY, NOON + DAY, spaces)

    def key(self, source="postfix", ip="192.0.2.10", domain="", at=NOON, provider="gmail"):
        return FactKey(source, ip, provider, domain, "", "", "", at)

    async def test_are_sums_by_day_and_provider(self, store):
        facts = {
            self.key(): FactCounts(10, 8, 1, 1),
            self.key(domain="news.acme.example"): FactCounts(5, 5, 0, 0),
            self.key(at=NOON + 12 * HOUR): FactCounts(7, 7, 0, 0),
            self.key(provider="yahoo"): FactCounts(None, None, None, None),
            self.key(ip="192.0.2.99"): FactCounts(99),
        }
        assert await self.read(store, facts, ["192.0.2.10"]) == [
            MailOfDay(date(2026, 11, 24), "gmail", 15, 13, 1, 1),
            MailOfDay(date(2026, 11, 24), "yahoo", None, None, None, None),
            MailOfDay(date(2026, 11, 25), "gmail", 7, 7, 0, 0),
        ]

    async def test_count_a_domain_only_where_no_address_is_known(self, store):
        facts = {
            self.key(ip="", domain="news.acme.example"): FactCounts(3, 3, 0, 0),
            self.key(ip="192.0.2.99", domain="news.acme.example"): FactCounts(99, 9, 0, 0),
        }
        assert [each.attempted for each in await self.read(store, facts, ["news.acme.example"])] == [3]
        assert await store.mail_days([], NOON - DAY, NOON + DAY) == []

    async def test_take_of_each_hour_whoever_counted_most(self, store):
        facts = {
            self.key(): FactCounts(10, 9, 1, 0),
            self.key("platform"): FactCounts(8, 8, 0, 0),
            self.key(at=NOON + HOUR): FactCounts(1, 1, 0, 0),
            self.key("platform", at=NOON + HOUR): FactCounts(6, 5, 0, 1),
        }
        assert await self.read(store, facts, ["192.0.2.10"]) == [
            MailOfDay(date(2026, 11, 24), "gmail", 16, 14, 1, 1),
        ]

    async def test_add_up_sources_that_share_a_space(self, store):
        facts = {self.key("hook"): FactCounts(4, 4, 0, 0), self.key("api"): FactCounts(3, 3, 0, 0)}
        spaces = {"hook": "sparkpost", "api": "sparkpost"}
        assert [each.attempted for each in await self.read(store, facts, ["192.0.2.10"], spaces)] == [7]


class TestSearch:
    async def test_finds_subjects_by_their_beginning(self, store, world):
        expected = {each.key for each in await store.listings() if each.subject.value.startswith("192.0.2.1")}
        found = await store.search("192.0.2.1", None, 99)
        assert {each.key for each in found.listings} == expected
        own = await store.search("192.0.2.1", {"acme"}, 99)
        assert {each.key for each in own.listings} == {each for each in expected if "acme" in world.listings[each]}
        assert len((await store.search("192.0.2.", None, 4)).listings) == 4

    async def test_finds_drafts_by_id_reference_and_subject_and_reports_by_subject(self, store):
        await store.add_draft(draft("listing/1", 1, customer="acme", reference="SBL-4711"), step())
        await store.commit_report(
            None, ReportRun("r1", "acme", "2026-W47", NOON, "Acme: 100 % verified", "h", "t"), [], {}
        )
        for words in ("d-1", "sbl-47", "192.0.2.10", " 4711 "):
            assert [each.id for each in (await store.search(words, {"acme"})).drafts] == ["d-1"], words
        assert [each.id for each in (await store.search("100 % VER", None)).reports] == ["r1"]
        assert await store.search("d-1", {"bravo"}) == Found()
        assert await store.search("verified", {"bravo"}) == Found()

    async def test_finds_an_event_by_its_number_and_its_key(self, store, world):
        event = world.events[0]
        seen = frozenset(event.facts["parties"])
        number = await first_number(store)
        assert [each.key for each in (await store.search(event.key, None)).listings] == [event.key]
        for words in (str(number), event.key):
            assert [each.id for each in (await store.search(words, None)).events] == [number]
            assert [each.id for each in (await store.search(words, seen)).events] == [number] * bool(seen)
            assert (await store.search(words, {"acme", "bravo", "cara"} - seen)).events == ()

    @pytest.mark.parametrize("words", ["", "  ", "%", "_", "\\", "'", '"', "\x00", "\ud800", "9" * 40, "192.0.2.%"])
    async def test_takes_every_sign_for_itself(self, store, world, words):
        assert await store.search(words, None) == Found()
