"""Statements in the words of both databases: INSERT ... ON CONFLICT, which SQLite and PostgreSQL have and standard SQL
has not, and IN over more values than one statement may carry (SQLite: 32,766, sqlite.org/limits.html, checked 2026-11).
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Date,
    Select,
    Subquery,
    Table,
    Text,
    and_,
    cast,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from deliverwatch.store.mapping.rows import AnyRow

Values = Mapping[str, Any]

_AT_ONCE = 1_000
_LAST = chr(0x10FFFF)


def insert_into(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def insert_one(connection: Connection, table: Table, row: Values) -> bool:
    """False when it is there already, by whichever unique key. What RETURNING returns is the one sign of it that both
    drivers agree on."""
    statement = insert_into(connection, table).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(statement, row).first() is not None


def insert_new(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Leaves alone what is there already, by whichever unique key."""
    if rows:
        connection.execute(insert_into(connection, table).on_conflict_do_nothing(), rows)


def upsert(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Writes rows over those of the same primary key."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    statement = insert_into(connection, table)
    values = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values), rows)


def select_in(
    connection: Connection, statement: Select[Any], column: Column[Any], values: Collection[str]
) -> list[AnyRow]:
    """The rows of a statement whose column is one of the values, in no order."""
    return [row for some in _slices(values) for row in connection.execute(statement.where(column.in_(some)))]


def update_in(
    connection: Connection,
    table: Table,
    condition: ColumnElement[bool],
    column: Column[Any],
    values: Collection[str],
    changes: Values,
) -> None:
    for some in _slices(values):
        connection.execute(update(table).where(condition, column.in_(some)).values(changes))


def begins_with(connection: Connection, column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """In the words by which each database finds it in an index."""
    if connection.dialect.name == "sqlite":
        return and_(column >= text, column < text + _LAST)
    return column.startswith(text, autoescape=True)


def holds(connection: Connection, column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Capitals count for nothing. PostgreSQL finds out what they are by the rules of a language; for ASCII these change
    nothing, and cost ten times as much."""
    if connection.dialect.name == "sqlite" or not text.isascii():
        return column.icontains(text, autoescape=True)
    return func.lower(column.collate("C")).contains(text.lower(), autoescape=True)


def day_of(connection: Connection, instant: ColumnElement[datetime]) -> ColumnElement[Any]:
    """The UTC day: a date, or its text on SQLite, which keeps instants as texts."""
    if connection.dialect.name == "sqlite":
        return func.substr(instant, 1, 10)
    return cast(func.timezone("UTC", instant), Date)


def _slices(values: Collection[str]) -> Iterator[list[str]]:
    """In one order for all, so that two transactions lock rows in the same one."""
    ordered = sorted(values)
    return (ordered[begin : begin + _AT_ONCE] for begin in range(0, len(ordered), _AT_ONCE))


@contextmanager
def wiped(connection: Connection) -> Iterator[None]:
    """What is deleted within is overwritten: SQLite otherwise leaves it in the file until the room is needed, which may
    be never (sqlite.org/pragma.html#pragma_secure_delete, checked 2026-11). PostgreSQL's vacuum sees to it in its time.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA secure_delete=ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA secure_delete=OFF")


def numbers(connection: Connection, values: Collection[int]) -> Subquery:
    """Integers as rows of one column, `value`, in their order: however many they are, they go over as one parameter."""
    text = json.dumps(list(values))
    if connection.dialect.name == "sqlite":
        return select(func.json_each(text).table_valued("value").c.value).subquery()
    array: ColumnElement[Any] = cast(text, Text).op("::")(literal_column("json"))
    rows = func.json_array_elements_text(array).table_valued("value")
    return select(cast(rows.c.value, BigInteger).label("value")).subquery()
