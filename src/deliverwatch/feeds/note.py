"""What is remembered of a download between two runs: a small JSON file beside the data.

It is written before the server is asked, so that a program that is started over and over does not ask over and over.
A note that cannot be read is no note: the file is then fetched whole. URLs are not in it.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from deliverwatch.feeds.replacing import replace_with


@dataclass(frozen=True, slots=True)
class Note:
    """`fetched_at`: when the server last said that what we hold is current. `aside_*`: a download that was much smaller
    than what we hold, and when that size was first seen. `problem`: of the last attempt."""

    asked_at: datetime | None = None
    fetched_at: datetime | None = None
    size: int = 0
    entries: int = 0
    etag: str | None = None
    last_modified: str | None = None
    aside_entries: int = 0
    aside_at: datetime | None = None
    problem: str | None = None

    @property
    def validators(self) -> dict[str, str]:
        pairs = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in pairs.items() if value}


_TYPES: dict[str, type] = {
    "asked_at": datetime, "fetched_at": datetime, "aside_at": datetime, "size": int, "entries": int,
    "aside_entries": int, "etag": str, "last_modified": str, "problem": str,
}  # fmt: skip


def read_note(path: Path) -> Note:
    try:
        facts = json.loads(path.read_bytes())
        return Note(**{name: _value(_TYPES[name], value) for name, value in facts.items() if value is not None})
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return Note()


def write_note(path: Path, note: Note) -> None:
    """Raises OSError."""
    facts = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(note).items()}
    replace_with(path, json.dumps(facts, indent=1).encode())


def _value(wanted: type, value: Any) -> Any:
    if wanted is datetime:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError("a time without its zone")
        return at
    if type(value) is not wanted:
        raise ValueError("a value of another type")
    return value
