"""A strict mailbox on loopback: an SMTP server that keeps what it is given and forwards nothing (RFC 5321).

It holds a sender to the standard: the order of commands (§4.1.4), lines that end in CRLF and nothing else (§2.3.8), at
most 998 characters in a line and the announced size in a message (§4.5.3.1, RFC 1870), dots doubled at the start of a
line (§4.5.2), ASCII unless BODY=8BITMIME was said (RFC 6152). What other servers let pass is told here.

A script makes it fail at a stage as real servers do: with a reply of 4xx or 5xx, by falling silent, or by dropping the
connection. The one that matters most is ACCEPT_AND_DROP: the message was taken, the reply never arrives, and the sender
must send it again under the same Message-ID (§4.5.3.2.6, RFC 1047).
"""

import asyncio
import re
from collections import defaultdict, deque
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

_MAX_SIZE = 10_000_000
_MAX_LINE = 1000  # with CRLF
_ADDRESS = r"[^<>@\s]+@[^<>@\s]+"
_MAIL = re.compile(rf"MAIL FROM:<({_ADDRESS}|)>((?: [^ ]+)*)", re.IGNORECASE)
_RCPT = re.compile(rf"RCPT TO:<({_ADDRESS})>((?: [^ ]+)*)", re.IGNORECASE)
_PARAMETER = re.compile(r"SIZE=[0-9]{1,20}|BODY=(7BIT|8BITMIME)")
_EXTENSIONS = f"250-mailbox.example\r\n250-SIZE {_MAX_SIZE}\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES"


class Stage(StrEnum):
    """Where a script strikes. MESSAGE is the reply to the final dot."""

    CONNECT = "connect"
    HELLO = "hello"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    MESSAGE = "message"


class Trouble(StrEnum):
    """ACCEPT_AND_DROP counts at MESSAGE alone; elsewhere there is nothing to accept, and it is DROP."""

    HANG = "hang"
    DROP = "drop"
    ACCEPT_AND_DROP = "accept_and_drop"


@dataclass(frozen=True, slots=True)
class Received:
    """`content` as it came over the wire, with CRLF and without the doubled dots."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


class Mailbox:
    """Keeps messages in memory and, with a folder, each one as an .eml file."""

    def __init__(self, folder: Path | None = None) -> None:
        self.messages: list[Received] = []
        self.address = ""
        self.port = 0
        self._folder = folder
        self._kept = 0
        self._scripts: dict[Stage, deque[str | Trouble]] = defaultdict(deque)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def script(self, stage: Stage, *acts: str | Trouble) -> None:
        """Each act once, in this order, then normal again. A reply: "451 4.7.1 come back later"."""
        self._scripts[stage].extend(acts)

    def next_act(self, stage: Stage) -> str | Trouble | None:
        waiting = self._scripts[stage]
        return waiting.popleft() if waiting else None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """With port 0, a free one. Raises OSError when the port is taken."""
        if self._folder is not None:
            self._kept = await asyncio.to_thread(_prepare, self._folder)
        self._server = await asyncio.start_server(self._accept, host, port, limit=_MAX_SIZE)
        self.port = self._server.sockets[0].getsockname()[1]
        self.address = f"{host}:{self.port}"

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def keep(self, received: Received) -> None:
        self.messages.append(received)
        if self._folder is not None:
            self._kept += 1
            path = self._folder / f"{self._kept:05d}.eml"
            await asyncio.to_thread(path.write_bytes, received.content)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _Session(self, reader, writer).run()
        except (_Hangup, asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


def _prepare(folder: Path) -> int:
    """How many messages are there from earlier runs."""
    folder.mkdir(parents=True, exist_ok=True)
    return len(list(folder.glob("*.eml")))


class _Hangup(Exception):
    """The server ends the connection."""


@dataclass(slots=True)
class _Transaction:
    sender: str
    eight_bit: bool
    recipients: list[str] = field(default_factory=list)


class _Session:
    """One connection."""

    def __init__(self, mailbox: Mailbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._mailbox, self._reader, self._writer = mailbox, reader, writer
        self._greeted = False
        self._mail: _Transaction | None = None
        self._commands = {
            "EHLO": self._on_hello,
            "HELO": self._on_hello,
            "MAIL": self._on_mail,
            "RCPT": self._on_rcpt,
            "DATA": self._on_data,
            "RSET": self._on_rset,
            "NOOP": self._on_noop,
            "QUIT": self._on_quit,
        }

    async def run(self) -> None:
        if not await self._act(Stage.CONNECT, "220 mailbox.example ESMTP"):
            return
        while True:
            line = (await self._read_line()).removesuffix(b"\r\n")
            if not line.isascii() or not line.decode("ascii").isprintable():
                await self._say("500 5.5.2 a command is one line of printable ASCII that ends in CRLF")
                continue
            command = line.decode("ascii")
            handle = self._commands.get(command.split(" ")[0].upper())
            await (handle(command) if handle else self._say("500 5.5.1 no such command here"))

    async def _on_hello(self, command: str) -> None:
        verb, _, name = command.partition(" ")
        if not name:
            await self._say("501 5.5.4 expected your host name")
        elif await self._act(Stage.HELLO, _EXTENSIONS if verb.upper() == "EHLO" else "250 mailbox.example"):
            self._greeted = True
            self._mail = None

    async def _on_mail(self, command: str) -> None:
        match = _MAIL.fullmatch(command)
        parameters = match[2].upper().split() if match else []
        if not self._greeted or self._mail is not None:
            await self._say("503 5.5.1 MAIL comes after EHLO, and once for a message")
        elif match is None:
            await self._say("501 5.5.4 expected MAIL FROM:<address>")
        elif not all(_PARAMETER.fullmatch(parameter) for parameter in parameters):
            await self._say("555 5.5.4 parameters other than SIZE and BODY are not known here")
        elif any(parameter.startswith("SIZE=") and int(parameter[5:]) > _MAX_SIZE for parameter in parameters):
            await self._say(f"552 5.3.4 more than {_MAX_SIZE} octets")
        elif await self._act(Stage.MAIL, "250 2.1.0 sender accepted"):
            self._mail = _Transaction(match[1], "BODY=8BITMIME" in parameters)

    async def _on_rcpt(self, command: str) -> None:
        match = _RCPT.fullmatch(command)
        if self._mail is None:
            await self._say("503 5.5.1 RCPT comes after MAIL")
        elif match is None:
            await self._say("501 5.5.4 expected RCPT TO:<address>")
        elif match[2]:
            await self._say("555 5.5.4 no parameters are known here")
        elif await self._act(Stage.RCPT, "250 2.1.5 recipient accepted"):
            self._mail.recipients.append(match[1])

    async def _on_data(self, command: str) -> None:
        if command.upper() != "DATA":
            await self._say("501 5.5.4 DATA stands alone")
        elif self._mail is None or not self._mail.recipients:
            await self._say("503 5.5.1 DATA comes after an accepted RCPT")
        elif await self._act(Stage.DATA, "354 go ahead, end with a dot on a line of its own"):
            mail, self._mail = self._mail, None
            content, fault = await self._read_content(mail.eight_bit)
            received = Received(mail.sender, tuple(mail.recipients), content)
            await (self._say(f"554 5.6.0 {fault}") if fault else self._take(received))

    async def _take(self, received: Received) -> None:
        act = self._mailbox.next_act(Stage.MESSAGE)
        if act is None or act is Trouble.ACCEPT_AND_DROP:
            await self._mailbox.keep(received)
        await self._perform(act, "250 2.0.0 message kept")

    async def _on_rset(self, command: str) -> None:
        if command.upper() != "RSET":
            await self._say("501 5.5.4 RSET stands alone")
        else:
            self._mail = None
            await self._say("250 2.0.0 forgotten")

    async def _on_noop(self, _: str) -> None:
        await self._say("250 2.0.0 nothing done")

    async def _on_quit(self, _: str) -> None:
        await self._say("221 2.0.0 bye")
        raise _Hangup

    async def _read_line(self) -> bytes:
        try:
            return await self._reader.readuntil(b"\r\n")
        except asyncio.LimitOverrunError:
            raise _Hangup from None

    async def _read_content(self, eight_bit: bool) -> tuple[bytes, str | None]:
        """All of the message, and the first rule that it breaks."""
        lines: list[bytes] = []
        size, fault = 0, None
        while (line := await self._read_line()) != b".\r\n":
            fault = fault or _broken_rule(line, eight_bit)
            lines.append(line.removeprefix(b"."))
            size += len(line)
            if size > _MAX_SIZE:
                raise _Hangup
        return b"".join(lines), fault

    async def _act(self, stage: Stage, normal: str) -> bool:
        """Replies by the script or as normal; whether it was a yes."""
        return await self._perform(self._mailbox.next_act(stage), normal)

    async def _perform(self, act: str | Trouble | None, normal: str) -> bool:
        if act is Trouble.HANG:
            while await self._reader.read(_MAX_LINE):
                pass
        if isinstance(act, Trouble):
            raise _Hangup
        reply = normal if act is None else act
        await self._say(reply)
        if reply.startswith("421"):
            raise _Hangup
        return reply[0] in "23"

    async def _say(self, reply: str) -> None:
        self._writer.write(reply.encode("ascii") + b"\r\n")
        await self._writer.drain()


def _broken_rule(line: bytes, eight_bit: bool) -> str | None:
    inner = line.removesuffix(b"\r\n")
    if b"\n" in inner or b"\r" in inner:
        return "a bare CR or LF in the message"
    if len(line) > _MAX_LINE:
        return f"a line of more than {_MAX_LINE - 2} octets"
    if line.startswith(b".") and not line.startswith(b".."):
        return "a dot at the start of a line that was not doubled"
    if not eight_bit and not line.isascii():
        return "octets above 127 without BODY=8BITMIME"
    return None
