"""SparkPost's events, out of webhooks and out of the Events API."""

import base64
import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Rejection, Speaker
from deliverwatch.sources.sparkpost import EVENTS, WEBHOOK
from sources.receivers import NOW, SAMPLES, read

AT = datetime(2026, 11, 26, 10, tzinfo=UTC)
OWN, RECEIVER, SUPPRESSION = Speaker.OWN, Speaker.RECEIVER, Speaker.SUPPRESSION


@pytest.fixture(scope="module")
def batch():
    return {item.event_id: item for item in read(WEBHOOK, "batch.json")}


def test_a_delivery_is_told_with_all_that_is_known_of_it(batch):
    assert batch["1002"] == DeliveryEvent(
        AT,
        DeliveryOutcome.DELIVERED,
        ip="192.0.2.10",
        recipient_domain="mailbox.example",
        provider="Hotmail / Outlook",
        domain="env.acme.example",
        pool="acme-news",
        campaign="autumn-2026",
        subaccount="12",
        retry=False,
        event_id="1002",
    )


def test_what_is_absent_or_empty_stays_unknown(batch):
    delivered = batch["92f0c6d0-5f5c-4f7f-9f39-0a4f4f1f2b11"]
    assert (delivered.ip, delivered.recipient_domain) == ("2001:db8::10", "mailbox.example")
    assert {delivered.provider, delivered.pool, delivered.campaign, delivered.subaccount, delivered.retry} == {None}


@pytest.mark.parametrize(
    ("event_id", "outcome", "speaker", "expired", "reply"),
    [
        ("1004", "deferred", RECEIVER, False, "451 4.7.650 The mail server [192.0.2.10]"),
        ("1005", "bounced", RECEIVER, False, "550 5.7.1 mail from [192.0.2.10]"),
        ("1006", "bounced", RECEIVER, False, "550 5.1.1 <...>: nobody"),
        ("1007", "bounced", RECEIVER, True, "421 4.7.0 [TSS04] Messages from 192.0.2.10"),
        ("1008", "bounced", OWN, True, None),
        ("1009", "deferred", OWN, False, "451 4.3.0 [internal] Sending IP"),
        ("1022", "deferred", OWN, False, None),
        ("1023", "bounced", OWN, True, None),
        ("1010", "bounced", SUPPRESSION, False, "554 5.7.1 recipient address was suppressed"),
        ("1011", "out_of_band", RECEIVER, False, "550 5.7.1 Service unavailable"),
        ("1015", "bounced", SUPPRESSION, False, "550 5.7.1 Daily Quota"),
        ("1016", "bounced", SUPPRESSION, False, "554 5.7.1 recipient address suppressed"),
        ("1017", "bounced", SUPPRESSION, False, "Error while rendering"),
    ],
)
def test_it_is_told_who_speaks_and_what_the_receiver_said(batch, event_id, outcome, speaker, expired, reply):
    event = batch[event_id]
    assert (event.outcome, event.speaker, event.expired) == (outcome, speaker, expired)
    assert event.reply is reply or event.reply.startswith(reply)
    assert event.at == AT


def test_the_inner_words_of_a_time_out_keep_their_own_brackets(batch):
    assert batch["1007"].reply.endswith("(see the postmaster page)")


def test_retries_are_told_from_first_attempts_and_unknown_from_both(batch):
    assert [batch[id_].retry for id_ in ("1002", "1003", "1006", "1016")] == [False, True, False, None]


def test_an_answer_to_mail_that_arrived_and_a_report_of_no_spam_count_nothing(batch):
    assert batch["1012"] == Ignored("1012")
    assert batch["1014"] == Ignored("1014")
    assert (batch["1013"].outcome, batch["1013"].reply) == ("complained", None)


def test_everything_else_is_read_and_counts_nothing():
    kinds = Counter(type(item) for item in read(WEBHOOK, "batch.json"))
    assert kinds == {DeliveryEvent: 17, Ignored: 8}


def test_a_ping_is_read():
    assert read(WEBHOOK, "ping.json") == [Ignored()]


def test_what_cannot_be_read_is_rejected_by_its_number_and_the_rest_goes_on():
    items = read(WEBHOOK, "damaged.json")
    assert [item.line for item in items if isinstance(item, Rejection)] == [2, 3, 4, 5, 6, 7]
    assert [item.event_id for item in items if not isinstance(item, Rejection)] == ["2001", "2005", "2006"]
    assert [item.why for item in items if isinstance(item, Rejection)][3:] == [
        "timestamp: expected a time such as 2026-11-26T10:00:00Z, found other text",
        "timestamp: expected a time",
        "sending_ip: expected an IP address, found other text",
    ]


@pytest.mark.parametrize("body", [b"", b"[", b'{"msys": {}}', b"17", b"null", b"\xff\xfe", b"[" * 5000])
def test_a_body_that_is_no_batch_is_one_rejection(body):
    (item,) = read(WEBHOOK, body)
    assert isinstance(item, Rejection)
    assert item.line == 1


def test_bodies_may_be_logged_one_a_line():
    assert [item.event_id for item in read(WEBHOOK, "one_per_line.json")] == ["3001", "3002", "3003", None]
    content = (SAMPLES / "sparkpost-webhook/one_per_line.json").read_bytes() + b"[cut off\n"
    assert [(item.line, item.why[:11]) for item in read(WEBHOOK, content) if isinstance(item, Rejection)] == [
        (5, "is not JSON")
    ]


def test_half_a_character_spoils_nothing_but_itself():
    (item,) = read(WEBHOOK, "half_characters.json")
    assert (item.event_id, item.campaign) == ("3101", "cut \ufffd, whole \U0001f600 é, none \\ud83d")
    (item,) = read(WEBHOOK, (SAMPLES / "sparkpost-webhook/ping.json").read_bytes().replace(b"msys", b"ms\xffys"))
    assert item == Rejection(1, 'expected {"msys": {...}}')


def test_nobodys_address_gets_into_a_rejection():
    body = [{"msys": {"message_event": {"type": "delivery", "timestamp": "person.secret@mailbox.example"}}}]
    assert read(WEBHOOK, json.dumps(body).encode()) == [
        Rejection(1, "timestamp: expected a time such as 2026-11-26T10:00:00Z, found other text")
    ]


def test_an_address_that_is_missing_is_found_by_what_the_operator_says_of_the_pool():
    body = [{"msys": {"message_event": {"type": "delivery", "timestamp": 1795687200, "ip_pool": "a"}}}]
    content = json.dumps(body).encode()
    assert read(WEBHOOK, content, instances={"a": "192.0.2.77"})[0].ip == "192.0.2.77"
    assert read(WEBHOOK, content, ip="192.0.2.78")[0].ip == "192.0.2.78"
    assert read(WEBHOOK, content)[0].ip is None


def test_what_cannot_be_remembered_is_read_all_the_same():
    event = {"type": "delivery", "timestamp": "1795687200", "ip_pool": ["a"], "campaign_id": "c" * 2000}
    (item,) = read(WEBHOOK, json.dumps([{"msys": {"message_event": event}}]).encode())
    assert item.pool is None
    assert item.campaign.startswith("ccc")
    assert len(item.campaign) == 120


def test_the_events_api_tells_the_same_events():
    """One the words of the other: what differs is how they write the time, and a field the webhook does not have."""
    delivered, bounced, clicked, damaged = read(EVENTS, "page.json")
    assert delivered == {item.event_id: item for item in read(WEBHOOK, "batch.json")}["1002"]
    assert (bounced.domain, bounced.retry, bounced.reply[:9]) == ("acme.example", False, "550 5.7.1")
    assert clicked == Ignored("1020")
    assert damaged == Rejection(4, "timestamp: expected a time such as 2026-11-26T10:00:00Z, found other text")
    assert EVENTS.space == WEBHOOK.space
    assert read(EVENTS, "empty.json") == []
    assert [type(item) for item in read(EVENTS, "error.json")] == [Rejection]


def _refusal(headers, **secrets):
    return WEBHOOK.receiver.refusal(headers, b"[]", secrets, NOW)


def _basic(user, password):
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_a_call_proves_itself_by_token_bearer_own_header_or_password():
    assert _refusal({"x-messagesystems-webhook-token": "t0ken"}, token="t0ken") is None
    assert _refusal({"authorization": "Bearer t0ken"}, token="t0ken") is None
    assert _refusal({"x-ours": "t0ken"}, token="t0ken", header="X-Ours") is None
    assert _refusal(_basic("us", "pässword"), user="us", password="pässword") is None


@pytest.mark.parametrize(
    ("headers", "secrets"),
    [
        ({}, {"token": "t0ken"}),
        ({"x-messagesystems-webhook-token": "t0ke"}, {"token": "t0ken"}),
        ({"x-messagesystems-webhook-token": "t0ken"}, {"token": "t0ken", "header": "x-ours"}),
        ({"authorization": "t0ken"}, {"token": "t0ken"}),
        (_basic("us", "wrong"), {"user": "us", "password": "right"}),
        (_basic("them", "right"), {"user": "us", "password": "right"}),
        ({"authorization": "Basic ?"}, {"user": "us", "password": "right"}),
        ({"authorization": "Bearer "}, {"token": ""}),
        ({"x-messagesystems-webhook-token": ""}, {}),
    ],
)
def test_a_call_without_proof_is_refused_and_nothing_is_given_away(headers, secrets):
    why = _refusal(headers, **secrets)
    assert why is not None
    assert not any(secret in why for secret in secrets.values() if secret)


def test_a_batch_is_known_by_its_id():
    assert WEBHOOK.receiver.identity({"x-messagesystems-batch-id": "b-1"}, b"[]") == "b-1"
    assert WEBHOOK.receiver.identity({}, b"[]") is None
