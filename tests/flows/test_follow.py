"""A log that is followed: rotated in each of the ways there are, truncated, begun late. Each record counts once."""

import os
import shutil

import pytest

from deliverwatch.flows.follow import LogFollower
from deliverwatch.flows.ingest import ingest_file
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.store import open_store
from flows.line_source import DESK, EIGHT, LINES, NOW


@pytest.fixture
async def store(tmp_path):
    (tmp_path / "state").mkdir()
    store = open_store(f"sqlite:///{tmp_path}/state/follow.db")
    try:
        yield store
    finally:
        await store.close()


class Log:
    """What a mail server writes, a record a line; no two are alike."""

    def __init__(self, folder):
        self.path = folder / "mail.log"
        self.written = 0
        self._file = None

    def open(self):
        self._file = self.path.open("ab", buffering=0)
        return self

    def write(self, records):
        for _ in range(records):
            self.written += 1
            self._file.write(b"bounced 1 192.0.2.10 mail.example 550 no %d\n" % self.written)

    def begin(self):
        """The first half of a record."""
        self._file.write(b"bounced 1 192.0")

    def end(self):
        self._file.write(b".2.10 mail.example 550 no %d\n" % (1_000_000 + self.written))
        self.written += 1

    def shift(self):
        """log.1 becomes log.2, and so on."""
        for number in range(9, 0, -1):
            old = self.path.with_name(f"mail.log.{number}")
            if old.exists():
                old.rename(self.path.with_name(f"mail.log.{number + 1}"))

    def rename(self):
        self.shift()
        self.path.rename(self.path.with_name("mail.log.1"))

    def reopen(self):
        self._file.close()
        self.open()

    def copy_and_truncate(self):
        self.shift()
        shutil.copyfile(self.path, self.path.with_name("mail.log.1"))
        os.truncate(self.path, 0)

    def close(self):
        if self._file is not None:
            self._file.close()


@pytest.fixture
def log(tmp_path):
    log = Log(tmp_path)
    yield log
    log.close()


@pytest.fixture
def follow(store, log):
    """follow() -> a follower as after a start of the daemon; what another one held is let go"""
    followers = []

    def start():
        for follower in followers:
            follower.close()
        followers.append(LogFollower(store, DESK, LINES, log.path, SteppedClock(NOW)))
        return followers[-1]

    yield start
    for follower in followers:
        follower.close()


async def settle(follower, visits=8):
    for _ in range(visits):
        await follower.catch_up()


async def counted(store):
    return sum(counts.attempted or 0 for _, counts in await store.facts(EIGHT))


async def test_what_is_written_is_counted_and_half_a_line_waits(store, log, follow):
    follower = follow()
    assert (await follower.catch_up()).read == 0
    assert follower.missing
    log.open().write(3)
    assert (await follower.catch_up()).accepted == 3
    assert not follower.missing
    log.begin()
    assert (await follower.catch_up()).read == 0
    log.end()
    assert (await follower.catch_up()).accepted == 1
    assert await counted(store) == log.written == 4
    assert await store.rejections() == []


@pytest.mark.parametrize("restart", [False, True])
async def test_renamed_it_is_read_to_its_end_and_the_new_one_from_its_beginning(store, log, follow, restart):
    log.open().write(3)
    follower = follow()
    await follower.catch_up()
    log.write(2)
    log.rename()
    log.write(2)
    follower = follow() if restart else follower
    await follower.catch_up()
    log.write(1)
    await follower.catch_up()
    log.reopen()
    log.write(4)
    await settle(follower)
    assert await counted(store) == log.written == 12


@pytest.mark.parametrize("restart", [False, True])
async def test_copied_and_truncated_what_was_not_read_yet_is_read_from_the_copy(store, log, follow, restart):
    log.open().write(3)
    follower = follow()
    await follower.catch_up()
    log.write(2)
    log.copy_and_truncate()
    log.write(1)
    follower = follow() if restart else follower
    await settle(follower)
    log.write(1)
    log.copy_and_truncate()
    log.write(9)
    await settle(follower)
    assert await counted(store) == log.written == 16


async def test_truncated_without_a_copy_it_begins_anew(store, log, follow):
    log.open().write(30)
    follower = follow()
    await follower.catch_up()
    os.truncate(log.path, 0)
    log.write(50)  # longer than it was: only its beginning tells
    await settle(follower)
    assert await counted(store) == log.written == 80


async def test_several_rotations_while_nobody_looked(store, log, follow):
    log.open().write(3)
    await follow().catch_up()
    log.write(2)
    for records in (4, 5, 6):
        log.rename()
        log.reopen()
        log.write(records)
    follower = follow()
    await settle(follower, 20)
    assert await counted(store) == log.written == 20
    log.rename()
    log.reopen()
    log.write(1)
    log.rename()
    log.reopen()
    log.write(1)
    await settle(follower, 20)
    assert await counted(store) == log.written == 22


async def test_what_was_rotated_before_it_was_ever_followed_is_left(store, log, follow):
    log.open().write(3)
    log.rename()
    log.reopen()
    log.write(2)
    await settle(follow())
    assert await counted(store) == 2
    await settle(follow())
    assert await counted(store) == 2


async def test_other_files_beside_it_and_compressed_ones_are_not_its_own(store, log, follow):
    log.open().write(3)
    follower = follow()
    await follower.catch_up()
    for name in ("mail.log.offset", "mail.log.1.gz", "mail.warn", "mail.log.swp", "mail.logs.1", "xmail.log.1"):
        (log.path.parent / name).write_text("bounced 1 192.0.2.10 mail.example 550 no\n")
    log.rename()
    log.reopen()
    log.write(2)
    await settle(follower)
    await settle(follow())
    assert await counted(store) == log.written == 5


async def test_a_file_with_its_date_before_its_suffix_is_its_own(store, tmp_path):
    path = tmp_path / "acct.csv"
    path.write_text("bounced 1 192.0.2.10 mail.example 550 no 1\n")
    follower = LogFollower(store, DESK, LINES, path, SteppedClock(NOW))
    await follower.catch_up()
    with path.open("a") as file:
        file.write("bounced 1 192.0.2.10 mail.example 550 no 2\n")
    follower.close()
    path.rename(tmp_path / "acct-2026-11-26-0000.csv")
    path.write_text("bounced 1 192.0.2.10 mail.example 550 no 3\n")
    follower = LogFollower(store, DESK, LINES, path, SteppedClock(NOW))
    await settle(follower)
    follower.close()
    assert await counted(store) == 3


async def test_a_file_that_was_followed_can_be_ingested_and_changes_nothing(store, log, follow):
    log.open().write(5)
    await follow().catch_up()
    log.write(2)
    found = await ingest_file(store, DESK, LINES, log.path, NOW)
    assert (found.accepted, found.duplicates) == (2, 5)
    await settle(follow())
    assert await counted(store) == log.written == 7


async def test_a_log_that_cannot_be_read_is_an_error(store, tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="not a file"):
        await LogFollower(store, DESK, LINES, tmp_path / "folder", SteppedClock(NOW)).catch_up()


async def test_a_pipe_is_no_log_and_is_not_waited_for(store, tmp_path):
    os.mkfifo(tmp_path / "mail.log")
    follower = LogFollower(store, DESK, LINES, tmp_path / "mail.log", SteppedClock(NOW))
    with pytest.raises(OSError, match="not a file"):
        await follower.catch_up()


async def test_two_that_follow_one_log_count_it_once(store, log, follow):
    log.open().write(5)
    one, other = follow(), LogFollower(store, DESK, LINES, log.path, SteppedClock(NOW))
    await one.catch_up()
    await other.catch_up()
    log.write(3)
    await one.catch_up()
    await other.catch_up()
    await other.catch_up()
    log.write(1)
    await other.catch_up()
    await one.catch_up()
    await one.catch_up()
    other.close()
    assert await counted(store) == log.written == 9
