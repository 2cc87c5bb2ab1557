"""Many rows into a database as fast as its driver takes them: COPY on PostgreSQL, one prepared INSERT on SQLite.

A store writes what it has decided; here is a history of two years that nobody decided. What differs from writing it
through the store is only how long that takes.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Connection, Table, text

_AT_ONCE = 20_000

Rows = Iterable[dict[str, Any]]


def write(connection: Connection, table: Table, rows: Rows) -> int:
    """How many. A column that a row does not name is NULL; a number that the database would count is the row's."""
    on_sqlite = connection.dialect.name == "sqlite"
    first = next(rest := iter(rows), None)
    if first is None:
        return 0
    columns = [table.c[name] for name in first]
    is_json = [isinstance(column.type, JSON) for column in columns]
    made = (_values(row, is_json, on_sqlite) for row in _all(first, rest))
    names = ", ".join(f'"{column.name}"' for column in columns)
    written = 0
    if on_sqlite:
        places = ", ".join("?" * len(columns))
        insert = f'INSERT INTO "{table.name}" ({names}) VALUES ({places})'
        while some := list(islice(made, _AT_ONCE)):
            connection.connection.cursor().executemany(insert, some)
            written += len(some)
        return written
    with connection.connection.cursor().copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for row in made:
            copy.write_row(row)
            written += 1
    return written


def count_on(connection: Connection, table: Table) -> None:
    """What is written from now on gets numbers after these."""
    if connection.dialect.name == "postgresql":
        last = f"coalesce((SELECT max(id) FROM {table.name}), 1)"
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {last})"))


def _all(first: dict[str, Any], rest: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield first
    yield from rest


def _values(row: dict[str, Any], is_json: list[bool], on_sqlite: bool) -> tuple[Any, ...]:
    return tuple(
        json.dumps(value) if json_ else _plain(value) if on_sqlite else value
        for value, json_ in zip(row.values(), is_json, strict=True)
    )


def _plain(value: Any) -> Any:
    """As SQLAlchemy writes times into SQLite."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value
