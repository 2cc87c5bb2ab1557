"""A bad network on loopback, between those who ask and a nameserver: delay, loss, dead zones, and false answers.

It forwards datagrams (DNS over UDP, RFC 1035 §4.2.1) and reads nothing in them but the question, to know which belong
to a dead zone. What it does to a datagram is drawn from a seed, one sequence for each direction: the same datagrams in
the same order meet the same fate. A datagram is never held back for longer than it was told to, save by the millisecond
in which its timer rings, and is delayed on the way back alone, which for the one who asks is the same round trip. TCP
is not forwarded.

It can also stand for a resolver in trouble: one that answers SERVFAIL now and then, or one that lies. It says that
itself, in the nameserver's place, and what it says is delayed and lost like any answer. Its faults may be changed while
it runs.

Nothing else shall be lost: a nameserver whose small buffer a burst would overrun gets no more than a hundred questions
ahead of its answers, and the others wait here. Those it never answers cost a moment's pause.

Each client address has its own connected socket towards the nameserver, so that answers find their way back by the
kernel's own table and ids are left as they are. It is quick, since it must not be the narrow place of a measurement:
the sockets are drained in the event loop without a task, and all answers due in one millisecond share a timer.
"""

import asyncio
import ipaddress
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import NamedTuple

_HEADER, _LARGEST = 12, 65_535
_DRAINED_AT_ONCE = 64  # then the other direction has its turn
_UNANSWERED_AT_ONCE = 100  # rbldnsd's buffer holds some 170
_PATIENCE_S = 0.05
_BUFFER = 4 << 20
_MAX_CLIENTS = 512
_TYPE_AND_CLASS, _TYPE_A = 4, b"\0\1"
_RESPONSE, _RD, _RA, _SERVFAIL, _NXDOMAIN = 0x80, 0x01, 0x80, 2, 3
_LISTED = bytes.fromhex("c00c 0001 0001 0000012c 0004 7f000002")
"""One A record for the question's name: 127.0.0.2, for five minutes."""

Address = tuple[str, int]


class Lie(StrEnum):
    """What is said of every name. EVERYTHING: it exists, with the address 127.0.0.2. NOTHING: it does not."""

    EVERYTHING = "everything"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Faults:
    """`delay_for` and up to `jitter_for` more are added to a round trip. `servfail_ratio` and `lie_ratio`: of the
    questions that were not lost. Raises ValueError for what cannot be."""

    delay_for: timedelta = timedelta(0)
    jitter_for: timedelta = timedelta(0)
    loss_there_ratio: float = 0.0
    loss_back_ratio: float = 0.0
    servfail_ratio: float = 0.0
    lie: Lie | None = None
    lie_ratio: float = 1.0
    dead_zones: tuple[str, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.delay_for, self.jitter_for) < timedelta(0):
            raise ValueError("a datagram cannot arrive before it was sent: expected a delay and a jitter of 0 or more")
        ratios = (self.loss_there_ratio, self.loss_back_ratio, self.servfail_ratio, self.lie_ratio)
        if not all(0 <= ratio <= 1 for ratio in ratios):
            raise ValueError("expected a loss, or a share of SERVFAIL or lies, from 0 (nothing) to 1 (everything)")
        for zone in self.dead_zones:
            _wire_name(zone)


class Passed(NamedTuple):
    """How many datagrams went through, each way, and how many did not."""

    asked: int
    answered: int
    lost: int
    dead: int


class FaultProxy:
    """In front of `upstream` ("127.0.0.1:53", "[::1]:53"), which must be on loopback."""

    def __init__(self, upstream: str, faults: Faults | None = None) -> None:
        faults = faults or Faults()
        self._upstream = _loopback(upstream)
        self._draw_there = random.Random(f"{faults.seed} there").random  # noqa: S311 - meant to repeat
        self._draw_back = random.Random(f"{faults.seed} back").random  # noqa: S311
        self._draw_invented = random.Random(f"{faults.seed} invented").random  # noqa: S311
        self.change(faults)
        self._near: socket.socket | None = None
        self._far: dict[Address, socket.socket] = {}
        self._held: dict[int, list[tuple[bytes, Address]]] = {}
        self._asked = self._answered = self._lost = self._dead = 0
        self._unanswered = 0
        self._pause: asyncio.TimerHandle | None = None
        self.address = ""

    @property
    def passed(self) -> Passed:
        return Passed(self._asked, self._answered, self._lost, self._dead)

    def change(self, faults: Faults) -> None:
        """From the next datagram on. The draws go on where they were, whatever the seed."""
        self._faults = faults
        self._dead_zones = tuple(map(_wire_name, faults.dead_zones))
        self._delay_s = faults.delay_for.total_seconds()
        self._jitter_s = faults.jitter_for.total_seconds()

    async def start(self, port: int = 0) -> None:
        """With port 0, a free one. Raises OSError when the port is taken."""
        self._loop = asyncio.get_running_loop()
        host = self._upstream[0]
        near = self._open(socket.socket.bind, (host, port))
        self._near = near
        port = near.getsockname()[1]
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._loop.add_reader(near, self._take_questions, near)

    async def stop(self) -> None:
        """What is held back is not delivered any more."""
        if self._pause is not None:
            self._pause.cancel()
        for ours in (self._near, *self._far.values()):
            if ours is not None:
                self._shut(ours)
        self._near = None
        self._far.clear()

    def _open(self, tie: Callable[[socket.socket, Address], None], address: Address) -> socket.socket:
        ours = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            ours.setblocking(False)
            for side in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                ours.setsockopt(socket.SOL_SOCKET, side, _BUFFER)
            tie(ours, address)
        except OSError:
            ours.close()
            raise
        return ours

    def _shut(self, ours: socket.socket) -> None:
        self._loop.remove_reader(ours)
        ours.close()

    def _take_questions(self, near: socket.socket) -> None:
        loss, far = self._faults.loss_there_ratio, self._far
        invents = bool(self._faults.lie or self._faults.servfail_ratio)
        for _ in range(min(_DRAINED_AT_ONCE, _UNANSWERED_AT_ONCE - self._unanswered)):
            try:
                packet, client = near.recvfrom(_LARGEST)
            except BlockingIOError:
                return
            if self._dead_zones and _asks_for(packet, self._dead_zones):
                self._dead += 1
            elif loss and self._draw_there() < loss:
                self._lost += 1
            elif invents and (reply := self._invent(packet)) is not None:
                self._give_back(reply, client)
            else:
                self._send(far.get(client) or self._welcome(client), packet)
        if self._unanswered >= _UNANSWERED_AT_ONCE:
            self._loop.remove_reader(near)
            self._pause = self._loop.call_later(_PATIENCE_S, self._resume, near, 0)

    def _invent(self, question: bytes) -> bytes | None:
        """None: the nameserver shall answer."""
        faults = self._faults
        if faults.lie is not None and self._draw_invented() < faults.lie_ratio:
            everything = faults.lie is Lie.EVERYTHING
            return _reply(question, 0, _LISTED) if everything else _reply(question, _NXDOMAIN)
        return _reply(question, _SERVFAIL) if self._draw_invented() < faults.servfail_ratio else None

    def _give_back(self, reply: bytes, client: Address) -> None:
        loss = self._faults.loss_back_ratio
        if loss and self._draw_back() < loss:
            self._lost += 1
        elif self._delay_s or self._jitter_s:
            self._hold(reply, client, self._loop.time() + self._delay_s)
        else:
            self._deliver(reply, client)

    def _resume(self, near: socket.socket, unanswered: int) -> None:
        assert self._pause is not None
        self._pause.cancel()
        self._pause, self._unanswered = None, unanswered
        self._loop.add_reader(near, self._take_questions, near)

    def _send(self, upstream: socket.socket, packet: bytes) -> None:
        """Twice at most: a connected socket reports that an earlier datagram was refused, and sends nothing."""
        for _ in range(2):
            try:
                upstream.send(packet)
            except ConnectionError:
                continue
            except OSError:  # the kernel has no room: a network loses it too
                break
            self._asked += 1
            self._unanswered += 1
            return
        self._lost += 1

    def _welcome(self, client: Address) -> socket.socket:
        """The oldest makes room. Its answers that are held back still go out; it is welcomed anew when it asks."""
        if len(self._far) >= _MAX_CLIENTS:
            self._shut(self._far.pop(next(iter(self._far))))
        upstream = self._open(socket.socket.connect, self._upstream)
        self._far[client] = upstream
        self._loop.add_reader(upstream, self._take_answers, upstream, client)
        return upstream

    def _take_answers(self, upstream: socket.socket, client: Address) -> None:
        if self._delay_s or self._jitter_s:
            due = self._loop.time() + self._delay_s
            self._drain(upstream, partial(self._hold, client=client, due=due))
        else:
            self._drain(upstream, partial(self._deliver, client=client))

    def _drain(self, upstream: socket.socket, take: Callable[[bytes], None]) -> None:
        loss = self._faults.loss_back_ratio
        for _ in range(_DRAINED_AT_ONCE):
            try:
                packet = upstream.recv(_LARGEST)
            except BlockingIOError:
                break
            except ConnectionError:  # the nameserver is not there: told once for each question
                continue
            self._unanswered -= 1
            if loss and self._draw_back() < loss:
                self._lost += 1
            else:
                take(packet)
        self._unanswered = max(0, self._unanswered)  # it may answer after the pause
        if self._pause is not None and self._near is not None and self._unanswered < _UNANSWERED_AT_ONCE:
            self._resume(self._near, self._unanswered)

    def _hold(self, packet: bytes, client: Address, due: float) -> None:
        if self._jitter_s:
            due += self._jitter_s * self._draw_back()
        moment = int(due * 1000) + 1
        waiting = self._held.get(moment)
        if waiting is None:
            waiting = self._held[moment] = []
            self._loop.call_at(moment / 1000, self._release, moment)
        waiting.append((packet, client))

    def _release(self, moment: int) -> None:
        for packet, client in self._held.pop(moment, ()):
            self._deliver(packet, client)

    def _deliver(self, packet: bytes, client: Address) -> None:
        if self._near is None:
            return
        try:
            self._near.sendto(packet, client)
            self._answered += 1
        except OSError:
            self._lost += 1


def _reply(question: bytes, rcode: int, record: bytes = b"") -> bytes:
    """As a resolver words it (RFC 1035 §4.1.1). A question of another type than A has no record: NOERROR, and empty."""
    end = question.find(0, _HEADER) + 1 + _TYPE_AND_CLASS
    record = record if question[end - _TYPE_AND_CLASS : end - 2] == _TYPE_A else b""
    flags = bytes([_RESPONSE | question[2] & _RD, _RA | rcode])
    counts = bytes([0, 1, 0, bool(record), 0, 0, 0, 0])
    return question[:2] + flags + counts + question[_HEADER:end] + record


def _asks_for(packet: bytes, zones: tuple[bytes, ...]) -> bool:
    """The question's name is the first after the header, never compressed (RFC 1035 §4.1.2), and ends with a zero."""
    return packet[_HEADER : packet.find(0, _HEADER) + 1].lower().endswith(zones)


def _wire_name(zone: str) -> bytes:
    """As labels (RFC 1035 §3.1). Raises ValueError for what is no name."""
    labels = zone.lower().removesuffix(".").split(".")
    if not zone.isascii() or not all(0 < len(label) < 64 for label in labels):
        raise ValueError(f"{zone!r} is not the name of a zone")
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"


def _loopback(address: str) -> Address:
    """Raises ValueError for another: a broken network is for one's own machine."""
    host, _, port = address.rpartition(":")
    try:
        ip = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
        if not ip.is_loopback or not 0 < int(port) < 65_536:
            raise ValueError
    except ValueError:
        raise ValueError(f"{address!r}: expected a loopback address with a port, like 127.0.0.1:53") from None
    return str(ip), int(port)
