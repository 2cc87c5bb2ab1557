"""What an import would change, as a value: shown with `--dry-run`, applied by the store in one transaction.

A file speaks for the customers it names, and for the ESP's own part when it has one; what it does not name is left
alone. Nothing is deleted: an asset that is gone from the file is ended with yesterday as its last day, so that its past
stays where it was. Importing the same file again changes nothing.

A file need not say since when an asset is held. Then an asset that is known keeps its first day; a new one was always
held, unless somebody (another holder, or the same one in an earlier time) is on record for any of its addresses. Then
it is held from today, since otherwise its new holder would be told of what happened to the former one.
"""

import ipaddress
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import accumulate

from deliverwatch.core.inventory import Asset, Customer, Inventory


@dataclass(frozen=True, slots=True)
class InventoryChange:
    """What an import would do. An asset that is gone from the file is ended, never deleted: its past is kept."""

    customers_added: tuple[Customer, ...] = ()
    customers_changed: tuple[Customer, ...] = ()
    assets_added: tuple[Asset, ...] = ()
    assets_changed: tuple[tuple[Asset, Asset], ...] = ()
    assets_ended: tuple[tuple[Asset, date], ...] = ()

    def __bool__(self) -> bool:
        return any(
            (self.customers_added, self.customers_changed, self.assets_added, self.assets_changed, self.assets_ended)
        )


@dataclass(slots=True)
class _Group:
    """All there is about one name with one holder: what is on record, and what the file wants."""

    known: list[Asset] = field(default_factory=list)
    wanted: list[Asset] = field(default_factory=list)


def plan_import(
    current: Inventory, customers: Iterable[Customer], assets: Iterable[Asset], has_esp: bool, today: date
) -> InventoryChange:
    """`current` with ended assets included; `today` in UTC."""
    customers, before = tuple(customers), {customer.id: customer for customer in current.customers}
    holders = {customer.id for customer in customers} | ({None} if has_esp else set())
    groups: dict[tuple[str | None, str], _Group] = defaultdict(_Group)
    for asset in current.assets:
        if asset.holder in holders:
            groups[asset.holder, asset.name].known.append(asset)
    for asset in assets:
        groups[asset.holder, asset.name].wanted.append(asset)
    changed = [pair for group in groups.values() for pair in _matched(group, today)]
    on_record = _OnRecord(current.assets)
    return InventoryChange(
        customers_added=tuple(customer for customer in customers if customer.id not in before),
        customers_changed=tuple(customer for customer in customers if before.get(customer.id, customer) != customer),
        assets_added=tuple(_new(asset, on_record, today) for group in groups.values() for asset in group.wanted),
        assets_changed=tuple((old, new) for old, new in changed if old != new),
        assets_ended=tuple(
            (asset, today - timedelta(days=1))
            for group in groups.values()
            for asset in group.known
            if not _is_over(asset, today)
        ),
    )


def _matched(group: _Group, today: date) -> list[tuple[Asset, Asset]]:
    """Takes out of the group what the file and the record both know, as pairs (on record, as it shall be).

    The rules go from the surest to the weakest, each over all that the ones before have left.
    """
    pairs = []
    for rule in _RULES:
        for wanted in list(group.wanted):
            known = next((known for known in group.known if rule(wanted, known, today)), None)
            if known is not None:
                pairs.append((known, _kept(wanted, known)))
                group.wanted.remove(wanted)
                group.known.remove(known)
    return pairs


def _kept(wanted: Asset, known: Asset) -> Asset:
    return wanted if wanted.from_on is not None else replace(wanted, from_on=known.from_on)


def _begins(asset: Asset) -> date:
    return asset.from_on or date.min


def _is_over(asset: Asset, today: date) -> bool:
    return asset.until_on is not None and asset.until_on < today


def _same(wanted: Asset, known: Asset, _: date) -> bool:
    return wanted == known


def _same_end(wanted: Asset, known: Asset, today: date) -> bool:
    return wanted.from_on is None and wanted.until_on == known.until_on and _begins(known) <= today


def _same_begin(wanted: Asset, known: Asset, _: date) -> bool:
    return wanted.from_on is not None and wanted.from_on == known.from_on


def _same_present(wanted: Asset, known: Asset, today: date) -> bool:
    """The holding of today, told differently; not one that begins only later, which is another holding."""
    if not known.held_on(today) or _begins(wanted) > today:
        return False
    return wanted.until_on is None or _begins(_kept(wanted, known)) <= wanted.until_on


def _same_past(wanted: Asset, known: Asset, today: date) -> bool:
    return _is_over(wanted, today) and _is_over(known, today) and wanted.from_on == known.from_on


_RULES: tuple[Callable[[Asset, Asset, date], bool], ...] = (_same, _same_end, _same_begin, _same_present, _same_past)


def _new(asset: Asset, on_record: "_OnRecord", today: date) -> Asset:
    if asset.from_on is not None or _is_over(asset, today) or asset not in on_record:
        return asset
    return replace(asset, from_on=today)


class _OnRecord:
    """Whether an asset shares an address or its name with any of those given."""

    def __init__(self, assets: Iterable[Asset]) -> None:
        spans = sorted(_span(asset) for asset in assets if not asset.is_domain)
        self._names = {asset.name for asset in assets if asset.is_domain}
        self._firsts = [(version, first) for version, first, _ in spans]
        self._lasts = list(accumulate(((version, last) for version, _, last in spans), max))

    def __contains__(self, asset: Asset) -> bool:
        if asset.is_domain:
            return asset.name in self._names
        version, first, last = _span(asset)
        beginning_before = bisect_right(self._firsts, (version, last))
        return beginning_before > 0 and self._lasts[beginning_before - 1] >= (version, first)


def _span(asset: Asset) -> tuple[int, int, int]:
    network = ipaddress.ip_network(asset.name)
    return network.version, int(network.network_address), int(network.broadcast_address)
