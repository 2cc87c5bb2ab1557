"""kill -9 at random instants and at every crash point: nothing is lost, nothing is wrong, nothing comes twice.

Daemons live one after the other on one SQLite file, some for milliseconds, some for hours of their world. The points at
which they are killed are found by themselves: each call through the store, a channel or a resolver, before and after.
Some are told to stop, as by systemd; one finds its database locked for a while, and one its disk full.
"""

import asyncio
import json
import os
import random
import sys
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from resource import RLIM_INFINITY
from signal import SIGKILL, SIGTERM

import pytest

from crash.oracle import Told, check_copies
from crash.points import Journal
from crash.world import BEGINS_AT, ENDS_AT, LAST_AT, world_at
from deliverwatch.store import open_store
from deliverwatch.store.engine import LIBRARIES, choose_library

KILLS = int(os.environ.get("DELIVERWATCH_KILLS", "100"))
"""At random instants."""
KILLS_AT_A_POINT = 4
STOPS = 3
LIVES_AT_MOST_S = 0.3
COMMON = 20
"""What so many lives have passed is nothing rare, and may be spared."""
SPARED_AT_MOST = 40
LOCKED_FOR_S = 0.3
LITTLE = 100_000
"""Octets: what is written ahead in an hour is more."""
DAY = timedelta(days=1)
GIVES_UP_AT = LAST_AT + DAY
CALLS = (
    *("email.deliver", "webhook.deliver", "resolver.ask", "resolver.ask_all", "resolver.close"),
    *("store.release_leases", "store.add_slot", "store.claim_slot", "store.finish_slot"),
    *("store.load_round", "store.commit_round", "store.commit_ingest", "store.commit_episodes", "store.keep_practice"),
    *("store.claim_notification", "store.keep_content", "store.notification_sent", "store.notification_failed"),
    *("store.add_draft", "store.move_draft", "store.tell_of_draft", "store.commit_report", "store.settle_silences"),
)
"""What changes something, here or outside: daemons are killed before and after each, again and again. At every other
call of a port it is done once on each side."""
POINTS = frozenset(f"{call}:{side}" for call in CALLS for side in ("before", "after"))
KILLS_WANTED = KILLS_AT_A_POINT * len(POINTS) + 100
"""At crash points, as far as can be told before."""


class Lives:
    """Of daemons, one at a time. `harmed`: the numbers of those that were killed, or could not write."""

    def __init__(self, world, nursery):
        self.world = world
        self.journal = Journal(world.folder / "journal")
        self.harmed = set()
        self._nursery = nursery
        self._number = 0

    async def live(self, steps, *, crash=None, signal=None, after_s=0.0, room=RLIM_INFINITY):
        """One life; whether it was cut short."""
        self._number += 1
        self.world.turn(self._number)
        order = {"steps": steps, "crash": crash, "signal": signal, "after_s": after_s, "room": room}
        self._nursery.stdin.write(json.dumps(order).encode() + b"\n")
        code = int(await self._nursery.stdout.readline())
        await self.world.take_in()
        assert code in (0, -SIGKILL)
        if code or room != RLIM_INFINITY:
            self.harmed.add(self._number)
        self.journal.read()
        return code != 0

    async def live_while_locked(self):
        with closing(choose_library(LIBRARIES).connect(self.world.database, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            living = asyncio.create_task(self.live(1))
            await asyncio.sleep(LOCKED_FOR_S)
        return await living

    @property
    def hungry(self):
        """The points that want more deaths."""
        points = POINTS | self.journal.lives.keys()
        return sorted(point for point in points if self.journal.deaths[point] < deaths_at(point))

    def share_done(self, at_random):
        """Of all kills; the world is to be over when they are, and not before."""
        return (at_random + sum(self.journal.deaths.values())) / (KILLS + KILLS_WANTED)

    async def live_an_hour(self):
        """Unless it comes to a point that is rare."""
        await self._live_to_a_point(spared=1_000_000)

    async def live_to_a_point(self):
        await self._live_to_a_point(self.world.rng.randrange(1 + min(len(self.hungry) // 2, SPARED_AT_MOST)))

    async def _live_to_a_point(self, spared):
        sated, common = self.journal.sated(deaths_at), self.journal.common(COMMON)
        await self.live(1, crash={"sated": sated, "common": common, "spared": spared})


@asynccontextmanager
async def lives_in(world):
    nursery = await asyncio.create_subprocess_exec(
        *(sys.executable, str(Path(__file__).with_name("nursery.py")), str(world.folder)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    yield Lives(world, nursery)
    nursery.stdin.close()
    assert await nursery.wait() == 0


@pytest.fixture
async def lives(tmp_path):
    async with world_at(tmp_path, random.Random(20261124)) as world, lives_in(world) as lives:
        yield lives


@pytest.mark.timeout(1200 + 10 * KILLS)
async def test_nothing_is_lost_nothing_is_wrong_and_nothing_comes_twice(lives):
    world, rng = lives.world, lives.world.rng
    at_random = 0
    while at_random < KILLS or world.now < LAST_AT or lives.hungry:
        if lives.share_done(at_random) > world.share_over:
            await lives.live_an_hour()
        elif at_random < KILLS and (not lives.hungry or rng.random() < KILLS / (KILLS + KILLS_WANTED)):
            at_random += await lives.live(1, signal=SIGKILL, after_s=rng.uniform(0, LIVES_AT_MOST_S))
        else:
            await lives.live_to_a_point()
        assert world.now < GIVES_UP_AT, f"not reached often enough: {lives.hungry}"
    for _ in range(STOPS):
        assert not await lives.live(None, signal=SIGTERM, after_s=rng.uniform(0.1, LIVES_AT_MOST_S))
        assert await leases(world) == 0
    assert not await lives.live_while_locked()
    assert failures(world) == []
    assert not await lives.live(2, room=(world.folder / "log").stat().st_size + LITTLE)
    assert set(failures(world)) == {"work_failed"}
    while world.now < ENDS_AT:
        await lives.live(8)

    check_copies(world.copies, lives.harmed)
    told = Told(world.copies)
    told.check_stories(world.troubles, world.names)
    told.check_reports()
    told.check_drafts(world.troubles)
    await check_store(world)
    assert lives.hungry == []


def deaths_at(point):
    return KILLS_AT_A_POINT if point in POINTS else 1


def failures(world):
    """What daemons logged as such."""
    lines = [json.loads(line) for line in (world.folder / "log").read_text().splitlines()]
    return [line["event"] for line in lines if line["event"] in ("work_failed", "work_broke", "tick_failed")]


async def check_store(world):
    """All that the mail server wrote was counted once, and the file is whole."""
    store = open_store(f"sqlite:///{world.database}")
    facts = await store.facts(BEGINS_AT - DAY)
    await store.close()
    assert sum(counts.attempted for _, counts in facts) == world.written
    with closing(choose_library(LIBRARIES).connect(world.database)) as database:
        assert list(database.execute("PRAGMA integrity_check")) == [("ok",)]


async def leases(world):
    store = open_store(f"sqlite:///{world.database}")
    left = await store.release_leases()
    await store.close()
    return left
