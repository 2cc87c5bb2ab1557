"""The fake is strict: where rbldnsd is installed, it must say what rbldnsd says."""

import asyncio
import socket
import struct
from datetime import timedelta

import dns.asyncquery
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest

from deliverwatch.core.blocklist import AskedName
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.verdict import Outcome, judge
from deliverwatch.core.zone_health import judge_test_points
from deliverwatch.lookup.dns_lookups import DnsLookups
from deliverwatch.sandbox.nameserver import Nameserver, Question
from deliverwatch.sandbox.zones import Mode, Zone, list_subject, unlist_subject, zone_for
from servers.lists import sample_list

LISTED = "1.2.0.192.bl.example"


def sample_zone() -> Zone:
    zone = Zone("bl.example")
    zone.list("1.2.0.192", "127.0.0.2", "127.0.0.4", txt="see there")
    return zone


async def over_udp(address: str, query: dns.message.Message) -> dns.message.Message:
    host, port = address.rsplit(":", 1)
    return await dns.asyncquery.udp(query, host, port=int(port), timeout=5)


async def exchange(address: str, wire: bytes, *, patience_s: float = 5) -> bytes | None:
    """The datagram that comes back; None for silence."""
    host, port = address.rsplit(":", 1)
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.setblocking(False)
        ours.connect((host, int(port)))
        await loop.sock_sendall(ours, wire)
        try:
            return await asyncio.wait_for(loop.sock_recv(ours, 4096), patience_s)
        except TimeoutError:
            return None


def gist(response: dns.message.Message) -> object:
    """What a resolver acts on. rbldnsd adds its name servers to answers; nobody needs them."""
    answer = sorted(
        (rrset.name.to_text(), rrset.rdtype, rrset.ttl, tuple(sorted(map(str, rrset)))) for rrset in response.answer
    )
    negative = [rrset.rdtype for rrset in response.authority if rrset.rdtype == dns.rdatatype.SOA]
    return response.rcode(), response.flags, response.question, answer, negative


QUESTIONS = [
    (LISTED, "A"),
    (LISTED, "TXT"),
    (LISTED, "ANY"),
    (LISTED, "AAAA"),
    (LISTED.upper(), "A"),
    ("9.2.0.192.bl.example", "A"),
    ("2.0.192.bl.example", "A"),
    ("1.1.2.0.192.bl.example", "A"),
    ("bl.example", "A"),
    ("bl.example", "SOA"),
    ("xbl.example", "A"),
    ("example", "A"),
    ("other.example", "A"),
]


@pytest.mark.parametrize(("name", "rdtype"), QUESTIONS)
async def test_it_answers_as_rbldnsd_does(name, rdtype, start_nameserver, start_rbldnsd):
    real = start_rbldnsd({"bl.example": ["ip4set"]})
    real.write("bl.example", ["192.0.2.1 :127.0.0.2:see there", "192.0.2.1 :127.0.0.4:see there"])
    fake = await start_nameserver(sample_zone())
    query = dns.message.make_query(name, rdtype)
    ours, theirs = await over_udp(fake.address, query), await over_udp(real.address, query)
    if rdtype == "SOA":  # the record itself is each server's own
        ours.answer, theirs.answer = [], []
    assert gist(ours) == gist(theirs)


def spoiled(**octets: int) -> bytes:
    wire = bytearray(dns.message.make_query(LISTED, "A", id=0x1234).to_wire())
    for place, value in octets.items():
        wire[int(place.removeprefix("at"))] = value
    return bytes(wire)


async def test_what_is_no_question_gets_no_answer(start_nameserver):
    fake = await start_nameserver(sample_zone())
    for wire in (b"", spoiled()[:11], spoiled(at2=0x81)):
        assert await fake.reply(wire, "udp") is None
    assert await exchange(fake.address, spoiled(at2=0x81), patience_s=0.2) is None
    assert not fake.questions


@pytest.mark.parametrize(
    ("wire", "rcode"),
    [
        (spoiled()[:12], dns.rcode.FORMERR),
        (spoiled()[:-3], dns.rcode.FORMERR),
        (spoiled() + b"junk", dns.rcode.FORMERR),
        (spoiled(at5=0), dns.rcode.FORMERR),
        (spoiled(at5=2), dns.rcode.FORMERR),
        (spoiled(at12=0xC0, at13=0x0C), dns.rcode.FORMERR),  # a name that points at itself
        (spoiled(at2=0x29), dns.rcode.NOTIMP),  # UPDATE
        (spoiled(at2=0x11), dns.rcode.NOTIMP),  # STATUS
        (spoiled()[:-1] + b"\x03", dns.rcode.REFUSED),  # class CHAOS
    ],
)
async def test_what_cannot_be_read_or_done_gets_a_bare_header(wire, rcode, start_nameserver):
    fake = await start_nameserver(sample_zone())
    reply = await exchange(fake.address, wire)
    assert reply == b"\x12\x34" + bytes([0x80 | wire[2] & 0x79, rcode]) + bytes(8)


@pytest.mark.parametrize(
    ("mode", "rcode", "values"),
    [
        (Mode.NORMAL, dns.rcode.NOERROR, ["127.0.0.2", "127.0.0.4"]),
        (Mode.LISTS_THE_WORLD, dns.rcode.NOERROR, ["127.0.0.2"]),
        (Mode.OUTSIDE, dns.rcode.NOERROR, ["203.0.113.7"]),
        (Mode.NODATA, dns.rcode.NOERROR, []),
        (Mode.EMPTY, dns.rcode.NXDOMAIN, []),
        (Mode.SERVFAIL, dns.rcode.SERVFAIL, []),
        (Mode.REFUSED, dns.rcode.REFUSED, []),
        (Mode.FORMERR, dns.rcode.FORMERR, []),
        (Mode.NOTIMP, dns.rcode.NOTIMP, []),
    ],
)
async def test_each_mode_and_each_name_in_it(mode, rcode, values, start_nameserver):
    zone = sample_zone()
    zone.list("2.2.0.192", "127.0.0.3")
    fake = await start_nameserver(zone)
    zone.misbehave("1.2.0.192", mode)
    response = await over_udp(fake.address, dns.message.make_query(LISTED, "A"))
    assert response.rcode() == rcode
    assert sorted(record.address for rrset in response.answer for record in rrset) == values
    neighbour = await over_udp(fake.address, dns.message.make_query("2.2.0.192.bl.example", "A"))
    assert str(neighbour.answer[0][0]) == "127.0.0.3"

    zone.misbehave("1.2.0.192", Mode.NORMAL)
    zone.mode = mode
    assert gist(await over_udp(fake.address, dns.message.make_query(LISTED, "A", id=response.id))) == gist(response)


async def test_a_silent_zone_answers_neither_way(start_nameserver):
    zone = sample_zone()
    zone.mode = Mode.SILENT
    fake = await start_nameserver(zone)
    wire = dns.message.make_query(LISTED, "A").to_wire()
    assert await fake.reply(wire, "udp") is None
    assert await fake.reply(wire, "tcp") is None
    assert fake.times_asked(LISTED) == 2


async def test_listing_and_unlisting_count_at_once(start_nameserver):
    zone = sample_zone()
    fake = await start_nameserver(zone)
    query = dns.message.make_query(LISTED, "A")
    zone.unlist("1.2.0.192")
    assert (await over_udp(fake.address, query)).rcode() == dns.rcode.NXDOMAIN
    zone.list("1.2.0.192")
    zone.ttl_for = timedelta(seconds=9)
    response = await over_udp(fake.address, query)
    assert (str(response.answer[0][0]), response.answer[0].ttl) == ("127.0.0.2", 9)


async def test_the_closest_zone_answers(start_nameserver):
    inner = Zone("sub.bl.example")
    inner.list("1.2.0.192", "127.0.0.9")
    fake = await start_nameserver(sample_zone(), inner)
    response = await over_udp(fake.address, dns.message.make_query("1.2.0.192.sub.bl.example", "A"))
    assert str(response.answer[0][0]) == "127.0.0.9"


async def test_what_does_not_fit_says_so_and_comes_over_tcp_on_the_same_port(start_nameserver):
    zone = sample_zone()
    zone.list("1.2.0.192", *(f"127.0.0.{octet}" for octet in range(2, 102)), txt="x" * 300)
    fake = await start_nameserver(zone)
    query = dns.message.make_query(LISTED, "A")
    short = await over_udp(fake.address, query)
    assert short.flags & dns.flags.TC
    assert len(short.to_wire()) <= 512
    host, port = fake.address.split(":")
    whole = await dns.asyncquery.tcp(query, host, port=int(port), timeout=5)
    assert not whole.flags & dns.flags.TC
    assert len(whole.answer[0]) == 100
    text = await over_udp(fake.address, dns.message.make_query(LISTED, "TXT"))
    assert text.answer[0][0].strings == (b"x" * 255, b"x" * 45)
    assert list(fake.questions) == [
        Question(LISTED, "A", "udp"),
        Question(LISTED, "A", "tcp"),
        Question(LISTED, "TXT", "udp"),
    ]


async def test_a_zone_can_cut_every_datagram(start_nameserver):
    zone = sample_zone()
    zone.truncates = True
    fake = await start_nameserver(zone)
    response = await over_udp(fake.address, dns.message.make_query(LISTED, "A"))
    assert response.flags & dns.flags.TC
    assert not response.answer


async def test_one_connection_carries_several_questions_and_may_break_off(start_nameserver):
    fake = await start_nameserver(sample_zone())
    reader, writer = await asyncio.open_connection(*fake.address.split(":"))
    wire = dns.message.make_query(LISTED, "A").to_wire()
    for _ in range(2):
        writer.write(struct.pack("!H", len(wire)) + wire)
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        assert dns.message.from_wire(await reader.readexactly(length)).rcode() == dns.rcode.NOERROR
    writer.write(b"\x00")
    writer.close()
    await writer.wait_closed()
    assert (await over_udp(fake.address, dns.message.make_query(LISTED, "A"))).answer


async def test_a_taken_port_is_an_error(start_nameserver):
    fake = await start_nameserver(sample_zone())
    with pytest.raises(OSError, match="address already in use"):
        await Nameserver().start(port=int(fake.address.split(":")[1]))


async def test_a_free_port_is_found_where_somebody_has_the_udp_side(monkeypatch):
    """The kernel hands out TCP ports without a look at UDP."""
    loop = asyncio.get_running_loop()
    bind, refused = loop.create_datagram_endpoint, [1, 2]

    async def grudging(*args, **kwargs):
        if refused:
            refused.pop()
            raise OSError("taken")
        return await bind(*args, **kwargs)

    monkeypatch.setattr(loop, "create_datagram_endpoint", grudging)
    server = Nameserver([sample_zone()])
    await server.start()
    assert (await over_udp(server.address, dns.message.make_query(LISTED, "A"))).answer
    await server.stop()


async def test_a_server_that_was_not_started_can_be_stopped():
    await Nameserver().stop()


async def test_it_serves_ipv6():
    server = Nameserver([sample_zone()])
    try:
        await server.start("::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    lookups = DnsLookups([server.address])
    resolver = lookups.open(lookups.paths[0])
    answer = await resolver.ask(sample_list(), SubjectKind.IPV4, "192.0.2.1")
    assert answer.values == ("127.0.0.2", "127.0.0.4")
    await resolver.close()
    await server.stop()


@pytest.mark.parametrize("key", [None, "K3y"])
@pytest.mark.parametrize("asked_name", AskedName)
async def test_the_zone_of_a_list_passes_its_own_test_points(key, asked_name, start_nameserver):
    blocklist = sample_list(keyed_zone="{key}.dq.example", asked_name=asked_name)
    fake = await start_nameserver(zone_for(blocklist, key))
    lookups = DnsLookups([fake.address], keys={"sample": key} if key else {})
    resolver = lookups.open(lookups.paths[0])
    answers = {point: await resolver.ask(blocklist, point.kind, point.name) for point in blocklist.test_points}
    await resolver.close()
    assert judge_test_points(blocklist, SubjectKind, answers).passed


@pytest.mark.parametrize("asked_name", AskedName)
@pytest.mark.parametrize("text", ["192.0.2.7", "2001:db8::7", "mail.acme.co.uk"])
async def test_a_subject_is_listed_under_the_name_that_will_be_asked(asked_name, text, start_nameserver):
    blocklist, subject = sample_list(asked_name=asked_name), parse_subject(text)
    zone = zone_for(blocklist)
    fake = await start_nameserver(zone)
    lookups = DnsLookups([fake.address])
    list_subject(zone, blocklist, subject, "127.0.0.3", txt="why")
    resolver = lookups.open(lookups.paths[0])
    verdict = judge(blocklist, await resolver.ask(blocklist, subject.kind, subject.value))
    assert (verdict.outcome, verdict.codes) == (Outcome.LISTED, ("127.0.0.3",))
    assert await resolver.reason(blocklist, subject.kind, subject.value) == "why"
    await resolver.close()
    unlist_subject(zone, blocklist, subject)
    again = lookups.open(lookups.paths[0])
    assert judge(blocklist, await again.ask(blocklist, subject.kind, subject.value)).outcome is Outcome.CLEAR
    await again.close()
