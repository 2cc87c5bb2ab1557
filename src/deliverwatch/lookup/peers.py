"""The sockets of one opened engine: a few for each server, connected, on ports that the kernel chose at random.

A connected socket hands out only what comes from its server's address and port, and is told when nobody listens there
(udp(7)). To forge an answer one has to guess the port and the id besides the time (RFC 5452 §4). Where a list has
several servers they take turns; one that stays silent is passed over while another answers.
"""

import itertools
import os
import socket
from collections.abc import Iterator, Sequence

from deliverwatch.lookup.tcp import Endpoint

_SOCKETS = 4
_MOST_SERVERS = 8
_SILENT_AFTER = 5
_IDS_AT_ONCE = 1024


class Server:
    """`silent`: how many tries in a row it left without an answer."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.silent = 0


class Peer:
    """`base`: what makes an id on this socket a number of its own."""

    def __init__(self, server: Server, number: int, connected: socket.socket) -> None:
        self.server = server
        self.base = number << 16
        self.socket = connected


class Peers:
    """Raises OSError when no server can be reached at all (no route, no more sockets)."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        servers = [Server(endpoint) for endpoint in endpoints[:_MOST_SERVERS]]
        self.all = _connected(servers)
        self._turns = itertools.cycle(self.all)
        self._several = len({peer.server for peer in self.all}) > 1

    def next(self) -> Peer:
        return self._next_of_several(None) if self._several else next(self._turns)

    def other(self, last: Server) -> Peer:
        """For another try."""
        return self._next_of_several(last)

    def close(self) -> None:
        for peer in self.all:
            peer.socket.close()

    def _next_of_several(self, last: Server | None) -> Peer:
        for _ in self.all:
            peer = next(self._turns)
            if peer.server is not last and peer.server.silent < _SILENT_AFTER:
                return peer
        return next(self._turns)


def random_ids() -> Iterator[int]:
    return itertools.chain.from_iterable(memoryview(os.urandom(2 * _IDS_AT_ONCE)).cast("H") for _ in itertools.count())


def _connected(servers: Sequence[Server]) -> list[Peer]:
    """By turns, so that neighbours belong to different servers."""
    peers: list[Peer] = []
    failure: OSError | None = None
    for number in range(max(_SOCKETS, len(servers))):
        server = servers[number % len(servers)]
        try:
            peers.append(Peer(server, number, _connect(server.endpoint)))
        except OSError as problem:
            failure = problem
    if not peers and failure is not None:
        raise failure
    return peers


def _connect(endpoint: Endpoint) -> socket.socket:
    family = socket.AF_INET6 if ":" in endpoint[0] else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        opened.connect(endpoint)
    except OSError:
        opened.close()
        raise
    return opened
