"""A customer's listings and blocks as CSV: one line for each episode, newest first.

Both kinds have the same columns, so that one sheet holds the whole history; what only one of them has is empty in the
other. Values are those of the JSON documents: ids, times in UTC, unknown is empty.
"""

from collections.abc import Iterable, Iterator

from deliverwatch.core.block import Episode
from deliverwatch.core.week_listings import ReportedListing
from deliverwatch.render.csv_export import Cell

HISTORY_COLUMNS = (
    "kind",
    "subject",
    "list_or_provider",
    "opened_at",
    "closed_at",
    "ended",
    "impact",
    "what",
    "pool",
    "stream",
    "shared",
    "mail_share",
)


def history_rows(listings: Iterable[ReportedListing], episodes: Iterable[Episode]) -> Iterator[tuple[Cell, ...]]:
    """Of one customer, as they may know them."""
    rows = [*map(_of_listing, listings), *map(_of_episode, episodes)]
    yield from sorted(rows, key=lambda row: (row[3], row[1], row[2]), reverse=True)


def _of_listing(listing: ReportedListing) -> tuple[Cell, ...]:
    return (
        "listing",
        listing.subject.value,
        listing.list_id,
        listing.opened_at,
        listing.closed_at,
        listing.ended,
        listing.impact,
        listing.meanings,
        listing.pool,
        listing.stream,
        listing.shared,
        None,
    )


def _of_episode(episode: Episode) -> tuple[Cell, ...]:
    """`what`: the class of the replies, or what a warning warns of."""
    return (
        episode.kind,
        episode.subject.value,
        episode.provider or None,
        episode.opened_at,
        episode.closed_at,
        episode.ended,
        None,
        episode.what,
        None,
        None,
        "shared" in episode.evidence,
        episode.mail_share,
    )
