"""What the kinds of datasets have in common.

A dataset is shown one line after the other and keeps what concerns our own subjects, nothing else. Lines that begin
with a colon change the default value of those that follow; "!" in front of an entry takes it out again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from deliverwatch.core.subjects import Subject
from deliverwatch.core.verdict import MAX_CODES
from deliverwatch.feeds.ip4 import Span
from deliverwatch.feeds.values import BLANK, UNSET, Value, read_value, value_after


class Match(NamedTuple):
    """A subject that is listed. `entry`: what "$" in its texts stands for."""

    subject: Subject
    entry: str
    values: tuple[Value, ...]


class Dataset(Protocol):
    @property
    def worth_reading(self) -> Callable[[list[str]], list[str]]:
        """Leaves out, as fast as can be, what is a good entry and none of our subjects is in."""

    def read(self, line: str) -> bool:
        """One line, without blanks around it, no comment. False: it cannot be read, and counts for nothing."""

    def matches(self) -> Iterator[Match]:
        """When the file is done."""


def all_lines(lines: list[str]) -> list[str]:
    return lines


@dataclass(slots=True)
class Marks:
    """What a file says of itself. `max_range`: entries over more addresses than that are not meant."""

    variables: dict[str, str] = field(default_factory=dict)
    max_range: int | None = None
    expires_at: datetime | None = None


class Defaults:
    """The value of entries that have none of their own."""

    def __init__(self) -> None:
        self.value = UNSET

    def change(self, line: str) -> bool:
        value = read_value(line, UNSET)
        self.value = value or self.value
        return value is not None


class Entry(NamedTuple):
    """`value` None: an exclusion."""

    first: int
    last: int
    value: Value | None


def read_entry(line: str, read_span: Callable[[str], Span | None], default: Value) -> Entry | None:
    """An address or network with what follows it."""
    excluded = line.startswith("!")
    if excluded:
        line = line[1:].lstrip(BLANK)
    span = read_span(line)
    if span is None:
        return None
    first, last, end = span
    if excluded:
        return Entry(first, last, None)
    value = value_after(line, end, default)
    return None if value is None else Entry(first, last, value)


def keep_value(values: list[Value | None], value: Value | None) -> None:
    """Adds what is new, up to what no answer may exceed: a hostile file could go on about one subject for ever."""
    if value not in values and (value is None or len(values) <= MAX_CODES):
        values.append(value)


def agreed(values: list[Value | None]) -> tuple[Value, ...]:
    """Empty as soon as one of them is an exclusion."""
    return () if None in values else tuple(value for value in values if value is not None)
