"""Amazon SES, bare and through SNS."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Rejection, Speaker
from deliverwatch.sources.ses import SOURCE
from sources.receivers import NOW, read

AT = datetime(2026, 11, 26, 10, 0, 0, 250_000, tzinfo=UTC)
TOPIC = "arn:aws:sns:us-east-1:111122223333:mail"


def test_a_delivery_has_our_ip_from_its_tag_and_never_the_callers():
    assert read(SOURCE, "delivery.json") == [
        DeliveryEvent(
            AT,
            DeliveryOutcome.DELIVERED,
            ip="192.0.2.10",
            recipient_domain="mailbox.example",
            domain="acme.example",
            campaign="autumn-2026",
            reply="250 2.6.0 queued",
            event_id="Delivery:0100019abc-000000:2026-11-26T10:00:00.250000+00:00:0",
        )
    ]
    assert {item.ip for item in read(SOURCE, "bounce.json")} == {None}


def test_a_bounce_is_one_event_for_each_recipient():
    first, second = read(SOURCE, "bounce.json")
    assert (first.reply[:9], first.event_id, first.recipient_domain) == (
        "550 5.7.1",
        "Bounce:fb-1:0",
        "mailbox.example",
    )
    assert (second.reply, second.event_id, second.recipient_domain) == (None, "Bounce:fb-1:1", "other.example")


@pytest.mark.parametrize(
    ("name", "outcome", "speaker", "expired", "reply"),
    [
        ("suppressed", "bounced", Speaker.SUPPRESSION, False, "Amazon SES did not"),
        ("expired", "bounced", Speaker.RECEIVER, True, "421 4.7.0 [TSS04]"),
        ("expired_alone", "bounced", Speaker.OWN, True, None),
        ("delay", "deferred", Speaker.RECEIVER, False, "451 4.7.650"),
        ("delay_internal", "deferred", Speaker.OWN, False, "451 4.3.0 try"),
        ("delay_own", "deferred", Speaker.OWN, False, None),
        ("complaint", "complained", Speaker.RECEIVER, False, None),
        ("complained_before", "bounced", Speaker.SUPPRESSION, False, None),
        ("sns_bounce", "bounced", Speaker.RECEIVER, False, None),
    ],
)
def test_it_is_told_who_speaks(name, outcome, speaker, expired, reply):
    (event,) = read(SOURCE, f"{name}.json")
    assert (event.outcome, event.speaker, event.expired) == (outcome, speaker, expired)
    assert event.reply is reply or event.reply.startswith(reply)


def test_what_was_never_sent_is_told_for_each_whom_it_was_for():
    events = read(SOURCE, "reject.json") + read(SOURCE, "rendering.json")
    assert {event.speaker for event in events} == {Speaker.SUPPRESSION}
    assert [event.recipient_domain for event in events] == ["mailbox.example", "other.example"] * 2


def test_an_event_without_a_time_has_that_of_its_envelope():
    assert read(SOURCE, "sns_bounce.json")[0].at == datetime(2026, 11, 26, 10, 0, 1, tzinfo=UTC)


def test_what_counts_nothing_is_read():
    for name in ("send", "open", "not_spam", "sns_subscribe", "sns_test"):
        assert read(SOURCE, f"{name}.json") == [Ignored()], name


def test_what_is_no_event_is_rejected():
    assert [type(item) for item in read(SOURCE, "sns_other.json")] == [Rejection]
    for document in ([{}], {"eventType": "Bounce"}, {"eventType": "Bounce", "bounce": {"timestamp": "2026-11-26"}}):
        assert [type(item) for item in read(SOURCE, json.dumps(document).encode())] == [Rejection]


def _certificate(key):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.example")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


KEY = rsa.generate_private_key(65537, 2048)
PEM = _certificate(KEY)


def message(**changes):
    said = {
        "Type": "Notification",
        "MessageId": "sns-1",
        "TopicArn": TOPIC,
        "Subject": "Event",
        "Message": '{"eventType": "Send"}',
        "Timestamp": "2026-11-26T11:59:00.000Z",
        "SignatureVersion": "2",
    } | changes
    return {name: value for name, value in said.items() if value is not None}


def signed(said, key=KEY):
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{said[name]}\n" for name in names if name in said)
    return {
        **said,
        "Signature": base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode(),
    }


def refusal(said, **secrets):
    return SOURCE.receiver.refusal({}, json.dumps(said).encode(), secrets or {"secret": PEM, "key": TOPIC}, NOW)


def test_a_message_that_our_topic_signed_is_genuine():
    assert refusal(signed(message())) is None
    assert refusal(signed(message(Subject=None))) is None
    assert (
        refusal(signed(message(Type="SubscriptionConfirmation", Subject=None, Token="t", SubscribeURL="https://x")))
        is None
    )
    assert SOURCE.receiver.identity({}, json.dumps(message()).encode()) == "sns-1"
    assert SOURCE.receiver.identity({}, b"[]") is None


def test_any_other_message_is_refused():
    genuine = signed(message())
    other_key = rsa.generate_private_key(65537, 2048)
    other_topic = "arn:aws:sns:us-east-1:999999999999:theirs"
    assert "signature" in refusal({**genuine, "Message": "{}"})
    assert "signature" in refusal(signed(message(), other_key))
    assert "signature" in refusal({**genuine, "Signature": "?"})
    assert "another topic" in refusal(signed(message(TopicArn=other_topic)))
    assert "version 2" in refusal(signed(message(SignatureVersion="1")))
    assert "too far" in refusal(signed(message(Timestamp="2026-11-20T12:00:00Z")))
    assert "no time" in refusal(signed(message(Timestamp="now")))
    assert "no message of SNS" in refusal({"eventType": "Send"})
    assert "no message of SNS" in refusal([])


def test_a_certificate_that_cannot_be_used_and_missing_settings_are_named():
    genuine = signed(message())
    assert "no usable certificate" in refusal(genuine, secret="PEM", key=TOPIC)
    assert "no usable certificate" in refusal(
        genuine, secret=_certificate(ec.generate_private_key(ec.SECP256R1())), key=TOPIC
    )
    assert "neither" in refusal(genuine, secret=PEM)
    assert "neither" in refusal(genuine, user="us")


def test_a_password_in_the_subscriptions_address_will_do():
    headers = {"authorization": "Basic " + base64.b64encode(b"us:w0rd").decode()}
    assert SOURCE.receiver.refusal(headers, b"{}", {"user": "us", "password": "w0rd"}, NOW) is None
    assert SOURCE.receiver.refusal(headers, b"{}", {"user": "us", "password": "other"}, NOW) is not None
