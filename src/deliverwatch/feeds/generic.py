"""Records that stand for themselves: rbldnsd's generic, as a part of a combined file.

    2.0.0.127   A    127.0.0.2
    2.0.0.127   TXT  "test entry"

Names are relative to the zone, without wildcards; a time to live and the class may stand before the type. MX records
say nothing of a listing, and "@" is the zone itself, which is no subject. (rbldnsd(8), "generic Dataset", version
1.0~20210120, checked 2026-11-24.)
"""

import re
from collections.abc import Iterator, Mapping
from ipaddress import AddressValueError, IPv4Address

from deliverwatch.core.subjects import Subject
from deliverwatch.feeds.datasets import Match, agreed, all_lines, keep_value
from deliverwatch.feeds.values import MAX_TEMPLATE, Value

_RECORD = re.compile(
    r"([^ \t]+)[ \t]+(?:[0-9]+[smhdw]?[ \t]+)?(?:IN[ \t]+)?(A|TXT|MX)[ \t]+(.+)", re.IGNORECASE | re.DOTALL
)


class Generic:
    def __init__(self, asked: Mapping[Subject, str]) -> None:
        self.worth_reading = all_lines
        self._subjects: dict[str, list[Subject]] = {}
        for subject, name in asked.items():
            self._subjects.setdefault(name, []).append(subject)
        self._found: dict[str, list[Value | None]] = {}

    def read(self, line: str) -> bool:
        record = _RECORD.fullmatch(line)
        value = _value(record[2].upper(), record[3]) if record else None
        name = record[1].lower().removesuffix(".") if record else ""
        if value is not None and name in self._subjects:
            keep_value(self._found.setdefault(name, []), value)
        return value is not None

    def matches(self) -> Iterator[Match]:
        for name, values in self._found.items():
            for subject in self._subjects[name]:
                yield Match(subject, name, agreed(values))


def _value(rdtype: str, data: str) -> Value | None:
    """An A value without a text, or a text without an A value (""): here they are records of their own."""
    if rdtype == "MX":
        return Value("", "")
    if rdtype == "TXT":
        quoted = len(data) > 1 and data[0] == data[-1] == '"'
        text = (data[1:-1] if quoted else data)[:MAX_TEMPLATE]
        return Value("", "=" + text.replace("$", "$$"))
    try:
        return Value(str(IPv4Address(data)), "")
    except AddressValueError:
        return None
