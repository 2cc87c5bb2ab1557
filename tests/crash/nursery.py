"""Where the daemons of `test_kill` are born: a process that has loaded the program, and forks one for each life.

python nursery.py FOLDER reads one order a line, as JSON, from its standard input, and says how that life ended. What it
forks is production's own code on files of its own: the settings are read, the
store is opened, and leases are taken back as `deliverwatch run` does. Only the wiring is done once, before the forks,
around a store and a clock that each life brings.

The world's time stands in a file, and goes on from there in the next life. Within a life it is moved by hand: an hour
when all that was due has been done.
"""

import asyncio
import gc
import json
import os
import resource
import struct
import sys
import threading
import time
import traceback
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import deliverwatch.app
import deliverwatch.serve
import deliverwatch.store
from crash.points import CrashPoints, Watched
from deliverwatch.app import App
from deliverwatch.core.errors import StoreError
from deliverwatch.daemon import Daemon, Pace
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.serve import only_daemon, serve, set_up_logs
from deliverwatch.settings import load_settings
from deliverwatch.store import open_store
from deliverwatch.store.store import SqlStore

STEP = timedelta(hours=1)
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def keep_time(file, now):
    file.write_bytes(struct.pack("<q", (now - _EPOCH) // _MICROSECOND))


def kept_time(file):
    return _EPOCH + struct.unpack("<q", file.read_bytes())[0] * _MICROSECOND


def limit_files(size):
    """To write beyond it fails, as on a disk that is full. (Python ignores the signal that comes with it.)"""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


class WorldClock(SteppedClock):
    """Its time is kept in a file. A process that dies while it writes leaves one or the other time, never half of one:
    eight octets are written in one call over those that were there."""

    def __init__(self, file):
        super().__init__(kept_time(file))
        self._kept = os.open(file, os.O_WRONLY)

    def go_on(self, file):
        """In a new life: a second later, since the last one may have gone on by some microseconds."""
        self.advance(kept_time(file) + timedelta(seconds=1) - self.now())

    def advance(self, by):
        super().advance(by)
        os.pwrite(self._kept, struct.pack("<q", (self._now - _EPOCH) // _MICROSECOND), 0)


class Nursery:
    def __init__(self, folder):
        self.points = CrashPoints(folder / "journal")
        self.is_up = os.pipe()
        self.settings = load_settings(folder / "deliverwatch.toml", {})
        self.time_file = folder / "time"
        self.clock = WorldClock(self.time_file)
        self.store = Watched(self.points, "store", SqlStore)
        self.app = self._wire()

    def _wire(self):
        """The installation, its adapters behind crash points. What it loads when it is needed first is loaded here."""
        deliverwatch.store.open_store = lambda url: self.store
        make_lookups, open_channels = deliverwatch.app.make_lookups, deliverwatch.app.open_channels
        deliverwatch.app.make_lookups = lambda *given, **named: self._lookups(make_lookups(*given, **named))
        deliverwatch.app.open_channels = lambda *given: self._channels(open_channels(*given))
        app = App.open(self.settings, self.clock)
        app.remediation.check()
        assert app.intake.desk.rules
        deliverwatch.serve.App = self
        return app

    def _lookups(self, adapter):
        return Watched(self.points, "lookups", adapter, {"open": "resolver"})

    def _channels(self, adapters):
        return {name: Watched(self.points, name, adapter) for name, adapter in adapters.items()}

    def open(self, *_):
        """Instead of `App.open`."""
        self.store.adapter = open_store(self.settings.store.url.get_secret_value())
        return self.app

    async def live(self, order):
        """`steps`: None, and it is served as `deliverwatch run` does, until it is told to stop. `crash`: how the crash
        points are armed. `room`: of its first step, how large a file may become."""
        self.clock.go_on(self.time_file)
        if order["crash"] is not None:
            self.points.arm(**order["crash"])
        async with only_daemon(self.settings, self.clock) as app:
            if order["steps"] is None:
                await serve(app, Pace(tick_for=timedelta(milliseconds=10)), self._pass_time)
                return
            daemon = Daemon(app)
            limit_files(order["room"])
            for _ in range(order["steps"]):
                with suppress(StoreError):  # as its tick does: it is tried again
                    await daemon.start_due()
                if order["signal"] is not None:
                    await asyncio.Event().wait()  # it is killed within this hour
                await self._pass_hour(daemon)
                limit_files(resource.RLIM_INFINITY)

    async def _pass_time(self, daemon):
        os.write(self.is_up[1], b".")
        while True:
            await daemon.start_due()  # as its ticks do besides: no hour passes in which nothing was done
            await self._pass_hour(daemon)

    async def _pass_hour(self, daemon):
        await daemon.settle()
        self.clock.advance(STEP)


def main(folder):
    set_up_logs((folder / "log").open("a", buffering=1))
    nursery = Nursery(folder)
    assert threading.active_count() == 1, "only one thread survives a fork"
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _be(nursery, order)
        if order["steps"] is None:
            os.read(nursery.is_up[0], 1)
        if order["signal"] is not None:
            time.sleep(order["after_s"])
            os.kill(child, order["signal"])  # nobody else's: its number is its own until it was waited for
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _be(nursery, order):
    code = 1
    try:
        asyncio.run(nursery.live(order))
        code = 0
    finally:
        if code:
            traceback.print_exc()
        os._exit(code)  # its parent's streams are not its own to end


if __name__ == "__main__":
    main(Path(sys.argv[1]))
