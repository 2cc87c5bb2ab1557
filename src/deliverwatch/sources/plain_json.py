"""The plain form as JSON: one object per line, or one array of objects. An array is read whole."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from deliverwatch.core.delivery import Item, Rejection
from deliverwatch.flows.source_ports import ReaderOptions, Shape, Source
from deliverwatch.sources.lines import LineReader, whole_lines
from deliverwatch.sources.plain import item, unknown

_MOST_ARRAY = 64 << 20
_MOST_STRANGE = 100
_BLANK = b"\xef\xbb\xbf \t\r\n"


class PlainJsonReader(LineReader):
    def __init__(self, options: ReaderOptions) -> None:
        super().__init__(options)
        self._strange: set[str] = set()

    def whole(self, buffer: bytes, last: bool) -> int:
        if not self._is_array(buffer):
            return whole_lines(buffer, last)
        return len(buffer) if last or len(buffer) > _MOST_ARRAY else 0

    def read(self, block: bytes) -> Iterator[Item]:
        if not self._is_array(block):
            yield from super().read(block)
            return
        try:
            records = orjson.loads(block.removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError:
            yield Rejection(1, f"expected one JSON array of at most {_MOST_ARRAY >> 20} MiB, or one object per line")
            return
        for record in records:
            self.line += 1
            try:
                yield from self._of(record)
            except ValueError as error:
                yield Rejection(self.line, str(error))

    def items(self, line: str) -> Iterable[Item]:
        if not line or line.isspace():
            return ()
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise ValueError("expected one JSON object per line") from None
        return self._of(record)

    def _is_array(self, buffer: bytes) -> bool:
        return self.line == 0 and buffer[:64].lstrip(_BLANK).startswith(b"[")

    def _of(self, record: Any) -> Iterable[Item]:
        if not isinstance(record, dict):
            raise ValueError("expected a JSON object")
        found = item(record, self.options)
        strange = unknown([name for name in record if name not in self._strange])
        if strange is None or len(self._strange) > _MOST_STRANGE:
            return (found,)
        self._strange |= set(record)
        return Rejection(self.line, strange), found


SOURCE = Source(
    id="json",
    title="Plain JSON",
    shape=Shape.LINES,
    space="plain",
    reader=PlainJsonReader,
    followable=True,
)
