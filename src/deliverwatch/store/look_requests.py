"""Subjects that a receiver says a list has: to be looked at once, outside the order of rounds."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from deliverwatch.core.subjects import Subject
from deliverwatch.store.delivery_tables import LookRequestRow
from deliverwatch.store.dialect import insert_new
from deliverwatch.store.mapping.subjects import subject, subject_values
from deliverwatch.store.tables import table_of

REQUEST = table_of(LookRequestRow)

_DONE = delete(REQUEST).where(REQUEST.c.list_id == bindparam("of_list"), REQUEST.c.subject == bindparam("of_subject"))


def add(connection: Connection, wanted: Sequence[tuple[str, Subject]], at: datetime) -> None:
    """One that waits already goes on waiting."""
    ordered = sorted(wanted, key=lambda each: (each[0], each[1].value))
    rows = [{"list_id": list_id, **subject_values(about), "asked_at": at} for list_id, about in ordered]
    insert_new(connection, REQUEST, rows)


def waiting(connection: Connection) -> dict[str, tuple[Subject, ...]]:
    """Those that have waited longest first."""
    found: dict[str, list[Subject]] = defaultdict(list)
    for row in connection.execute(select(REQUEST).order_by(REQUEST.c.asked_at, REQUEST.c.subject)):
        found[row.list_id].append(subject(row))
    return {list_id: tuple(subjects) for list_id, subjects in found.items()}


def done(connection: Connection, list_id: str, subjects: Collection[Subject]) -> None:
    if subjects:
        connection.execute(_DONE, [{"of_list": list_id, "of_subject": each.value} for each in subjects])
