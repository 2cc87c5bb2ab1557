"""The A value and the TXT template of an entry, as rbldnsd(8) writes them.

    :127.0.0.4:text     both                  :4:text    the same, abbreviated
    :4                  the default's text    :4:        no text
    text                the default's A       (nothing)  the default

In a text `$` stands for what is listed, `$0` to `$9` for variables of the file, `$$` for a dollar sign. A base template
(`$=`) goes around every text but those that begin with "="; inside it, `$=` is the entry's own text. (rbldnsd(8),
"Resulting A values and TXT templates", version 1.0~20210120, checked 2026-11-24.)
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

BASE = "="
MAX_TEMPLATE = 255
MAX_TEXT = 254
BLANK = " \t"
COMMENT = "#;"

_A_AND_TEXT = re.compile(r":([0-9]{1,20}(?:\.[0-9]{1,20}){0,3})[ \t]*(?::[ \t]*(.*))?", re.DOTALL)
_PLACE = re.compile(r"\$([$0-9=]?)")


class Value(NamedTuple):
    a: str
    text: str


UNSET = Value("127.0.0.2", "")


def read_value(written: str, default: Value) -> Value | None:
    """None: rbldnsd drops an entry whose value it cannot read."""
    if not written.startswith(":"):
        return Value(default.a, written[:MAX_TEMPLATE])
    match = _A_AND_TEXT.fullmatch(written)
    a = _a_value(match[1]) if match else None
    if match is None or a is None:
        return None
    return Value(a, default.text if match[2] is None else match[2][:MAX_TEMPLATE])


def value_after(line: str, end: int, default: Value) -> Value | None:
    """The value of an entry whose name ends at `end`."""
    written = line[end:].lstrip(BLANK)
    return default if not written or written[0] in COMMENT else read_value(written, default)


def expand(template: str, entry: str, variables: Mapping[str, str]) -> str:
    """The text as DNS carries it, still one character a byte. Empty: no TXT record."""
    base = variables.get(BASE)
    own = template
    if template.startswith("="):
        own = template = template[1:]
    elif base:
        own, template = template or entry, base

    def put(place: re.Match[str]) -> str:
        match place[1]:
            case "":
                return entry
            case "$":
                return "$"
            case "=":
                return own
            case digit:
                return variables.get(digit, place[0])

    return _PLACE.sub(put, template)[:MAX_TEXT]


def _a_value(written: str) -> str | None:
    """The traditional abbreviations: the last number is the last octet ("127.2" is 127.0.0.2)."""
    octets = [int(octet) for octet in written.split(".")]
    if len(octets) == 1:
        octets = [127, octets[0]] if octets[0] else octets
    if max(octets) > 255 or not any(octets):
        return None
    octets[-1:-1] = [0] * (4 - len(octets))
    return ".".join(map(str, octets))
