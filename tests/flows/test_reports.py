"""Who gets a weekly report, once, and that nobody waits for anybody else's; on a real store."""

import secrets
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from deliverwatch.core.block import EpisodeKind
from deliverwatch.core.blocklist import Impact, Polarity
from deliverwatch.core.inventory import Asset
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import ListingPolicy, ListingState, Look, Watch, fold
from deliverwatch.core.practice import Check, CheckOutcome
from deliverwatch.core.receivers import Routing
from deliverwatch.core.remediation.draft import DraftState, DraftStep
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.service_hours import week_span, zone_of
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.verdict import Outcome, Verdict
from deliverwatch.flows.delivery_ports import EpisodeChanges
from deliverwatch.flows.ports import Words
from deliverwatch.flows.send_reports import ReportDesk, preview, send_due_reports
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.store import open_store
from render.week_runs import run_week, told
from render.weeks import advice, block, draft, result
from samples import SAMPLE_LIST, customer

WEEK = "2026-W47"
DUE_AT = datetime(2026, 11, 23, 14, tzinfo=UTC)
MONTHS_BEFORE = DUE_AT - timedelta(days=400)


def words(report):
    return Words(f"Week {report.week}", f"For {report.customer.name}\n", f"<p>{report.customer.name}</p>")


def message(report, words, recipient, message_id, token):
    return f"To: {recipient}\r\nMessage-ID: <{message_id}@esp.example>\r\n\r\n{words.text}".encode()


async def no_warmups(customer, of_week):
    return ()


DESK = ReportDesk(
    lists_on=(SAMPLE_LIST,),
    lists_off=(),
    every={"sample": timedelta(hours=1)},
    week_span=lambda customer, week: week_span(week, zone_of(customer.service_time_zone)),
    weeks_until=lambda customer, now: [(WEEK, DUE_AT), ("2026-W46", DUE_AT - timedelta(days=7))],
    zone_name=lambda customer: zone_of(customer.service_time_zone).key,
    warmups=no_warmups,
    words=words,
    message=message,
    lease_for=timedelta(minutes=15),
    new_token=lambda: secrets.token_urlsafe(24),
    routing=Routing(("ops@esp.example",)),
    shown_at=lambda customer, due_at: due_at - timedelta(hours=2),
    bulletin=lambda customer, week, told: (),
)


@pytest.fixture
def clock():
    return SteppedClock(DUE_AT + timedelta(hours=1))


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield store
    await store.close()


async def hold(store, *assets, at=MONTHS_BEFORE):
    ids = sorted({party for asset in assets for party in asset.parties})
    await store.apply_inventory(InventoryChange(customers_added=tuple(map(customer, ids)), assets_added=assets), at)


async def customers_told(store):
    return sorted((run.customer, run.week) for run in await store.reports())


async def test_each_gets_one_report_of_the_week_that_is_due(store, clock):
    await hold(store, Asset("192.0.2.8/29", "acme"), Asset("198.51.100.7", "bravo"))
    assert await send_due_reports(store, DESK, clock) == 2
    assert await customers_told(store) == [("acme", WEEK), ("bravo", WEEK)]
    assert len(await store.outbox()) == 2
    clock.advance(timedelta(hours=1))
    assert await send_due_reports(store, DESK, clock) == 0


@pytest.mark.parametrize("later", [timedelta(hours=-2), timedelta(days=6, hours=1)])
async def test_not_before_it_is_due_nor_long_after(store, clock, later):
    await hold(store, Asset("192.0.2.8/29", "acme"))
    clock.advance(later)
    desk = replace(DESK, weeks_until=lambda customer, now: [(WEEK, DUE_AT)])
    assert await send_due_reports(store, desk, clock) == 0


async def test_what_goes_wrong_with_one_is_told_after_the_others_have_theirs(store, clock):
    await hold(store, Asset("192.0.2.8", "acme"), Asset("192.0.2.9", "bravo"), Asset("192.0.2.10", "carla"))
    mistakes = {"acme": KeyError("first"), "bravo": ValueError("second")}

    def break_some(report):
        if report.customer.id in mistakes:
            raise mistakes[report.customer.id]
        return words(report)

    with pytest.raises(KeyError, match="first"):
        await send_due_reports(store, replace(DESK, words=break_some), clock)
    assert await customers_told(store) == [("carla", WEEK)]
    clock.advance(DESK.lease_for)
    assert await send_due_reports(store, DESK, clock) == 2


async def test_a_calendar_that_fails_for_one_holds_up_no_other(store, clock):
    await hold(store, Asset("192.0.2.8", "acme"), Asset("192.0.2.9", "bravo"))

    def weeks_until(customer, now):
        if customer.id == "acme":
            raise ValueError("never open")
        return DESK.weeks_until(customer, now)

    with pytest.raises(ValueError, match="never open"):
        await send_due_reports(store, replace(DESK, weeks_until=weeks_until), clock)
    assert await customers_told(store) == [("bravo", WEEK)]


@pytest.mark.parametrize(
    ("asset", "known_at"),
    [
        (Asset("192.0.2.8", "acme", until_on=date(2025, 12, 31)), MONTHS_BEFORE),
        (Asset("192.0.2.8", "acme", from_on=date(2026, 12, 1)), MONTHS_BEFORE),
        (Asset("192.0.2.8", "acme"), DUE_AT - timedelta(hours=1)),
    ],
    ids=["ended long before", "begins later", "known since the week was over"],
)
async def test_no_report_on_a_week_in_which_nothing_was_watched(store, clock, asset, known_at):
    await hold(store, asset, at=known_at)
    assert await send_due_reports(store, DESK, clock) == 0
    assert await store.reports() == []


async def test_a_report_on_a_week_in_which_the_last_holding_ended(store, clock):
    await hold(store, Asset("192.0.2.8", "acme", until_on=date(2026, 11, 17)))
    assert await send_due_reports(store, DESK, clock) == 1


async def test_reports_that_are_made_cost_one_reading_at_each_tick(store, clock):
    await hold(store, Asset("192.0.2.8", "acme"), Asset("192.0.2.9", "bravo"))
    await send_due_reports(store, DESK, clock)
    clock.advance(timedelta(days=2))
    asked = []

    class Watched:
        def __getattr__(self, name):
            asked.append(name)
            return getattr(store, name)

    assert await send_due_reports(Watched(), DESK, clock) == 0
    assert asked == ["inventory", "report_words", "reported"]


@pytest.mark.parametrize("doubted", [False, True])
async def test_what_rests_on_a_liars_word_is_kept_back(store, clock, doubted):
    await hold(store, Asset("192.0.2.8/29", "acme"))
    watch, state, events = Watch("sample", parse_subject("192.0.2.10")), ListingState(), []
    verdict = Verdict(Outcome.LISTED, ("127.0.0.2",), ("spam source",), Impact.HIGH, polarity=Polarity.BLOCK)
    for hours, path in ((30, "a"), (29, "b")):
        look = Look(DUE_AT - timedelta(hours=hours), path, verdict)
        state, happened = fold(state, watch, look, ListingPolicy())
        events += happened
    await store.commit_endings({watch: replace(state, doubted=doubted)}, events, [])
    report = await preview(store, DESK, clock, await store.inventory(), customer("acme"), WEEK)
    assert [each.subject for each in report.listings] == ([] if doubted else [watch.subject])
    assert list(report.listing_keys) == ([] if doubted else [events[0].key])


async def test_a_report_tells_of_the_customers_warmups_of_its_week(store, clock):
    await hold(store, Asset("192.0.2.8", "acme"), Asset("192.0.2.9", "bravo"))
    asked = []

    async def warmups(customer, of_week):
        asked.append((customer.id, of_week.first))
        return told(run_week(ip="192.0.2.8"))

    inventory = await store.inventory()
    report = await preview(store, replace(DESK, warmups=warmups), clock, inventory, inventory.customers[0], WEEK)
    assert [each.ip for each in report.warmups] == ["192.0.2.8"]
    assert asked == [("acme", date(2026, 11, 16))]


async def test_a_report_tells_of_blocks_of_its_week_and_of_what_was_asked(store, clock):
    await hold(store, Asset("192.0.2.8/29", "acme"))
    found = [
        block("outlook", "192.0.2.10", 20),
        block("outlook", "192.0.2.11", -90, -80),
        block("yahoo", "192.0.2.12", 2),
    ]
    warning = replace(block("outlook", "192.0.2.13", 20), key="a warning", kind=EpisodeKind.WARNING)
    await store.commit_episodes(EpisodeChanges([*found, warning]))
    asked = draft(found[0], DraftState.PREPARED, channel=FormChannel.NONE, created_at=DUE_AT)
    await store.add_draft(asked, DraftStep(asked.created_at, asked.state, "deliverwatch"))
    desk = replace(DESK, provider_names={"outlook": "Outlook.com"}, endings={asked.form: "ends by itself"})
    report = await preview(store, desk, clock, await store.inventory(), customer("acme"), WEEK)
    assert [(each.subject.value, each.provider_name) for each in report.blocks] == [
        ("192.0.2.12", "yahoo"),
        ("192.0.2.10", "Outlook.com"),
    ]
    assert [(each.about, each.ends) for each in report.drafts] == [("Outlook.com", "ends by itself")]


async def test_a_report_tells_of_the_customers_practice_and_names_the_advice_that_is_told_by_it(store, clock):
    await hold(store, Asset("203.0.113.1", None, shared_with=("acme", "bravo")))
    for each in ("acme", "bravo"):
        results = [result(Check.PTR, "203.0.113.1", CheckOutcome.FAIL, "no PTR record"), result(Check.SPF, "")]
        found = replace(advice(Check.PTR, "203.0.113.1", "ptr_missing", "none", 5), id=f"of {each}", customer=each)
        await store.keep_practice(each, results, [found], complete=True)
    runs = {}

    class Watched:
        def __getattr__(self, name):
            return getattr(store, name)

        async def commit_report(self, claim, run, notes, contents, tokens):
            runs[run.customer] = run.advice
            return await store.commit_report(claim, run, notes, contents, tokens)

    report = await preview(store, DESK, clock, await store.inventory(), customer("acme"), WEEK)
    assert [(each.ids, each.subjects) for each in report.practice.open] == [(("of acme",), ("203.0.113.1",))]
    assert report.practice.passed == 1
    assert await send_due_reports(Watched(), DESK, clock) == 2
    assert runs == {"acme": ("of acme",), "bravo": ("of bravo",)}
