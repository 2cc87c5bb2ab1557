"""A loopback port that nobody uses."""

import socket

_TRIES = 20


def free_port() -> int:
    """Free for UDP and TCP a moment ago."""
    for _ in range(_TRIES):
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        ):
            tcp.bind(("127.0.0.1", 0))
            try:
                udp.bind(tcp.getsockname())
            except OSError:  # somebody has the UDP side of it
                continue
            return int(tcp.getsockname()[1])
    raise OSError("no port is free for both UDP and TCP")
