"""kill -9 at random instants of a process that follows a log, while it grows and is rotated and truncated: each record
counts once.

The writer is the oracle: it knows how many records it wrote, and for which domain.
"""

import asyncio
import os
import random
import shutil
import signal
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from deliverwatch.store import open_store
from flows.line_source import EIGHT

KILLS = int(os.environ.get("DELIVERWATCH_KILLS", "20"))
TESTS = Path(__file__).parents[1]
SETTLES_WITHIN_S = 20
DOMAINS = ["mail.example", "other.example", "third.example"]


class Writer:
    """A mail server and its log rotation, at once hasty and slow."""

    def __init__(self, path, rng):
        self.path, self.rng = path, rng
        self.written = Counter()
        self._file = path.open("ab", buffering=0)
        self._owed = b""

    def write(self, records):
        """Now and then half a record waits for the next call."""
        for _ in range(records):
            domain = self.rng.choice(DOMAINS)
            self.written[domain] += 1
            number = sum(self.written.values())
            record = f"bounced 1 192.0.2.10 {domain} 550 no {number}\n".encode()
            self._file.write(self._owed + record)
            self._owed = b""
        if records and self.rng.random() < 0.3:
            domain = self.rng.choice(DOMAINS)
            self.written[domain] += 1
            self._file.write(f"bounced 1 192.0.2.10 {domain} 55".encode())
            self._owed = f"0 no {sum(self.written.values())}\n".encode()

    def finish_record(self):
        self._file.write(self._owed)
        self._owed = b""

    def rotate(self):
        self.finish_record()
        for number in range(60, 0, -1):
            old = self.path.with_name(f"mail.log.{number}")
            if old.exists():
                old.rename(self.path.with_name(f"mail.log.{number + 1}"))
        first = self.path.with_name("mail.log.1")
        if self.rng.random() < 0.5:
            self.path.rename(first)
            self.write(self.rng.randint(0, 5))
            self.finish_record()
            self._file.close()
            self._file = self.path.open("ab", buffering=0)
        else:
            shutil.copyfile(self.path, first)
            os.truncate(self.path, 0)

    def close(self):
        self._file.close()

    async def live(self, for_s):
        """Some bursts; sometimes a rotation between them."""
        until = asyncio.get_running_loop().time() + for_s
        while asyncio.get_running_loop().time() < until:
            self.write(self.rng.randint(0, 30))
            await asyncio.sleep(self.rng.uniform(0, 0.03))
            if self.rng.random() < 0.08:
                self.rotate()


async def counted(url):
    store = open_store(url)
    found = Counter()
    for key, counts in await store.facts(EIGHT - timedelta(days=1)):
        found[key.domain or "?"] += counts.attempted
    rejected = await store.rejections()
    await store.close()
    return found, rejected


@pytest.mark.timeout(120 + 5 * KILLS)
async def test_every_record_counts_once(tmp_path):
    rng = random.Random(20261126)
    (tmp_path / "state").mkdir()
    (tmp_path / "log").mkdir()
    url, path = f"sqlite:///{tmp_path}/state/follow.db", tmp_path / "log" / "mail.log"
    writer = Writer(path, rng)
    nursery = await asyncio.create_subprocess_exec(
        *(sys.executable, str(Path(__file__).with_name("follower.py")), url, str(path)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(TESTS)},
    )

    async def start():
        nursery.stdin.write(b"\n")
        return int(await nursery.stdout.readline())

    async def kill(pid):
        os.kill(pid, signal.SIGKILL)
        assert await nursery.stdout.readline() == b"gone\n"

    writer.write(5)
    writer.finish_record()
    await settled(url, writer, await start(), kill)
    for _ in range(KILLS):
        follower = await start()
        await writer.live(rng.uniform(0.02, 0.4))
        await kill(follower)
        await writer.live(rng.uniform(0, 0.1))
    writer.finish_record()
    await settled(url, writer, await start(), kill)
    writer.close()
    nursery.stdin.close()
    await nursery.wait()


async def settled(url, writer, follower, kill):
    """Waits until all that was written is counted, and then a little, should more be."""
    for _ in range(SETTLES_WITHIN_S * 5):
        await asyncio.sleep(0.2)
        found, rejected = await counted(url)
        if sum(found.values()) >= sum(writer.written.values()):
            break
    await asyncio.sleep(0.3)
    found, rejected = await counted(url)
    await kill(follower)
    assert rejected == []
    assert found == writer.written
