"""One question over TCP, for a reply that did not fit into a datagram (RFC 7766 §5; the length goes first, RFC 1035
§4.2.2). Each has a connection of its own: what is truncated is rare, and a list's server may hang up after one."""

import asyncio
import os
import struct

from deliverwatch.core.verdict import Answer, Reply

Endpoint = tuple[str, int]


async def exchange(server: Endpoint, message: bytes, timeout_s: float) -> bytes | Answer:
    """The reply as it came, unread; or why there is none."""
    try:
        async with asyncio.timeout(timeout_s):
            return await _exchange(server, message)
    except TimeoutError:
        return Answer(Reply.TIMEOUT, detail="over TCP")
    except asyncio.IncompleteReadError:
        return Answer(Reply.NETWORK, detail="over TCP: the server hung up")
    except OSError as failure:
        return Answer(Reply.NETWORK, detail=f"over TCP: {what_failed(failure)}")


async def _exchange(server: Endpoint, message: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(*server)
    try:
        writer.write(struct.pack("!H", len(message)) + message)
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        return await reader.readexactly(length)
    finally:
        writer.transport.abort()


def what_failed(failure: OSError) -> str:
    """In words, without the addresses that asyncio writes into some of them."""
    return os.strerror(failure.errno) if failure.errno else "the connection failed"
