"""Rows that are merged with what is there already: counts are added, spans grow, statements are replaced.

Both databases' statements are built once, when the module that needs them is loaded: building one takes longer than
SQLite takes to run it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, case, func
from sqlalchemy.dialects import postgresql, sqlite

from deliverwatch.store.dialect import Values

Merge = Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[Any]]
"""(what is there, what comes) -> what is kept."""


def added(there: ColumnElement[Any], comes: ColumnElement[Any]) -> ColumnElement[Any]:
    """NULL is "not measured": it takes nothing away from what was."""
    return func.coalesce(there + comes, there, comes)


def earliest(there: ColumnElement[Any], comes: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((comes < there, comes), else_=there)


def latest(there: ColumnElement[Any], comes: ColumnElement[Any]) -> ColumnElement[Any]:
    """Unknown is neither."""
    return case((there.is_(None), comes), (comes > there, comes), else_=there)


def replaced(_there: ColumnElement[Any], comes: ColumnElement[Any]) -> ColumnElement[Any]:
    return comes


def known(there: ColumnElement[Any], comes: ColumnElement[Any]) -> ColumnElement[Any]:
    """What comes, unless it is unknown."""
    return func.coalesce(comes, there)


def first_known(there: ColumnElement[Any], comes: ColumnElement[Any]) -> ColumnElement[Any]:
    """What is there, unless it is unknown."""
    return func.coalesce(there, comes)


class Merging:
    """Writes rows of a table, and where the primary key is there already, merges the columns named; others stay as they
    are. `unless_newer`: a column of times; a row whose time is known to be older than what is there changes nothing."""

    def __init__(self, table: Table, merges: Mapping[str, Merge], unless_newer: str | None = None) -> None:
        self._table = table
        self._unless_newer = unless_newer
        self._merges = merges
        self._sqlite = self._finish(sqlite.insert(table))
        self._postgresql = self._finish(postgresql.insert(table))

    def write(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Two transactions that write the same rows had better bring them in the same order."""
        if rows:
            connection.execute(self._sqlite if connection.dialect.name == "sqlite" else self._postgresql, rows)

    def _finish(self, statement: "sqlite.Insert | postgresql.Insert") -> "sqlite.Insert | postgresql.Insert":
        there, comes = self._table.c, statement.excluded
        values = {name: merge(there[name], comes[name]) for name, merge in self._merges.items()}
        condition = None
        if self._unless_newer is not None:
            at = self._unless_newer
            condition = ~and_(there[at].is_not(None), comes[at].is_not(None), comes[at] < there[at])
        keys = [column.name for column in self._table.primary_key]
        return statement.on_conflict_do_update(index_elements=keys, set_=values, where=condition)
