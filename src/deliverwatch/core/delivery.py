"""Sending data, normalised at the edge: what became of mail, by sending IP, mailbox provider and UTC hour; counts only.

A source's reader turns each record into one of five values. A `DeliveryEvent` is one thing that happened to one message
for one recipient: a retry is another attempt at the same message, not another message. A `Measure` is a count that the
source made itself over a period of its own. A `Signal` is what a receiver says of us (a colour, a rate). `Ignored` was
understood and counts nothing (an opening, a ping). A `Rejection` could not be read.

What speaks matters: only the receiver's own words are evidence. A text of the sending platform is `OWN`; a message
that it never tried to send is a `SUPPRESSION`, which is no attempt. When a queue gives up, the last receiver's text
inside is evidence (`expired`). What a source does not report is None, "not measured", and never 0.

Recipients and complainants do not get past the reader: a `DeliveryEvent` has the recipient's domain alone, and its
reply is masked before it is kept (`core.masking`).
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from deliverwatch.core.reply import ReplyClass


class DeliveryOutcome(StrEnum):
    """DELIVERED: accepted by the receiving MTA. OUT_OF_BAND: bounced after it had been accepted."""

    DELIVERED = "delivered"
    DEFERRED = "deferred"
    BOUNCED = "bounced"
    OUT_OF_BAND = "out_of_band"
    COMPLAINED = "complained"


class Speaker(StrEnum):
    RECEIVER = "receiver"
    OWN = "own"
    SUPPRESSION = "suppression"


class DeliveryEvent(NamedTuple):
    """`ip`: our sending IP in its normal form. `host`: the receiver's host (MX or relay) that answered. `provider`: the
    source's own name for the receiver, as sent. `domain`: the sending domain (envelope, else From), lower case.
    `dkim_domain`, `link_domain`: where the source tells. `campaign`: the customer's name of a mailing. `retry`: whether
    an earlier attempt was made; None: not told. `reply`: the receiver's words, wrappers cut, newlines kept.
    `expired`: the queue gave up; `reply` is then the receiver's last one. `event_id`: unique in the source's space.
    """

    at: datetime
    outcome: DeliveryOutcome
    ip: str | None = None
    recipient_domain: str | None = None
    host: str | None = None
    provider: str | None = None
    domain: str | None = None
    dkim_domain: str | None = None
    link_domain: str | None = None
    pool: str | None = None
    campaign: str | None = None
    subaccount: str | None = None
    retry: bool | None = None
    speaker: Speaker = Speaker.RECEIVER
    reply: str | None = None
    expired: bool = False
    event_id: str | None = None


class Measure(NamedTuple):
    """Counts of the source's own over `lasts_for` from `starts_at`. A newer statement replaces the older one of the
    same key. `as_of`: how fresh the source says it is."""

    starts_at: datetime
    lasts_for: timedelta
    ip: str | None = None
    domain: str | None = None
    provider: str | None = None
    pool: str | None = None
    campaign: str | None = None
    subaccount: str | None = None
    attempted: int | None = None
    delivered: int | None = None
    deferred: int | None = None
    bounced: int | None = None
    complaints: int | None = None
    as_of: datetime | None = None


class SignalName(StrEnum):
    """What receivers tell of a sender. Rates and ratios are 0 to 1."""

    SNDS_COLOUR = "snds_colour"  # text: green, yellow, red
    SNDS_TRAP_HITS = "snds_trap_hits"
    SNDS_COMPLAINT_RATIO = "snds_complaint_ratio"  # value: the band's upper end; text: as sent
    SNDS_BLOCKED = "snds_blocked"  # text: the reason
    SPAM_RATE = "spam_rate"
    AUTH_SUCCESS_RATIO = "auth_success_ratio"
    DELIVERY_ERROR_RATIO = "delivery_error_ratio"
    COMPLIANCE = "compliance"  # text: compliant, needs_work; detail: which requirement


class Signal(NamedTuple):
    """What a receiver says of a subject (an address or a domain) for a day of its own. `detail` tells several of one
    name apart. A newer statement replaces the older one. `value` and `text` None: it said "no data", which is not 0."""

    name: SignalName
    provider: str
    subject: str
    on: date
    value: float | None = None
    text: str | None = None
    detail: str = ""


class Ignored(NamedTuple):
    """Read, and nothing to be counted from it."""

    event_id: str | None = None


class Rejection(NamedTuple):
    """A record that cannot be read. `line` counts from 1; of a document, the record's number. `why` holds nothing of
    the record itself but names of fields and, made visible and cut short, a value that is nobody's address."""

    line: int
    why: str


Item = DeliveryEvent | Measure | Signal | Ignored | Rejection


class FactKey(NamedTuple):
    """Empty text: not known. `provider`: an id of mailbox_providers.yaml, or "" for all other receivers."""

    source: str
    ip: str
    provider: str
    domain: str
    pool: str
    campaign: str
    subaccount: str
    hour_at: datetime


class FactCounts(NamedTuple):
    """`attempted`: attempts that the receiver answered or should have; a retry counts again. `retries`: how many of
    them were not the first; None: not measured. `out_of_band`: bounced after they were counted as delivered."""

    attempted: int | None = None
    delivered: int | None = None
    deferred: int | None = None
    bounced: int | None = None
    out_of_band: int | None = None
    complaints: int | None = None
    retries: int | None = None


class ReplyKey(NamedTuple):
    """`provider` "": not known. `list_id`: of the cited list, if the catalogue has it. `subject`: what the reply names
    as refused, if it differs from `ip`."""

    source: str
    ip: str
    provider: str
    domain: str
    class_: ReplyClass
    rule: str
    list_id: str
    subject: str
    hour_at: datetime


class ReplyCounts(NamedTuple):
    """`expired`: of the bounced, those that the queue gave up on. `sample`: one reply, masked. `retries`: how many of
    all are known to be of a message that had been tried before; of who does not tell, none are."""

    deferred: int
    bounced: int
    expired: int
    sample: str
    retries: int = 0


class Cluster(NamedTuple):
    """Unknown replies that are equal but for addresses, ids and hosts. `replies`: how many."""

    template: str
    replies: int
    looks_like_block: bool
    first_at: datetime
    last_at: datetime


class SenderKey(NamedTuple):
    """A name under which mail left: an address, or a domain in one role ("ip", "envelope", "dkim", "link", ...)."""

    source: str
    role: str
    name: str
