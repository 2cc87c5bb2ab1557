"""What a customer sends from, asset by asset, and how each stands now.

An asset is a line, a range is one line however many addresses it has. What is open on a subject stands at the asset
that decides for it today (`core.inventory`), and only what is the customer's to see comes in here. Beside it stands how
many of the important lists could be believed in their last round: an asset without a listing is "clear" on those alone.
"""

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from deliverwatch.core.block import Episode
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.inventory import Asset, Holdings, kind_of
from deliverwatch.core.practice_standing import can_tell, vouches
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.week_listings import ReportedListing

_Found = TypeVar("_Found", ReportedListing, Episode)


@dataclass(frozen=True, slots=True)
class Vouched:
    """Of one kind of subject: of the `of` important lists that are on and can tell of it, `verified` were verified in
    their last round. `of` 0: none watches it."""

    verified: int
    of: int

    @property
    def all(self) -> bool:
        return 0 < self.of == self.verified


@dataclass(frozen=True, slots=True)
class AssetLine:
    """`addresses`: how many the range has; None: a domain."""

    asset: Asset
    kind: SubjectKind
    addresses: int | None
    listings: tuple[ReportedListing, ...]
    episodes: tuple[Episode, ...]
    vouched: Vouched

    @property
    def shared(self) -> bool:
        return self.asset.holder is None

    @property
    def leading(self) -> int:
        """Open listings on lists that lead."""
        return sum(each.leads for each in self.listings)


def vouched_for(leading: Iterable[Blocklist], cycles: Mapping[str, Cycle], at: datetime) -> dict[SubjectKind, Vouched]:
    """`leading`: the lists that lead and are on. `cycles`: the newest of each."""
    leading, found = list(leading), {}
    for kind in SubjectKind:
        able = [each.id for each in leading if can_tell(each, kind)]
        told = sum(id_ in cycles and vouches(cycles[id_], kind, at) for id_ in able)
        found[kind] = Vouched(told, len(able))
    return found


def asset_lines(
    customer: str,
    assets: Sequence[Asset],
    holdings: Holdings,
    listings: Iterable[ReportedListing],
    episodes: Iterable[Episode],
    known: Mapping[SubjectKind, Vouched],
    now: datetime,
) -> list[AssetLine]:
    """`assets`: theirs of today. `listings`, `episodes`: those that are open, as they may see them. Worst first."""
    listed, refused = _by_asset(customer, listings, holdings, now), _by_asset(customer, episodes, holdings, now)
    lines = [
        AssetLine(
            asset,
            kind_of(asset.name),
            None if asset.is_domain else ipaddress.ip_network(asset.name).num_addresses,
            tuple(listed.get(asset, ())),
            tuple(refused.get(asset, ())),
            known[kind_of(asset.name)],
        )
        for asset in assets
    ]
    return sorted(lines, key=_worst_first)


def _by_asset(
    customer: str, found: Iterable[_Found], holdings: Holdings, now: datetime
) -> Mapping[Asset, Sequence[_Found]]:
    deciding: dict[Asset, list[_Found]] = defaultdict(list)
    for each in found:
        for asset in holdings.on(each.subject, now.date()):
            if customer in asset.parties:
                deciding[asset].append(each)
    return deciding


def _worst_first(line: AssetLine) -> tuple[object, ...]:
    """Then by pool; addresses by number, domains by name."""
    asset = line.asset
    return not line.leading, not line.episodes, not line.listings, asset.is_domain, asset.pool or "", _number(asset)


def _number(asset: Asset) -> tuple[int, int, str]:
    if asset.is_domain:
        return 0, 0, asset.name
    network = ipaddress.ip_network(asset.name)
    return network.version, int(network.network_address), asset.name
