"""What was counted becomes episodes, events and messages: of the right sender, to the right people, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.block import EpisodeEnd, EpisodeKind
from deliverwatch.core.delivery import FactCounts, FactKey, Measure, ReplyCounts, ReplyKey, Signal, SignalName
from deliverwatch.core.events import EventKind
from deliverwatch.core.inventory import Asset
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.provider import MailboxProvider, ProviderKind
from deliverwatch.core.receivers import Routing
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.sender_dns import RecordState, to_facts
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.close_by_hand import close_by_hand, episode_id
from deliverwatch.flows.delivery_ports import EpisodeChanges, IngestBatch
from deliverwatch.flows.judge import JudgingDesk, judge_episodes
from deliverwatch.flows.judge_when_new import Judge
from deliverwatch.store import open_store
from flows.rounds import OPS, MovedClock, hold
from samples import INVENTORY, NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MAIL = MailboxProvider("mail", "Example Mail", ProviderKind.MAILBOX_PROVIDER, postmaster_url="https://mail.example/")
DESK = JudgingDesk({"mail": MAIL}, Routing((OPS,)))
DOMAIN = Asset("news.acme.example", "acme")


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    await hold(store, replace(INVENTORY, assets=(*INVENTORY.assets, DOMAIN)))
    yield store
    await store.close()


@pytest.fixture
def clock():
    return MovedClock(NOON + timedelta(minutes=30))


class Log:
    """One batch of what a source read."""

    def __init__(self, source="postfix"):
        self.source, self.facts, self.replies, self.signals = source, {}, {}, []

    def mail(self, ip, hour=0, delivered=0, deferred=0, bounced=0, provider="mail", domain="", **more):
        key = FactKey(self.source, ip, provider, domain, "", "", "", NOON + hour * HOUR)
        counts = FactCounts(delivered + deferred + bounced, delivered, deferred, bounced, **more)
        self.facts[key] = counts
        return self

    def said(
        self, ip, class_=ReplyClass.IP_BLOCK, hour=0, subject="", deferred=0, bounced=0, domain="", provider="mail"
    ):
        at = NOON + hour * HOUR
        self.replies[ReplyKey(self.source, ip, provider, domain, class_, "rule", "", subject, at)] = ReplyCounts(
            deferred, bounced, 0, f"550 {ip} refused"
        )
        return self.mail(ip, hour, 0, deferred, bounced, provider, domain)

    async def into(self, store, clock):
        now = clock.now()
        await store.commit_ingest(
            IngestBatch(
                self.source, self.source, now, read=1, facts=self.facts, replies=self.replies, signals=self.signals
            )
        )


async def judge(store, clock, **more):
    return await judge_episodes(store, clock, DESK, **more)


async def told(store):
    return sorted((line.event_kind, line.notification.recipient) for line in await store.outbox())


def of(episodes):
    return [(each.kind, each.subject.value, each.closed_at is None) for each in episodes]


async def test_a_block_is_the_customers_who_holds_the_sender(store, clock):
    await Log().said("192.0.2.10", bounced=9).mail("192.0.2.11", delivered=27).into(store, clock)
    assert await judge(store, clock) == 1
    (block,) = await store.episodes()
    assert of([block]) == [(EpisodeKind.BLOCK, "192.0.2.10", True)]
    assert block.mail_share == 0.25
    (event,) = await store.events([EventKind.BLOCK_OPENED])
    assert event.facts["provider_name"] == "Example Mail"
    assert event.facts["parties"] == ["acme"]
    assert await told(store) == [("block_opened", OPS), ("block_opened", "tam-acme@esp.example")]


async def test_judging_again_writes_nothing(store, clock):
    await Log().said("192.0.2.10", bounced=9).into(store, clock)
    await judge(store, clock)
    before = await store.episodes()
    clock.advance(HOUR)
    assert await judge(store, clock) == 0
    assert await store.episodes() == before
    assert len(await store.events()) == 1


async def test_it_ends_when_mail_is_accepted(store, clock):
    await Log().said("192.0.2.10", bounced=9).into(store, clock)
    await judge(store, clock)
    clock.advance(6 * HOUR)
    assert await judge(store, clock) == 0
    await Log().mail("192.0.2.10", 1, delivered=5).mail("192.0.2.10", 5, delivered=5).into(store, clock)
    assert await judge(store, clock) == 1
    (block,) = await store.episodes()
    assert (block.ended, block.closed_at) == (EpisodeEnd.ACCEPTED, NOON + 5 * HOUR)
    assert {event.kind for event in await store.events()} == {EventKind.BLOCK_OPENED, EventKind.BLOCK_CLOSED}


async def test_the_share_is_told_of_what_ended_before_it_was_seen_too(store, clock):
    log = Log().said("192.0.2.10", bounced=9).mail("192.0.2.11", delivered=27)
    await log.mail("192.0.2.10", 1, delivered=5).mail("192.0.2.10", 5, delivered=5).into(store, clock)
    clock.advance(6 * HOUR)
    await judge(store, clock)
    (block,) = await store.episodes()
    assert (block.ended, block.mail_share) == (EpisodeEnd.ACCEPTED, 0.25)


async def test_shares_of_different_days_are_never_more_than_all(store, clock):
    clock.advance(26 * HOUR)
    await Log().said("192.0.2.10", bounced=9).said("192.0.2.11", hour=26, bounced=9).into(store, clock)
    await judge(store, clock)
    assert [block.mail_share for block in await store.episodes()] == [1.0, 1.0]
    (lead,) = [event for event in await store.events() if "members" in event.facts]
    assert lead.facts["mail_share"] == 1.0


async def test_many_senders_of_one_customer_are_one_incident(store, clock):
    log = Log()
    for number in range(8, 16):
        log.said(f"192.0.2.{number}", bounced=9)
    await log.said("198.51.100.7", bounced=9).into(store, clock)
    await judge(store, clock)
    assert len(await store.episodes()) == 9
    assert await told(store) == [
        ("block_opened", OPS),
        ("block_opened", OPS),
        ("block_opened", "tam-acme@esp.example"),
        ("block_opened", "tam-bravo@esp.example"),
    ]
    lead = next(event for event in await store.events() if "members" in event.facts)
    assert (lead.facts["members"], lead.facts["replies"], lead.facts["mail_share"]) == (["192.0.2.8/29"], 72, 1.0)


async def test_nobodys_sender_is_the_operators_to_know(store, clock):
    await Log().said("203.0.113.77", bounced=9).into(store, clock)
    await judge(store, clock)
    (block,) = await store.episodes()
    assert block.mail_share is None
    assert await told(store) == [("block_opened", OPS)]


@pytest.mark.parametrize(
    ("class_", "named", "domain", "subject"),
    [
        (ReplyClass.IP_BLOCK, "192.0.2.12", "", "192.0.2.12"),
        (ReplyClass.IP_BLOCK, "203.0.113.200", "", "192.0.2.10"),
        (ReplyClass.IP_BLOCK, "news.acme.example", "", "192.0.2.10"),
        (ReplyClass.DOMAIN_BLOCK, "", "news.acme.example", "news.acme.example"),
        (ReplyClass.DOMAIN_BLOCK, "news.acme.example", "other.example", "news.acme.example"),
        (ReplyClass.DOMAIN_BLOCK, "", "", "192.0.2.10"),
        (ReplyClass.DOMAIN_BLOCK, "", "not a domain", "192.0.2.10"),
    ],
)
async def test_who_is_refused(store, clock, class_, named, domain, subject):
    await Log().said("192.0.2.10", class_, subject=named, domain=domain, bounced=9).into(store, clock)
    await judge(store, clock)
    assert [each.subject.value for each in await store.episodes()] == [subject]


async def test_a_provider_that_is_not_known_opens_nothing(store, clock):
    await Log().said("192.0.2.10", bounced=9, provider="").into(store, clock)
    assert await judge(store, clock) == 0


async def test_the_same_mail_seen_by_two_sources_counts_once(store, clock):
    for source in ("postfix", "sparkpost-webhook"):
        log = Log(source).said("192.0.2.10", bounced=2)
        await log.mail("192.0.2.10", 0, 3, 0, 2).into(store, clock)
    assert await judge(store, clock) == 0


async def test_what_two_sources_with_common_ids_tell_adds_up(store, clock):
    desk = replace(DESK, spaces={"sparkpost-webhook": "sparkpost", "sparkpost-events": "sparkpost"})
    await Log("sparkpost-webhook").mail("192.0.2.10", 0, 1).said("192.0.2.10", bounced=2).into(store, clock)
    await Log("sparkpost-events").said("192.0.2.10", bounced=2).into(store, clock)
    assert await judge_episodes(store, clock, desk) == 1
    (block,) = await store.episodes()
    assert (block.evidence["replies"], block.evidence["attempted"]) == (4, 4)


async def test_the_share_counts_mail_that_two_sources_saw_once(store, clock):
    await Log().said("192.0.2.10", bounced=9).mail("192.0.2.11", delivered=27).into(store, clock)
    await Log("sparkpost-webhook").mail("192.0.2.10", bounced=9).into(store, clock)
    await judge(store, clock)
    (block,) = await store.episodes()
    assert block.mail_share == 0.25


class TestWhomAReplyNames:
    """The policy that failed is that of the From domain, and the log counts mail by the envelope's."""

    def finding(self, envelope, replies=1):
        named = {"subject": "news.acme.example", "domain": envelope, "bounced": replies}
        return Log().said("192.0.2.10", ReplyClass.AUTH_FAILURE, **named)

    async def end_of_it(self, store, clock, envelope):
        await self.finding(envelope, 3).into(store, clock)
        delivered = Log()
        for hour in range(26):
            delivered.mail("192.0.2.10", hour, 10, 0, 3 if hour == 0 else 0, domain=envelope)
        await delivered.into(store, clock)
        clock.advance(30 * HOUR)
        await judge(store, clock)
        (finding,) = await store.episodes()
        return finding

    async def test_the_mail_it_was_said_to_is_what_it_is_a_share_of_and_ends_it(self, store, clock):
        finding = await self.end_of_it(store, clock, "bounces.news.acme.example")
        assert (finding.subject.value, finding.ended) == ("news.acme.example", EpisodeEnd.MENDED)
        assert finding.evidence["attempted"] > 3

    async def test_mail_that_others_send_as_well_proves_nothing(self, store, clock):
        finding = await self.end_of_it(store, clock, "bounces.esp.example")
        assert finding.closed_at is None
        unknown = [finding.evidence[name] for name in ("attempted", "delivered", "share")]
        assert unknown == [None, None, None]


class TestWhoseAuthenticationFails:
    """From an IP of the ESP that several customers share."""

    SHARED = Asset("203.0.113.5", None, ("acme", "bravo"))
    LINKS = Asset("links.esp.example", None, ("acme", "bravo"))

    async def subjects(self, store, clock, ip, domain):
        await hold(store, replace(INVENTORY, assets=(*INVENTORY.assets, DOMAIN, self.SHARED, self.LINKS)))
        await Log().said(ip, ReplyClass.AUTH_FAILURE, domain=domain, bounced=9).into(store, clock)
        await judge(store, clock)
        return [each.subject.value for each in await store.episodes()]

    async def test_only_whose_domain_it_is_hears_of_it(self, store, clock):
        assert await self.subjects(store, clock, "203.0.113.5", "news.acme.example") == ["news.acme.example"]
        assert await told(store) == [("finding_opened", OPS), ("finding_opened", "tam-acme@esp.example")]
        (finding,) = await store.episodes()
        assert finding.evidence["attempted"] == 9

    @pytest.mark.parametrize("domain", ["", "links.esp.example", "unheard.example"])
    async def test_what_is_no_customers_domain_is_the_ips(self, store, clock, domain):
        assert await self.subjects(store, clock, "203.0.113.5", domain) == ["203.0.113.5"]

    async def test_of_an_ip_of_ones_own_it_is_the_ip(self, store, clock):
        assert await self.subjects(store, clock, "192.0.2.10", "news.acme.example") == ["192.0.2.10"]

    async def test_where_no_ip_is_told_it_is_the_domain(self, store, clock):
        assert await self.subjects(store, clock, "", "news.acme.example") == ["news.acme.example"]


async def test_a_sender_that_left_the_inventory_ends_as_withdrawn(store, clock):
    await Log().said("198.51.100.7", bounced=9).into(store, clock)
    await judge(store, clock)
    held = next(asset for asset in INVENTORY.assets if asset.name == "198.51.100.7")
    ends = replace(held, until_on=clock.now().date())
    await store.apply_inventory(InventoryChange(assets_changed=((held, ends),)), clock.now())
    clock.advance(24 * HOUR)
    assert await judge(store, clock) == 1
    (block,) = await store.episodes()
    assert block.ended is EpisodeEnd.WITHDRAWN
    assert block.closed_at > NOON + 24 * HOUR
    assert ("block_closed", "tam-bravo@esp.example") in await told(store)
    assert await judge(store, clock) == 0


async def test_an_old_log_is_history(store, clock):
    clock.advance(4 * 24 * HOUR)
    await Log().said("192.0.2.10", bounced=9).into(store, clock)
    await judge(store, clock)
    assert of(await store.episodes()) == [(EpisodeKind.BLOCK, "192.0.2.10", True)]
    assert await told(store) == []


async def test_an_open_block_is_judged_with_all_its_hours_however_old(store, clock):
    await Log().said("192.0.2.10", bounced=9).into(store, clock)
    await judge(store, clock)
    clock.advance(40 * 24 * HOUR)
    assert await judge(store, clock) == 0
    log = Log().mail("192.0.2.10", 960, delivered=5)
    await log.mail("192.0.2.10", 964, delivered=5).into(store, clock)
    assert await judge(store, clock) == 1
    (block,) = await store.episodes()
    assert (block.ended, block.evidence["replies"]) == (EpisodeEnd.ACCEPTED, 9)


async def test_what_is_open_for_long_makes_nobody_else_be_loaded_from_then(store, clock, monkeypatch):
    asked = []

    def listening(plainly):
        async def listen(*arguments):
            found = await plainly(*arguments)
            asked.append({key.ip for key, _ in found})
            return found

        return listen

    strays = Log().mail("192.0.2.77", delivered=900, domain="news.acme.example")
    strays.said("192.0.2.10", ReplyClass.DOMAIN_BLOCK, domain="news.acme.example", bounced=9)
    await strays.into(store, clock)
    old = Log().said("192.0.2.10", deferred=9).said("192.0.2.10", hour=4, deferred=9).mail("198.51.100.7", delivered=9)
    await (
        old.said("198.51.100.7", bounced=9)
        .said("192.0.2.10", hour=5, class_=ReplyClass.AUTH_FAILURE)
        .into(store, clock)
    )
    clock.advance(5 * HOUR)
    await judge(store, clock)
    ends = Log().mail("198.51.100.7", 6, delivered=5).mail("198.51.100.7", 10, delivered=5)
    await ends.into(store, clock)
    clock.advance(6 * HOUR)
    await judge(store, clock)
    before = await store.episodes()
    assert sorted(each.subject.value for each in before if each.closed_at is None) == ["192.0.2.10"]
    clock.advance(100 * 24 * HOUR)
    monkeypatch.setattr(store, "verdicts", listening(store.verdicts))
    monkeypatch.setattr(store, "traffic", listening(store.traffic))
    assert await judge(store, clock) == 0
    assert set().union(*asked) == {"192.0.2.10"}
    assert await store.episodes() == before
    await Log().said("192.0.2.10", hour=2400, bounced=1).said("198.51.100.7", hour=2400, bounced=9).into(store, clock)
    assert await judge(store, clock) == 2
    after = {(each.subject.value, each.kind, each.closed_at is None): each for each in await store.episodes()}
    assert after["192.0.2.10", EpisodeKind.BLOCK, True].evidence["replies"] == 10
    assert after["198.51.100.7", EpisodeKind.BLOCK, True].evidence["replies"] == 9
    assert len(after) == len(before) + 1


class TestWarnings:
    def signal(self, day=0, colour="red", subject="192.0.2.10"):
        on = NOON.date() + timedelta(days=day)
        return Signal(SignalName.SNDS_COLOUR, "mail", subject, on, None, colour)

    async def test_what_a_receiver_says_of_ours_is_told_and_ends_with_better_days(self, store, clock):
        log = Log("snds")
        log.signals = [self.signal(), self.signal(subject="203.0.113.99")]
        await log.into(store, clock)
        assert await judge(store, clock) == 1
        assert await judge(store, clock) == 0
        assert await told(store) == [("warning_started", OPS), ("warning_started", "tam-acme@esp.example")]
        clock.advance(3 * 24 * HOUR)
        assert await judge(store, clock) == 0
        log.signals = [self.signal(1, "green"), self.signal(2, "green")]
        await log.into(store, clock)
        assert await judge(store, clock) == 1
        (warning,) = await store.episodes()
        assert warning.ended is EpisodeEnd.MENDED
        assert await judge(store, clock) == 0

    async def test_complaints_are_judged_when_the_day_is_over(self, store, clock):
        await Log().mail("192.0.2.10", delivered=1000, complaints=20).into(store, clock)
        assert await judge(store, clock) == 0
        clock.advance(24 * HOUR)
        assert await judge(store, clock, warn=False) == 0
        assert await judge(store, clock) == 1
        (warning,) = await store.episodes()
        assert (warning.what, warning.evidence["urgent"]) == ("complaints", True)

    async def test_complaints_without_an_ip_are_the_domains(self, store, clock):
        await Log().mail("192.0.2.10", delivered=1000, domain="news.acme.example").into(store, clock)
        await Log("arf").mail("", domain="news.acme.example", complaints=20).into(store, clock)
        clock.advance(24 * HOUR)
        await judge(store, clock)
        assert [each.subject.value for each in await store.episodes()] == ["news.acme.example"]

    async def test_a_complaint_that_two_sources_tell_is_one(self, store, clock):
        await Log("sparkpost-webhook").mail("192.0.2.10", delivered=10_000, complaints=9).into(store, clock)
        await Log("arf").mail("192.0.2.10", complaints=9).into(store, clock)
        clock.advance(24 * HOUR)
        assert await judge(store, clock) == 0

    async def test_a_record_that_went_is_told_until_it_is_back(self, store, clock):
        pair = ("ptr", "192.0.2.10")
        gone = RecordState((), before=("mx.acme.example",), changed_at=NOON)
        await store.keep_dns_values({pair: to_facts(gone)})
        assert await judge(store, clock) == 1
        assert await judge(store, clock) == 0
        (warning,) = await store.episodes()
        assert (warning.what, warning.provider) == ("ptr_gone: 192.0.2.10", "")
        back = RecordState(("mx.acme.example",), before=(), changed_at=NOON)
        await store.keep_dns_values({pair: to_facts(back)})
        assert await judge(store, clock) == 1
        (warning,) = await store.episodes()
        assert warning.ended is EpisodeEnd.MENDED

    async def test_records_of_what_is_not_ours_are_nobodys_trouble(self, store, clock):
        gone = RecordState((), before=("mx.other.example",), changed_at=NOON)
        await store.keep_dns_values({("ptr", "203.0.113.99"): to_facts(gone)})
        assert await judge(store, clock) == 0
        assert parse_subject("203.0.113.99") not in {each.subject for each in await store.episodes()}


class TestWhenNew:
    async def test_only_what_is_new_is_judged(self, store, clock, monkeypatch):
        judge_all = Judge(store, clock, DESK)
        await Log().said("192.0.2.10", bounced=9).into(store, clock)
        assert await judge_all.judge() == 1
        asked = []
        plainly = store.verdicts

        async def verdicts(*arguments):
            asked.append(arguments)
            return await plainly(*arguments)

        monkeypatch.setattr(store, "verdicts", verdicts)
        assert await judge_all.judge() == 0
        assert asked == []
        clock.advance(HOUR)
        assert await judge_all.judge() == 0
        assert len(asked) == 1
        await Log().said("192.0.2.10", hour=1, bounced=9).into(store, clock)
        clock.advance(timedelta(seconds=30))
        assert await judge_all.judge() == 0
        clock.advance(timedelta(seconds=30))
        assert await judge_all.judge() == 1


async def test_a_platforms_own_counts_warn_where_nobody_told_of_the_events(store, clock):
    begins = NOON - timedelta(hours=12)
    days = [
        Measure(begins - number * DAY, DAY, ip, None, provider, attempted=5000, delivered=5000, complaints=complaints)
        for number, complaints in enumerate((40, 40, 0, 0))
        if number
        for ip, provider in (("192.0.2.10", "mail"), ("192.0.2.11", "A name of the platform's"))
    ]
    await store.commit_ingest(IngestBatch("metrics", "metrics", clock.now(), measures=days))
    await judge(store, clock)
    (warning,) = await store.episodes()
    assert (warning.what, warning.subject.value, warning.provider) == ("complaints", "192.0.2.10", "mail")
    assert warning.opened_at == begins - DAY


DEAF = replace(DESK, unmeasured={"postfix": {"delivered_by_ip"}})


async def test_where_acceptance_is_not_measured_an_open_block_says_so(store, clock):
    await Log().said("192.0.2.10", bounced=9).into(store, clock)
    await judge_episodes(store, clock, DEAF)
    (block,) = await store.episodes()
    assert block.evidence["acceptance"] == "not measured"
    await Log("kumomta").mail("192.0.2.10", delivered=1).into(store, clock)
    await judge_episodes(store, clock, DEAF)
    (block,) = await store.episodes()
    assert "acceptance" not in block.evidence


async def test_what_a_person_ended_stays_ended_and_is_told(store, clock):
    await Log().said("192.0.2.10", bounced=9).into(store, clock)
    await judge_episodes(store, clock, DEAF)
    (block,) = stale = await store.episodes()
    closed = await close_by_hand(store, clock, DEAF, episode_id(block), "the provider wrote so")
    assert (closed.ended, closed.evidence["reason"]) == (EpisodeEnd.BY_HAND, "the provider wrote so")
    ends = [line for line in await store.outbox() if line.event_kind is EventKind.BLOCK_CLOSED]
    assert {line.notification.recipient for line in ends} == {OPS, INVENTORY.customers[0].tam.email}
    assert await judge_episodes(store, clock, DEAF) == 0
    await store.commit_episodes(EpisodeChanges(stale))
    assert await store.episodes() == [closed]
    clock.advance(2 * HOUR)
    await Log().said("192.0.2.10", hour=2, bounced=9).into(store, clock)
    await judge_episodes(store, clock, DEAF)
    assert of(await store.episodes()) == [
        (EpisodeKind.BLOCK, "192.0.2.10", True),
        (EpisodeKind.BLOCK, "192.0.2.10", False),
    ]
