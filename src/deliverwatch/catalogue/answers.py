"""The answers of a blocklist as the catalogue writes them: one address, a pattern of addresses, or a bit.

A pattern has a number, a range ("0-69") or a star in place of an octet, and stands for all addresses that fit it octet
by octet. Two of them meet if an answer fits both; the first in the file explains it (`core.verdict`). So a narrower one
may stand before the wider one that holds it, and any other meeting is a mistake of whoever wrote it.
"""

import re
from collections.abc import Iterable

BITS = frozenset(str(1 << bit) for bit in range(8))
ABOUT_QUERIES = "127.255.255.*"
_OCTET = re.compile(r"(0|[1-9][0-9]{0,2})")
_RANGE = re.compile(r"(0|[1-9][0-9]{0,2})-([1-9][0-9]{0,2})")


def one_answer(text: str) -> str:
    spans = _spans(text)
    if spans is None or spans[0] != (127, 127) or any(low != high for low, high in spans):
        raise ValueError(f"{text!r} cannot be an answer of a blocklist: expected an address inside 127.0.0.0/8")
    return text


def answer(text: str) -> str:
    """One address or a pattern."""
    if "*" not in text and "-" not in text:
        return one_answer(text)
    spans = _spans(text)
    if spans is None or spans[0] != (127, 127):
        raise ValueError(
            f"{text!r} is not a pattern of answers: expected 127 and three of a number, a range (0-69) or a star (*)"
        )
    return text


def answer_or_bit(text: str) -> str:
    if not text.isdigit():
        return answer(text)
    if text not in BITS:
        raise ValueError(f"{text} is not one bit of an octet: expected 1, 2, 4, 8, 16, 32, 64 or 128")
    return text


def holds(wide: str, narrow: str) -> bool:
    """Whether every answer that fits `narrow` fits `wide`. A bit holds itself alone."""
    if wide == narrow or BITS & {wide, narrow}:
        return wide == narrow
    return all(low <= first and last <= high for (low, high), (first, last) in _pairs(wide, narrow))


def meet(one: str, other: str) -> bool:
    if BITS & {one, other}:
        return one == other
    return all(low <= last and first <= high for (low, high), (first, last) in _pairs(one, other))


def is_band(text: str) -> bool:
    """Whether it leaves the last octet open, where a score is."""
    return not text.rsplit(".", 1)[-1].isdigit()


_Span = tuple[int, int]


def _pairs(one: str, other: str) -> Iterable[tuple[_Span, _Span]]:
    return zip(_spans(one) or (), _spans(other) or (), strict=True)


def _spans(text: str) -> list[_Span] | None:
    """The first and last number of each octet, or None where the text has another shape."""
    spans = [_span(octet) for octet in text.split(".")]
    found = [span for span in spans if span is not None]
    return found if len(spans) == len(found) == 4 else None


def _span(octet: str) -> _Span | None:
    if octet == "*":
        return (0, 255)
    if _OCTET.fullmatch(octet):
        low = high = int(octet)
    elif found := _RANGE.fullmatch(octet):
        low, high = int(found[1]), int(found[2])
        if low == high:
            return None
    else:
        return None
    return (low, high) if low <= high <= 255 else None
