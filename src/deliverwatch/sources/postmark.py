"""Postmark's webhooks: one flat record a call, told apart by `RecordType`.

It has no sending IP and says nothing of deferrals but "Transient". What it calls a bounce may be an out-of-office note
or an unsubscription, which are none; an inactive address, a bad one and its own errors were never tried. Calls are not
signed: they carry the name and password that are written into the webhook's address (HTTP Basic).
(postmarkapp.com/developer, "Webhooks" and "Bounce types", read November 2026.)
"""

from collections.abc import Sequence
from typing import Any

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Item, Speaker
from deliverwatch.flows.source_ports import ReaderOptions, Shape, Source
from deliverwatch.sources import json_values as value
from deliverwatch.sources.documents import one_record, reader
from deliverwatch.sources.json_values import Record
from deliverwatch.sources.signatures import basic
from deliverwatch.sources.webhook_calls import Call, CallReceiver

_NO_BOUNCES = {
    "AutoResponder",
    "Unsubscribe",
    "Subscribe",
    "AddressChange",
    "OpenRelayTest",
    "ChallengeVerification",
    "InboundError",
}
_NEVER_TRIED = {
    "BadEmailAddress",
    "ManuallyDeactivated",
    "Unconfirmed",
    "SMTPApiError",
    "TemplateRenderingFailed",
}
_NOBODY_THERE = {"DnsError"}


def _items(record: Any, options: ReaderOptions) -> Sequence[Item]:
    match value.kind(record, "RecordType"):
        case "Delivery":
            return (_event(record, options, DeliveryOutcome.DELIVERED, "DeliveredAt", "Recipient"),)
        case "SpamComplaint":
            return (_event(record, options, DeliveryOutcome.COMPLAINED, "BouncedAt", "Email"),)
        case "Bounce":
            return (_bounce(record, options),)
        case _:
            return (Ignored(),)


def _bounce(record: Record, options: ReaderOptions) -> Item:
    type_ = value.kind(record, "Type")
    if type_ in _NO_BOUNCES:
        return Ignored(_event_id(record, "Email"))
    outcome = {
        "Transient": DeliveryOutcome.DEFERRED,
        "SpamComplaint": DeliveryOutcome.COMPLAINED,
    }.get(type_, DeliveryOutcome.BOUNCED)
    return _event(record, options, outcome, "BouncedAt", "Email")


def _event(record: Record, options: ReaderOptions, outcome: DeliveryOutcome, at: str, recipient: str) -> DeliveryEvent:
    type_ = value.text(record, "Type")
    is_said = outcome is not DeliveryOutcome.COMPLAINED and type_ not in _NOBODY_THERE
    return DeliveryEvent(
        value.at(record, at),
        outcome,
        ip=value.sending_ip(None, options, value.text(record, "MessageStream")),
        recipient_domain=value.domain_of(record, recipient),
        domain=value.domain_of(record, "From"),
        campaign=value.name(record, "Tag"),
        subaccount=value.name(record, "ServerID") or value.name(record, "ServerId"),
        speaker=_speaker(type_),
        reply=value.diagnostic(record, "Details") if is_said else None,
        event_id=_event_id(record, recipient),
    )


def _speaker(type_: str | None) -> Speaker:
    if type_ in _NEVER_TRIED:
        return Speaker.SUPPRESSION
    return Speaker.OWN if type_ in _NOBODY_THERE else Speaker.RECEIVER


def _event_id(record: Record, recipient: str) -> str | None:
    """A delivery has no id of its own: it is known by its message and whom it went to, as a digest."""
    own = value.event_id(value.text(record, "ID"))
    return own or value.digest_of(value.text(record, "MessageID"), value.text(record, recipient))


def _refusal(call: Call) -> str | None:
    password = call.secrets.get("password")
    if not password:
        return "no password is set"
    genuine = basic(call.headers, call.secrets.get("user") or "", password)
    return None if genuine else "the password is missing or wrong"


SOURCE = Source(
    "postmark",
    "Postmark webhooks",
    Shape.DOCUMENT,
    "postmark",
    reader(one_record, _items),
    not_measured=frozenset({"ip", "provider"}),
    receiver=CallReceiver(("user", "password"), _refusal),
)
