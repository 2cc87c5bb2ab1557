"""Ids of events that were counted: what comes twice within their keeping counts once.

Tens of thousands come with one batch, each on a random page of the table; so they go over as one parameter and in
order of their number.
"""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, delete, literal, select

from deliverwatch.core.errors import AlreadySeen
from deliverwatch.store.delivery_tables import SeenEventRow
from deliverwatch.store.dialect import insert_into, numbers
from deliverwatch.store.tables import table_of

SEEN = table_of(SeenEventRow)


def seen(connection: Connection, space: str, ids: Collection[int]) -> set[int]:
    asked = numbers(connection, sorted(ids))  # pages of the table one after the other
    statement = select(SEEN.c.id).join(asked, SEEN.c.id == asked.c.value).where(SEEN.c.space == space)
    return set(connection.execute(statement).scalars())


def add(connection: Connection, space: str, ids: Collection[int], on: date) -> None:
    """Raises AlreadySeen if one of them is there; what was added before it goes with the transaction."""
    if not ids:
        return
    ordered = sorted(set(ids))
    number = numbers(connection, ordered).c.value
    rows = select(number, literal(space), literal(on.toordinal()))
    rows = rows.where(number.is_not(None))  # without a WHERE, SQLite takes ON CONFLICT for that of a join
    statement = insert_into(connection, SEEN).from_select(["id", "space", "seen_day"], rows).on_conflict_do_nothing()
    written = connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount
    known = len(ordered) - written
    if known:
        raise AlreadySeen(
            f"{known} of {len(ordered)} events of {space} were counted meanwhile: nothing is written here"
        )


def prune(connection: Connection, before: date) -> None:
    """Reads all of them, once a day: an index by day would cost every event as much again."""
    connection.execute(delete(SEEN).where(SEEN.c.seen_day < before.toordinal()))
