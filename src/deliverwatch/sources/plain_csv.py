"""The plain form as CSV: a header line with the names of the fields (`sources.plain`), in any order."""

from collections.abc import Iterable

from deliverwatch.core.delivery import Item, Rejection
from deliverwatch.flows.source_ports import Shape, Source
from deliverwatch.sources.lines import CsvReader
from deliverwatch.sources.plain import item, unknown


class PlainCsvReader(CsvReader):
    names: tuple[str, ...] = ()

    def header(self, columns: list[str]) -> Iterable[Item]:
        self.names = tuple(column.strip().lower() for column in columns)
        strange = unknown([*self.names])
        return () if strange is None else (Rejection(self.line, strange),)

    def items(self, row: list[str]) -> Iterable[Item]:
        return (item(dict(zip(self.names, row, strict=True)), self.options),)


SOURCE = Source(
    id="csv",
    title="Plain CSV",
    shape=Shape.LINES,
    space="plain",
    reader=PlainCsvReader,
    followable=True,
)
