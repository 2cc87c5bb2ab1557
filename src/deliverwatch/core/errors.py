"""Mistakes and failures, drawn by who can act on them.

    DeliverwatchError
    ├─ ConfigError       the operator edits a file: every fault names file, place, what was expected   exit 2
    │  ├─ CatalogueError    a blocklist, form or plan file
    │  └─ InventoryError    a customers file
    ├─ NotPossible       a person asked for what is not there, or not in that state                    exit 2
    │  └─ DraftChanged      somebody else changed the draft meanwhile
    ├─ StoreError        the database cannot be used                                                   exit 3
    ├─ FenceLost         another worker took the slot over; this result must not be written
    ├─ AlreadySeen       an event of this batch was counted by somebody else meanwhile; nothing was written
    ├─ SourceFailed      a data source cannot be read now, or not with these settings
    └─ ChannelFailed     a delivery failed: for now, or for good

Whatever a look-up can answer is a value (`core.blocklist.Outcome`), never an exception.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

_MOST_NAMED = 20


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in one file, as a sentence a stranger can act on."""

    file: str
    place: str
    problem: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.place, self.problem) if part)


class DeliverwatchError(Exception):
    """Base of all errors of this program."""


class ConfigError(DeliverwatchError):
    """Files that cannot be used as they are; carries every fault found, not just the first."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class CatalogueError(ConfigError):
    """A catalogue file (blocklists, forms) is wrong."""


class InventoryError(ConfigError):
    """A customers file is wrong."""


class NotPossible(DeliverwatchError):
    """What was asked for does not exist, or is not in a state that allows it."""


class DraftChanged(NotPossible):
    """A draft is not as it was when it was read: somebody else has changed it."""


class StoreError(DeliverwatchError):
    """The database cannot be opened, read or written."""


class FenceLost(DeliverwatchError):
    """The slot was claimed by somebody else meanwhile: this result is discarded."""


class AlreadySeen(DeliverwatchError):
    """An event of a batch is counted already: the batch is made again without it."""


class SourceFailed(DeliverwatchError):
    """A data source did not answer as it should. `permanent`: trying again with these settings cannot help."""

    def __init__(self, why: str, *, permanent: bool) -> None:
        super().__init__(why)
        self.permanent = permanent


class ChannelFailed(DeliverwatchError):
    """A notification was not accepted. `permanent`: trying again cannot help. `retry_after`: how long the other side
    asks to be left alone. `no_such_reader`: the recipient was refused, and not the message or its sender."""

    def __init__(
        self, why: str, *, permanent: bool, retry_after: timedelta | None = None, no_such_reader: bool = False
    ) -> None:
        super().__init__(why)
        self.permanent = permanent
        self.retry_after = retry_after
        self.no_such_reader = no_such_reader


def unknown_name(what: str, name: str, known: Iterable[str]) -> str:
    """The sentence about a key, id or word that is not among those known, with the one that was likely meant."""
    known = sorted(map(str, known))
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"unknown {what} {name[:80]!r}: did you mean {near[0]!r}?"
    some = ", ".join(known[:_MOST_NAMED]) + (", ..." if len(known) > _MOST_NAMED else "")
    return f"unknown {what} {name[:80]!r}: " + (f"expected one of {some}" if known else "none is known")
