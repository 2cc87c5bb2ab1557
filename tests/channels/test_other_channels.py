"""Chat, pager and Apprise against a real HTTP server on loopback: what they send, and what they keep to themselves."""

import ipaddress
import json
import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from channels.test_webhook import status
from deliverwatch.channels.apprise_channel import AppriseChannel
from deliverwatch.channels.pagerduty import PagerDutyChannel
from deliverwatch.channels.registry import CHANNELS, open_channel
from deliverwatch.channels.slack import SlackChannel
from deliverwatch.channels.webhook import WebhookChannel
from deliverwatch.core.errors import ChannelFailed
from deliverwatch.core.routing import ChannelKind
from deliverwatch.flows.ports import OutgoingMail
from servers.help_desk import PASSWORD, help_desk

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise imports it

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
KEY = "r0uting-key"
TRIGGER = {"event_action": "trigger", "dedup_key": "d-1", "payload": {"summary": "LISTED"}}
NOTE = {"title": "LISTED: 192.0.2.10", "body": "192.0.2.10 is listed.\n\n<b>&amp; *x* {{ x }}\n", "type": "failure"}
INSIDE = (ipaddress.ip_network("192.0.2.0/24"),)


def mail(document):
    return OutgoingMail("watch@esp.example", "ops", "n-1", json.dumps(document).encode())


async def failure_of(channel, document):
    with pytest.raises(ChannelFailed) as caught:
        await channel.deliver(mail(document))
    assert caught.value.__context__ is None
    for secret in (KEY, PASSWORD):
        assert secret not in str(caught.value) + repr(channel)
    return caught.value


def for_apprise(address):
    """ "robin:pass@127.0.0.1:80/hook?key=..." as a URL of Apprise's own."""
    return f"json://{address.partition('?')[0]}/{PASSWORD}"


async def test_a_chat_gets_the_document_as_it_was_made():
    async with help_desk(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as (desk, address):
        await SlackChannel(f"http://{address}").deliver(mail({"text": "hello", "blocks": []}))
    ((request, headers, body),) = desk.heard
    assert request.startswith("POST /hook")
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {"text": "hello", "blocks": []}


async def test_the_routing_key_joins_when_the_pager_is_called():
    async with help_desk(status(202)) as (desk, address):
        await PagerDutyChannel(f"http://{address}", KEY).deliver(mail(TRIGGER))
    ((_, _, body),) = desk.heard
    assert json.loads(body) == {"routing_key": KEY, **TRIGGER}


@pytest.mark.parametrize(("code", "permanent"), [(400, True), (404, True), (410, True), (429, False), (503, False)])
async def test_chat_and_pager_fail_as_a_webhook_does(code, permanent):
    async with help_desk(status(code, "Retry-After: 30")) as (_, address):
        chat = await failure_of(SlackChannel(f"http://{address}"), {"text": "x"})
        pager = await failure_of(PagerDutyChannel(f"http://{address}", KEY), TRIGGER)
    for failure in (chat, pager):
        assert failure.permanent is permanent
        assert failure.retry_after == (None if permanent else timedelta(seconds=30))
        assert f"answered with HTTP status {code}" in str(failure)


async def test_apprise_takes_it_wherever_its_addresses_lead():
    async with help_desk() as (first, one), help_desk() as (second, other):
        await AppriseChannel((for_apprise(one), for_apprise(other))).deliver(mail(NOTE))
    for desk in (first, second):
        ((_, _, body),) = desk.heard
        said = json.loads(body)
        assert (said["title"], said["type"]) == (NOTE["title"], "failure")
        assert said["message"].strip() == NOTE["body"].strip()


async def test_apprise_follows_no_redirect():
    async with help_desk() as (elsewhere, other):
        moved = status(307, f"Location: http://{other}")
        async with help_desk(moved) as (_, address):
            await failure_of(AppriseChannel((for_apprise(address),)), NOTE)
    assert elsewhere.heard == []


@pytest.mark.parametrize("answer", [status(500), status(403), b""])
async def test_what_one_of_its_addresses_does_not_take_is_tried_again(answer):
    async with help_desk() as (_, well), help_desk(answer) as (_, ill):
        failure = await failure_of(AppriseChannel((for_apprise(well), for_apprise(ill)), "channel more"), NOTE)
    assert not failure.permanent
    assert str(failure) == "channel more was not reached, or refused the message"


async def test_an_address_that_apprise_does_not_know_tells_nobody():
    async with help_desk() as (desk, address):
        failure = await failure_of(AppriseChannel((for_apprise(address), f"nosuch://{PASSWORD}/")), NOTE)
    assert not failure.permanent
    assert "has an address that Apprise does not know" in str(failure)
    assert desk.heard == []


async def test_apprise_that_never_ends_is_left():
    async with help_desk(None) as (_, address):
        url = f"{for_apprise(address)}?rto=1&cto=1"
        with pytest.raises(ChannelFailed, match=r"^apprise was not done in 0.1 s$") as caught:
            await AppriseChannel((url,), timeout_for=timedelta(seconds=0.1)).deliver(mail(NOTE))
    assert not caught.value.permanent


async def test_nothing_of_an_address_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    async with help_desk() as (_, address), help_desk(status(500)) as (_, ill):
        await SlackChannel(f"http://{address}").deliver(mail({"text": "x"}))
        await PagerDutyChannel(f"http://{address}", KEY).deliver(mail(TRIGGER))
        await failure_of(AppriseChannel((for_apprise(address), for_apprise(ill), f"nosuch://{PASSWORD}")), NOTE)
        await failure_of(AppriseChannel((for_apprise(address), for_apprise(ill))), NOTE)
    assert PASSWORD not in caplog.text
    assert KEY not in caplog.text


def test_the_heavy_library_is_not_loaded_until_it_is_needed():
    code = "import sys, deliverwatch.channels.registry; sys.exit('apprise' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_each_kind_is_opened_with_what_the_settings_say():
    urls = ["https://hooks.esp.example/x"]
    opened = {
        kind: open_channel(kind, "ops", urls, lambda: AT, key=KEY, secret="s", inside=INSIDE)
        for kind in ChannelKind
        if kind is not ChannelKind.EMAIL
    }
    assert {kind: type(channel) for kind, channel in opened.items()} == {
        kind: CHANNELS[kind] for kind in ChannelKind if kind is not ChannelKind.EMAIL
    }
    assert {channel.called for channel in opened.values()} == {"channel ops"}
    webhook = opened[ChannelKind.WEBHOOK]
    assert isinstance(webhook, WebhookChannel)
    assert (webhook.url, webhook.secret, webhook.inside) == (urls[0], "s", INSIDE)
    assert opened[ChannelKind.PAGERDUTY].routing_key == KEY
    assert opened[ChannelKind.APPRISE].urls == tuple(urls)


def test_mail_is_not_opened_here():
    with pytest.raises(ValueError, match="relay"):
        open_channel(ChannelKind.EMAIL, "ops", [], lambda: AT)
