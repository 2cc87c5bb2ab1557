"""Opening a database: which library, which connection, which way of committing.

SQLite up to 3.51.2 can corrupt a file in write-ahead mode when two connections meet at the wrong moment (the WAL-reset
fault, sqlite.org/wal.html and the release log of 3.51.3 of 2026-03-13, checked 2026-11). So write-ahead mode is used
only with a library that has the repair, the bundled `pysqlite3` first, then Python's own; else a rollback journal.

Every SQLite transaction begins IMMEDIATE: one that reads first and then writes would be told "busy" at once, whatever
the timeout. `synchronous=FULL`: a commit that returned is on the disk.

A SQLite file that holds tables, and not ours, is another program's. It is looked at before anything is written, since
only a name that both use would be noticed later, and the mode of the file would be changed by then.
"""

import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from deliverwatch.core.errors import StoreError
from deliverwatch.core.visible import visible
from deliverwatch.store.faults import name_of

try:
    import pysqlite3  # type: ignore[import-untyped]
except ImportError:
    LIBRARIES: tuple[ModuleType, ...] = (sqlite3,)
else:
    LIBRARIES = (pysqlite3, sqlite3)

_WAL_REPAIRED_IN = (3, 51, 3)
_BUSY_FOR = timedelta(seconds=30)
_BUSY_PAUSE = timedelta(milliseconds=50)
_CONNECT_FOR = timedelta(seconds=10)
_OUR_TABLES = frozenset({"alembic_version", "customer"})  # from the first version on; both appear in one transaction
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name"
_NAMED = 5
_EXPECTED = "expected sqlite:////path/to/file.db or postgresql+psycopg://user@host/database"


@dataclass(frozen=True, slots=True)
class SqliteLibrary:
    """`wal_safe`: it has the repair of the WAL-reset fault, and write-ahead mode is used."""

    name: str
    version: str
    wal_safe: bool


def sqlite_library() -> SqliteLibrary:
    """The one that SQLite databases are opened with."""
    library = choose_library(LIBRARIES)
    return SqliteLibrary(library.__name__, library.sqlite_version, wal_safe(library))


def choose_library(libraries: Iterable[ModuleType]) -> ModuleType:
    return next((library for library in libraries if wal_safe(library)), sqlite3)


def wal_safe(library: ModuleType) -> bool:
    return bool(library.sqlite_version_info >= _WAL_REPAIRED_IN)


def read_url(text: str) -> URL:
    """Raises StoreError for what is no database of ours; the text itself may hold a password and is not repeated."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise StoreError(f"store.url is not a database URL: {_EXPECTED}") from None
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise StoreError(f"store.url begins with {url.drivername!r}: {_EXPECTED}")
    if not url.database or url.database == ":memory:":
        raise StoreError(f"store.url names no {'file' if url.drivername == 'sqlite' else 'database'}: {_EXPECTED}")
    return url


def open_engine(url: URL) -> Engine:
    """Connects to nothing yet. One connection: a store has one writer."""
    return _open_sqlite(url) if url.drivername == "sqlite" else _open_postgresql(url)


def _open_sqlite(url: URL) -> Engine:
    folder = Path(url.database or "").parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the folder {folder} for the database: {error.strerror}") from error
    library = choose_library(LIBRARIES)
    engine = create_engine(
        url,
        module=library,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"timeout": 0},  # until `prepare` has set the mode
    )

    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the module must not begin transactions of its own
        _refuse_foreign(url, _patiently(connection, library, _TABLES))
        _patiently(connection, library, f"PRAGMA journal_mode={'WAL' if wal_safe(library) else 'DELETE'}")
        connection.execute(f"PRAGMA busy_timeout={_BUSY_FOR // timedelta(milliseconds=1)}")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _patiently(connection: Any, library: ModuleType, statement: str) -> list[Any]:
    """Tries again by itself: SQLite may refuse a change of mode at once while another opens the file, whatever the
    timeout."""
    for _ in range(_BUSY_FOR // _BUSY_PAUSE):
        try:
            return list(connection.execute(statement))
        except library.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(_BUSY_PAUSE.total_seconds())
    return list(connection.execute(statement))


def _refuse_foreign(url: URL, rows: list[Any]) -> None:
    tables = [str(name) for (name,) in rows]
    if not tables or set(tables) >= _OUR_TABLES:
        return
    some = visible(", ".join(tables[:_NAMED])) + (", ..." if len(tables) > _NAMED else "")
    raise StoreError(
        f"{name_of(url)} belongs to another program (it holds the tables {some}, and not those of deliverwatch): name "
        "another file in store.url; one that does not exist yet is made"
    )


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _open_postgresql(url: URL) -> Engine:
    engine = create_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,  # a server that was restarted costs a new connection, not an error
        hide_parameters=True,
        connect_args={"connect_timeout": int(_CONNECT_FOR.total_seconds())},
    )
    event.listen(engine, "connect", _plan_each_time)
    return engine


def _plan_each_time(connection: Any, _record: Any) -> None:
    """A statement that was asked often gets one plan for all values (postgresql.org/docs/current/sql-prepare.html,
    checked 2026-11). For what one customer has and for what all have that is never the same one: the plan in between
    costs a page ten times as much."""
    connection.execute("SET plan_cache_mode = force_custom_plan")
    connection.commit()
