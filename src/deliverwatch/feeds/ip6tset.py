"""IPv6 /64s, all with one value: rbldnsd's ip6tset.

An entry is four words, an exclusion one full address. What stands behind an entry is ignored; the first default of the
file is the value of all, those before it included. (rbldnsd(8), "ip6tset Dataset"; the server itself, version
1.0~20210120, checked 2026-11-24.)
"""

from collections.abc import Iterator
from ipaddress import IPv6Address

from deliverwatch.feeds import ip6
from deliverwatch.feeds.datasets import Match, all_lines
from deliverwatch.feeds.own import Own
from deliverwatch.feeds.values import BLANK, UNSET, Value, read_value


class Ip6PlainSet:
    def __init__(self, own: Own) -> None:
        self.worth_reading = all_lines
        self._own = own
        self._value: Value | None = None
        self._found: set[int] = set()
        self._excluded: set[int] = set()

    def read(self, line: str) -> bool:
        if line[0] == ":":
            self._value = self._value or read_value(line, UNSET)
            return self._value is not None
        excluded = line[0] == "!"
        span = ip6.read_words(line[excluded:].lstrip(BLANK), 8 if excluded else 4)
        if span is None:
            return False
        (self._excluded if excluded else self._found).update(self._own.between(span[0], span[1]))
        return True

    def matches(self) -> Iterator[Match]:
        for number in self._found - self._excluded:
            for subject in self._own.subjects[number]:
                yield Match(subject, str(IPv6Address(number)), (self._value or UNSET,))
