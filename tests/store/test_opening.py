"""Opening: which database, with which library, in which mode; and what is said when it cannot be."""

import sqlite3
from datetime import timedelta
from types import SimpleNamespace

import pytest

from deliverwatch.core.errors import StoreError
from deliverwatch.store import engine, open_store, sqlite_library

REPAIRED, FAULTY = SimpleNamespace(sqlite_version_info=(3, 51, 3)), SimpleNamespace(sqlite_version_info=(3, 51, 2))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "not a database URL"),
        ("/var/lib/deliverwatch.db", "not a database URL"),
        ("mysql://deliverwatch:hush@db.example/x", "begins with 'mysql'"),
        ("postgresql://deliverwatch:hush@db.example/x", "begins with 'postgresql'"),
        ("postgresql+psycopg://deliverwatch:hush@db.example:port/x", "not a database URL"),
        ("postgresql+psycopg://deliverwatch:hush@db.example", "names no database"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_a_url_that_is_none_is_refused_with_what_was_expected(url, said):
    with pytest.raises(StoreError, match=said) as refused:
        open_store(url)
    assert "sqlite:////path/to/file.db" in str(refused.value)
    assert "hush" not in str(refused.value)


def test_an_unreachable_server_is_told_without_the_password(tmp_path):
    url = f"postgresql+psycopg://deliverwatch:hush@/deliverwatch?host={tmp_path}"
    with pytest.raises(StoreError, match=f"the PostgreSQL database deliverwatch on {tmp_path} failed: ") as refused:
        open_store(url)
    assert "hush" not in str(refused.value)


def test_a_password_that_the_server_repeats_is_masked(tmp_path):
    folder = tmp_path / "hush"
    folder.mkdir()
    with pytest.raises(StoreError) as refused:
        open_store(f"postgresql+psycopg://deliverwatch:hush@/x?host={folder}")
    assert "/***/" in str(refused.value)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("not a database, by any means\n" * 100)
    with pytest.raises(StoreError, match=r"notes\.txt failed: file is not a database \(the file holds something else"):
        open_store(f"sqlite:///{file}")


@pytest.mark.parametrize("names", [["customer"], ["alembic_version", "album"], [f"t{number}" for number in range(9)]])
def test_the_file_of_another_program_is_refused_and_left_as_it_was(tmp_path, names):
    file = tmp_path / "music.db"
    other = sqlite3.connect(file)
    for name in names:
        other.execute(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY AUTOINCREMENT)")
    other.close()
    before = file.read_bytes()
    with pytest.raises(StoreError, match=rf"music\.db belongs to another program .*{names[0]}") as refused:
        open_store(f"sqlite:///{file}")
    assert "name another file in store.url" in str(refused.value)
    assert file.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"cannot make the folder .*file/folder"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'folder' / 'store.db'}")


def test_the_folder_is_made_for_its_owner_alone(tmp_path):
    open_store(f"sqlite:///{tmp_path / 'var' / 'store.db'}").shut()
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_a_library_without_the_wal_fault_is_preferred():
    assert engine.choose_library([REPAIRED, sqlite3]) is REPAIRED
    assert engine.choose_library([FAULTY, REPAIRED]) is REPAIRED
    assert engine.choose_library([FAULTY, FAULTY]) is sqlite3


def test_the_library_in_use_is_told():
    library = sqlite_library()
    assert library.name in ("pysqlite3", "sqlite3")
    assert library.wal_safe == (tuple(map(int, library.version.split("."))) >= (3, 51, 3))


def pragmas(url):
    opened = engine.open_engine(engine.read_url(url))
    with opened.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    opened.dispose()
    return found


@pytest.mark.parametrize(("repaired_in", "mode"), [((3, 7, 0), "wal"), ((99, 0, 0), "delete")])
def test_write_ahead_mode_only_with_a_library_that_can(tmp_path, monkeypatch, repaired_in, mode):
    monkeypatch.setattr(engine, "_WAL_REPAIRED_IN", repaired_in)
    url = f"sqlite:///{tmp_path / 'store.db'}"
    assert pragmas(url) == {"journal_mode": mode, "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}


def test_a_file_in_write_ahead_mode_is_taken_back_by_a_library_that_cannot(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setattr(engine, "_WAL_REPAIRED_IN", (3, 7, 0))
    assert pragmas(url)["journal_mode"] == "wal"
    monkeypatch.setattr(engine, "_WAL_REPAIRED_IN", (99, 0, 0))
    assert pragmas(url)["journal_mode"] == "delete"


def test_a_file_that_another_program_holds_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "_BUSY_FOR", timedelta(milliseconds=100))
    library = engine.choose_library(engine.LIBRARIES)
    other = library.connect(tmp_path / "store.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"store\.db failed: database is locked \(another program has held it"):
        open_store(f"sqlite:///{tmp_path / 'store.db'}")
    other.close()
    open_store(f"sqlite:///{tmp_path / 'store.db'}").shut()


def test_a_transaction_begins_with_the_lock_of_a_writer(tmp_path):
    opened = engine.open_engine(engine.read_url(f"sqlite:///{tmp_path / 'store.db'}"))
    library = opened.dialect.loaded_dbapi  # two libraries in one process do not see each other's locks
    other = library.connect(tmp_path / "store.db", timeout=0)
    with opened.begin() as connection:
        connection.exec_driver_sql("SELECT 1")
        with pytest.raises(library.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()
    opened.dispose()
