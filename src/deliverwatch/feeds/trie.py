"""Networks of any length, each with one value: rbldnsd's ip4trie and ip6trie.

The longest network around an address answers for it, an exclusion as well as a listing. Of two lines for the same
network the first one counts. (rbldnsd(8), "ip4trie Dataset", "ip6trie Dataset"; the server itself, version
1.0~20210120, checked 2026-11-24.)
"""

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address

from deliverwatch.feeds import ip4, ip6
from deliverwatch.feeds.datasets import Defaults, Entry, Marks, Match, all_lines, read_entry
from deliverwatch.feeds.own import Own
from deliverwatch.feeds.values import Value

_Found = dict[int, tuple[int, Value | None]]


class Ip4Trie:
    def __init__(self, own: Own, marks: Marks) -> None:
        self.worth_reading = own.ip4_worth_reading
        self._own = own
        self._marks = marks
        self._defaults = Defaults()
        self._found: _Found = {}

    def read(self, line: str) -> bool:
        return self._defaults.change(line) if line[0] == ":" else self._entry(line)

    def matches(self) -> Iterator[Match]:
        return _matches(self._own, self._found, IPv4Address)

    def _entry(self, line: str) -> bool:
        entry = read_entry(line, ip4.read_cidr, self._defaults.value)
        if entry is None:
            return False
        if self._marks.max_range is None or entry.last - entry.first < self._marks.max_range:
            _keep(self._own, self._found, entry)
        return True


class Ip6Trie:
    def __init__(self, own: Own) -> None:
        self.worth_reading = all_lines
        self._own = own
        self._defaults = Defaults()
        self._found: _Found = {}

    def read(self, line: str) -> bool:
        if line[0] == ":" and line[1:2] != ":":
            return self._defaults.change(line)
        entry = read_entry(line, ip6.read_cidr, self._defaults.value)
        if entry is not None:
            _keep(self._own, self._found, entry)
        return entry is not None

    def matches(self) -> Iterator[Match]:
        return _matches(self._own, self._found, IPv6Address)


def _keep(own: Own, found: _Found, entry: Entry) -> None:
    size = entry.last - entry.first
    for number in own.between(entry.first, entry.last):
        if number not in found or size < found[number][0]:
            found[number] = (size, entry.value)


def _matches(own: Own, found: _Found, written: Callable[[int], object]) -> Iterator[Match]:
    for number, (_, value) in found.items():
        for subject in own.subjects[number]:
            yield Match(subject, str(written(number)), () if value is None else (value,))
