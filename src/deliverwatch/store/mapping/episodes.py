"""Events, and the listings that are projected from them."""

from datetime import datetime
from typing import Any

from deliverwatch.core.blocklist import Impact
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.incidents import own_facts
from deliverwatch.core.joining import episode_of
from deliverwatch.core.listing import Listing
from deliverwatch.store.mapping.rows import AnyRow
from deliverwatch.store.mapping.subjects import subject, subject_values


def event(row: AnyRow) -> Event:
    about = subject(row) if row.subject is not None else None
    return Event(row.key, EventKind(row.kind), row.at, row.list_id, about, row.facts)


def event_values(value: Event) -> dict[str, Any]:
    return {
        "key": value.key,
        "kind": str(value.kind),
        "at": value.at,
        "list_id": value.list_id,
        **subject_values(value.subject),
        "facts": dict(value.facts),
        "episode": episode_of(value),
        "incident": value.facts.get("incident"),
    }


def listing(row: AnyRow) -> Listing:
    return Listing(
        key=row.key,
        list_id=row.list_id,
        subject=subject(row),
        opened_at=row.opened_at,
        confirmed_at=row.confirmed_at,
        closed_at=row.closed_at,
        ended=Ending(row.ended) if row.ended is not None else None,
        codes=tuple(row.codes),
        meanings=tuple(row.meanings),
        impact=Impact(row.impact),
        reason=row.reason,
        path=row.path,
        incident=row.incident,
    )


def opened_values(value: Event) -> dict[str, Any]:
    """The episode that a LISTING_OPENED begins."""
    facts = own_facts(value)
    return {
        "key": value.key,
        "list_id": value.list_id,
        **subject_values(value.subject),
        "opened_at": datetime.fromisoformat(facts["opened_at"]),
        "confirmed_at": datetime.fromisoformat(facts["confirmed_at"]),
        "closed_at": None,
        "ended": None,
        **changed_values(value),
        "reason": facts["reason"],
        "path": facts["path"],
        "incident": facts.get("incident", value.key),
    }


def changed_values(value: Event) -> dict[str, Any]:
    """What a LISTING_CHANGED alters."""
    facts = own_facts(value)
    return {"codes": list(facts["codes"]), "meanings": list(facts["meanings"]), "impact": str(facts["impact"])}


def closed_values(value: Event) -> dict[str, Any]:
    return {"closed_at": value.at, "ended": str(value.facts["ended"])}
