"""Drafts and their steps. The enumerations are written as their words; lists of small values as JSON."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from deliverwatch.core.remediation.draft import (
    Action,
    Blocker,
    Draft,
    DraftField,
    DraftKind,
    DraftState,
    DraftStep,
    Edit,
    Evidence,
    Missing,
    RequestOutcome,
)
from deliverwatch.core.remediation.form import FormChannel, LetterKind
from deliverwatch.store.mapping.rows import AnyRow

_AS_THEY_ARE = (
    *("id", "customer", "form", "form_digest", "provider", "addressee", "url", "to", "caveat", "cause"),
    *("language", "text", "text_english", "created_at", "changed_at", "due_at", "follow_up_of", "round"),
    *("pulled_by", "pulled_at", "submitted_by", "submitted_at", "reference", "answered_at", "note"),
    *("follow_up_at", "ticket", "version"),
)
_TEXTS = ("subjects", "episodes", "steps")
_SMALL_VALUES = ("fields", "missing", "blockers", "evidence")


def draft(row: AnyRow) -> Draft:
    values = {
        **{name: getattr(row, name) for name in _AS_THEY_ARE},
        **{name: tuple(getattr(row, name)) for name in _TEXTS},
        "kind": DraftKind(row.kind),
        "letter": LetterKind(row.letter),
        "channel": FormChannel(row.channel),
        "state": DraftState(row.state),
        "outcome": RequestOutcome(row.outcome) if row.outcome is not None else None,
        "fields": tuple(_field(each) for each in row.fields),
        "missing": tuple(Missing(**each) for each in row.missing),
        "blockers": tuple(Blocker(**each) for each in row.blockers),
        "evidence": tuple(Evidence(**each) for each in row.evidence),
        "facts": row.facts,
        "edits": tuple(_edit(each) for each in row.edits),
    }
    return Draft(**values)


def draft_values(value: Draft) -> dict[str, Any]:
    return {
        **{name: getattr(value, name) for name in _AS_THEY_ARE},
        **{name: list(getattr(value, name)) for name in _TEXTS},
        **{name: [asdict(each) for each in getattr(value, name)] for name in _SMALL_VALUES},
        "kind": str(value.kind),
        "letter": str(value.letter),
        "channel": str(value.channel),
        "state": str(value.state),
        "outcome": str(value.outcome) if value.outcome is not None else None,
        "facts": dict(value.facts),
        "edits": [{**asdict(each), "at": each.at.isoformat()} for each in value.edits],
    }


def _field(values: dict[str, Any]) -> DraftField:
    return DraftField(**{**values, "values": tuple(values.get("values", ()))})


def _edit(values: dict[str, Any]) -> Edit:
    return Edit(**{**values, "at": datetime.fromisoformat(values["at"])})


def step(row: AnyRow) -> DraftStep:
    return DraftStep(row.at, DraftState(row.state), row.by, row.note, Action(row.action), row.facts)


def step_values(draft_id: str, value: DraftStep) -> dict[str, Any]:
    return {
        "draft_id": draft_id,
        "at": value.at,
        "state": str(value.state),
        "action": str(value.action),
        "by": value.by,
        "note": value.note,
        "facts": dict(value.facts),
    }
