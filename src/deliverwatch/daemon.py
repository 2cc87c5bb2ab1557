"""The clockwork: wakes up, computes what is due, starts it, and drains when told to stop.

APScheduler only wakes us: one job, `tick`, which arms its successor itself as a one-shot date job. An interval job of
its own would fall silent after the wall clock was set back, build a list of all missed runs after a step forward, and
drop runs that are over one second late (APScheduler 3.11: issues 752, 794, 526, `misfire_grace_time`). Beside it a
guard compares the wall clock with the monotonic one and wakes the tick at once after a step. What was done is in the
ledger, never in the scheduler. The successor is armed while the tick still counts as running, so more than one instance
must be allowed, or the scheduler drops it for good.

A tick never works itself: it starts tasks, at most one of each name at a time.
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from deliverwatch.app import App
from deliverwatch.clock import SystemClock
from deliverwatch.core.errors import DeliverwatchError, NotPossible, StoreError
from deliverwatch.flows.run_rounds import DueRound

log = structlog.get_logger()

_OVERDUE_AFTER = 4
"""Ticks that fail to come before the guard wakes one."""
_PRUNE_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """How the daemon spends real time, whatever clock the installation lives by.

    `tick_at_most` alone is by that clock: how old the last tick may be before the daemon counts as not well.
    """

    tick_for: timedelta = timedelta(seconds=15)
    guard_for: timedelta = timedelta(seconds=2)
    step_at_least: timedelta = timedelta(seconds=2)
    drain_for: timedelta = timedelta(seconds=30)
    lists_at_once: int = 4
    tick_at_most: timedelta = timedelta(seconds=45)


class Daemon:
    """One running installation. `run` returns when `stop` was called and what ran has been drained."""

    def __init__(self, app: App, pace: Pace | None = None) -> None:
        self._app = app
        self.pace = pace or Pace()
        self._wall = SystemClock()
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 10, "misfire_grace_time": None}
        )
        self._stopping = asyncio.Event()
        self._ticking = asyncio.Lock()
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._started: dict[str, timedelta] = {}
        self._ticked = self._wall.monotonic()
        self.last_tick_at: datetime | None = None

    async def run(self) -> None:
        for doubt in await self._app.route_doubts():
            log.warning("route_doubt", hint=doubt)
        self._scheduler.start()
        self._arm(timedelta(0))
        guard = asyncio.create_task(self._guard())
        if not self._app.operators:
            log.warning("no_operator", hint="set [alerts] to or [requester] mailbox: nobody hears of lists that fail")
        log.info("daemon_started", lists=[blocklist.id for blocklist in self._app.catalogue.on])
        try:
            await self._stopping.wait()
        finally:
            guard.cancel()
            await self._end_ticks()
            await self._drain()
            self._app.intake.collector.close()

    def stop(self) -> None:
        self._stopping.set()

    async def start_due(self) -> None:
        """Starts whatever is due; none of it is waited for."""
        self.last_tick_at = self._app.clock.now()
        await self._start_rounds()
        if self._sweep_due():
            self._start("sweep", self._app.sweep)
        self._start("resolvers", self._watch_resolvers)
        for name, work in self._app.intake.collector.jobs().items():
            self._start(f"collect/{name}", work)
        self._start("platform", self._app.intake.read_platform_nightly)
        for name, work in self._app.intake.warmup_jobs().items():
            self._start(f"read-warmups/{name}", work)
        self._start("unwatched", self._app.intake.find_unwatched)
        self._start("sender-dns", self._app.watch_dns)
        self._start("judge", self._app.judge)
        self._start("warmups", self._app.warmups.advance_when_new)
        self._start("practice", self._app.watch_practice)
        self._start("drafts", self._app.remediation.prepare)
        self._start("bounces", self._app.reporting.read_bounces)
        self._start("report-previews", self._app.reporting.show)
        self._start("reports", self._app.reporting.send_due)
        self._start("report-archive", self._app.reporting.archive)
        self._start("remind", self._app.remind)
        self._start("deliver", self._app.deliver_all)
        if self._prune_due():
            self._start("prune-access", self._app.access.prune)

    async def settle(self) -> None:
        """Waits until what was started has ended."""
        while self._running:
            await asyncio.wait(list(self._running.values()))

    async def _tick(self) -> None:
        """Arms its successor whatever happened."""
        try:
            async with self._ticking:
                await self.start_due()
        except DeliverwatchError as failure:
            log.error("tick_failed", error=str(failure))
        finally:
            self._ticked = self._wall.monotonic()
            if not self._stopping.is_set():
                self._arm(self.pace.tick_for)

    def _sweep_due(self) -> bool:
        """Sweeping finds what is true now and repeats nothing, so it needs no slot."""
        last = self._started.get("sweep")
        return last is None or self._app.clock.monotonic() - last >= self._app.policy.sweep_every

    def _prune_due(self) -> bool:
        last = self._started.get("prune-access")
        return last is None or self._app.clock.monotonic() - last >= _PRUNE_EVERY

    async def _start_rounds(self) -> None:
        free = self.pace.lists_at_once - sum(name.startswith("round/") for name in self._running)
        if free <= 0:
            return
        waiting = [due for due in await self._app.due_rounds(self._started) if due.job not in self._running]
        for due in waiting[:free]:
            self._start(due.job, lambda due=due: self._round(due), due.kind)  # type: ignore[misc]

    async def _round(self, due: DueRound) -> None:
        cycle = await self._app.run_round(due)
        if cycle is not None:
            log.info(
                "round_done",
                kind=due.kind,
                slot=due.key,
                path=cycle.path,
                verified=cycle.verified,
                due=cycle.due,
                listed=cycle.listed,
                conclusive=cycle.conclusive,
                detail=cycle.detail,
            )

    async def _watch_resolvers(self) -> None:
        for fault in await self._app.watch_resolvers() or ():
            log.warning("resolver_trouble", resolver=fault.path, trouble=fault.trouble, found=fault.found)

    def _start(self, name: str, work: Callable[[], Coroutine[Any, Any, Any]], kind: str | None = None) -> None:
        """`kind`: what its start is remembered as, when a name stands for several."""
        if name in self._running or self._stopping.is_set():
            return
        self._started[kind or name] = self._app.clock.monotonic()
        task = asyncio.create_task(work(), name=name)
        self._running[name] = task
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        """What failed is logged and tried again when it is due again; the daemon lives."""
        self._running.pop(task.get_name(), None)
        failure = None if task.cancelled() else task.exception()
        if isinstance(failure, DeliverwatchError):
            log.error("work_failed", work=task.get_name(), error=str(failure))
        elif failure is not None:
            log.error("work_broke", work=task.get_name(), error=str(failure), exc_info=failure)

    def _arm(self, delay_for: timedelta) -> None:
        self._scheduler.add_job(
            self._tick, "date", run_date=self._wall.now() + delay_for, id="tick", replace_existing=True
        )

    async def _guard(self) -> None:
        """Wakes the tick after the wall clock was stepped, since its date job would wait for the old time, and when it
        is overdue: a one-shot job that the scheduler let go by would be the last."""
        before = self._wall.now(), self._wall.monotonic()
        while True:
            await asyncio.sleep(self.pace.guard_for.total_seconds())
            after = self._wall.now(), self._wall.monotonic()
            step = (after[0] - before[0]) - (after[1] - before[1])
            if abs(step) >= self.pace.step_at_least:
                log.warning("clock_stepped", seconds=step.total_seconds())
                self._arm(timedelta(0))
            elif after[1] - self._ticked >= _OVERDUE_AFTER * self.pace.tick_for:
                log.warning("tick_overdue", seconds=(after[1] - self._ticked).total_seconds())
                self._ticked = after[1]
                self._arm(timedelta(0))
            before = after

    async def _end_ticks(self) -> None:
        """Not in the middle of one: cancelled by the scheduler, it would be logged as a failure."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ticking.acquire(), self.pace.drain_for.total_seconds())
        self._scheduler.shutdown(wait=False)

    async def _drain(self) -> None:
        """Lets running work finish for a while; what is left is cancelled and taken up again from the ledger."""
        tasks = list(self._running.values())
        if not tasks:
            return
        log.info("draining", work=sorted(self._running))
        _, late = await asyncio.wait(tasks, timeout=self.pace.drain_for.total_seconds())
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.contextmanager
def only_one(lock_file: Path) -> Iterator[None]:
    """Holds the installation's lock for as long as the daemon lives; the kernel gives it up when the process dies.

    An SQLite installation has one daemon, and the lock proves that a lease left behind has no owner any more.
    """
    try:
        lock_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = lock_file.open("a+")
    except OSError as failure:
        raise StoreError(f"{lock_file}: {failure.strerror}: the daemon must be able to write there") from None
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            raise NotPossible(f"a daemon runs on {lock_file.parent} already (process {owner}): stop it first") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
