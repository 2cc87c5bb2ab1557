"""Who is told of what, decided in the transaction of the event.

The operator hears of everything that needs a hand on the installation. A customer's TAM hears of that customer's
listings. Customers themselves read the weekly report; they get no alerts. A TAM sees only the customers they answer
for, so one incident on a shared asset makes one notification per person, each with their own part of it.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory import Asset, Customer
from deliverwatch.core.zone_health import Health

_NAMESPACE = uuid.UUID("6ad2a1b5-7a53-4fb0-9d6b-62c2a64f9f1e")

LISTING_EVENTS = frozenset(
    {
        EventKind.LISTING_OPENED,
        EventKind.LISTING_CHANGED,
        EventKind.LISTING_CLOSED,
        EventKind.LISTING_HANDED_OVER,
    }
)


class Audience(StrEnum):
    OPERATOR = "operator"
    TAM = "tam"
    CUSTOMER = "customer"


class NotificationState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Notification:
    """One message to one recipient over one channel, made from one event or one report.

    `id` is derived from its cause and recipient: however often it is made or sent, it is the same message.
    `message_id` is what the Message-ID header is made from. `customers` are those the recipient may read about.
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


@dataclass(frozen=True, slots=True)
class AlertView:
    """All that an alert's words are made from. `customers` and `assets`: only what the recipient may read."""

    event: Event
    audience: Audience
    blocklist: Blocklist | None
    customers: tuple[Customer, ...]
    assets: tuple[Asset, ...]
    public_url: str | None = None


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
    """One bad round of a list, and its end, are shown on the pages; what lasts is sent."""
    if event.kind is EventKind.LIST_RECOVERED:
        return bool(event.facts["was"] == Health.QUARANTINED)
    return event.kind is not EventKind.LIST_FAILING


def route(
    event: Event, operators: Iterable[str], parties: Iterable[Customer], channel: str = "email"
) -> tuple[Notification, ...]:
    """The notifications that an event causes. `parties`: the customers who held or shared the asset."""
    if not is_told(event):
        return ()
    readers: dict[tuple[str, Audience], list[str]] = {(operator, Audience.OPERATOR): [] for operator in operators}
    parties = sorted(parties, key=lambda customer: customer.id)
    for reader in readers.values():
        reader += [customer.id for customer in parties]
    if event.kind in LISTING_EVENTS:
        for customer in parties:
            if (customer.tam.email, Audience.OPERATOR) not in readers:
                readers.setdefault((customer.tam.email, Audience.TAM), []).append(customer.id)
    return tuple(
        _alert(event, audience, channel, recipient, tuple(customers))
        for (recipient, audience), customers in readers.items()
    )


def _alert(event: Event, audience: Audience, channel: str, recipient: str, customers: tuple[str, ...]) -> Notification:
    identity = notification_id("alert", event.key, channel, recipient)
    return Notification(identity, identity, audience, channel, recipient, customers, event.at, event_key=event.key)


def next_attempt_at(policy: RetryPolicy, created_at: datetime, attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` failed ones; None: give up."""
    delay = policy.delays[min(attempts, len(policy.delays)) - 1]
    return now + delay if now + delay - created_at <= policy.give_up_after else None
