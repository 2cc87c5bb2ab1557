"""What the probe sees of a resolver, and that it bears with anything."""

import asyncio
from datetime import timedelta

import pytest

from deliverwatch.core.verdict import Answer, Reply
from deliverwatch.lookup.resolver_probe import MADE_UP, MINIMISATION, ORDINARY, ResolverProbe
from deliverwatch.sandbox.zones import Mode, Zone

PROBE = ResolverProbe(timedelta(seconds=0.5))


@pytest.fixture
async def resolver(start_nameserver):
    zones = {name: Zone(name) for name in ("example.com", "invalid", "qnamemin-test.internet.nl")}
    server = await start_nameserver(*zones.values())
    return server, zones


async def test_four_names_are_asked_and_made_up_ones_are_never_the_same(resolver):
    server, _ = resolver
    await PROBE(server.address)
    await PROBE(server.address)
    names = [question.name for question in server.questions]
    assert len(names) == 8
    assert len(set(names)) == 6
    assert [name for name in names if f"{name}." in (ORDINARY, MINIMISATION)] == names[::4][:1] + names[3:4] + names[
        4::3
    ]
    assert all(name.endswith(parent.removesuffix(".")) for name, parent in zip(names[1:3], MADE_UP, strict=True))


@pytest.mark.parametrize(
    ("mode", "reply"),
    [
        (Mode.NORMAL, Reply.EMPTY),
        (Mode.SERVFAIL, Reply.SERVFAIL),
        (Mode.REFUSED, Reply.REFUSED),
        (Mode.FORMERR, Reply.FORMERR),
        (Mode.NOTIMP, Reply.NOTIMP),
        (Mode.SILENT, Reply.TIMEOUT),
    ],
)
async def test_an_ordinary_name(resolver, mode, reply):
    server, zones = resolver
    zones["example.com"].mode = mode
    assert (await PROBE(server.address)).ordinary.reply is reply


async def test_made_up_names(resolver):
    server, zones = resolver
    nothing = Answer(Reply.NXDOMAIN)
    assert (await PROBE(server.address)).made_up == (nothing, nothing)
    zones["invalid"].mode = Mode.OUTSIDE
    assert (await PROBE(server.address)).made_up == (Answer(Reply.ANSWER, ("203.0.113.7",)), nothing)


@pytest.mark.parametrize(
    ("text", "minimises"),
    [("HOORAY - it is", True), ("NO - it is not", False), ("hello", None), ("", None), (None, None)],
)
async def test_minimisation(resolver, text, minimises):
    server, zones = resolver
    zones["qnamemin-test.internet.nl"].list("a.b", txt=text)
    assert (await PROBE(server.address)).minimises is minimises


async def test_a_long_answer_is_fetched_over_tcp(resolver):
    server, zones = resolver
    zones["qnamemin-test.internet.nl"].list("a.b", txt="HOORAY")
    zones["qnamemin-test.internet.nl"].truncates = True
    assert (await PROBE(server.address)).minimises is True
    assert server.questions[-1].over == "tcp"


async def test_nobody_there():
    assert (await PROBE("127.0.0.1:9")).ordinary.reply in (Reply.NETWORK, Reply.TIMEOUT)
    assert (await PROBE("[::1]:9")).ordinary.reply in (Reply.NETWORK, Reply.TIMEOUT)


@pytest.mark.parametrize("packet", [b"", b"\x00", b"\xff" * 12, b"\x00" * 600])
async def test_rubbish_is_no_answer(packet):
    class Rubbish(asyncio.DatagramProtocol):
        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, addr):
            self.transport.sendto(packet, addr)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Rubbish, local_addr=("127.0.0.1", 0))
    host, port = transport.get_extra_info("sockname")
    assert (await PROBE(f"{host}:{port}")).ordinary.reply is Reply.TIMEOUT
    transport.close()
