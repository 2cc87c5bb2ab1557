"""A standard form as data: whose it is, how it is sent, which fields it has and which recorded fact fills each.

Forms live in `forms/<id>/` (`catalogue.forms`); what every key means stands in `forms/README.md`. A mailbox provider's
form takes blocks, a list's takes listings; one operator may have one form for both (Barracuda).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from deliverwatch.core.blocklist import Confidence
from deliverwatch.core.practice import Check
from deliverwatch.core.subjects import SubjectKind


class FormChannel(StrEnum):
    """NONE: nobody takes requests; `instead` says what to do."""

    WEB_FORM = "web_form"
    EMAIL = "email"
    PORTAL = "portal"
    NONE = "none"


class Sender(StrEnum):
    """Whose request the addressee hears. REQUESTER: ours. NETWORK_OWNER: only who the range is registered to, by their
    abuse desk. NETWORK_OPERATIONS: who runs the network and its policies (PBL)."""

    REQUESTER = "requester"
    NETWORK_OWNER = "network_owner"
    NETWORK_OPERATIONS = "network_operations"


class LetterKind(StrEnum):
    """What a text is for. REQUEST is the first one; the others follow up what came of it."""

    REQUEST = "request"
    DENIED = "denied"
    MORE_INFORMATION = "more_information"
    NOTHING_FOUND = "nothing_found"
    NO_ANSWER = "no_answer"
    STILL_REFUSED = "still_refused"


class FollowUpWay(StrEnum):
    """TICKET: as an answer within the addressee's own ticket or mail. AGAIN: through the form once more. EMAIL: to
    `Form.escalate_to`. NONE: the addressee expects no follow-up of that kind, and none is made."""

    TICKET = "ticket"
    AGAIN = "again"
    EMAIL = "email"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class FormField:
    """`fact`: a name of `facts.FACTS`. `limit` in characters, None: no limit known. `values`: what the form lets one
    choose, by the fact's value ("*": any other); empty: free text. `separator` joins several values."""

    name: str
    label: str
    fact: str
    required: bool = True
    limit: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    separator: str = ", "


@dataclass(frozen=True, slots=True)
class ListCodes:
    """A list whose listings go through a form; `codes`: these return codes of it only, empty: all others."""

    list_id: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """How the addressee answers. `usual_for` None: not known. `replies`: False: it usually does not answer at all, so
    that silence is followed up by nobody."""

    usual_for: timedelta | None = None
    words: str | None = None
    replies: bool = True


@dataclass(frozen=True, slots=True)
class SelfExpiry:
    """A listing or block that ends by itself once the cause has stopped. `wait_for` None: no figure is known, and a
    request is not held up by it; else waiting that long beats a request."""

    words: str
    wait_for: timedelta | None = None


class QuotaPer(StrEnum):
    SUBJECT = "subject"
    ADDRESSEE = "addressee"


@dataclass(frozen=True, slots=True)
class Quota:
    """So many requests `within` that time, for one subject or altogether."""

    requests: int
    within: timedelta
    per: QuotaPer = QuotaPer.SUBJECT


@dataclass(frozen=True, slots=True)
class Form:
    """`lists`, `providers`: whom it reaches, by catalogue id. `most`: subjects in one request. `kinds`: what may be a
    subject; empty: all. `url`, `to`: where it goes; "{domain}" in an address stands for the provider's recipient
    domain. `steps`: what the person does besides filling fields (captcha, confirmation link). `requires`: practice
    checks which must not fail. `again_after`: how long the addressee wants no second request for a subject. `check_mx`:
    the provider's domains may have moved behind another's hosts, so these are looked up first. `languages`: those the
    addressee wants besides English, best first. `bodies`: Jinja2 source by (kind, language). `caveat`: shown above
    everything ("check the address before use"). `digest` pins the version a draft was made from."""

    id: str
    name: str
    channel: FormChannel
    fields: tuple[FormField, ...]
    source: str
    checked_on: date
    confidence: Confidence
    digest: str
    lists: tuple[ListCodes, ...] = ()
    providers: tuple[str, ...] = ()
    sender: Sender = Sender.REQUESTER
    url: str | None = None
    to: tuple[str, ...] = ()
    escalate_to: str | None = None
    most: int = 1
    kinds: frozenset[SubjectKind] = frozenset()
    steps: tuple[str, ...] = ()
    instead: str | None = None
    requires: frozenset[Check] = frozenset()
    answer: Answer = Answer()
    expires: SelfExpiry | None = None
    again_after: timedelta | None = None
    quota: Quota | None = None
    follow_up: Mapping[LetterKind, FollowUpWay] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    bodies: Mapping[tuple[LetterKind, str], str] = field(default_factory=dict)
    check_mx: bool = False
    caveat: str | None = None

    def way_of(self, kind: LetterKind) -> FollowUpWay:
        """Where the form says nothing: within the ticket, if the addressee answers at all."""
        usual = FollowUpWay.TICKET if self.answer.replies and self.channel is not FormChannel.NONE else FollowUpWay.NONE
        return self.follow_up.get(kind, usual)

    def takes(self, kind: SubjectKind) -> bool:
        return not self.kinds or kind in self.kinds
