"""The archive: every report as it was sent, in files, for as long as the operator keeps them.

A report is written after it was committed, and marked when it is there; so what was killed in between is written again,
the same bytes. Its folder is made under another name and renamed when it is whole: whoever looks sees all of a report
or nothing of it. Nobody but the daemon's own user reads there: a report is a customer's affair.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from deliverwatch.core.errors import NotPossible
from deliverwatch.flows.ports import Clock, ReportRun
from deliverwatch.flows.report_ports import ReportStore, Unarchived

_AT_ONCE = 50


async def archive_reports(store: ReportStore, clock: Clock, folder: Path) -> int:
    """Returns how many were written. Raises NotPossible when that cannot be."""
    written = 0
    while waiting := await store.unarchived(_AT_ONCE):
        for each in waiting:
            try:
                write_report(folder / each.run.customer / each.run.week, report_files(each))
            except OSError as failure:
                raise NotPossible(f"{folder}: {failure.strerror}: the archive of reports cannot be written") from None
            await store.archived(each.run.id, clock.now())
            written += 1
    return written


def forget_archived(folder: Path, customer_id: str) -> None:
    """Raises NotPossible when it cannot be deleted."""
    try:
        shutil.rmtree(folder / customer_id)
    except FileNotFoundError:
        pass
    except OSError as failure:
        raise NotPossible(f"{folder / customer_id}: {failure.strerror}: delete it by hand") from None


def report_files(of: Unarchived) -> dict[str, bytes]:
    """Without a message, where the outbox does not have it any more."""
    run: ReportRun = of.run
    files = {"report.html": run.html.encode(), "report.txt": run.text.encode()}
    return files if of.content is None else {**files, "report.eml": of.content}


def write_report(folder: Path, files: Mapping[str, bytes]) -> None:
    for each in (folder.parent.parent, folder.parent):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    half_made = folder.with_name(f".{folder.name}.half")
    shutil.rmtree(half_made, ignore_errors=True)
    half_made.mkdir(mode=0o700)
    for name, content in files.items():
        _write(half_made / name, content)
    shutil.rmtree(folder, ignore_errors=True)
    half_made.rename(folder)
    _sync(folder.parent)


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """A rename is on the disk once its folder is."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
