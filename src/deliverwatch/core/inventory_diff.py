"""What an import would change, as a value: shown with `--dry-run`, applied by the store in one transaction.

A file speaks for the customers it names, and for the ESP's own part when it has one; what it does not name is left
alone. Nothing is deleted: an asset that is gone from the file is ended with yesterday as its last day, so that its past
stays where it was. Importing the same file again changes nothing.

A file need not say since when an asset is held. Then an asset that is known keeps its first day; a new one was always
held, unless somebody (another holder, or the same one in an earlier time) is on record for any of its addresses. Then
it is held from today, since otherwise its new holder would be told of what happened to the former one.

Nor does a file say since when an asset is shared with whom. What it says counts from today; until yesterday the asset
was shared as is on record: the holding is ended, and another one added. So one entry of a file may stand for several
holdings on record, one after the other, and speaks for the last of them; those that are over stay as they are.

On one day, a name has one holder: where the record and the file together would give it two, the import is refused.
"""

import ipaddress
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import accumulate

from deliverwatch.core.errors import Fault, InventoryError
from deliverwatch.core.inventory import Asset, Customer, Inventory

_DAY = timedelta(days=1)


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
    turned = [(old, new) for old, new in changed if _is_turned(old, new, today)]
    on_record = _OnRecord(current.assets)
    change = InventoryChange(
        customers_added=tuple(customer for customer in customers if customer.id not in before),
        customers_changed=tuple(customer for customer in customers if before.get(customer.id, customer) != customer),
        assets_added=(
            *(_new(asset, on_record, today) for group in groups.values() for asset in group.wanted),
            *(replace(new, from_on=today, added_at=old.added_at) for old, new in turned),
        ),
        assets_changed=tuple((old, new) for old, new in changed if old != new and not _is_turned(old, new, today)),
        assets_ended=tuple((asset, today - _DAY) for asset in (*_left_over(groups.values(), today), *dict(turned))),
    )
    _refuse_two_holders(current, change)
    return change


def _left_over(groups: Iterable[_Group], today: date) -> Iterator[Asset]:
    return (asset for group in groups for asset in group.known if not _is_over(asset, today))


def _is_turned(known: Asset, wanted: Asset, today: date) -> bool:
    """Whether it is shared otherwise from today on, and was held before."""
    return known.shared_with != wanted.shared_with and _begins(known) < today


def _refuse_two_holders(current: Inventory, change: InventoryChange) -> None:
    """What only the record holds may be at odds with itself; what the import writes may not."""
    before = {id(old) for old, _ in change.assets_changed} | {id(old) for old, _ in change.assets_ended}
    kept = [asset for asset in current.assets if id(asset) not in before]
    kept += [replace(asset, until_on=day) for asset, day in change.assets_ended]
    written = [*change.assets_added, *(new for _, new in change.assets_changed)]
    by_name: dict[str, list[Asset]] = defaultdict(list)
    for asset in (*kept, *written):
        by_name[asset.name].append(asset)
    faults = {
        _two_holders(asset, other)
        for asset in written
        for other in by_name[asset.name]
        if other.holder != asset.holder and _meet(asset, other)
    }
    if faults:
        raise InventoryError(*sorted(faults))


def _meet(asset: Asset, other: Asset) -> bool:
    ends = (each.until_on or date.max for each in (asset, other))
    return max(_begins(asset), _begins(other)) <= min(ends)


def _two_holders(asset: Asset, other: Asset) -> Fault:
    held = f"from {max(_begins(asset), _begins(other))}" if asset.from_on or other.from_on else "always"
    return Fault(
        "",
        f"{asset.holder or 'esp'} > {asset.name}",
        f"on record it is held by {other.holder or 'esp'} on the same days ({held}): end that with 'until' before this "
        "one begins ('from')",
    )


def _matched(group: _Group, today: date) -> list[tuple[Asset, Asset]]:
    """Takes out of the group what the file and the record both know, as pairs (on record, as it shall be).

    The rules go from the surest to the weakest, each over all that the ones before have left.
    """
    group.wanted = [_less_the_past(wanted, group, today) for wanted in group.wanted]
    pairs = []
    for rule in _RULES:
        for wanted in list(group.wanted):
            fitting = (known for known in group.known if rule(wanted, known, today))
            known = max(fitting, key=_begins, default=None)
            if known is not None:
                pairs.append((known, _kept(wanted, known, today)))
                group.wanted.remove(wanted)
                group.known.remove(known)
    return pairs


def _less_the_past(wanted: Asset, group: _Group, today: date) -> Asset:
    """Without the time for which other holdings are on record that are over and that no other entry is about."""
    others = [other for other in group.wanted if other is not wanted]
    past = [
        known.until_on
        for known in group.known
        if known.until_on is not None
        and known.until_on < min(today, wanted.until_on or today)
        and _meet(known, wanted)
        and not any(_meet(known, other) for other in others)
    ]
    return replace(wanted, from_on=max(past) + _DAY) if past and wanted.from_on is not None else wanted


def _kept(wanted: Asset, known: Asset, today: date) -> Asset:
    if _is_over(wanted, today):
        wanted = replace(wanted, shared_with=known.shared_with)
    return _since(wanted, known)


def _since(wanted: Asset, known: Asset) -> Asset:
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
    return known.held_on(today) and _begins(wanted) <= today and _meet(_since(wanted, known), known)


def _same_past(wanted: Asset, known: Asset, today: date) -> bool:
    """With other days than were on record."""
    return _is_over(wanted, today) and _meet(wanted, known)


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
