"""Reading JSON documents: the body of a webhook call, the answer of an API, either of them saved as a file.

A document is cut into records, and each record is read for itself: one that cannot be read is one rejection with its
number, and the rest goes on. A file may also hold several documents, one a line, as they are logged when they come in.

A large array is parsed piece by piece: ten thousand records at once fill more memory than a processor has at hand, and
take twice as long.

Texts come from strangers and arrive damaged: a subject cut in the middle of a character leaves half of a surrogate pair
(RFC 8259 §8.2) or of a UTF-8 sequence. Only the damage is replaced (U+FFFD), not the batch around it given up.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from deliverwatch.core.delivery import Item, Rejection
from deliverwatch.flows.source_ports import ReaderOptions

Cut = Callable[[Any], Sequence[Any]]
"""The records of a document. Raises ValueError when it is none of the source's."""

Read = Callable[[Any, ReaderOptions], Sequence[Item]]
"""The items of a record. Raises ValueError, in words for `Rejection.why`."""

_BOM = b"\xef\xbb\xbf"
_PIECE = 1 << 15  # bytes
_ARRAY = re.compile(rb'\[\s*(\{\s*"[^"\\]{1,100}")')  # and how its first object begins
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
_HALF_OF_A_PAIR = re.compile(r"\\u[dD][89a-fA-F]..")


class DocumentReader:
    """A `Reader` of one source's documents."""

    def __init__(self, cut: Cut, read: Read, options: ReaderOptions) -> None:
        self.line = 0
        self._cut = cut
        self._read = read
        self._options = options

    def whole(self, buffer: bytes, last: bool) -> int:
        return len(buffer) if last else 0

    def read(self, block: bytes) -> Iterator[Item]:
        for document in documents(block):
            if isinstance(document, Exception):
                yield self._rejected(f"is not JSON: {_where(document)}")
            else:
                yield from self._items(document)

    def remember(self, block: bytes) -> None:
        """A document needs nothing of what came before."""

    def _items(self, document: Any) -> Iterator[Item]:
        try:
            records = self._cut(document)
        except ValueError as problem:
            yield self._rejected(str(problem))
            return
        for record in records:
            self.line += 1
            try:
                items = self._read(record, self._options)
            except ValueError as problem:
                yield Rejection(self.line, str(problem))
            else:
                yield from items

    def _rejected(self, why: str) -> Rejection:
        self.line += 1
        return Rejection(self.line, why)


def reader(cut: Cut, read: Read) -> Callable[[ReaderOptions], DocumentReader]:
    """For `Source.reader`."""
    return lambda options: DocumentReader(cut, read, options)


def one_record(document: Any) -> Sequence[Any]:
    """A document that is one record, or a list of such."""
    return document if isinstance(document, list) else (document,)


def documents(content: bytes) -> Iterator[Any]:
    """The document, or those of each line; a JSONDecodeError in place of one that cannot be read. A large array comes
    as several smaller ones."""
    content = content.removeprefix(_BOM).strip()
    done = 0
    for piece, end in _pieces(content):
        document = parsed(b"[" + piece + b"]")
        if isinstance(document, Exception):
            break
        done = end
        yield document
    yield from _whole(b"[" + content[done:] if done else content)


def _pieces(content: bytes) -> Iterator[tuple[bytes, int]]:
    """Some objects of an array each, without the last ones, and where they end. The cut is made where an object begins
    as the first one did; if that was inside of another, the piece is no JSON."""
    found = _ARRAY.match(content)
    if found is None:
        return
    begin = found.start(1)
    while (end := content.find(found[1], begin + _PIECE)) != -1:
        piece = content[begin:end].rstrip()
        if not piece.endswith(b","):
            return
        yield piece[:-1], end
        begin = end


def _whole(content: bytes) -> Iterator[Any]:
    document = parsed(content)
    if isinstance(document, Exception) and b"\n" in content:
        lines = [line for line in content.splitlines() if line.strip()]
        first = parsed(lines[0])
        if isinstance(first, dict | list):
            yield first
            yield from map(parsed, lines[1:])
            return
    yield document


def parsed(content: bytes) -> Any:
    """The value, or the JSONDecodeError that says why there is none."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        try:
            return orjson.loads(_ESCAPE.sub(_mended, content.decode(errors="replace")))
        except orjson.JSONDecodeError as problem:
            return problem


def _mended(escape: re.Match[str]) -> str:
    return r"\ufffd" if len(escape[0]) == 6 and _HALF_OF_A_PAIR.match(escape[0]) else escape[0]


def _where(problem: Exception) -> str:
    """Without what stands there."""
    return str(problem)[:120]
