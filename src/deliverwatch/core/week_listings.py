"""Listings as one customer sees them.

A listing is theirs while the asset was, and is cut to that time: what was before belongs to somebody else, and so does
what came after, and the time in which somebody else held the same subject more specifically. A holding that ends under
an open listing ends it as `withdrawn`, whatever becomes of it later. A void listing stays void: it never was.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from deliverwatch.core.blocklist import Blocklist, Impact, Scope
from deliverwatch.core.coverage import Span, union
from deliverwatch.core.events import Ending
from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.listing import Listing
from deliverwatch.core.subjects import Subject
from deliverwatch.core.verification import deciding_spans


@dataclass(frozen=True, slots=True)
class ReportedListing:
    """A listing as this customer sees it. `closed_at` may lie after the week, when the report was made later.

    `key` is that of the episode. `scope` None: the catalogue no longer knows the list. `shared`: the ESP's own asset,
    which others send from too.
    """

    key: str
    subject: Subject
    list_id: str
    list_name: str
    opened_at: datetime
    closed_at: datetime | None
    ended: Ending | None
    impact: Impact
    scope: Scope | None
    meanings: tuple[str, ...]
    pool: str | None
    stream: str | None
    shared: bool
    lookup_url: str | None

    def open_at(self, at: datetime) -> bool:
        return self.opened_at <= at and (self.closed_at is None or self.closed_at >= at)


def listings_seen_by(
    customer_id: str, assets: Iterable[Asset], listings: Iterable[Listing], known_until: datetime
) -> list[Listing]:
    """Everybody's listings cut to what the customer held or shared, and when."""
    holdings = Holdings(assets)
    return [piece for listing in listings for piece, _ in _pieces(listing, holdings, customer_id, known_until)]


def reported_listings(
    customer_id: str,
    holdings: Holdings,
    listings: Iterable[Listing],
    catalogue: Mapping[str, Blocklist],
    covered: Span,
) -> list[ReportedListing]:
    """`holdings` and `listings`: everybody's."""
    found = [
        _report(piece, asset, catalogue.get(piece.list_id))
        for listing in listings
        for piece, asset in _pieces(listing, holdings, customer_id, covered.end)
        if piece.opened_at < covered.end and (piece.closed_at is None or piece.closed_at > covered.begin)
    ]
    return sorted(found, key=lambda piece: (-piece.impact.rank, piece.opened_at, piece.subject.value, piece.list_name))


def _pieces(
    listing: Listing, holdings: Holdings, customer_id: str, known_until: datetime
) -> Iterator[tuple[Listing, Asset]]:
    """The listing cut to each stretch of time in which it was the customer's concern, with the asset it began on."""
    mine = list(deciding_spans(holdings.of(listing.subject), customer_id))
    for held in union(span for _, span in mine):
        opened_at, closed_at, ended = max(listing.opened_at, held.begin), listing.closed_at, listing.ended
        if held.end <= known_until and (closed_at is None or held.end < closed_at):
            closed_at, ended = held.end, ended if ended is Ending.VOID else Ending.WITHDRAWN
        if opened_at >= held.end or (closed_at is not None and closed_at <= opened_at):
            continue
        asset = next(asset for asset, span in mine if span.begin <= opened_at < span.end)
        yield replace(listing, opened_at=opened_at, closed_at=closed_at, ended=ended), asset


def _report(piece: Listing, asset: Asset, blocklist: Blocklist | None) -> ReportedListing:
    return ReportedListing(
        key=piece.key,
        subject=piece.subject,
        list_id=piece.list_id,
        list_name=blocklist.name if blocklist else piece.list_id,
        opened_at=piece.opened_at,
        closed_at=piece.closed_at,
        ended=piece.ended,
        impact=piece.impact,
        scope=blocklist.scope if blocklist else None,
        meanings=piece.meanings,
        pool=asset.pool,
        stream=asset.stream,
        shared=asset.holder is None,
        lookup_url=blocklist.lookup_url if blocklist else None,
    )
