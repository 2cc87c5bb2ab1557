"""Faults of relays and hooks against the real outbox: nothing lost, and nothing twice but what nobody can tell apart.

Each script is played to its end by the clock alone. A message is repeated where the other side took it and its answer
was lost (RFC 1047), once for each time, and under the same Message-ID or key; whoever reads those reads it once.
"""

import asyncio
import json
import re
import ssl
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.test_guard import INSIDE, listening, tls
from channels.test_webhook import status
from contract.store_values import HOUR, NOON, alert, opening
from deliverwatch.channels.email import EmailChannel
from deliverwatch.channels.webhook import WebhookChannel
from deliverwatch.core.alerting import NotificationState, RetryPolicy
from deliverwatch.core.listing import Watch
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.deliver_alerts import deliver_next
from deliverwatch.flows.ports import OutgoingMail
from deliverwatch.render.mail import compose
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.sandbox.mailbox import Stage, Trouble
from deliverwatch.store import open_store
from servers.help_desk import Dripping, help_desk

POLICY = RetryPolicy()
SHORT = timedelta(seconds=0.3)
SENT, DEAD = NotificationState.SENT, NotificationState.DEAD


@pytest.fixture
def clock():
    return SteppedClock(NOON + HOUR)


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield store
    await store.close()


def made(delivery, _):
    note = delivery.notification
    if delivery.content is not None:
        content = delivery.content
    elif note.channel == "email":
        content = compose(
            "watch@esp.example", note.recipient, "Listed", "text\n", None, note.message_id, note.created_at
        )
    else:
        content = json.dumps({"id": note.message_id}).encode()
    return OutgoingMail("watch@esp.example", note.recipient, note.message_id, content)


async def owe(store, clock, number, channel):
    """One notification, made now."""
    _, (event,) = opening(clock.now(), Watch("zen", parse_subject(f"192.0.2.{number}")))
    note = replace(alert(event), channel=channel)
    await store.commit_endings({}, [event], [note])
    clock.advance(note.created_at - clock.now())
    return note


async def play(store, clock, channel, note):
    """Until nothing is owed any more; how it ended, and after how long."""
    began = clock.now()
    while True:
        while await deliver_next(store, {note.channel: channel}, made, clock, POLICY):
            pass
        (line,) = [each for each in await store.outbox() if each.notification.id == note.id]
        if line.next_attempt_at is None:
            return line, timedelta(seconds=round((clock.now() - began).total_seconds()))
        clock.advance(line.next_attempt_at - clock.now())


MAIL_SCRIPTS = {
    "421 at the door": (Stage.CONNECT, ("421 4.3.2 too busy",) * 2, SENT, 1),
    "554 at the door": (Stage.CONNECT, ("554 5.7.1 not you",), SENT, 1),
    "hangs at the door": (Stage.CONNECT, (Trouble.HANG,), SENT, 1),
    "drops after the greeting": (Stage.HELLO, (Trouble.DROP,), SENT, 1),
    "421 to the sender": (Stage.MAIL, ("421 4.7.0 slow down",), SENT, 1),
    "greylisted for 30 minutes": (Stage.RCPT, ("451 4.7.1 greylisted, come back in 30 minutes",) * 4, SENT, 1),
    "451 to the recipient, two days long": (Stage.RCPT, ("451 4.3.0 later",) * 40, DEAD, 0),
    "550 to the recipient": (Stage.RCPT, ("550 5.1.1 no such mailbox",), DEAD, 0),
    "452 to DATA": (Stage.DATA, ("452 4.3.1 full",) * 3, SENT, 1),
    "reset before the dot": (Stage.DATA, (Trouble.DROP,) * 2, SENT, 1),
    "451 to the message": (Stage.MESSAGE, ("451 4.3.0 later",), SENT, 1),
    "554 to the message": (Stage.MESSAGE, ("554 5.7.1 refused",), DEAD, 0),
    "hangs at the dot": (Stage.MESSAGE, (Trouble.HANG,), SENT, 1),
    "reset at the dot, not taken": (Stage.MESSAGE, (Trouble.DROP,) * 2, SENT, 1),
    "reset after the dot": (Stage.MESSAGE, (Trouble.ACCEPT_AND_DROP,), SENT, 2),
    "reset after the dot, twice": (Stage.MESSAGE, (Trouble.ACCEPT_AND_DROP,) * 2, SENT, 3),
}
"""Stage, what happens there one after the other, the end, and how often the mailbox has the message then."""


async def test_whatever_a_relay_does_nothing_is_lost_and_only_a_lost_answer_repeats(store, clock, start_mailbox):
    mailbox = await start_mailbox()
    channel = EmailChannel("127.0.0.1", mailbox.port, timeout_for=SHORT, helo="watch.esp.example")
    for number, (name, (stage, acts, end, copies)) in enumerate(MAIL_SCRIPTS.items(), start=1):
        mailbox.script(stage, *acts)
        note = await owe(store, clock, number, "email")
        before = len(mailbox.messages)
        line, took = await play(store, clock, channel, note)
        came = mailbox.messages[before:]
        assert (name, line.state, len(came)) == (name, end, copies)
        ids = [re.search(rb"Message-ID: <(.*)@", each.content)[1].decode() for each in came]
        assert set(ids) <= {note.message_id}
        assert (line.last_error is None) == (end is SENT), name
        while mailbox.next_act(stage) is not None:  # what the script still had when it was given up
            assert took > POLICY.give_up_after - POLICY.delays[-1]
        if "greylisted" in name:
            assert took > timedelta(minutes=30)


@asynccontextmanager
async def hook(*answers):
    """Gives one answer after the other, then 204: bytes, or None to hang up without one. Yields what it took."""
    waiting, taken = list(answers), []

    async def talk(reader, writer):
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            await reader.readexactly(int(re.search(r"content-length: (\d+)", head)[1]))
            answer = waiting.pop(0) if waiting else status(204)
            if answer is None or answer.startswith(b"HTTP/1.1 2"):
                taken.append(re.search(r"idempotency-key: (\S+)", head)[1])
            writer.write(answer or b"")
            await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async with listening(talk, "127.0.0.1") as port:
        yield taken, f"http://127.0.0.1:{port}/hook"


HOOK_SCRIPTS = {
    "500": ((status(500),) * 2, SENT, 1, timedelta(minutes=6)),
    "502 for a while": ((status(502),) * 5, SENT, 1, timedelta(hours=4, minutes=21)),
    "429 that asks for 40 minutes": ((status(429, "Retry-After: 2400"),), SENT, 1, timedelta(minutes=40)),
    "429 that asks for a second": ((status(429, "Retry-After: 1"),), SENT, 1, timedelta(minutes=1)),
    "503 that asks for a week": ((status(503, "Retry-After: 604800"),), SENT, 1, timedelta(hours=3)),
    "410": ((status(410),), DEAD, 0, timedelta(0)),
    "401": ((status(401),), DEAD, 0, timedelta(0)),
    "a redirect": ((status(307, "Location: /elsewhere"),), SENT, 1, timedelta(minutes=1)),
    "no HTTP": ((b"what?\r\n\r\n",), SENT, 1, timedelta(minutes=1)),
    "taken, and no answer": ((None,), SENT, 2, timedelta(minutes=1)),
    "taken, with a body without an end": (
        (b"HTTP/1.1 200 fine\r\nContent-Length: 1000000000\r\n\r\nx",),
        SENT,
        1,
        None,
    ),
}
"""Answers, the end, how often the hook has it then, and when it has."""


async def test_whatever_a_hook_does_nothing_is_lost_and_only_a_lost_answer_repeats(store, clock):
    for number, (name, (answers, end, copies, after)) in enumerate(HOOK_SCRIPTS.items(), start=1):
        note = await owe(store, clock, number, "ops")
        async with hook(*answers) as (taken, url):
            line, took = await play(store, clock, WebhookChannel(url, "secret", clock.now), note)
        assert (name, line.state, len(taken)) == (name, end, copies)
        assert set(taken) <= {note.message_id}
        assert took == (after or timedelta(0)), name


async def test_a_hook_that_drips_or_has_no_certificate_is_tried_until_it_is_well(store, clock):
    note = await owe(store, clock, 1, "ops")

    async def ill(reader, writer):
        writer.close()

    async with help_desk(Dripping(None)) as (_, address):
        drips = WebhookChannel(f"http://{address}", None, clock.now, timeout_for=SHORT)
        assert await deliver_next(store, {"ops": drips}, made, clock, POLICY)
    clock.advance(HOUR)
    async with listening(ill, "127.0.0.1", ssl=tls()) as port:
        unproven = WebhookChannel(f"https://127.0.0.1:{port}/", None, clock.now, inside=INSIDE)
        assert await deliver_next(store, {"ops": unproven}, made, clock, POLICY)
    (line,) = await store.outbox()
    assert "was not reached: ConnectError" in line.last_error
    clock.advance(HOUR)
    async with hook() as (taken, url):
        line, _ = await play(store, clock, WebhookChannel(url, None, clock.now), note)
    assert (line.state, line.attempts, taken) == (SENT, 3, [note.message_id])
