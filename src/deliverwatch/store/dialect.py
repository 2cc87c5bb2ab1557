"""The one statement that SQLite and PostgreSQL both have and standard SQL does not: INSERT ... ON CONFLICT."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Values = Mapping[str, Any]


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
