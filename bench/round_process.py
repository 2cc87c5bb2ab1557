"""Whole rounds over all lists, in a process of their own: due, look, fold, commit, on SQLite. Prints JSON.

Three cycles an hour apart: one that finds the listings, one that finds them again, one that finds nothing new. Then, in
turns, the engine alone on the same look-ups and one more cycle in which nothing is new: the difference is what is spent
outside the engine. At last cycles in which one list follows the other, so that a commit waits for nothing but the store
and its disk, beside a disk that is written to as often and does nothing else.
"""

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import job
from deliverwatch.clock import SystemClock
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.inventory import Asset, Customer, ServiceZone, Tam
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.verdict import Answer
from deliverwatch.daemon import Pace
from deliverwatch.flows.held import Held, HeldCache
from deliverwatch.flows.ports import Store
from deliverwatch.flows.rounds import RoundPolicy
from deliverwatch.flows.run_rounds import DueRound, Watchlist, due_rounds, run_round
from deliverwatch.lookup.dns_lookups import DnsLookups
from deliverwatch.store import open_store
from memory import memory_kib

_HOUR = timedelta(hours=1)
_RANGE = 8
_TURNS = 5
_CUSTOMER = Customer(
    "acme", "Acme Ltd", ServiceZone.UK, Tam("Robin Doe", "robin.doe@esp.example"), ("mail@acme.example",)
)


class ShiftedClock(SystemClock):
    """The machine's clock, set forward between cycles."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self._ahead

    def advance(self, by: timedelta) -> None:
        self._ahead += by

    def monotonic(self) -> timedelta:
        return super().monotonic() + self._ahead


class TimedStore:
    """The store, and how long its commits took."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.committing_s = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit_round(self, result: Any) -> None:
        began = time.perf_counter()
        await self._store.commit_round(result)
        self.committing_s += time.perf_counter() - began


class Installation:
    def __init__(self, folder: Path, address: str) -> None:
        self.store = TimedStore(open_store(f"sqlite:///{folder / 'store.db'}"))
        self.clock = ShiftedClock()
        self.inconclusive = 0
        self._lookups = DnsLookups([address])
        every = {blocklist.id: _HOUR for blocklist in job.blocklists()}
        self._watchlist = Watchlist(job.blocklists(), every, ("ops@esp.example",), RoundPolicy(), timedelta(minutes=15))
        self._held = HeldCache(self.store)
        self._started: dict[str, timedelta] = {}

    async def fill(self) -> None:
        ranges = range(0, job.SUBJECTS, _RANGE)
        assets = tuple(Asset(f"{job.address(first)}/29", "acme", pool="news") for first in ranges)
        change = InventoryChange(customers_added=(_CUSTOMER,), assets_added=assets)
        await self.store.apply_inventory(change, self.clock.now() - _HOUR)

    async def cycle(self, at_once: int = Pace().lists_at_once) -> None:
        """All that is due, by default as many lists at once as the daemon takes. Raises RuntimeError for a list not
        verified."""
        self.clock.advance(_HOUR)
        held = await self._held.on(self.clock.now().date())
        due = await due_rounds(self.store, self._watchlist, self.clock, held, self._started)
        if len(due) != job.LISTS:
            raise RuntimeError(f"{len(due)} lists are due: expected {job.LISTS}")
        gate = asyncio.Semaphore(at_once)
        await asyncio.gather(*(self._round(each, held, gate) for each in due))

    async def committing(self, at_once: int) -> float:
        """Seconds that one more cycle spends in its commits."""
        before = self.store.committing_s
        await self.cycle(at_once)
        return self.store.committing_s - before

    async def engine_alone(self) -> None:
        held = await self._held.on(self.clock.now().date())
        gate = asyncio.Semaphore(Pace().lists_at_once)

        async def ask(blocklist: Blocklist) -> None:
            async with gate:
                resolver = self._lookups.open(self._lookups.paths[0])
                await resolver.ask_all(blocklist, held.covered_by(blocklist), _never)
                await resolver.close()

        await asyncio.gather(*map(ask, job.blocklists()))

    async def _round(self, due: DueRound, held: Held, gate: asyncio.Semaphore) -> None:
        async with gate:
            self._started[due.kind] = self.clock.monotonic()
            cycle = await run_round(self.store, self._lookups, self.clock, self._watchlist, held, due)
        if cycle is None or not cycle.verified:
            raise RuntimeError(f"{due.blocklist.id} was not verified: {cycle}")
        self.inconclusive += cycle.due - cycle.conclusive


def _never(_: Answer) -> bool:
    return False


async def cpu_of(work: Callable[[], Awaitable[None]]) -> float:
    before = cpu_s()
    await work()
    return cpu_s() - before


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def disk_s(folder: Path) -> float:
    """One page written and synced for each list."""
    began = time.perf_counter()
    with (folder / "page").open("wb", buffering=0) as page:
        for _ in range(job.LISTS):
            page.write(bytes(4096))
            os.fsync(page.fileno())
    return time.perf_counter() - began


async def measure(folder: Path, address: str) -> dict[str, object]:
    installation = Installation(folder, address)
    empty_kib = memory_kib("VmRSS")
    await installation.fill()
    cycles = [await cpu_of(installation.cycle) for _ in range(3)]
    grown_kib = memory_kib("VmHWM") - empty_kib
    turns = [(await cpu_of(installation.engine_alone), await cpu_of(installation.cycle)) for _ in range(_TURNS)]
    stored = [(await installation.committing(1), disk_s(folder)) for _ in range(_TURNS)]
    await installation.store.close()
    return {
        "cycles": cycles,
        "turns": turns,
        "stored": stored,
        "grown_bytes": grown_kib * 1024,
        "inconclusive": installation.inconclusive,
    }


async def main(address: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(await measure(Path(folder), address)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
