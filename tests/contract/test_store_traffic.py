"""What judging relies on of a store, on every database: some senders' hours, sums of all, replies of some kinds."""

from contract.store_values import HOUR, NOON
from deliverwatch.core.delivery import FactCounts, FactKey, ReplyCounts, ReplyKey
from deliverwatch.core.mail_share import Attempts
from deliverwatch.core.reply import ReplyClass
from deliverwatch.flows.delivery_ports import IngestBatch


def key(ip="192.0.2.10", provider="mail", domain="news.acme.example", campaign="", at=NOON):
    return FactKey("postfix", ip, provider, domain, "", campaign, "", at)


async def count(store, facts, replies=()):
    await store.commit_ingest(IngestBatch("postfix", "postfix", NOON, facts=facts, replies=dict(replies)))


async def test_hours_are_found_by_address_and_by_domain_and_once(store):
    both, ip, domain = key(), key(domain="other.example", at=NOON + HOUR), key("192.0.2.11", at=NOON - HOUR)
    other = key("198.51.100.7", domain="elsewhere.example")
    await count(store, dict.fromkeys((both, ip, domain, other), FactCounts(3, 2)))
    found = await store.traffic(NOON - HOUR, {"192.0.2.10", "news.acme.example"})
    assert found == [(each, FactCounts(3, 2)) for each in (domain, both, ip)]
    assert await store.traffic(NOON, {"news.acme.example"}, NOON + HOUR) == [(both, FactCounts(3, 2))]
    assert await store.traffic(NOON - HOUR, ()) == []


async def test_any_number_of_senders_can_be_asked_for(store):
    facts = {key(f"10.0.{n // 250}.{n % 250}"): FactCounts(1) for n in range(1000)}
    await count(store, facts)
    assert len(await store.traffic(NOON, {fact.ip for fact in facts})) == 1000


async def test_sums_are_by_sender_provider_and_source_and_unknown_stays_unknown(store):
    facts = {
        key(campaign="a"): FactCounts(3, 2, complaints=None),
        key(campaign="b", at=NOON + HOUR): FactCounts(4, 2, 1),
        key(provider="late", at=NOON + 2 * HOUR): FactCounts(9),
        key(provider="other"): FactCounts(None),
        key()._replace(source="exim"): FactCounts(2, 1, 1),
    }
    await count(store, facts)
    assert sorted(await store.attempts(NOON, NOON + 2 * HOUR)) == [
        Attempts("192.0.2.10", "news.acme.example", "mail", 2, 1, 1, None, "exim"),
        Attempts("192.0.2.10", "news.acme.example", "mail", 7, 4, 1, None, "postfix"),
        Attempts("192.0.2.10", "news.acme.example", "other", None, source="postfix"),
    ]
    assert {type(each.attempted) for each in await store.attempts(NOON, NOON + 2 * HOUR)} == {int, type(None)}


async def test_replies_of_some_classes(store):
    def reply(class_, at=NOON):
        return ReplyKey("postfix", "192.0.2.10", "mail", "", class_, "rule", "", "", at)

    wanted = reply(ReplyClass.IP_BLOCK)
    others = [reply(ReplyClass.MAILBOX_FULL), reply(ReplyClass.IP_BLOCK, NOON - HOUR)]
    await count(store, {}, dict.fromkeys((wanted, *others), ReplyCounts(1, 2, 0, "550 no")))
    found = await store.verdicts(NOON, {ReplyClass.IP_BLOCK, ReplyClass.RATE_LIMIT})
    assert found == [(wanted, ReplyCounts(1, 2, 0, "550 no"))]


async def test_replies_of_some_senders(store):
    base = ReplyKey("postfix", "192.0.2.10", "mail", "news.acme.example", ReplyClass.IP_BLOCK, "rule", "", "", NOON)
    other = base._replace(ip="192.0.2.11", domain="", hour_at=NOON + HOUR)
    naming = other._replace(subject="192.0.2.10")
    await count(store, {}, dict.fromkeys((base, other, naming), ReplyCounts(5, 0, 0, "450 no", 4)))

    async def found(*names, until=None):
        some = await store.verdicts(NOON, {ReplyClass.IP_BLOCK}, names, until)
        assert {counts for _, counts in some} <= {ReplyCounts(5, 0, 0, "450 no", 4)}
        return [key for key, _ in some]

    assert await found("192.0.2.10", "news.acme.example") == [base, naming]
    assert await found("news.acme.example") == [base]
    assert await found("192.0.2.10", until=NOON + HOUR) == [base]
    assert await found() == []
