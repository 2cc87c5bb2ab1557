"""Listings as one customer sees them.

A listing is theirs while the asset was, and is cut to that time: what was before belongs to somebody else, and so does
what came after, and the time in which somebody else held the same subject more specifically. A holding that ends under
an open listing ends it as `withdrawn`, whatever becomes of it later. A void listing stays void: it never was.

Lists that lead come first. What opened together is told together (`together`), as far as it is theirs and stands the
same.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from deliverwatch.core.blocklist import Blocklist, Impact, Scope, UsedBy
from deliverwatch.core.coverage import Span, union
from deliverwatch.core.events import Ending
from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.listing import Listing
from deliverwatch.core.subjects import Subject
from deliverwatch.core.verdict import Answer, Reply, judge
from deliverwatch.core.verification import deciding_spans


class ListingCounts(NamedTuple):
    open_at_end: int
    opened: int
    closed: int


@dataclass(frozen=True, slots=True)
class ReportedListing:
    """A listing as this customer sees it. `closed_at` may lie after the week, when the report was made later.

    `key` is that of the episode, `incident` that of what it was told with. `leads`: its list is one of those that
    matter; a list that the catalogue no longer knows is not played down. `scope` None: nor is that known of it then.
    `shared`: the ESP's own asset, which others send from too.
    """

    key: str
    incident: str
    subject: Subject
    list_id: str
    list_name: str
    leads: bool
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
    used_by: tuple[UsedBy, ...]

    def open_at(self, at: datetime) -> bool:
        return self.opened_at <= at and (self.closed_at is None or self.closed_at >= at)


def listings_seen_by(
    customer_id: str, assets: Iterable[Asset], listings: Iterable[Listing], known_until: datetime
) -> list[Listing]:
    """Everybody's listings cut to what the customer held or shared, and when."""
    return listings_held_by(customer_id, Holdings(assets), listings, known_until)


def listings_held_by(
    customer_id: str, holdings: Holdings, listings: Iterable[Listing], known_until: datetime
) -> list[Listing]:
    """The same, where everybody's holdings are at hand."""
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
    return sorted(found, key=_worst_first)


def counts_of(listings: Sequence[ReportedListing], covered: Span) -> ListingCounts:
    """Of those that are real: they add up with what was open before."""
    open_at_end = sum(each.open_at(covered.end) for each in listings)
    opened = sum(each.opened_at >= covered.begin for each in listings)
    return ListingCounts(open_at_end, opened, len(listings) - open_at_end)


def _worst_first(piece: ReportedListing) -> tuple[object, ...]:
    return not piece.leads, -piece.impact.rank, piece.opened_at, piece.subject.value, piece.list_name


def together(listings: Iterable[ReportedListing], at: datetime) -> list[tuple[ReportedListing, ...]]:
    """One group for each incident of which all is in one place, of one impact, and open or ended alike `at` then."""
    groups: dict[tuple[object, ...], list[ReportedListing]] = defaultdict(list)
    for each in listings:
        alike = (each.impact, each.pool, each.stream, each.shared, each.subject.kind, each.ended, each.open_at(at))
        groups[each.incident, *alike].append(each)
    return [tuple(group) for group in groups.values()]


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
        incident=piece.incident,
        subject=piece.subject,
        list_id=piece.list_id,
        list_name=blocklist.name if blocklist else piece.list_id,
        leads=blocklist.leads if blocklist else True,
        opened_at=piece.opened_at,
        closed_at=piece.closed_at,
        ended=piece.ended,
        impact=piece.impact,
        scope=_scope(piece, blocklist) if blocklist else None,
        meanings=piece.meanings,
        pool=asset.pool,
        stream=asset.stream,
        shared=asset.holder is None,
        lookup_url=blocklist.lookup_url if blocklist else None,
        used_by=blocklist.used_by if blocklist else (),
    )


def _scope(piece: Listing, blocklist: Blocklist) -> Scope:
    """That of the codes found, by today's catalogue."""
    return judge(blocklist, Answer(Reply.ANSWER, piece.codes)).scope or blocklist.scope
