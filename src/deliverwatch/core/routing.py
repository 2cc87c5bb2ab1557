"""Whom an event is sent to, by which channel, in which rhythm, how soon, and why.

Routes are the operator's, tried in order. A route names what it takes (`Match`: families of events, customers, impact,
share of the customer's mail) and who gets it (`to`): the operator, the TAM, their deputy, whoever is on call, a mail
address, or a channel by its name. Each that fits adds its receivers; one with `last` ends the search. Where none is
set, `DEFAULT_ROUTES` stand: what is urgent goes to whoever is on call, the TAM and the operator; the rest to the TAM
and the operator.

A TAM who is away is stood in for by their deputy. What is urgent goes at once; the rest waits for service hours: of
the customers concerned for a TAM, of the operator's own zone else. Urgent is what hits much of a customer's mail,
whatever list or provider it is: 80 % of the mail outranks three idle addresses on the worst list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from deliverwatch.core.blocklist import Impact
from deliverwatch.core.events import EventKind


class Family(StrEnum):
    """What routes, silences and people call kinds of events."""

    LISTING = "listing"
    BLOCK = "block"
    THROTTLE = "throttle"
    FINDING = "finding"
    WARNING = "warning"
    WARMUP = "warmup"
    REPORT = "report"
    INSTALLATION = "installation"


def family_of(kind: EventKind) -> Family:
    return _FAMILIES[kind]


_MEMBERS: Mapping[Family, tuple[EventKind, ...]] = {
    Family.LISTING: (
        EventKind.LISTING_OPENED,
        EventKind.LISTING_CHANGED,
        EventKind.LISTING_CLOSED,
        EventKind.LISTING_HANDED_OVER,
        EventKind.LISTING_UNSTABLE,
        EventKind.LISTING_SETTLED,
        EventKind.STILL_LISTED,
    ),
    Family.BLOCK: (EventKind.BLOCK_OPENED, EventKind.BLOCK_CLOSED, EventKind.STILL_BLOCKED),
    Family.THROTTLE: (EventKind.THROTTLE_STARTED, EventKind.THROTTLE_ENDED),
    Family.FINDING: (EventKind.FINDING_OPENED, EventKind.FINDING_CLOSED),
    Family.WARNING: (EventKind.WARNING_STARTED, EventKind.WARNING_ENDED),
    Family.WARMUP: (
        EventKind.WARMUP_HELD,
        EventKind.WARMUP_READY,
        EventKind.WARMUP_RELEASED,
        EventKind.WARMUP_STEPPED_BACK,
        EventKind.WARMUP_ENDED,
        EventKind.WARMUP_NOTICE,
        EventKind.WARMUP_UNPLANNED,
    ),
    Family.REPORT: (EventKind.REPORT_WAITS, EventKind.REPORT_CONTACT_LOST),
    Family.INSTALLATION: (
        EventKind.CODE_UNEXPLAINED,
        EventKind.LIST_BLIND,
        EventKind.LIST_FAILING,
        EventKind.LIST_QUARANTINED,
        EventKind.LIST_RECOVERED,
        EventKind.LIST_STALE,
        EventKind.WATCHES_STALE,
        EventKind.RESOLVER_TROUBLE,
        EventKind.RESOLVER_WELL,
        EventKind.PLATFORM_DIFFERS,
        EventKind.SENDERS_UNWATCHED,
        EventKind.CHANNEL_FAILING,
        EventKind.CHANNEL_WELL,
    ),
}
_FAMILIES: Mapping[EventKind, Family] = {kind: family for family, kinds in _MEMBERS.items() for kind in kinds}


class Rhythm(StrEnum):
    """EACH event; START_AND_END: no changes between; DIGEST: once a service day, all that came together."""

    EACH = "each"
    START_AND_END = "start_and_end"
    DIGEST = "digest"


class Role(StrEnum):
    OPERATOR = "operator"
    TAM = "tam"
    DEPUTY = "deputy"
    ON_CALL = "on_call"


@dataclass(frozen=True, slots=True)
class Match:
    """Empty, or None: any. `impact`: that or worse. `mail_share`: at least so much of the customer's mail of a day;
    what is not known to be so much is not."""

    families: tuple[Family, ...] = ()
    customers: tuple[str, ...] = ()
    impact: Impact | None = None
    mail_share: float | None = None
    urgent: bool | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """`to`: a `Role`, a mail address, or the name of a channel. `at_once`: no matter what hour it is."""

    name: str
    match: Match
    to: tuple[str, ...]
    at_once: bool = False
    last: bool = False


@dataclass(frozen=True, slots=True)
class Receiver:
    """`channel`: by its name ("email", "chat"). `recipient`: a mail address, or the channel's name again."""

    channel: str
    recipient: str
    rhythm: Rhythm = Rhythm.EACH


class ChannelKind(StrEnum):
    """EMAIL: the relay of `[mail]`. SLACK: an incoming webhook, as Slack, Mattermost and others take. PAGERDUTY: events
    (v2) that open and resolve. WEBHOOK: our own document, signed. APPRISE: whatever that library can reach."""

    EMAIL = "email"
    SLACK = "slack"
    PAGERDUTY = "pagerduty"
    WEBHOOK = "webhook"
    APPRISE = "apprise"
