"""A help desk as it may be, a real HTTP server on loopback: it accepts, refuses, redirects, hangs up or is silent."""

import hmac
import logging
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deliverwatch.channels.registry import CHANNELS
from deliverwatch.channels.webhook import WebhookChannel, signature
from deliverwatch.clock import SystemClock
from deliverwatch.core.errors import ChannelFailed
from deliverwatch.flows.ports import OutgoingMail
from servers.help_desk import PASSWORD, Dripping, help_desk

SECRET = "s3cret-word"
BODY = b'{"event": "draft.submitted", "draft": {"id": "d1"}}'
MAIL = OutgoingMail("watch@esp.example", "https://desk.esp.example", "5f2b-1", BODY)
AT = datetime(2026, 11, 24, 10, tzinfo=UTC)


def channel(address, secret=SECRET, **options):
    return WebhookChannel(f"http://{address}", secret, lambda: AT, **options)


def status(code, *headers):
    return "\r\n".join([f"HTTP/1.1 {code} as told", "Content-Length: 0", *headers, "", ""]).encode()


async def failure_of(made):
    with pytest.raises(ChannelFailed) as caught:
        await made.deliver(MAIL)
    failure = caught.value
    assert failure.__context__ is None
    assert failure.__cause__ is None
    for secret in (SECRET, PASSWORD):
        assert secret not in str(failure) + repr(failure) + repr(made)
    return failure


async def test_the_document_is_posted_as_it_is_with_its_id_and_a_signature():
    async with help_desk() as (heard_by, address):
        await channel(address).deliver(MAIL)
    ((request, headers, body),) = heard_by.heard
    assert request == f"POST /hook?key={PASSWORD} HTTP/1.1"
    assert body == BODY
    assert headers["content-type"] == "application/json"
    assert headers["deliverwatch-id"] == headers["idempotency-key"] == "5f2b-1"
    seconds = str(int(AT.timestamp()))
    proof = hmac.new(SECRET.encode(), f"{seconds}.".encode() + BODY, "sha256").hexdigest()
    assert headers["deliverwatch-signature"] == f"t={seconds},v1={proof}"


async def test_without_a_secret_nothing_is_signed():
    async with help_desk() as (heard_by, address):
        await channel(address, None).deliver(MAIL)
    assert "deliverwatch-signature" not in heard_by.heard[0][1]


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
async def test_every_2xx_accepts(code):
    async with help_desk(status(code)) as (heard_by, address):
        await channel(address).deliver(MAIL)
    assert len(heard_by.heard) == 1


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 413, 422, 451])
async def test_a_4xx_is_final(code):
    async with help_desk(status(code)) as (_, address):
        failure = await failure_of(channel(address))
    assert failure.permanent
    assert str(failure).endswith(f"answered with HTTP status {code}")
    assert str(failure).startswith("help desk http://127.0.0.1:")


@pytest.mark.parametrize("code", [408, 409, 425, 429, 500, 502, 503, 504, 599])
async def test_what_passes_is_tried_again(code):
    async with help_desk(status(code)) as (_, address):
        assert not (await failure_of(channel(address))).permanent


@pytest.mark.parametrize(
    ("code", "said", "wait_for"),
    [
        (429, "120", timedelta(minutes=2)),
        (503, "7", timedelta(seconds=7)),
        (503, "0", timedelta(0)),
        (429, "Fri, 27 Nov 2026 00:00:00 GMT", None),
        (429, "-5", None),
        (429, "1.5", None),
        (429, "9" * 40, None),
        (429, "", None),
        (500, "120", None),
    ],
)
async def test_how_long_to_wait_is_heard(code, said, wait_for):
    async with help_desk(status(code, f"Retry-After: {said}")) as (_, address):
        failure = await failure_of(channel(address))
    assert (failure.permanent, failure.retry_after) == (False, wait_for)


async def test_a_hook_that_is_gone_is_said_to_be():
    async with help_desk(status(410)) as (_, address):
        failure = await failure_of(channel(address))
    assert failure.permanent
    assert "is gone" in str(failure)


@pytest.mark.parametrize("code", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(code):
    async with help_desk() as (elsewhere, other), help_desk(status(code, f"Location: http://{other}")) as (_, address):
        assert not (await failure_of(channel(address))).permanent
    assert elsewhere.heard == []


@pytest.mark.parametrize("answer", [b"", b"what?\r\n\r\n", b"HTTP/1.1 \xff\x00\r\n\r\n", b"HTTP/1.1 200 fi"])
async def test_an_answer_that_is_none_is_tried_again(answer):
    async with help_desk(answer) as (_, address):
        failure = await failure_of(channel(address))
    assert not failure.permanent
    assert "was not reached: " in str(failure)


async def test_nobody_there_is_tried_again():
    async with help_desk() as (_, address):
        pass
    assert not (await failure_of(channel(address))).permanent


async def test_silence_is_cut_off_and_tried_again():
    async with help_desk(None) as (_, address):
        failure = await failure_of(channel(address, timeout_for=timedelta(seconds=0.2)))
    assert not failure.permanent
    assert "gave no answer in 0.2 s" in str(failure)


async def test_an_answer_that_drips_is_cut_off_as_well():
    async with help_desk(Dripping(None)) as (_, address):
        failure = await failure_of(channel(address, timeout_for=timedelta(seconds=0.3)))
    assert not failure.permanent


async def test_a_body_without_an_end_is_not_read():
    async with help_desk(b"HTTP/1.1 200 fine\r\nContent-Length: 1000000000\r\n\r\nx") as (_, address):
        await channel(address).deliver(MAIL)


async def test_the_proxy_of_the_environment_hears_nothing(monkeypatch):
    async with help_desk() as (proxy, other), help_desk() as (heard_by, address):
        monkeypatch.setenv("HTTP_PROXY", f"http://{other}")
        await channel(address).deliver(MAIL)
    assert (len(heard_by.heard), proxy.heard) == (1, [])


async def test_nothing_of_the_address_is_logged(caplog):
    caplog.set_level(logging.INFO)
    async with help_desk() as (_, address):
        await channel(address).deliver(MAIL)
    assert PASSWORD not in caplog.text


def test_the_documented_check_accepts_what_is_signed_and_nothing_else():
    documented = (Path(__file__).parents[2] / "docs" / "webhook.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", documented, re.DOTALL)
    names = {}
    exec(example, names)
    now = SystemClock().now()
    signed = signature(SECRET, now, BODY)
    assert names["is_genuine"](signed, BODY, SECRET)
    assert not names["is_genuine"](signed, BODY + b" ", SECRET)
    assert not names["is_genuine"](signed, BODY, "other")
    assert not names["is_genuine"](signature(SECRET, now - timedelta(hours=1), BODY), BODY, SECRET)


def test_the_registry_names_it():
    assert CHANNELS["webhook"] is WebhookChannel
