"""What the pages of one customer have in common: who it is, who asks, and what is open, as that customer may know it.

Whoever looks, these pages tell of a shared sender what the customer may be told of it, and of no other customer: a page
is shown in meetings and sent on. Where somebody who sees all needs the whole, it stands on the pages of lists, alerts
and warm-ups.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from fastapi import Request

from deliverwatch.app import App
from deliverwatch.core.access import Viewer
from deliverwatch.core.block import Episode
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Span
from deliverwatch.core.episodes_seen import episodes_held_by
from deliverwatch.core.inventory import Asset, Customer
from deliverwatch.core.listing import Listing
from deliverwatch.core.subjects import Subject
from deliverwatch.core.week_listings import ReportedListing, reported_listings
from deliverwatch.desk import Snapshot
from deliverwatch.flows.desk_ports import Place
from deliverwatch.web.doors import house, not_found
from deliverwatch.web.draft_names import Causes

_AT_ONCE = 1_000
EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class CustomerDesk:
    """`own`: who asks, bounded to this customer."""

    app: App
    viewer: Viewer
    customer: Customer
    snapshot: Snapshot
    now: datetime

    @cached_property
    def own(self) -> Viewer:
        return replace(self.viewer, customers=frozenset({self.customer.id}))

    @cached_property
    def names(self) -> Causes:
        return Causes(self.app)

    @cached_property
    def blocklists(self) -> Mapping[str, Blocklist]:
        return {each.id: each for each in self.app.catalogue.all}

    @property
    def leading(self) -> Sequence[Blocklist]:
        """The lists that matter and are on."""
        return [each for each in self.app.catalogue.live if each.leads and each.accuses]

    @cached_property
    def provider_names(self) -> Mapping[str, str]:
        return {id_: each.name for id_, each in self.app.providers.items()}

    @property
    def assets(self) -> tuple[Asset, ...]:
        """Of today."""
        return self.snapshot.assets.get(self.customer.id, ())

    @property
    def only(self) -> frozenset[str]:
        """For the store."""
        return frozenset({self.customer.id})

    async def listings(self, since: datetime | None = None) -> list[ReportedListing]:
        """Worst first; those that are open where no `since` is given, else those that were then or later."""
        found: list[Listing] = []
        while len(found) % _AT_ONCE == 0:
            more = await self.app.store.listings_of(
                self.only, open_only=since is None, since=since, before=_last(found), limit=_AT_ONCE
            )
            found += more
            if not more:
                break
        covered = Span(since or EVER, self.now)
        seen = reported_listings(self.customer.id, self.snapshot.holdings, found, self.blocklists, covered)
        return [each for each in seen if since is not None or each.closed_at is None]

    async def episodes(self, since: datetime | None = None) -> list[Episode]:
        """Newest first; as `listings`."""
        found: list[Episode] = []
        while len(found) % _AT_ONCE == 0:
            more = await self.app.store.episodes_of(
                self.only, open_only=since is None, since=since, before=_last(found), limit=_AT_ONCE
            )
            found += more
            if not more:
                break
        return episodes_held_by(self.customer.id, self.snapshot.holdings, found, self.now)

    def is_shared(self, subject: Subject) -> bool:
        """Whether it is others' concern today, too."""
        return self.snapshot.parties(subject) != (self.customer.id,)

    def share(self, subject: Subject) -> float | None:
        """Of the customer's mail of the last 24 hours; None: not measured, or not theirs alone to know."""
        return None if self.is_shared(subject) else self.snapshot.shares.of(subject)


def _last(found: Sequence[Listing] | Sequence[Episode]) -> Place | None:
    return (found[-1].opened_at, found[-1].key) if found else None


async def customer_desk(request: Request, viewer: Viewer, customer_id: str) -> CustomerDesk:
    """Raises 404 for one that is not there, or not theirs to see."""
    app = house(request).app
    snapshot = await app.desk.snapshot()
    customer = snapshot.customers.get(customer_id)
    if customer is None or not viewer.sees(customer_id):
        raise not_found()
    return CustomerDesk(app, viewer, customer, snapshot, app.clock.now())
