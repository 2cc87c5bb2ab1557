"""A strict nameserver on loopback. The demo lives on it, and so do the tests.

What its zones say, well or ill, is `sandbox.zones`. This is the server around them: UDP and TCP on one port, one
question a message, REFUSED for a name outside its zones or another class, NOTIMP for an operation it does not know,
FORMERR for what cannot be read (RFC 1035 §4.1.1, §4.2). What is no question is not answered: that makes loops.
"""

import asyncio
import struct
from collections import deque
from collections.abc import Coroutine, Iterable
from typing import NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from deliverwatch.sandbox.zones import Zone, empty_response, respond

_HEADER, _UDP_LIMIT, _TCP_LIMIT = 12, 512, 65_535
_QR, _OPCODE, _RD = 0x80, 0x78, 0x01  # in the third octet of the header
_REMEMBERED = 100_000
_PORT_TRIES = 20


class Question(NamedTuple):
    name: str
    rdtype: str
    over: str


class Nameserver:
    """UDP and TCP on one port. `questions` remembers what was asked, newest last."""

    def __init__(self, zones: Iterable[Zone] = ()) -> None:
        self.zones = {zone.name.lower(): zone for zone in zones}
        self.questions: deque[Question] = deque(maxlen=_REMEMBERED)
        self._tasks: set[asyncio.Task[None]] = set()
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self.address = ""

    def add(self, zone: Zone) -> None:
        self.zones[zone.name.lower()] = zone

    def times_asked(self, name: str, rdtype: str = "A") -> int:
        """How often a name (without the final dot) was asked for, over UDP or TCP."""
        return sum(question[:2] == (name.lower(), rdtype) for question in self.questions)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """With port 0, a free one. Raises OSError when the port is taken."""
        for tries_left in reversed(range(1 if port else _PORT_TRIES)):
            tcp = await asyncio.start_server(self._accept, host, port)
            chosen = tcp.sockets[0].getsockname()[1]
            try:
                self._udp, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                    lambda: _Datagrams(self), local_addr=(host, chosen)
                )
            except OSError:  # somebody has the UDP side of that port
                tcp.close()
                if not tries_left:
                    raise
                continue
            self._tcp = tcp
            self.address = f"[{host}]:{chosen}" if ":" in host else f"{host}:{chosen}"
            return

    async def stop(self) -> None:
        if self._udp is None or self._tcp is None:
            return
        self._udp.close()
        self._tcp.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._tcp.wait_closed()

    async def reply(self, wire: bytes, over: str) -> bytes | None:
        """What the server sends back for a packet; None is silence."""
        if len(wire) < _HEADER or wire[2] & _QR:
            return None
        if (wire[2] & _OPCODE) >> 3 != dns.opcode.QUERY:
            return _refusal(wire, dns.rcode.NOTIMP)
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return _refusal(wire, dns.rcode.FORMERR)
        if len(query.question) != 1:
            return _refusal(wire, dns.rcode.FORMERR)
        if query.question[0].rdclass != dns.rdataclass.IN:
            return _refusal(wire, dns.rcode.REFUSED)
        return await self._answer(query, over)

    async def _answer(self, query: dns.message.Message, over: str) -> bytes | None:
        asked = query.question[0]
        name = asked.name.to_text(omit_final_dot=True).lower()
        self.questions.append(Question(name, dns.rdatatype.to_text(asked.rdtype), over))
        zone = self._zone_of(name)
        if zone is None:
            return _to_wire(empty_response(query, dns.rcode.REFUSED), over)
        await asyncio.sleep(zone.delay_for.total_seconds())
        label = name.removesuffix(zone.name.lower()).removesuffix(".")
        response = respond(zone, label, query)
        if response is not None and zone.truncates and over == "udp":
            response = _truncated(query)
        return None if response is None else _to_wire(response, over)

    def _zone_of(self, name: str) -> Zone | None:
        """The closest enclosing zone."""
        labels = name.split(".")
        tails = (".".join(labels[cut:]) for cut in range(len(labels)))
        return next((self.zones[tail] for tail in tails if tail in self.zones), None)

    def receive(self, wire: bytes, sender: tuple[str, int]) -> None:
        self._spawn(self._serve_datagram(wire, sender))

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._spawn(self._serve_connection(reader, writer))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve_datagram(self, wire: bytes, sender: tuple[str, int]) -> None:
        answer = await self.reply(wire, "udp")
        if answer is not None and self._udp is not None:
            self._udp.sendto(answer, sender)

    async def _serve_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Length and message, one after the other (RFC 1035 §4.2.2)."""
        try:
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                answer = await self.reply(await reader.readexactly(length), "tcp")
                if answer is not None:
                    writer.write(struct.pack("!H", len(answer)) + answer)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # the client has hung up
        finally:
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: Nameserver) -> None:
        self._server = server

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._server.receive(data, addr)


def _truncated(query: dns.message.Message) -> dns.message.Message:
    response = empty_response(query, dns.rcode.NOERROR)
    response.flags |= dns.flags.AA | dns.flags.TC
    return response


def _to_wire(response: dns.message.Message, over: str) -> bytes:
    """What does not fit into a datagram is cut and says so (RFC 2181 §9)."""
    limit = _TCP_LIMIT if over == "tcp" else max(_UDP_LIMIT, response.request_payload)
    return response.to_wire(max_size=limit, prefer_truncation=True)


def _refusal(wire: bytes, rcode: dns.rcode.Rcode) -> bytes:
    """The bare header: of what could not be read nothing is repeated."""
    kept = (wire[2] & (_OPCODE | _RD)) | _QR
    return wire[:2] + bytes([kept, rcode]) + bytes(8)
