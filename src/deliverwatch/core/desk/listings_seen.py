"""Listings as somebody sees them who answers for several customers, or for all.

Of each customer they see what that customer does: the listing cut to the time in which the asset was theirs. What share
of the mail is hit, and what else changed, is told whole only where nobody else sends from there.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from deliverwatch.core.inventory import Holdings
from deliverwatch.core.listing import Listing
from deliverwatch.core.mail_share import MailShares
from deliverwatch.core.shared_sender import cause_of_the_whole
from deliverwatch.core.week_listings import listings_held_by


class SeenListing(NamedTuple):
    """`shared`: with customers of whom the reader knows nothing."""

    listing: Listing
    shared: bool

    def cause(self, cause: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        return cause_of_the_whole(cause) if cause and self.shared else cause

    def share(self, shares: MailShares) -> float | None:
        is_told = self.listing.closed_at is None and not self.shared
        return shares.of(self.listing.subject) if is_told else None


def listings_of_these(
    customers: Collection[str] | None, holdings: Holdings, listings: Iterable[Listing], now: datetime
) -> list[SeenListing]:
    """None: of all, as they are."""
    if customers is None:
        return [SeenListing(each, shared=False) for each in listings]
    return [seen for each in listings for seen in _seen(customers, holdings, each, now)]


def _seen(customers: Collection[str], holdings: Holdings, listing: Listing, now: datetime) -> Iterator[SeenListing]:
    held = {party for asset in holdings.of(listing.subject) for party in asset.parties}
    pieces = [
        piece for mine in sorted(held & set(customers)) for piece in listings_held_by(mine, holdings, [listing], now)
    ]
    for piece in dict.fromkeys(pieces):
        parties = holdings.parties(piece.subject, piece.opened_at.date())
        yield SeenListing(piece, shared=not set(parties) <= set(customers))
