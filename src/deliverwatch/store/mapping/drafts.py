"""Drafts and their steps. The enumerations are written as their words; lists of small values as JSON."""

from dataclasses import asdict
from typing import Any

from deliverwatch.core.remediation import (
    Blocker,
    Draft,
    DraftField,
    DraftState,
    DraftStep,
    Evidence,
    FormChannel,
    Missing,
    RequestOutcome,
)
from deliverwatch.store.mapping.rows import AnyRow


def draft(row: AnyRow) -> Draft:
    values = {
        **row._mapping,
        "channel": FormChannel(row.channel),
        "state": DraftState(row.state),
        "outcome": RequestOutcome(row.outcome) if row.outcome is not None else None,
        "subjects": tuple(row.subjects),
        "fields": tuple(DraftField(**each) for each in row.fields),
        "missing": tuple(Missing(**each) for each in row.missing),
        "blockers": tuple(Blocker(**each) for each in row.blockers),
        "evidence": tuple(Evidence(**each) for each in row.evidence),
    }
    return Draft(**values)


def draft_values(value: Draft) -> dict[str, Any]:
    return {
        **asdict(value),
        "channel": str(value.channel),
        "state": str(value.state),
        "outcome": str(value.outcome) if value.outcome is not None else None,
    }


def step(row: AnyRow) -> DraftStep:
    return DraftStep(row.at, DraftState(row.state), row.by, row.note)


def step_values(draft_id: str, value: DraftStep) -> dict[str, Any]:
    return {"draft_id": draft_id, **asdict(value), "state": str(value.state)}
