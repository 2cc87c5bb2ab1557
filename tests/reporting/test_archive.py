"""Every report as it was sent, in files, whatever is killed in between."""

import os
import shutil
import stat
from datetime import timedelta

import pytest

from deliverwatch.core.errors import NotPossible
from deliverwatch.flows.archive_reports import archive_reports
from reporting.values import FIRST, WEEK


async def test_each_is_written_once_as_it_was_sent(store, clock, sent, tmp_path):
    folder = tmp_path / "archive"
    assert await archive_reports(store, clock, folder) == 1
    assert await archive_reports(store, clock, folder) == 0
    files = {path.name: path.read_bytes() for path in (folder / "acme" / WEEK).iterdir()}
    assert files.keys() == {"report.html", "report.txt", "report.eml"}
    assert files["report.html"].decode() == sent.html
    assert files["report.txt"].decode() == sent.text
    claimed = [await store.claim_notification(clock.now(), timedelta(minutes=2)) for _ in sent.sent_to]
    assert files["report.eml"] in [each.content for each in claimed]
    assert f"To: {FIRST}".encode() in files["report.eml"]


async def test_nobody_else_can_read_there(store, clock, sent, tmp_path):
    before = os.umask(0)
    try:
        await archive_reports(store, clock, tmp_path / "archive")
    finally:
        os.umask(before)
    week = tmp_path / "archive" / "acme" / WEEK
    folders = (week.parent.parent, week.parent, week)
    files = ("report.html", "report.txt", "report.eml")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (*folders, *week.iterdir())}
    assert modes == {**dict.fromkeys(("archive", "acme", WEEK), 0o700), **dict.fromkeys(files, 0o600)}


async def test_what_was_killed_half_way_is_whole_afterwards(store, clock, sent, tmp_path, monkeypatch):
    written = []

    def killed(path, content):
        written.append(path)
        if len(written) == 2:
            raise KeyboardInterrupt
        path.write_bytes(content)

    with monkeypatch.context() as patch:
        patch.setattr("deliverwatch.flows.archive_reports._write", killed)
        with pytest.raises(KeyboardInterrupt):
            await archive_reports(store, clock, tmp_path / "archive")
    assert not (tmp_path / "archive" / "acme" / WEEK).exists()
    assert await archive_reports(store, clock, tmp_path / "archive") == 1
    assert [path.name for path in (tmp_path / "archive" / "acme").iterdir()] == [WEEK]
    assert len(list((tmp_path / "archive" / "acme" / WEEK).iterdir())) == 3


async def test_one_that_was_killed_before_it_was_marked_is_written_again(store, clock, sent, tmp_path):
    class Killed:
        def __getattr__(self, name):
            return getattr(store, name)

        async def archived(self, report_id, now):
            raise KeyboardInterrupt

    folder = tmp_path / "archive"
    with pytest.raises(KeyboardInterrupt):
        await archive_reports(Killed(), clock, folder)
    before = (folder / "acme" / WEEK / "report.eml").read_bytes()
    assert await archive_reports(store, clock, folder) == 1
    assert (folder / "acme" / WEEK / "report.eml").read_bytes() == before


async def test_a_folder_that_cannot_be_written_is_said(store, clock, sent, tmp_path):
    (tmp_path / "archive").write_text("a file")
    with pytest.raises(NotPossible, match="the archive of reports cannot be written"):
        await archive_reports(store, clock, tmp_path / "archive")
    (tmp_path / "archive").unlink()
    assert await archive_reports(store, clock, tmp_path / "archive") == 1
    shutil.rmtree(tmp_path / "archive")
