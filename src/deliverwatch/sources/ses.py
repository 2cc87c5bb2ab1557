"""Amazon SES: event publishing and identity notifications, through SNS or bare.

SNS wraps the event as text in `Message`. The event's kind is `eventType` or `notificationType`, and below the key of
its name are the recipients it is about. `mail.tags["ses:outgoing-ip"]` is our sending IP, told on deliveries;
"ses:source-ip" and `sourceIp` are whoever called the API. What is on SES's own suppression lists was never tried, and a
complaint "on the suppression list" is no new complaint. When the queue gave up, the last receiver's words are in angle
brackets.

A call is genuine by SNS's signature (version 2: RSA, SHA-256), or by the name and password in the subscription's
address. Every AWS account's topics are signed alike, so the topic must be the one that is set. The certificate is set
too, and nothing is fetched that a message names: neither a certificate nor the address that confirms a subscription;
a person opens that. (docs.aws.amazon.com: SES "Event publishing examples", "Contents"; SNS "Verifying signatures", read
November 2026.)
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Item, Speaker
from deliverwatch.flows.source_ports import ReaderOptions, Shape, Source
from deliverwatch.sources import json_values as value
from deliverwatch.sources.documents import one_record, parsed, reader
from deliverwatch.sources.json_values import Record
from deliverwatch.sources.platform_words import Heard
from deliverwatch.sources.signatures import basic, rsa_verified, same, untimely
from deliverwatch.sources.webhook_calls import Call, CallReceiver

_BELIEVED_FOR = timedelta(days=1)
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_TEST_MESSAGE = "Successfully validated SNS topic"
_KINDS: Mapping[str, tuple[DeliveryOutcome, str, str | None]] = {
    "Delivery": (DeliveryOutcome.DELIVERED, "delivery", "recipients"),
    "DeliveryDelay": (DeliveryOutcome.DEFERRED, "deliveryDelay", "delayedRecipients"),
    "Bounce": (DeliveryOutcome.BOUNCED, "bounce", "bouncedRecipients"),
    "Complaint": (DeliveryOutcome.COMPLAINED, "complaint", "complainedRecipients"),
    "Reject": (DeliveryOutcome.BOUNCED, "reject", None),
    "Rendering Failure": (DeliveryOutcome.BOUNCED, "failure", None),
}
_SNS_TIME = "Timestamp"
_MOST_RECIPIENTS = 50  # of one message (SES quotas)
_NEVER_TRIED = {"Reject", "Rendering Failure"}
_SUPPRESSED = {"Suppressed", "OnAccountSuppressionList", "UnsubscribedRecipient"}
_NO_COMPLAINTS = {"not-spam", "auth-failure"}
_OWN_DELAYS = {"InternalFailure", "BYOIPHostNameLookupUnavailable"}
_NOBODY_THERE = "TransientCommunicationFailure"
_GAVE_UP = re.compile(r"message expired|unable to deliver in \d+ minutes", re.IGNORECASE)
_LAST_WORDS = re.compile(r"<(?=[245]\d\d[ -])")


def _records(document: Any) -> Sequence[Any]:
    return [_unwrapped(each) for each in one_record(document)]


def _unwrapped(document: Any) -> Any:
    """What SNS delivered; None for its own messages."""
    if not isinstance(document, dict) or "Type" not in document:
        return document
    message = document.get("Message")
    if document["Type"] != "Notification" or (isinstance(message, str) and message.startswith(_TEST_MESSAGE)):
        return None
    inner = parsed(message.encode(errors="replace")) if isinstance(message, str) else None
    return {_SNS_TIME: document.get("Timestamp"), **inner} if isinstance(inner, dict) else document


def _items(record: Any, options: ReaderOptions) -> Sequence[Item]:
    if record is None:
        return (Ignored(),)
    type_ = value.text(record, "eventType") if isinstance(record, dict) else None
    type_ = type_ or value.kind(record, "notificationType")
    if type_ not in _KINDS:
        return (Ignored(),)
    outcome, key, recipients = _KINDS[type_]
    detail, mail = value.mapping(record, key), value.mapping(record, "mail")
    if outcome is DeliveryOutcome.COMPLAINED and value.text(detail, "complaintFeedbackType") in _NO_COMPLAINTS:
        return (Ignored(),)
    told_in = next((each for each in (detail, mail) if each.get("timestamp") is not None), None)
    at = value.at(record, _SNS_TIME) if told_in is None else value.at(told_in, "timestamp")
    known = _Message(type_, outcome, at, detail, mail, options)
    return [known.event(number, each) for number, each in enumerate(_each(outcome, detail, mail, recipients))]


def _each(outcome: DeliveryOutcome, detail: Record, mail: Record, key: str | None) -> list[Any]:
    """The recipients it is about. Of complaints one stands for all: those named are who may have complained."""
    found = detail.get(key) if key else mail.get("destination")
    if not isinstance(found, list) or not found:
        raise ValueError(f"{key or 'destination'}: expected a list of recipients")
    return found[: 1 if outcome is DeliveryOutcome.COMPLAINED else _MOST_RECIPIENTS]


class _Message:
    """What all events of one record have in common."""

    def __init__(
        self, type_: str, outcome: DeliveryOutcome, at: datetime, detail: Record, mail: Record, options: ReaderOptions
    ):
        tags = value.mapping(mail, "tags")
        self._suppressed = type_ in _NEVER_TRIED or _subtype(detail) in _SUPPRESSED
        complained_before = self._suppressed and outcome is DeliveryOutcome.COMPLAINED
        self._outcome = DeliveryOutcome.BOUNCED if complained_before else outcome
        self._detail = detail
        self._at = at
        self._ip = value.sending_ip(value.address(_first(tags, "ses:outgoing-ip"), "tag"), options)
        self._domain = value.domain_of(mail, "source") or value.domain(_first(tags, "ses:from-domain"), "tag")
        self._campaign = value.name(_first(tags, "campaign"), "tag")
        message_id = value.text(mail, "messageId")
        feedback_id = value.text(detail, "feedbackId")
        self._id = value.event_id(type_, feedback_id) or value.event_id(type_, message_id, self._at.isoformat())

    def event(self, number: int, recipient: Any) -> DeliveryEvent:
        mailbox = recipient.get("emailAddress") if isinstance(recipient, dict) else recipient
        speaker, words, expired = self._heard(recipient)
        return DeliveryEvent(
            self._at,
            self._outcome,
            ip=self._ip,
            recipient_domain=value.mailbox_domain(mailbox),
            domain=self._domain,
            campaign=self._campaign,
            speaker=Speaker.SUPPRESSION if self._suppressed else speaker,
            reply=words,
            expired=expired,
            event_id=value.event_id(self._id, str(number)),
        )

    def _heard(self, recipient: Any) -> Heard:
        if self._outcome is DeliveryOutcome.DELIVERED:
            return Heard(Speaker.RECEIVER, value.reply(self._detail, "smtpResponse"), False)
        words = value.diagnostic(recipient, "diagnosticCode") if isinstance(recipient, dict) else None
        delay = value.text(self._detail, "delayType")
        if delay in _OWN_DELAYS or delay == _NOBODY_THERE:
            return Heard(Speaker.OWN, None if delay == _NOBODY_THERE else words, False)
        if words is None or not _GAVE_UP.search(words):
            return Heard(Speaker.RECEIVER, words, False)
        last = _LAST_WORDS.split(words, maxsplit=1)[1:]
        return Heard(Speaker.RECEIVER, last[0].removesuffix(">"), True) if last else Heard(Speaker.OWN, None, True)


def _subtype(detail: Record) -> str | None:
    return value.text(detail, "bounceSubType") or value.text(detail, "complaintSubType")


def _first(tags: Record, name: str) -> Record:
    """Tags have a list of values each."""
    found = tags.get(name)
    return {"tag": found[0] if isinstance(found, list) and found else None}


def _refusal(call: Call) -> str | None:
    """By the certificate that signs the topic's messages (`secret`, PEM) and its ARN (`key`), or by a password."""
    certificate, topic, password = (call.secrets.get(name) for name in ("secret", "key", "password"))
    if password and basic(call.headers, call.secrets.get("user") or "", password):
        return None
    if certificate and topic:
        return _unsigned(parsed(call.body), certificate, topic, call.now)
    return "the password is missing or wrong" if password else "neither secret and key nor a password are set"


def _identity(_headers: Mapping[str, str], body: bytes) -> str | None:
    document = parsed(body)
    return value.event_id(value.text(document, "MessageId")) if isinstance(document, dict) else None


def _unsigned(message: Any, certificate: str, topic: str, now: datetime) -> str | None:
    """Why a message is not believed to be SNS's, from our topic."""
    type_ = (value.text(message, "Type") or "") if isinstance(message, dict) else ""
    if type_ not in _SIGNED:
        return "is no message of SNS"
    if message.get("SignatureVersion") != "2":
        return "is not signed with version 2: set the topic's SignatureVersion to 2"
    if not same(value.text(message, "TopicArn"), topic):
        return "is of another topic"
    try:
        at = value.at(message, "Timestamp")
    except ValueError:
        return "the signature's time is missing or no time"
    if problem := untimely(str(at.timestamp()), now, _BELIEVED_FOR):
        return problem
    signed = "".join(f"{name}\n{message[name]}\n" for name in _SIGNED[type_] if isinstance(message.get(name), str))
    verified = rsa_verified(certificate, value.text(message, "Signature") or "", signed.encode(errors="replace"))
    if verified is None:
        return "no usable certificate is set: expected it as PEM"
    return None if verified else "the signature is missing or wrong"


SOURCE = Source(
    "ses",
    "Amazon SES events",
    Shape.DOCUMENT,
    "ses",
    reader(_records, _items),
    not_measured=frozenset({"provider"}),
    receiver=CallReceiver(("secret", "key", "user", "password"), _refusal, _identity),
)
