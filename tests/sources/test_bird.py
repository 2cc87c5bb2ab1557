"""Bird's webhooks, their signature, and its statistics."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.core.delivery import DeliveryEvent, DeliveryOutcome, Ignored, Measure, Rejection, Speaker
from deliverwatch.core.errors import ConfigError, SourceFailed
from deliverwatch.sources.bird import SOURCE
from deliverwatch.sources.bird_api import StatsPoller, api, open_stats_poller
from sources.platform_server import QUICK, start_platform
from sources.receivers import NOW, read

AT = datetime(2026, 11, 26, 10, tzinfo=UTC)
DAY = datetime(2026, 11, 25, tzinfo=UTC)
STATS = "/v1/email/stats/sending-ips"
SECRET = "whsec_" + base64.b64encode(b"a secret of their own").decode()


def test_a_bounce_has_its_ip_and_its_code_back_in_its_words():
    assert read(SOURCE, "bounced.json") == [
        DeliveryEvent(
            AT,
            DeliveryOutcome.BOUNCED,
            ip="192.0.2.10",
            recipient_domain="mailbox.example",
            campaign="autumn-2026",
            reply="550 5.7.1 your network is on our block list (S3140)",
            event_id="email.bounced:er_01:2026-11-26T10:00:00+00:00",
        )
    ]


@pytest.mark.parametrize(
    ("name", "outcome", "ip", "speaker", "expired", "reply"),
    [
        ("delivered", "delivered", None, Speaker.RECEIVER, False, None),
        ("bounced_unclear", "bounced", None, Speaker.RECEIVER, False, None),
        ("bounced_timeout", "bounced", "192.0.2.10", Speaker.RECEIVER, True, "421 4.7.0 [TSS04] deferred"),
        ("out_of_band", "out_of_band", "192.0.2.10", Speaker.RECEIVER, False, "554 relaying denied"),
        ("deferred", "deferred", "192.0.2.10", Speaker.RECEIVER, False, "421 4.7.28 unusual rate of mail"),
        ("complained", "complained", None, Speaker.RECEIVER, False, None),
        ("rejected", "bounced", None, Speaker.SUPPRESSION, False, "recipient_suppressed"),
    ],
)
def test_each_event_tells_what_the_platform_knows_and_no_more(name, outcome, ip, speaker, expired, reply):
    (event,) = read(SOURCE, f"{name}.json")
    assert (event.outcome, event.ip, event.speaker, event.expired, event.reply) == (
        outcome,
        ip,
        speaker,
        expired,
        reply,
    )


def test_types_that_are_not_known_are_accepted():
    for name in ("accepted", "of_tomorrow", "domain_event", "not_spam"):
        (item,) = read(SOURCE, f"{name}.json")
        assert isinstance(item, Ignored)


@pytest.mark.parametrize(
    "document", [{}, {"type": 5}, {"type": "email.bounced"}, {"type": "email.bounced", "timestamp": "x", "data": []}]
)
def test_what_is_no_event_is_rejected(document):
    assert [type(item) for item in read(SOURCE, json.dumps(document).encode())] == [Rejection]


def test_statistics_are_counts_of_a_day_by_ip_and_their_complaints_are_not_measured():
    first, second, nameless, cut_off = read(SOURCE, "stats.json")
    assert first == Measure(
        DAY,
        timedelta(days=1),
        ip="192.0.2.10",
        pool="ipp_01",
        delivered=900,
        deferred=70,
        bounced=30,
        as_of=datetime(2026, 11, 26, 5, 30, tzinfo=UTC),
    )
    assert (second.ip, second.delivered, second.complaints) == ("192.0.2.11", 5, None)
    assert nameless == Rejection(3, "expected a row with 'sending_ip'")
    assert cut_off.why.startswith("the answer was cut off")


def test_hours_end_with_the_last_one():
    (measure,) = read(SOURCE, "stats_hours.json")
    assert (measure.lasts_for, measure.as_of) == (timedelta(hours=2), None)


@pytest.mark.parametrize(
    "document",
    [
        {"period": None, "data": []},
        {"period": {}, "data": []},
        {"period": {"from": "2026-11-25", "to": "2026-11-24"}, "data": []},
        {"period": {"from": "2026-11-25", "to": "2026-11-25"}, "data": {}},
    ],
)
def test_statistics_without_a_usable_period_are_one_rejection(document):
    assert [type(item) for item in read(SOURCE, json.dumps(document).encode())] == [Rejection]


def signed(body, secret=SECRET, now=NOW, call="msg_1"):
    seconds = str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{call}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": call,
        "webhook-timestamp": seconds,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def refusal(headers, body=b"{}", secret=SECRET):
    return SOURCE.receiver.refusal(headers, body, {"secret": secret}, NOW)


def test_a_signed_call_is_genuine_within_five_minutes_and_with_any_of_its_signatures():
    headers = signed(b"{}")
    assert refusal(headers) is None
    assert refusal({**headers, "webhook-signature": "v1a,xx v1,AAAA " + headers["webhook-signature"]}) is None
    assert refusal(signed(b"{}", now=NOW - timedelta(minutes=5))) is None
    assert SOURCE.receiver.identity(headers, b"{}") == "msg_1"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(b"{ }"),
        signed(b"{}", secret="whsec_" + base64.b64encode(b"another").decode()),
        signed(b"{}", now=NOW - timedelta(minutes=6)),
        signed(b"{}", now=NOW + timedelta(minutes=6)),
        {**signed(b"{}"), "webhook-id": "msg_2"},
        {**signed(b"{}"), "webhook-timestamp": "soon"},
        {**signed(b"{}"), "webhook-signature": signed(b"{}")["webhook-signature"].replace("v1,", "v2,")},
        {**signed(b"{}"), "webhook-signature": ""},
        {**signed(b"{}"), "webhook-signature": "v1,é"},
    ],
)
def test_a_call_that_is_not_signed_so_is_refused(headers):
    assert refusal(headers) is not None


def test_without_a_usable_secret_nothing_is_genuine():
    for secret in ("", "whsec_", "whsec_?!"):
        assert "no usable secret" in refusal(signed(b"{}"), secret=secret)


async def test_each_day_is_asked_for_and_the_last_ones_anew():
    with start_platform("Bearer bk_eu1_k3y") as platform:
        platform.answers[STATS] = lambda question: {
            "period": {"from": question["from"], "to": question["to"], "data_as_of": None},
            "data": [{"sending_ip": "192.0.2.10", "delivery": {"delivered": 1}}],
        }
        poller = StatsPoller(api({"key": "bk_eu1_k3y", "url": platform.url}, QUICK), timedelta(hours=1))
        pages = [page async for page in poller.pages({"until": "2026-11-26"}, NOW)]
        assert [question["from"] for _, question in platform.asked] == [f"2026-11-{day}" for day in (23, 24, 25, 26)]
        assert pages[-1].cursor == {"until": "2026-11-26"}
        assert [item.starts_at.day for page in pages for item in read(SOURCE, page.body)] == [23, 24, 25, 26]
        platform.asked.clear()
        assert len([page async for page in poller.pages(None, NOW)]) == 31
        await poller.close()


async def test_the_wrong_region_is_said_so():
    with start_platform("Bearer bk_eu1_k3y") as platform:
        platform.answers[STATS] = [(421, {})]
        poller = StatsPoller(api({"key": "bk_eu1_k3y", "url": platform.url}, QUICK), timedelta(hours=1))
        with pytest.raises(SourceFailed, match="another region") as failure:
            [page async for page in poller.pages(None, NOW)]
        assert failure.value.permanent
        assert "k3y" not in str(failure.value)
        await poller.close()


def test_the_key_names_its_region_and_else_the_address_is_needed():
    assert api({"key": "bk_us1_k"}).origin == "https://us1.platform.bird.com"
    assert open_stats_poller({"key": "plain", "url": "https://eu1.platform.bird.com/v1"}).every == timedelta(hours=1)
    for settings in ({}, {"key": "plain"}):
        with pytest.raises(ConfigError, match=r"\[sources.bird-webhook\]"):
            open_stats_poller(settings)
