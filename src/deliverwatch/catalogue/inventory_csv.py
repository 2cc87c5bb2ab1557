"""The inventory as CSV: one row per address, range or domain, turned into the tree that the YAML file has.

Columns are named like the keys of the YAML file; those of the customer and the pool stand in their first row and may
be left empty in the next, but must not say something else there. The ESP's own assets are the rows whose `customer` is
`esp`. Several values in a cell (contacts, subaccounts, roles, dkim_selectors, shared_with) are separated by spaces or
semicolons.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deliverwatch.catalogue.reading import INVENTORY_LIMIT, read_text
from deliverwatch.catalogue.strict_yaml import Document, Mark
from deliverwatch.core.errors import ConfigError, Fault, unknown_name

COLUMNS = (
    "customer",
    "name",
    "service_time_zone",
    "language",
    "tam_name",
    "tam_email",
    "tam_phone",
    "contacts",
    "report",
    "pool",
    "stream",
    "subaccounts",
    "ip",
    "domain",
    "roles",
    "dkim_selectors",
    "network_owner",
    "from",
    "until",
    "shared_with",
)
_ALSO_CALLED = {"id": "customer", "ips": "ip", "domains": "domain", "customers": "shared_with", "pool_id": "pool"}
_LISTS = frozenset({"contacts", "subaccounts", "roles", "dkim_selectors", "shared_with"})
_CUSTOMER = ("name", "service_time_zone", "language", "contacts")
_TAM = ("tam_name", "tam_email", "tam_phone")
_POOL = ("stream", "subaccounts", "shared_with")
_ASSET = ("network_owner", "from", "until")
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: Mapping[str, str]

    def value(self, column: str) -> Any:
        """None for an empty cell."""
        text = self.cells.get(column, "").strip()
        if not text:
            return None
        if column in _LISTS:
            return [part for part in re.split(r"[;\s]+", text) if part]
        return _BOOLEANS.get(text, text) if column == "report" else text


@dataclass(slots=True)
class _Branch:
    """A mapping of the tree in the making, with the line of each of its keys."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def put(self, key: str, value: Any, line: int) -> int | None:
        """The line that says something else about the key, if one does."""
        if value is None:
            return None
        if key in self.values and self.values[key] != value:
            return self.lines[key]
        self.values.setdefault(key, value)
        self.lines.setdefault(key, line)
        return None

    def within(self, key: str, line: int) -> "_Branch":
        self.lines.setdefault(key, line)
        branch: _Branch = self.values.setdefault(key, _Branch(line))
        return branch

    def add(self, key: str, branch: "_Branch") -> None:
        self.lines.setdefault(key, branch.line)
        self.values.setdefault(key, []).append(branch)


def load_csv(path: Path) -> Document:
    file = str(path)
    try:
        rows, faults = _rows(file, read_text(path, INVENTORY_LIMIT))
    except ConfigError as error:
        return Document(None, Mark(file, 1), error.faults)
    tree = _Tree(file)
    for row in rows:
        tree.add(row)
    value, mark = _grown(file, tree.root)
    return Document(value, mark, (*faults, *tree.faults))


def _rows(file: str, text: str) -> tuple[list[_Row], list[Fault]]:
    """Raises ConfigError when there is no telling which cell is which."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = [name.strip().lower().replace(".", "_") for name in next(reader, [])]
        columns = [_ALSO_CALLED.get(name, name) for name in columns]
        header_faults = list(_header_faults(file, columns))
        if header_faults:
            raise ConfigError(*header_faults)
        rows, faults = [], []
        for cells in reader:
            if len(cells) > len(columns):
                problem = f"has {len(cells)} cells, the header {len(columns)}: put a cell with a comma in quotes"
                faults.append(Fault(file, f"line {reader.line_num}", problem))
            elif any(cell.strip() for cell in cells):
                rows.append(_Row(reader.line_num, dict(zip(columns, cells, strict=False))))
    except csv.Error as error:
        raise ConfigError(Fault(file, f"line {reader.line_num}", f"is not CSV: {error}")) from None
    return rows, faults


def _header_faults(file: str, columns: list[str]) -> Iterator[Fault]:
    if "customer" not in columns:
        yield Fault(file, "line 1", "the column 'customer' is missing: expected a header row of column names")
        return
    for index, name in enumerate(columns):
        if name not in COLUMNS:
            yield Fault(file, "line 1", unknown_name("column", name, COLUMNS))
        elif name in columns[:index]:
            yield Fault(file, "line 1", f"the column {name!r} is here twice")


class _Tree:
    """Grows row by row. What rows say about the same customer or pool must agree."""

    def __init__(self, file: str) -> None:
        self.root = _Branch(1)
        self.faults: list[Fault] = []
        self._file = file
        self._owners: dict[str, _Branch] = {}
        self._pools: dict[tuple[str, str], _Branch] = {}

    def add(self, row: _Row) -> None:
        customer = row.value("customer")
        if customer is None:
            self._fault(row, "the cell 'customer' is empty: expected a customer's id, or esp")
            return
        owner = self._owner(row, customer)
        if row.value("ip") is not None and row.value("domain") is not None:
            self._fault(row, "has an ip and a domain: expected one of them per row")
        elif row.value("ip") is not None:
            self._add_ip(row, customer, owner)
        elif row.value("domain") is not None:
            domain = self._asset(row, "name", "domain")
            for column, key in (("roles", "roles"), ("dkim_selectors", "dkim_selectors"), ("shared_with", "customers")):
                domain.put(key, row.value(column), row.line)
            owner.add("domains", domain)

    def _owner(self, row: _Row, customer: str) -> _Branch:
        if customer == "esp":
            return self.root.within("esp", row.line)
        if customer not in self._owners:
            self._owners[customer] = _Branch(row.line, {"id": customer}, {"id": row.line})
            self.root.add("customers", self._owners[customer])
        owner = self._owners[customer]
        self._agree(owner, row, {column: column for column in _CUSTOMER})
        if any(row.value(column) is not None for column in _TAM):
            tam = owner.within("tam", row.line)
            self._agree(tam, row, {column: column.removeprefix("tam_") for column in _TAM})
        if row.value("report") is not None:
            self._agree(owner.within("report", row.line), row, {"report": "enabled"})
        return owner

    def _add_ip(self, row: _Row, customer: str, owner: _Branch) -> None:
        name = row.value("pool")
        if name is None:
            self._fault(row, "the cell 'pool' is empty: expected the id of the pool that the ip is in")
            return
        if (customer, name) not in self._pools:
            self._pools[customer, name] = _Branch(row.line, {"id": name}, {"id": row.line})
            owner.add("pools", self._pools[customer, name])
        pool = self._pools[customer, name]
        self._agree(pool, row, {column: "customers" if column == "shared_with" else column for column in _POOL})
        pool.add("ips", self._asset(row, "ip", "ip"))

    def _asset(self, row: _Row, key: str, column: str) -> _Branch:
        asset = _Branch(row.line)
        for name, source in ((key, column), *((each, each) for each in _ASSET)):
            asset.put(name, row.value(source), row.line)
        return asset

    def _agree(self, branch: _Branch, row: _Row, keys: Mapping[str, str]) -> None:
        for column, key in keys.items():
            other = branch.put(key, row.value(column), row.line)
            if other is not None:
                self._fault(row, f"the cell {column!r} differs from line {other}: expected the same, or nothing")

    def _fault(self, row: _Row, problem: str) -> None:
        self.faults.append(Fault(self._file, f"line {row.line}", problem))


def _grown(file: str, branch: _Branch) -> tuple[dict[str, Any], Mark]:
    values: dict[str, Any] = {}
    marks: dict[str | int, Mark] = {}
    for key, value in branch.values.items():
        if isinstance(value, _Branch):
            values[key], mark = _grown(file, value)
            marks[key] = Mark(file, branch.lines[key], mark.inside)
        elif value and isinstance(value, list) and isinstance(value[0], _Branch):
            grown = [_grown(file, each) for each in value]
            values[key] = [each for each, _ in grown]
            marks[key] = Mark(file, branch.lines[key], {index: mark for index, (_, mark) in enumerate(grown)})
        else:
            values[key], marks[key] = value, Mark(file, branch.lines[key])
    return values, Mark(file, branch.line, marks)
