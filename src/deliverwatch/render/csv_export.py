"""CSV for spreadsheets, of text that strangers wrote.

A spreadsheet takes a cell that begins with =, +, - or @ (or the wide forms that Japanese keyboards type, or a blank in
front of them) for a formula and may run it: OWASP, "CSV Injection", read 2026-11-27. Such a cell gets an apostrophe in
front, and every cell is quoted, so that no separator or line break in a text begins a cell of its own (RFC 4180).
UTF-8, without a byte order mark: programs read it too.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from deliverwatch.render.json_times import instant

CSV_TYPE = "text/csv; charset=utf-8"

Cell = str | int | float | bool | date | datetime | Sequence[str] | None
"""None: not known, an empty cell. Several texts are one cell, parted by "; "."""

_TRIGGERS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n\0")


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The header, then line by line, so that a long history is sent as it is read."""
    yield _line(columns)
    for row in rows:
        yield _line(row)


def _line(cells: Iterable[Cell]) -> bytes:
    quoted = ",".join(f'"{_harmless(_text(each)).replace(chr(34), chr(34) * 2)}"' for each in cells)
    return f"{quoted}\r\n".encode("utf-8", "backslashreplace")


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case int() | float():
            return str(cell)
        case datetime():
            return instant(cell) or ""
        case date():
            return cell.isoformat()
    return "; ".join(cell)


def _harmless(text: str) -> str:
    return f"'{text}" if {text[:1], text.lstrip()[:1]} & _TRIGGERS else text
