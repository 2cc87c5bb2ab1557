"""Bird's platform: its webhooks, one event a call, and its statistics by sending IP.

A call is signed as Standard Webhooks has it. The envelope is {"type", "timestamp", "data"}; a type that is not known is
accepted and counts nothing. What the platform does not tell stays unknown: the sending IP of a delivery or a complaint
(bounces and deferrals have it, perhaps null), the mailbox provider of anything. An event has no id of its own; type,
recipient's id and time stand for it. `bounce_type` "admin" is a policy of the receiving end here.

Counts by IP come from GET /v1/email/stats/sending-ips: {"period": {"from", "to", "data_as_of"}, "data": [row],
"total"}, days in UTC, `to` included. Its complaints and late bounces always read 0, which means nothing: they are not
measured.
(bird.com/docs and the vendor's generated clients, read November 2026; standardwebhooks.com.)
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Item, Measure, Speaker
from deliverwatch.flows.source_ports import ReaderOptions, Shape, Source
from deliverwatch.sources import json_values as value
from deliverwatch.sources.bird_api import open_stats_poller
from deliverwatch.sources.documents import one_record, reader
from deliverwatch.sources.json_values import Record
from deliverwatch.sources.platform_words import Heard, heard
from deliverwatch.sources.signatures import decoded, hmac_base64, same, untimely
from deliverwatch.sources.webhook_calls import Call, CallReceiver

_BELIEVED_FOR = timedelta(minutes=5)  # Standard Webhooks; the time is that of the attempt, signed anew
_DAY = timedelta(days=1)
_OUTCOMES: Mapping[str, DeliveryOutcome] = {
    "email.delivered": DeliveryOutcome.DELIVERED,
    "email.deferred": DeliveryOutcome.DEFERRED,
    "email.bounced": DeliveryOutcome.BOUNCED,
    "email.out_of_band_bounce": DeliveryOutcome.OUT_OF_BAND,
    "email.complained": DeliveryOutcome.COMPLAINED,
    "email.rejected": DeliveryOutcome.BOUNCED,
}
_NO_COMPLAINTS = {"not-spam", "not_spam", "auth-failure", "auth_failure"}
_WORDS_OF: Mapping[str, tuple[str, str | None]] = {
    "email.bounced": ("bounce_description", "bounce_code"),
    "email.out_of_band_bounce": ("bounce_description", "bounce_code"),
    "email.deferred": ("defer_reason", None),
}


class _StatsRow(NamedTuple):
    """A row with the day it is of. `row` None: the rows that were cut off."""

    row: Any
    starts_at: datetime
    lasts_for: timedelta
    as_of: datetime | None


def _records(document: Any) -> Sequence[Any]:
    if isinstance(document, dict) and "period" in document:
        return _stats_rows(document)
    return one_record(document)


def _stats_rows(document: Record) -> Sequence[_StatsRow]:
    period, rows = value.mapping(document, "period"), document.get("data")
    if not isinstance(rows, list):
        raise ValueError("data: expected a list of rows")
    starts_at = value.at(period, "from")
    ends_at = value.at(period, "to") + (_DAY if len(str(period.get("to"))) == len("2026-05-25") else timedelta(hours=1))
    if starts_at >= ends_at:
        raise ValueError("period: expected 'to' after 'from'")
    as_of = value.at(period, "data_as_of") if period.get("data_as_of") else None
    told = [_StatsRow(row, starts_at, ends_at - starts_at, as_of) for row in rows]
    if (value.count(document, "total") or 0) > len(rows):
        told.append(_StatsRow(None, starts_at, ends_at - starts_at, as_of))
    return told


def _items(record: Any, options: ReaderOptions) -> Sequence[Item]:
    if isinstance(record, _StatsRow):
        return (_measure(record),)
    return (_event(record, options),)


def _measure(told: _StatsRow) -> Measure:
    row = told.row
    if row is None:
        raise ValueError("the answer was cut off: the sending IPs with the least mail are missing from it")
    if not isinstance(row, dict) or not row.get("sending_ip"):
        raise ValueError("expected a row with 'sending_ip'")
    counts = value.mapping(row, "delivery") or row
    return Measure(
        told.starts_at,
        told.lasts_for,
        ip=value.address(row, "sending_ip"),
        pool=value.name(row, "ip_pool_id"),
        delivered=value.count(counts, "delivered"),
        deferred=value.count(counts, "deferred"),
        bounced=value.count(counts, "bounced"),
        as_of=told.as_of,
    )


def _event(record: Any, options: ReaderOptions) -> Item:
    type_ = value.kind(record, "type")
    outcome = _OUTCOMES.get(type_)
    if outcome is None:
        return Ignored()
    data, at = value.mapping(record, "data"), value.at(record, "timestamp")
    event_id = value.event_id(type_, value.text(data, "recipient_id"), at.isoformat())
    if outcome is DeliveryOutcome.COMPLAINED and value.text(data, "feedback_type") in _NO_COMPLAINTS:
        return Ignored(event_id)
    speaker, reply, expired = _spoken(type_, data)
    return DeliveryEvent(
        at,
        outcome,
        ip=value.sending_ip(value.address(data, "sending_ip"), options),
        recipient_domain=value.domain_of(data, "recipient"),
        campaign=_tag(data, "campaign"),
        speaker=speaker,
        reply=reply,
        expired=expired,
        event_id=event_id,
    )


def _spoken(type_: str, data: Record) -> Heard:
    if type_ == "email.rejected":
        return Heard(Speaker.SUPPRESSION, value.reply(data, "rejection_reason"), False)
    if type_ not in _WORDS_OF:
        return heard(None)
    words, code = _WORDS_OF[type_]
    return heard(value.with_code(value.reply(data, words), value.text(data, code) if code else None))


def _tag(data: Record, wanted: str) -> str | None:
    tags = data.get("tags")
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, dict) and tag.get("name") == wanted:
            return value.name(tag, "value")
    return None


def _refusal(call: Call) -> str | None:
    """Standard Webhooks: "v1," and the HMAC-SHA256 of id, time and body, once for each secret in use."""
    key = decoded(call.secrets.get("secret", "").strip().removeprefix("whsec_"))
    if not key:
        return 'no usable secret is set: expected what the platform shows, "whsec_..."'
    name, seconds = call.headers.get("webhook-id"), call.headers.get("webhook-timestamp")
    if not name:
        return "the header webhook-id is missing"
    if problem := untimely(seconds, call.now, _BELIEVED_FOR):
        return problem
    expected = hmac_base64(key, f"{name}.{seconds}.".encode(errors="replace") + call.body)
    given = (each.partition(",") for each in call.headers.get("webhook-signature", "")[:4096].split(" "))
    genuine = [version == "v1" and same(signature, expected) for version, _, signature in given]
    return None if any(genuine) else "the signature is missing or wrong"


SOURCE = Source(
    "bird-webhook",
    "Bird webhooks and statistics",
    Shape.DOCUMENT,
    "bird",
    reader(_records, _items),
    not_measured=frozenset({"provider", "domain", "delivered_by_ip"}),
    receiver=CallReceiver(("secret",), _refusal, lambda headers, _: headers.get("webhook-id")),
    poller=open_stats_poller,
)
