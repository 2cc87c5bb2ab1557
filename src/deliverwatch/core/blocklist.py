"""A DNS blocklist, and what one of its answers says.

A blocklist is asked for a name made from the subject: the octets or nibbles of an address reversed (RFC 5782 §2.1,
§2.4), a domain as it is (§3), in front of the list's zone. What comes back is one of five outcomes. `listed` and
`clear` are conclusive. `refused` is about our query, `unreachable` about the way there, `nonsense` about the list:
these three say nothing about the subject, and nothing may be concluded from them.

A value inside 127.0.0.0/8 which the catalogue does not explain is a listing of low impact, marked as unexplained:
lists do introduce codes before they document them. 127.255.255.0/24 is never a listing on any list known
(Spamhaus, "Using our public mirrors", checked 2026-08). No list has so much to say about one subject that it takes more
than `MAX_CODES` values: such an answer is nonsense.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from deliverwatch.core.subjects import SubjectKind

MAX_CODES = 64
_CODES_KEPT = 8
_LISTING_SPACE = ipaddress.ip_network("127.0.0.0/8")
_BITMASK_SPACE = ipaddress.ip_network("127.0.0.0/24")
_REFUSAL_SPACE = ipaddress.ip_network("127.255.255.0/24")


class Outcome(StrEnum):
    LISTED = "listed"
    CLEAR = "clear"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    NONSENSE = "nonsense"

    @property
    def conclusive(self) -> bool:
        return self in (Outcome.LISTED, Outcome.CLEAR)


class Impact(StrEnum):
    """How much mail a listing can cost; ordered by `rank`, critical highest."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        return 4 - list(Impact).index(self)


class Scope(StrEnum):
    """What a listing accuses: one address, its network, the whole AS, a registered domain, or one host name."""

    ADDRESS = "address"
    NETWORK = "network"
    ASN = "asn"
    DOMAIN = "domain"
    HOST = "host"


class Polarity(StrEnum):
    BLOCK = "block"
    ALLOW = "allow"
    REPUTATION = "reputation"


class CodeStyle(StrEnum):
    """EXACT: each value has its own meaning. BITMASK: in 127.0.0.0/24 the last octet is a sum of meanings."""

    EXACT = "exact"
    BITMASK = "bitmask"


class AskedName(StrEnum):
    """Which name a domain list is asked for: the domain as it is, or its registered domain."""

    FULL = "full"
    REGISTERED = "registered"


class RemovalWay(StrEnum):
    SELF_SERVICE = "self_service"
    ACCOUNT = "account"
    NETWORK_OWNER = "network_owner"
    AUTOMATIC = "automatic"


class AccessTerms(StrEnum):
    """What an operator must have before asking: nothing, terms met, an address registered, or a key."""

    OPEN = "open"
    TERMS = "terms"
    REGISTRATION = "registration"
    KEY = "key"


class Confidence(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class ReturnCode:
    """`value`: an address ("127.0.0.4"), or the bit ("8") where the style is BITMASK."""

    value: str
    meaning: str
    impact: Impact


@dataclass(frozen=True, slots=True)
class TestPoint:
    """An entry that must be answered with `expect` among the values, or, with `expect` empty, must not exist.

    RFC 5782 §5; each list documents its own values. `name` is an address or a domain.
    """

    __test__ = False  # a word of the field, not a test case

    kind: SubjectKind
    name: str
    expect: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Removal:
    way: RemovalWay
    url: str | None = None
    note: str | None = None
    expires: str | None = None


@dataclass(frozen=True, slots=True)
class Access:
    terms: AccessTerms
    note: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Blocklist:
    """One catalogue entry. `keyed_zone` holds `{key}` where the account key goes."""

    id: str
    name: str
    zone: str
    kinds: frozenset[SubjectKind]
    scope: Scope
    codes: tuple[ReturnCode, ...]
    access: Access
    removal: Removal
    test_points: tuple[TestPoint, ...]
    source: str
    checked_on: date
    confidence: Confidence
    style: CodeStyle = CodeStyle.EXACT
    polarity: Polarity = Polarity.BLOCK
    asked_name: AskedName = AskedName.FULL
    refusals: Mapping[str, str] = field(default_factory=dict)
    keyed_zone: str | None = None
    lookup_url: str | None = None
    on_by_default: bool = False

    @property
    def worst_impact(self) -> Impact:
        """The most that a listing on it can mean."""
        return worst(code.impact for code in self.codes)

    def covers(self, kind: SubjectKind) -> bool:
        return kind in self.kinds

    def points_for(self, kind: SubjectKind) -> tuple[TestPoint, ...]:
        return tuple(point for point in self.test_points if point.kind is kind)

    def verifiable(self, kind: SubjectKind) -> bool:
        """Only a point that must be listed proves that the list still answers; one that must not, that it is sane."""
        points = self.points_for(kind)
        return any(point.expect for point in points) and any(not point.expect for point in points)


class Reply(StrEnum):
    """What came back from one DNS query. Names follow RFC 1035 §4.1.1; EMPTY is NOERROR without such a record."""

    ANSWER = "answer"
    EMPTY = "empty"
    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    FORMERR = "formerr"
    NOTIMP = "notimp"
    TIMEOUT = "timeout"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Answer:
    """The raw answer, kept as evidence. `ttl_for` is the lowest of the records. `detail` never holds a query name."""

    reply: Reply
    values: tuple[str, ...] = ()
    ttl_for: timedelta | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer says about a subject. `detail` tells why it is not conclusive, or what to keep in mind."""

    outcome: Outcome
    codes: tuple[str, ...] = ()
    meanings: tuple[str, ...] = ()
    impact: Impact | None = None
    detail: str | None = None
    unexplained: tuple[str, ...] = ()


def query_label(kind: SubjectKind, name: str) -> str:
    """The part of the query name in front of the zone (RFC 5782 §2.1, §2.4, §3)."""
    if kind is SubjectKind.DOMAIN:
        return name
    address = ipaddress.ip_address(name)
    suffix = ".in-addr.arpa" if address.version == 4 else ".ip6.arpa"
    return address.reverse_pointer.removesuffix(suffix)


def judge(blocklist: Blocklist, answer: Answer) -> Verdict:
    """Reads one answer by the catalogue's rules. Total: every answer has a verdict."""
    match answer.reply:
        case Reply.NXDOMAIN:
            return Verdict(Outcome.CLEAR)
        case Reply.REFUSED:
            return Verdict(Outcome.REFUSED, detail="the server answered REFUSED: we may not ask it")
        case Reply.EMPTY:
            return Verdict(Outcome.NONSENSE, detail="an answer without a record (NOERROR, no A): something filters it")
        case Reply.ANSWER:
            return _judge_values(blocklist, tuple(sorted(set(answer.values), key=_numeric)))
        case _:
            return Verdict(Outcome.UNREACHABLE, detail=_why_unreachable(answer))


def is_listing(blocklist: Blocklist, verdict: Verdict) -> bool:
    """A `listed` answer of an allow or reputation list accuses nobody."""
    return verdict.outcome is Outcome.LISTED and blocklist.polarity is Polarity.BLOCK


def _judge_values(blocklist: Blocklist, values: tuple[str, ...]) -> Verdict:
    if not values:
        return Verdict(Outcome.NONSENSE, detail="an answer without an address")
    if len(values) > MAX_CODES:
        detail = f"answered {len(values):,} addresses for one name: at most {MAX_CODES} are taken for a listing"
        return Verdict(Outcome.NONSENSE, codes=values[:_CODES_KEPT], detail=detail)
    outside = [value for value in values if ipaddress.ip_address(value) not in _LISTING_SPACE]
    if outside:
        return Verdict(Outcome.NONSENSE, codes=values, detail=f"answered {', '.join(outside)}, outside 127.0.0.0/8")
    refusals = [why for value in values for why in _refusals(blocklist, value)]
    if refusals:
        return Verdict(Outcome.REFUSED, codes=values, detail="; ".join(dict.fromkeys(refusals)))
    return _listed(blocklist, values)


def _listed(blocklist: Blocklist, values: tuple[str, ...]) -> Verdict:
    by_value = {code.value: code for code in blocklist.codes}
    known: list[ReturnCode] = []
    unexplained: list[str] = []
    for value in values:
        parts = _parts(blocklist.style, value)
        known += [by_value[part] for part in parts if part in by_value]
        if not parts or any(part not in by_value for part in parts):
            unexplained.append(value)
    meanings = [code.meaning for code in known] + [f"{value}: not explained by the catalogue" for value in unexplained]
    impacts = [code.impact for code in known] + [Impact.LOW for _ in unexplained]
    return Verdict(
        Outcome.LISTED,
        codes=values,
        meanings=tuple(dict.fromkeys(meanings)),
        impact=worst(impacts),
        unexplained=tuple(unexplained),
    )


def worst(impacts: Iterable[Impact]) -> Impact:
    return max(impacts, key=lambda impact: impact.rank)


def _parts(style: CodeStyle, value: str) -> tuple[str, ...]:
    if style is CodeStyle.EXACT:
        return (value,)
    if ipaddress.ip_address(value) not in _BITMASK_SPACE:
        return ()
    octet = int(value.rsplit(".", 1)[1])
    return tuple(str(1 << bit) for bit in range(8) if octet & 1 << bit)


def _refusals(blocklist: Blocklist, value: str) -> list[str]:
    if value in blocklist.refusals:
        return [f"{value}: {blocklist.refusals[value]}"]
    if ipaddress.ip_address(value) in _REFUSAL_SPACE:
        return [f"{value}: an answer about our query, not about the subject"]
    if blocklist.style is CodeStyle.BITMASK:
        return [
            f"{value}: {blocklist.refusals[bit]}" for bit in _parts(blocklist.style, value) if bit in blocklist.refusals
        ]
    return []


def _why_unreachable(answer: Answer) -> str:
    why = {
        Reply.TIMEOUT: "no answer in time",
        Reply.SERVFAIL: "the server answered SERVFAIL",
        Reply.FORMERR: "the server answered FORMERR",
        Reply.NOTIMP: "the server answered NOTIMP",
        Reply.NETWORK: "the network failed",
    }[answer.reply]
    return f"{why} ({answer.detail})" if answer.detail else why


def _numeric(value: str) -> int:
    address = ipaddress.ip_address(value)
    return int(address)
