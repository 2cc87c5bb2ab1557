"""Reads exported files of a source into the store, once each.

Lines are read and committed piece by piece, each piece together with how far the file is read: a run that is killed
goes on where it was, and the same file again, under whatever name, changes nothing. A file that has grown is read on. A
document (an export, a mail, the body of a call) is read whole, and known by the digest of all of it.

Records that bear an id of their own are counted once in any file.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import IO

from deliverwatch.core.errors import FenceLost, NotPossible
from deliverwatch.core.tally_rules import TallyRules
from deliverwatch.flows.chunk import Chunk, IngestTotals, Origin, commit_chunk, with_counts
from deliverwatch.flows.delivery_ports import FileProgress, IngestStore
from deliverwatch.flows.file_reading import DAMAGED, OpenFile, find_progress, name_of, open_plain
from deliverwatch.flows.source_ports import Reader, ReaderOptions, Shape, Source

MOST_DOCUMENT = 64 << 20


@dataclass(frozen=True)
class IngestDesk:
    """`load_rules`: called once, when something is to be counted. `options`: what the settings say of a source's
    files."""

    load_rules: Callable[[], TallyRules]
    options: Callable[[Source, datetime], ReaderOptions]

    @cached_property
    def rules(self) -> TallyRules:
        return self.load_rules()

    def reader(self, source: Source, now: datetime) -> Reader:
        return source.reader(self.options(source, now))


Told = Callable[[IngestTotals], None]


def _nobody(_: IngestTotals) -> None: ...


Check = Callable[[], Awaitable[None]]


async def _as_it_is() -> None: ...


async def ingest_file(
    store: IngestStore,
    desk: IngestDesk,
    source: Source,
    path: Path,
    now: datetime,
    told: Told = _nobody,
) -> IngestTotals:
    """`told` hears how far it is, after each commit. Raises OSError for what cannot be read, NotPossible for what is no
    file or is being read by somebody else."""
    read = _ingest_lines if source.shape is Shape.LINES else _ingest_document
    try:
        with open_plain(path, source) as stream:
            return await read(store, desk, source, stream, path, now, told)
    except FenceLost:
        raise NotPossible(f"{path} is being read by another process: try again when it is done") from None
    except OSError as failure:
        if failure.filename is None:  # while it was read: a disk that fails names no file
            failure.filename = str(path)
        raise


async def _ingest_lines(
    store: IngestStore,
    desk: IngestDesk,
    source: Source,
    stream: IO[bytes],
    path: Path,
    now: datetime,
    told: Told,
) -> IngestTotals:
    file = await open_again(store, desk, source, stream, path, now)
    totals = read_before(file.progress)
    more = True
    while more:
        more = await read_on(store, desk, source, file, now, totals, last=True)
        told(totals)
    return totals


async def open_again(
    store: IngestStore, desk: IngestDesk, source: Source, stream: IO[bytes], path: Path, now: datetime
) -> OpenFile:
    """The file, to be read from where it was left."""
    name = name_of(path)
    file = OpenFile(stream, desk.reader(source, now), name)
    known = await find_progress(store, source, stream, name)
    if known is None:
        stream.seek(0)
    else:
        file.resume(*known)
    return file


async def read_on(
    store: IngestStore,
    desk: IngestDesk,
    source: Source,
    file: OpenFile,
    now: datetime,
    totals: IngestTotals,
    *,
    last: bool,
    check: Check = _as_it_is,
) -> bool:
    """Reads and commits one piece. False: nothing more is there now. `check`: a last look before the commit."""
    chunk = Chunk(source)
    more = await asyncio.to_thread(file.fill, chunk, last=last)
    await check()
    progress = await file.next_progress(store, source, now)
    if progress is None:
        totals.add(chunk.count(desk.rules, now, ()))
        return more
    tally = await commit_chunk(store, desk.rules, chunk, Origin(Path(file.path).name, progress), now)
    file.progress = with_counts(progress, tally, now)
    totals.add(tally)
    return more


async def _ingest_document(
    store: IngestStore,
    desk: IngestDesk,
    source: Source,
    stream: IO[bytes],
    path: Path,
    now: datetime,
    told: Told,
) -> IngestTotals:
    try:
        content = stream.read(MOST_DOCUMENT + 1)
    except DAMAGED as damage:
        raise NotPossible(f"{path}: the compressed file is damaged: {damage}") from None
    if len(content) > MOST_DOCUMENT:
        raise NotPossible(f"{path} is larger than {MOST_DOCUMENT >> 20} MiB: expected one document of {source.title}")
    digest = hashlib.sha256(content).hexdigest()
    known = await store.file_progress(source.id, digest)
    if known is not None:
        return read_before(known)
    name = name_of(path)
    progress = FileProgress(source.id, digest, len(content), name, None, len(content), digest, 0, 0, 0, 0, 0, now)
    totals = await ingest_document(store, desk, source, content, Origin(path.name, progress), now)
    told(totals)
    return totals


async def ingest_document(
    store: IngestStore, desk: IngestDesk, source: Source, content: bytes, origin: Origin, now: datetime
) -> IngestTotals:
    """One body, committed as one."""
    chunk = Chunk(source)
    await asyncio.to_thread(_read_whole, desk.reader(source, now), content, chunk)
    totals = IngestTotals()
    totals.add(await commit_chunk(store, desk.rules, chunk, origin, now))
    return totals


def _read_whole(reader: Reader, content: bytes, chunk: Chunk) -> None:
    chunk.read(reader, content[: reader.whole(content, True)])


def read_before(progress: FileProgress | None) -> IngestTotals:
    """What was counted of a file in an earlier call, as duplicates of this one."""
    if progress is None:
        return IngestTotals()
    return IngestTotals(progress.read, 0, progress.accepted + progress.duplicates, progress.rejected)
