"""A customer's practice, checked against a real store and a real nameserver, and the register that comes of it."""

import asyncio
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contract.store_values import clear, commit, cycle
from deliverwatch.core.delivery import FactCounts, FactKey, Measure, ReplyCounts, ReplyKey, Signal, SignalName
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.listing import ListingPolicy, ListingState, Look, Watch, fold
from deliverwatch.core.practice import Check, CheckOutcome, is_taken_back
from deliverwatch.core.practice_policy import POLICY
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import DomainRole, parse_subject
from deliverwatch.core.verdict import Answer, Reply, judge
from deliverwatch.flows.check_practice import (
    PracticeDesk,
    check_message,
    check_practice,
    kept_practice,
    overrule,
    overrule_these,
)
from deliverwatch.flows.delivery_ports import IngestBatch
from deliverwatch.practice.looks import PracticeLooks
from deliverwatch.sandbox.zones import Mode, Record, Zone
from deliverwatch.store import open_store
from flows.rounds import MovedClock, hold
from samples import SAMPLE_LIST, customer

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
IP, SHARED, FROM = "192.0.2.10", "203.0.113.1", "news.acme.example"
PASS, FAIL, UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN
ROLES = (DomainRole.FROM, DomainRole.ENVELOPE)
INVENTORY = Inventory(
    (customer("acme"), customer("bravo")),
    (
        Asset(IP, "acme"),
        Asset(SHARED, None, shared_with=("acme", "bravo")),
        Asset(FROM, "acme", roles=ROLES),
        Asset("bravo.example", "bravo", roles=ROLES),
    ),
)
MESSAGE = (
    f"From: Acme <offers@{FROM}>\r\nTo: someone@mail.example\r\n"
    "List-Unsubscribe: <https://acme.example/u>\r\nSubject: November\r\n\r\nGood day.\r\n"
).encode()


async def no_warmups(_):
    return []


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    """A database with the inventory, to be copied."""

    async def make(file):
        store = open_store(f"sqlite:///{file}")
        await hold(store, INVENTORY)
        await store.close()

    file = tmp_path_factory.mktemp("practice") / "made.db"
    asyncio.run(make(file))
    return file


@pytest.fixture
async def store(made_once, tmp_path):
    shutil.copy(made_once, tmp_path / "here.db")
    store = open_store(f"sqlite:///{tmp_path}/here.db")
    yield store
    await store.close()


@pytest.fixture
def clock():
    return MovedClock(NOW)


@pytest.fixture
async def example(start_nameserver):
    """The zone below "example", whose server is `example.server`."""
    zone = Zone("example")
    zone.records["news.acme"] = Record((IP,), txt=f"v=spf1 ip4:{IP} ip4:{SHARED} -all")
    reverse = [Zone("2.0.192.in-addr.arpa"), Zone("113.0.203.in-addr.arpa")]
    reverse[0].records["10"] = Record((), ptr=f"{FROM}.")
    return zone, await start_nameserver(zone, *reverse)


@pytest.fixture
def desk(example):
    looks = PracticeLooks([example[1].address], timedelta(seconds=0.3), lambda name: ".".join(name.split(".")[-2:]))
    return PracticeDesk(looks, no_warmups, (SAMPLE_LIST,), {"google": "Gmail", "yahoo": "Yahoo"}, {})


def fact(provider, hours_ago=5, ip=IP, domain=FROM, **counts):
    at = (NOW - hours_ago * HOUR).replace(minute=0)
    return {FactKey("webhook", ip, provider, domain, "", "", "", at): FactCounts(**counts)}


async def tell(store, **batch):
    await store.commit_ingest(IngestBatch("webhook", "webhook", NOW, **batch))


def minute(at):
    """The clock moves on a little whenever it is read."""
    return at.replace(second=0, microsecond=0)


async def outcomes(store, customer_id="acme"):
    kept = (await store.practice(customer_id))[customer_id]
    return {(each.check, each.subject): each.outcome for each in kept}


async def test_all_checks_are_made_and_kept_with_their_time(store, desk, clock):
    results = await check_practice(store, desk, clock, "acme")
    assert {each.check for each in results} == set(Check)
    kept = (await store.practice("acme"))["acme"]
    assert {(each.check, each.subject): each for each in kept} == {(each.check, each.subject): each for each in results}
    found = await outcomes(store)
    assert found[Check.SPF, FROM] is found[Check.PTR, IP] is found[Check.MX, FROM] is PASS
    assert found[Check.DMARC, FROM] is found[Check.PTR, SHARED] is FAIL
    assert found[Check.COMPLAINTS, ""] is found[Check.TLS, ""] is found[Check.ONE_CLICK, FROM] is UNKNOWN
    assert {minute(each.at) for each in kept} == {NOW}


async def test_nothing_of_another_customer_is_named_or_counted(store, desk, clock):
    await tell(store, facts=fact("yahoo", ip=SHARED, domain="bravo.example", attempted=9000, delivered=8, complaints=8))
    results = await check_practice(store, desk, clock, "acme")
    assert "bravo" not in repr(results)
    assert (await outcomes(store))[Check.BOUNCES, ""] is UNKNOWN


async def test_what_was_counted_of_seven_days_and_no_more(store, desk, clock):
    old = fact("yahoo", 8 * 24, attempted=90_000, delivered=90_000, bounced=0, complaints=0)
    await tell(store, facts=old | fact("yahoo", attempted=2000, delivered=1600, bounced=400, complaints=5))
    results = {each.check: each for each in await check_practice(store, desk, clock, "acme")}
    assert "400 of 2,000 attempts bounced" in results[Check.BOUNCES].found
    assert "5 complaints of 1,600 delivered" in results[Check.COMPLAINTS].found
    assert (results[Check.BOUNCES].outcome, results[Check.COMPLAINTS].outcome) == (FAIL, FAIL)


async def test_a_platforms_own_statistics_count_where_no_events_do(store, desk, clock):
    begins = (NOW - 2 * DAY).replace(hour=0, minute=0)
    stated = Measure(begins, DAY, IP, None, "yahoo", attempted=3000, delivered=2990, bounced=10, complaints=1)
    await tell(store, measures=[stated])
    results = {each.check: each for each in await check_practice(store, desk, clock, "acme")}
    assert "10 of 3,000 attempts bounced" in results[Check.BOUNCES].found
    assert results[Check.COMPLAINTS].outcome is PASS


async def test_what_gmail_takes_demands_and_tells(store, desk, clock):
    await tell(store, facts=fact("google", attempted=10, delivered=10))
    rates = [Signal(SignalName.SPAM_RATE, "google", FROM, (NOW - number * DAY).date(), 0.001) for number in range(1, 8)]
    await tell(store, signals=rates)
    await check_practice(store, desk, clock, "acme")
    found = await outcomes(store)
    assert found[Check.TLS, ""] is found[Check.GMAIL_SPAM_RATE, FROM] is PASS
    at = (NOW - HOUR).replace(minute=0)
    demand = ReplyKey("webhook", IP, "google", FROM, ReplyClass.POLICY, "google-tls", "", "", at)
    await tell(store, replies={demand: ReplyCounts(3, 0, 0, "421 4.7.29")})
    await check_practice(store, desk, clock, "acme")
    assert (await outcomes(store))[Check.TLS, ""] is FAIL


async def test_which_address_a_domain_sends_from_is_taken_from_its_mail(store, desk, clock, example):
    example[0].records["news.acme"] = Record((IP,), txt=f"v=spf1 ip4:{IP} -all")
    await check_practice(store, desk, clock, "acme")
    assert (await outcomes(store))[Check.SPF, FROM] is UNKNOWN
    await tell(store, facts=fact("yahoo", attempted=10))
    await check_practice(store, desk, clock, "acme")
    assert (await outcomes(store))[Check.SPF, FROM] is PASS
    await tell(store, facts=fact("yahoo", ip=SHARED, attempted=10))
    await check_practice(store, desk, clock, "acme")
    assert (await outcomes(store))[Check.SPF, FROM] is FAIL


async def test_advice_is_given_once_and_mended_when_it_passes(store, desk, clock, example):
    await check_practice(store, desk, clock, "acme")
    (given,) = [each for each in await store.advice("acme") if each.check is Check.DMARC]
    assert (minute(given.opened_at), given.problem) == (NOW, "dmarc_missing")
    clock.advance(DAY)
    example[0].misbehave("_dmarc.news.acme", Mode.SERVFAIL)
    await check_practice(store, desk, clock, "acme")
    assert given in await store.advice("acme", open_only=True)
    example[0].misbehave("_dmarc.news.acme", Mode.NORMAL)
    example[0].records["_dmarc.acme"] = Record((), txt="v=DMARC1; p=none")
    clock.advance(DAY)
    await check_practice(store, desk, clock, "acme")
    (mended,) = [each for each in await store.advice("acme") if each.check is Check.DMARC]
    assert (mended.id, minute(mended.mended_at)) == (given.id, NOW + 2 * DAY)


async def test_what_a_message_showed_stays_until_another_is_read(store, desk, clock):
    await check_practice(store, desk, clock, "acme")
    clock.advance(HOUR)
    read = await check_message(store, desk, clock, "acme", MESSAGE)
    assert {each.check for each in read} == {Check.ONE_CLICK, Check.ALIGNMENT}
    clock.advance(HOUR)
    await check_practice(store, desk, clock, "acme")
    kept = {(each.check, each.subject): each for each in (await store.practice("acme"))["acme"]}
    assert kept[Check.ONE_CLICK, FROM].problem == "one_click_no_post"
    assert kept[Check.ONE_CLICK, FROM].at == kept[Check.ALIGNMENT, FROM].at == read[0].at
    assert minute(kept[Check.SPF, FROM].at) == NOW + 2 * HOUR


async def test_a_message_of_nobody_they_know_keeps_nothing(store, desk, clock):
    with pytest.raises(NotPossible, match=r"is from bravo\.example"):
        await check_message(store, desk, clock, "acme", MESSAGE.replace(FROM.encode(), b"bravo.example"))
    assert await store.practice("acme") == {}


async def test_a_person_overrules_with_a_reason_that_is_kept(store, desk, clock):
    await check_practice(store, desk, clock, "acme")
    (done,) = await overrule(store, clock, "acme", Check.PTR, SHARED, " moves on Friday\n", "Robin")
    assert (done.overruled_by, minute(done.overruled_at), done.overruled_because) == ("Robin", NOW, "moves on Friday")
    clock.advance(DAY)
    await check_practice(store, desk, clock, "acme")
    kept = await kept_practice(store, "acme")
    assert kept.customer.id == "acme"
    assert done in kept.advice
    with pytest.raises(NotPossible, match="overruled already"):
        await overrule(store, clock, "acme", Check.PTR, None, "again", "Robin")
    with pytest.raises(NotPossible, match="does not fail"):
        await overrule(store, clock, "acme", Check.SPF, None, "why not", "Robin")
    with pytest.raises(NotPossible, match="a reason"):
        await overrule(store, clock, "acme", Check.DMARC, None, " ", "Robin")


async def test_pieces_of_advice_are_overruled_by_themselves(store, desk, clock):
    await check_practice(store, desk, clock, "acme")
    one, *others = await store.advice("acme", open_only=True)
    (done,) = await overrule_these(store, clock, "acme", [one.id, "of-nobody"], "moves on Friday", "Robin")
    assert (done.id, done.overruled_because) == (one.id, "moves on Friday")
    kept = await store.advice("acme", open_only=True)
    assert others
    assert all((each.overruled_at is None) == (each.id != one.id) for each in kept)
    with pytest.raises(NotPossible, match="overruled already"):
        await overrule_these(store, clock, "acme", [one.id], "again", "Robin")
    with pytest.raises(NotPossible, match="a reason"):
        await overrule_these(store, clock, "acme", [others[0].id], " ", "Robin")


async def test_a_subject_that_is_gone_is_looked_at_no_more(store, desk, clock):
    await check_practice(store, desk, clock, "acme")
    only_own = PracticeDesk(desk.looks, no_warmups, (), {}, {}, POLICY)
    await check_practice(store, only_own, clock, "acme")
    assert (Check.LISTINGS, IP) not in await outcomes(store)


async def test_an_unknown_customer_is_a_sentence(store, desk, clock):
    for asked in (check_practice(store, desk, clock, "acne"), kept_practice(store, "acne")):
        with pytest.raises(NotPossible, match="did you mean 'acme'"):
            await asked


async def look(store, at, state, *looks):
    """Of one address on the one list, through the real fold; the state after it."""
    watch, events = Watch(SAMPLE_LIST.id, parse_subject(IP)), []
    for each in looks:
        state, happened = fold(state, watch, each, ListingPolicy())
        events += happened
    await commit(store, at, watch.list_id, cycle=cycle(at, watch.list_id), states={watch.subject: state}, events=events)
    return state


@pytest.mark.parametrize("lied", [True, False])
async def test_a_listing_that_never_was_takes_its_advice_back(store, desk, clock, lied):
    says = judge(SAMPLE_LIST, Answer(Reply.ANSWER, ("127.0.0.2",)))
    looks = [Look(NOW - HOUR, "192.0.2.53:53", says), Look(NOW, "192.0.2.54:53", says)]
    state = await look(store, NOW, ListingState(), *looks)
    await check_practice(store, desk, clock, "acme")
    (given,) = [each for each in await store.advice("acme") if each.check is Check.LISTINGS]
    assert (given.subject, given.mended_at) == (IP, None)
    over = NOW + DAY
    clears = [clear(over), clear(over + HOUR), clear(over + 2 * HOUR)]
    await look(store, over + 2 * HOUR, replace(state, doubted=lied), *clears)
    clock.advance(DAY + 3 * HOUR)
    await check_practice(store, desk, clock, "acme")
    (after,) = [each for each in await store.advice("acme") if each.check is Check.LISTINGS]
    assert (after.id, is_taken_back(after)) == (given.id, lied)
    assert after.mended_at is not None
