"""Domain names: rbldnsd's dnset.

    example.com      that name alone
    *.example.com    every name below it, not itself
    .example.com     both

A name that is there itself answers for itself; otherwise the longest wildcard does. All values of that name are given,
or none when one of them is an exclusion. In texts, "$" is the name as it is listed. A list may hold addresses in this
way too, as reversed names. (rbldnsd(8), "dnset Dataset"; names as in RFC 1035 §5.1; checked 2026-11-24.)
"""

import re
from collections.abc import Iterator, Mapping

from deliverwatch.core.subjects import Subject
from deliverwatch.feeds.datasets import Defaults, Match, agreed, all_lines, keep_value
from deliverwatch.feeds.values import BLANK, Value, value_after

_WORD = re.compile(r"[^ \t]+")
_ESCAPE = re.compile(r"\\([0-9]{1,3}|.)")
_PLAIN = 1 << 30  # a name of its own goes before any wildcard
_MAX_LABEL, _MAX_NAME = 63, 253


class DomainSet:
    """`asked`: the name that would stand in front of the zone."""

    def __init__(self, asked: Mapping[Subject, str]) -> None:
        self.worth_reading = all_lines
        self._defaults = Defaults()
        self._exact: dict[str, list[Subject]] = {}
        self._below: dict[str, list[Subject]] = {}
        self._found: dict[Subject, tuple[int, str, list[Value | None]]] = {}
        for subject, name in asked.items():
            labels = name.split(".")
            self._exact.setdefault(name, []).append(subject)
            for start in range(1, len(labels)):
                self._below.setdefault(".".join(labels[start:]), []).append(subject)

    def read(self, line: str) -> bool:
        if line[0] == ":":
            return self._defaults.change(line)
        excluded = line[0] == "!"
        if excluded:
            line = line[1:].lstrip(BLANK)
        plain, wild, start = _form(line)
        word = _WORD.match(line, start)
        name = _normal(word[0]) if word else None
        if word is None or name is None:
            return False
        value = None if excluded else value_after(line, word.end(), self._defaults.value)
        if value is None and not excluded:
            return False
        for subject in self._exact.get(name, ()) if plain else ():
            self._keep(subject, _PLAIN, name, value)
        for subject in self._below.get(name, ()) if wild else ():
            self._keep(subject, len(name), name, value)
        return True

    def matches(self) -> Iterator[Match]:
        for subject, (_, name, values) in self._found.items():
            yield Match(subject, name, agreed(values))

    def _keep(self, subject: Subject, rank: int, name: str, value: Value | None) -> None:
        best, _, values = self._found.setdefault(subject, (rank, name, []))
        if rank > best:
            self._found[subject] = (rank, name, [value])
        elif rank == best:
            keep_value(values, value)


def _form(line: str) -> tuple[bool, bool, int]:
    """Whether the entry is for the name itself, for what is below it, and where the name starts."""
    if line.startswith("."):
        return True, True, 1
    if line.startswith("*."):
        return False, True, 2
    return True, False, 0


def _normal(word: str) -> str | None:
    """In lower case, without a final dot; None for what is no name."""
    if "\\" in word:
        word = _ESCAPE.sub(_unescape, word)
    labels = [label for label in word.split(".") if label]
    name = ".".join(labels)
    if not labels or len(name) > _MAX_NAME or max(map(len, labels)) > _MAX_LABEL:
        return None
    return name.lower()  # other letters than ASCII match no name of ours, however they are written


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1]) & 0xFF) if match[1].isdecimal() else match[1]
