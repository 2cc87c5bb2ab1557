"""Mailgun's webhooks: {"signature": {...}, "event-data": {...}}, one event a call.

`failed` is a deferral when its severity is temporary. Codes of 600 and more, and reasons that begin with "suppress",
are the platform's: it did not try. Reason "old" is its queue giving up; the words with it are still the receiver's
last. A late bounce carries the flag "is-delayed-bounce". `delivery-status` may be null, its message empty with the
words in the description, and its lines repeat the enhanced code but not the code.

Signed: HMAC-SHA256 over time and token, not over the body; the token is the call's identity, so that a signature that
was overheard is good for no second call. (Mailgun, "Webhooks" and "Event Structure", read November 2026.)
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Item, Speaker
from deliverwatch.flows.source_ports import ReaderOptions, Shape, Source
from deliverwatch.sources import json_values as value
from deliverwatch.sources.documents import one_record, parsed, reader
from deliverwatch.sources.json_values import Record
from deliverwatch.sources.signatures import hmac_hex, same, untimely
from deliverwatch.sources.webhook_calls import Call, CallReceiver

_BELIEVED_FOR = timedelta(hours=9)  # it keeps trying for eight, perhaps with the first signature
_OUTCOMES: Mapping[str, DeliveryOutcome] = {
    "delivered": DeliveryOutcome.DELIVERED,
    "failed": DeliveryOutcome.BOUNCED,
    "rejected": DeliveryOutcome.BOUNCED,
    "complained": DeliveryOutcome.COMPLAINED,
}
_OWN_CODES = {498, 499}  # no mail server found, too old: nothing was said
_FIRST_SUPPRESSED = 600


def _items(record: Any, options: ReaderOptions) -> Sequence[Item]:
    data: Record = record.get("event-data", record) if isinstance(record, dict) else {}
    type_ = value.kind(data, "event")
    event_id = value.event_id(value.text(data, "id"))
    outcome = _outcome(type_, data)
    if outcome is None:
        return (Ignored(event_id),)
    status, envelope = value.mapping(data, "delivery-status"), value.mapping(data, "envelope")
    code = _code(status)
    words = value.with_code(value.reply(status, "message", "description"), None if code is None else str(code))
    return (
        DeliveryEvent(
            value.at(data if "timestamp" in data else value.mapping(record, "signature"), "timestamp"),
            outcome,
            ip=value.sending_ip(value.address(envelope, "sending-ip"), options),
            recipient_domain=value.domain(data, "recipient-domain") or value.domain_of(data, "recipient"),
            host=value.host(status, "mx-host"),
            provider=value.name(data, "recipient-provider"),
            domain=value.domain_of(envelope, "sender") or value.domain(value.mapping(data, "domain"), "name"),
            campaign=_campaign(data),
            retry=value.again(status, "attempt-no", 1),
            speaker=_speaker(type_, data, code),
            reply=None if code in _OWN_CODES else words,
            expired=value.text(data, "reason") == "old",
            event_id=event_id,
        ),
    )


def _outcome(type_: str, data: Record) -> DeliveryOutcome | None:
    if type_ == "failed" and data.get("severity") == "temporary":
        return DeliveryOutcome.DEFERRED
    if type_ == "failed" and value.mapping(data, "flags").get("is-delayed-bounce") is True:
        return DeliveryOutcome.OUT_OF_BAND
    return _OUTCOMES.get(type_)


def _code(status: Record) -> int | None:
    try:
        return value.count(status, "code")
    except ValueError:
        return None


def _speaker(type_: str, data: Record, code: int | None) -> Speaker:
    reason = value.text(data, "reason") or ""
    if type_ == "rejected" or reason.startswith("suppress") or (code or 0) >= _FIRST_SUPPRESSED:
        return Speaker.SUPPRESSION
    return Speaker.OWN if code in _OWN_CODES else Speaker.RECEIVER


def _campaign(data: Record) -> str | None:
    """The first of its campaigns, else of its tags."""
    campaigns, tags = data.get("campaigns"), data.get("tags")
    if isinstance(campaigns, list) and campaigns and isinstance(campaigns[0], dict):
        return value.name(campaigns[0], "name") or value.name(campaigns[0], "id")
    return value.name({"tag": tags[0]}, "tag") if isinstance(tags, list) and tags else None


def _refusal(call: Call) -> str | None:
    key, signature = call.secrets.get("secret"), _signature(call.body)
    if not key:
        return "no secret is set: expected the HTTP webhook signing key"
    seconds, token = value.text(signature, "timestamp"), value.text(signature, "token")
    if problem := untimely(seconds, call.now, _BELIEVED_FOR):
        return problem
    expected = hmac_hex(key, f"{seconds}{token}".encode(errors="replace"))
    genuine = token is not None and same(value.text(signature, "signature"), expected)
    return None if genuine else "the signature is missing or wrong"


def _signature(body: bytes) -> Record:
    document = parsed(body)
    found = document.get("signature") if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}


SOURCE = Source(
    "mailgun",
    "Mailgun webhooks",
    Shape.DOCUMENT,
    "mailgun",
    reader(one_record, _items),
    receiver=CallReceiver(("secret",), _refusal, lambda _, body: value.event_id(value.text(_signature(body), "token"))),
)
