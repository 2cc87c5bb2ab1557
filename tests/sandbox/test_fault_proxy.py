"""The proxy does what it was told to a datagram, and nothing else."""

import asyncio
import socket
from contextlib import asynccontextmanager
from datetime import timedelta

import dns.message
import dns.rcode
import pytest

from deliverwatch.sandbox.fault_proxy import FaultProxy, Faults
from deliverwatch.sandbox.zones import Zone

MANY = 2_000


class Echo(asyncio.DatagramProtocol):
    """Answers with what it was asked, and remembers in which order and by whom. `holds`: it answers later."""

    def __init__(self):
        self.asked, self.senders, self.holds = [], [], False

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.asked.append(data)
        self.senders.append(addr)
        if not self.holds:
            self.transport.sendto(data, addr)

    def answer(self, first, last):
        for data, addr in zip(self.asked[first:last], self.senders[first:last], strict=True):
            self.transport.sendto(data, addr)


@pytest.fixture
async def echo():
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    server.address = f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
    yield server
    transport.close()


@asynccontextmanager
async def proxy_before(address, **faults):
    proxy = FaultProxy(address, Faults(**faults))
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()


@asynccontextmanager
async def client_of(address):
    """A socket of its own that is connected to the proxy."""
    host, port = address.rsplit(":", 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.setblocking(False)
        ours.connect((host, int(port)))
        yield ours


async def receive(ours):
    return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(ours, 4096), 10)


async def exchange(ours, wire):
    ours.send(wire)
    return await receive(ours)


async def send_many(proxy, count=MANY):
    """`count` numbered datagrams through one client, one after the other; what came back."""
    async with client_of(proxy.address) as ours:
        back = []
        for number in range(count):
            ours.send(number.to_bytes(4, "big"))
            await until(lambda before=number: settled(proxy) > before)
            if len(back) < proxy.passed.answered:
                back.append(int.from_bytes(await receive(ours), "big"))
        return back


def settled(proxy):
    return proxy.passed.answered + proxy.passed.lost + proxy.passed.dead


async def until(holds):
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - the proxy has no event for it, and needs none
            await asyncio.sleep(0)


async def test_a_question_and_its_answer_pass_as_they_are(start_nameserver):
    zone = Zone("bl.example")
    zone.list("2.0.0.127", "127.0.0.2")
    server = await start_nameserver(zone)
    query = dns.message.make_query("2.0.0.127.bl.example", "A")
    async with proxy_before(server.address) as proxy, client_of(proxy.address) as ours:
        response = dns.message.from_wire(await exchange(ours, query.to_wire()))
        assert response.id == query.id
        assert [str(record) for rrset in response.answer for record in rrset] == ["127.0.0.2"]
        assert proxy.passed == (1, 1, 0, 0)


async def test_each_client_gets_its_own_answers(echo):
    async with (
        proxy_before(echo.address) as proxy,
        client_of(proxy.address) as one,
        client_of(proxy.address) as other,
    ):
        one.send(b"from one")
        other.send(b"from the other")
        assert await receive(one) == b"from one"
        assert await receive(other) == b"from the other"


async def test_more_clients_than_it_keeps_sockets_for(echo, monkeypatch):
    monkeypatch.setattr("deliverwatch.sandbox.fault_proxy._MAX_CLIENTS", 2)
    async with proxy_before(echo.address) as proxy, client_of(proxy.address) as first:
        assert await exchange(first, b"first") == b"first"
        for _ in range(5):
            async with client_of(proxy.address) as other:
                assert await exchange(other, b"other") == b"other"
        assert await exchange(first, b"again") == b"again"
    assert echo.senders[0] != echo.senders[-1]  # the oldest had made room


async def test_loss_there_is_about_what_was_told_and_never_reaches_the_server(echo):
    async with proxy_before(echo.address, loss_there_ratio=0.1, seed=7) as proxy:
        back = await send_many(proxy)
        assert 0.07 * MANY < proxy.passed.lost < 0.13 * MANY
        assert len(back) == len(echo.asked) == MANY - proxy.passed.lost


async def test_loss_back_reaches_the_server_and_not_the_client(echo):
    async with proxy_before(echo.address, loss_back_ratio=0.1, seed=7) as proxy:
        back = await send_many(proxy)
        assert len(echo.asked) == MANY
        assert 0.07 * MANY < proxy.passed.lost < 0.13 * MANY
        assert len(back) == MANY - proxy.passed.lost


async def test_the_same_seed_loses_the_same_datagrams(echo):
    survivors = []
    for seed in (1, 1, 2):
        async with proxy_before(echo.address, loss_there_ratio=0.3, loss_back_ratio=0.3, seed=seed) as proxy:
            survivors.append(await send_many(proxy, 200))
    assert survivors[0] == survivors[1] != survivors[2]


async def test_a_dead_zone_is_silence_and_its_neighbours_are_not(start_nameserver):
    server = await start_nameserver(Zone("dead.example"), Zone("undead.example"))
    dead = [dns.message.make_query(name, "A") for name in ("1.dead.example", "1.DEAD.example.", "dead.example")]
    alive = [dns.message.make_query(name, "A") for name in ("1.undead.example", "1.undead.example")]
    alive[1].use_edns(0)  # so that the question does not end the message
    async with proxy_before(server.address, dead_zones=("dead.example",)) as proxy, client_of(proxy.address) as ours:
        for query in dead:
            ours.send(query.to_wire())
        for query in alive:
            assert dns.message.from_wire(await exchange(ours, query.to_wire())).id == query.id
        assert proxy.passed == (2, 2, 0, 3)
    assert {question.name for question in server.questions} == {"1.undead.example"}


async def test_a_delay_is_kept(echo):
    loop = asyncio.get_running_loop()
    delayed = proxy_before(echo.address, delay_for=timedelta(milliseconds=60))
    async with delayed as proxy, client_of(proxy.address) as ours:
        sent = loop.time()
        ours.send(b"first")
        ours.send(b"second")
        assert [await receive(ours), await receive(ours)] == [b"first", b"second"]
        assert loop.time() - sent >= 0.06  # never early; how late is the machine's affair


async def test_jitter_puts_datagrams_out_of_order(echo):
    jittery = proxy_before(echo.address, jitter_for=timedelta(milliseconds=50))
    async with jittery as proxy, client_of(proxy.address) as ours:
        for number in range(100):
            ours.send(bytes([number]))
        back = [(await receive(ours))[0] for _ in range(100)]
    assert sorted(back) == list(range(100)) != back


async def test_a_nameserver_is_not_overrun(echo, monkeypatch):
    monkeypatch.setattr("deliverwatch.sandbox.fault_proxy._PATIENCE_S", 3600)
    echo.holds = True
    async with proxy_before(echo.address) as proxy, client_of(proxy.address) as ours:
        for number in range(250):
            ours.send(number.to_bytes(4, "big"))
        await until(lambda: len(echo.asked) == 100)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(echo.asked) == proxy.passed.asked == 100
        for first, last, asked in ((0, 50, 150), (50, 100, 200), (100, 150, 250), (150, 250, 250)):
            echo.answer(first, last)
            await until(lambda wanted=asked: len(echo.asked) == wanted)
        back = [int.from_bytes(await receive(ours), "big") for _ in range(250)]
    assert back == list(range(250))


async def test_questions_that_nobody_answers_do_not_stop_the_others(echo):
    echo.holds = True
    async with proxy_before(echo.address) as proxy, client_of(proxy.address) as ours:
        for number in range(250):
            ours.send(number.to_bytes(4, "big"))
        await until(lambda: len(echo.asked) == 250)


async def test_a_refused_question_does_not_take_the_next_one_with_it():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    async with proxy_before(f"127.0.0.1:{port}") as proxy, client_of(proxy.address) as ours:
        ours.send(b"refused")
        ours.send(b"next")
        await until(lambda: proxy.passed.asked + proxy.passed.lost == 2)
        assert proxy.passed == (2, 0, 0, 0)


async def test_a_nameserver_that_is_not_there_is_silence_and_it_may_come_later():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    loop = asyncio.get_running_loop()
    async with proxy_before(f"127.0.0.1:{port}") as proxy, client_of(proxy.address) as ours:
        for number in range(3):
            ours.send(b"too early")
            await until(lambda before=number: settled(proxy) + proxy.passed.asked > before)
        transport, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", port))
        ours.send(b"now")
        assert await receive(ours) == b"now"
        transport.close()


async def test_what_is_held_back_when_it_stops_is_not_delivered(echo):
    async with client_of(f"127.0.0.1:{await stopped_while_holding(echo)}") as nobody:
        nobody.send(b"anybody there?")
        with pytest.raises(ConnectionRefusedError):
            await receive(nobody)


async def stopped_while_holding(echo):
    slow = proxy_before(echo.address, delay_for=timedelta(milliseconds=20))
    async with slow as proxy, client_of(proxy.address) as ours:
        ours.send(b"held")
        await until(lambda: echo.asked)
        port = int(proxy.address.rsplit(":", 1)[1])
    await asyncio.sleep(0.05)  # past the time at which it would have been delivered
    assert proxy.passed.answered == 0
    return port


async def test_it_can_be_started_on_a_port_that_is_known(echo):
    async with proxy_before(echo.address) as first:
        port = int(first.address.rsplit(":", 1)[1])
        second = FaultProxy(echo.address)
        with pytest.raises(OSError, match="in use"):
            await second.start(port)


async def test_it_forwards_over_ipv6():
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Echo, local_addr=("::1", 0))
    async with proxy_before(f"[::1]:{transport.get_extra_info('sockname')[1]}") as proxy:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as ours:
            ours.setblocking(False)
            ours.connect(("::1", int(proxy.address.rsplit(":", 1)[1])))
            assert await exchange(ours, b"six") == b"six"
    transport.close()


@pytest.mark.parametrize(
    ("faults", "says"),
    [
        ({"loss_there_ratio": 1.5}, "from 0"),
        ({"loss_back_ratio": -0.1}, "from 0"),
        ({"delay_for": timedelta(seconds=-1)}, "0 or more"),
        ({"jitter_for": timedelta(seconds=-1)}, "0 or more"),
        ({"dead_zones": ("bad..example",)}, "not the name of a zone"),
        ({"dead_zones": ("",)}, "not the name of a zone"),
    ],
)
def test_faults_that_cannot_be_are_refused(faults, says):
    with pytest.raises(ValueError, match=says):
        Faults(**faults)


@pytest.mark.parametrize("address", ["192.0.2.53:53", "localhost:53", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:x"])
def test_it_stands_before_loopback_alone(address):
    with pytest.raises(ValueError, match="expected a loopback address"):
        FaultProxy(address)
