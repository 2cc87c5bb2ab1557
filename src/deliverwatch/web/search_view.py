"""What is found for a few words, over all that one may see: customers, assets, what is kept of them, lists, alerts.

An address finds the range that holds it. What is not found is not there, or not for this viewer to know: the answer is
the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from itertools import islice
from typing import TypeVar

from deliverwatch.app import App
from deliverwatch.core.access import Viewer
from deliverwatch.core.block import Episode
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.desk.listings_seen import listings_of_these
from deliverwatch.core.inventory import Asset, Customer
from deliverwatch.core.listing import Listing
from deliverwatch.core.subjects import parse_subject
from deliverwatch.desk import Snapshot
from deliverwatch.flows.desk_ports import DraftHead, ReportHead
from deliverwatch.web.alerts_seen import AlertsSeen
from deliverwatch.web.customers_seen import customers_seen
from deliverwatch.web.pages.customers import matches

LEAST = 2
"""Of one letter there would be too much to find."""
_MOST = 10
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class FoundAsset:
    asset: Asset
    customers: tuple[Customer, ...]


@dataclass(frozen=True, slots=True)
class FoundAlert:
    number: int
    title: str


@dataclass(frozen=True, slots=True)
class Finds:
    """A few of each; `Finds()`: nothing was sought, or nothing found."""

    customers: tuple[Customer, ...] = ()
    assets: tuple[FoundAsset, ...] = ()
    listings: tuple[Listing, ...] = ()
    episodes: tuple[Episode, ...] = ()
    drafts: tuple[DraftHead, ...] = ()
    reports: tuple[ReportHead, ...] = ()
    lists: tuple[Blocklist, ...] = ()
    alerts: tuple[FoundAlert, ...] = ()

    @property
    def count(self) -> int:
        return sum(len(getattr(self, each.name)) for each in fields(self))


async def find(app: App, viewer: Viewer, words: str) -> Finds:
    if len(words) < LEAST:
        return Finds()
    snapshot = await app.desk.snapshot()
    kept = await app.store.search(words, viewer.customers, _MOST)
    seen = AlertsSeen(app, viewer, snapshot)
    listings = listings_of_these(viewer.customers, snapshot.holdings, kept.listings, app.clock.now())
    return Finds(
        customers=_few(each for each in await app.desk.customers(viewer) if matches(each, words)),
        assets=_few(_assets(words, viewer, snapshot)),
        listings=tuple(each.listing for each in listings),
        episodes=kept.episodes,
        drafts=kept.drafts,
        reports=kept.reports,
        lists=_few(each for each in app.catalogue.all if _is_named(each, words.casefold())),
        alerts=tuple(FoundAlert(each.id, seen.title(each.event)) for each in kept.events),
    )


def _few(found: Iterable[_Found]) -> tuple[_Found, ...]:
    return tuple(islice(found, _MOST))


def _assets(words: str, viewer: Viewer, snapshot: Snapshot) -> Iterator[FoundAsset]:
    """Those that hold an address come first."""
    day, found = snapshot.as_of.date(), dict.fromkeys(_holding(words, snapshot))
    found |= dict.fromkeys(_begun(words.casefold(), viewer, snapshot))
    for asset in found:
        if asset.held_on(day) and (viewer.sees_all or viewer.sees_any(asset.parties)):
            yield FoundAsset(asset, customers_seen(snapshot, viewer, asset.parties))


def _holding(words: str, snapshot: Snapshot) -> tuple[Asset, ...]:
    try:
        return snapshot.holdings.on(parse_subject(words), snapshot.as_of.date())
    except ValueError:  # no address or domain
        return ()


def _begun(sought: str, viewer: Viewer, snapshot: Snapshot) -> Iterator[Asset]:
    if viewer.customers is None:
        within: Iterable[Asset] = snapshot.inventory.assets
    else:
        within = (asset for id_ in sorted(viewer.customers) for asset in snapshot.assets.get(id_, ()))
    return (each for each in within if each.name.startswith(sought) or (each.pool or "").casefold().startswith(sought))


def _is_named(blocklist: Blocklist, sought: str) -> bool:
    return sought in blocklist.name.casefold() or sought in blocklist.id or sought in (blocklist.zone or "")
