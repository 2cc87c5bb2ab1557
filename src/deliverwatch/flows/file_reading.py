"""Reading a file from where it was left, and knowing it again.

A file is known by its content, not by its name: logs are renamed, copied and compressed. Its *head* is the digest of
its first bytes: as many as there were when it was first read, cut to one of a few sizes, so that a file that has grown
is found again. Files may begin alike, so a head alone proves nothing: what was read before must be there byte for byte,
or it is another file. Of files whose heads are equal, the later ones bear a number behind theirs.

Only whole records are taken; what stands behind the last one waits until it is whole, or nothing more will come.
"""

import asyncio
import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from deliverwatch.core.errors import NotPossible
from deliverwatch.flows.chunk import Chunk
from deliverwatch.flows.delivery_ports import FileProgress, IngestStore
from deliverwatch.flows.source_ports import Reader, Source

BLOCK = 1 << 20
_HEAD_SIZES = (1 << 16, 1 << 14, 1 << 12, 1 << 10, 1 << 8)
_REMEMBERED = 1 << 20
_MOST_RECORD = 1 << 26
_GZIP = b"\x1f\x8b"
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)


def open_plain(path: Path, source: Source) -> IO[bytes]:
    """What the file says, decompressed if it was compressed with gzip or in the source's own way.

    Raises OSError, and NotPossible for what is no file."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise NotPossible(f"{path} is no ordinary file: write what comes from there to one first")
    stream = path.open("rb")
    try:
        compressed = stream.read(2) == _GZIP
        stream.seek(0)
    except OSError:
        stream.close()
        raise
    if not compressed:
        return source.unpacked(stream) if source.unpacked else stream
    stream.close()
    return cast(IO[bytes], gzip.open(path, "rb"))


def name_of(path: Path) -> str:
    """Under which a file is remembered."""
    return os.path.abspath(path)


@dataclass(slots=True)
class _ReadBefore:
    """The first part of a file. `end`: the last bytes of it."""

    digest: "hashlib._Hash"
    beginning: bytes
    end: bytes
    size: int


class OpenFile:
    """One file under way. `progress`: as it was committed last; None: nothing was yet."""

    def __init__(self, stream: IO[bytes], reader: Reader, path: str, inode: int | None = None) -> None:
        self.stream = stream
        self.progress: FileProgress | None = None
        self.path = path
        self.inode = inode
        self.offset = 0
        self._reader = reader
        self._digest = hashlib.sha256()
        self._beginning = b""
        self._rest = b""
        self._overlong = self._damaged = False

    @property
    def position(self) -> int:
        """How far the file was read, the record that is not whole yet included."""
        return self.offset + len(self._rest)

    def is_replaced(self, size: int) -> bool:
        """Whether it is another text by now: shorter (`size`) than what was read of it, or with another beginning."""
        if size < self.position:
            return True
        position = self.stream.tell()
        self.stream.seek(0)
        beginning = _read_fully(self.stream, len(self._beginning))
        self.stream.seek(position)
        return beginning != self._beginning

    def resume(self, progress: FileProgress, before: _ReadBefore) -> None:
        """Goes on where `progress` ended, with the memory that the reader needs."""
        self.progress = progress
        self.offset = before.size
        self._digest = before.digest
        self._beginning = before.beginning
        self._reader.remember(before.beginning[: before.beginning.rfind(b"\n") + 1])
        self._reader.remember(before.end)
        self._reader.line = progress.lines

    def fill(self, chunk: Chunk, *, last: bool) -> bool:
        """Reads until the chunk is full (True), or nothing more is there now. `last`: nothing more will come."""
        while not chunk.is_full:
            try:
                block = self._block()
            except DAMAGED as damage:
                chunk.reject(self._reader.line + 1, f"the compressed file is damaged from here on: {damage}")
                return False
            if not block:
                if last:
                    self._take(chunk, last=True)
                return False
            self._rest += block
            self._take(chunk, last=False)
        return True

    def _block(self) -> bytes:
        """Of a damaged file, all that is there before the damage: gzip gives a whole block or none."""
        if isinstance(self.stream, gzip.GzipFile):
            if self._damaged:
                return self.stream.read1(BLOCK)
            try:
                return self.stream.read(BLOCK)
            except DAMAGED:
                self._damaged = True
                self.stream.seek(self.position)
                return self.stream.read1(BLOCK)
        return self.stream.read(BLOCK)

    def _take(self, chunk: Chunk, *, last: bool) -> None:
        if self._overlong:
            self._skip_to_line_end(last)
        size = self._reader.whole(self._rest, last) if self._rest else 0
        if size:
            block = self._rest[:size]
            self._pass(size)
            chunk.read(self._reader, block)
        elif len(self._rest) > _MOST_RECORD:
            chunk.reject(self._reader.line + 1, f"a record of more than {_MOST_RECORD >> 20} MiB: skipped")
            self._overlong = True
            self._skip_to_line_end(last)

    def _skip_to_line_end(self, last: bool) -> None:
        end = self._rest.find(b"\n") + 1
        self._overlong = not end and not last
        self._pass(end or len(self._rest))
        if end:
            self._reader.line += 1

    def _pass(self, size: int) -> None:
        done = self._rest[:size]
        self._digest.update(done)
        self._rest = self._rest[size:]
        self.offset += size
        if len(self._beginning) < _HEAD_SIZES[0]:
            self._beginning += done[: _HEAD_SIZES[0] - len(self._beginning)]

    async def next_progress(self, store: IngestStore, source: Source, now: datetime) -> FileProgress | None:
        """What is to be committed with what was read since; None: nothing was. The counts are those of before."""
        if self.progress is None:
            if not self.offset:
                return None
            head, head_size = await _free_head(store, source, self._beginning)
            first = FileProgress(source.id, head, head_size, self.path, self.inode, 0, "", 0, 0, 0, 0, 0, now)
        elif self.progress.offset == self.offset:
            return None
        else:
            first = self.progress
        return replace(
            first,
            path=self.path,
            inode=self.inode,
            offset=self.offset,
            digest=self._digest.hexdigest(),
            lines=self._reader.line,
        )


async def _free_head(store: IngestStore, source: Source, beginning: bytes) -> tuple[str, int]:
    size = next((size for size in _HEAD_SIZES if size <= len(beginning)), len(beginning))
    digest = hashlib.sha256(beginning[:size]).hexdigest()
    number = 1
    while await store.file_progress(source.id, _numbered(digest, number)) is not None:
        number += 1
    return _numbered(digest, number), size


def _numbered(digest: str, number: int) -> str:
    return digest if number == 1 else f"{digest}-{number}"


async def find_progress(
    store: IngestStore, source: Source, stream: IO[bytes], path: str
) -> tuple[FileProgress, _ReadBefore] | None:
    """What is known of this content: it begins with all that was read of a file before."""
    stream.seek(0)
    beginning = _read_fully(stream, _HEAD_SIZES[0])
    by_path = {known.head_size for known in await store.followed_progress(source.id, path)}
    for size in sorted({*_HEAD_SIZES, *by_path, len(beginning)}, reverse=True):
        if not 0 < size <= len(beginning):
            continue
        digest, number = hashlib.sha256(beginning[:size]).hexdigest(), 1
        while (known := await store.file_progress(source.id, _numbered(digest, number))) is not None:
            before = await asyncio.to_thread(read_before, stream, known.offset)
            if before.size == known.offset and before.digest.hexdigest() == known.digest:
                return known, before
            number += 1
    return None


def read_before(stream: IO[bytes], size: int) -> _ReadBefore:
    """The first `size` bytes, or as many as there are; the stream stands behind them."""
    stream.seek(0)
    digest, beginning, end, done = hashlib.sha256(), b"", b"", 0
    for block in _blocks(stream, size):
        digest.update(block)
        done += len(block)
        if len(beginning) < _HEAD_SIZES[0]:
            beginning += block[: _HEAD_SIZES[0] - len(beginning)]
        end = (end + block)[-_REMEMBERED:]
    return _ReadBefore(digest, beginning, end if done <= _REMEMBERED else end.partition(b"\n")[2], done)


def _blocks(stream: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0:
        try:
            block = stream.read(min(size, BLOCK))
        except DAMAGED:
            return
        if not block:
            return
        size -= len(block)
        yield block


def _read_fully(stream: IO[bytes], size: int) -> bytes:
    return b"".join(_blocks(stream, size))
