"""KumoMTA's log records: one JSON object per line, in files compressed with zstd.

A record names what happened: Delivery, Bounce, TransientFailure (one per failed attempt), Expiration, AdminBounce (an
operator emptied the queue), OOB (a bounce that came back by mail), Feedback (a complaint). Reception, Rejection (of
mail that came in), Delayed and XferIn/XferOut are no attempts, and new types may come. What is handed to Lua, Maildir
or HTTP goes to no receiver.

A `content` that begins with "KumoMTA internal" is not the receiver's word. `source_address.address` is our address with
its port, in brackets for IPv6; behind a proxy, `server` is the proxy. `num_attempts` counts the earlier ones.
(docs.kumomta.com, "Log Record", read November 2026.)
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Item, Rejection, Speaker
from deliverwatch.flows.source_ports import ReaderOptions, Shape, Source
from deliverwatch.sources import values
from deliverwatch.sources.giving_up import last_words
from deliverwatch.sources.lines import whole_lines
from deliverwatch.sources.zstd import unpacked

Record = Mapping[str, Any]

_OUTCOMES = {
    "Delivery": DeliveryOutcome.DELIVERED,
    "Bounce": DeliveryOutcome.BOUNCED,
    "TransientFailure": DeliveryOutcome.DEFERRED,
    "Expiration": DeliveryOutcome.BOUNCED,
    "AdminBounce": DeliveryOutcome.BOUNCED,
    "OOB": DeliveryOutcome.OUT_OF_BAND,
    "Feedback": DeliveryOutcome.COMPLAINED,
}
_ATTEMPTS = frozenset({"Delivery", "Bounce", "TransientFailure"})
_BY_SMTP = ("ESMTP", None, "SMTP", "LMTP")
_INTERNAL = "KumoMTA internal"
_NO_COMPLAINT = frozenset({"not-spam", "opt-out", "auth-failure"})  # RFC 5965 §7.3, RFC 6591, RFC 6430
_ACCEPTED = (Speaker.RECEIVER, None, False)
_NOTHING: Record = {}
_REMEMBERED = 1 << 14
_MOST_TEXT = 1024
_MOST_RECIPIENTS = 1000


class KumoMtaReader:
    """A `Reader`."""

    def __init__(self, options: ReaderOptions) -> None:
        self.line = 0
        self._instances = values.addresses(options.instances)
        self._ip = options.ip

    def whole(self, buffer: bytes, last: bool) -> int:
        return whole_lines(buffer, last)

    def read(self, block: bytes) -> Iterator[Item]:
        for line in block.split(b"\n")[: None if block and not block.endswith(b"\n") else -1]:
            self.line += 1
            if not line or line.isspace():
                continue
            try:
                yield from self._items(line)
            except ValueError as error:
                yield Rejection(self.line, str(error))

    def remember(self, block: bytes) -> None:
        """Each record stands for itself."""

    def _items(self, line: bytes) -> Iterable[Item]:
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise ValueError("expected one JSON object per line") from None
        type_ = record.get("type") if type(record) is dict else None
        if type(type_) is not str:
            raise ValueError("expected a JSON object with a type")
        outcome = _OUTCOMES.get(type_)
        if outcome is None or record.get("delivery_protocol") not in _BY_SMTP:
            return (Ignored(),)
        if outcome is DeliveryOutcome.COMPLAINED:
            return (self._complaint(record),)
        return self._events(record, type_, outcome)

    def _events(self, record: Record, type_: str, outcome: DeliveryOutcome) -> Iterable[Item]:
        recipient, meta, tries = record.get("recipient"), record.get("meta"), record.get("num_attempts")
        campaign, tenant, queue_domain = _queue(_text(record, "queue"))
        if meta and type(meta) is dict:
            campaign, tenant = _name(meta, "campaign") or campaign, _name(meta, "tenant") or tenant
        delivered, attempt = type_ == "Delivery", type_ in _ATTEMPTS
        speaker, reply, expired = _ACCEPTED if delivered else _said(type_, record)
        event = DeliveryEvent(
            _at(record),
            outcome,
            self._sending_ip(record),
            _domain_of(recipient) or queue_domain,
            _host(record) if attempt else None,
            None,
            _domain_of(record.get("sender")),
            None,
            None,
            _name(record, "egress_pool"),
            campaign,
            tenant,
            tries > 0 if attempt and type(tries) is int else None,
            speaker,
            reply,
            expired,
        )
        return _for_each(event, recipient, queue_domain) if type(recipient) is list else (event,)

    def _complaint(self, record: Record) -> Item:
        report = _table(record, "feedback_report")
        if _text(report, "feedback_type") in _NO_COMPLAINT:
            return Ignored()
        reported = report.get("reported_domain")
        return DeliveryEvent(
            _at(record),
            DeliveryOutcome.COMPLAINED,
            _source_ip(report.get("source_ip")) or self._ip,
            _complainant_domain(record, report),
            domain=_domain_of(report.get("original_mail_from"))
            or (
                values.domain(reported[0]) if type(reported) is list and reported and type(reported[0]) is str else None
            ),
        )

    def _sending_ip(self, record: Record) -> str | None:
        source = record.get("source_address")
        address = source.get("address") if type(source) is dict else None
        if type(address) is str and address:
            bare, _, _ = address.rpartition(":")
            return values.address(bare if "." in bare or bare.endswith("]") else address)
        return self._instances.get(_text(record, "egress_source"), self._ip)


def _for_each(event: DeliveryEvent, recipients: list[Any], queue_domain: str | None) -> Iterable[Item]:
    if not 0 < len(recipients) <= _MOST_RECIPIENTS:
        raise ValueError(f"recipient: expected 1 to {_MOST_RECIPIENTS} of them")
    return [event._replace(recipient_domain=_domain_of(each) or queue_domain) for each in recipients]


def _source_ip(text: Any) -> str | None:
    """As the reporter has it, who may have left it out or made it up."""
    try:
        return values.address(text) if type(text) is str else None
    except ValueError:
        return None


def _at(record: Record) -> datetime:
    value = record.get("timestamp")
    if type(value) is int or type(value) is float:
        return values.at_seconds(value)
    if type(value) is str:
        return values.moment(value)
    raise ValueError("timestamp: expected seconds since 1970")


def _said(type_: str, record: Record) -> tuple[Speaker, str | None, bool]:
    """Who speaks, what the receiver said, and whether the queue gave up."""
    content = _table(record, "response").get("content")
    words = content if type(content) is str else ""
    if type_ == "Expiration":
        last = last_words(words)
        return Speaker.RECEIVER if last else Speaker.OWN, last, True
    if type_ == "AdminBounce":
        return Speaker.SUPPRESSION, None, False
    reply = values.reply(_code(_table(record, "response")) + words[: values.MOST_REPLY])
    return Speaker.OWN if reply is None or words.startswith(_INTERNAL) else Speaker.RECEIVER, reply, False


def _code(response: Record) -> str:
    """ "550 5.7.1 ", which KumoMTA keeps apart from the words."""
    code, enhanced = response.get("code"), _table(response, "enhanced_code")
    if type(code) is not int or not 200 <= code <= 599:
        return ""
    parts = [enhanced.get(each) for each in ("class", "subject", "detail")]
    known = all(type(part) is int and 0 <= part < 1000 for part in parts)
    return f"{code} {parts[0]}.{parts[1]}.{parts[2]} " if known else f"{code} "


@lru_cache(_REMEMBERED)
def _queue(queue: str) -> tuple[str | None, str | None, str | None]:
    """Campaign, tenant and recipient domain of "campaign:tenant@domain!routing"."""
    owner, _, domain = queue.rpartition("@")
    campaign, _, tenant = owner.rpartition(":")
    return values.name(campaign), values.name(tenant), values.domain(domain.partition("!")[0])


def _host(record: Record) -> str | None:
    """The receiver's: by its MX record, else by what its hosts have in common."""
    peer = record.get("peer_address")
    name = peer.get("name") if type(peer) is dict else None
    return values.HOSTS[name] if type(name) is str and name else _host_of_site(_text(record, "site"))


@lru_cache(_REMEMBERED)
def _host_of_site(site: str) -> str | None:
    """The common end in "source->(mx1|mx2).example.com@smtp_client"."""
    hosts = site.rpartition(">")[2].partition("@")[0]
    return values.host(hosts.rpartition(")")[2].lstrip("?."))


def _complainant_domain(record: Record, report: Record) -> str | None:
    """The receiver's: of the complaint's recipient, who is often left out, else of who sent the report."""
    original = report.get("original_rcpto_to") or report.get("original_rcpt_to")
    first = original[0] if type(original) is list and original else original
    trace = _table(report, "supplemental_trace").get("recipient")
    return _domain_of(first) or _domain_of(trace) or _domain_of(record.get("sender"))


def _table(record: Record, key: str) -> Record:
    value = record.get(key)
    return value if type(value) is dict else _NOTHING


def _text(record: Record, key: str) -> str:
    """No longer than anybody means it."""
    value = record.get(key)
    return value[:_MOST_TEXT] if type(value) is str else ""


def _domain_of(mailbox: Any) -> str | None:
    return values.domain_of(mailbox) if type(mailbox) is str else None


def _name(record: Record, key: str) -> str | None:
    value = record.get(key)
    return values.NAMES[value] if type(value) is str else None


SOURCE = Source(
    id="kumomta",
    title="KumoMTA log records",
    shape=Shape.LINES,
    space="kumomta",
    reader=KumoMtaReader,
    unpacked=unpacked,
)
