"""A DNS blocklist, as the catalogue describes it.

A blocklist is asked for a name made from the subject: the octets or nibbles of an address reversed (RFC 5782 §2.1,
§2.4), a domain as it is (§3), in front of the list's zone. What its answers say is `core.verdict`.

A return code may be written with a range or a star in place of an octet ("127.0.*.0-3"): some lists put a category or a
score there. A list that mixes good and bad (Hostkarma, Mailspike's reputation) says so code by code.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from deliverwatch.core.subjects import DomainRole, SubjectKind


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
    """EXACT: each value has its own meaning. BITMASK: in 127.0.0.0/24 the last octet is a sum of meanings. SCORE: the
    last octet is a figure; the codes are its bands."""

    EXACT = "exact"
    BITMASK = "bitmask"
    SCORE = "score"


class AskedName(StrEnum):
    """Which name a domain list is asked for: the registered domain of a subject; the subject as it is, where a wildcard
    stands below each entry; or both, where host names are entries beside registered domains and nothing is wildcarded.
    """

    REGISTERED = "registered"
    FULL = "full"
    BOTH = "both"


class RemovalWay(StrEnum):
    """AUTOMATIC: by time alone, nobody takes a request."""

    SELF_SERVICE = "self_service"
    ACCOUNT = "account"
    EMAIL = "email"
    NETWORK_OWNER = "network_owner"
    AUTOMATIC = "automatic"


class Asker(StrEnum):
    """Whose request a list operator hears."""

    ANYONE = "anyone"
    ADDRESS_USER = "address_user"
    DOMAIN_OWNER = "domain_owner"
    NETWORK_OWNER = "network_owner"
    NOBODY = "nobody"


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


class ListStatus(StrEnum):
    """What is known of the list's life. DEGRADED: it answers some only, or at times. UNVERIFIED: nobody has measured it
    lately."""

    ALIVE = "alive"
    DEGRADED = "degraded"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class ReturnCode:
    """`value`: an address or a pattern ("127.0.0.4", "127.0.*.0-3"), or the bit ("8") where the style is BITMASK.

    `scope`, `polarity`, `removal`: where this code differs from its list.
    """

    value: str
    meaning: str
    impact: Impact
    scope: Scope | None = None
    polarity: Polarity | None = None
    removal: RemovalWay | None = None


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
    """`paid`: the operator also sells removals. That is never the advice."""

    way: RemovalWay
    url: str | None = None
    note: str | None = None
    expires: str | None = None
    who: Asker = Asker.ANYONE
    paid: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """`own_resolver`: the list refuses, or lies to, public and shared resolvers."""

    terms: AccessTerms
    note: str
    url: str | None = None
    own_resolver: bool = False


@dataclass(frozen=True, slots=True)
class Budget:
    """How many queries the list's operator bears from one asker, under one key. None: no figure is published."""

    per_second: int | None = None
    per_day: int | None = None


@dataclass(frozen=True, slots=True)
class UsedBy:
    """A mailbox provider or filter that is known to use the list. `provider`: an id of mailbox_providers.yaml, or None
    for software and others. `basis`: how it is known."""

    name: str
    basis: str
    provider: str | None = None


class FeedFormat(StrEnum):
    """How a downloaded file is written: a dataset of rbldnsd(8), or Spamhaus DROP (a JSON object a line)."""

    IP4SET = "ip4set"
    IP4TSET = "ip4tset"
    IP4TRIE = "ip4trie"
    IP6TRIE = "ip6trie"
    IP6TSET = "ip6tset"
    DNSET = "dnset"
    COMBINED = "combined"
    DROP = "drop"

    @property
    def kinds(self) -> frozenset[SubjectKind]:
        """What a file written so can hold."""
        if self is FeedFormat.COMBINED:
            return frozenset(SubjectKind)
        if self is FeedFormat.DROP:
            return frozenset({SubjectKind.IPV4, SubjectKind.IPV6})
        if self is FeedFormat.DNSET:
            return frozenset({SubjectKind.DOMAIN})
        return frozenset({SubjectKind.IPV4 if "4" in self else SubjectKind.IPV6})


@dataclass(frozen=True, slots=True)
class FeedSource:
    """A file in which a list publishes what it holds. `url`: https://..., or file:///... for one that is mirrored by
    other means. `refresh_for`: how often the operator lets it be fetched."""

    url: str
    format: FeedFormat
    kinds: frozenset[SubjectKind]
    refresh_for: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DeadList:
    """A list that must not be asked any more. `died_on`: as exactly as it is known ("2024-06-05", "2013")."""

    id: str
    name: str
    zones: tuple[str, ...]
    died_on: str
    how: str
    source: str

    @property
    def epitaph(self) -> str:
        """The sentence for whoever still names it."""
        return f"{self.id} is dead since {self.died_on}: {self.how}; take it out"


@dataclass(frozen=True, slots=True)
class Blocklist:
    """One catalogue entry.

    `zone` None: only asked with a key. `keyed_zone` holds `{key}` where the account key goes. `granularity`: the prefix
    length of its entries by kind, where that is shorter than an address (64 for IPv6 by the /64). `part_of`: the list
    whose answers hold all of this one's; the part is not asked while that one is on. `leads`: one of those that matter
    to a sender. `matters_to`: the roles of a domain in which a listing counts in full; empty, all.
    """

    id: str
    name: str
    zone: str | None
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
    asked_name: AskedName = AskedName.REGISTERED
    refusals: Mapping[str, str] = field(default_factory=dict)
    keyed_zone: str | None = None
    lookup_url: str | None = None
    on_by_default: bool = False
    leads: bool = False
    status: ListStatus = ListStatus.ALIVE
    granularity: Mapping[SubjectKind, int] = field(default_factory=dict)
    part_of: str | None = None
    matters_to: frozenset[DomainRole] = frozenset()
    used_by: tuple[UsedBy, ...] = ()
    budget: Budget = Budget()
    notes: str | None = None
    feeds: tuple[FeedSource, ...] = ()

    @property
    def shown_zone(self) -> str:
        """For people: the public zone, or the keyed one without the label of the key; empty for a list that is only
        downloaded."""
        return self.zone or (self.keyed_zone or "").replace("{key}.", "")

    @property
    def worst_impact(self) -> Impact:
        """The most that a listing on it can mean."""
        return max((code.impact for code in self.codes), key=lambda impact: impact.rank)

    @property
    def accuses(self) -> bool:
        """Whether any of its answers is a listing: those of an allow list are none."""
        return any((code.polarity or self.polarity) is Polarity.BLOCK for code in self.codes)

    def covers(self, kind: SubjectKind) -> bool:
        return kind in self.kinds

    def points_for(self, kind: SubjectKind) -> tuple[TestPoint, ...]:
        return tuple(point for point in self.test_points if point.kind is kind)

    def verifiable(self, kind: SubjectKind) -> bool:
        """Only a point that must be listed proves that the list still answers; one that must not, that it is sane."""
        points = self.points_for(kind)
        return any(point.expect for point in points) and any(not point.expect for point in points)


def query_label(kind: SubjectKind, name: str) -> str:
    """The part of the query name in front of the zone (RFC 5782 §2.1, §2.4, §3)."""
    if kind is SubjectKind.DOMAIN:
        return name
    address = ipaddress.ip_address(name)
    suffix = ".in-addr.arpa" if address.version == 4 else ".ip6.arpa"
    return address.reverse_pointer.removesuffix(suffix)
