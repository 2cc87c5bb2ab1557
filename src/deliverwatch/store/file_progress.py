"""How far files were read.

A part of a file is counted by whoever brings the file on from where it stood. Where it stood for the reader follows
from how many records it had read before: of two that read the same part, the later one finds more read than that.
"""

from sqlalchemy import Connection, bindparam, select, update

from deliverwatch.core.errors import FenceLost
from deliverwatch.flows.delivery_ports import FileProgress
from deliverwatch.store.delivery_tables import FileProgressRow
from deliverwatch.store.dialect import insert_one
from deliverwatch.store.mapping import delivery as mapping
from deliverwatch.store.tables import table_of

FILE = table_of(FileProgressRow)

_ADVANCE = update(FILE).where(
    FILE.c.source == bindparam("of_source"),
    FILE.c.head == bindparam("of_head"),
    FILE.c.read == bindparam("was_read"),
    FILE.c.offset <= bindparam("up_to"),
)


def advance(connection: Connection, progress: FileProgress, read: int) -> None:
    """Raises FenceLost unless `read` more records are just what brings the file from where it stood to `progress`."""
    values = mapping.progress_values(progress)
    was_read = progress.read - read
    of = {"of_source": progress.source, "of_head": progress.head, "was_read": was_read, "up_to": progress.offset}
    if connection.execute(_ADVANCE.values(values), of).rowcount == 1:
        return
    if was_read != 0 or not insert_one(connection, FILE, values):
        raise FenceLost(f"{progress.path} was read further by somebody else meanwhile: this part is given up")


def progress(connection: Connection, source: str, head: str) -> FileProgress | None:
    row = connection.execute(select(FILE).where(FILE.c.source == source, FILE.c.head == head)).first()
    return mapping.progress(row) if row is not None else None


def followed(connection: Connection, source: str, path: str) -> list[FileProgress]:
    statement = select(FILE).where(FILE.c.source == source, FILE.c.path == path).order_by(FILE.c.at.desc(), FILE.c.head)
    return [mapping.progress(row) for row in connection.execute(statement)]
