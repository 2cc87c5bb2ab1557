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

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deliverwatch.core.blocklist import Impact


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
class Shift:
    """`person`: a mail address or the name of a channel."""

    person: str
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Absence:
    """`person` is away, and `deputy` stands in. None: whoever their deputy always is."""

    person: str
    begins_at: datetime
    ends_at: datetime
    deputy: str | None = None


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
