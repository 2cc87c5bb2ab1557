"""The operator's status page and the probes over a real database, asked as a browser asks."""

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import httpx
import pytest

from deliverwatch.core.alerting import Audience, Notification
from deliverwatch.core.block import Episode, EpisodeEnd, EpisodeKind, episode_key
from deliverwatch.core.blocklist import Access, AccessTerms, FeedFormat, FeedSource
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import ListingState, Phase
from deliverwatch.core.provider import MailboxProvider, ProviderKind
from deliverwatch.core.receivers import Routing, route
from deliverwatch.core.remediation.draft import (
    Blocker,
    Draft,
    DraftField,
    DraftKind,
    DraftState,
    DraftStep,
    Missing,
    RequestOutcome,
)
from deliverwatch.core.remediation.form import FormChannel, LetterKind
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.source_condition import SourceCondition, SourceHealth
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.zone_health import Health, ZoneState
from deliverwatch.flows.delivery_ports import EpisodeChanges
from deliverwatch.flows.ports import Delivery, ReportRun, RoundResult
from deliverwatch.in_use import Catalogue
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.web import House, create_app
from samples import INVENTORY, NOON, SAMPLE_LIST
from web.signing_in import ORIGIN, open_house, sign_in

HOSTILE = "<script>alert(1)</script>\x1b[2J\u202e\"'><img src=x onerror=alert(1)>"
PATH = "192.0.2.53:53"
SAMPLE_LIST = replace(SAMPLE_LIST, leads=True)
OTHER_LIST = replace(SAMPLE_LIST, id="other", name="Other list", access=Access(AccessTerms.KEY, "a key of theirs"))
SICK_LIST = replace(SAMPLE_LIST, id="sick", name="Sick list")
OUTLOOK = MailboxProvider("microsoft_consumer", "Outlook.com", ProviderKind.MAILBOX_PROVIDER)


class StandingClock(SteppedClock):
    """Stands where a test puts it."""

    def __init__(self, at):
        super().__init__(at)
        self.at = at

    def now(self):
        return self.at


class Installation:
    """A real house, of which the tests say what its catalogue and its sources are."""

    def __init__(self, house):
        self.app, self.tick_at = house.app, NOON
        self.house = House(self.app, lambda: self.tick_at, timedelta(seconds=60))
        self.app.providers = {OUTLOOK.id: OUTLOOK}
        self.lists_on, self.lists_off, self.sources = (SAMPLE_LIST, SICK_LIST), (OTHER_LIST,), ()
        self.app.intake.health = self.health

    @property
    def store(self):
        return self.app.store

    @property
    def clock(self):
        return self.app.clock

    def every(self, interval):
        settings = self.app.settings
        self.app.settings = replace(settings, lists=replace(settings.lists, every=interval))

    async def health(self):
        return self.sources

    @asynccontextmanager
    async def browser(self):
        """Signed in as an operator."""
        self.app.catalogue = Catalogue((*self.lists_on, *self.lists_off), self.lists_on, ())
        transport = httpx.ASGITransport(create_app(self.house))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            await sign_in(client, self.house)
            yield client


@pytest.fixture
async def source(tmp_path):
    house = await open_house(tmp_path, clock=StandingClock(NOON))
    try:
        yield Installation(house)
    finally:
        await house.app.store.close()


async def fill(store, reason=HOSTILE):
    """One listing, one list that fails, one draft, two alerts, and text from strangers wherever it may come."""
    change = InventoryChange(customers_added=INVENTORY.customers, assets_added=INVENTORY.assets)
    await store.apply_inventory(change, NOON - timedelta(days=3))
    subject = parse_subject("192.0.2.10")
    opened_at = NOON - timedelta(hours=5)
    event = Event(
        f"listing_opened/sample/192.0.2.10/{opened_at.isoformat()}",
        EventKind.LISTING_OPENED,
        opened_at,
        "sample",
        subject,
        {
            "opened_at": opened_at.isoformat(),
            "confirmed_at": opened_at.isoformat(),
            "codes": ["127.0.0.4"],
            "meanings": [f"is infected {reason}"],
            "impact": "critical",
            "reason": reason,
            "path": PATH,
            "first_path": PATH,
            "unexplained": [],
        },
    )
    listed = {subject: ListingState(Phase.LISTED, opened_at, opened_at, ("127.0.0.4",))}
    notes = route(event, Routing(("ops@esp.example",)), INVENTORY.customers[:1])
    await commit(store, "sample", True, states=listed, events=[event], notifications=notes)
    zones = {PATH: ZoneState(Health.QUARANTINED, NOON, 2, None, reason)}
    await commit(store, "sick", False, zones=zones, detail=f"test point {reason}")
    field = DraftField("what_changed", f"What was changed {reason}", None, None, None)
    more = {"text": reason, "fields": (field,), "missing": (Missing(field.name, reason),), "addressee": reason}
    draft = a_draft("d-1", event.key, due_at=NOON + timedelta(hours=2), **more)
    await store.add_draft(draft, DraftStep(NOON, DraftState.PREPARED, "deliverwatch"))
    delivery = await store.claim_notification(NOON, timedelta(seconds=60))
    await store.notification_failed(delivery, f"refused {reason}", None)


def a_draft(draft_id, episode, provider="sample", state=DraftState.PREPARED, subjects=("192.0.2.10",), **more):
    """About a listing; `episode`: its key."""
    facts = {
        **{"customer": "acme", "form": "list-operator", "form_digest": "0", "kind": DraftKind.LISTING, "url": None},
        **{"channel": FormChannel.WEB_FORM, "to": None, "text": "", "due_at": None, "created_at": NOON},
        **dict.fromkeys(("fields", "missing", "blockers", "evidence"), ()),
    }
    facts |= {"subjects": subjects, "changed_at": NOON, "episodes": (episode,), "cause": episode} | more
    return Draft(id=draft_id, provider=provider, state=state, **facts)


async def commit(store, list_id, verified, zones=None, states=None, detail=None, **more):
    job = f"scan/{list_id}"
    await store.add_slot(job, "0000000001", NOON)
    claim = await store.claim_slot(job, "0000000001", NOON, timedelta(minutes=5))
    at = NOON - timedelta(minutes=10)
    kinds = (SubjectKind.IPV4, SubjectKind.IPV6) if verified else ()
    cycle = Cycle(list_id, PATH, at, at, verified, kinds, True, at + timedelta(hours=1), 9, clear=9, detail=detail)
    await store.commit_round(RoundResult(claim, cycle, zones or {}, states or {}, **more))


class Elements(HTMLParser):
    """The words and tags of the page itself, without its frame."""

    def __init__(self, text):
        super().__init__()
        self.tags_of_main, self.words = set(), []
        self.feed(text.partition("<main ")[2].partition(">")[2].partition("</main>")[0])

    def handle_starttag(self, tag, attrs):
        self.tags_of_main.add(tag)

    def handle_data(self, data):
        self.words.append(data)


async def test_the_page_shows_what_the_store_holds(source):
    await fill(source.store, reason="told by the list")
    async with source.browser() as client:
        answer = await client.get("/status")
    text = " ".join(" ".join(Elements(answer.text).words).split())
    assert answer.status_code == 200
    assert "1 listing is open on important lists. 1 important list cannot be verified at the moment." in text
    assert "192.0.2.10 Sample list critical is infected told by the list Wed 18 Nov 2026 07:00 UTC (5 h) Acme" in text
    assert "Sample list healthy Wed 18 Nov 2026 11:50 UTC (10 min ago)" in text
    assert "Sick list quarantined never test point told by the list" in text
    assert "Other list critical a key of theirs" in text
    assert (
        "d-1 listing of 192.0.2.10 on Sample list told by the list Acme prepared 1: What was changed told by the list "
        "nothing Wed 18 Nov 2026 14:00 UTC (in 2 h)"
    ) in text
    assert "listing opened undeliverable 1" in text
    assert "refused told by the list" in text
    assert "Wed 18 Nov 2026 07:00 UTC listing opened Sample list 192.0.2.10 is infected" in text


async def opened(store, list_id, subjects, impact="high", incident=None, verified=True, **more):
    """One round in which these were listed; `incident`: the first leads the others."""
    opened_at = NOON - timedelta(hours=5)
    events, states = [], {}
    for text in subjects:
        subject = parse_subject(text)
        key = f"listing_opened/{list_id}/{text}/{opened_at.isoformat()}"
        facts = {
            "opened_at": opened_at.isoformat(),
            "confirmed_at": opened_at.isoformat(),
            "codes": ["127.0.0.2"],
            "meanings": ["sends spam"],
            "impact": impact,
            "reason": None,
            "path": PATH,
            "first_path": PATH,
            "unexplained": [],
        }
        facts |= {"incident": events[0].key, "quiet": True} if incident and events else {}
        facts |= {"members": incident, "member_count": len(subjects)} if incident and not events else {}
        events.append(Event(key, EventKind.LISTING_OPENED, opened_at, list_id, subject, facts))
        states[subject] = ListingState(Phase.LISTED, opened_at, opened_at, ("127.0.0.2",))
    await commit(store, list_id, verified, states=states, events=events, **more)


async def test_an_incident_is_one_row_with_its_ranges_and_one_event(source):
    change = InventoryChange(customers_added=INVENTORY.customers, assets_added=INVENTORY.assets)
    await source.store.apply_inventory(change, NOON - timedelta(days=3))
    addresses = [f"192.0.2.{n}" for n in range(8, 16)] + ["203.0.113.1"]
    await opened(source.store, "sample", addresses, incident=["192.0.2.8/29", "203.0.113.1"])
    text = await shown(source)
    assert "192.0.2.8/29, 203.0.113.1 (9 subjects) Sample list high sends spam" in text
    assert "(5 h) Acme and Bravo" in text
    assert "listing opened Sample list 192.0.2.8/29, 203.0.113.1 sends spam" in text
    assert text.count("listing opened") == 1
    assert "9 listings are open on important lists." in text


async def test_of_many_the_worst_are_shown_whole_and_the_rest_is_counted_with_a_way_to_it(source, monkeypatch):
    monkeypatch.setattr("deliverwatch.web.status._WORST", 1)
    monkeypatch.setattr("deliverwatch.web.status._DUE_FIRST", 1)
    addresses = ["192.0.2.8", "192.0.2.9"]
    await opened(source.store, "sample", addresses, "critical", incident=["192.0.2.8/31"])
    await opened(source.store, "sick", ["192.0.2.12", "192.0.2.13"])
    early = [episode(EpisodeKind.WARNING, f"192.0.2.{20 + n}", 5 + n, what="snds_colour") for n in range(3)]
    blocks = [episode(EpisodeKind.BLOCK, f"192.0.2.{30 + n}", 5 + n) for n in range(2)]
    await source.store.commit_episodes(EpisodeChanges([*early, *blocks]))
    for number in range(3):
        due = {"due_at": NOON + timedelta(hours=number)}
        each = a_draft(f"d-{number}", f"k{number}", subjects=("192.0.2.40",), customer=None, **due)
        await source.store.add_draft(each, DraftStep(NOON, each.state, "deliverwatch"))
    async with source.browser() as client:
        page = (await client.get("/status")).text
    text = " ".join(" ".join(Elements(page).words).split())
    assert "4 listings are open on important lists." in text
    assert "192.0.2.8/31 (2 subjects) Sample list critical" in text
    assert "192.0.2.12" not in text.partition("What happened last")[0]
    for words, path in (
        ("2 open listings are not shown here.", "/customers"),
        ("1 that is open or ended this week is not shown here.", "/customers"),
        ("2 that are open or ended this week are not shown here.", "/warnings"),
        ("2 more drafts wait, and are not shown here.", "/drafts"),
    ):
        assert f'<a href="{path}">{words}</a>' in page
    assert "2 blocks open" in text
    assert "d-0 listing of 192.0.2.40" in text
    assert "d-1" not in text


async def test_less_important_lists_are_folded_up_and_do_not_speak_first(source):
    small = replace(SICK_LIST, id="small", name="Small list", leads=False)
    source.lists_on = (SAMPLE_LIST, small)
    await commit(source.store, "sample", True)
    await opened(source.store, "small", ["192.0.2.9"], verified=False, detail="no answer in time")
    async with source.browser() as client:
        page = (await client.get("/status")).text.partition("</main>")[0]
    assert "No listing is open on an important list" in page
    assert "1 listing is open for information." in page
    folded = [" ".join(Elements(f"<main >{each.split('</details>')[0]}").words) for each in page.split("<details>")[1:]]
    assert ["Small list" in each for each in folded] == [True, True]
    assert "(1, 1 not verified)" in folded[1]
    assert "<details open" not in page
    assert page.index(">Open listings<") < page.index(">Important lists<") < page.index("<details>")


async def test_where_a_list_refuses_us_is_said_with_when_it_is_asked_again(source):
    refusal = ZoneState(
        Health.FAILING,
        NOON,
        detail="x",
        stopped_at=NOON - timedelta(hours=2),
        ask_again_at=NOON + timedelta(minutes=20),
    )
    stop = "refuses us through {} since Wed 18 Nov 2026 10:00 UTC, asked again at Wed 18 Nov 2026 12:20 UTC"
    await commit(source.store, "sample", True, zones={PATH: ZoneState(since=NOON), "198.51.100.53:53": refusal})
    await commit(source.store, "sick", False, zones={PATH: refusal}, detail="a public resolver")
    text = await shown(source)
    assert f"Sample list healthy Wed 18 Nov 2026 11:50 UTC (10 min ago) {stop.format('198.51.100.53:53')}" in text
    assert f"Sick list refuses us never {stop.format(PATH)}: a public resolver" in text


async def test_only_important_lists_are_named_as_not_watched(source):
    part = replace(OTHER_LIST, id="part", name="Part of it", part_of="sample")
    source.lists_off = (OTHER_LIST, replace(SICK_LIST, id="minor", name="Minor list", leads=False), part)
    source.lists_off = tuple(replace(each, codes=SAMPLE_LIST.codes[:1]) for each in source.lists_off)
    text = await shown(source)
    assert "Other list high a key of theirs" in text
    assert "Minor list" not in text
    assert "Part of it" not in text


async def test_a_list_without_test_points_is_named_and_counted_as_neither_well_nor_ill(source):
    await commit(source.store, "sample", True)
    await commit(source.store, "mute", False, detail="no usable test points")
    mute = replace(SAMPLE_LIST, id="mute", name="Mute list", test_points=())
    half = replace(SAMPLE_LIST, id="half", name="Half list", test_points=SAMPLE_LIST.points_for(SubjectKind.IPV4))
    await commit(source.store, "half", True)
    source.lists_on = (SAMPLE_LIST, mute, half)
    text = await shown(source)
    assert (
        "Mute list cannot be verified never publishes no test points: what it lists is shown, and opens nothing" in text
    )
    assert "publishes no test points for ipv6: what it lists is shown, and opens nothing" in text
    assert "2 of 2 important lists verified" in text
    assert "and each of those that can be verified was verified in its last round" in text
    source.lists_on = (mute,)
    assert "No listing that we know of is open on an important list." in await shown(source)
    had = replace(
        mute, feeds=tuple(FeedSource("file:///x", FeedFormat.COMBINED, frozenset({kind})) for kind in mute.kinds)
    )
    source.lists_on = (had,)
    assert "1 important list cannot be verified at the moment" in await shown(source)


def episode(kind, sender, hours, closed=None, ended=None, provider=OUTLOOK.id, what="ip_block", **more):
    """Opened `hours` ago, closed `closed` hours ago."""
    opened_at, subject = NOON - timedelta(hours=hours), parse_subject(sender)
    return Episode(
        episode_key(kind, provider, subject, what, opened_at),
        kind,
        provider,
        subject,
        what,
        None if kind is EpisodeKind.WARNING else ReplyClass(what),
        opened_at,
        opened_at,
        None if closed is None else NOON - timedelta(hours=closed),
        ended,
        **more,
    )


async def test_blocks_come_with_whom_they_hit_and_what_to_do_and_are_in_the_headline(source):
    change = InventoryChange(customers_added=INVENTORY.customers, assets_added=INVENTORY.assets)
    await source.store.apply_inventory(change, NOON - timedelta(days=30))
    await commit(source.store, "sample", True)
    source.lists_on = (SAMPLE_LIST,)
    shares = ({"mail_share": 0.12}, {"mail_share": 0.1756})
    found = [
        *(episode(EpisodeKind.BLOCK, f"192.0.2.{8 + n}", 5, **share) for n, share in enumerate(shares)),
        episode(EpisodeKind.THROTTLE, "203.0.113.1", 30, 20, EpisodeEnd.ACCEPTED, "elsewhere", "rate_limit"),
        episode(EpisodeKind.FINDING, "192.0.2.10", 3, what="auth_failure", evidence={"urgent": True}),
        episode(EpisodeKind.BLOCK, "192.0.2.11", 400, 300, EpisodeEnd.ACCEPTED),
        episode(EpisodeKind.WARNING, "192.0.2.12", 12, what="snds_colour"),
    ]
    await source.store.commit_episodes(EpisodeChanges(found))
    text = await shown(source)
    assert "was verified in its last round. 2 blocks are open at mailbox providers." in text
    assert "2 blocks open" in text
    blocks = text.partition("Blocks at mailbox providers")[2].partition("Early warnings")
    assert (
        "192.0.2.8/31 (2 subjects) Outlook.com block of the IP Wed 18 Nov 2026 07:00 UTC (5 h) up to 17.5% each Acme "
        "stop what caused it, then ask the provider 192.0.2.10 Outlook.com finding (urgent): authentication"
    ) in blocks[0]
    assert (
        "203.0.113.1 elsewhere throttle Tue 17 Nov 2026 06:00 UTC, accepted Tue 17 Nov 2026 16:00 UTC "
        "not measured Acme and Bravo"
    ) in blocks[0]
    assert "192.0.2.11" not in text
    assert "192.0.2.12 Outlook.com warning: snds colour" in blocks[2]


async def test_requests_come_in_the_order_in_which_they_are_due_with_who_has_them(source):
    change = InventoryChange(customers_added=INVENTORY.customers, assets_added=INVENTORY.assets)
    await source.store.apply_inventory(change, NOON - timedelta(days=3))
    at_outlook = {"provider": OUTLOOK.id, "kind": DraftKind.BLOCK, "addressee": "Microsoft sender support"}
    stands = Blocker("gmail_spam_rate", "0.4 %", "wait")
    overruled = replace(stands, check="ptr", overruled_by="Robin", overruled_at=NOON.isoformat())
    pulled = {"pulled_by": "Robin \x1b", "pulled_at": NOON - timedelta(hours=1), "blockers": (overruled, stands)}
    late = {"due_at": NOON - timedelta(hours=3), "missing": [Missing(f"field-{n}", "?") for n in range(6)]}
    again = {"follow_up_of": "d-sent", "letter": LetterKind.NO_ANSWER, "due_at": NOON + timedelta(days=1)}
    sent = {"submitted_by": "Sam", "submitted_at": NOON - timedelta(days=2), "reference": "SRX-1"}
    answered = {"answered_at": NOON, "outcome": RequestOutcome.MORE_INFORMATION, "customer": None}
    answered["follow_up_at"] = NOON - timedelta(hours=1)
    drafts = [
        a_draft("d-none", "k1", channel=FormChannel.NONE, due_at=NOON - timedelta(days=9)),
        a_draft("d-late", "k3", state=DraftState.PULLED, subjects=("192.0.2.8", "192.0.2.9"), **pulled, **late),
        a_draft("d-sent", "k4", state=DraftState.SUBMITTED, **at_outlook, **sent),
        a_draft("d-answered", "k5", state=DraftState.ANSWERED, **answered),
        a_draft("d-again", "k2", **at_outlook, **again),
        a_draft("d-over", "k6", state=DraftState.CLOSED),
    ]
    for each in drafts:
        await source.store.add_draft(each, DraftStep(NOON, each.state, "deliverwatch"))
    text = await shown(source)
    waiting, _, under_way = text.partition("Requests to check and send")[2].partition("Requests under way")
    assert (
        "d-late listing of 192.0.2.8/31 (2 subjects) Sample list Acme "
        "pulled by Robin \\x1b, Wed 18 Nov 2026 11:00 UTC 6: field-0, field-1, field-2, field-3 and 2 more "
        "1: gmail spam rate Wed 18 Nov 2026 09:00 UTC (overdue for 3 h) "
        "d-again block of 192.0.2.10 at Outlook.com Microsoft sender support Acme "
        "follow-up (no answer), prepared nothing nothing Thu 19 Nov 2026 12:00 UTC (in 24 h) "
        "d-none listing of 192.0.2.10 on Sample list nobody: no requests are taken Acme prepared nothing nothing "
    ) in waiting
    assert (
        "d-answered listing of 192.0.2.10 Sample list our own or a shared sender "
        "more information, Wed 18 Nov 2026 12:00 UTC Wed 18 Nov 2026 11:00 UTC (overdue for 1 h) "
        "d-sent block of 192.0.2.10 at Outlook.com Microsoft sender support Acme "
        "submitted by Sam, Mon 16 Nov 2026 12:00 UTC SRX-1 "
    ) in under_way
    assert "d-over" not in text
    async with source.browser() as client:
        page = (await client.get("/status")).text
    assert page.count('<tr class="unsure">\n<th scope="row">d-') == 2
    assert '<li class="unsure"><strong>3</strong> drafts waiting</li>' in page


async def test_how_the_data_sources_are_is_said(source):
    assert "No source is set up: blocks at mailbox providers are not seen." in await shown(source)
    source.sources = (
        SourceHealth("Postfix logs", SourceCondition.FINE, NOON, None),
        SourceHealth("SNDS", SourceCondition.FAILING, None, "answered 404 \x1b"),
    )
    text = await shown(source)
    assert "Postfix logs fine Wed 18 Nov 2026 12:00 UTC SNDS failing never answered 404 \\x1b" in text


@pytest.mark.parametrize(
    ("conditions", "tone"),
    [([], "plain"), ([SourceCondition.FINE], "good"), ([SourceCondition.FINE, SourceCondition.SILENT], "plain")],
)
async def test_no_block_is_good_only_if_all_sources_speak(source, conditions, tone):
    source.sources = tuple(SourceHealth("Postfix logs", each, NOON, None) for each in conditions)
    async with source.browser() as client:
        assert f'<li class="{tone}"><strong>0</strong> blocks open</li>' in (await client.get("/status")).text


async def test_an_empty_installation_has_a_page_and_claims_nothing(source):
    async with source.browser() as client:
        answer = await client.get("/status")
    assert answer.status_code == 200
    assert "No listing that we know of is open on an important list. 2 important lists cannot be" in answer.text
    assert "not asked yet" in answer.text


async def test_all_verified_and_nothing_listed_is_said_so(source):
    await commit(source.store, "sample", True)
    source.lists_on = (SAMPLE_LIST,)
    async with source.browser() as client:
        assert "each of these was verified in its last round" in (await client.get("/status")).text


@pytest.mark.parametrize(
    ("moved", "doubt"),
    [
        (timedelta(hours=5), "no verified round for 5 h 10 min"),
        (timedelta(hours=-5), "the newest round is from the future: the clock was set back"),
    ],
)
async def test_a_list_without_a_recent_round_is_not_well(source, moved, doubt):
    await commit(source.store, "sample", True)
    source.lists_on = (SAMPLE_LIST,)
    source.every(timedelta(hours=2))
    source.clock.at = source.tick_at = NOON - timedelta(minutes=10) + timedelta(hours=4)
    assert "each of these was verified in its last round" in await shown(source)
    source.clock.at = source.tick_at = NOON + moved
    text = await shown(source)
    assert "No listing that we know of is open on an important list. 1 important list cannot be" in text
    assert doubt in text
    assert "0 of 1" in text


async def test_what_is_undelivered_stays_on_the_page_however_much_was_sent_since(source):
    await fill(source.store, reason="told by the relay")
    at = NOON + timedelta(hours=2)
    run = ReportRun("report", "acme", "2026-W46", at, "Your week", "", "")
    to = [f"reader-{number}@acme.example" for number in range(101)]
    notes = [Notification(each, each, Audience.CUSTOMER, "email", each, (), at, report_id=run.id) for each in to]
    await source.store.commit_report(None, run, notes, {})
    for note in notes:
        await source.store.notification_sent(Delivery(note, 1, 1, None, b""), at)
    text = await shown(source)
    assert "listing opened undeliverable 1 refused told by the relay" in text
    assert "listing opened pending 0" in text
    assert "reader-" not in text


async def test_what_is_told_of_a_draft_is_no_weekly_report(source):
    await fill(source.store, reason="told by the relay")
    desk = Notification("n-1", "n-1", Audience.OPERATOR, "webhook", "desk.esp.example", (), NOON)
    asked = replace(
        desk, id="n-2", message_id="n-2", audience=Audience.CUSTOMER, channel="email", recipient="a@acme.example"
    )
    (draft,) = await source.store.drafts()
    for version, note in enumerate((desk, asked), start=2):
        step = DraftStep(NOON, DraftState.PREPARED, "deliverwatch")
        await source.store.move_draft(replace(draft, version=version), step, [note], {note.id: b"x"})
    text = await shown(source)
    assert "desk.esp.example step of a draft pending 0" in text
    assert "a@acme.example question about a request pending 0" in text


async def shown(source):
    async with source.browser() as client:
        return " ".join(" ".join(Elements((await client.get("/status")).text).words).split())


@pytest.mark.parametrize("ticked", [timedelta(minutes=-5), timedelta(minutes=5)], ids=["long ago", "in the future"])
async def test_a_daemon_that_does_not_tick_is_the_headline(source, ticked):
    source.tick_at = NOON + ticked
    async with source.browser() as client:
        assert "Nothing is being watched" in (await client.get("/status")).text


async def test_strangers_text_stays_text(source, tmp_path):
    await fill(source.store)
    hostile_lists = [
        replace(each, name=HOSTILE, access=replace(each.access, note=HOSTILE)) for each in (SICK_LIST, OTHER_LIST)
    ]
    source.lists_on, source.lists_off = (SAMPLE_LIST, hostile_lists[0]), (hostile_lists[1],)
    async with source.browser() as client:
        text = (await client.get("/status")).text
    page = Elements(text)
    assert not {"script", "img"} & page.tags_of_main
    assert " ".join(page.words).count("<script>alert(1)</script>\\x1b[2J\\u202e") == 9
    assert not {"\x1b", "\u202e"} & set(text)


async def test_alive_says_ok(source):
    async with source.browser() as client:
        answer = await client.get("/healthz")
        assert (answer.status_code, answer.text.strip()) == (200, "ok")
        assert (await client.head("/healthz")).status_code == 200


async def test_ready_needs_a_recent_tick(source):
    async with source.browser() as client:
        assert (await client.get("/readyz")).status_code == 200
        source.clock.at = NOON + timedelta(seconds=61)
        late = await client.get("/readyz")
        source.tick_at = None
        never = await client.get("/readyz")
    assert late.status_code == never.status_code == 503
    assert late.headers["content-type"] == "application/problem+json"
    assert late.json() == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "the daemon's last tick was at 2026-11-18T12:00:00Z",
    }
    assert never.json()["detail"] == "the daemon's last tick has not come yet"


async def test_ready_needs_the_database(source, tmp_path):
    async with source.browser() as client:
        source.store._engine.dispose()  # the open file would outlive its name
        for file in tmp_path.glob("house.db*"):
            file.unlink()
        (tmp_path / "house.db").mkdir()
        answer = await client.get("/readyz")
        page = await client.get("/status")
    assert answer.status_code == 503
    assert "the database does not answer" in answer.json()["detail"]
    assert page.status_code == 503
    assert page.headers["content-type"].startswith("text/html")


async def test_what_is_not_there_is_a_problem_document_under_api_and_a_page_elsewhere(source):
    async with source.browser() as client:
        api, page, wrong = await client.get("/api/v1/x"), await client.get("/x"), await client.post("/status")
    assert api.status_code == page.status_code == 404
    assert api.headers["content-type"] == "application/problem+json"
    assert api.json()["title"] == "Not Found"
    assert "<h1" in page.text
    assert wrong.status_code == 405


async def test_openapi_is_served_and_the_consoles_that_need_scripts_are_not(source):
    async with source.browser() as client:
        document = (await client.get("/api/openapi.json")).json()
        assert (await client.get("/docs")).status_code == 404
    assert {"/healthz", "/readyz", "/ingest/{source}", "/api/v1/customers"} <= set(document["paths"])
    assert all(path.startswith(("/api/v1/", "/healthz", "/readyz", "/ingest/")) for path in document["paths"])
