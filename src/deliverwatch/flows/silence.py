"""The events about what could not be verified for long: silence is never taken for good news."""

from collections.abc import Sequence
from datetime import datetime

from deliverwatch.core.coverage import Gap
from deliverwatch.core.events import Event, EventKind

_NAMED_AT_MOST = 10


def list_stale(list_id: str, since: datetime, at: datetime, detail: str | None, watches: int) -> Event:
    """Its key is made from `since` alone, so that whoever notices, it is told once."""
    facts = {"since": since.isoformat(), "detail": detail, "watches": watches}
    key = f"{EventKind.LIST_STALE}/{list_id}/{since.isoformat()}"
    return Event(key, EventKind.LIST_STALE, at, list_id, facts=facts)


def watches_stale(list_id: str, stale: Sequence[Gap], at: datetime) -> list[Event]:
    """One event for all of them: its key is that of the longest gap, so that it is told again only after that ended."""
    if not stale:
        return []
    first = min(stale, key=lambda gap: gap.since)
    facts = {
        "since": first.since.isoformat(),
        "outcome": first.outcome,
        "detail": first.detail,
        "watches": len(stale),
        "subjects": [gap.watch.subject.value for gap in stale[:_NAMED_AT_MOST]],
    }
    key = f"{EventKind.WATCHES_STALE}/{list_id}/{first.since.isoformat()}"
    return [Event(key, EventKind.WATCHES_STALE, at, list_id, facts=facts)]
