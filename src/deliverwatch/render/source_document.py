"""A data source as a JSON document: how it is, what was read of it, and what it cannot tell."""

from collections.abc import Sequence
from typing import Any

from deliverwatch.core.source_condition import SourceCondition
from deliverwatch.flows.delivery_ports import SourceState
from deliverwatch.flows.source_ports import Source
from deliverwatch.render.json_times import instant


def source_document(
    source: Source, state: SourceState, condition: SourceCondition, configured: bool, waiting_for: Sequence[str]
) -> dict[str, Any]:
    """`waiting_for`: logs that it is to follow, and that are not there."""
    return {
        "id": source.id,
        "title": source.title,
        "configured": configured,
        "state": condition,
        "failing_since": instant(state.failed_since),
        "failure": state.failure,
        "waiting_for": list(waiting_for),
        "lost": _lost(state),
        "last_event_at": instant(state.last_event_at),
        "last_ingest_at": instant(state.last_ingest_at),
        "read": state.read,
        "accepted": state.accepted,
        "duplicates": state.duplicates,
        "rejected": state.rejected,
        "not_measured": sorted(source.not_measured),
    }


def _lost(state: SourceState) -> dict[str, Any] | None:
    """What an outage cost that was longer than the platform keeps its data; of several, the last one."""
    cursor = state.cursor or {}
    return {"from": cursor["lost_from"], "before": cursor["lost_before"]} if "lost_from" in cursor else None
