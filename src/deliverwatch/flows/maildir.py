"""Mails that lie in a maildir (complaints, bounces), each read once and left where it is.

A mail is known by its name, which does not change when it moves from new/ to cur/ (its flags, behind the colon, do:
cr.yp.to/proto/maildir.html). That it was read is remembered as if it were one more event of the mail, for as long as
ids of events are: so older mails are left alone, and history is read as files.
"""

import contextlib
import errno
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from deliverwatch.core.errors import AlreadySeen
from deliverwatch.core.tally import event_digest
from deliverwatch.flows.chunk import IngestTotals, Origin
from deliverwatch.flows.delivery_ports import IngestStore
from deliverwatch.flows.ingest import IngestDesk, ingest_document
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.source_ports import Source

IDS_KEPT_FOR = timedelta(days=30)
_MAILS_A_VISIT = 500
_ASKED_AT_ONCE = 5000
_MOST_MAIL = 32 << 20
_PARTS = ("new", "cur")


class MaildirReader:
    """One maildir of one source."""

    def __init__(self, store: IngestStore, desk: IngestDesk, source: Source, folder: Path) -> None:
        self.source = source
        self.folder = folder
        self._store = store
        self._desk = desk
        self._done: set[int] = set()

    async def catch_up(self, clock: Clock) -> IngestTotals:
        """Reads the mails that are new, a bounded number of them. Raises OSError when it is no maildir."""
        totals, now = IngestTotals(), clock.now()
        found = dict(self._mails(now))
        self._done &= found.keys()
        new = [digest for digest in found if digest not in self._done][:_ASKED_AT_ONCE]
        seen = await self._store.seen_events(self.source.space, new) if new else set()
        self._done |= seen
        for digest in islice((digest for digest in new if digest not in seen), _MAILS_A_VISIT):
            await self._read(digest, found[digest], now, totals)
            self._done.add(digest)
        return totals

    async def _read(self, digest: int, path: Path, now: datetime, totals: IngestTotals) -> None:
        """One that was moved, or read by another worker, is left."""
        with contextlib.suppress(FileNotFoundError, AlreadySeen):
            with path.open("rb") as stream:
                content = stream.read(_MOST_MAIL)
            origin = Origin(path.name, own_ids=(digest,))
            totals.add(await ingest_document(self._store, self._desk, self.source, content, origin, now))

    def _mails(self, now: datetime) -> Iterator[tuple[int, Path]]:
        """By the digest of its name, oldest first."""
        oldest = (now - IDS_KEPT_FOR + timedelta(days=1)).timestamp()
        mails = [mail for part in _PARTS for mail in _dated(self._part(part))]
        for changed_at, path in sorted(mails):
            if changed_at >= oldest:
                yield event_digest(f"maildir {self.folder} {path.name.partition(':')[0]}"), path

    def _part(self, name: str) -> Path:
        """Raises OSError that says which part is missing, where the folder itself is there."""
        part = self.folder / name
        if self.folder.is_dir() and not part.is_dir():
            why = f"it has no folder {name!r}, and a maildir has 'new' and 'cur'"
            raise NotADirectoryError(errno.ENOTDIR, why, str(part))
        return part


def _dated(folder: Path) -> Iterator[tuple[float, Path]]:
    for entry in os.scandir(folder):
        with contextlib.suppress(FileNotFoundError):
            if entry.is_file():
                yield entry.stat().st_mtime, Path(entry.path)
