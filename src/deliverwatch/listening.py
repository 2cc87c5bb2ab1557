"""The socket that the pages are served at, and how many may stand at it.

Each connection costs the process a file descriptor, also one that says nothing and stays. The daemon lives in the same
process, and needs its own for lookups, mail and the database. So from some number on a request is answered 503; beyond
that, whoever comes is closed at once, before a word of TLS is spoken.
"""

import socket
from typing import Any
from weakref import WeakSet

from deliverwatch.core.errors import ConfigError, Fault

MOST_ANSWERED = 512
"""Half of the 1,024 descriptors that a process is usually given."""
MOST_OPEN = 640
"""Some more than are answered, so that one can be told to come later."""


class LimitedSocket(socket.socket):
    """One that listens."""

    def __init__(self, listening: socket.socket) -> None:
        super().__init__(fileno=listening.detach())
        self._open: WeakSet[socket.socket] = WeakSet()

    def accept(self) -> tuple[socket.socket, Any]:
        """Raises ConnectionAbortedError, which servers pass over, for who is closed at once."""
        connection, address = super().accept()
        if sum(each.fileno() >= 0 for each in self._open) >= MOST_OPEN:
            connection.close()
            raise ConnectionAbortedError
        self._open.add(connection)
        return connection, address


def listen_at(place: str) -> LimitedSocket:
    """`place`: as "address:port". Raises ConfigError."""
    host, _, port = place.rpartition(":")
    host = host.strip("[]")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return LimitedSocket(socket.create_server((host, int(port)), family=family))
    except OSError as failure:
        problem = f"cannot listen on {place} ({failure.strerror}): choose another address or port"
        raise ConfigError(Fault("", "[web] listen", problem)) from None
