"""The question section of a message, made from prepared bytes.

A question is a name in wire form, a type and a class (RFC 1035 §4.1.2). In one batch the zone is always the same, so
its bytes are made once, and an address in front of it is put together from the labels of its octets (RFC 5782 §2.1) or
nibbles (§2.4). What DNS can carry and where the account key goes is decided in `names` alone: the zone's bytes are cut
from a name made there, and whatever is not plainly an address takes the long way through it.
"""

import socket
import struct
from collections.abc import Iterable, Iterator

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.verdict import Answer, Reply
from deliverwatch.lookup.names import query_name

TYPE_A, TYPE_TXT = 1, 16
CLASS_IN = 1
_OCTETS = {str(octet): bytes([len(str(octet))]) + str(octet).encode() for octet in range(256)}
_NIBBLES = 32


class Questions:
    """For one list, key and type. Knows the key, so its representation must stay the plain one."""

    def __init__(self, blocklist: Blocklist, key: str | None, rdtype: int) -> None:
        self._blocklist = blocklist
        self._key = key
        self._tail = struct.pack("!HH", rdtype, CLASS_IN)
        self._zone = self._zone_bytes()
        self._network: str | None = None  # the /24 of the latest address: neighbours come together
        self._network_bytes = b""

    def make(self, kind: SubjectKind, name: str) -> bytes:
        """Raises ValueError, without the name, when DNS cannot carry it."""
        if self._zone is not None:
            try:
                if kind is SubjectKind.IPV4:
                    network, _, octet = name.rpartition(".")
                    if network != self._network:
                        self._network_bytes = _network_labels(network) + self._zone
                        self._network = network
                    return _OCTETS[octet] + self._network_bytes
                if kind is SubjectKind.IPV6:
                    return _nibbles(name) + self._zone
            except (KeyError, ValueError, OSError):
                pass  # no such address: the long way says so
        return _wire(query_name(self._blocklist, kind, name, self._key)) + self._tail

    def make_all(self, subjects: Iterable[Subject]) -> Iterator[bytes | Answer]:
        """One for each, made when it is needed; an answer where there can be no question."""
        for subject in subjects:
            try:
                yield self.make(subject.kind, subject.value)
            except ValueError as problem:
                yield not_asked(str(problem))

    def _zone_bytes(self) -> bytes | None:
        """What follows the subject. Where the longest address fits, every one does; where it does not, None."""
        try:
            longest = query_name(self._blocklist, SubjectKind.IPV6, "::", self._key)
        except ValueError:
            return None
        return _wire(longest)[2 * _NIBBLES :] + self._tail


def not_asked(why: str) -> Answer:
    return Answer(Reply.NETWORK, detail=f"not asked: {why}", asked=False)


def _network_labels(network: str) -> bytes:
    first, second, third = network.split(".")
    return _OCTETS[third] + _OCTETS[second] + _OCTETS[first]


def _nibbles(address: str) -> bytes:
    labels = bytearray(b"\x01" * (2 * _NIBBLES))
    labels[1::2] = socket.inet_pton(socket.AF_INET6, address).hex()[::-1].encode()
    return bytes(labels)


def _wire(name: str) -> bytes:
    """An absolute name (RFC 1035 §3.1): each label with its length, and the root at the end."""
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
