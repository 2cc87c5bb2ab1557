"""The audit trail: added to, read, and nothing else.

A line names the one before it, so two writers may not each find the same last line: on PostgreSQL a lock that is held
until the transaction ends lets one at a time add; SQLite has one writer anyway.
"""

from dataclasses import replace

from sqlalchemy import Connection, insert, select

from deliverwatch.core.audit import AuditLine, Deed, cut, line_after
from deliverwatch.store.access_tables import AuditLineRow
from deliverwatch.store.columns import storable
from deliverwatch.store.mapping import access as mapping
from deliverwatch.store.tables import table_of

LINE = table_of(AuditLineRow)

_LOCK = 0x6465_6C69_7661_7564  # "delivaud": of all locks in the database, ours


def record(connection: Connection, deed: Deed) -> AuditLine:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    last = connection.execute(select(LINE).order_by(LINE.c.number.desc()).limit(1)).first()
    line = line_after(mapping.line(last) if last is not None else None, _storable(deed))
    connection.execute(insert(LINE).values(mapping.line_values(line)))
    return line


def _storable(deed: Deed) -> Deed:
    """The digest is of what is read back."""
    deed = cut(deed)
    return replace(deed, by=storable(deed.by), object=storable(deed.object), request=storable(deed.request))


def lines(connection: Connection, before: int | None, limit: int, object_: str | None) -> list[AuditLine]:
    """Newest first."""
    statement = select(LINE).order_by(LINE.c.number.desc()).limit(limit)
    if before is not None:
        statement = statement.where(LINE.c.number < before)
    if object_ is not None:
        statement = statement.where(LINE.c.object == object_)
    return [mapping.line(row) for row in connection.execute(statement)]


def lines_from(connection: Connection, number: int, limit: int) -> list[AuditLine]:
    statement = select(LINE).where(LINE.c.number >= number).order_by(LINE.c.number).limit(limit)
    return [mapping.line(row) for row in connection.execute(statement)]
