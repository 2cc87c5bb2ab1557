"""What a sending platform says it sends from, and how that differs from the inventory.

The platform knows pools and subaccounts, the inventory knows customers; the two meet where a pool of the inventory has
the platform's name for it, or carries the platform's `subaccounts`. An address or domain of the platform that nobody
holds today is given to the holder of its pool or subaccount; without one it is named as unmapped, and nobody is made
up. An address that has left its pool ends there; only pools that the platform knows are compared, since the inventory
also holds what other MTAs send from. A domain is never ended: the platform is not the only place to use it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from deliverwatch.core.inventory import Asset, Holdings, Inventory
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.subjects import DomainRole, parse_subject

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PlatformIp:
    """`pool`: the id of its pool; None: in none. `warmup_stage`: of the platform's own automatic warm-up, which holds
    the volume back; None: it is off."""

    address: str
    pool: str | None = None
    warmup_stage: int | None = None


@dataclass(frozen=True, slots=True)
class PlatformPool:
    """`overflow`: the id of the pool that takes what is too much while IPs of this one are warmed up; None: none does,
    and they carry it themselves."""

    id: str
    name: str
    overflow: str | None = None


@dataclass(frozen=True, slots=True)
class PlatformSubaccount:
    id: str
    name: str
    status: str


@dataclass(frozen=True, slots=True)
class PlatformDomain:
    """`subaccount` None: of the main account."""

    name: str
    roles: tuple[DomainRole, ...]
    subaccount: str | None = None


@dataclass(frozen=True, slots=True)
class PlatformSnapshot:
    """All of it at one time. Addresses and domains are in their normal form."""

    platform: str
    read_at: datetime
    ips: tuple[PlatformIp, ...] = ()
    pools: tuple[PlatformPool, ...] = ()
    subaccounts: tuple[PlatformSubaccount, ...] = ()
    domains: tuple[PlatformDomain, ...] = ()


@dataclass(frozen=True, slots=True)
class PlatformDifference:
    """`change`: what the inventory would have to become. `unmapped`: what has no customer, as sentences."""

    change: InventoryChange
    unmapped: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.change) or bool(self.unmapped)


def difference(inventory: Inventory, snapshot: PlatformSnapshot, today: date) -> PlatformDifference:
    held = [asset for asset in inventory.assets if asset.held_on(today)]
    names = {pool.id: {pool.id, pool.name} for pool in snapshot.pools}
    of_pool, of_subaccount = _by_pool(held), _by_subaccount(held)
    ended = _left(held, snapshot, names)
    gone = {asset.name for asset in ended}
    holdings = Holdings(held)
    added: list[Asset] = []
    unmapped: list[str] = []
    for ip in snapshot.ips:
        if ip.address not in gone and holdings.of(parse_subject(ip.address)):
            continue
        like = next((of_pool[name] for name in names.get(ip.pool or "", ()) if name in of_pool), None)
        if like is None:
            unmapped.append(f"{ip.address}: no customer has the pool {ip.pool or '(none)'}")
        else:
            added.append(replace(like, name=ip.address, network_owner=None, from_on=today, until_on=None))
    more, nobodys = _domains(snapshot, holdings, of_subaccount, today)
    change = InventoryChange(assets_added=(*added, *more), assets_ended=tuple((asset, today - _DAY) for asset in ended))
    return PlatformDifference(change, (*unmapped, *nobodys))


def _by_pool(assets: Iterable[Asset]) -> dict[str, Asset]:
    """One asset of each pool, to take its holder from."""
    return {asset.pool: asset for asset in assets if asset.pool is not None and not asset.is_domain}


def _by_subaccount(assets: Iterable[Asset]) -> dict[str, str | None]:
    """Whose a subaccount is; None: several customers', so nobody's that could be said."""
    holders: dict[str, set[str]] = defaultdict(set)
    for asset in assets:
        for subaccount in asset.subaccounts:
            holders[subaccount] |= set(asset.parties)
    return {subaccount: next(iter(parties)) if len(parties) == 1 else None for subaccount, parties in holders.items()}


def _left(held: Iterable[Asset], snapshot: PlatformSnapshot, names: Mapping[str, set[str]]) -> list[Asset]:
    """Single addresses that are in a pool of the platform here, and not there."""
    pools = {name for each in names.values() for name in each}
    where = {ip.address: names.get(ip.pool or "", set()) for ip in snapshot.ips}
    return [
        asset
        for asset in held
        if asset.pool in pools
        and not asset.is_domain
        and "/" not in asset.name
        and asset.pool not in where.get(asset.name, set())
    ]


def _domains(
    snapshot: PlatformSnapshot, holdings: Holdings, of_subaccount: Mapping[str, str | None], today: date
) -> tuple[list[Asset], list[str]]:
    added, unmapped = [], []
    for domain in snapshot.domains:
        if holdings.of(parse_subject(domain.name)):
            continue
        holder = of_subaccount.get(domain.subaccount or "")
        if holder is None:
            unmapped.append(
                f"{domain.name}: no one customer has the subaccount {domain.subaccount or '(main account)'}"
            )
        else:
            added.append(Asset(domain.name, holder, roles=domain.roles, from_on=today))
    return added, unmapped


def to_facts(snapshot: PlatformSnapshot) -> dict[str, Any]:
    """JSON values, for the store."""
    return {
        "platform": snapshot.platform,
        "read_at": snapshot.read_at.isoformat(),
        "ips": [[ip.address, ip.pool, ip.warmup_stage] for ip in snapshot.ips],
        "pools": [[pool.id, pool.name, pool.overflow] for pool in snapshot.pools],
        "subaccounts": [[each.id, each.name, each.status] for each in snapshot.subaccounts],
        "domains": [[domain.name, list(domain.roles), domain.subaccount] for domain in snapshot.domains],
    }


def from_facts(facts: Mapping[str, Any]) -> PlatformSnapshot:
    return PlatformSnapshot(
        facts["platform"],
        datetime.fromisoformat(facts["read_at"]),
        tuple(PlatformIp(*each) for each in facts["ips"]),
        tuple(PlatformPool(*each) for each in facts["pools"]),
        tuple(PlatformSubaccount(*each) for each in facts["subaccounts"]),
        tuple(
            PlatformDomain(name, tuple(DomainRole(role) for role in roles), subaccount)
            for name, roles, subaccount in facts["domains"]
        ),
    )
