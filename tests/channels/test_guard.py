"""The guard against real sockets: a honeypot on loopback that must not be called, however it is spelled or hidden."""

import asyncio
import ipaddress
import socket
import ssl
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import dns.asyncquery
import dns.message
import httpx
import pytest

from channels.test_webhook import status
from deliverwatch.channels.poster import Poster
from deliverwatch.core.errors import ChannelFailed
from deliverwatch.sandbox.zones import Record, Zone
from deliverwatch.settings.values import webhook
from servers.help_desk import Desk, help_desk

RELAY_CERTIFICATE = Path(__file__).with_name("relay.pem")
TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"

LOOPBACK = [
    # as usual
    *("127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254", "0.0.0.0", "localhost", "LocalHost", "localhost."),
    # short, decimal, octal, hexadecimal, and mixed (inet_aton)
    *("127.1", "127.0.1", "127.65530", "0", "0.0", "2130706433", "2130706434", "017700000001", "0x7f000001"),
    *("0X7F000001", "0177.0.0.1", "0177.0.0.01", "0177.0.1", "0177.1", "0x7f.0.0.1", "0x7f.0x0.0x0.0x1", "0x7f.1"),
    *("0x7f.0.1", "0177.0x0.0.1", "127.0x1", "127.0.0.0x1", "00000177.0.0.1", "127.00.00.01", "0000127.0.0.1"),
    # with dots and dashes that a name server may answer to
    *("127.0.0.1.", "127.1.", "2130706433.", "127.0.0.1.esp.example", "127-0-0-1.esp.example", "loop.esp.example"),
    # percent-encoded, and digits beyond ASCII (IDN)
    *(
        "%31%32%37.0.0.1",
        "127%2e0%2e0%2e1",
        "①②⑦.⓪.⓪.①",
        "１２７.０.０.１",
        "127。0。0。1",
        "127．0．0．1",
        "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    ),
    # IPv6
    *("[::1]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::]", "[::0.0.0.1]", "[0::1]"),
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]"),
    *("[::ffff:0.0.0.0]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::127.0.0.1]", "[2002:7f00:1::]"),
    *("[2002:7f00:1::1]", "[2001:0:7f00:1::80ff:fffe]", "[2600::5efe:127.0.0.1]", "[2600::200:5efe:7f00:1]"),
    # zones
    *("[::1%lo]", "[::1%25lo]", "[fe80::1%lo]", "[fe80::1%25lo]", "[fe80::1%1]"),
    # whom the address is for, and whom it seems to be for
    *("hooks.esp.example@127.0.0.1", "hooks.esp.example:443@127.0.0.1", "a:b@c:d@127.0.0.1", "127.0.0.1@127.1"),
    *("hooks.esp.example%40127.0.0.1", "hooks.esp.example#@127.0.0.1", "127.0.0.1\\@hooks.esp.example"),
    *("hooks.esp.example\\@127.0.0.1", "127.0.0.1:80@[::1]", "\t127.0.0.1", "127.0.0.1%00.esp.example", " 127.0.0.1"),
]
PRIVATE = [
    *("10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "192.0.0.170", "0.1.2.3"),
    *("[fd00:ec2::254]", "[fc00::1]", "[fe80::1]", "[fec0::1]", "[ff02::1]", "224.0.0.1", "255.255.255.255"),
    *("0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]"),
]


async def loops(host, port):
    """What the C library reads as an address is that; any name at all is 127.0.0.1, as a hostile name server has it."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except OSError:
        return ["127.0.0.1"]
    return [address[0] for *_, address in found]


def is_here(host):
    with suppress(OSError):
        found = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
        return found[0][4][0] in {"127.0.0.1", "127.0.0.2", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1"}
    return False


@asynccontextmanager
async def listening(talk, *places, port=0, **options):
    """The same server at several addresses, at one port; yields the port."""
    talks = set()

    async def tracked(reader, writer):
        talks.add(asyncio.current_task())
        await talk(reader, writer)

    async with AsyncExitStack() as stack:
        for place in places:
            server = await asyncio.start_server(tracked, place, port, **options)
            await stack.enter_async_context(server)
            port = server.sockets[0].getsockname()[1]
        yield port
        await asyncio.gather(*talks)


class Called(Desk):
    """Counts who connects, whatever they say then: `calls` holds the addresses of ours that they connected to."""

    def __init__(self):
        super().__init__(TAKEN)
        self.calls = []

    async def talk(self, reader, writer):
        self.calls.append(writer.get_extra_info("sockname")[0])
        await super().talk(reader, writer)


@asynccontextmanager
async def honeypot():
    """One port, on all of this machine's own addresses."""
    pot = Called()
    async with listening(pot.talk, "127.0.0.1", "127.0.0.2", "::1") as port:
        yield pot.calls, port


async def failure_of(poster):
    with pytest.raises(ChannelFailed) as caught:
        await poster.post(b"{}", {})
    assert caught.value.__context__ is None
    assert not caught.value.permanent
    return caught.value


def test_there_are_as_many_spellings_as_promised():
    assert len(set(LOOPBACK)) == len(LOOPBACK) >= 60


async def test_no_spelling_of_this_machine_reaches_it():
    async with honeypot() as (calls, port):
        for host in [*LOOPBACK, *PRIVATE]:
            await failure_of(Poster(f"https://{host}:{port}/", "hook", resolve=loops))
            if not may_be_written(f"http://{host}:{port}/"):
                await failure_of(Poster(f"http://{host}:{port}/", "hook", resolve=loops))
        assert calls == []


def may_be_written(url):
    """Whether the settings take it: http to an address of this machine, in its plain form."""
    with suppress(ValueError):
        return bool(webhook(url))
    return False


async def test_a_client_without_the_guard_reaches_it_by_many_of_them():
    """Or the honeypot would prove nothing."""
    async with honeypot() as (calls, port), httpx.AsyncClient(trust_env=False, timeout=5) as client:
        for host in LOOPBACK:
            with suppress(httpx.HTTPError, httpx.InvalidURL):
                url = httpx.URL(f"http://{host}:{port}/")
                if is_here(url.host):  # the others would be asked for in the world
                    await client.post(url)
        assert len(calls) > 20


@pytest.mark.parametrize("written", ["127.0.0.1", "127.0.0.2", "[::1]"])
async def test_an_address_of_this_machine_that_is_written_as_one_is_meant(written):
    """As the settings let a help desk's be: who writes it knows where it goes."""
    async with honeypot() as (calls, port):
        await Poster(f"http://{written}:{port}/", "hook").post(b"{}", {})
        assert len(calls) == 1
        await failure_of(Poster(f"https://{written}:{port}/", "hook"))
        assert len(calls) == 1


@pytest.mark.parametrize("inside", ["127.0.0.0/8", "127.0.0.1/32"])
async def test_an_allowed_network_is_called_by_name(inside):
    async with honeypot() as (calls, port):
        poster = Poster(f"http://hook.esp.example:{port}/", "hook", (ipaddress.ip_network(inside),), resolve=loops)
        await poster.post(b"{}", {})
    assert len(calls) == 1


async def test_this_machine_s_own_resolver_is_asked_where_no_other_is_given():
    async with honeypot() as (calls, port):
        assert "this machine" in str(await failure_of(Poster(f"https://localhost:{port}/", "hook")))
        networks = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
        await Poster(f"http://localhost:{port}/", "hook", networks).post(b"{}", {})
    assert len(calls) == 1


async def test_a_refusal_says_where_the_name_leads_and_what_to_do():
    failure = await failure_of(Poster("https://user:pass@hook.esp.example/secret?key=x", "channel ops", resolve=loops))
    assert str(failure) == (
        "channel ops https://hook.esp.example is at 127.0.0.1 (this machine), which no channel may call unless its "
        "`inside` holds it"
    )


async def test_the_internet_is_called_by_https_alone():
    async def public(host, port):
        return ["9.9.9.9"]

    failure = await failure_of(Poster("http://hook.esp.example/", "hook", resolve=public))
    assert "is at 9.9.9.9, which is called by https alone" in str(failure)


@pytest.mark.parametrize("hidden", ["127.0.0.1", "::1", "10.0.0.1"])
async def test_one_forbidden_address_among_others_forbids_all(hidden):
    async with honeypot() as (calls, port):

        async def mixed(host, port):
            return ["127.0.0.2", hidden]

        allowed = (ipaddress.ip_network("127.0.0.2/32"),)
        await failure_of(Poster(f"http://hook.esp.example:{port}/", "hook", allowed, resolve=mixed))
    assert calls == []


async def test_a_name_that_leads_nowhere_is_not_reached():
    async def nowhere(host, port):
        return []

    async def unknown(host, port):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    for resolve in (nowhere, unknown):
        assert "was not reached" in str(await failure_of(Poster("https://hook.esp.example/", "hook", resolve=resolve)))


async def test_the_next_address_is_tried_where_one_is_deaf():
    async with honeypot() as (calls, port):

        async def both(host, port):
            return ["127.0.0.3", "127.0.0.1"]  # nobody listens on the first

        networks = (ipaddress.ip_network("127.0.0.0/8"),)
        await Poster(f"http://hook.esp.example:{port}/", "hook", networks, resolve=both).post(b"{}", {})
    assert len(calls) == 1


class TestRebinding:
    """127.0.0.2 stands for the address that may be called, 127.0.0.1 for the one behind the fence."""

    ALLOWED = (ipaddress.ip_network("127.0.0.2/32"),)

    @pytest.fixture
    async def nameserver(self, start_nameserver):
        return await start_nameserver(Zone("esp.example"))

    @pytest.fixture
    def resolve(self, nameserver):
        """Asks over the network, each time anew; the name server turns round once it was asked."""
        host, port = nameserver.address.split(":")
        zone = nameserver.zones["esp.example"]
        zone.records["hook"] = Record(("127.0.0.2",))

        async def ask(name, _):
            answer = await dns.asyncquery.udp(dns.message.make_query(name, "A"), host, port=int(port))
            zone.records["hook"] = Record(("127.0.0.1",))
            return [record.address for rrset in answer.answer for record in rrset]

        return ask

    async def test_what_was_judged_is_what_is_called(self, nameserver, resolve):
        async with honeypot() as (calls, port):
            poster = Poster(f"http://hook.esp.example:{port}/", "hook", self.ALLOWED, resolve=resolve)
            await poster.post(b"{}", {})
            assert calls == ["127.0.0.2"]
            assert nameserver.times_asked("hook.esp.example") == 1
            assert "is at 127.0.0.1" in str(await failure_of(poster))
            assert calls == ["127.0.0.2"]


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["http://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "https://localhost:{port}/", "/"])
async def test_a_redirect_leads_nowhere(code, where):
    async with (
        honeypot() as (calls, port),
        help_desk(status(code, f"Location: {where.format(port=port)}")) as (desk, address),
    ):
        await failure_of(Poster(f"http://{address}", "hook"))
        assert len(desk.heard) == 1
    assert calls == []


async def test_no_proxy_of_the_environment_is_used(monkeypatch):
    async with honeypot() as (calls, port), help_desk() as (desk, address):
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        await Poster(f"http://{address}", "hook").post(b"{}", {})
        await failure_of(Poster("https://hook.esp.example/", "hook", resolve=loops))
        assert len(desk.heard) == 1
    assert calls == []


@pytest.mark.parametrize(
    ("head", "more"),
    [
        (b"HTTP/1.1 200 fine\r\nX-Long: ", b"x" * 1000),
        (b"HTTP/1.1 200 fine\r\n", b"X: 1\r\n" * 100),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    ],
)
async def test_an_answer_without_an_end_is_left_after_64_kib(head, more):
    async def flood(reader, writer):
        writer.write(head)
        with suppress(ConnectionError):
            while True:
                writer.write(more)
                await writer.drain()
        writer.close()

    async with listening(flood, "127.0.0.1") as port:
        failure = await failure_of(Poster(f"http://127.0.0.1:{port}/", "hook"))
    assert "was not reached: ReadError" in str(failure)


def tls(certificate=RELAY_CERTIFICATE):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@asynccontextmanager
async def secure_desk(context):
    heard = []

    async def answer(reader, writer):
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            heard.append((head.decode(), writer.get_extra_info("ssl_object").server_hostname))
            writer.write(TAKEN)
            await writer.drain()
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    names = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    async with listening(answer, "127.0.0.1", ssl=context) as port:
        yield heard, names, port


INSIDE = (ipaddress.ip_network("127.0.0.0/8"),)


async def test_tls_proves_the_name_of_the_url_at_the_address_that_was_judged(monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(RELAY_CERTIFICATE))
    async with secure_desk(tls()) as (heard, names, port):
        await Poster(f"https://localhost:{port}/hook", "hook", INSIDE, resolve=loops).post(b"{}", {})
        failure = await failure_of(Poster(f"https://other.esp.example:{port}/hook", "hook", INSIDE, resolve=loops))
    ((head, _),) = heard
    assert f"\r\nhost: localhost:{port}\r\n" in head.lower()
    assert names == ["localhost", "other.esp.example"]
    assert "was not reached: ConnectError" in str(failure)


async def test_a_certificate_that_nobody_vouches_for_gets_nothing():
    async with secure_desk(tls()) as (heard, _, port):
        failure = await failure_of(Poster(f"https://localhost:{port}/hook", "hook", INSIDE, resolve=loops))
    assert "was not reached: ConnectError" in str(failure)
    assert heard == []


async def test_a_server_that_speaks_no_tls_gets_nothing():
    async def answer(reader, writer):
        writer.write(b"HTTP/1.1 400 this is no TLS\r\n\r\n")
        await reader.read()
        writer.close()

    async with listening(answer, "127.0.0.1") as port:
        await failure_of(Poster(f"https://localhost:{port}/", "hook", INSIDE, resolve=loops))
