"""Which of the assets that somebody wants to add are others', wholly or in part, on the same days.

Of two holdings that cover an address the more specific one decides whose it is (`Holdings.on`). So whoever adds one
address of another's range takes it away from them, and hears from then on of what happens to it.
"""

import ipaddress
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from deliverwatch.core.inventory import Asset, Holdings, kind_of
from deliverwatch.core.subjects import Subject


def held_by_others(wanted: Sequence[Asset], assets: Iterable[Asset], mine: Collection[str], today: date) -> set[str]:
    """Names of those wanted. `assets`: all on record; `mine`: customers whose own may be covered anew. One that does
    not say since when is held from today."""
    foreign = [each for each in assets if not each.parties or not set(each.parties) <= set(mine)]
    around, within = Holdings(foreign), Holdings(wanted)
    pairs = [(each, other) for each in wanted for other in around.of(_first(each))]
    pairs += [(each, other) for other in foreign for each in within.of(_first(other))]
    return {each.name for each, other in pairs if _meet(each.from_on or today, each.until_on, other)}


def _first(asset: Asset) -> Subject:
    """Of two ranges that overlap, one holds the first address of the other."""
    name = asset.name if asset.is_domain else str(ipaddress.ip_network(asset.name).network_address)
    return Subject(kind_of(asset.name), name)


def _meet(first: date, last: date | None, other: Asset) -> bool:
    return max(first, other.from_on or date.min) <= min(last or date.max, other.until_on or date.max)
