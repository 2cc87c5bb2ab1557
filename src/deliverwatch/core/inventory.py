"""Who holds what, and since when.

Every asset (an address, a range, a domain) belongs to a customer or to the ESP itself, from a day to a day, both
included, counted in UTC. The ESP may share its own (a pool, a link domain) with customers. A listing belongs to the
asset; which customer sees it follows from who held or shared the asset while it was open. One customer never learns
of another from it.
"""

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from deliverwatch.core.subjects import DomainRole, Subject, SubjectKind, expand, looks_like_address


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


@dataclass(frozen=True, slots=True)
class Inventory:
    """All customers and assets, ended ones included."""

    customers: tuple[Customer, ...] = ()
    assets: tuple[Asset, ...] = ()

    def customer(self, customer_id: str) -> Customer | None:
        return next((customer for customer in self.customers if customer.id == customer_id), None)

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
        return tuple(asset for asset in self.of(subject) if asset.held_on(day))

    def parties(self, subject: Subject, day: date) -> tuple[str, ...]:
        """The customers concerned on that day, sorted; none when only the ESP is."""
        return tuple(sorted({party for asset in self.on(subject, day) for party in asset.parties}))
