"""The customers of an ESP and what they send from, read from a YAML or CSV file and written back as YAML.

An asset is an address, a range, or a domain. It is held by a customer, or by the ESP itself, which shares it with
customers; from a day until a day, both included. What a pool says counts for each of its addresses that says nothing
else: `ips` takes `192.0.2.10` as well as `{ip: 192.0.2.10, from: 2026-03-01}`.

A file is read whole or not at all, and every fault in it is named. Within one holder, nothing may be held twice on the
same day. Between two, one may hold a part of what the other holds (a shared pool, and the customer who was given one
address of it): the most specific decides. The very same address, range or domain has one holder on each day.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from deliverwatch.catalogue.inventory_checks import contradictions
from deliverwatch.catalogue.inventory_csv import load_csv
from deliverwatch.catalogue.inventory_export import export_inventory
from deliverwatch.catalogue.reading import INVENTORY_LIMIT
from deliverwatch.catalogue.schema import IsoDate, Strict, Text, check, choice, fault_at, in_file_order
from deliverwatch.catalogue.strict_yaml import load_yaml
from deliverwatch.core.errors import InventoryError
from deliverwatch.core.inventory import Asset, Customer, Language, ServiceZone, Tam
from deliverwatch.core.mailbox import parse_mailbox
from deliverwatch.core.subjects import DomainRole, normal_domain, parse_network

__all__ = ["WantedInventory", "export_inventory", "read_inventory"]

_ID = re.compile(r"[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?")
ESP = "esp"


@dataclass(frozen=True, slots=True)
class WantedInventory:
    """What a file says. `has_esp`: it speaks of the ESP's own assets, too."""

    customers: tuple[Customer, ...]
    assets: tuple[Asset, ...]
    has_esp: bool


def inventory_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not an id: expected lower-case letters, digits, '.', '_' and '-'")
    if text == ESP:
        raise ValueError(f"{text!r} is the ESP itself: choose another id")
    return text


def network_name(text: str) -> str:
    network = parse_network(text)
    return str(network.network_address) if network.num_addresses == 1 else str(network)


InventoryId = Annotated[Text, AfterValidator(inventory_id)]
_Mailbox = Annotated[Text, AfterValidator(parse_mailbox)]
_Subaccount = Annotated[Text, BeforeValidator(lambda value: str(value) if type(value) is int else value)]


class _Held(Strict):
    """What any asset may carry."""

    from_: IsoDate | None = Field(default=None, alias="from")
    until: IsoDate | None = None
    network_owner: Text | None = None


class Pooled(_Held):
    """What a pool may say for all its addresses, and an address for itself."""

    stream: Text | None = None
    subaccounts: list[_Subaccount] | None = None


def _ip_entry(value: Any) -> Any:
    if isinstance(value, str):
        return {"ip": value}
    if not isinstance(value, dict):
        raise ValueError("expected an address or range, in quotes where it looks like a number")
    return value


class _Ip(Pooled):
    ip: Annotated[Text, AfterValidator(network_name)]


class _Pool(Pooled):
    id: InventoryId
    ips: list[Annotated[_Ip, BeforeValidator(_ip_entry)]]


class _Domain(_Held):
    name: Annotated[Text, AfterValidator(normal_domain)]
    roles: list[Annotated[DomainRole, choice(DomainRole)]]
    dkim_selectors: list[Text] = Field(default_factory=list)


class _SharedIp(_Ip):
    customers: list[InventoryId] | None = None


class _SharedPool(Pooled):
    id: InventoryId
    customers: list[InventoryId] | None = None
    ips: list[Annotated[_SharedIp, BeforeValidator(_ip_entry)]]


class _SharedDomain(_Domain):
    customers: list[InventoryId] | None = None


class _Esp(Strict):
    pools: list[_SharedPool] = Field(default_factory=list)
    domains: list[_SharedDomain] = Field(default_factory=list)


class _Tam(Strict):
    name: Text
    email: _Mailbox
    phone: Text | None = None


class _Report(Strict):
    enabled: bool = True


class CustomerData(Strict):
    """Its own, without what it holds."""

    name: Text
    service_time_zone: Annotated[ServiceZone, choice(ServiceZone)]
    language: Annotated[Language, choice(Language)] = Language.EN
    tam: _Tam
    contacts: list[_Mailbox] = Field(default_factory=list)
    report: _Report = Field(default_factory=_Report)

    def customer(self, id_: str) -> Customer:
        return Customer(
            id=id_,
            name=self.name,
            service_time_zone=self.service_time_zone,
            tam=Tam(self.tam.name, self.tam.email, self.tam.phone),
            contacts=tuple(dict.fromkeys(self.contacts)),
            language=self.language,
            report_enabled=self.report.enabled,
        )


class _Customer(CustomerData):
    id: InventoryId
    pools: list[_Pool] = Field(default_factory=list)
    domains: list[_Domain] = Field(default_factory=list)


class _File(Strict):
    esp: _Esp | None = None
    customers: list[_Customer] = Field(default_factory=list)


def read_inventory(path: Path, known_customers: Iterable[str] = ()) -> WantedInventory:
    """`known_customers`: ids that the ESP's part may name though the file does not. Raises InventoryError."""
    document = load_csv(path) if path.suffix.lower() == ".csv" else load_yaml(path, INVENTORY_LIMIT)
    if document.value is None:
        raise InventoryError(*document.faults)
    model, faults = check(_File, document.value, document.mark)
    faults += document.faults
    for place, problem in contradictions(document.value, document.mark, known_customers):
        faults.append(fault_at(document.mark, document.value, place, problem))
    if faults or model is None:
        raise InventoryError(*in_file_order(faults))
    customers = tuple(customer.customer(customer.id) for customer in model.customers)
    return WantedInventory(customers, tuple(_assets(model)), model.esp is not None)


def _assets(file: _File) -> Iterator[Asset]:
    if file.esp is not None:
        yield from _holdings(file.esp.pools, file.esp.domains, None)
    for customer in file.customers:
        yield from _holdings(customer.pools, customer.domains, customer.id)


def _holdings(pools: Iterable[_Pool | _SharedPool], domains: Iterable[_Domain], holder: str | None) -> Iterator[Asset]:
    for pool in pools:
        yield from (_in_pool(pool, ip, holder) for ip in pool.ips)
    yield from (_domain(domain, holder) for domain in domains)


def _in_pool(pool: _Pool | _SharedPool, ip: _Ip, holder: str | None) -> Asset:
    def said(key: str) -> Any:
        own = getattr(ip, key, None)
        return own if own is not None else getattr(pool, key, None)

    return Asset(
        name=ip.ip,
        holder=holder,
        shared_with=_shared_with(said("customers")),
        pool=pool.id,
        stream=said("stream"),
        subaccounts=tuple(said("subaccounts") or ()),
        network_owner=said("network_owner"),
        from_on=said("from_"),
        until_on=said("until"),
    )


def _domain(domain: _Domain, holder: str | None) -> Asset:
    return Asset(
        name=domain.name,
        holder=holder,
        shared_with=_shared_with(domain.customers if isinstance(domain, _SharedDomain) else None),
        roles=tuple(dict.fromkeys(domain.roles)),
        dkim_selectors=tuple(domain.dkim_selectors),
        network_owner=domain.network_owner,
        from_on=domain.from_,
        until_on=domain.until,
    )


def _shared_with(customers: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(sorted(set(customers or ())))
