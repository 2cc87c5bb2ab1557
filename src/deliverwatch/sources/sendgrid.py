"""SendGrid's Event Webhook: an array of events.

`ip` is our sending IP on what the mail servers said, and the reader's on openings and clicks. A `bounce` of type
"blocked" is a refusal like any other; "dropped" was never tried. Words that the platform says itself when it finds no
way to a receiver are its own, and no reply. An event's id is `sg_event_id`; calls have none.

Signed with ECDSA (P-256, SHA-256) over the time and the raw body; the public key is shown where the signature is turned
on. (Twilio SendGrid, "Event Webhook Reference" and "Security Features", read November 2026.)
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Item, Speaker
from deliverwatch.flows.source_ports import ReaderOptions, Shape, Source
from deliverwatch.sources import json_values as value
from deliverwatch.sources.documents import one_record, reader
from deliverwatch.sources.json_values import Record
from deliverwatch.sources.signatures import ecdsa_verified, untimely
from deliverwatch.sources.webhook_calls import Call, CallReceiver

_BELIEVED_FOR = timedelta(days=3)  # it keeps trying for a day; whether it signs anew is not said
_OUTCOMES: Mapping[str, DeliveryOutcome] = {
    "delivered": DeliveryOutcome.DELIVERED,
    "deferred": DeliveryOutcome.DEFERRED,
    "bounce": DeliveryOutcome.BOUNCED,
    "dropped": DeliveryOutcome.BOUNCED,
    "spamreport": DeliveryOutcome.COMPLAINED,
}
_OWN_WORDS = re.compile(r"unable to get mx info|error dialing remote|no mx record", re.IGNORECASE)


def _items(record: Any, options: ReaderOptions) -> Sequence[Item]:
    type_ = value.kind(record, "event")
    event_id = value.event_id(value.text(record, "sg_event_id"))
    outcome = _OUTCOMES.get(type_)
    if outcome is None:
        return (Ignored(event_id),)
    pool = _pool(record)
    speaker, spoken = _spoken(type_, record)
    return (
        DeliveryEvent(
            value.at(record, "timestamp"),
            outcome,
            ip=value.sending_ip(_ip(record, outcome), options, pool),
            recipient_domain=value.domain_of(record, "email") or value.domain(record, "domain"),
            pool=pool,
            campaign=value.name(record, "marketing_campaign_name") or _category(record),
            retry=value.again(record, "attempt", 1),
            speaker=speaker,
            reply=spoken,
            event_id=event_id,
        ),
    )


def _ip(record: Record, outcome: DeliveryOutcome) -> str | None:
    """A complaint is not made by our server."""
    return None if outcome is DeliveryOutcome.COMPLAINED else value.address(record, "ip")


def _pool(record: Record) -> str | None:
    pool = record.get("pool")
    return value.name(pool, "name") if isinstance(pool, dict) else None


def _category(record: Record) -> str | None:
    """One, or a list."""
    found = record.get("category")
    first = found[0] if isinstance(found, list) and found else found
    return value.name({"category": first}, "category")


def _spoken(type_: str, record: Record) -> tuple[Speaker, str | None]:
    words = None if type_ == "spamreport" else value.reply(record, "response", "reason")
    if type_ == "dropped":
        return Speaker.SUPPRESSION, words
    return (Speaker.OWN, None) if words and _OWN_WORDS.match(words) else (Speaker.RECEIVER, words)


def _refusal(call: Call) -> str | None:
    seconds = call.headers.get("x-twilio-email-event-webhook-timestamp")
    if problem := untimely(seconds, call.now, _BELIEVED_FOR):
        return problem
    signature = call.headers.get("x-twilio-email-event-webhook-signature", "")
    message = (seconds or "").encode(errors="replace") + call.body
    verified = ecdsa_verified(call.secrets.get("key", ""), signature, message)
    if verified is None:
        return "no usable key is set: expected the verification key that the platform shows"
    return None if verified else "the signature is missing or wrong"


SOURCE = Source(
    "sendgrid",
    "SendGrid Event Webhook",
    Shape.DOCUMENT,
    "sendgrid",
    reader(one_record, _items),
    not_measured=frozenset({"provider"}),
    receiver=CallReceiver(("key",), _refusal),
)
