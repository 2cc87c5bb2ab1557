"""How commands print: one JSON document, or tables and sentences. Foreign text goes through one encoder.

Rich prints with markup off, so that a square bracket in a name or a TXT record is a square bracket.
"""

import contextlib
import json
import sys
import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from deliverwatch.core.visible import visible
from deliverwatch.render.json_times import instant

STYLES = {
    "listed": "bold red",
    "clear": "green",
    "refused": "yellow",
    "unreachable": "yellow",
    "nonsense": "yellow",
    "critical": "bold red",
    "high": "red",
    "healthy": "green",
    "failing": "yellow",
    "quarantined": "bold yellow",
    "unverifiable": "yellow",
    "pass": "green",
    "fail": "red",
    "unknown": "yellow",
    "on plan": "green",
    "done": "green",
    "behind: refused": "bold red",
    "held": "bold red",
    "ready to release": "bold yellow",
    "not known": "yellow",
}
_CELL = 2000


def out() -> Console:
    """Standard output; wide enough for whole tables when it is not a terminal."""
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = 200
    return console


def say(message: str) -> None:
    """To people, on standard error."""
    with contextlib.suppress(OSError):  # nobody is there to be told
        for line in message.split("\n"):
            print(visible(line, _CELL), file=sys.stderr, flush=True)


def busy(what: str) -> Status:
    """Shows on a terminal that something takes its time."""
    return Console(stderr=True, markup=False).status(visible(what, _CELL))


def print_json(document: Any) -> None:
    """ASCII only, so that no control character, bidi mark or odd encoding reaches the terminal."""
    print(json.dumps(document, indent=2, default=_plain))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], empty: str) -> None:
    rows = list(rows)
    if not rows:
        print(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=number == 0)  # what names the row stays in one piece
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    console = out()
    with console.capture() as printed:
        console.print(table)
    for line in printed.get().splitlines():
        print(line.rstrip())


def print_lines(lines: Iterable[str]) -> None:
    """Lines that may hold foreign text."""
    for line in lines:
        print(visible(line, _CELL))


def print_wrapped(lines: Iterable[str]) -> None:
    """Sentences, as wide as the terminal."""
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        print_lines(textwrap.wrap(line, out().width, subsequent_indent=indent, break_on_hyphens=False))


def _cell(value: Any) -> Text:
    text = _words(value)
    return Text(visible(text, _CELL), style=STYLES.get(text, ""))


def _words(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}"
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(str(each) for each in value) or "-"
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"no JSON for {type(value).__name__}")
