"""A store on each database there is: what holds on one must hold on the other."""

import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, event, func, select, text

from deliverwatch.store import SqlStore, open_store
from deliverwatch.store.engine import open_engine, read_url
from deliverwatch.store.tables import METADATA


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path) -> str:
    """An empty database: what opens it makes the tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return request.getfixturevalue("postgresql").new_database()


@pytest.fixture(scope="session")
def made_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("made") / "store.db"
    open_store(f"sqlite:///{path}").shut()
    return path


@pytest.fixture(scope="session")
def made_database(postgresql) -> str:
    url: str = postgresql.new_database()
    open_store(url).shut()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request, tmp_path) -> Iterator[str]:
    """A database with its tables, and nothing in them: making them anew takes longer than most tests."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("made_file"), tmp_path / "store.db")
        yield f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("made_database")
        yield url
        wipe(url)


def wipe(url: str) -> None:
    engine = open_engine(read_url(url))
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_line DISABLE TRIGGER USER"))  # it refuses to lose anything
        for table in reversed(METADATA.sorted_tables):
            connection.execute(delete(table))
        connection.execute(text("ALTER TABLE audit_line ENABLE TRIGGER USER"))
    engine.dispose()


@pytest.fixture
async def start_store(store_url) -> AsyncIterator[Callable[[], SqlStore]]:
    """start_store() -> SqlStore, each time another one on the same database"""
    async with AsyncExitStack() as stack:

        def start() -> SqlStore:
            store = open_store(store_url)
            stack.push_async_callback(store.close)
            return store

        yield start


@pytest.fixture
async def store(start_store) -> SqlStore:
    return start_store()


@pytest.fixture
def count_rows(store_url) -> Callable[[], dict[str, int]]:
    """count_rows() -> rows by table"""

    def count() -> dict[str, int]:
        engine = open_engine(read_url(store_url))
        with engine.begin() as connection:
            found = {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in METADATA.tables.items()
            }
        engine.dispose()
        return found

    return count


@pytest.fixture
def written() -> Iterator[list[str]]:
    """The head of each writing statement, once for each row: "INSERT INTO cycle"."""
    heads: list[str] = []

    def note(_connection, _cursor, statement, parameters, _context, executemany) -> None:
        if head := re.match(r"(INSERT INTO|UPDATE|DELETE FROM) \w+", statement):
            heads.extend([head[0]] * (len(parameters) if executemany else 1))

    event.listen(Engine, "before_cursor_execute", note)
    yield heads
    event.remove(Engine, "before_cursor_execute", note)
