"""SparkPost's events, as its webhooks push them and as its Events API hands them out.

A webhook's body is an array of {"msys": {kind: {...}}}; a "msys" with nothing in it is the ping of a new webhook. The
Events API answers {"results": [...], "links": {...}}. The events in them are the same ones with the same `event_id`, so
the two sources share one space and either repairs the other's gaps. Traps, each with a sample of its own:

- numbers are text; the time is seconds in webhooks and ISO 8601 in the Events API;
- `sending_ip` is ours, `ip_address` the receiver's server or a reader's device;
- `raw_reason` holds the receiver's words, in `reason` addresses are replaced;
- `bounce_class` contradicts the text, so it decides nothing but whether there was a bounce at all: classes 60, 80, 90
  and 100 are answers of people and their machines to mail that arrived;
- rejections by policy and by generation, and suppressed recipients, were never tried.

(developers.sparkpost.com, API description "Events" and "Webhooks", read November 2026. New kinds and fields appear
without notice.)
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Item, Speaker
from deliverwatch.flows.source_ports import ReaderOptions, Shape, Source
from deliverwatch.sources import json_values as value
from deliverwatch.sources.documents import reader
from deliverwatch.sources.json_values import Record
from deliverwatch.sources.platform_words import heard
from deliverwatch.sources.signatures import basic, same
from deliverwatch.sources.sparkpost_api import open_events_poller
from deliverwatch.sources.webhook_calls import Call, CallReceiver

SPACE = "sparkpost"

_OUTCOMES: Mapping[str, DeliveryOutcome] = {
    "delivery": DeliveryOutcome.DELIVERED,
    "delay": DeliveryOutcome.DEFERRED,
    "bounce": DeliveryOutcome.BOUNCED,
    "out_of_band": DeliveryOutcome.OUT_OF_BAND,
    "spam_complaint": DeliveryOutcome.COMPLAINED,
    "policy_rejection": DeliveryOutcome.BOUNCED,
    "generation_failure": DeliveryOutcome.BOUNCED,
    "generation_rejection": DeliveryOutcome.BOUNCED,
}
_NEVER_TRIED = {"policy_rejection", "generation_failure", "generation_rejection"}
_MAY_BE_NOTHING = {"bounce", "out_of_band", "spam_complaint"}
_WITHOUT_REASON = {"delivery", "spam_complaint"}
_NO_BOUNCES = {"60", "80", "90", "100"}
_USUAL_LENGTH = 120
_NO_COMPLAINTS = {"not-spam", "auth-failure", "opt-out"}


def _batch(document: Any) -> Sequence[Any]:
    if not isinstance(document, list):
        raise ValueError("expected an array of events, as the webhook sends it")
    return document


def _results(document: Any) -> Sequence[Any]:
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, list):
        raise ValueError('expected {"results": [...]}, as the Events API answers')
    return results


def _element(element: Any, options: ReaderOptions) -> Sequence[Item]:
    envelope = element.get("msys") if isinstance(element, dict) else None
    if not isinstance(envelope, dict):
        raise ValueError('expected {"msys": {...}}')
    return [_event(event, options) for event in envelope.values()] or (Ignored(),)


def _result(record: Any, options: ReaderOptions) -> Sequence[Item]:
    return (_event(record, options),)


def _event(record: Any, options: ReaderOptions) -> Item:
    """Runs for every event there is: what repeats among them is looked up."""
    if not isinstance(record, dict):
        raise ValueError("expected an object with 'type'")
    get = record.get
    type_, event_id = get("type"), get("event_id")
    if type(event_id) is not str or len(event_id) > _USUAL_LENGTH or not event_id:
        event_id = value.event_id(value.text(record, "event_id"))
    outcome = _OUTCOMES.get(type_) if type(type_) is str else None
    if outcome is None or (type_ in _MAY_BE_NOTHING and _counts_nothing(record, type_)):
        return Ignored(event_id)
    never_tried = type_ in _NEVER_TRIED
    spoken = _NOT_SPOKEN if type_ in _WITHOUT_REASON else heard(value.reply(record, "raw_reason", "reason"))
    raw = (get("sending_ip"), get("ip_pool"), get("mailbox_provider"), get("campaign_id"), get("subaccount_id"))
    try:
        ip, pool, provider, campaign, subaccount = _known_sender(raw)
    except TypeError:
        ip, pool, provider, campaign, subaccount = _sender(raw)
    return DeliveryEvent(
        value.moment(get("timestamp"), "timestamp"),
        outcome,
        ip or value.sending_ip(None, options, pool),
        value.domain(record, "recipient_domain") or _recipient_domain(record),
        None,
        provider,
        value.mailbox_domain(get("msg_from")) or _sending_domain(record),
        None,
        None,
        pool,
        campaign,
        subaccount,
        None if never_tried else value.again(record, "num_retries", 0),
        Speaker.SUPPRESSION if never_tried else spoken.speaker,
        spoken.reply,
        spoken.expired,
        event_id,
    )


_Sender = tuple[str | None, str | None, str | None, str | None, str | None]
_SENDER = ("sending_ip", "ip_pool", "mailbox_provider", "campaign_id", "subaccount_id")
_NOT_SPOKEN = heard(None)


@lru_cache(1 << 13)
def _known_sender(raw: tuple[Any, ...]) -> _Sender:
    """Raises TypeError for what must not be remembered, as it does for what cannot be."""
    if any(isinstance(part, str) and len(part) > _USUAL_LENGTH for part in raw):
        raise TypeError
    return _sender(raw)


def _sender(raw: tuple[Any, ...]) -> _Sender:
    """IP, pool, provider, campaign, subaccount."""
    record = dict(zip(_SENDER, raw, strict=True))
    ip = value.address(record, "sending_ip")
    pool, provider, campaign, subaccount = (value.name(record, key) for key in _SENDER[1:])
    return ip, pool, provider, campaign, subaccount


def _counts_nothing(record: Record, type_: Any) -> bool:
    if type_ == "spam_complaint":
        return value.text(record, "fbtype") in _NO_COMPLAINTS
    if value.text(record, "bounce_class") not in _NO_BOUNCES:
        return False
    return not (value.reply(record, "raw_reason", "reason") or "")[:1].isdigit()


def _recipient_domain(record: Record) -> str | None:
    return (
        value.domain(record, "routing_domain")
        or value.domain_of(record, "rcpt_to")
        or value.domain_of(record, "raw_rcpt_to")
    )


def _sending_domain(record: Record) -> str | None:
    return value.domain(record, "sending_domain") or value.domain_of(record, "friendly_from")


def _refusal(call: Call) -> str | None:
    """Webhooks are not signed. The platform sends what it was told to: a token (in its own header, as a bearer, or in a
    header of the operator's), or a name and password."""
    token, password = call.secrets.get("token"), call.secrets.get("password")
    if token and _token_is_there(call.headers, call.secrets.get("header"), token):
        return None
    if password and basic(call.headers, call.secrets.get("user") or "", password):
        return None
    return "the token or password is missing or wrong" if token or password else "no token or password is set"


def _token_is_there(headers: Mapping[str, str], header: str | None, token: str) -> bool:
    if header:
        return same(headers.get(header.lower()), token)
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    return same(headers.get("x-messagesystems-webhook-token"), token) or (
        scheme.lower() == "bearer" and same(bearer.strip(), token)
    )


WEBHOOK = Source(
    "sparkpost-webhook",
    "SparkPost webhooks",
    Shape.DOCUMENT,
    SPACE,
    reader(_batch, _element),
    receiver=CallReceiver(
        ("token", "user", "password", "header"), _refusal, lambda headers, _: headers.get("x-messagesystems-batch-id")
    ),
)
EVENTS = Source(
    "sparkpost-events",
    "SparkPost Events API",
    Shape.DOCUMENT,
    SPACE,
    reader(_results, _result),
    poller=open_events_poller,
)
