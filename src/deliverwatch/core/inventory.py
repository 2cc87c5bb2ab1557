"""Who holds what, and since when.

Every asset (an address, a range, a domain) belongs to a customer or to the ESP itself, from a day to a day, both
included, counted in UTC. The ESP may share its own (a pool, a link domain) with customers. A listing belongs to the
asset; which customer sees it follows from who held or shared the asset while it was open. One customer never learns
of another from it.

Holdings may lie in each other: one address of the ESP's range is given to a customer, and the range stays shared with
others. Then the most specific of those held on a day decides for that day, as the longest match does among routes (RFC
1812, section 5.2.4.3).
"""

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from deliverwatch.core.subjects import DomainRole, Subject, SubjectKind, expand, looks_like_address

_DAY = timedelta(days=1)
_BITS = {4: 32, 6: 128}
_ADDRESS_LENGTH = 128  # of a name without one: no range of the same family is longer


class ServiceZone(StrEnum):
    """The three zones in which the service keeps hours (`core.service_hours`)."""

    EASTERN = "eastern"
    PACIFIC = "pacific"
    UK = "uk"


class Language(StrEnum):
    EN = "en"
    ID = "id"
    ES = "es"
    DE = "de"


@dataclass(frozen=True, slots=True)
class Tam:
    """The technical account manager who answers for a customer."""

    name: str
    email: str
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    name: str
    service_time_zone: ServiceZone
    tam: Tam
    contacts: tuple[str, ...]
    language: Language = Language.EN
    report_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Asset:
    """One holding of an address, range or domain.

    `name` is normalised ("192.0.2.10", "198.51.100.0/28", "2001:db8::10", "news.acme.example").
    `holder` is a customer's id, or None for the ESP, which may share the asset with `shared_with`.
    `from_on` None: always was; `until_on` None: no end known. `added_at`: when we learnt of it, set by the store;
    nothing was watched before that.
    """

    name: str
    holder: str | None
    shared_with: tuple[str, ...] = ()
    pool: str | None = None
    stream: str | None = None
    subaccounts: tuple[str, ...] = ()
    roles: tuple[DomainRole, ...] = ()
    dkim_selectors: tuple[str, ...] = ()
    network_owner: str | None = None
    from_on: date | None = None
    until_on: date | None = None
    added_at: datetime | None = field(default=None, compare=False)

    def held_on(self, day: date) -> bool:
        return (self.from_on is None or self.from_on <= day) and (self.until_on is None or day <= self.until_on)

    @property
    def parties(self) -> tuple[str, ...]:
        """The customers concerned by what happens to it."""
        return (self.holder,) if self.holder is not None else self.shared_with

    @property
    def is_domain(self) -> bool:
        return not looks_like_address(self.name)

    def is_within(self, other: "Asset") -> bool:
        """Of two that cover the same subject: whether this one is more specific."""
        return self._prefix_length > other._prefix_length

    @property
    def _prefix_length(self) -> int:
        _, slash, length = self.name.partition("/")
        return int(length) if slash else _ADDRESS_LENGTH


@dataclass(frozen=True, slots=True)
class Block:
    """Subjects that are all covered by the same assets, past and present; the most specific first."""

    kind: SubjectKind
    count: int
    assets: tuple[Asset, ...]


def kind_of(name: str) -> SubjectKind:
    """Of a normalised address, range or domain."""
    if not looks_like_address(name):
        return SubjectKind.DOMAIN
    return SubjectKind.IPV6 if ":" in name else SubjectKind.IPV4


@dataclass(frozen=True)
class Inventory:
    """All customers and assets, ended ones included."""

    customers: tuple[Customer, ...] = ()
    assets: tuple[Asset, ...] = ()

    def customer(self, customer_id: str) -> Customer | None:
        return self._by_id.get(customer_id)

    @cached_property
    def _by_id(self) -> Mapping[str, Customer]:
        return {customer.id: customer for customer in self.customers}

    @cached_property
    def holdings(self) -> "Holdings":
        """Of all of them; put in order once, since every page and every flow asks."""
        return Holdings(self.assets)

    def kinds_on(self, day: date) -> set[SubjectKind]:
        """The kinds of subjects held by anybody on that day, without expanding ranges."""
        found: set[SubjectKind] = set()
        for asset in self.assets:
            if asset.held_on(day):
                found.add(kind_of(asset.name))
                if len(found) == len(SubjectKind):  # nearly always soon
                    break
        return found

    def subjects_on(self, day: date) -> Iterator[Subject]:
        """Each subject held by anybody on that day, once, however many hold it."""
        seen: set[str] = set()
        for asset in self.assets:
            if not asset.held_on(day):
                continue
            for subject in expand(asset.name):
                if subject.value not in seen:
                    seen.add(subject.value)
                    yield subject


class Holdings:
    """Finds the assets that cover a subject without expanding ranges."""

    def __init__(self, assets: Iterable[Asset]) -> None:
        self._domains: dict[str, list[Asset]] = defaultdict(list)
        self._networks: dict[tuple[int, int, int], list[Asset]] = defaultdict(list)
        self._lengths: set[tuple[int, int]] = set()
        self._blocks: dict[str, list[Block]] | None = None
        for asset in assets:
            if asset.is_domain:
                self._domains[asset.name].append(asset)
            else:
                network = ipaddress.ip_network(asset.name)
                self._lengths.add((network.version, network.prefixlen))
                self._networks[network.version, network.prefixlen, int(network.network_address)].append(asset)

    def of(self, subject: Subject) -> tuple[Asset, ...]:
        """Every asset, past and present, that covers the subject; the most specific first."""
        if subject.kind is SubjectKind.DOMAIN:
            return tuple(self._domains.get(subject.value, ()))
        address = ipaddress.ip_address(subject.value)
        found: list[Asset] = []
        for version, length in sorted(self._lengths, reverse=True):
            if version == address.version:
                host_bits = address.max_prefixlen - length
                found += self._networks.get((version, length, int(address) >> host_bits << host_bits), ())
        return tuple(found)

    def on(self, subject: Subject, day: date) -> tuple[Asset, ...]:
        """The asset that decides on that day: the most specific one; several only if they have the same name."""
        held = [asset for asset in self.of(subject) if asset.held_on(day)]
        return tuple(asset for asset in held if not held[0].is_within(asset))

    def parties(self, subject: Subject, day: date) -> tuple[str, ...]:
        """The customers concerned on that day, sorted; none when only the ESP is."""
        return tuple(sorted({party for asset in self.on(subject, day) for party in asset.parties}))

    def last_parties(self, subject: Subject, day: date) -> tuple[str, ...]:
        """Those of the last day, up to this one, on which anybody held the subject."""
        ends = [
            min(asset.until_on or day, day)
            for asset in self.of(subject)
            if asset.from_on is None or asset.from_on <= day
        ]
        return self.parties(subject, max(ends)) if ends else ()

    def turns(self, subject: Subject, since: date, until: date) -> tuple[date, ...]:
        """The days after `since`, up to `until`, on which it became somebody else's concern."""
        begins = {asset.from_on for asset in self.of(subject) if asset.from_on is not None}
        begins |= {asset.until_on + _DAY for asset in self.of(subject) if asset.until_on is not None}
        return tuple(
            day
            for day in sorted(begins)
            if since < day <= until and self.parties(subject, day - _DAY) != self.parties(subject, day)
        )

    def blocks_of(self, customer_id: str) -> Sequence[Block]:
        """Those of which any asset is or was theirs. All are put in order when it is asked first: others will ask."""
        if self._blocks is None:
            self._blocks = defaultdict(list)
            for block in self.blocks():
                for party in {party for asset in block.assets for party in asset.parties}:
                    self._blocks[party].append(block)
        return self._blocks.get(customer_id, ())

    def blocks(self) -> Iterator[Block]:
        """Everything there is, each subject in one block."""
        for assets in self._domains.values():
            yield Block(SubjectKind.DOMAIN, 1, tuple(assets))
        around: list[_Range] = []
        for (version, length, first), assets in sorted(self._networks.items(), key=_from_outside):
            while around and not around[-1].encloses(version, first):
                yield _block(around)
                around.pop()
            size = 1 << (_BITS[version] - length)
            if around:
                around[-1].rest -= size
            around.append(_Range(version, first + size - 1, size, assets))
        while around:
            yield _block(around)
            around.pop()


@dataclass(slots=True)
class _Range:
    """`rest`: how many of its addresses lie in no range within it."""

    version: int
    last: int
    rest: int
    assets: Sequence[Asset]

    def encloses(self, version: int, address: int) -> bool:
        return version == self.version and address <= self.last


def _from_outside(item: tuple[tuple[int, int, int], object]) -> tuple[int, int, int]:
    """By first address; a range before those that lie in it."""
    version, length, first = item[0]
    return version, first, length


def _block(around: Sequence[_Range]) -> Block:
    """That of the innermost range, with all those around it."""
    kind = SubjectKind.IPV4 if around[-1].version == 4 else SubjectKind.IPV6
    return Block(kind, around[-1].rest, tuple(asset for each in reversed(around) for asset in each.assets))
