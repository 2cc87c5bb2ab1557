"""`deliverwatch listings`: the episodes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any

import typer

from deliverwatch.app import App
from deliverwatch.cli.customers import find_customer
from deliverwatch.cli.options import ConfigFile, CustomerId, Json, with_app
from deliverwatch.cli.output import print_json, print_table
from deliverwatch.core.incidents import ranges
from deliverwatch.core.listing import Listing
from deliverwatch.core.shared_sender import cause_of_the_whole
from deliverwatch.core.week_listings import listings_seen_by
from deliverwatch.render.listing_document import listing_document

_DAY = timedelta(days=1)

Causes = Mapping[str, Mapping[str, Any]]
Shares = Mapping[str, float | None]
"""Both by the key of the episode."""


def listings(
    customer: CustomerId = None,
    open_only: Annotated[bool, typer.Option("--open", help="Only what is open now.")] = False,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Listings, newest first: subject, list, since when, until when and how it ended."""

    async def work(app: App) -> tuple[list[Listing], Causes, Shares]:
        found = await app.store.listings(open_only=open_only)
        inventory, causes = await app.store.inventory(), await app.store.causes()
        mail = await app.mail_shares()
        shares = {each.key: mail.of(each.subject) for each in found if each.closed_at is None}
        if customer is None:
            return found, causes, shares
        find_customer(inventory, customer)
        seen = listings_seen_by(customer, inventory.assets, found, app.clock.now())
        holdings = inventory.holdings
        shared = {each.key for each in seen if len(holdings.parties(each.subject, each.opened_at.date())) > 1}
        theirs = {key: cause_of_the_whole(cause) if key in shared else cause for key, cause in causes.items()}
        own = {key: share for key, share in shares.items() if key not in shared}
        return [listing for listing in seen if not open_only or listing.closed_at is None], theirs, own

    found, causes, shares = with_app(config, work)
    if as_json:
        print_json([listing_document(listing, causes.get(listing.key), shares.get(listing.key)) for listing in found])
        return
    rows = [
        (
            ranges(each.subject for each in group),
            group[0].list_id,
            group[0].impact,
            group[0].opened_at,
            group[0].closed_at,
            group[0].ended or "open",
            group[0].meanings,
        )
        for group in _together(found)
    ]
    empty = "No open listing." if open_only else "No listing."
    print_table(("subject", "list", "impact", "opened (UTC)", "closed (UTC)", "", "what it says"), rows, empty)


def _together(listings: Iterable[Listing]) -> list[list[Listing]]:
    """What opened as one incident and is alike, as one row."""
    groups: dict[object, list[Listing]] = defaultdict(list)
    for each in listings:
        alike = (each.incident, each.impact, each.opened_at, each.closed_at, each.ended, each.meanings)
        groups[alike].append(each)
    return list(groups.values())
