"""The desk's pages over two years of 500 customers: what each costs the server, on both databases.

Run by itself, it writes its rows into `results.md` and leaves the others as they are.
"""

import importlib.util
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engines import run_child
from results import Results

_LIMIT_MS, _START_OCTETS = 100, 100_000
_POSTGRES = Path(__file__).parents[1] / "tests" / "servers" / "postgres.py"


def measure_desk(results: Results, address: str) -> None:  # noqa: ARG001
    with tempfile.TemporaryDirectory() as folder:
        _measure(results, "SQLite", folder, f"sqlite:///{folder}/store.db")
    with _postgresql() as url, tempfile.TemporaryDirectory() as folder:
        if url is None:
            results.add("the same on PostgreSQL", "PostgreSQL is not installed (Debian package postgresql)", None)
        else:
            _measure(results, "PostgreSQL", folder, url)


def _measure(results: Results, database: str, folder: str, url: str) -> None:
    run_child("desk_store.py", folder, url)
    pages: list[dict[str, Any]] = list(run_child("desk_process.py", folder, url))
    slowest = sorted(pages, key=lambda page: page["ms"], reverse=True)
    failed = [page["path"] for page in pages if page["status"] != 200]
    over = [page for page in slowest if page["ms"] > _LIMIT_MS]
    results.add(
        f"every page of the desk over two years of 500 customers, {database}: at most {_LIMIT_MS} ms CPU, median",
        f"{len(pages) - len(over)} of {len(pages)}; the most {_said(slowest[0])}"
        + (f"; failed: {', '.join(failed)}" if failed else ""),
        not over and not failed,
    )
    start = max(page["octets"] for page in pages if page["path"] == "/")
    results.add(
        f"the page that a day begins with, {database}: under {_START_OCTETS // 1000} KB",
        f"{start / 1000:.0f} KB",
        start < _START_OCTETS,
    )
    results.say(f"The dearest pages on {database}: {'; '.join(map(_said, slowest[:6]))}.")


def _said(page: dict[str, Any]) -> str:
    who = {"all": "all customers", "own": "twenty customers", "operator": "an operator"}[page["viewer"]]
    return f"`{page['path']}` {page['ms']:.0f} ms ({who}, {page['octets'] / 1000:.0f} KB)"


@contextmanager
def _postgresql() -> Iterator[str | None]:
    """The cluster that the tests use too."""
    spec = importlib.util.spec_from_file_location("private_postgres", _POSTGRES)
    assert spec is not None
    assert spec.loader is not None
    postgres = sys.modules["private_postgres"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(postgres)
    binaries = postgres.binaries()
    if binaries is None:
        yield None
        return
    cluster = postgres.Cluster(binaries)
    try:
        yield cluster.start().new_database()
    finally:
        cluster.stop()


def main() -> None:
    results = Results()
    measure_desk(results, "")
    results.renew()


if __name__ == "__main__":
    main()
