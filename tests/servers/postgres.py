"""Debian's real PostgreSQL: a private cluster in a temporary folder, on a Unix socket that nobody else knows.

The binaries refuse root; as root they are run as the user `postgres`, who then owns the folder. The cluster sorts by a
language where it can, as an operator's would, so that whatever relies on the order of bytes is found out.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

_PATIENCE_S = 60
_FIRST_WITH_ICU = 15


def binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class Cluster:
    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
            self._user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}

    def start(self) -> "Cluster":
        data = self._folder / "data"
        initdb = [self._binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        if int(self._binaries.parts[-2]) >= _FIRST_WITH_ICU:
            initdb += ["--locale-provider=icu", "--icu-locale=en-US"]
        done = subprocess.run(initdb, cwd=self._folder, capture_output=True, text=True, check=False, **self._user)
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr}")
        options = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", f"unix_socket_directories={self._folder}"]
        self._process = subprocess.Popen(
            [self._binaries / "postgres", "-D", data, *options],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._user,
        )
        self._wait()
        return self

    def new_database(self) -> str:
        """Its URL."""
        self._databases += 1
        name = f"store{self._databases}"
        with self._connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://postgres@/{name}?host={self._folder}"

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # its "fast" shutdown
            self._process.wait()
        shutil.rmtree(self._folder)

    def _wait(self) -> None:
        for _ in range(_PATIENCE_S * 20):
            try:
                self._connect().close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError("PostgreSQL does not answer")

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self._folder), user="postgres", dbname="postgres", autocommit=True)
