"""Reads the reply to one question, from bytes that anybody may have sent.

A reply is ours if it is one (QR), of a standard query, and repeats our question (RFC 5452 §9.1; who sent it and its id
are for the socket that it came in on). Nothing else in it is believed before all of its answer section has been read:
every count, length and compression pointer is held against the bytes there are, and a pointer leads to an earlier place
or nowhere, and no name through more of them than it can have labels (RFC 1035 §4.1.4; RFC 9267 lists what became of
parsers that trusted them). No list has hundreds of records to say about one name.

The one thing taken without our question is a bare header that refuses, or fails: unbound sends no more to whom its
access-control shuts out. It is never conclusive, so that whoever forged it would have won nothing but a silence.

A records count only where the question leads, from alias to alias (RFC 1034 §3.6.2), with the lowest time to live on
the way, a day at most (see `cares`). NXDOMAIN after an alias speaks of the name at its end and is plain (RFC 2308
§2.1); NXDOMAIN with an address is a contradiction.
"""

import struct
from collections.abc import Iterable
from datetime import timedelta

from deliverwatch.core.verdict import NOT_LISTED, Answer, Reply
from deliverwatch.lookup.cares import MAX_TTL_FOR
from deliverwatch.lookup.questions import CLASS_IN, TYPE_A

HEADER = 12
QR, OPCODE, AA, TC = 0x80, 0x78, 0x04, 0x02  # in the third octet of the header
RCODE = 0x0F  # in the fourth
NOERROR, NXDOMAIN = 0, 3
TRUNCATED = Answer(Reply.NETWORK, detail="a reply that is cut short")
UNREADABLE = Answer(Reply.NETWORK, detail="a reply that cannot be read")
NOT_ITS_OWN = Answer(Reply.NETWORK, detail="the server that answered is not the list's own (no AA)")

_TYPE_CNAME = 5
_RECORD = struct.Struct("!HHIH")
_SHORTEST_RECORD = 1 + _RECORD.size
_POINTER, _MAX_NAME, _MAX_JUMPS, _MAX_RECORDS = 0xC0, 255, 127, 512
_SHOWN = 8
_FAILED = {1: Reply.FORMERR, 2: Reply.SERVFAIL, 4: Reply.NOTIMP, 5: Reply.REFUSED}


def read_reply(packet: bytes, question: bytes, *, authoritative: bool = False) -> Answer:
    """`UNREADABLE` for what is no reply to this question; `TRUNCATED` for what must be fetched over TCP.

    The values of an answer to a TXT question are its texts. `authoritative`: the list's own server was asked, and one
    that has the answer from elsewhere, or none, is not that.
    """
    if _is_bare_failure(packet):
        return Answer(_FAILED[packet[3] & RCODE])
    if not _is_ours(packet, question):
        return UNREADABLE
    if packet[2] & TC:
        return TRUNCATED
    code = packet[3] & RCODE
    if code in _FAILED:
        return Answer(_FAILED[code])
    if code not in (NOERROR, NXDOMAIN):
        return Answer(Reply.NETWORK, detail=f"the server answered with response code {code}")
    if authoritative and not packet[2] & AA:
        return NOT_ITS_OWN
    try:
        values, ttl = _values(packet, question)
    except (_Malformed, IndexError, struct.error):
        return UNREADABLE
    return _answer(code, values, ttl)


class _Malformed(Exception):
    """The bytes are no message."""


def _is_bare_failure(packet: bytes) -> bool:
    bare = len(packet) == HEADER and packet[2] & (QR | OPCODE) == QR and not any(packet[4:])
    return bare and packet[3] & RCODE in _FAILED


def _is_ours(packet: bytes, question: bytes) -> bool:
    if len(packet) < HEADER + len(question) or packet[2] & (QR | OPCODE) != QR or packet[4:6] != b"\x00\x01":
        return False
    echoed = packet[HEADER : HEADER + len(question)]
    return echoed == question or echoed.lower() == question.lower()


def _answer(code: int, values: list[str], ttl: int) -> Answer:
    if code == NXDOMAIN:
        if not values:
            return NOT_LISTED
        shown = ", ".join(values[:_SHOWN])
        return Answer(Reply.NONSENSE, detail=f"answered that there is no such name, and {shown} for it")
    if not values:
        return Answer(Reply.EMPTY)
    return Answer(Reply.ANSWER, tuple(values), min(timedelta(seconds=ttl), MAX_TTL_FOR))


def _values(packet: bytes, question: bytes) -> tuple[list[str], int]:
    """What the answer section holds for the question, each value once, and the lowest time to live on the way."""
    name, wanted = question[:-4].lower(), int.from_bytes(question[-4:-2])
    found: dict[bytes, None] = {}
    ttls: list[int] = []
    place = HEADER + len(question)
    count = int.from_bytes(packet[6:8])
    if count > _MAX_RECORDS or count * _SHORTEST_RECORD > len(packet) - place:
        raise _Malformed
    for _ in range(count):
        owner, place = _name(packet, place)
        rdtype, rdclass, ttl, length = _RECORD.unpack_from(packet, place)
        start, place = place + _RECORD.size, place + _RECORD.size + length
        if place > len(packet):
            raise _Malformed
        if rdclass != CLASS_IN or owner != name:
            continue
        ttls.append(ttl)
        if rdtype == _TYPE_CNAME:
            name, end = _name(packet, start)
            if end != place:
                raise _Malformed
        elif rdtype == wanted:
            found[packet[start:place]] = None
    return _readable(wanted, found), min(ttls, default=0)


def _readable(rdtype: int, found: Iterable[bytes]) -> list[str]:
    """Only A and TXT are ever asked for."""
    return [_address(data) for data in sorted(found)] if rdtype == TYPE_A else [_text(data) for data in found]


def _address(data: bytes) -> str:
    if len(data) != 4:
        raise _Malformed
    return "{}.{}.{}.{}".format(*data)


def _text(data: bytes) -> str:
    """Its strings, one after the other (RFC 1035 §3.3.14); bytes that are not UTF-8 are replaced."""
    strings, place = [], 0
    while place < len(data):
        end = place + 1 + data[place]
        if end > len(data):
            raise _Malformed
        strings.append(data[place + 1 : end])
        place = end
    return b"".join(strings).decode(errors="replace")


def _name(packet: bytes, place: int) -> tuple[bytes, int]:
    """A name in lower case without compression, and where the bytes after it begin."""
    labels, size, after, before, jumps = [], 0, 0, place, 0
    while length := packet[place]:
        if length & _POINTER == _POINTER:
            after = after or place + 2
            place = (length & ~_POINTER) << 8 | packet[place + 1]
            jumps += 1
            if place >= before or jumps > _MAX_JUMPS:
                raise _Malformed
            before = place
            continue
        end = place + 1 + length
        size += 1 + length
        if length & _POINTER or end >= len(packet) or size >= _MAX_NAME:
            raise _Malformed
        labels.append(packet[place:end])
        place = end
    return b"".join(labels).lower() + b"\x00", after or place + 1
