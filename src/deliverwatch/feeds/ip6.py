"""IPv6 networks, as the files of rbldnsd(8) write them.

    2001:db8:1::/48   2001:db8:1/48   2001:db8:0:1   2001:db8::1

Without "::" trailing words may be left out, and the words that are there give the length where none is written. One
word alone needs its length. An address with an IPv4 tail ("::ffff:192.0.2.1") is not known there. (rbldnsd(8),
"ip6trie Dataset", "ip6tset Dataset", and the server itself; version 1.0~20210120, checked 2026-11-24.)
"""

import re

from deliverwatch.feeds.ip4 import ENDS, Span

ALL_ONES = (1 << 128) - 1
_WORD = re.compile(r"0*[0-9A-Fa-f]{1,4}(?![0-9A-Fa-f])")
_LENGTH = re.compile(r"/([0-9]{1,20})")


def read_cidr(line: str) -> Span | None:
    found = _prefix(line)
    if found is None:
        return None
    first, bits, end = found
    length = _LENGTH.match(line, end)
    if length is not None:
        bits, end = int(length[1]), length.end()
    elif bits == 16:
        return None
    if bits > 128 or first & ALL_ONES >> bits or not _ends(line, end):
        return None
    return first, first | ALL_ONES >> bits, end


def read_words(line: str, words: int) -> Span | None:
    """An address, or the beginning of one, of exactly so many words."""
    found = _prefix(line)
    if found is None or found[1] != 16 * words or not _ends(line, found[2]):
        return None
    first, bits, end = found
    return first, first | ALL_ONES >> bits, end


def _prefix(line: str) -> tuple[int, int, int] | None:
    """The words filled up with zeros, how many bits they are, and where they end."""
    words: list[int] = []
    gap, end, whole = (0, 2, False) if line.startswith("::") else (None, 0, False)
    while not whole and (match := _WORD.match(line, end)):
        words.append(int(match[0], 16))
        end = match.end()
        whole = len(words) == 8 or line[end : end + 1] != ":"
        if not whole:
            end += 1
            if gap is None and line[end : end + 1] == ":":
                gap, end = len(words), end + 1
    if gap is None:
        return (_number(words), 16 * len(words), end) if whole else None
    if len(words) == 8:
        return None
    words[gap:gap] = [0] * (8 - len(words))
    return _number(words), 128, end


def _number(words: list[int]) -> int:
    return int.from_bytes(b"".join(word.to_bytes(2) for word in words)) << 16 * (8 - len(words))


def _ends(line: str, end: int) -> bool:
    return end == len(line) or line[end] in ENDS
