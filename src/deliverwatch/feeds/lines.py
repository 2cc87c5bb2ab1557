"""A file of foreign text, a block of lines at a time.

Bytes become characters one for one (ISO 8859-1), as rbldnsd(8) sees them: nothing fails to decode, and what is kept as
text can be turned back into the bytes that DNS would have carried. A line ends with a line feed alone. rbldnsd reads
lines of up to 32 KiB (istream.h of its source, checked 2026-11-24); a longer one, or a zero byte, means that this is
no list but something else under its name.
"""

from collections.abc import Iterator
from typing import BinaryIO

MAX_LINE = 32 * 1024
_BLOCK = 256 * 1024


class BadFeed(Exception):
    """The file as a whole cannot be believed. Never leaves the room: `scan` turns it into a value."""


def blocks(stream: BinaryIO) -> Iterator[list[str]]:
    """The lines, without their ends. Raises BadFeed."""
    rest = ""
    while block := stream.read(_BLOCK):
        if b"\0" in block:
            raise BadFeed("it holds binary data: expected a text file, not compressed")
        *lines, rest = (rest + block.decode("latin-1")).split("\n")
        if max(map(len, lines), default=0) > MAX_LINE or len(rest) > MAX_LINE:
            raise BadFeed(f"it has a line of more than {MAX_LINE:,} bytes")
        yield lines
    if rest:
        yield [rest]
