"""A clock that runs fast, for a world in which a week takes a minute."""

import asyncio
from datetime import datetime, timedelta

from deliverwatch.clock import SystemClock


class FastClock:
    """Starts at `start` when it is made and runs `speed` times as fast as the machine's clock."""

    def __init__(self, start: datetime, speed: float) -> None:
        self._real = SystemClock()
        self._start = start
        self._passed = timedelta(0)
        self._since = self._real.monotonic()
        self._speed = speed

    def now(self) -> datetime:
        return self._start + self.monotonic()

    def monotonic(self) -> timedelta:
        return self._passed + (self._real.monotonic() - self._since) * self._speed

    def run_at(self, speed: float) -> None:
        """From now on at another speed; nothing jumps."""
        self._passed, self._since, self._speed = self.monotonic(), self._real.monotonic(), speed

    async def sleep(self, delay_for: timedelta) -> None:
        await asyncio.sleep(delay_for.total_seconds() / self._speed)


class SteppedClock:
    """Stands still until it is moved; whoever sleeps is woken by whoever moves it. No two readings are equal, as on a
    real clock: each is a microsecond later."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._start = start
        self._sleepers: list[tuple[datetime, asyncio.Event]] = []

    def now(self) -> datetime:
        self._now += timedelta(microseconds=1)
        return self._now

    def monotonic(self) -> timedelta:
        return self._now - self._start

    def advance(self, by: timedelta) -> None:
        """Less than nothing sets it back."""
        self._now += by
        for sleeper in [sleeper for sleeper in self._sleepers if sleeper[0] <= self._now]:
            self._sleepers.remove(sleeper)
            sleeper[1].set()

    async def sleep(self, delay_for: timedelta) -> None:
        woken = asyncio.Event()
        self._sleepers.append((self._now + delay_for, woken))
        await woken.wait()
