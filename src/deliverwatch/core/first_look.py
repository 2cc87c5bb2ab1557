"""Whether a listing was there already when we first looked: it did not begin then, it was only seen then.

It was, when its list was never verified between the time we learnt of the subject and the time we saw it listed. Where
that cannot be told any more, nothing is said.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.verification import held_span


def with_first_look(event: Event, holdings: Holdings, verified_at: Sequence[datetime]) -> Event:
    """`verified_at`: when the latest verified full rounds began, newest first; if there are two, there may be more."""
    if event.kind is not EventKind.LISTING_OPENED or event.subject is None:
        return event
    opened_at = datetime.fromisoformat(event.facts["opened_at"])
    assets = holdings.of(event.subject)
    if not assets or (len(verified_at) > 1 and min(verified_at) >= opened_at):
        return event
    began = min(map(_watched_from, assets))
    if any(began <= at < opened_at for at in verified_at):
        return event
    return replace(event, facts={**event.facts, "first_look": True})


def _watched_from(asset: Asset) -> datetime:
    begin = held_span(asset).begin
    return begin if asset.added_at is None else max(begin, asset.added_at)
