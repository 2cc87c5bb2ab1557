"""Follows a log that grows and is rotated, and counts each of its records once.

Logs are rotated by renaming (the program goes on writing to the old file until it is told to open the new one) or by
copying and truncating (logrotate's `copytruncate`). So the old file is read until it has been quiet for two visits, and
what was written between the last visit and a truncation is read from the copy. What was rotated while nobody looked is
read as well, oldest first, if it lies beside the log under a rotated name and is not compressed yet.

How far a log is read is in the store, committed together with what was counted. A follower that was killed begins
there: the file is known again by its content (`flows.file_reading`), so that neither its name nor its inode matters. A
line that is not whole yet waits.
"""

import errno
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from deliverwatch.core.errors import FenceLost
from deliverwatch.flows.chunk import IngestTotals
from deliverwatch.flows.delivery_ports import IngestStore
from deliverwatch.flows.file_reading import OpenFile, find_progress
from deliverwatch.flows.ingest import IngestDesk, read_on
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.source_ports import Source

_QUIET_VISITS = 2
_LOOKS = 5
_NUMBER = r"[0-9][0-9T_.-]*"


@dataclass(slots=True)
class _Followed:
    """The file that is read now. `quiet`: visits without growth since another one took its name."""

    file: OpenFile
    quiet: int = 0

    def state(self) -> os.stat_result:
        return os.fstat(self.file.stream.fileno())


class _Replaced(Exception):
    """What was read is not what comes next."""


class LogFollower:
    """One log of one source. `catch_up` is a visit; between visits the file stays open."""

    def __init__(self, store: IngestStore, desk: IngestDesk, source: Source, path: Path, clock: Clock) -> None:
        self.source = source
        self.path = path.absolute()
        self.missing = False
        self._store = store
        self._desk = desk
        self._clock = clock
        self._now: _Followed | None = None
        self._done: int | None = None

    async def catch_up(self) -> IngestTotals:
        """Reads all that is there. Raises OSError when the log cannot be read."""
        totals = IngestTotals()
        try:
            while await self._visit(totals):
                pass
        except FenceLost:  # another worker reads it as well: what is true stands in the store
            self.close()
        except BaseException:
            self.close()
            raise
        return totals

    def close(self) -> None:
        if self._now is not None:
            self._now.file.stream.close()
            self._now = None

    async def _visit(self, totals: IngestTotals) -> bool:
        """Reads on in the file that is open. True: there is another one to go on with."""
        if self._now is None:
            self._now = await self._oldest_unread()
            self.missing = self._now is None
            if self._now is None:
                return False
        now = self._now
        try:
            grew = await self._read(now, totals, last=False)
        except _Replaced:  # what was not read of it may lie beside it, as a copy
            self.close()
            return True
        if self._inode() == now.state().st_ino:
            return False
        now.quiet = 0 if grew else now.quiet + 1
        if now.quiet < _QUIET_VISITS or self._inode() is None:
            return False
        await self._read(now, totals, last=True)
        self._done = now.state().st_ino
        self.close()
        self._now = await self._oldest_unread()
        return self._now is not None

    async def _read(self, now: _Followed, totals: IngestTotals, *, last: bool) -> bool:
        """Whether anything was there. Raises _Replaced."""
        file, begun, more = now.file, now.file.position, True
        while more:
            more = await read_on(
                self._store,
                self._desk,
                self.source,
                file,
                self._clock.now(),
                totals,
                last=last,
                check=lambda: self._check(now),
            )
        return file.position > begun

    async def _check(self, now: _Followed) -> None:
        """Looks after reading, not before: a log is truncated, or rotated away, in between. Of a file of which nothing
        was counted yet, it must be sure that no other one comes first."""
        if now.file.is_replaced(now.state().st_size):
            raise _Replaced
        if now.file.progress is None and now.file.offset:
            found = await self._oldest_unread()
            if found is None:
                raise _Replaced
            inode, progress = found.state().st_ino, found.file.progress
            found.file.stream.close()
            if inode != now.state().st_ino or progress is not None:
                raise _Replaced

    def _inode(self) -> int | None:
        """Of what bears the log's name now; None: nothing does."""
        try:
            return self.path.stat().st_ino
        except FileNotFoundError:
            return None

    async def _oldest_unread(self) -> _Followed | None:
        """The next file to read: what is left of a rotated one, or one that was rotated unread, or the log itself.
        None: there is no log, or it is being rotated right now."""
        known = await self._store.followed_progress(self.source.id, str(self.path))
        for _ in range(_LOOKS):
            log = await self._open(self.path)
            if (
                log is None or not known or log.file.progress is not None
            ):  # files are read in order: the others are done
                return log
            opened = [log]
            found = await self._look_through(opened, known[0].at.timestamp())
            for each in opened:
                if each is not found:
                    each.file.stream.close()
            if found is not None:
                return found
        return None

    async def _look_through(self, opened: list[_Followed], began_at: float) -> _Followed | None:
        """Which of the rotated files, newest first, and the log, which is opened already, is next; None: their names
        changed meanwhile. `began_at`: if nothing is known of any of them, what is older is not ours to read."""
        log = opened[0]
        for path, state in self._rotated():
            rotated = await self._open(path)
            if rotated is None:
                return None
            opened.append(rotated)
            if rotated.state().st_ino != state.st_ino or state.st_ino == log.state().st_ino:
                return None
            progress = rotated.file.progress
            if progress is None:
                continue
            if progress.offset < state.st_size and state.st_ino != self._done:
                return rotated
            opened.pop().file.stream.close()
            began_at = 0
            break
        unread = [each for each in opened[1:] if each.state().st_size and each.state().st_mtime >= began_at]
        return unread[-1] if unread else log

    async def _open(self, path: Path) -> _Followed | None:
        """To be read from where it was left; None: it is not there."""
        try:
            stream = _opened(path)
        except FileNotFoundError:
            return None
        try:
            known = await find_progress(self._store, self.source, stream, str(self.path))
        except BaseException:
            stream.close()
            raise
        reader = self._desk.reader(self.source, self._clock.now())
        file = OpenFile(stream, reader, str(self.path), os.fstat(stream.fileno()).st_ino)
        if known is not None:
            file.resume(*known)
        else:
            stream.seek(0)
        return _Followed(file)

    def _rotated(self) -> list[tuple[Path, os.stat_result]]:
        """Files beside the log under rotated names (log.1, log-20261126, stem-20261126.suffix), newest first."""
        return sorted(self._siblings(), key=lambda each: each[1].st_mtime_ns, reverse=True)

    def _siblings(self) -> Iterator[tuple[Path, os.stat_result]]:
        name, stem, suffix = map(re.escape, (self.path.name, self.path.stem, self.path.suffix))
        rotated = re.compile(f"{name}[.-]?{_NUMBER}|{stem}[.-]?{_NUMBER}{suffix}")
        for entry in os.scandir(self.path.parent):
            if rotated.fullmatch(entry.name) and entry.is_file():
                yield Path(entry.path), entry.stat()


def _opened(path: Path) -> IO[bytes]:
    """Raises OSError for what cannot be read, or is no file: to open a pipe would wait for ever."""
    if not path.is_file() and path.exists():
        raise OSError(errno.EINVAL, "it is not a file", str(path))
    return path.open("rb")
