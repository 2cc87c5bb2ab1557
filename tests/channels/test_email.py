"""The e-mail channel against a real SMTP server that answers by a script."""

import asyncio
import base64
import socket
import ssl
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from deliverwatch.channels.email import EmailChannel, _Line
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
@pytest.mark.parametrize("code", [550, 554, 530, 535, 450, 421])
async def test_5xx_about_the_message_is_final_and_about_our_access_or_4xx_is_not(command, code):
    async with relay({command: f"{code} 5.7.1 no, because"}) as (handler, port):
        failure = await failure_of(channel(port))
    assert failure.permanent is (command != "MAIL" and code in (550, 554))
    assert f"{code} 5.7.1 no, because" in str(failure)
    assert handler.taken == []


@pytest.mark.parametrize(
    ("command", "reply", "no_such_reader"),
    [
        ("RCPT", "550 5.1.1 no such user", True),
        ("RCPT", "550 no such user here", True),
        ("RCPT", "452 4.2.2 mailbox full", False),
        ("RCPT", "550 5.7.1 not from there", False),
        ("RCPT", "554 we do not relay for you", False),
        ("RCPT", "530 5.5.1 log in first", False),
        ("DATA", "550 5.1.1 no such user", False),
        ("MAIL", "550 5.1.8 no such sender", False),
    ],
)
async def test_whether_it_is_the_reader_who_is_refused(command, reply, no_such_reader):
    async with relay({command: reply}) as (_, port):
        failure = await failure_of(channel(port))
    assert failure.no_such_reader is no_such_reader


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
    assert not failure.permanent
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


WILLING = {
    "": "220 hello",
    "EHLO": "250 hello",
    "MAIL": "250 fine",
    "RCPT": "250 fine",
    "DATA": "354 go on",
    ".": "250 taken",
    "QUIT": "221 bye",
}


class Script:
    """A relay that says what it is told to: `answers` by command, and at `dribbles` a reply without an end.

    It gives up after `MOST` lines, so that a client which waits for the end gets one and fails by what it says.
    """

    MOST = 200

    def __init__(self, dribbles=None, **answers):
        self.answers = WILLING | answers
        self.dribbles = dribbles
        self.dribbling = asyncio.Event()
        self.lines = 0

    async def talk(self, reader, writer):
        try:
            await self._say(reader, writer, "", "")
            in_data = False
            while received := await reader.readline():
                line = received.decode().rstrip("\r\n")
                if not in_data or line == ".":
                    await self._say(reader, writer, line.partition(" ")[0].upper(), line)
                in_data = line.upper() == "DATA" or (in_data and line != ".")
        except ConnectionError:
            pass  # the client has hung up
        finally:
            writer.close()

    async def _say(self, reader, writer, command, line):
        answer = self.answers.get(command, self.answers.get("AUTH", "500 what?"))
        if command == self.dribbles:
            self.dribbling.set()
            while self.lines < self.MOST and not reader.at_eof():
                self.lines += 1
                writer.write(f"{answer[:3]}-more\r\n".encode())
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.write(f"{answer.replace('{line}', line.removeprefix('AUTH PLAIN '))}\r\n".encode())
        await writer.drain()


@asynccontextmanager
async def scripted(dribbles=None, **answers):
    script = Script(dribbles, **answers)
    async with await asyncio.start_server(script.talk, "127.0.0.1", 0) as server:
        yield script, server.sockets[0].getsockname()[1]


def short(port, **options):
    return EmailChannel("127.0.0.1", port, timeout_for=timedelta(seconds=0.5), helo="watch.example", **options)


async def threads_have_ended():
    await asyncio.get_running_loop().shutdown_default_executor()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("command", ["", "EHLO", "MAIL", "RCPT", "DATA", "."])
async def test_a_reply_without_an_end_is_cut_off_and_tried_again(command):
    async with scripted(command) as (script, port):
        failure = await failure_of(short(port))
        await threads_have_ended()
    assert not failure.permanent
    assert "the hand-over had no end after 0.5 s and was cut off" in str(failure)
    assert 0 < script.lines < script.MOST


@pytest.mark.timeout(120)
async def test_a_silent_relay_is_cut_off():
    silent = asyncio.Event()

    async def say_nothing(reader, writer):
        await silent.wait()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        failure = await failure_of(short(server.sockets[0].getsockname()[1]))
        await threads_have_ended()
        silent.set()
    assert not failure.permanent


@pytest.mark.timeout(120)
async def test_a_farewell_without_an_end_takes_nothing_back():
    async with scripted("QUIT") as (script, port):
        await short(port).deliver(MAIL)
        await threads_have_ended()
    assert 0 < script.lines < script.MOST


@pytest.mark.timeout(120)
@pytest.mark.parametrize("command", ["", "MAIL", "."])
async def test_a_cancelled_hand_over_leaves_no_thread_behind(command):
    """Or a daemon that is told to stop would wait for the relay."""
    async with scripted(command) as (script, port):
        handing_over = asyncio.create_task(channel(port).deliver(MAIL))
        await script.dribbling.wait()
        handing_over.cancel()
        with pytest.raises(asyncio.CancelledError):
            await handing_over
        await threads_have_ended()
    assert 0 < script.lines < script.MOST


@pytest.mark.timeout(120)
async def test_a_connection_in_tls_is_cut_off_as_well(monkeypatch):
    """The socket that was connected is not the one that is waited on."""
    monkeypatch.setenv("SSL_CERT_FILE", str(RELAY_CERTIFICATE))
    asked, answered = asyncio.Event(), asyncio.Event()

    class Slow(Relay):
        async def handle_MAIL(self, *_):
            asked.set()
            await asyncio.sleep(10)
            answered.set()
            return "451 late"

    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Slow({}), hostname="relay.example", tls_context=tls()), "127.0.0.1", 0
    )
    async with server:
        port = server.sockets[0].getsockname()[1]
        made = EmailChannel("localhost", port, starttls=True, helo="watch.example")
        handing_over = asyncio.create_task(made.deliver(MAIL))
        await asked.wait()
        handing_over.cancel()
        with pytest.raises(asyncio.CancelledError):
            await handing_over
        await threads_have_ended()
        assert not answered.is_set()


def test_a_connection_that_comes_about_after_the_cut_is_cut_as_well():
    ours, theirs = socket.socketpair()
    theirs.settimeout(30)
    with ours, theirs, closing(_Line()) as line:
        line.cut()
        line.follow(ours)
        assert theirs.recv(1) == b""


async def test_a_host_that_is_no_name_is_a_failure_like_any_other():
    failure = await failure_of(EmailChannel("relay..example", 25))
    assert not failure.permanent
    assert "mail relay relay..example:25: no connection" in str(failure)


PASSWORD = "s3cret-word"
SECRETS = (PASSWORD, base64.b64encode(PASSWORD.encode()).decode(), base64.b64encode(b"\0watch\0s3cret-word").decode())


def all_of(failure):
    """The exception and whatever hangs on it, with the values they carry."""
    if failure is None:
        return ""
    own = [repr(failure), str(failure), repr(failure.args), repr(vars(failure)), getattr(failure, "object", "")]
    return " ".join(map(str, own)) + all_of(failure.__cause__) + all_of(failure.__context__)


@pytest.mark.parametrize(
    ("offer", "answer", "told"),
    [
        ("CRAM-MD5", "334 a", "makes no sense"),
        ("PLAIN", "334 {line}", "makes no sense"),
        ("LOGIN", "334 a", "makes no sense"),
        ("PLAIN", "535 not {line}", "the login of watch was refused with 535"),
        ("PLAIN", "{line}", "the login of watch was refused with -1"),
        ("KERBEROS", "500 what?", "offers no way that is known here"),
    ],
)
async def test_a_hostile_challenge_is_tried_again_and_tells_nothing_secret(offer, answer, told):
    async with scripted(EHLO=f"250-hello\r\n250 AUTH {offer}", AUTH=answer) as (_, port):
        failure = await failure_of(channel(port, username="watch", password=PASSWORD))
    assert not failure.permanent
    assert told in str(failure)
    assert not [secret for secret in SECRETS if secret in all_of(failure)]


async def test_a_password_that_smtp_cannot_carry_hangs_on_no_exception():
    async with scripted(EHLO="250-hello\r\n250 AUTH PLAIN") as (_, port):
        failure = await failure_of(channel(port, username="watch", password="s3cret-wörd"))
    assert "s3cret-w" not in all_of(failure)


def test_the_registry_names_it():
    assert CHANNELS["email"] is EmailChannel
