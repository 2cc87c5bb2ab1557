"""SendGrid, Mailgun and Postmark."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Rejection, Speaker
from deliverwatch.sources import mailgun, postmark, sendgrid
from sources.receivers import NOW, SAMPLES, read

AT = datetime(2026, 11, 26, 10, tzinfo=UTC)
OWN, RECEIVER, SUPPRESSION = Speaker.OWN, Speaker.RECEIVER, Speaker.SUPPRESSION


@pytest.fixture(scope="module")
def batch():
    items = read(sendgrid.SOURCE, "batch.json")
    return {item.event_id: item for item in items if not isinstance(item, Rejection)}


def test_sendgrid_tells_our_ip_with_what_servers_said_and_a_readers_elsewhere(batch):
    assert batch["s02"] == DeliveryEvent(
        AT,
        DeliveryOutcome.DELIVERED,
        ip="192.0.2.10",
        recipient_domain="mailbox.example",
        pool="acme-news",
        campaign="autumn-2026",
        reply="250 2.0.0 OK",
        event_id="s02",
    )
    assert (batch["s08"].outcome, batch["s08"].ip, batch["s08"].campaign) == ("complained", None, "Winter")


@pytest.mark.parametrize(
    ("event_id", "outcome", "speaker", "retry", "reply", "campaign"),
    [
        ("s03", "deferred", RECEIVER, True, "421 4.7.0 [TSS04]", "one"),
        ("s04", "deferred", OWN, False, None, "autumn-2026"),
        ("s05", "bounced", RECEIVER, None, "550 5.7.1", "autumn-2026"),
        ("s06", "bounced", RECEIVER, None, "550 5.1.1", None),
        ("s07", "bounced", SUPPRESSION, None, "Bounced Address", "autumn-2026"),
    ],
)
def test_sendgrid_refusals(batch, event_id, outcome, speaker, retry, reply, campaign):
    event = batch[event_id]
    assert (event.outcome, event.speaker, event.retry, event.campaign) == (outcome, speaker, retry, campaign)
    assert event.reply is reply or event.reply.startswith(reply)


def test_sendgrid_rest_is_read_counted_nothing_or_rejected(batch):
    assert {id_ for id_, item in batch.items() if isinstance(item, Ignored)} == {
        *("s01", "s09", "s10", "s11", "s12", "s13"),
    }
    rejected = [item for item in read(sendgrid.SOURCE, "batch.json") if isinstance(item, Rejection)]
    assert [item.line for item in rejected] == [14, 15, 16]
    (long_id,) = (id_ for id_ in batch if len(id_) > 3)
    assert len(long_id) == 32
    assert batch[long_id].recipient_domain == "mailbox.example"


SIGNING = ec.generate_private_key(ec.SECP256R1())
PUBLIC = base64.b64encode(
    SIGNING.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()
PUBLIC_PEM = (
    SIGNING.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
_PREFIX = "x-twilio-email-event-webhook-"


def sendgrid_headers(body, now=NOW):
    seconds = str(int(now.timestamp()))
    signature = SIGNING.sign(seconds.encode() + body, ec.ECDSA(hashes.SHA256()))
    return {_PREFIX + "signature": base64.b64encode(signature).decode(), _PREFIX + "timestamp": seconds}


def sendgrid_refusal(headers, key=PUBLIC):
    return sendgrid.SOURCE.receiver.refusal(headers, b"[]\r\n", {"key": key}, NOW)


def test_sendgrid_signs_time_and_raw_body():
    headers = sendgrid_headers(b"[]\r\n")
    assert sendgrid_refusal(headers) is None
    assert sendgrid_refusal(headers, PUBLIC_PEM) is None
    assert sendgrid.SOURCE.receiver.identity(headers, b"[]") is None


def test_sendgrid_calls_that_are_not_signed_so_are_refused():
    genuine = sendgrid_headers(b"[]\r\n")
    rsa_key = rsa.generate_private_key(65537, 2048).public_key()
    der = rsa_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert "signature" in sendgrid_refusal(sendgrid_headers(b"[]"))
    assert "signature" in sendgrid_refusal({**genuine, _PREFIX + "signature": ""})
    assert "signature" in sendgrid_refusal({**genuine, _PREFIX + "signature": "AAAA"})
    assert "time" in sendgrid_refusal({})
    assert "too far" in sendgrid_refusal(sendgrid_headers(b"[]\r\n", NOW - timedelta(days=4)))
    for key in ("", "AAAA", "?", base64.b64encode(der).decode(), "-----BEGIN PUBLIC KEY-----\nAA\n"):
        assert "no usable key" in sendgrid_refusal(genuine, key)


def test_mailgun_tells_host_provider_and_both_domains():
    assert read(mailgun.SOURCE, "delivered.json") == [
        DeliveryEvent(
            AT + timedelta(milliseconds=125),
            DeliveryOutcome.DELIVERED,
            ip="192.0.2.10",
            recipient_domain="mailbox.example",
            host="mx1.mailbox.example",
            provider="Outlook",
            domain="env.acme.example",
            campaign="autumn-2026",
            retry=False,
            reply="250 OK",
            event_id="ev-delivered",
        )
    ]


@pytest.mark.parametrize(
    ("name", "outcome", "speaker", "expired", "retry", "reply"),
    [
        ("blocked", "bounced", RECEIVER, False, False, "550 5.7.1 part of their network"),
        ("deferred", "deferred", RECEIVER, False, True, "421 4.7.0 [TSS04] deferred"),
        ("too_old", "bounced", RECEIVER, True, True, "421 4.7.0 [TSS04] deferred"),
        ("suppressed", "bounced", SUPPRESSION, False, False, "Not delivering to"),
        ("no_server", "bounced", OWN, False, None, None),
        ("delayed_bounce", "out_of_band", RECEIVER, False, None, "550 5.1.1 gone"),
        ("rejected", "bounced", SUPPRESSION, False, None, None),
        ("complained", "complained", RECEIVER, False, None, None),
    ],
)
def test_mailgun_refusals(name, outcome, speaker, expired, retry, reply):
    (event,) = read(mailgun.SOURCE, f"{name}.json")
    assert (event.outcome, event.speaker, event.expired, event.retry) == (outcome, speaker, expired, retry)
    assert event.reply is reply or event.reply.startswith(reply)


def test_mailgun_keeps_lines_apart_falls_back_and_ignores():
    assert "\n5.7.1 more words" in read(mailgun.SOURCE, "blocked.json")[0].reply
    assert read(mailgun.SOURCE, "suppressed.json")[0].domain == "acme.example"
    assert read(mailgun.SOURCE, "complained.json")[0].campaign == "Winter"
    assert read(mailgun.SOURCE, "no_time.json")[0].at == AT
    for name in ("accepted", "opened", "unsubscribed", "of_tomorrow"):
        assert read(mailgun.SOURCE, f"{name}.json") == [Ignored(f"ev-{name}")]
    for name in ("no_object", "no_event"):
        assert [type(item) for item in read(mailgun.SOURCE, f"{name}.json")] == [Rejection]


def mailgun_body(key="k3y", now=NOW, **changes):
    seconds = str(int(now.timestamp()))
    signature = {
        "timestamp": seconds,
        "token": "t0ken",
        "signature": hmac.new(key.encode(), f"{seconds}t0ken".encode(), hashlib.sha256).hexdigest(),
    }
    return json.dumps({"signature": signature | changes, "event-data": {"event": "opened"}}).encode()


def mailgun_refusal(body, **secrets):
    return mailgun.SOURCE.receiver.refusal({}, body, secrets or {"secret": "k3y"}, NOW)


def test_mailgun_signs_time_and_token():
    assert mailgun_refusal(mailgun_body()) is None
    assert mailgun_refusal(mailgun_body(now=NOW - timedelta(hours=8))) is None
    assert mailgun.SOURCE.receiver.identity({}, mailgun_body()) == "t0ken"
    assert mailgun.SOURCE.receiver.identity({}, b"{}") is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"signature": null}',
        mailgun_body("other"),
        mailgun_body(token="t0ken2"),
        mailgun_body(token=None),
        mailgun_body(signature=None),
        mailgun_body(signature=["x"]),
        mailgun_body(now=NOW - timedelta(hours=10)),
        mailgun_body(now=NOW + timedelta(hours=1)),
    ],
)
def test_mailgun_calls_that_are_not_signed_so_are_refused(body):
    assert mailgun_refusal(body) is not None


def test_without_a_secret_nothing_is_genuine():
    assert mailgun_refusal(mailgun_body(""), secret="") is not None
    assert postmark.SOURCE.receiver.refusal({"authorization": "Basic Og=="}, b"{}", {}, NOW) is not None


def test_postmark_tells_domains_and_server_and_no_ip():
    assert read(postmark.SOURCE, "hard_bounce.json") == [
        DeliveryEvent(
            datetime(2026, 11, 26, 10, 0, 0, 123456, tzinfo=UTC),
            DeliveryOutcome.BOUNCED,
            recipient_domain="mailbox.example",
            domain="acme.example",
            campaign="autumn-2026",
            subaccount="23",
            reply="550 5.1.1 no such user",
            event_id="901",
        )
    ]


@pytest.mark.parametrize(
    ("name", "outcome", "speaker", "reply"),
    [
        ("delivery", "delivered", RECEIVER, "250 2.0.0 OK"),
        ("blocked", "bounced", RECEIVER, "550 5.7.1"),
        ("soft_bounce", "bounced", RECEIVER, "452 4.2.2"),
        ("transient", "deferred", RECEIVER, "421 4.7.0"),
        ("dns_error", "bounced", OWN, None),
        ("inactive", "bounced", SUPPRESSION, None),
        ("dmarc", "bounced", RECEIVER, "550 5.7.1"),
        ("of_tomorrow", "bounced", RECEIVER, "550 5.7.1"),
        ("complaint", "complained", RECEIVER, None),
    ],
)
def test_postmark_types(name, outcome, speaker, reply):
    (event,) = read(postmark.SOURCE, f"{name}.json")
    assert (event.outcome, event.speaker) == (outcome, speaker)
    assert event.reply is reply or event.reply.startswith(reply)


def test_postmark_deliveries_are_known_by_a_digest_and_streams_may_have_an_ip():
    (delivery,) = read(postmark.SOURCE, "delivery.json", instances={"broadcasts": "192.0.2.9"})
    assert len(delivery.event_id) == 32
    assert delivery.ip == "192.0.2.9"
    content = (SAMPLES / "postmark/delivery.json").read_bytes()
    (other,) = read(postmark.SOURCE, content.replace(b"person.secret", b"another.secret"))
    assert other.event_id != delivery.event_id


def test_postmark_rest_is_ignored_or_rejected():
    for name in ("open", "subscription", "auto_responder"):
        assert isinstance(read(postmark.SOURCE, f"{name}.json")[0], Ignored)
    for name in ("no_type", "no_time"):
        assert [type(item) for item in read(postmark.SOURCE, f"{name}.json")] == [Rejection]


def test_postmark_calls_carry_a_password():
    headers = {"authorization": "Basic " + base64.b64encode(b"us:w0rd").decode()}
    secrets = {"user": "us", "password": "w0rd"}
    assert postmark.SOURCE.receiver.refusal(headers, b"{}", secrets, NOW) is None
    assert postmark.SOURCE.receiver.refusal({}, b"{}", secrets, NOW) is not None
    assert postmark.SOURCE.receiver.refusal(headers, b"{}", {**secrets, "password": "w0rD"}, NOW) is not None
