"""IPv4 addresses and ranges, each with a value (rbldnsd's ip4set), or all with one (ip4tset).

rbldnsd cuts a range into whole /8, /16, /24 and single addresses, and answers from the narrowest of these four levels
that holds anything for the address: all values found there, or nothing when one of them is an exclusion. So 10.0.0.0/25
counts as 128 single addresses and goes before 10.0.0.0/24. (Source of rbldnsd 1.0~20210120, checked 2026-11-24, and
measured against it in the tests.)

The plain set knows single addresses only, ignores what stands behind them, and takes the first default of the file for
all of them, those before it included.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address

from deliverwatch.feeds import ip4
from deliverwatch.feeds.datasets import Defaults, Marks, Match, agreed, keep_value, read_entry
from deliverwatch.feeds.own import Own
from deliverwatch.feeds.values import UNSET, Value, read_value


class Ip4Set:
    def __init__(self, own: Own, marks: Marks) -> None:
        self.worth_reading = own.ip4_worth_reading
        self._own = own
        self._marks = marks
        self._defaults = Defaults()
        self._found: dict[int, tuple[int, list[Value | None]]] = {}

    def read(self, line: str) -> bool:
        return self._defaults.change(line) if line[0] == ":" else self._entry(line)

    def matches(self) -> Iterator[Match]:
        for number, (_, values) in self._found.items():
            for subject in self._own.subjects[number]:
                yield Match(subject, str(IPv4Address(number)), agreed(values))

    def _entry(self, line: str) -> bool:
        entry = read_entry(line, ip4.read_range, self._defaults.value)
        if entry is None:
            return False
        if self._marks.max_range is None or entry.last - entry.first < self._marks.max_range:
            for number in self._own.between(entry.first, entry.last):
                self._keep(number, _level(number, entry.first, entry.last), entry.value)
        return True

    def _keep(self, number: int, level: int, value: Value | None) -> None:
        narrowest, values = self._found.setdefault(number, (level, []))
        if level < narrowest:
            self._found[number] = (level, [value])
        elif level == narrowest:
            keep_value(values, value)


def _level(number: int, first: int, last: int) -> int:
    """How many octets the widest whole block around the address leaves open, within the range."""
    for level in (3, 2, 1):
        rest = (1 << 8 * level) - 1
        if first <= number & ~rest and number | rest <= last:
            return level
    return 0


class Ip4PlainSet:
    def __init__(self, own: Own) -> None:
        self.worth_reading = own.ip4_worth_reading
        self._own = own
        self._value: Value | None = None
        self._found: set[int] = set()

    def read(self, line: str) -> bool:
        if line[0] == ":":
            self._value = self._value or read_value(line, UNSET)
            return self._value is not None
        span = ip4.read_address(line)
        if span is not None:
            self._found.update(self._own.between(span[0], span[1]))
        return span is not None

    def matches(self) -> Iterator[Match]:
        for number in self._found:
            for subject in self._own.subjects[number]:
                yield Match(subject, str(IPv4Address(number)), (self._value or UNSET,))
