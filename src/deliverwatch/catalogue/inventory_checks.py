"""What each value of an inventory allows by itself, but not beside the others.

These checks read the tree as it came from the file and skip whatever is no address, date or id, which the schema
complains about: so that one report names both an unknown key and, in another line, two ranges that overlap.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from deliverwatch.catalogue.schema import parse_date
from deliverwatch.catalogue.strict_yaml import Mark, Place
from deliverwatch.core.errors import unknown_name
from deliverwatch.core.subjects import Network, normal_domain, parse_network

T = TypeVar("T")
Complaint = tuple[Place, str]


@dataclass(frozen=True, slots=True)
class _Holding:
    place: Place
    what: str | Network
    from_on: date | None
    until_on: date | None

    def meets(self, other: "_Holding") -> bool:
        """Whether both are held on some day."""
        first = max(self.from_on or date.min, other.from_on or date.min)
        return first <= min(self.until_on or date.max, other.until_on or date.max)

    def __str__(self) -> str:
        return str(self.what).removesuffix("/32").removesuffix("/128")


def contradictions(tree: Any, mark: Mark, known_customers: Iterable[str]) -> Iterator[Complaint]:
    customers = list(_entries(tree, "customers"))
    owners = [*_child(tree, "esp"), *customers]
    by_owner: list[tuple[str, list[_Holding]]] = []
    yield from _ids_twice(customers, mark)
    for at, owner in owners:
        yield from _ids_twice(list(_entries(owner, "pools", at)), mark)
        held = list(_holdings(at, owner))
        by_owner.append((_name_of(at, owner), held))
        yield from _backwards(held)
        for first, second in (*_same_domains(held), *_overlapping_networks(held)):
            line = mark.at(first.place).line
            if str(first) == str(second):
                yield second.place, f"{second} is held twice on the same days: it is already on line {line}"
            else:
                yield second.place, f"{second} overlaps {first} on line {line}, on the same days"
    yield from _held_by_two(by_owner, mark)
    known = {customer["id"] for _, customer in customers if isinstance(customer.get("id"), str)}
    for at, esp in _child(tree, "esp"):
        yield from _unknown_customers(at, esp, known | set(known_customers))


def _child(tree: Any, key: str) -> Iterator[tuple[Place, dict[str, Any]]]:
    if isinstance(tree, dict) and isinstance(tree.get(key), dict):
        yield (key,), tree[key]


def _entries(tree: Any, key: str, at: Place = ()) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The mappings in a list."""
    entries = tree.get(key) if isinstance(tree, dict) else None
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield (*at, key, index), entry


def _ids_twice(entries: Iterable[tuple[Place, dict[str, Any]]], mark: Mark) -> Iterator[Complaint]:
    seen: dict[str, Place] = {}
    for place, entry in entries:
        name = entry.get("id")
        if isinstance(name, str) and seen.setdefault(name, place) != place:
            line = mark.at((*seen[name], "id")).line
            yield (*place, "id"), f"the id {name!r} is already taken on line {line}"


def _holdings(at: Place, owner: dict[str, Any]) -> Iterator[_Holding]:
    for place, pool in _entries(owner, "pools", at):
        ips = pool.get("ips")
        for index, ip in enumerate(ips if isinstance(ips, list) else ()):
            entry = ip if isinstance(ip, dict) else {"ip": ip}
            network = _parsed(parse_network, entry.get("ip"))
            if network is not None:
                yield _holding((*place, "ips", index), network, pool | entry)
    for place, domain in _entries(owner, "domains", at):
        name = _parsed(normal_domain, domain.get("name"))
        if name is not None:
            yield _holding(place, name, domain)


def _holding(place: Place, what: str | Network, entry: dict[str, Any]) -> _Holding:
    return _Holding(place, what, _parsed(parse_date, entry.get("from")), _parsed(parse_date, entry.get("until")))


def _parsed(parse: Callable[[str], T], value: Any) -> T | None:
    try:
        return parse(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _backwards(held: Iterable[_Holding]) -> Iterator[Complaint]:
    for each in held:
        if each.from_on is not None and each.until_on is not None and each.from_on > each.until_on:
            dates = f"from {each.from_on} until {each.until_on}"
            yield each.place, f"{each} is held {dates}: the last day is before the first"


def _same_domains(held: Iterable[_Holding]) -> Iterator[tuple[_Holding, _Holding]]:
    seen: dict[str, list[_Holding]] = {}
    for each in held:
        if isinstance(each.what, str):
            earlier = seen.setdefault(each.what, [])
            yield from ((first, each) for first in earlier if first.meets(each))
            earlier.append(each)


def _held_by_two(by_owner: Iterable[tuple[str, list[_Holding]]], mark: Mark) -> Iterator[Complaint]:
    """A range within another holder's is allowed: the most specific decides."""
    seen: dict[str | Network, list[tuple[int, str, _Holding]]] = {}
    for number, (name, held) in enumerate(by_owner):
        for each in held:
            earlier = seen.setdefault(each.what, [])
            for other_number, other_name, other in earlier:
                if other_number != number and other.meets(each):
                    on_line = f"on line {mark.at(other.place).line} by {other_name}"
                    yield each.place, f"{each} is held by {name} and, on the same days, {on_line}: end one with 'until'"
            earlier.append((number, name, each))


def _name_of(at: Place, owner: dict[str, Any]) -> str:
    if at == ("esp",):
        return "the ESP"
    name = owner.get("id")
    return name[:80] if isinstance(name, str) else "another customer"


def _overlapping_networks(held: Iterable[_Holding]) -> Iterator[tuple[_Holding, _Holding]]:
    """Of two networks that overlap, one lies in the other; so those around the present one form a stack."""
    networks = [(each.what, each) for each in held if not isinstance(each.what, str)]
    around: list[tuple[Network, _Holding]] = []
    for network, each in sorted(networks, key=lambda pair: (pair[0].version, _first(pair[0]), pair[0].prefixlen)):
        while around and not _encloses(around[-1][0], network):
            around.pop()
        yield from ((first, each) for _, first in around if first.meets(each))
        around.append((network, each))


def _first(network: Network) -> int:
    return int(network.network_address)


def _encloses(outer: Network, inner: Network) -> bool:
    return outer.version == inner.version and _first(inner) <= int(outer.broadcast_address)


def _unknown_customers(at: Place, esp: dict[str, Any], known: set[str]) -> Iterator[Complaint]:
    pools = list(_entries(esp, "pools", at))
    ips = [entry for place, pool in pools for entry in _entries(pool, "ips", place)]
    for place, shared in (*pools, *ips, *_entries(esp, "domains", at)):
        customers = shared.get("customers")
        for index, name in enumerate(customers if isinstance(customers, list) else ()):
            if isinstance(name, str) and name not in known:
                yield (*place, "customers", index), unknown_name("customer", name, known)
