"""A help desk that is told of drafts: a real HTTP server on loopback, which answers as it is told to."""

import asyncio
import contextlib
from contextlib import asynccontextmanager

PASSWORD = "s3cret-pass"
"""In its address, twice."""


class Desk:
    """`answer`: what it says to each request; None: nothing, until the client has gone."""

    def __init__(self, answer):
        self.answer = answer
        self.heard = []
        self.talks = set()

    async def talk(self, reader, writer):
        self.talks.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            self.heard.append((head[0], headers, await reader.readexactly(int(headers["content-length"]))))
            if self.answer is None:
                await reader.read()
            else:
                writer.write(self.answer)
                await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


class Dripping(Desk):
    """Each piece comes in time; the whole is there after some seconds."""

    PIECES = 250

    async def talk(self, reader, writer):
        self.talks.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError):
            writer.write(b"HTTP/1.1 200 fine\r\n")
            for _ in range(self.PIECES):
                writer.write(b"X-More: 1\r\n")
                await writer.drain()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(1 << 16), 0.02)
                if reader.at_eof():
                    break
            writer.write(b"Content-Length: 0\r\n\r\n")
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def help_desk(answer=b"HTTP/1.1 204 No Content\r\n\r\n"):
    desk = answer if isinstance(answer, Desk) else Desk(answer)
    async with await asyncio.start_server(desk.talk, "127.0.0.1", 0) as server:
        yield desk, f"robin:{PASSWORD}@127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?key={PASSWORD}"
        await asyncio.gather(*desk.talks)
