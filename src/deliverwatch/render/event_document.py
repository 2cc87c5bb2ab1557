"""An event as a JSON document: what a program reads that follows what happens."""

from collections.abc import Sequence
from typing import Any

from deliverwatch.core.routing import family_of
from deliverwatch.flows.alert_ports import NumberedEvent
from deliverwatch.render.json_times import instant

_INNER = frozenset({"quiet"})
"""Of the facts, what is our own bookkeeping."""


def event_document(numbered: NumberedEvent, customers: Sequence[str]) -> dict[str, Any]:
    """`customers`: those concerned whom the reader may know of."""
    event = numbered.event
    return {
        "number": numbered.id,
        "kind": event.kind,
        "family": family_of(event.kind),
        "at": instant(event.at),
        "list": event.list_id or None,
        "provider": event.facts.get("provider") or None,
        "subject": event.subject.value if event.subject is not None else None,
        "customers": list(customers),
        "facts": {name: value for name, value in event.facts.items() if name not in _INNER},
    }
