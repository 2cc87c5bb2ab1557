"""Judging, when there is something to judge: the daemon comes by every few seconds.

What was read, what the inventory holds and which hour it is decide whether anything can have changed since; what goes
by the day is judged once an hour. A log that is followed brings something new with each look, so there is a minute
between two judgings at least. Nothing of this is kept: a new process judges once, and finds nothing new.
"""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Protocol

from deliverwatch.flows.delivery_ports import IngestStore
from deliverwatch.flows.find_causes import find_causes
from deliverwatch.flows.judge import JudgingDesk, JudgingStore, judge_episodes
from deliverwatch.flows.ports import Clock

_AGAIN_AFTER = timedelta(minutes=1)


class JudgedStore(JudgingStore, IngestStore, Protocol):
    async def inventory_revision(self) -> int: ...


class Judge:
    def __init__(self, store: JudgedStore, clock: Clock, desk: JudgingDesk) -> None:
        self._store, self._clock, self._desk = store, clock, desk
        self._judged: Hashable = None
        self._judged_at: timedelta | None = None
        self._warned_at: datetime | None = None

    async def judge(self, since: datetime | None = None) -> int:
        """Returns how many episodes opened, changed or ended. `since`: of older data that have just come."""
        started = self._clock.monotonic()
        if self._judged_at is not None and started - self._judged_at < _AGAIN_AFTER:
            return 0
        hour_at = self._clock.now().replace(minute=0, second=0, microsecond=0)
        states = (await self._store.source_states()).values()
        read = frozenset((each.source, each.read, each.last_ingest_at) for each in states)
        known = (read, await self._store.inventory_revision(), hour_at)
        if known == self._judged:
            return 0
        changed = await judge_episodes(self._store, self._clock, self._desk, since, warn=hour_at != self._warned_at)
        await find_causes(self._store, self._clock, self._desk.spaces)
        self._judged, self._judged_at, self._warned_at = known, started, hour_at
        return changed
