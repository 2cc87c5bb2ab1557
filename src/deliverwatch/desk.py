"""Wiring: what the desk shows, from one picture of the inventory that many pages share.

An inventory of tens of thousands of assets takes a second to load, and a page has a tenth of one: so it is kept until
its revision has grown or a day begins. Shares of mail are added up every few minutes; while one page does that, the
others show those of before, which say from when they are.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from deliverwatch.core.access import Viewer
from deliverwatch.core.events import Event
from deliverwatch.core.events_seen import as_seen
from deliverwatch.core.inventory import Asset, Customer, Holdings, Inventory
from deliverwatch.core.mail_share import MailShares
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.told_twice import Spaces, once
from deliverwatch.flows.delivery_ports import WholeStore
from deliverwatch.flows.desk_ports import MailOfDay
from deliverwatch.flows.ports import Clock

_SHARES_FOR = timedelta(minutes=5)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The inventory as it is now, in the shapes that pages ask for. Loaded again when its revision has grown, and once
    a day; `shares` of the last 24 hours, at most some minutes old (`shares_at`). `assets`: by customer, those of today,
    shared ones among them. `kinds`: of all that anybody holds today."""

    as_of: datetime
    revision: int
    inventory: Inventory
    customers: Mapping[str, Customer]
    holdings: Holdings
    assets: Mapping[str, tuple[Asset, ...]]
    shares: MailShares
    shares_at: datetime
    kinds: frozenset[SubjectKind]
    _known: dict[Subject, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)

    def parties(self, subject: Subject) -> tuple[str, ...]:
        """Today's."""
        if subject not in self._known:
            self._known[subject] = self.holdings.parties(subject, self.as_of.date())
        return self._known[subject]


class TamDesk:
    """`spaces`: see `core.told_twice`."""

    def __init__(self, store: WholeStore, clock: Clock, spaces: Spaces) -> None:
        self._store, self._clock, self._spaces = store, clock, spaces
        self._kept: Snapshot | None = None
        self._loading, self._counting = asyncio.Lock(), asyncio.Lock()

    async def snapshot(self) -> Snapshot:
        async with self._loading:
            kept = await self._current()
        if _is_fresh(kept, self._clock.now()) or self._counting.locked():
            return kept
        async with self._counting:
            return await self._count(kept)

    async def customers(self, viewer: Viewer) -> list[Customer]:
        """Those that one sees, by name."""
        customers = (await self.snapshot()).inventory.customers
        return sorted(filter(lambda each: viewer.sees(each.id), customers), key=lambda each: (each.name, each.id))

    async def mail_days(self, names: Sequence[str], since: datetime, until: datetime) -> list[MailOfDay]:
        """See `DeskStore.mail_days`."""
        return await self._store.mail_days(names, since, until, self._spaces)

    def as_seen(self, event: Event, viewer: Viewer, snapshot: Snapshot) -> Event:
        """Without what is others' to know: their ids, subjects and shares of mail."""
        if viewer.customers is None:
            return event
        return as_seen(event, viewer.customers, snapshot.holdings)

    async def _current(self) -> Snapshot:
        now, revision = self._clock.now(), await self._store.inventory_revision()
        kept = self._kept
        if kept is not None and (kept.revision, kept.as_of.date()) == (revision, now.date()):
            return kept
        inventory = await self._store.inventory()
        held, assets = await asyncio.to_thread(_in_order, inventory, now.date())
        customers = {customer.id: customer for customer in inventory.customers}
        kinds = await asyncio.to_thread(inventory.kinds_on, now.date())
        shares = await self._shares(held, now)
        self._kept = Snapshot(now, revision, inventory, customers, held, assets, shares, now, frozenset(kinds))
        return self._kept

    async def _count(self, kept: Snapshot) -> Snapshot:
        """A picture that was loaded meanwhile is the newer one."""
        now = self._clock.now()
        counted = replace(kept, shares=await self._shares(kept.holdings, now), shares_at=now)
        if self._kept is kept:
            self._kept = counted
        return self._kept or counted

    async def _shares(self, holdings: Holdings, now: datetime) -> MailShares:
        attempts = once(await self._store.attempts(now - _DAY, now), self._spaces)
        return MailShares(attempts, holdings, now.date())


def _is_fresh(kept: Snapshot, now: datetime) -> bool:
    """A clock that was set back does not keep them for longer."""
    return timedelta(0) <= now - kept.shares_at < _SHARES_FOR


def _in_order(inventory: Inventory, day: date) -> tuple[Holdings, Mapping[str, tuple[Asset, ...]]]:
    """All assets by what they cover, and those of one day by customer."""
    theirs: dict[str, list[Asset]] = defaultdict(list)
    for asset in inventory.assets:
        if asset.held_on(day):
            for party in asset.parties:
                theirs[party].append(asset)
    return inventory.holdings, {party: tuple(each) for party, each in theirs.items()}
