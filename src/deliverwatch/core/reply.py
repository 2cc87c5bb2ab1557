"""What an SMTP reply says about the sender, and whom to ask.

Most classifiers decide what becomes of the recipient. This one decides what a deliverability team does next, so it
keeps apart what the field merges: a verdict of the provider's own (`ip_block`, `domain_block`), a public list that it
quotes (`dnsbl_cited`: the request goes to the list), the rule of one tenant or user (`policy`: nobody can be asked), a
verdict on the message (`content_block`), and the sender's own authentication (`auth_failure`: to be mended, not asked
for). Neither the enhanced code nor 4xx against 5xx decides: 5.7.1 stands for nearly everything, Yahoo's "permanently
deferred" came with 421, and QQ throttles with 550.

Rules are data (`reply_rules.yaml`), tried from specific to generic; what none explains is `unknown`. Evidence are the
words that matched.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from deliverwatch.core.subjects import SubjectKind


class ReplyClass(StrEnum):
    IP_BLOCK = "ip_block"
    DOMAIN_BLOCK = "domain_block"
    CONTENT_BLOCK = "content_block"
    RATE_LIMIT = "rate_limit"
    AUTH_FAILURE = "auth_failure"
    DNSBL_CITED = "dnsbl_cited"
    POLICY = "policy"
    MAILBOX_FULL = "mailbox_full"
    UNKNOWN_RECIPIENT = "unknown_recipient"
    OTHER_PERMANENT = "other_permanent"
    OTHER_TRANSIENT = "other_transient"
    UNKNOWN = "unknown"


BLOCK_SIDE = frozenset(
    {
        ReplyClass.IP_BLOCK,
        ReplyClass.DOMAIN_BLOCK,
        ReplyClass.CONTENT_BLOCK,
        ReplyClass.RATE_LIMIT,
        ReplyClass.AUTH_FAILURE,
        ReplyClass.DNSBL_CITED,
        ReplyClass.POLICY,
    }
)


class Action(StrEnum):
    """DRAFT: a Tier 1 request makes sense. FIX: ours or the customer's to mend. NOTICE: to be known."""

    DRAFT = "draft"
    NOTICE = "notice"
    FIX = "fix"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ReplyRule:
    """One rule. It matches a normalised reply (lower case, one line, single spaces, `normalised`) in which at least one
    of `has` occurs and, if there is one, `match` (a regular expression over the same text) is found, and `unless` is
    not. `providers`: tried only when the answer came from one of these, or, with `alone`, from anybody: its wording is
    so much its own that it names the provider (`names_provider`), where nothing else does. `reputation`: a rate_limit
    that names reputation. `list_`: the catalogue id or cited name of the list, where the rule itself knows it.
    """

    id: str
    class_: ReplyClass
    has: tuple[str, ...]
    match: str | None = None
    unless: str | None = None
    providers: tuple[str, ...] = ()
    alone: bool = False
    names_provider: str | None = None
    list_: str | None = None
    reputation: bool = False
    confidence: float = 0.9
    cause: str | None = None
    example: str = ""
    twin: str = ""
    source: str = ""
    checked_on: str = ""


class Classification(NamedTuple):
    """`blocklist`: the catalogue's id of the cited list; `blocklist_cited`: the name as cited. `subject`: the address
    or domain that the reply names as refused. `rule` None: unknown. `action_for`: the id of the form."""

    class_: ReplyClass
    provider: str | None = None
    blocklist: str | None = None
    blocklist_cited: str | None = None
    subject: str | None = None
    subject_kind: SubjectKind | None = None
    rule: str | None = None
    evidence: str | None = None
    confidence: float = 0.0
    action: Action = Action.NONE
    action_for: str | None = None
    cause: str | None = None
    template: str = ""
    """Of an unknown one: the reply with addresses, ids and hosts masked (`core.masking.template`)."""
    looks_like_block: bool = False
    """Of an unknown one: it has the words of a block."""


def action_of(class_: ReplyClass, reputation: bool = False) -> Action:
    """What a deliverability team does about it. `reputation`: of a rate_limit, that it names reputation."""
    if class_ is ReplyClass.RATE_LIMIT:
        return Action.DRAFT if reputation else Action.NOTICE
    return _ACTIONS.get(class_, Action.NONE)


_ACTIONS = {
    ReplyClass.IP_BLOCK: Action.DRAFT,
    ReplyClass.DOMAIN_BLOCK: Action.DRAFT,
    ReplyClass.DNSBL_CITED: Action.DRAFT,
    ReplyClass.AUTH_FAILURE: Action.FIX,
    ReplyClass.POLICY: Action.NOTICE,
    ReplyClass.CONTENT_BLOCK: Action.NOTICE,
}


# Of a reply that no rule explains: words of refusing somebody, in the languages in which replies occur.
_WORDS_OF_A_BLOCK = re.compile(
    r"block|reject|denied|deny|refus|spam|black ?list|reputation|abus|polic|not (?:allowed|permitted|accepted)"
    r"|listed|bann|forbid|suspicious|unsolicited|bulk|junk|throttl|too many|rate|limit|gesperrt|abgelehnt"
    r"|abgewiesen|verweigert|bloqu|rechaz|recus|interdit|rifiutat|blocca|odrzuc|zablok|odm[ií]tnut|zam[ií]tnut|заблокир|отклон|спам|拒|封|限制|スパム"
    r"|ブロック|制限|차단|스팸|거부|ditolak|diblokir"
)


def looks_like_block(text: str) -> bool:
    """Of a normalised reply."""
    return _WORDS_OF_A_BLOCK.search(text) is not None
