"""Asks one list many questions, inside the event loop and without a task for any of them.

Sockets are drained until they are empty and sent on directly; that, and nothing else, is why it is ten times as fast as
an asyncio protocol per question. One timer walks over what is in flight, which is never more than the window holds.

Each try has an id of its own, so that an answer is known to belong to the first or the second, and a late one still
counts: a list that takes two seconds is slow and not dead. SERVFAIL is asked again once, after a pause; REFUSED is an
answer. Whatever goes wrong with a socket ends as an answer too.

How fast and how long is `pacing`, what a reply says is `wire` (RFC 1035 §4.2.1, §7.3). Sending, receiving and giving up
stay in one module, long as it is: they change the same few things, and are only right together.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from deliverwatch.core.verdict import NOT_LISTED, Answer, Reply
from deliverwatch.lookup.batch import NOT_AWAITED, Batch
from deliverwatch.lookup.budget import wait_for_turn
from deliverwatch.lookup.in_flight import TIMED_OUT, InFlight, Query
from deliverwatch.lookup.pacing import Breaker, Bucket, Doubts, Pace
from deliverwatch.lookup.peers import Peer, Peers, Server
from deliverwatch.lookup.tcp import exchange, what_failed
from deliverwatch.lookup.wire import AA, HEADER, NXDOMAIN, OPCODE, QR, RCODE, TC, TRUNCATED, UNREADABLE, read_reply

_TICK_S = 0.025
_AFTER_FAILURE_S = 0.05  # doubled with each try
_PATIENCE_RATIO = 0.5  # of the time-out
_MAX_DATAGRAM = 4096
_AT_ONE_GO = 1024  # datagrams; others want the event loop too
_OVER_TCP_AT_ONCE = 10
_ONE_QUESTION = b"\x00\x01\x00\x00\x00\x00\x00\x00"
_NOTHING_ANSWERED = b"\x00\x01\x00\x00"
_CLOSED = Answer(Reply.NETWORK, detail="closed before an answer came")


class Engine:
    """`recursion`: a resolver is asked; without it the list's own servers, of which only an authoritative answer is
    one. Knows keys, so its representation must stay the plain one."""

    def __init__(self, peers: Peers, timeout_s: float, bucket: Bucket | None, *, recursion: bool) -> None:
        self._peers = peers
        self._timeout_s = timeout_s
        self._bucket = bucket
        self._authoritative = not recursion
        self._header = bytes([recursion, 0]) + _ONE_QUESTION
        self._mask = QR | OPCODE | TC | (AA if self._authoritative else 0)
        self._plain = QR | (AA if self._authoritative else 0)
        self._pace = Pace(timeout_s)
        self._breaker = Breaker(timeout_s * _PATIENCE_RATIO)
        self._doubts = Doubts()
        self._loop = asyncio.get_running_loop()
        self._running: set[Batch] = set()
        self._waiting: deque[Batch] = deque()
        self._in_flight = InFlight()
        self._pausing: set[Query] = set()
        self._over_tcp: set[asyncio.Task[None]] = set()
        self._tcp_gate = asyncio.Semaphore(_OVER_TCP_AT_ONCE)
        self._rest: Answer | None = None  # to all that is not asked any more
        self._tick_timer: asyncio.TimerHandle | None = None
        self._budget_timer: asyncio.TimerHandle | None = None
        for peer in peers.all:
            self._loop.add_reader(peer.socket, self._drain, peer)

    async def ask(
        self, questions: Iterator[bytes | Answer], count: int, stop: Callable[[Answer], bool]
    ) -> Sequence[Answer]:
        """An answer for each question, in order; what is an answer already stays it."""
        batch = Batch(questions, count, stop)
        if self._rest is not None:
            batch.stop(self._rest)
        self._running.add(batch)
        self._waiting.append(batch)
        try:
            self._pump()
            await batch.done
            return batch.answers
        finally:
            self._drop(batch)

    async def close(self) -> None:
        self._rest = _CLOSED
        for timer in (self._tick_timer, self._budget_timer):
            if timer is not None:
                timer.cancel()
        for peer in self._peers.all:
            self._loop.remove_reader(peer.socket)
        self._peers.close()
        for task in self._over_tcp:
            task.cancel()
        await asyncio.gather(*self._over_tcp, return_exceptions=True)
        for batch in self._running:
            batch.abandon(_CLOSED)

    # --- sending

    def _pump(self) -> None:
        """Sends what the window and the budget allow."""
        now = self._loop.time()
        while self._waiting and (room := self._pace.window - self._in_flight.number) > 0:
            batch = self._waiting[0]
            if batch.exhausted:
                self._waiting.popleft()
                continue
            if self._must_wait(now):
                break
            self._send_some(batch, room if self._bucket is None else 1, now)
        if self._tick_timer is None and self._in_flight.number:
            self._tick_timer = self._loop.call_later(_TICK_S, self._tick)

    def _send_some(self, batch: Batch, most: int, now: float) -> None:
        """All on one socket: the answers then come together."""
        peer, deadline, due_at = self._peers.next(), now + self._timeout_s, now + self._pace.first_wait_s
        for place, question in batch.take(most):
            self._in_flight.number += 1
            self._send(Query(batch, place, question, due_at, deadline), peer, now)

    def _must_wait(self, now: float) -> bool:
        if self._bucket is None or not (wait_s := self._bucket.wait_s(now)):
            return False
        if self._budget_timer is None:
            self._budget_timer = self._loop.call_later(wait_s, self._budget_is_back)
        return True

    def _budget_is_back(self) -> None:
        self._budget_timer = None
        self._pump()

    def _send(self, query: Query, peer: Peer, now: float) -> None:
        message = self._in_flight.add_try(query, peer, now) + self._header + query.question
        if self._bucket is not None:
            self._bucket.take(now)
        try:
            peer.socket.send(message)
        except OSError as failure:
            self._failed(query, failure, now)

    def _send_again(self, query: Query, now: float) -> bool:
        """False while the budget is used up, and that is nobody's silence."""
        if self._bucket is not None and (wait_s := self._bucket.wait_s(now)):
            query.due_at = now + wait_s
            query.deadline += wait_s
            return False
        query.earlier = {**(query.earlier or {}), query.key: query.sent_at}
        query.failed = False
        query.due_at = min(now + self._pace.wait_s(query.tries), query.deadline)
        self._send(query, self._peers.other(query.server), now)
        return True

    # --- receiving

    def _drain(self, peer: Peer) -> None:
        """Takes all datagrams of one socket."""
        receive = peer.socket.recv
        packets: list[bytes] = []
        now = self._loop.time()
        while len(packets) < _AT_ONE_GO:
            try:
                packets.append(receive(_MAX_DATAGRAM))
            except BlockingIOError:
                break
            except OSError as failure:
                self._peer_failed(peer, failure, now)
                break
        self._take(peer, packets, now)
        self._pump()

    def _take(self, peer: Peer, packets: Sequence[bytes], now: float) -> None:
        """Nearly all of them are a plain NXDOMAIN, told here by the header, and counted together."""
        tries, base, mask, plain = self._in_flight.tries, peer.base, self._mask, self._plain
        clear, sent_at = 0, now
        for packet in packets:
            if len(packet) < HEADER:
                continue
            key = base | packet[0] << 8 | packet[1]
            query = tries.get(key)
            if query is None:
                continue
            if (
                packet[2] & mask == plain
                and packet[3] & RCODE == NXDOMAIN
                and packet.startswith(_NOTHING_ANSWERED, 4)
                and packet.startswith(query.question, HEADER)
                and query.earlier is None
            ):
                del tries[key]
                clear, sent_at = clear + 1, query.sent_at
                query.batch.settle(query.place, NOT_LISTED)
            else:
                self._read(query, key, packet, now)
        if clear:
            self._in_flight.number -= clear
            self._pace.answered(now - sent_at, clear)
            self._heard(peer.server, clear)

    def _read(self, query: Query, key: int, packet: bytes, now: float) -> None:
        answer = read_reply(packet, query.question, authoritative=self._authoritative)
        if answer is UNREADABLE:
            query.otherwise = answer
        elif answer is TRUNCATED:
            self._in_flight.forget(query)
            task = self._loop.create_task(self._ask_over_tcp(query))
            self._over_tcp.add(task)
            task.add_done_callback(self._over_tcp.discard)
        elif answer.reply is Reply.SERVFAIL and self._worth_a_pause(query, now):
            self._pause(query, answer, now)
        else:
            self._answered(query, key, answer, now)

    def _answered(self, query: Query, key: int, answer: Answer, now: float) -> None:
        if query.earlier is None or key == query.key:
            self._pace.answered(now - query.sent_at)
        else:
            self._pace.answered(now - query.earlier[key])
            self._pace.came_late()
        self._heard(query.server)
        self._in_flight.forget(query)
        self._settle(query, answer)

    def _heard(self, server: Server, replies: int = 1) -> None:
        server.silent = 0
        self._breaker.answered()
        self._doubts.replied(replies)

    def _settle(self, query: Query, answer: Answer) -> None:
        self._in_flight.number -= 1
        query.batch.settle(query.place, answer)

    def _worth_a_pause(self, query: Query, now: float) -> bool:
        return (
            query.otherwise.reply is not Reply.SERVFAIL
            and now + self._pace.servfail_pause_s < query.deadline
            and self._doubts.worth_asking_again()
        )

    def _pause(self, query: Query, answer: Answer, now: float) -> None:
        """What a server in trouble said is remembered, and asked once more when it had time to recover."""
        self._heard(query.server)
        self._in_flight.forget(query)
        query.otherwise, query.due_at = answer, now + self._pace.servfail_pause_s
        self._pausing.add(query)

    async def _ask_over_tcp(self, query: Query) -> None:
        """Until the deadline, whatever it waits for. That it is to be asked so is no answer yet."""
        async with self._tcp_gate:
            await wait_for_turn(self._bucket)
            message = self._in_flight.new_id() + self._header + query.question
            left_s = query.deadline - self._loop.time()
            reply = await exchange(query.server.endpoint, message, left_s) if left_s > 0 else TIMED_OUT
        if isinstance(reply, bytes):
            self._heard(query.server)
            ours = reply[:2] == message[:2]
            reply = read_reply(reply, query.question, authoritative=self._authoritative) if ours else UNREADABLE
        else:
            self._breaker.unanswered += 1
        self._settle(query, reply)
        self._pump()

    # --- what does not come

    def _tick(self) -> None:
        self._tick_timer = None
        now = self._loop.time()
        overdue = 0
        impatient_at = now - self._breaker.patience_s + self._timeout_s
        for query in self._in_flight.latest():
            overdue += query.deadline <= impatient_at
            if now >= query.due_at or (query.batch.stopped and query.earlier):
                self._due(query, now)
        for query in [query for query in self._pausing if now >= query.due_at or query.batch.stopped]:
            self._end_pause(query, now)
        if self._rest is None and self._breaker.opens(overdue):
            self._open_breaker(overdue)
        self._pump()

    def _due(self, query: Query, now: float) -> None:
        spent = query.tries >= self._pace.tries
        if query.batch.stopped:
            self._give_up(query, NOT_AWAITED)
        elif now >= query.deadline or (spent and query.failed):
            self._breaker.unanswered += 1
            self._give_up(query, query.otherwise)
        elif spent:
            query.due_at = query.deadline
        else:
            server, sent_at = query.server, query.sent_at
            if self._send_again(query, now):
                self._pace.lost(sent_at, now)
                server.silent += 1

    def _end_pause(self, query: Query, now: float) -> None:
        if query.batch.stopped:
            self._pausing.discard(query)
            self._settle(query, query.otherwise)
        elif self._send_again(query, now):
            self._pausing.discard(query)

    def _give_up(self, query: Query, answer: Answer) -> None:
        self._in_flight.forget(query)
        self._settle(query, answer)

    def _peer_failed(self, peer: Peer, failure: OSError, now: float) -> None:
        """Told by the socket, not for which question: for all that left on it."""
        for query in self._in_flight.latest():
            if query.key & ~0xFFFF == peer.base and not query.failed:
                self._failed(query, failure, now)

    def _failed(self, query: Query, failure: OSError, now: float) -> None:
        query.failed = True
        query.otherwise = Answer(Reply.NETWORK, detail=what_failed(failure))
        query.due_at = min(now + _AFTER_FAILURE_S * 2**query.tries, query.deadline)

    def _open_breaker(self, overdue: int) -> None:
        asked = self._breaker.unanswered + overdue
        detail = f"not asked: the list answered none of the last {asked} questions"
        self._rest = Answer(Reply.TIMEOUT, detail=detail, asked=False)
        for query in self._in_flight.latest():
            self._give_up(query, query.otherwise)
        for batch in self._waiting:
            batch.stop(self._rest)

    def _drop(self, batch: Batch) -> None:
        """Whoever wanted the answers has them, or has gone."""
        self._running.discard(batch)
        if batch.complete:
            return
        batch.abandon(NOT_AWAITED)
        for query in [query for query in self._in_flight.latest() if query.batch is batch]:
            self._give_up(query, NOT_AWAITED)
