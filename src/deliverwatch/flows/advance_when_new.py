"""Advancing warm-ups, when there is something to advance: the daemon comes by every few seconds.

Which runs there are, what the inventory holds and which hour it is decide whether there is a day to judge or a run to
end: that is followed at once. Days that were judged are looked at again at once when what holds runs has changed, and
once an hour when something was read: nearly every minute something is, and it seldom bears on them. A new process looks
at all once, and finds nothing new. Who comes while it advances waits for that: a report is made of what was judged.
"""

import asyncio
from collections.abc import Hashable
from datetime import timedelta
from typing import NamedTuple

from deliverwatch.flows.advance_warmups import advance_warmups
from deliverwatch.flows.load_days import RunStore, WarmupDesk
from deliverwatch.flows.ports import Clock

_AFTER = timedelta(minutes=1)
_AGAIN_AFTER = timedelta(hours=1)


class _Known(NamedTuple):
    read: Hashable = None
    holds: Hashable = None
    others: Hashable = None


class Advancer:
    def __init__(self, store: RunStore, clock: Clock, desk: WarmupDesk) -> None:
        self._store, self._clock, self._desk = store, clock, desk
        self._known = _Known()
        self._one_at_a_time = asyncio.Lock()
        self._looked_at: timedelta | None = None
        self._looked_again_at: timedelta | None = None

    async def advance(self) -> int:
        """Returns how many days were judged."""
        async with self._one_at_a_time:
            return await self._advance()

    async def _advance(self) -> int:
        started = self._clock.monotonic()
        if not _is_due(self._looked_at, started, _AFTER):
            return 0
        self._looked_at = started
        known = await self._what_decides()
        again = known.holds != self._known.holds
        if _is_due(self._looked_again_at, started, _AGAIN_AFTER):
            again = again or known.read != self._known.read
        if not again and known.others == self._known.others:
            return 0
        judged = await advance_warmups(self._store, self._clock, self._desk, again=again)
        if again:
            self._known, self._looked_again_at = known, started
        else:
            self._known = self._known._replace(others=known.others)
        return judged

    async def _what_decides(self) -> _Known:
        states = (await self._store.source_states()).values()
        holds = await self._store.warmup_holds(unreleased=True)
        hour = self._clock.now().replace(minute=0, second=0, microsecond=0)
        runs = frozenset(run.id for run in await self._store.warmups(open_only=True))
        return _Known(
            frozenset((each.source, each.read, each.last_ingest_at, each.failed_since) for each in states),
            frozenset((hold.run_id, hold.key, hold.provider, hold.ended_at) for hold in holds),
            (runs, await self._store.inventory_revision(), hour),
        )


def _is_due(last: timedelta | None, now: timedelta, after: timedelta) -> bool:
    return last is None or now - last >= after
