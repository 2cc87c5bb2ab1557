"""Reads the maildir in which the bounces of reports arrive, and loses the contacts they name.

Mails are left where they are. Which were read is remembered while the process lives; after a start they are read again,
which changes nothing: a contact is lost once, and one that was restored is not taken away by a report from before that.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from deliverwatch.core.errors import NotPossible
from deliverwatch.core.receivers import Routing
from deliverwatch.flows.contacts import ContactStore, bounced
from deliverwatch.flows.ports import Clock

_READ_FOR = timedelta(days=30)
_MOST_MAIL = 1 << 20
_PARTS = ("new", "cur")


class Bounce(Protocol):
    """One recipient of one report. `addresses`: what it is called."""

    @property
    def report_id(self) -> str: ...

    @property
    def addresses(self) -> tuple[str, ...]: ...

    @property
    def why(self) -> str: ...


class BounceReader:
    """`read`: the bounces of reports in one mail."""

    def __init__(
        self, store: ContactStore, routing: Routing, folder: Path, read: Callable[[bytes], Iterable[Bounce]]
    ) -> None:
        self._store, self._routing, self._folder, self._read = store, routing, folder, read
        self._done: set[str] = set()

    async def catch_up(self, clock: Clock) -> int:
        """Returns how many contacts were lost. Raises NotPossible when it is no maildir that can be read."""
        try:
            found = dict(self._mails(clock.now()))
        except OSError as failure:
            raise NotPossible(f"[reports] bounces: {self._folder}: {failure.strerror}: expected a maildir") from None
        self._done &= found.keys()
        return sum([await self._take(name, path, clock) for name, path in found.items() if name not in self._done])

    async def _take(self, name: str, path: Path, clock: Clock) -> int:
        """One that was moved meanwhile is met again where it is now."""
        try:
            with path.open("rb") as file:
                content = file.read(_MOST_MAIL)
        except FileNotFoundError:
            return 0
        lost = sum([await self._lose(bounce, clock) for bounce in self._read(content)])
        self._done.add(name)
        return lost

    async def _lose(self, bounce: Bounce, clock: Clock) -> bool:
        for address in bounce.addresses:
            if await bounced(self._store, self._routing, clock, bounce.report_id, address, bounce.why):
                return True
        return False

    def _mails(self, now: datetime) -> Iterator[tuple[str, Path]]:
        """By the part of the name that stays the same (cr.yp.to/proto/maildir.html)."""
        oldest = (now - _READ_FOR).timestamp()
        for part in _PARTS:
            for entry in os.scandir(self._folder / part):
                if entry.is_file() and entry.stat().st_mtime >= oldest:
                    yield entry.name.partition(":")[0], Path(entry.path)
