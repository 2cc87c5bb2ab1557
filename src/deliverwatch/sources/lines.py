"""Reading a file of lines, a block at a time.

A block ends where a record ends, so that a file can be read on from any block's end. In CSV a record may go over
several lines, inside quotes (RFC 4180 §2). A quote that nobody closes would swallow all that follows: after a few lines
its line counts as a record of its own, which cannot be read, and the next line begins afresh. So does a line without an
end.

Foreign bytes that are no UTF-8 are shown as U+FFFD; a line ends with a line feed, with or without a carriage return.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from deliverwatch.core.delivery import Item, Rejection
from deliverwatch.flows.source_ports import ReaderOptions

MOST_LINE = 1 << 20
"""Bytes. A log line has some hundred; whatever has no line end for so long is something else."""
_MOST_JOINED = 16
_BOM = "\ufeff"


class LineReader:
    """A `Reader` of one record per line; subclasses say what a line holds."""

    def __init__(self, options: ReaderOptions) -> None:
        self.line = 0
        self.options = options

    def whole(self, buffer: bytes, last: bool) -> int:
        return whole_lines(buffer, last)

    def read(self, block: bytes) -> Iterator[Item]:
        for line in lines_of(block):
            self.line += 1
            try:
                yield from self.items(line)
            except ValueError as error:
                yield Rejection(self.line, str(error))

    def remember(self, block: bytes) -> None:
        """Takes up what the lines leave behind; the first may be the rest of one."""
        line = self.line
        for _ in self.read(block):
            pass
        self.line = line

    def items(self, line: str) -> Iterable[Item]:
        """Of one line, without its end. Raises ValueError, in words for `Rejection.why`."""
        raise NotImplementedError


class CsvReader:
    """A `Reader` of CSV whose columns are named by a header line; subclasses say what a row holds."""

    first_column: ClassVar[str | None] = None
    """What a header line begins with, if one may come again in the middle: files are appended to one another."""

    def __init__(self, options: ReaderOptions) -> None:
        self.line = 0
        self.options = options
        self.columns: list[str] | None = None
        self._cells = Cells()
        first = (self.first_column or "")[:1]
        self._header_begins = f'{first}{first.upper()}"' if first else ""

    def whole(self, buffer: bytes, last: bool) -> int:
        return whole_rows(buffer, last)

    def read(self, block: bytes) -> Iterator[Item]:
        for lines, text in rows_of(block):
            number = self.line + 1
            self.line += lines
            try:
                yield from self._items(text)
            except (ValueError, csv.Error) as error:
                yield Rejection(number, f"is not CSV: {error}" if isinstance(error, csv.Error) else str(error))

    def remember(self, block: bytes) -> None:
        """The newest header line in it."""
        for _, text in rows_of(block):
            row = self._cells.of(text) if self._is_header(text) else None
            if row is not None:
                self.columns = row
                self.header(row)

    def header(self, columns: list[str]) -> Iterable[Item]:
        """Takes up the columns; returns rejections of those that mean nothing."""
        raise NotImplementedError

    def items(self, row: list[str]) -> Iterable[Item]:
        """Of a row with as many cells as there are columns. Raises ValueError, in words for `Rejection.why`."""
        raise NotImplementedError

    def _items(self, text: str) -> Iterable[Item]:
        if not text:
            return ()
        columns = self.columns
        if (columns is None or text[0] in self._header_begins) and self._is_header(text):
            self.columns = self._cells.of(text)
            return self.header(self.columns)
        if columns is None:
            raise ValueError(f"expected a header line that begins with {self.first_column!r} before the first record")
        row = self._cells.of(text)
        if len(row) != len(columns):
            raise ValueError(f"expected {len(columns)} columns as in the header line, found {len(row)}")
        return self.items(row)

    def _is_header(self, text: str) -> bool:
        if self.first_column is None:
            return self.columns is None
        first, *_ = text.split(",", 1)
        return first.strip('"').lower() == self.first_column


def whole_lines(buffer: bytes, last: bool) -> int:
    """How many bytes of it are whole lines."""
    if last:
        return len(buffer)
    return buffer.rfind(b"\n") + 1 or (len(buffer) if len(buffer) > MOST_LINE else 0)


def lines_of(block: bytes) -> list[str]:
    """Without their ends, and without byte order marks: files are appended to one another."""
    lines = block.decode("utf-8", "replace").replace(_BOM, "").replace("\r\n", "\n").split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def whole_rows(buffer: bytes, last: bool) -> int:
    """How many bytes of it are whole CSV records."""
    end = whole_lines(buffer, last)
    if last or not buffer.endswith(b"\n", 0, end) or b'"' not in buffer[:end]:
        return end
    lines = buffer[:end].split(b"\n")[:-1]
    records = sum(_extents([line.count(b'"') & 1 for line in lines], more=True))
    return sum(len(line) + 1 for line in lines[:records])


def rows_of(block: bytes) -> Iterator[tuple[int, str]]:
    """Each record as text, and over how many lines it goes."""
    lines = lines_of(block)
    if b'"' not in block:
        yield from ((1, line) for line in lines)
        return
    at = 0
    for extent in _extents([line.count('"') & 1 for line in lines], more=False):
        yield extent, lines[at] if extent == 1 else "\n".join(lines[at : at + extent])
        at += extent


def _extents(odd: Sequence[int], more: bool) -> Iterator[int]:
    """Over how many lines each record goes. `odd`: of each line, whether its number of quotes is. `more`: lines may
    follow, so that one which is still open is left out."""
    at = 0
    while at < len(odd):
        extent = 1
        if odd[at]:
            window = odd[at + 1 : at + _MOST_JOINED]
            if 1 in window:
                extent = window.index(1) + 2
            elif more and len(window) < _MOST_JOINED - 1:
                return
        yield extent
        at += extent


class Cells:
    """Cuts records into cells. One parser for all: to make one takes longer than to cut a record."""

    def __init__(self) -> None:
        self._text: str | None = None
        self._parser = csv.reader(iter(self._take, None), strict=True)

    def of(self, text: str) -> list[str]:
        """Raises csv.Error; the next record begins afresh."""
        if '"' not in text:
            return text.split(",")
        self._text = text
        return next(self._parser)

    def _take(self) -> str:
        text, self._text = self._text, None
        if text is None:
            raise csv.Error("a quote is not closed")
        return text
