"""IPv4 addresses, prefixes and ranges, as the files of rbldnsd(8) write them.

    192.0.2.1  192.0.2/24  192.0.2  192.0.2.0-192.0.2.9  192.0.2.0-9  192.0-192.5

A prefix stands for all that begins with its octets; the end of a range is filled up with ones. One octet alone is a
range only with its length ("10/8"): a bare number is more likely a mistake. A network with bits set behind its length
is refused. (rbldnsd(8), "ip4set Dataset", and the server itself: it does not take the mixed lengths of the manual's
"127-127.0.0"; version 1.0~20210120, checked 2026-11-24.)
"""

import re

ALL_ONES = 0xFFFF_FFFF
ENDS = " \t#;:"  # what may follow an address

_PREFIX = re.compile(r"([0-9]{1,20})(?:\.([0-9]{1,20}))?(?:\.([0-9]{1,20}))?(?:\.([0-9]{1,20}))?(\.?)")
_LENGTH = re.compile(r"[0-9]{1,20}")

Span = tuple[int, int, int]
"""First address, last address, and where in the line it ends."""


def read_cidr(line: str) -> Span | None:
    """A network or prefix at the beginning of the line."""
    found = _prefix(line, 0)
    if found is None:
        return None
    first, bits, end = found
    if line[end : end + 1] == "/":
        length = _LENGTH.match(line, end + 1)
        if length is None or int(length[0]) > 32:
            return None
        bits, end = int(length[0]), length.end()
    elif bits == 8:
        return None
    last = first | ALL_ONES >> bits
    return (first, last, end) if not first & ALL_ONES >> bits and _ends(line, end) else None


def read_range(line: str) -> Span | None:
    """A network, prefix or range at the beginning of the line."""
    found = _prefix(line, 0)
    if found is None or line[found[2] : found[2] + 1] != "-":
        return read_cidr(line)
    first, bits, end = found
    to = _prefix(line, end + 1)
    if to is None:
        return None
    last, last_bits, end = to
    if last_bits == 8:  # "192.0.2.0-9": the end of the last octet alone
        last, last_bits = last >> (bits - 8) | first & ~(ALL_ONES >> (bits - 8)), bits
    last |= ALL_ONES >> last_bits
    return (first, last, end) if bits == last_bits and first <= last and _ends(line, end) else None


def read_address(line: str) -> Span | None:
    """One address, written in full, at the beginning of the line."""
    found = _prefix(line, 0)
    if found is None or found[1] != 32 or not _ends(line, found[2]):
        return None
    return found[0], found[0], found[2]


def _prefix(line: str, start: int) -> tuple[int, int, int] | None:
    """The octets filled up with zeros, how many bits they are, and where they end."""
    match = _PREFIX.match(line, start)
    if match is None or match[5]:
        return None
    octets = [int(octet) for octet in match.groups()[:4] if octet is not None]
    if max(octets) > 255:
        return None
    bits = 8 * len(octets)
    return int.from_bytes(bytes(octets)) << (32 - bits), bits, match.end()


def _ends(line: str, end: int) -> bool:
    return end == len(line) or line[end] in ENDS
