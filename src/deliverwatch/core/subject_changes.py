"""Changes to what one customer holds, row by row, as the whole that an import would have read.

A row adds a subject (or tells one otherwise that is held), ends it with a last day, or removes it, which ends it with
yesterday: nothing is deleted. All rows are made or none, and each fault is named with its row. What becomes of the
record is then planned like any import (`core.inventory_diff`).
"""

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from deliverwatch.core.errors import Fault, InventoryError
from deliverwatch.core.inventory import Asset


class Change(StrEnum):
    ADD = "add"
    END = "end"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """`asset`: of ADD all that is told of it; of END its name and last day, of REMOVE its name."""

    change: Change
    asset: Asset


def wanted_assets(held: Iterable[Asset], rows: Sequence[SubjectRow], today: date) -> list[Asset]:
    """`held`: what the customer holds itself and has not ended. Raises InventoryError with a place "row N" each."""
    wanted: dict[str, list[Asset]] = defaultdict(list)
    for asset in held:
        wanted[asset.name].append(asset)
    faults = list(_twice(rows))
    for number, row in enumerate(rows):
        problem = _problem(row, wanted)
        if problem is not None:
            faults.append(_fault(number, problem))
        else:
            _change(wanted, row, today)
    after = [asset for assets in wanted.values() for asset in assets]
    faults += _overlaps(after, {row.asset.name: number for number, row in enumerate(rows)})
    if faults:
        raise InventoryError(*faults)
    return after


def by_row(faults: Iterable[Fault], rows: Sequence[SubjectRow]) -> list[Fault]:
    """Faults of the plan name their asset ("acme > 192.0.2.10"): here, the row that it came from."""
    numbers = {row.asset.name: number for number, row in enumerate(rows)}
    named = ((fault, fault.place.rpartition(" > ")[2]) for fault in faults)
    return [_fault(numbers[name], fault.problem) if name in numbers else fault for fault, name in named]


def _fault(number: int, problem: str) -> Fault:
    return Fault("", f"body.changes.{number}", problem)


def _twice(rows: Sequence[SubjectRow]) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for number, row in enumerate(rows):
        first = seen.setdefault(row.asset.name, number)
        if first != number:
            yield _fault(number, f"{row.asset.name} stands in row {first} already: expected one row for each")


def _problem(row: SubjectRow, wanted: Mapping[str, Sequence[Asset]]) -> str | None:
    asset = row.asset
    if row.change is not Change.ADD:
        return None if wanted.get(asset.name) else f"{asset.name} is not held: there is nothing to {row.change}"
    if asset.is_domain and not asset.roles:
        return "a domain has roles: expected some of from, envelope, dkim, link, helo"
    if not asset.is_domain and asset.pool is None:
        return "an address or range is in a pool: expected its id"
    if asset.from_on is not None and asset.until_on is not None and asset.until_on < asset.from_on:
        return f"{asset.name} is held from {asset.from_on} until {asset.until_on}: the last day is before the first"
    return None


def _change(wanted: dict[str, list[Asset]], row: SubjectRow, today: date) -> None:
    name = row.asset.name
    match row.change:
        case Change.ADD:
            wanted[name] = [row.asset]
        case Change.REMOVE:
            wanted[name] = []
        case Change.END:
            wanted[name] = [replace(each, until_on=row.asset.until_on or today) for each in wanted[name]]


def _overlaps(assets: Sequence[Asset], numbers: Mapping[str, int]) -> Iterator[Fault]:
    """Within one holder nothing is held twice on one day; told of what a row changed."""
    by_network: dict[tuple[int, int, int], list[Asset]] = defaultdict(list)
    for asset in assets:
        if not asset.is_domain:
            network = ipaddress.ip_network(asset.name)
            by_network[network.version, network.prefixlen, int(network.network_address)].append(asset)
    lengths = sorted({(version, length) for version, length, _ in by_network})
    for (version, length, first), inner in by_network.items():
        bits = 32 if version == 4 else 128
        for around in (each for other, each in lengths if other == version and each < length):
            outer = by_network.get((version, around, first >> (bits - around) << (bits - around)), ())
            yield from _met(inner, outer, numbers)


def _met(inner: Iterable[Asset], outer: Sequence[Asset], numbers: Mapping[str, int]) -> Iterator[Fault]:
    for one in inner:
        for other in outer:
            number = numbers.get(one.name, numbers.get(other.name))
            if number is not None and _meet(one, other):
                yield _fault(number, f"{one.name} overlaps {other.name}, on the same days")


def _meet(one: Asset, other: Asset) -> bool:
    first = max(one.from_on or date.min, other.from_on or date.min)
    return first <= min(one.until_on or date.max, other.until_on or date.max)
