"""kill -9 while an older database is upgraded: the next start finds it as it was, and upgrades it.

The process dies before one statement of the upgrade, at another one each time; then one is left to do it. What the
database holds in the end is what it holds when nobody was killed.
"""

import os
import shutil
import subprocess
import sys
from contextlib import closing
from itertools import count
from pathlib import Path
from signal import SIGKILL

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, insert

from contract.test_store_upgrade import rows
from deliverwatch.store.engine import LIBRARIES, choose_library, open_engine, read_url

STRIDE = max(500 // int(os.environ.get("DELIVERWATCH_KILLS", "100")), 1)
"""Statements between two deaths."""


@pytest.fixture
def old(tmp_path):
    """A database of version 1, with something in it."""
    path = tmp_path / "old.db"
    engine = open_engine(read_url(f"sqlite:///{path}"))
    config = Config()
    config.set_main_option("script_location", "deliverwatch.store:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        tables = MetaData()
        tables.reflect(connection)
        for table, values in rows().items():
            for row in values:
                connection.execute(insert(tables.tables[table]), row)
    engine.dispose()
    return path


@pytest.fixture
def open_it():
    """open_it(path, die_before=statement) -> how the process ended that opened it"""
    upgrader = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("upgrader.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    def open_it(path, die_before=0):
        upgrader.stdin.write(f"sqlite:///{path} {die_before}\n")
        code = int(upgrader.stdout.readline())
        assert code in (0, -SIGKILL)
        return code

    yield open_it
    upgrader.communicate()


def content(path):
    with closing(choose_library(LIBRARIES).connect(path)) as database:
        assert list(database.execute("PRAGMA integrity_check")) == [("ok",)]
        made = dict(database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        tables = [name for name, sql in made.items() if sql.startswith("CREATE TABLE")]
        return made, {name: list(database.execute(f"SELECT * FROM {name}")) for name in tables}


@pytest.mark.filterwarnings("ignore:.*expression-based index:sqlalchemy.exc.SAWarning")  # no test of indexes
def test_an_upgrade_that_is_killed_is_made_at_the_next_start(old, open_it, tmp_path):
    before, whole, killed = content(old), tmp_path / "whole.db", tmp_path / "killed.db"
    shutil.copyfile(old, whole)
    assert open_it(whole) == 0
    wanted = content(whole)
    assert wanted != before
    for statement in count(1, STRIDE):
        shutil.copyfile(old, killed)
        if open_it(killed, die_before=statement) == 0:
            break
        assert content(killed) == before
        assert open_it(killed) == 0
        assert content(killed) == wanted
    assert statement > 100, "an upgrade from the first version takes more statements than that"
