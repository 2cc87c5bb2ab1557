"""Which reports are in the archive.

What is marked before it was written would be missing for good: so it is written first, and may be written twice.
"""

from datetime import datetime

from sqlalchemy import Connection, select, update

from deliverwatch.flows.report_ports import Unarchived
from deliverwatch.store.mapping import reports as mapping
from deliverwatch.store.mapping.rows import AnyRow
from deliverwatch.store.tables import NotificationRow, ReportRunRow, table_of

NOTE = table_of(NotificationRow)
RUN = table_of(ReportRunRow)


def unarchived(connection: Connection, limit: int) -> list[Unarchived]:
    oldest = select(RUN).where(RUN.c.archived_at.is_(None)).order_by(RUN.c.made_at, RUN.c.id).limit(limit)
    return [Unarchived(mapping.report(row), _content(connection, row)) for row in connection.execute(oldest).all()]


def archived(connection: Connection, report_id: str, now: datetime) -> None:
    connection.execute(update(RUN).where(RUN.c.id == report_id).values(archived_at=now))


def _content(connection: Connection, row: AnyRow) -> bytes | None:
    first = row.sent_to[0] if row.sent_to else ""
    sent = select(NOTE.c.content).where(NOTE.c.report_id == row.id, NOTE.c.recipient == first)
    return connection.execute(sent).scalars().first()
