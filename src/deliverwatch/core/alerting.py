"""Who is told of what, decided in the transaction of the event.

The operator hears of everything that needs a hand on the installation. A customer's TAM hears of that customer's
listings and blocks, of throttles (to slow down), of findings that hit enough mail, of warnings, and of what happens to
warm-ups, but for releases that a person made. Customers themselves read the weekly report; they get no alerts. A TAM
sees only the customers they answer for, so one incident on a shared asset makes one notification per person, each with
their own part of it.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.inventory import Asset, Customer
from deliverwatch.core.zone_health import Health

LATE_DATA = "late_data"
"""Why a warm-up was released by nobody: the hold that was told is not found any more."""

_NAMESPACE = uuid.UUID("6ad2a1b5-7a53-4fb0-9d6b-62c2a64f9f1e")

LISTING_EVENTS = frozenset(
    {
        EventKind.LISTING_OPENED,
        EventKind.LISTING_CHANGED,
        EventKind.LISTING_CLOSED,
        EventKind.LISTING_HANDED_OVER,
        EventKind.LISTING_UNSTABLE,
        EventKind.LISTING_SETTLED,
        EventKind.STILL_LISTED,
    }
)

WARMUP_EVENTS = frozenset(
    {
        EventKind.WARMUP_HELD,
        EventKind.WARMUP_READY,
        EventKind.WARMUP_RELEASED,
        EventKind.WARMUP_STEPPED_BACK,
        EventKind.WARMUP_ENDED,
        EventKind.WARMUP_NOTICE,
        EventKind.WARMUP_UNPLANNED,
    }
)

SENDER_EVENTS = WARMUP_EVENTS | frozenset(
    {
        EventKind.BLOCK_OPENED,
        EventKind.BLOCK_CLOSED,
        EventKind.STILL_BLOCKED,
        EventKind.THROTTLE_STARTED,
        EventKind.THROTTLE_ENDED,
        EventKind.FINDING_OPENED,
        EventKind.FINDING_CLOSED,
        EventKind.WARNING_STARTED,
        EventKind.WARNING_ENDED,
    }
)
"""What mailbox providers do with the mail of a sender, or are about to do, and how its warm-up goes."""


class Audience(StrEnum):
    OPERATOR = "operator"
    TAM = "tam"
    CUSTOMER = "customer"


class NotificationState(StrEnum):
    """HELD: kept back while its listing is doubted. DROPPED: what it says turned out to be false before it was sent.
    COLLECTED: waits for its digest. SILENCED: nobody is to hear of it now. INHIBITED: what causes it is told already.
    JOINED: told within another message (`Notification.about`)."""

    PENDING = "pending"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"
    COLLECTED = "collected"
    SILENCED = "silenced"
    INHIBITED = "inhibited"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Notification:
    """One message to one recipient over one channel, made from one event or one report.

    `id` is derived from its cause and recipient: however often it is made or sent, it is the same message.
    `message_id` is what the Message-ID header is made from. `customers` are those the recipient may read about.
    `not_before`: sent no earlier. `corrects`: the message that told what this one takes back. `because`: which route
    chose the recipient and when, in words. `digest_at`: it is told in the digest of that time. `about`: why it is not
    sent by itself: the silence, the event that inhibits it, or the notification that tells it.
    """

    id: str
    message_id: str
    audience: Audience
    channel: str
    recipient: str
    customers: tuple[str, ...]
    created_at: datetime
    event_key: str | None = None
    report_id: str | None = None
    not_before: datetime | None = None
    corrects: "Told | None" = None
    because: str = ""
    digest_at: datetime | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A message that went out, or may have. `at`: when it was sent, or tried first."""

    message_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AlertView:
    """All that an alert's words are made from. `customers`, `assets` and `members` (of an incident with more than one
    subject, as ranges): only what the recipient may read. `corrects`: the message that this one takes back. `joined`:
    older events about the same that are told with this one, oldest first: a beginning that was not sent before its
    end. `cause`: what changed before the listing or block (`core.cause`), as far as the recipient may read it; None:
    nobody has looked yet."""

    event: Event
    audience: Audience
    blocklist: Blocklist | None
    customers: tuple[Customer, ...]
    assets: tuple[Asset, ...]
    public_url: str | None = None
    members: tuple[str, ...] = ()
    corrects: Told | None = None
    joined: tuple[Event, ...] = ()
    cause: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Delays after each failed attempt; the last one repeats until `give_up_after` since creation."""

    delays: tuple[timedelta, ...] = (
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(hours=3),
    )
    give_up_after: timedelta = timedelta(hours=48)
    lease_for: timedelta = timedelta(seconds=120)


def notification_id(*parts: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "\n".join(parts)))


def is_told(event: Event) -> bool:
    """One bad round of a list, and its end, are shown on the pages; what lasts is sent. That a person released a
    warm-up is kept: they know. That there was no reason to hold it is told, since the hold was."""
    if event.facts.get("quiet") or is_void(event):
        return False
    if event.kind is EventKind.LIST_RECOVERED:
        return event.facts["was"] in (Health.QUARANTINED, "stopped")
    if event.kind is EventKind.WARMUP_RELEASED:
        return event.facts.get("why") == LATE_DATA
    return event.kind is not EventKind.LIST_FAILING


def is_void(event: Event) -> bool:
    """A listing that never was: told to those who were told of it, and to nobody else (`correction`)."""
    return event.kind is EventKind.LISTING_CLOSED and event.facts["ended"] == Ending.VOID


def correction(event: Event, told: Notification, at: datetime) -> Notification:
    """What takes back, for one recipient, the first message that told of a void listing. `at`: when that one was sent,
    or tried first. `event`: the end of the listing, or the one that leads the ends of an incident."""
    identity = notification_id("correction", event.key, told.channel, told.recipient)
    return replace(
        told,
        id=identity,
        message_id=identity,
        created_at=event.at,
        event_key=event.key,
        report_id=None,
        not_before=None,
        digest_at=None,
        corrects=Told(told.message_id, at),
    )


def next_attempt_at(policy: RetryPolicy, created_at: datetime, attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` failed ones; None: give up."""
    delay = policy.delays[min(attempts, len(policy.delays)) - 1]
    return now + delay if now + delay - created_at <= policy.give_up_after else None
