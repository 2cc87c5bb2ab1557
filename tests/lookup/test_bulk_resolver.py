"""Our own engine among servers that are slow, silent, lossy, hostile or not there."""

import asyncio
import itertools
import logging
import os
import random
import resource
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from deliverwatch.core.blocklist import Budget
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.verdict import NOT_LISTED, Answer, Reply, judge
from deliverwatch.lookup import in_flight
from deliverwatch.lookup.bulk_resolver import BulkResolver
from deliverwatch.lookup.dns_lookups import DnsLookups
from deliverwatch.lookup.pacing import MOST_WINDOW, Bucket, Pace
from deliverwatch.lookup.paths import endpoint
from deliverwatch.lookup.wire import NOT_ITS_OWN, UNREADABLE, read_reply
from deliverwatch.sandbox.zones import Mode, Zone
from servers.lists import sample_list
from servers.ports import free_port

V4, DOMAIN = SubjectKind.IPV4, SubjectKind.DOMAIN
BL = sample_list()
CANARY = "c4n4ryk3y"


def subjects(number: int) -> list[Subject]:
    return [Subject(V4, f"198.51.{index >> 8}.{index & 255}") for index in range(number)]


def never(_: Answer) -> bool:
    return False


@pytest.fixture
async def resolver_to() -> AsyncIterator[Callable[..., BulkResolver]]:
    """resolver_to(address, ...) -> one that asks these servers, closed at the end"""
    async with AsyncExitStack() as stack:

        def make(*addresses: str, seconds: float = 5, bucket: Bucket | None = None, **more: object) -> BulkResolver:
            async def find(_):
                return [endpoint(address) for address in addresses]

            resolver = BulkResolver("path", {}, timedelta(seconds=seconds), find, lambda _: bucket, **more)
            stack.push_async_callback(resolver.close)
            return resolver

        yield make


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110 - servers on this loop set no event
        await asyncio.sleep(0)


class Scripted(asyncio.DatagramProtocol):
    """A server of datagrams that does as it is told. `behave(wire, send)`."""

    def __init__(self, behave: Callable[[bytes, Callable[[bytes], None]], None]) -> None:
        self._behave = behave
        self.asked = 0
        self.address = ""
        self.ports: set[int] = set()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport
        self.address = "{}:{}".format(*transport.get_extra_info("sockname"))

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.asked += 1
        self.ports.add(addr[1])
        self.client = addr
        self._behave(data, lambda packet: self._transport.sendto(packet, addr))


@asynccontextmanager
async def scripted(behave: Callable[[bytes, Callable[[bytes], None]], None]) -> AsyncIterator[Scripted]:
    """On a port whose TCP side is free as well."""
    for _ in range(20):
        try:
            transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: Scripted(behave), local_addr=("127.0.0.1", free_port())
            )
        except OSError:  # somebody was faster
            continue
        yield server
        transport.close()
        return
    raise OSError("no port is free")


def reply_to(wire: bytes, *codes: str, rcode: int | None = None, flags: int = 0) -> bytes:
    """A whole reply: listed with these codes, or else not there."""
    response = dns.message.make_response(dns.message.from_wire(wire))
    response.flags |= flags
    response.set_rcode(rcode if rcode is not None else 0 if codes else 3)
    if codes:
        response.answer = [dns.rrset.from_text_list(response.question[0].name, 300, "IN", "A", codes)]
    return response.to_wire()


# --- slow, silent, lossy


async def test_a_list_that_takes_two_seconds_is_slow_and_not_dead(start_nameserver, resolver_to):
    server = await start_nameserver(Zone("bl.example", delay_for=timedelta(seconds=2)))
    answers = await resolver_to(server.address).ask_all(BL, subjects(60), never)
    assert Counter(answer.reply for answer in answers) == {Reply.NXDOMAIN: 60}


async def test_the_answer_to_the_first_try_counts_when_the_second_has_left(resolver_to):
    held: list[tuple[bytes, Callable[[bytes], None]]] = []

    def behave(wire, send):
        held.append((wire, send))
        if len(held) == 2:
            first, send_back = held[0]
            send_back(reply_to(first, "127.0.0.3"))

    async with scripted(behave) as server:
        answer = await resolver_to(server.address, seconds=1).ask(BL, V4, "192.0.2.1")
    assert answer.values == ("127.0.0.3",)
    assert held[0][0][:2] != held[1][0][:2]


async def test_a_question_that_is_answered_twice_is_answered_once(resolver_to):
    """Both tries come back, the first one last: by then nobody waits for it."""
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    first: dict[bytes, tuple[bytes, Callable[[bytes], None]]] = {}

    def behave(wire, send):
        if wire[12:] not in first:
            first[wire[12:]] = wire, send
            return
        send(reply_to(wire))
        late, send_back = first[wire[12:]]
        send_back(reply_to(late, "127.0.0.3"))

    async with scripted(behave) as server:
        resolver = resolver_to(server.address, seconds=2)
        for _ in range(2):
            answers = await resolver.ask_all(BL, subjects(100), never)
            assert {answer.reply for answer in answers} <= {Reply.NXDOMAIN, Reply.ANSWER}
    assert not faults


async def test_what_is_lost_is_asked_again(resolver_to):
    """Of every fifth question the first two tries get lost."""
    seen: Counter[bytes] = Counter()

    def behave(wire, send):
        seen[wire[12:]] += 1
        if wire[13] % 5 or seen[wire[12:]] > 2:
            send(reply_to(wire))

    async with scripted(behave) as server:
        answers = await resolver_to(server.address).ask_all(BL, subjects(500), never)
    assert all(answer is NOT_LISTED for answer in answers)
    assert set(seen.values()) == {1, 3}


async def test_a_dead_list_is_found_out_and_left_alone(start_nameserver, resolver_to):
    server = await start_nameserver(Zone("bl.example", mode=Mode.SILENT))
    resolver = resolver_to(server.address, seconds=1)
    answers = await resolver.ask_all(BL, subjects(5000), never)
    not_asked = Answer(Reply.TIMEOUT, detail="not asked: the list answered none of the last 50 questions", asked=False)
    assert Counter(answers) == {Answer(Reply.TIMEOUT): 50, not_asked: 4950}
    assert len({question.name for question in server.questions}) == 50
    asked = len(server.questions)
    assert await resolver.ask(BL, V4, "192.0.2.1") == not_asked
    assert len(server.questions) == asked


async def test_a_list_that_dies_on_the_way_is_left_alone_too(resolver_to):
    def behave(wire, send):
        if server.asked <= 200:
            send(reply_to(wire))

    async with scripted(behave) as server:
        answers = await resolver_to(server.address, seconds=0.5).ask_all(BL, subjects(3000), never)
    replies = Counter((answer.reply, answer.asked) for answer in answers)
    assert replies[Reply.NXDOMAIN, True] == 200
    assert replies[Reply.TIMEOUT, False] >= 3000 - 200 - MOST_WINDOW
    assert server.asked <= 200 + Pace(5.0).tries * MOST_WINDOW


async def test_a_resolver_that_is_not_there_is_told_by_the_network(resolver_to):
    resolver = resolver_to(f"127.0.0.1:{free_port()}")
    assert await resolver.ask(BL, V4, "192.0.2.1") == Answer(Reply.NETWORK, detail="Connection refused")
    answers = await resolver.ask_all(BL, subjects(1000), never)
    assert {answer.reply for answer in answers} == {Reply.NETWORK, Reply.TIMEOUT}
    assert sum(answer.asked for answer in answers) < 200


async def test_without_a_way_there_nothing_is_asked(resolver_to):
    """A broadcast address may not be asked: the system says so when the socket is connected."""
    answers = await resolver_to("255.255.255.255:53").ask_all(BL, subjects(2), never)
    assert answers == [Answer(Reply.NETWORK, detail="not asked: Permission denied", asked=False)] * 2


async def test_when_no_socket_can_be_had_that_is_the_answer(resolver_to, monkeypatch):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resolver = resolver_to("127.0.0.1:53")
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        answer = await resolver.ask(BL, V4, "192.0.2.1")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert answer == Answer(Reply.NETWORK, detail="not asked: Too many open files", asked=False)


async def test_a_servfail_is_asked_again_once_and_may_be_over_by_then(resolver_to):
    codes = iter([2, 3])
    async with scripted(lambda wire, send: send(reply_to(wire, rcode=next(codes)))) as server:
        assert await resolver_to(server.address).ask(BL, V4, "192.0.2.1") is NOT_LISTED
    assert server.asked == 2


async def test_a_servfail_followed_by_silence_stays_one(resolver_to):
    def behave(wire, send):
        if server.asked == 1:
            send(reply_to(wire, rcode=2))

    async with scripted(behave) as server:
        answer = await resolver_to(server.address, seconds=1).ask(BL, V4, "192.0.2.1")
    assert answer == Answer(Reply.SERVFAIL)


async def test_a_question_that_paused_takes_nothing_from_the_one_that_has_its_old_id_now(resolver_to, monkeypatch):
    """Ids are drawn anew, so a day of rounds meets every coincidence; with few of them, one round does."""
    few = itertools.cycle(random.Random(1).sample(range(64), 64))
    monkeypatch.setattr(in_flight, "random_ids", lambda: few)
    draw = random.Random(2)

    def troubled(wire, send):
        if draw.random() < 0.7:
            send(reply_to(wire, rcode=dns.rcode.SERVFAIL if draw.random() < 0.5 else dns.rcode.NXDOMAIN))

    async with scripted(troubled) as server, asyncio.timeout(60):
        answers = await resolver_to(server.address, seconds=1).ask_all(BL, subjects(250), never)
    assert {answer.reply for answer in answers} >= {Reply.NXDOMAIN, Reply.SERVFAIL}


# --- hostile


def hostile_packets(wire: bytes, dice: random.Random) -> list[bytes]:
    """Spoilt replies, and whole ones to another question or with another id: all that must not be believed."""
    question = wire[12:]
    lies = [reply_to(wire, "127.0.0.66"), reply_to(wire)]
    found: list[bytes] = []
    while len(found) < 18:
        packet = bytearray(dice.choice(lies))
        match dice.randrange(4):
            case 0:
                packet[:2] = (int.from_bytes(packet[:2]) ^ 1 << dice.randrange(16)).to_bytes(2)
                found.append(bytes(packet))
                continue
            case 1:
                packet[13 + dice.randrange(8)] ^= 1
            case 2:
                del packet[dice.randrange(len(packet)) :]
            case _:
                packet[dice.randrange(len(packet))] ^= 1 << dice.randrange(8)
        if read_reply(bytes(packet), question) is UNREADABLE:
            found.append(bytes(packet))
    return found


async def test_among_twenty_thousand_forged_replies_the_genuine_one_is_taken(resolver_to):
    """Every question gets eighteen spoilt ones, two whole ones from another port, and then the truth."""
    dice = random.Random(20261124)
    sent = Counter()

    def behave(wire, send):
        listed = wire[13] % 2 == 0
        for packet in hostile_packets(wire, dice):
            send(packet)
        for lie in (reply_to(wire, "127.0.0.66"), reply_to(wire)):
            stranger.sendto(lie, server.client)
        send(reply_to(wire, "127.0.0.3") if listed else reply_to(wire))
        sent["forged"] += 20

    loop = asyncio.get_running_loop()
    stranger, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
    async with scripted(behave) as server:
        resolver = resolver_to(server.address)
        every = subjects(1000)
        for start in range(0, len(every), 10):
            some = every[start : start + 10]
            answers = await resolver.ask_all(BL, some, never)
            for subject, answer in zip(some, answers, strict=True):
                first = subject.value.rpartition(".")[2][0]
                expected = ("127.0.0.3",) if ord(first) % 2 == 0 else ()
                assert (answer.values, answer.reply is Reply.NXDOMAIN) == (expected, not expected)
    stranger.close()
    assert sent["forged"] >= 20_000


async def test_ids_and_ports_are_not_to_be_guessed(resolver_to):
    ids: list[int] = []

    def behave(wire, send):
        ids.append(int.from_bytes(wire[:2]))
        send(reply_to(wire))

    async with scripted(behave) as server:
        resolver = resolver_to(server.address)
        for subject in subjects(40):
            await resolver.ask(BL, V4, subject.value)
    assert len(set(ids)) > 35
    assert len({after - before for before, after in itertools.pairwise(ids)}) > 35
    assert len(server.ports) == 4


async def test_a_reply_that_cannot_be_read_is_waited_over(resolver_to):
    def behave(wire, send):
        send(reply_to(wire, "127.0.0.3")[:-2])

    async with scripted(behave) as server:
        answer = await resolver_to(server.address, seconds=0.5).ask(BL, V4, "192.0.2.1")
    assert answer == UNREADABLE
    assert server.asked == 3


async def test_nxdomain_with_an_address_is_nonsense(resolver_to):
    async with scripted(lambda wire, send: send(reply_to(wire, "127.0.0.2", rcode=3))) as server:
        answer = await resolver_to(server.address).ask(BL, V4, "192.0.2.1")
    assert answer.reply is Reply.NONSENSE
    assert judge(BL, answer).outcome == "nonsense"


# --- over TCP


async def test_a_truncated_answer_without_tcp_is_a_failure(resolver_to):
    async with scripted(lambda wire, send: send(reply_to(wire, flags=dns.flags.TC))) as server:
        answer = await resolver_to(server.address).ask(BL, V4, "192.0.2.1")
    assert answer == Answer(Reply.NETWORK, detail="over TCP: Connection refused")


@pytest.mark.parametrize(
    ("sends", "answer"),
    [
        (lambda wire: b"", Answer(Reply.NETWORK, detail="over TCP: the server hung up")),
        (lambda wire: b"\x00\x50abc", Answer(Reply.NETWORK, detail="over TCP: the server hung up")),
        (lambda wire: b"\x00\x02" + wire[:2], UNREADABLE),
        (lambda wire: framed(b"\x00\x00" + reply_to(wire)[2:]), UNREADABLE),
        (lambda wire: framed(reply_to(wire)), NOT_LISTED),
    ],
    ids=["nothing", "a piece", "an id alone", "another id", "the truth"],
)
async def test_what_comes_over_tcp_is_held_against_the_same_rules(resolver_to, sends, answer):
    async def accept(reader, writer):
        length = int.from_bytes(await reader.readexactly(2))
        wire = await reader.readexactly(length)
        writer.write(sends(wire if wire[:2] != b"\x00\x00" else b"\x00\x01" + wire[2:]))
        writer.close()

    async with scripted(lambda wire, send: send(reply_to(wire, flags=dns.flags.TC))) as server:
        tcp = await asyncio.start_server(accept, *endpoint(server.address))
        assert await resolver_to(server.address).ask(BL, V4, "192.0.2.1") == answer
        tcp.close()
        await tcp.wait_closed()


def framed(packet: bytes) -> bytes:
    return len(packet).to_bytes(2) + packet


async def test_a_list_that_hangs_over_tcp_is_a_timeout(resolver_to):
    held: list[asyncio.StreamWriter] = []
    async with scripted(lambda wire, send: send(reply_to(wire, flags=dns.flags.TC))) as server:
        tcp = await asyncio.start_server(lambda _, writer: held.append(writer), *endpoint(server.address))
        answer = await resolver_to(server.address, seconds=0.3).ask(BL, V4, "192.0.2.1")
        held[0].close()
        tcp.close()
        await tcp.wait_closed()
    assert answer == Answer(Reply.TIMEOUT, detail="over TCP")


# --- stopping, budgets, closing


async def test_when_stopped_what_is_still_out_is_not_waited_for(resolver_to):
    def behave(wire, send):
        if server.asked == 50:
            send(reply_to(wire, rcode=5))

    async with scripted(behave) as server:
        answers = await resolver_to(server.address).ask_all(BL, subjects(500), lambda answer: True)
    assert Counter((answer.reply, answer.asked) for answer in answers) == {
        (Reply.REFUSED, True): 1,
        (Reply.TIMEOUT, True): 49,
        (Reply.REFUSED, False): 450,
    }
    assert server.asked == 50


async def test_waiting_for_the_budget_is_no_silence(start_nameserver, resolver_to):
    server = await start_nameserver(Zone("bl.example"))
    resolver = resolver_to(server.address, seconds=0.2, bucket=Bucket(30))
    answers = await resolver.ask_all(BL, subjects(30), never)
    assert all(answer is NOT_LISTED for answer in answers)
    assert len(server.questions) == 30


async def test_a_question_over_tcp_is_counted_as_well(start_nameserver, resolver_to):
    class Counting(Bucket):
        taken = 0

        def take(self, now: float) -> None:
            self.taken += 1
            super().take(now)

    zone = Zone("bl.example", truncates=True)
    zone.list("1.2.0.192", "127.0.0.2")
    server = await start_nameserver(zone)
    bucket = Counting(10_000)
    resolver = resolver_to(server.address, bucket=bucket)
    assert (await resolver.ask(BL, V4, "192.0.2.1")).values == ("127.0.0.2",)
    assert bucket.taken == len(server.questions) == 2


async def test_waiting_for_the_budget_of_another_try_is_no_silence_either(resolver_to):
    seen: set[bytes] = set()

    def behave(wire, send):
        if wire[12:] in seen:
            send(reply_to(wire))
        seen.add(wire[12:])

    async with scripted(behave) as server:
        resolver = resolver_to(server.address, seconds=0.2, bucket=Bucket(15))
        answers = await resolver.ask_all(BL, subjects(9), never)
    assert all(answer is NOT_LISTED for answer in answers)


async def test_whoever_stops_waiting_stops_the_asking(start_nameserver, resolver_to):
    zone = Zone("bl.example", mode=Mode.SILENT)
    server = await start_nameserver(zone)
    resolver = resolver_to(server.address)
    asking = asyncio.create_task(resolver.ask_all(BL, subjects(500), never))
    await until(lambda: len(server.questions) == 50)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    zone.mode = Mode.NORMAL
    assert await resolver.ask(BL, V4, "192.0.2.1") is NOT_LISTED
    assert len(server.questions) == 51


async def test_closing_answers_all_that_wait_and_leaves_nothing_open(start_nameserver, resolver_to):
    server = await start_nameserver(Zone("bl.example", mode=Mode.SILENT))
    before = len(os.listdir("/proc/self/fd"))
    resolver = resolver_to(server.address)
    asking = asyncio.create_task(resolver.ask_all(BL, subjects(60), never))
    await until(lambda: len(server.questions) == 50)
    await resolver.close()
    answers = await asking
    assert set(answers) == {Answer(Reply.NETWORK, detail="closed before an answer came")}
    assert len(os.listdir("/proc/self/fd")) == before
    assert (await resolver.ask(BL, V4, "192.0.2.1")).asked is False


# --- several servers, and the list's own


async def test_a_server_that_is_silent_is_passed_over_while_another_answers(start_nameserver, resolver_to):
    good = await start_nameserver(Zone("bl.example"))
    silent = await start_nameserver(Zone("bl.example", mode=Mode.SILENT))
    answers = await resolver_to(silent.address, good.address).ask_all(BL, subjects(1000), never)
    assert all(answer is NOT_LISTED for answer in answers)
    assert len(silent.questions) < 150


async def test_a_lists_own_server_is_asked_without_recursion_and_must_know_by_itself(resolver_to):
    wires: list[bytes] = []

    def behave(wire, send):
        wires.append(wire)
        send(reply_to(wire, flags=dns.flags.AA if len(wires) == 1 else 0))

    async with scripted(behave) as server:
        resolver = resolver_to(server.address, recursion=False)
        assert await resolver.ask(BL, V4, "192.0.2.1") is NOT_LISTED
        assert await resolver.ask(BL, V4, "192.0.2.2") == NOT_ITS_OWN
    assert wires[0][2:12] == b"\x00\x00\x00\x01" + bytes(6)


async def test_a_resolver_is_asked_for_recursion_and_gets_no_edns(resolver_to):
    wires: list[bytes] = []
    async with scripted(lambda wire, send: (wires.append(wire), send(reply_to(wire)))) as server:
        await resolver_to(server.address).ask(BL, V4, "192.0.2.1")
    assert wires[0][2:12] == b"\x01\x00\x00\x01" + bytes(6)


# --- keys


@pytest.mark.parametrize("mode", Mode)
async def test_a_key_appears_in_nothing_but_the_question(mode, start_nameserver, caplog):
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    asyncio.get_running_loop().slow_callback_duration = 0  # logs every callback
    keyed = sample_list(keyed_zone="{key}.dq.example", budget=Budget(per_second=1000))
    zone = Zone(f"{CANARY}.dq.example", mode=mode, truncates=True)
    zone.list("1.2.0.192", "127.0.0.2", txt=f"1.2.0.192.{CANARY.upper()}.dq.example is listed")
    server = await start_nameserver(zone)
    lookups = DnsLookups([server.address], keys={"sample": CANARY}, timeout_for=timedelta(seconds=0.3))
    resolver = lookups.open(server.address)
    seen: list[object] = [lookups, resolver]
    for kind, name in [(V4, "192.0.2.1"), (V4, "192.0.2.2"), (DOMAIN, "two words"), (DOMAIN, "a." * 130 + "example")]:
        answer = await resolver.ask(keyed, kind, name)
        seen += [answer, judge(keyed, answer), await resolver.reason(keyed, kind, name)]
    await resolver.close()
    assert any(CANARY in question.name for question in server.questions)
    assert "Executing" in caplog.text
    assert CANARY not in f"{seen!r} {caplog.text}".lower()
