"""The fake mailbox is strict, and where it is not stricter on purpose it says what aiosmtpd says."""

import asyncio
import contextlib
import smtplib
from collections.abc import Callable

import pytest
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP

from deliverwatch.sandbox.mailbox import Mailbox, Received, Stage, Trouble

SENDER, RECIPIENT = "alerts@esp.example", "tam@esp.example"
CONTENT = b"From: alerts@esp.example\r\nSubject: test\r\n\r\nHello\r\n"


async def send(mailbox: Mailbox, content: bytes = CONTENT, *recipients: str, patience_s: float = 10) -> None:
    """By the standard library's client, as the program does."""

    def deliver() -> None:
        with smtplib.SMTP("127.0.0.1", mailbox.port, local_hostname="esp.example", timeout=patience_s) as client:
            client.sendmail(SENDER, list(recipients or [RECIPIENT]), content)

    await asyncio.to_thread(deliver)


async def talk(port: int, *lines: bytes) -> list[bytes]:
    """Says one thing at a time; the first lines of the replies, greeting included. b"" is a connection that ended."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    replies = [await read_reply(reader)]
    for line in lines:
        writer.write(line)
        replies.append(await read_reply(reader))
    writer.close()
    await writer.wait_closed()
    return replies


async def read_reply(reader: asyncio.StreamReader) -> bytes:
    first = line = await reader.readline()
    while line[3:4] == b"-":
        line = await reader.readline()
    return first


def codes(replies: list[bytes]) -> list[bytes]:
    return [reply[:3] for reply in replies]


async def test_a_message_is_kept_with_its_envelope(start_mailbox):
    mailbox = await start_mailbox()
    await send(mailbox, CONTENT, RECIPIENT, "second@esp.example")
    assert mailbox.messages == [Received(SENDER, (RECIPIENT, "second@esp.example"), CONTENT)]


async def test_dots_at_the_start_of_lines_come_back_as_they_were(start_mailbox):
    mailbox = await start_mailbox()
    content = CONTENT + b".\r\n..\r\n.a\r\n"
    await send(mailbox, content)
    assert mailbox.messages[0].content == content


async def test_each_message_becomes_a_file_and_old_files_stay(start_mailbox, tmp_path):
    folder = tmp_path / "mail" / "box"
    await send(await start_mailbox(folder))
    again = await start_mailbox(folder)
    await send(again, CONTENT + b"2\r\n")
    await send(again, CONTENT + b"3\r\n")
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert files == {
        "00001.eml": CONTENT,
        "00002.eml": CONTENT + b"2\r\n",
        "00003.eml": CONTENT + b"3\r\n",
    }


MAIL, RCPT = b"MAIL FROM:<a@esp.example>\r\n", b"RCPT TO:<b@esp.example>\r\n"
EHLO, DATA, DOT = b"EHLO esp.example\r\n", b"DATA\r\n", b".\r\n"

DIALOGUES = {
    "a whole message": [EHLO, MAIL, RCPT, DATA, CONTENT + DOT, b"QUIT\r\n"],
    "old greeting": [b"HELO esp.example\r\n", MAIL, RCPT, DATA, DOT],
    "two messages": [EHLO, MAIL, RCPT, DATA, DOT, MAIL, RCPT, DATA, DOT],
    "a bounce": [EHLO, b"MAIL FROM:<>\r\n", RCPT, DATA, DOT],
    "any case": [b"ehlo esp.example\r\n", b"mail from:<a@esp.example> size=10\r\n", b"rcpt to:<b@esp.example>\r\n"],
    "no greeting": [MAIL],
    "greeting without a name": [b"EHLO\r\n", b"HELO\r\n"],
    "recipient first": [EHLO, RCPT],
    "data first": [EHLO, DATA],
    "data without a recipient": [EHLO, MAIL, DATA],
    "mail twice": [EHLO, MAIL, MAIL],
    "nothing left after a reset": [EHLO, MAIL, RCPT, b"RSET\r\n", RCPT],
    "nothing left after a message": [EHLO, MAIL, RCPT, DATA, DOT, RCPT],
    "reset with an argument": [EHLO, b"RSET now\r\n"],
    "data with an argument": [EHLO, MAIL, RCPT, b"DATA now\r\n"],
    "noop": [b"NOOP\r\n", EHLO, b"NOOP\r\n"],
    "no such command": [EHLO, b"TURN\r\n", b"\r\n"],
    "no address": [EHLO, b"MAIL FROM:\r\n", b"MAIL TO:<a@esp.example>\r\n", MAIL, b"RCPT TO:\r\n"],
    "unknown parameters": [EHLO, b"MAIL FROM:<a@esp.example> WHAT=1\r\n", MAIL, b"RCPT TO:<b@esp.example> X=1\r\n"],
    "too big by its own word": [EHLO, b"MAIL FROM:<a@esp.example> SIZE=99999999\r\n"],
    "quit at once": [b"QUIT\r\n"],
}


@pytest.mark.parametrize("dialogue", DIALOGUES.values(), ids=DIALOGUES)
async def test_it_keeps_order_as_aiosmtpd_does(dialogue, start_mailbox):
    loop = asyncio.get_running_loop()
    real = await loop.create_server(
        lambda: SMTP(Sink(), hostname="real.example", data_size_limit=10_000_000), "127.0.0.1"
    )
    real_port = real.sockets[0].getsockname()[1]
    ours = codes(await talk((await start_mailbox()).port, *dialogue))
    theirs = codes(await talk(real_port, *dialogue))
    real.close()
    await real.wait_closed()
    assert ours == theirs


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"bare\nfeed\r\n", b"a bare CR or LF"),
        (b"bare\rreturn\r\n", b"a bare CR or LF"),
        (b"smuggled\n.\nMAIL FROM:<x@esp.example>\r\n", b"a bare CR or LF"),
        (b"x" * 999 + b"\r\n", b"a line of more than 998 octets"),
        (b".not doubled\r\n", b"a dot at the start of a line"),
        ("ümlaut\r\n".encode(), b"octets above 127"),
    ],
)
async def test_a_message_that_breaks_a_rule_is_not_taken(content, why, start_mailbox):
    mailbox = await start_mailbox()
    replies = await talk(mailbox.port, EHLO, MAIL, RCPT, DATA, content + DOT, MAIL)
    assert replies[-2].startswith(b"554 5.6.0 " + why)
    assert replies[-1].startswith(b"250")
    assert not mailbox.messages


async def test_the_longest_line_and_eight_bits_that_were_announced_are_taken(start_mailbox):
    mailbox = await start_mailbox()
    content = b"x" * 998 + b"\r\n" + "ümlaut\r\n".encode()
    mail = b"MAIL FROM:<a@esp.example> BODY=8BITMIME SIZE=1010\r\n"
    replies = await talk(mailbox.port, EHLO, mail, RCPT, DATA, content + DOT)
    assert replies[-1].startswith(b"250")
    assert mailbox.messages[0].content == content


@pytest.mark.parametrize("command", [b"EHLO esp.example\n\r\n", b"NO\xffOP\r\n", b"NOOP \x00\r\n"])
async def test_a_command_is_one_line_of_printable_ascii(command, start_mailbox):
    mailbox = await start_mailbox()
    assert (await talk(mailbox.port, command))[-1].startswith(b"500 5.5.2")


async def test_a_message_without_end_is_cut_off(start_mailbox):
    mailbox = await start_mailbox()
    reader, writer = await asyncio.open_connection("127.0.0.1", mailbox.port)
    await read_reply(reader)
    for line in (EHLO, MAIL, RCPT, DATA):
        writer.write(line)
        await read_reply(reader)
    writer.write((b"x" * 998 + b"\r\n") * 11_000)
    with contextlib.suppress(ConnectionError):
        await writer.drain()
        assert await reader.read() == b""  # hung up, and no reply
    writer.close()
    assert not mailbox.messages


STAGES_BEFORE_DATA: dict[Stage, Callable[[smtplib.SMTPException], int]] = {
    Stage.CONNECT: lambda failure: failure.smtp_code,
    Stage.HELLO: lambda failure: failure.smtp_code,
    Stage.MAIL: lambda failure: failure.smtp_code,
    Stage.RCPT: lambda failure: failure.recipients[RECIPIENT][0],
    Stage.DATA: lambda failure: failure.smtp_code,
    Stage.MESSAGE: lambda failure: failure.smtp_code,
}


@pytest.mark.parametrize("reply", ["451 4.7.1 come back later", "550 5.7.1 not you", "421 4.3.2 closing"])
@pytest.mark.parametrize("stage", Stage)
async def test_a_scripted_reply_is_given_once(stage, reply, start_mailbox):
    mailbox = await start_mailbox()
    mailbox.script(stage, *([reply] * 2 if stage is Stage.HELLO else [reply]))  # smtplib tries HELO after EHLO
    with pytest.raises(smtplib.SMTPException) as failure:
        await send(mailbox)
    if not (stage is Stage.HELLO and reply.startswith("421")):
        assert STAGES_BEFORE_DATA[stage](failure.value) == int(reply[:3])
    assert not mailbox.messages
    if stage is Stage.HELLO:
        mailbox.next_act(stage)
    await send(mailbox)
    assert len(mailbox.messages) == 1


@pytest.mark.parametrize("stage", Stage)
async def test_a_dropped_connection_takes_nothing(stage, start_mailbox):
    mailbox = await start_mailbox()
    mailbox.script(stage, Trouble.DROP)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        await send(mailbox)
    assert not mailbox.messages
    await send(mailbox)
    assert len(mailbox.messages) == 1


async def test_a_message_can_be_taken_without_the_sender_being_told(start_mailbox):
    mailbox = await start_mailbox()
    mailbox.script(Stage.MESSAGE, Trouble.ACCEPT_AND_DROP)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        await send(mailbox)
    assert [received.content for received in mailbox.messages] == [CONTENT]


@pytest.mark.parametrize("stage", Stage)
async def test_a_hanging_server_says_nothing_until_the_sender_gives_up(stage, start_mailbox):
    mailbox = await start_mailbox()
    mailbox.script(stage, Trouble.HANG)
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        await send(mailbox, patience_s=0.2)
    assert not mailbox.messages
    await send(mailbox)
    assert len(mailbox.messages) == 1


async def test_acts_come_in_the_order_of_the_script(start_mailbox):
    mailbox = await start_mailbox()
    mailbox.script(Stage.RCPT, "451 4.7.1 later", "550 5.1.1 never")
    replies = await talk(mailbox.port, EHLO, MAIL, RCPT, RCPT, RCPT, DATA, DOT)
    assert codes(replies)[3:] == [b"451", b"550", b"250", b"354", b"250"]
    assert mailbox.messages[0].recipients == ("b@esp.example",)


async def test_a_mailbox_stops_while_somebody_hangs_in_it(start_mailbox):
    mailbox = await start_mailbox()
    mailbox.script(Stage.CONNECT, Trouble.HANG)
    _, writer = await asyncio.open_connection("127.0.0.1", mailbox.port)
    await mailbox.stop()
    writer.close()


async def test_a_mailbox_that_was_not_started_can_be_stopped():
    await Mailbox().stop()
