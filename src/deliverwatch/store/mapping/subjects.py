"""A subject is two columns wherever it occurs."""

from typing import Any

from deliverwatch.core.listing import Watch
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.store.mapping.rows import AnyRow


def subject(row: AnyRow) -> Subject:
    return Subject(SubjectKind(row.subject_kind), row.subject)


def subject_values(value: Subject | None) -> dict[str, Any]:
    if value is None:
        return {"subject": None, "subject_kind": None}
    return {"subject": value.value, "subject_kind": str(value.kind)}


def watch(row: AnyRow) -> Watch:
    return Watch(row.list_id, subject(row))


def watch_values(value: Watch) -> dict[str, Any]:
    return {"list_id": value.list_id, **subject_values(value.subject)}
