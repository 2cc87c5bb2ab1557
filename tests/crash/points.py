"""Crash points: every call through a port, before it is made and after it returned.

`Watched` stands before an adapter (the store, a channel, the look-ups) and passes calls on. A point is named by port,
method and side: "store.commit_round:before". It knows no list of methods: a new one is two new points.

Which points an armed process passed, and at which it killed itself, is written down at once: what a file was given
outlives a process that is killed.
"""

import os
import signal
from collections import Counter
from functools import partial
from inspect import iscoroutinefunction


class CrashPoints:
    """Of one process. Once armed it dies at the first point that is not sated. Of common ones it spares some first, or
    each life would end at its beginning."""

    def __init__(self, journal):
        self._journal = journal
        self._file = None
        self._passed = set()
        self._armed = False

    def arm(self, sated, common, spared):
        self._armed = True
        self._sated, self._common, self._spared = frozenset(sated), frozenset(common), spared

    def passing(self, point):
        if not self._armed:
            return
        if point not in self._passed:
            self._passed.add(point)
            self._write(f"passed {point}\n")
        if point not in self._sated:
            self._die_or_spare(point)

    def _die_or_spare(self, point):
        if point in self._common and self._spared:
            self._spared -= 1
            return
        self._write(f"died {point}\n")
        os.kill(os.getpid(), signal.SIGKILL)

    def _write(self, line):
        if self._file is None:
            self._file = os.open(self._journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(self._file, line.encode())


class Watched:
    """`adapter`: may be given later. `becomes`: by method, the port that what it returns is."""

    def __init__(self, points, port, adapter=None, becomes=()):
        self.points, self.port, self.adapter, self.becomes = points, port, adapter, dict(becomes)

    def __getattr__(self, name):
        found = getattr(self.adapter, name)
        if name in self.becomes:
            return lambda *given: Watched(self.points, self.becomes[name], found(*given))
        return partial(self._call, name, found) if iscoroutinefunction(found) else found

    async def _call(self, name, method, *given, **named):
        self.points.passing(f"{self.port}.{name}:before")
        result = await method(*given, **named)
        self.points.passing(f"{self.port}.{name}:after")
        return result


class Journal:
    """What the processes wrote down, read by the one that has them started: how many armed lives passed a point, and
    how many ended there."""

    def __init__(self, path):
        path.touch()
        self.lives, self.deaths = Counter(), Counter()
        self._path, self._read = path, 0

    def read(self):
        with self._path.open() as file:
            file.seek(self._read)
            for line in file.readlines():
                what, point = line.split()
                (self.lives if what == "passed" else self.deaths)[point] += 1
            self._read = file.tell()

    def sated(self, wanted):
        """`wanted`: of a point, how many deaths."""
        return [point for point in self.lives if self.deaths[point] >= wanted(point)]

    def common(self, lives):
        return [point for point, passed in self.lives.items() if passed >= lives]
