"""The e-mail channel against a real SMTP server that answers by a script."""

import asyncio
import ssl
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from deliverwatch.channels.email import EmailChannel
from deliverwatch.channels.registry import CHANNELS
from deliverwatch.core.errors import ChannelFailed
from deliverwatch.flows.ports import OutgoingMail

RELAY_CERTIFICATE = Path(__file__).with_name("relay.pem")
CONTENT = b"Subject: hello\r\n\r\n.a line with a dot\r\nbye\r\n"
MAIL = OutgoingMail("Deliverability <alerts@esp.example>", "tam@esp.example", "id-1", CONTENT)
DROP = object()


class Relay:
    """Answers each command by `script` (command -> reply), or as a relay that takes everything."""

    def __init__(self, script):
        self.script = script
        self.taken = []

    async def handle_MAIL(self, server, session, envelope, address, options):
        reply = self._reply(server, "MAIL")
        if reply.startswith("250"):
            envelope.mail_from = address
        return reply

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = self._reply(server, "RCPT")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server, session, envelope):
        reply = self._reply(server, "DATA")
        if reply.startswith("250"):
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return reply

    async def handle_QUIT(self, server, session, envelope):
        return self._reply(server, "QUIT", "221 bye")

    def _reply(self, server, command, otherwise="250 fine"):
        reply = self.script.get(command, otherwise)
        if reply is DROP:
            server.transport.abort()
            return otherwise
        return reply


@asynccontextmanager
async def relay(script=None, **options):
    handler = Relay(script or {})
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, hostname="relay.example", **options), "127.0.0.1", 0
    )
    try:
        yield handler, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def channel(port, host="127.0.0.1", **options):
    return EmailChannel(host, port, timeout_for=timedelta(seconds=5), helo="watch.example", **options)


async def failure_of(made, mail=MAIL):
    with pytest.raises(ChannelFailed) as caught:
        await made.deliver(mail)
    return caught.value


async def test_hands_over_the_bytes_as_they_are():
    async with relay() as (handler, port):
        await channel(port).deliver(MAIL)
    assert handler.taken == [("alerts@esp.example", ["tam@esp.example"], CONTENT)]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(("code", "permanent"), [(550, True), (554, True), (450, False), (421, False)])
async def test_5xx_is_final_and_4xx_is_not(command, code, permanent):
    async with relay({command: f"{code} 5.7.1 no, because"}) as (handler, port):
        failure = await failure_of(channel(port))
    assert failure.permanent is permanent
    assert f"{code} 5.7.1 no, because" in str(failure)
    assert handler.taken == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_dropped_connection_is_tried_again(command):
    async with relay({command: DROP}) as (_, port):
        failure = await failure_of(channel(port))
    assert not failure.permanent


@pytest.mark.parametrize("reply", [DROP, "500 what?"])
async def test_what_was_accepted_is_delivered_whatever_becomes_of_quit(reply):
    async with relay({"QUIT": reply}) as (handler, port):
        await channel(port).deliver(MAIL)
    assert len(handler.taken) == 1


async def test_a_refused_connection_is_tried_again():
    async with relay() as (_, port):
        pass
    failure = await failure_of(channel(port))
    assert not failure.permanent
    assert f"mail relay 127.0.0.1:{port}: no connection" in str(failure)


async def test_a_banner_of_554_is_about_the_relay_and_not_the_message():
    async def refuse(reader, writer):
        writer.write(b"554 go away\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        failure = await failure_of(channel(server.sockets[0].getsockname()[1]))
    assert not failure.permanent
    assert "554 go away" in str(failure)


async def test_a_hostile_reply_is_shown_and_capped():
    async def answer(reader, writer):
        for reply in ("220 hello", "250 hello", "250 fine", "550 \x1b[2Jx\u202e" + "y" * 400):
            writer.write(f"{reply}\r\n".encode())
            await reader.readline()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        failure = await failure_of(channel(server.sockets[0].getsockname()[1]))
    assert failure.permanent
    assert "\\x1b[2Jx\\u202ey" in str(failure)
    assert str(failure).isprintable()
    assert len(str(failure)) < 400


@pytest.mark.parametrize("address", ["tam", "tam@", "a b@esp.example", "tam@esp.example>\r\nRCPT TO:<x@y.example", ""])
async def test_an_address_that_is_none_never_reaches_the_relay(address):
    async with relay() as (handler, port):
        failure = await failure_of(channel(port), OutgoingMail("alerts@esp.example", address, "id", CONTENT))
    assert failure.permanent
    assert handler.taken == []


def tls():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(RELAY_CERTIFICATE)
    return context


async def test_starttls_secures_the_session(monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(RELAY_CERTIFICATE))
    async with relay(tls_context=tls(), require_starttls=True) as (handler, port):
        await channel(port, host="localhost", starttls=True).deliver(MAIL)
    assert len(handler.taken) == 1


async def test_starttls_with_a_certificate_nobody_vouches_for_sends_nothing():
    async with relay(tls_context=tls()) as (handler, port):
        failure = await failure_of(channel(port, host="localhost", starttls=True))
    assert not failure.permanent
    assert "no secure connection" in str(failure)
    assert handler.taken == []


async def test_starttls_that_is_not_offered_sends_nothing_in_the_clear():
    async with relay() as (handler, port):
        failure = await failure_of(channel(port, starttls=True))
    assert not failure.permanent
    assert "no secure connection" in str(failure)
    assert handler.taken == []


async def test_the_relay_asks_for_starttls_and_it_is_off():
    async with relay(tls_context=tls(), require_starttls=True) as (handler, port):
        failure = await failure_of(channel(port))
    assert failure.permanent
    assert "530" in str(failure)
    assert handler.taken == []


def login(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == b"watch" and data.password == b"s3cret-word", handled=False)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_logs_in():
    async with relay(authenticator=login, auth_require_tls=False, auth_required=True) as (handler, port):
        await channel(port, username="watch", password="s3cret-word").deliver(MAIL)
    assert len(handler.taken) == 1


async def test_a_refused_login_is_tried_again_and_tells_no_password():
    async with relay(authenticator=login, auth_require_tls=False) as (handler, port):
        made = channel(port, username="watch", password="wrong-s3cret")
        failure = await failure_of(made)
    assert not failure.permanent
    assert "the login of watch was refused with 535" in str(failure)
    assert "wrong-s3cret" not in str(failure) + repr(made)
    assert handler.taken == []


async def test_a_password_that_smtp_cannot_carry():
    async with relay(authenticator=login, auth_require_tls=False) as (_, port):
        failure = await failure_of(channel(port, username="watch", password="wörd"))
    assert "must be ASCII" in str(failure)


def test_the_registry_names_it():
    assert CHANNELS["email"] is EmailChannel
