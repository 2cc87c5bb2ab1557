"""The lines by which a file says something of itself: rbldnsd's "special entries".

    $TIMESTAMP 2026:11:24:06:00 +2d     made then, not to be believed after two days
    $MAXRANGE4 /16                      larger entries are mistakes
    $1 text   $= text                   what texts are made from
    $SOA ...  $NS ...  $TTL ...         for the zone; nothing in them concerns us

They may hide behind a comment sign or a colon (";$TTL 300"), for other programs that read the same file. Data from the
future is not believed: one of the two clocks is wrong. (rbldnsd(8), "Special Entries", version 1.0~20210120, checked
2026-11-24.)
"""

import re
from datetime import UTC, datetime, timedelta

from deliverwatch.feeds.datasets import Marks
from deliverwatch.feeds.lines import BadFeed
from deliverwatch.feeds.values import BLANK

_FOR_THE_ZONE = ("soa", "ns", "nameserver", "ttl")
_VARIABLE = re.compile(r"([0-9=])[ \t]+(.+)", re.DOTALL)
_MAX_RANGE = re.compile(r"(/?)([0-9]{1,10})")
_STAMP = re.compile(
    r"([0-9]{4})[:-]?([0-9]{1,2})[:-]?([0-9]{1,2})[:-]?"
    r"(?:([0-9]{1,2})[:-]?(?:([0-9]{1,2})[:-]?(?:([0-9]{1,2})[:-]?)?)?)?"
)
_NO_STAMP = ("0", "-", ":")
_AFTER = re.compile(r"\+([0-9]{1,9})([smhdw]?)", re.IGNORECASE)
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def is_special(line: str) -> bool:
    return line[0] == "$" or line[1:2] == "$"


def special_of(line: str) -> tuple[str, str]:
    """The keyword in lower case, and what follows it."""
    text = line[1:] if line[0] == "$" else line[2:]
    word = re.split(r"[ \t]", text, maxsplit=1)[0]
    return word.lower(), text[len(word) :].strip(BLANK)


def read_special(line: str, marks: Marks, at: datetime) -> bool:
    """False: nothing that rbldnsd knows. Raises BadFeed for data that must not be believed."""
    word, rest = special_of(line)
    if word in _FOR_THE_ZONE:
        return True
    if word == "timestamp":
        return _timestamp(rest, marks, at)
    if word == "maxrange4":
        return _max_range(rest, marks)
    variable = _VARIABLE.fullmatch(f"{word} {rest}")
    if variable is None:
        return False
    marks.variables.setdefault(variable[1], variable[2])
    return True


def check_expiry(marks: Marks, at: datetime) -> None:
    """Raises BadFeed."""
    if marks.expires_at is not None and marks.expires_at < at:
        raise BadFeed(f"it says that it is not to be believed after {_written(marks.expires_at)}")


def _timestamp(rest: str, marks: Marks, at: datetime) -> bool:
    stamps = rest.split()
    if not 1 <= len(stamps) <= 2:
        return False
    try:
        made_at = _stamp(stamps[0])
        expires_at = _expiry(stamps[1], made_at) if len(stamps) == 2 else None
    except (ValueError, OverflowError):
        return False
    if made_at is not None and made_at > at:
        raise BadFeed(f"it says that it was made at {_written(made_at)}, which is in the future")
    if expires_at is not None:
        marks.expires_at = min(expires_at, marks.expires_at or expires_at)
    return True


def _stamp(text: str) -> datetime | None:
    """Raises ValueError for what is no time."""
    if text in _NO_STAMP:
        return None
    match = _STAMP.fullmatch(text)
    if match is None:
        raise ValueError(text)
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _expiry(text: str, made_at: datetime | None) -> datetime | None:
    if not text.startswith("+"):
        return _stamp(text)
    after = _AFTER.fullmatch(text)
    if after is None or made_at is None or not int(after[1]):
        raise ValueError(text)
    return made_at + timedelta(seconds=int(after[1]) * _UNITS[after[2].lower()])


def _max_range(rest: str, marks: Marks) -> bool:
    match = _MAX_RANGE.fullmatch(rest)
    if match is None or not int(match[2]) or (match[1] and int(match[2]) > 32):
        return False
    size = 1 << 32 - int(match[2]) if match[1] else int(match[2])
    marks.max_range = min(size, marks.max_range or size)  # it can be lowered only
    return True


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
