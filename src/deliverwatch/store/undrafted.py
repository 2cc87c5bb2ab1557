"""What is going on and is led on by no draft: what a first request is wanted for."""

from sqlalchemy import ColumnElement, Connection, exists, select, text

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.listing import Listing
from deliverwatch.store.delivery_tables import ProviderEpisodeRow
from deliverwatch.store.mapping import episodes as listing_mapping
from deliverwatch.store.mapping import provider_episodes as block_mapping
from deliverwatch.store.provider_episodes import WITH_CAUSE
from deliverwatch.store.remediation_tables import LEADS, DraftEpisodeRow
from deliverwatch.store.tables import ListingRow, table_of

ABOUT = table_of(DraftEpisodeRow)
BLOCK = table_of(ProviderEpisodeRow)
LISTING = table_of(ListingRow)


def listings(connection: Connection) -> list[Listing]:
    """Oldest first: those have waited longest."""
    wanted = select(LISTING).where(LISTING.c.closed_at.is_(None), ~_is_led_on(LISTING.c.key))
    rows = connection.execute(wanted.order_by(LISTING.c.opened_at, LISTING.c.key))
    return [listing_mapping.listing(row) for row in rows]


def blocks(connection: Connection) -> list[Episode]:
    is_open = BLOCK.c.closed_at.is_(None), BLOCK.c.kind == str(EpisodeKind.BLOCK)
    wanted = WITH_CAUSE.where(*is_open, ~_is_led_on(BLOCK.c.key)).order_by(BLOCK.c.opened_at, BLOCK.c.key)
    return [block_mapping.episode(row) for row in connection.execute(wanted)]


def _is_led_on(key: ColumnElement[str]) -> ColumnElement[bool]:
    return exists().where(ABOUT.c.episode_key == key, text(LEADS))
