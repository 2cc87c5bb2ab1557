"""The files that were downloaded, one folder of them, and when each may be asked for again.

What we hold is replaced only by something better. A download that broke off, cannot be read, or contradicts its own
marks is dropped. One with fewer than half the entries of what we hold is put aside: lists do lose a part of their data
by accident, and then everybody on it looks delisted. If the next ones, an hour later or more, are of that size too, or
small in any size for half a day, it is what the list has become.

A file:// source is mirrored by other means (rsync) and read where it lies; its time of change is the time of the
download.
"""

import asyncio
import hashlib
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from deliverwatch.core.blocklist import FeedSource
from deliverwatch.feeds.fetch import Fetched, fetch, shown
from deliverwatch.feeds.note import Note, read_note, write_note
from deliverwatch.feeds.replacing import move_into_place
from deliverwatch.feeds.scan import scan

_SHRUNK_BELOW = 0.5
_SAME_SIZE_WITHIN = 0.1
_BELIEVED_AFTER, _BELIEVED_ANYHOW_AFTER = timedelta(hours=1), timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Held:
    """What there is of a source. `path` None: nothing. `problem`: of the last attempt to renew it."""

    path: Path | None
    fetched_at: datetime | None = None
    problem: str | None = None
    next_at: datetime | None = None


class Downloads:
    """Several rounds may ask for the same file at once: it is fetched once."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._now = now
        self._locks: dict[FeedSource, asyncio.Lock] = {}

    async def current(self, source: FeedSource) -> Held:
        """Renews it first, if it is time. Raises nothing for the network, the disk or the file."""
        scheme = urlsplit(source.url).scheme
        if scheme == "file":
            return await asyncio.to_thread(_mirrored, source)
        if scheme != "https":
            return Held(None, problem=f"has the address {shown(source.url)}: expected https:// or file:///")
        async with self._locks.setdefault(source, asyncio.Lock()):
            try:
                return await self._renewed(source)
            except OSError as problem:
                return Held(None, problem=f"cannot be kept in {self._folder}: {problem.strerror}")

    async def _renewed(self, source: FeedSource) -> Held:
        place = _Place(self._folder, source)
        note = await asyncio.to_thread(place.read)
        if _is_due(note, source, self._now()):
            note = await self._fetch(source, place, note)
        next_at = note.asked_at + source.refresh_for if note.asked_at else None
        there = await asyncio.to_thread(place.data.exists)
        return Held(place.data if there else None, note.fetched_at, note.problem, next_at)

    async def _fetch(self, source: FeedSource, place: "_Place", note: Note) -> Note:
        asked_at = self._now()
        note = replace(note, asked_at=asked_at, problem="was broken off when the program stopped")
        await asyncio.to_thread(place.write, note)
        fetched = await fetch(source.url, place.part, note.validators)
        return await asyncio.to_thread(_settle, source, place, note, fetched, asked_at)


class _Place:
    """Where one source is kept. The name tells nothing of a secret in its URL."""

    def __init__(self, folder: Path, source: FeedSource) -> None:
        name = hashlib.sha256(f"{source.format} {source.url}".encode()).hexdigest()[:24]
        self.data = folder / f"{name}.data"
        self.aside = folder / f"{name}.aside"
        self.part = folder / f"{name}.part"
        self._note = folder / f"{name}.json"

    def read(self) -> Note:
        """Validators are good only for the data that they came with."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        note = read_note(self._note)
        size = self.data.stat().st_size if self.data.exists() else None
        if size is None:
            return Note(asked_at=note.asked_at, problem=note.problem)
        return note if size == note.size else replace(note, etag=None, last_modified=None)

    def write(self, note: Note) -> None:
        write_note(self._note, note)


def _is_due(note: Note, source: FeedSource, now: datetime) -> bool:
    """A time ahead of now comes from a clock that was set back."""
    return note.asked_at is None or not note.asked_at <= now < note.asked_at + source.refresh_for


def _settle(source: FeedSource, place: _Place, note: Note, fetched: Fetched, at: datetime) -> Note:
    """What becomes of one attempt."""
    if fetched.unchanged and place.data.exists():
        note = replace(note, fetched_at=at, problem=None, aside_entries=0, aside_at=None)
    elif fetched.problem or fetched.unchanged:
        note = replace(note, problem=fetched.problem or "was answered with 304 although nothing is held")
    else:
        note = _judge(source, place, note, fetched, at)
    place.part.unlink(missing_ok=True)
    place.write(note)
    return note


def _judge(source: FeedSource, place: _Place, note: Note, fetched: Fetched, at: datetime) -> Note:
    found = scan(place.part, source.format, {}, at)
    if found.fault is not None:
        return replace(note, problem=f"is of no use: {found.fault}")
    if found.entries < note.entries * _SHRUNK_BELOW and not _is_believed(note, found.entries, at):
        first_at = note.aside_at or at
        move_into_place(place.part, place.aside)
        problem = f"has shrunk from {note.entries:,} to {found.entries:,} entries and is put aside"
        return replace(note, aside_entries=found.entries, aside_at=first_at, problem=problem)
    size = place.part.stat().st_size
    move_into_place(place.part, place.data)
    place.aside.unlink(missing_ok=True)
    return Note(note.asked_at, at, size, found.entries, fetched.etag, fetched.last_modified)


def _is_believed(note: Note, entries: int, at: datetime) -> bool:
    """Of the size of the one put aside an hour before; or still as small half a day later, whatever its size."""
    if note.aside_at is None:
        return False
    same = abs(entries - note.aside_entries) <= note.aside_entries * _SAME_SIZE_WITHIN
    return at - note.aside_at >= (_BELIEVED_AFTER if same else _BELIEVED_ANYHOW_AFTER)


def _mirrored(source: FeedSource) -> Held:
    path = Path(unquote(urlsplit(source.url).path))
    try:
        found = path.stat()
    except OSError as problem:
        return Held(None, problem=f"cannot be read: {problem.strerror}")
    if not stat.S_ISREG(found.st_mode):  # a pipe would be waited on for ever
        return Held(None, problem="is not a regular file")
    return Held(path, datetime.fromtimestamp(found.st_mtime, UTC))
