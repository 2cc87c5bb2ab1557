"""YAML that means what it looks like.

Full YAML surprises: `no` is false, `22:22` is 1342, `010` is 8, the second of two equal keys silently wins, 306 bytes
of aliases unfold into 387 million values, deep nesting exhausts the stack. Here a file is a tree of mappings, lists and
scalars and nothing else: no anchors, aliases or tags, one document, unique keys, at most 20 levels.

An unquoted scalar is typed by a part of the YAML 1.2.2 core schema (§10.3.2): `true` and `false` are booleans, whole
and decimal numbers without leading zeros are numbers, an empty value, `~` and `null` are nothing, and all else is
text: `no`, `on`, `22:22`, `010`, `1e3`, `2026-11-24`. Keys are always text. What a reader expected is then decided by
the schema, where a wrong type is a sentence with its line instead of a surprise.

The parser is used for its events alone, so nothing of the library's own construction can run.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from deliverwatch.catalogue.reading import CATALOGUE_LIMIT, read_text
from deliverwatch.core.errors import ConfigError, Fault

MAX_DEPTH = 20
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is missing where libyaml is
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?[0-9]+\.[0-9]+")
_MAX_DIGITS = 30
_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a value stands, and the marks of what is inside it, by key or index."""

    file: str
    line: int
    inside: "Mapping[str | int, Mark]" = field(default_factory=dict)

    def at(self, place: Place) -> "Mark":
        """The mark of the innermost known value on the way to `place`."""
        mark = self
        for step in place:
            if step not in mark.inside:
                break
            mark = mark.inside[step]
        return mark


@dataclass(frozen=True, slots=True)
class Document:
    """`value` is None when the file cannot be used; then `faults` says why. Faults may also stand beside a value."""

    value: Any
    mark: Mark
    faults: tuple[Fault, ...] = ()


def load_yaml(path: Path, limit: int = CATALOGUE_LIMIT) -> Document:
    builder = _Builder(str(path))
    try:
        value, mark = builder.build(read_text(path, limit))
    except ConfigError as error:
        return Document(None, Mark(str(path), 1), (*builder.faults, *error.faults))
    if value is None:
        builder.faults.append(Fault(str(path), "", "is empty"))
    return Document(value, mark, tuple(builder.faults))


class _Builder:
    """Builds the tree from parser events. What makes the tree meaningless is raised, what does not is collected."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self._events: Iterator[Any] = iter(())

    def build(self, text: str) -> tuple[Any, Mark]:
        self._events = yaml.parse(text, Loader=_LOADER)
        try:
            return self._document()
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise self._error(line, f"is not YAML: {error.problem}") from None
        except yaml.YAMLError:
            raise self._error(None, "is not YAML: it holds control characters") from None

    def _document(self) -> tuple[Any, Mark]:
        next(self._events)
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return None, Mark(self.file, 1)
        tree = self._node(next(self._events), depth=1)
        next(self._events)
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise self._error(_line(event), "a second document begins here: expected one document")
        return tree

    def _node(self, event: Any, depth: int) -> tuple[Any, Mark]:
        line = _line(event)
        self._refuse_references(event)
        if isinstance(event, yaml.ScalarEvent):
            return (_typed(event.value) if event.implicit[0] else event.value), Mark(self.file, line)
        if depth > MAX_DEPTH:
            raise self._error(line, f"is nested more than {MAX_DEPTH} levels deep")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(line, depth)
        return self._mapping(line, depth)

    def _sequence(self, line: int, depth: int) -> tuple[list[Any], Mark]:
        values: list[Any] = []
        marks: dict[str | int, Mark] = {}
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            value, marks[len(values)] = self._node(event, depth + 1)
            values.append(value)
        return values, Mark(self.file, line, marks)

    def _mapping(self, line: int, depth: int) -> tuple[dict[str, Any], Mark]:
        values: dict[str, Any] = {}
        marks: dict[str | int, Mark] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key, key_line = self._key(event), _line(event)
            value, mark = self._node(next(self._events), depth + 1)
            if key in values:
                first = marks[key].line
                self._collect(key_line, f"the key {key!r} is here twice: it is already on line {first}")
                continue
            values[key] = value
            marks[key] = Mark(self.file, key_line, mark.inside)
        return values, Mark(self.file, line, marks)

    def _key(self, event: Any) -> str:
        self._refuse_references(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise self._error(_line(event), "a key must be text, not a list or mapping")
        return str(event.value)

    def _refuse_references(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self._error(_line(event), "anchors (&) and aliases (*) are not used here: write the value out")
        if event.tag is not None:
            raise self._error(_line(event), f"tags (!) are not used here: found {event.tag!r}")

    def _collect(self, line: int, problem: str) -> None:
        self.faults.append(Fault(self.file, f"line {line}", problem))

    def _error(self, line: int | None, problem: str) -> ConfigError:
        return ConfigError(Fault(self.file, f"line {line}" if line else "", problem))


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _typed(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _MAX_DIGITS and _INTEGER.fullmatch(text):
        return int(text)
    if len(text) <= _MAX_DIGITS and _DECIMAL.fullmatch(text):
        return float(text)
    return text
