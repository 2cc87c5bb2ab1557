"""`deliverwatch blocks` and the likely causes, as a user and a program read them."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from deliverwatch.app import App
from deliverwatch.core.delivery import FactCounts, FactKey, ReplyCounts, ReplyKey
from deliverwatch.core.reply import ReplyClass
from deliverwatch.flows.delivery_ports import IngestBatch
from deliverwatch.settings import load_settings

INVENTORY = """\
esp:
  pools:
    - {id: shared-1, ips: [203.0.113.0/30], customers: [acme, bravo]}
customers:
  - id: acme
    name: Acme Ltd
    service_time_zone: eastern
    tam: {name: Robin Doe, email: robin@esp.example}
    contacts: [postmaster@acme.example]
    pools:
      - {id: acme-news, stream: newsletter, ips: [192.0.2.8/29]}
  - id: bravo
    name: Bravo
    service_time_zone: uk
    tam: {name: Alex Roe, email: alex@esp.example}
    contacts: [postmaster@bravo.example]
    pools:
      - {id: bravo-news, ips: [198.51.100.7]}
"""
HOUR_AT = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
KEYS = {
    *("id", "kind", "provider", "subject", "subject_kind", "class", "what", "opened_at", "last_seen_at", "closed_at"),
    *("ended", "mail_share", "customers", "evidence", "likely_cause"),
}


def mail(ip, attempted, hours_before=0, campaign=""):
    at = HOUR_AT - timedelta(hours=hours_before)
    return FactKey("postfix", ip, "yahoo", "", "", campaign, "", at), FactCounts(attempted, attempted, 0, 0)


def refused(ip, class_=ReplyClass.IP_BLOCK, **counts):
    key = ReplyKey("postfix", ip, "yahoo", "", class_, "yahoo-ts03", "", "", HOUR_AT)
    return key, ReplyCounts(counts.get("deferred", 0), counts.get("bounced", 0), 0, f"550 {ip} \x1b[2J refused")


@pytest.fixture
async def installed(tmp_path, deliverwatch):
    mail_from = '[mail]\nfrom = "watch@esp.example"\n'
    store = f'[store]\nurl = "sqlite:///{tmp_path}/state/deliverwatch.db"\n'
    (tmp_path / "deliverwatch.toml").write_text(mail_from + store)
    (tmp_path / "customers.yaml").write_text(INVENTORY)
    assert (await deliverwatch("customers", "import", "customers.yaml")).code == 0
    app = App.open(load_settings(tmp_path / "deliverwatch.toml", {}))
    replies = [refused("192.0.2.10", bounced=900), refused("203.0.113.1", bounced=900)]
    replies.append(refused("198.51.100.7", ReplyClass.RATE_LIMIT, deferred=9))
    facts = [mail(ip, 1000, days * 24) for ip in ("192.0.2.10", "203.0.113.1") for days in (10, 11)]
    facts += [mail(ip, 9000, 24, campaign="bravo-sale") for ip in ("192.0.2.10", "203.0.113.1")]
    facts += [mail("192.0.2.10", 900), mail("203.0.113.1", 900), mail("198.51.100.7", 90)]
    now = HOUR_AT + timedelta(hours=1)
    await app.store.commit_ingest(IngestBatch("postfix", "postfix", now, dict(facts), dict(replies)))
    assert await app.judge() == 3
    inventory, sent = await app.store.inventory(), {}
    while (due := await app.store.claim_notification(app.clock.now(), timedelta(minutes=2))) is not None:
        message = message_from_bytes(app.compose(due, inventory).content, policy=policy.default)
        body = message.get_body(("plain",)).get_content()
        sent.setdefault(due.notification.recipient, []).append(" ".join(body.split()))
    await app.store.close()
    return sent


async def test_episodes_are_one_document(deliverwatch, installed):
    ran = await deliverwatch("blocks", "--json")
    assert ran.code == 0
    assert {(each["kind"], each["subject"], tuple(each["customers"])) for each in ran.document} == {
        ("block", "192.0.2.10", ("acme",)),
        ("block", "203.0.113.1", ("acme", "bravo")),
        ("throttle", "198.51.100.7", ("bravo",)),
    }
    assert {frozenset(each) for each in ran.document} == {frozenset(KEYS)}
    block = next(each for each in ran.document if each["subject"] == "192.0.2.10")
    assert (block["provider"], block["class"], block["ended"], block["closed_at"]) == ("yahoo", "ip_block", None, None)
    assert block["opened_at"] == HOUR_AT.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert 0 < block["mail_share"] < 1
    assert (block["evidence"]["replies"], "told" in block["evidence"]) == (900, False)
    assert "\x1b" not in ran.out


async def test_a_customer_is_shown_their_own_and_nobody_else(deliverwatch, installed):
    ran = await deliverwatch("blocks", "--customer", "acme", "--json")
    assert {each["subject"] for each in ran.document} == {"192.0.2.10", "203.0.113.1"}
    assert {tuple(each["customers"]) for each in ran.document} == {("acme",)}
    causes = {each["subject"]: {change["what"] for change in each["likely_cause"]["changes"]} for each in ran.document}
    assert causes == {"192.0.2.10": {"volume", "new_campaign"}, "203.0.113.1": {"volume"}}
    assert (await deliverwatch("blocks", "--customer", "nobody")).code == 2


async def test_of_a_shared_sender_nothing_of_the_others_is_shown(deliverwatch, installed):
    ran = await deliverwatch("blocks", "--customer", "acme", "--json")
    of = {each["subject"]: each for each in ran.document}
    own, shared = of["192.0.2.10"], of["203.0.113.1"]
    assert (own["evidence"]["replies"], len(own["evidence"]["samples"])) == (900, 1)
    assert shared["evidence"] == {"rule": "yahoo-ts03", "shared": True}
    assert shared["mail_share"] is None
    assert [(each["before"], each["after"]) for each in shared["likely_cause"]["changes"]] == [(None, None)]
    table = " ".join((await deliverwatch("blocks", "--customer", "acme")).out.split())
    assert "(shared" in table
    assert (await deliverwatch("blocks", "--json")).document[0]["evidence"]["samples"]


def test_an_alert_about_a_shared_sender_holds_nothing_of_the_others(installed):
    own, shared = sorted(installed["robin@esp.example"])
    assert "192.0.2.10" in own
    assert "900 such replies" in own
    assert "203.0.113.1" in shared
    assert "figures of all are left out" in shared
    assert "900" not in shared
    assert "550" not in shared


async def test_a_person_ends_one_with_a_reason(deliverwatch, installed):
    (block,) = [each for each in (await deliverwatch("blocks", "--json")).document if each["subject"] == "192.0.2.10"]
    assert (await deliverwatch("blocks", "close", block["id"])).code == 2
    assert (await deliverwatch("blocks", "close", block["id"], "--reason", " ")).code == 2
    ran = await deliverwatch("blocks", "close", block["id"], "--reason", "Yahoo\x1b confirmed it by mail", "--json")
    assert ran.code == 0
    assert (ran.document["ended"], ran.document["closed_at"] is None) == ("by_hand", False)
    assert "confirmed it by mail" in ran.document["evidence"]["reason"]
    assert "\x1b" not in ran.out
    still = {each["subject"] for each in (await deliverwatch("blocks", "--open", "--json")).document}
    assert still == {"203.0.113.1", "198.51.100.7"}
    again = await deliverwatch("blocks", "close", block["id"], "--reason", "again")
    assert (again.code, "already" in again.err) == (2, True)
    assert (await deliverwatch("blocks", "close", "nonsense", "--reason", "x")).code == 2


async def test_kinds_and_tables(deliverwatch, installed):
    ran = await deliverwatch("blocks", "--kind", "throttle", "--open")
    assert "198.51.100.7" in ran.out
    assert "192.0.2.10" not in ran.out
    assert "\x1b" not in ran.out
    assert (await deliverwatch("blocks", "--kind", "finding")).out == "Nothing was found.\n"
