"""Foreign text inside a Markdown document: as one piece of a line, or as a block of its own.

A piece is first made visible, so that it is one line, and then loses every meaning it may have to a reader of Markdown
(CommonMark 0.31.2; tables, strikethrough and bare links as in GitHub Flavored Markdown): a backslash before ASCII
punctuation makes it that character and nothing else (CommonMark §2.4). What only counts at the beginning of a line
(headings, lists, rules, indented code) is escaped there. A block is fenced with more backticks than it holds in a row,
so that nothing in it can end it (§4.5).
"""

import re

from deliverwatch.core.visible import visible
from deliverwatch.render.encode import in_lines

_ANYWHERE = re.compile(r"[\\`*_{}\[\]<>|&~#!$@]|(?<=:)/(?=/)|(?i:(?<=www)\.)")
_AT_THE_BEGINNING = re.compile(r"[-+=]|[0-9]{1,9}(?=[.)](?:\s|$))")
_BACKTICKS = re.compile(r"`+")
_SHORTEST_FENCE = 3


def escape(text: str, limit: int = 1 << 31) -> str:
    """One line that reads as `text` does, wherever in a paragraph, heading, list or table cell it is put."""
    shown = visible(text, limit)
    inner = shown.strip(" ")
    escaped = _ANYWHERE.sub(r"\\\g<0>", inner)
    if begins := _AT_THE_BEGINNING.match(escaped):
        kept = begins[0] if begins[0].isdigit() else ""
        escaped = f"{kept}\\{escaped[len(kept) :]}"
    before = len(shown) - len(shown.lstrip(" "))
    return "&#32;" * before + escaped + "&#32;" * (len(shown) - len(inner) - before)


def fence(text: str) -> str:
    """A block that shows `text` as it is, line by line. Stands between blank lines."""
    shown = in_lines(text).rstrip("\n")
    longest = max(map(len, _BACKTICKS.findall(shown)), default=0)
    ticks = "`" * max(_SHORTEST_FENCE, longest + 1)
    return f"{ticks}text\n{shown}\n{ticks}"
