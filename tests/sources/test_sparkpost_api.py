"""Asking SparkPost: pages, patience, gaps, and what never goes into a sentence."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.core.errors import ConfigError, SourceFailed
from deliverwatch.core.platform import PlatformDomain, PlatformIp, PlatformPool, PlatformSubaccount
from deliverwatch.core.subjects import DomainRole
from deliverwatch.sources.sparkpost_api import (
    EventsPoller,
    MetricsPoller,
    api,
    open_events_poller,
    open_metrics_poller,
)
from deliverwatch.sources.sparkpost_inventory import read_platform
from deliverwatch.sources.sparkpost_metrics import SOURCE as METRICS_SOURCE
from sources.platform_server import QUICK, start_platform
from sources.receivers import NOW, read

KEY = "k3y-of-the-platform"
EVENTS = "/api/v1/events/message"
METRICS = "/api/v1/metrics/deliverability"


@pytest.fixture
def platform():
    with start_platform(KEY) as platform:
        yield platform


async def pages_of(make, platform, cursor, now=NOW, key=KEY, source="sparkpost-events"):
    poller = make(api({"key": key, "url": platform.url}, source, QUICK), timedelta(minutes=5))
    try:
        return [page async for page in poller.pages(cursor, now)]
    finally:
        await poller.close()


def at(minutes):
    return (NOW - timedelta(minutes=minutes)).isoformat()


async def test_pages_are_followed_to_the_end_and_the_cursor_moves_with_the_last(platform):
    def answer(question):
        number = {"initial": 1, "two": 2, "three": 3}[question["cursor"]]
        link = {1: f"{EVENTS}?cursor=two&per_page=5000", 2: "https://elsewhere.example/steal?cursor=three", 3: ""}[
            number
        ]
        return {"results": [{"n": number}], "links": {"next": link} if link else {}}

    platform.answers[EVENTS] = answer
    pages = await pages_of(EventsPoller, platform, {"until": at(31)})
    assert [json.loads(page.body)["results"][0]["n"] for page in pages] == [1, 2, 3]
    assert [page.cursor["until"] for page in pages] == [at(31), at(31), at(1)]
    question = platform.asked[0][1]
    assert (question["from"], question["to"]) == ("2026-11-26T11:19:00Z", "2026-11-26T11:59:00Z")
    assert "delivery" in question["events"].split(",")
    assert "click" not in question["events"]


async def test_the_older_form_of_links_is_followed_too(platform):
    def answer(question):
        link = [{"href": f"{EVENTS}?cursor=two", "rel": "next"}, "x"] if question["cursor"] == "initial" else []
        return {"results": [], "links": link}

    platform.answers[EVENTS] = answer
    assert len(await pages_of(EventsPoller, platform, {"until": at(31)})) == 2


async def test_a_long_gap_is_repaired_hour_by_hour(platform):
    platform.answers[EVENTS] = lambda question: {"results": [], "links": {}}
    pages = await pages_of(EventsPoller, platform, {"until": at(181)})
    assert [page.cursor["until"] for page in pages] == [at(121), at(61), at(1)]


async def test_what_lies_beyond_ten_days_is_written_down_as_lost(platform):
    platform.answers[EVENTS] = lambda question: {"results": [], "links": {}}
    old = (NOW - timedelta(days=12)).isoformat()
    pages = await pages_of(EventsPoller, platform, {"until": old})
    assert platform.asked[0][1]["from"] == "2026-11-16T12:00:00Z"
    lost = {"lost_from": old, "lost_before": (NOW - timedelta(days=10)).isoformat()}
    assert pages[-1].cursor == {**lost, "until": at(1)}
    later = await pages_of(EventsPoller, platform, pages[-1].cursor, NOW + timedelta(minutes=5))
    assert later[-1].cursor == {**lost, "until": at(-4)}


async def test_the_first_time_goes_back_a_day_and_soon_after_nothing_is_asked(platform):
    platform.answers[EVENTS] = lambda question: {"results": [], "links": {}}
    pages = await pages_of(EventsPoller, platform, None)
    assert platform.asked[0][1]["from"] == "2026-11-25T11:50:00Z"
    assert len(pages) == 24
    assert await pages_of(EventsPoller, platform, pages[-1].cursor) == []


async def test_too_many_is_waited_for_and_a_fault_is_tried_twice_more(platform):
    fine = {"results": [], "links": {}}
    platform.answers[EVENTS] = [(429, {"Retry-After": "3600"}), (500, {}), (429, {}), (503, {}), fine]
    assert len(await pages_of(EventsPoller, platform, {"until": at(31)})) == 1
    assert len(platform.asked) == 5


@pytest.mark.parametrize(
    ("answers", "permanent", "asked", "words"),
    [
        ([(500, {})] * 9, False, 3, "HTTP status 500"),
        ([(429, {"Retry-After": "never"})] * 9, False, 4, "asks for patience"),
        ([(420, {})] * 9, False, 4, "asks for patience"),
        ([(403, {})], True, 1, "check [sources.sparkpost-events] key"),
        ([(421, {})], True, 1, "another region"),
        ([(400, {})], True, 1, "HTTP status 400"),
        ([(302, {"Location": "https://elsewhere.example/"})], True, 1, "HTTP status 302"),
        ([b"<html>", {}], False, 1, "holds no results"),
        ([{"results": [], "links": {"next": "http://[/?cursor=x"}}], False, 1, "a link that is none"),
        ([{"results": [], "links": {"next": "?cursor=x"}}] * 9, False, 2, "the same page for ever"),
    ],
)
async def test_what_does_not_pass_is_said_in_a_sentence_without_the_key(platform, answers, permanent, asked, words):
    platform.answers[EVENTS] = list(answers)
    with pytest.raises(SourceFailed) as failure:
        await pages_of(EventsPoller, platform, {"until": at(31)})
    assert failure.value.permanent is permanent
    assert words in str(failure.value)
    assert KEY not in str(failure.value)
    assert len(platform.asked) == asked


async def test_a_wrong_key_is_permanent_and_not_shown(platform):
    with pytest.raises(SourceFailed) as failure:
        await pages_of(EventsPoller, platform, None, key="wr0ng")
    assert failure.value.permanent
    assert "wr0ng" not in str(failure.value)


async def test_nobody_there_is_for_now(platform):
    url = platform.url
    platform.server_close()
    poller = EventsPoller(api({"key": KEY, "url": url}, "sparkpost-events", QUICK), timedelta(minutes=5))
    with pytest.raises(SourceFailed, match="cannot be reached") as failure:
        [page async for page in poller.pages(None, NOW)]
    assert not failure.value.permanent
    await poller.close()


async def test_a_day_of_metrics_is_one_page_for_each_ip_that_had_mail(platform):
    def by_provider(question):
        return {
            "results": [
                {"mailbox_provider": "Gmail", "count_sent": 10 if question["sending_ips"] == "192.0.2.10" else 5}
            ]
        }

    platform.answers[f"{METRICS}/sending-ip"] = lambda question: {
        "results": [{"sending_ip": ip, "count_sent": 1} for ip in ("192.0.2.10", "192.0.2.11")]
        if question["from"] == "2026-11-25T00:00"
        else []
    }
    platform.answers[f"{METRICS}/mailbox-provider"] = by_provider
    cursor = {"until": "2026-11-25"}
    pages = await pages_of(MetricsPoller, platform, cursor, source="sparkpost-metrics")
    assert [page.cursor["until"] for page in pages] == ["2026-11-25"] * 4 + ["2026-11-26"]
    measures = [item for page in pages for item in read(METRICS_SOURCE, page.body)]
    assert [(each.ip, each.provider, each.attempted) for each in measures] == [
        ("192.0.2.10", "Gmail", 10),
        ("192.0.2.11", "Gmail", 5),
    ]
    assert {(each.starts_at, each.lasts_for, each.as_of) for each in measures} == {
        (datetime(2026, 11, 25, tzinfo=UTC), timedelta(days=1), NOW)
    }
    days = [question["from"] for path, question in platform.asked if path.endswith("sending-ip")]
    assert days == ["2026-11-22T00:00", "2026-11-23T00:00", "2026-11-24T00:00", "2026-11-25T00:00"]
    assert {question["timezone"] for _, question in platform.asked} == {"UTC"}


async def test_metrics_beyond_six_months_are_lost_and_the_first_time_goes_back_a_month(platform):
    platform.answers[f"{METRICS}/sending-ip"] = lambda question: {"results": []}
    pages = await pages_of(MetricsPoller, platform, {"until": "2026-01-01"}, source="sparkpost-metrics")
    assert pages[-1].cursor == {"lost_from": "2026-01-01", "lost_before": "2026-05-30", "until": "2026-11-26"}
    platform.asked.clear()
    await pages_of(MetricsPoller, platform, None, source="sparkpost-metrics")
    assert platform.asked[0][1]["from"] == "2026-10-27T00:00"


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({}, "key"),
        ({"key": " "}, "key"),
        ({"key": "k\ney"}, "key"),
        ({"key": "k", "url": "http://api.sparkpost.com"}, "url"),
        ({"key": "k", "url": "https://user:p4ss@api.example"}, "url"),
        ({"key": "k", "url": "https://api.example/other"}, "url"),
        ({"key": "k", "url": "https://["}, "url"),
        ({"key": "k", "url": "api.sparkpost.com"}, "url"),
    ],
)
def test_settings_that_do_not_suffice_are_named(settings, place):
    with pytest.raises(ConfigError) as error:
        open_events_poller(settings)
    (fault,) = error.value.faults
    assert fault.place == f"[sources.sparkpost-events] {place}"
    assert "p4ss" not in str(error.value)


@pytest.mark.parametrize("url", ["https://api.eu.sparkpost.com", "https://api.eu.sparkpost.com/api/v1/"])
def test_the_european_house_is_a_setting(url):
    assert api({"key": "k", "url": url}, "sparkpost-events").origin == "https://api.eu.sparkpost.com"
    assert open_metrics_poller({"key": "k", "every": timedelta(hours=2)}).every == timedelta(hours=2)


async def test_the_platforms_inventory_is_read_whole(platform):
    platform.answers |= {
        "/api/v1/sending-ips": {
            "results": [
                {"external_ip": "192.0.2.10", "ip_pool": "news", "auto_warmup_enabled": True, "auto_warmup_stage": 5},
                {"external_ip": "192.0.2.11", "ip_pool": "", "auto_warmup_enabled": False, "hostname": "mta2.example"},
            ]
        },
        "/api/v1/ip-pools": {
            "results": [
                {"id": "news", "name": "News", "signing_domain": "acme.example", "auto_warmup_overflow_pool": "warm"},
                {"id": "default", "name": "Default", "auto_warmup_overflow_pool": "shared pool"},
                {"id": "warm", "name": "Warm", "auto_warmup_overflow_pool": ""},
            ]
        },
        "/api/v1/subaccounts": {"results": [{"id": 12, "name": "Acme", "status": "active"}]},
        "/api/v1/sending-domains": {
            "results": [{"domain": "Acme.example", "subaccount_id": 12}, {"domain": "esp.example", "subaccount_id": 0}]
        },
        "/api/v1/tracking-domains": {"results": [{"domain": "links.acme.example", "subaccount_id": 12}]},
    }
    found = await read_platform({"key": KEY, "url": platform.url}, NOW)
    assert (found.platform, found.read_at) == ("sparkpost", NOW)
    assert found.ips == (PlatformIp("192.0.2.10", "news", 5), PlatformIp("192.0.2.11", None))
    assert found.pools == (
        PlatformPool("news", "News", "warm"),
        PlatformPool("default", "Default", "shared pool"),
        PlatformPool("warm", "Warm"),
    )
    assert found.subaccounts == (PlatformSubaccount("12", "Acme", "active"),)
    assert found.domains == (
        PlatformDomain("acme.example", (DomainRole.FROM, DomainRole.DKIM), "12"),
        PlatformDomain("esp.example", (DomainRole.FROM, DomainRole.DKIM), None),
        PlatformDomain("links.acme.example", (DomainRole.LINK,), "12"),
    )


@pytest.mark.parametrize(
    "ips", [{"results": {}}, {"results": ["x"]}, {"results": [{"external_ip": "?"}]}, {"results": [{}]}, (403, {})]
)
async def test_a_part_that_cannot_be_read_is_a_failure_and_no_empty_list(platform, ips):
    for part in ("ip-pools", "subaccounts", "sending-domains", "tracking-domains"):
        platform.answers[f"/api/v1/{part}"] = {"results": []}
    platform.answers["/api/v1/sending-ips"] = lambda question: ips
    with pytest.raises(SourceFailed):
        await read_platform({"key": KEY, "url": platform.url}, NOW)


async def stage_read(platform, **fields):
    for part in ("ip-pools", "subaccounts", "sending-domains", "tracking-domains"):
        platform.answers[f"/api/v1/{part}"] = {"results": []}
    platform.answers["/api/v1/sending-ips"] = {"results": [{"external_ip": "2001:DB8:0::10", **fields}]}
    (ip,) = (await read_platform({"key": KEY, "url": platform.url}, NOW)).ips
    assert ip.address == "2001:db8::10"
    return ip.warmup_stage


async def test_a_stage_counts_only_while_the_warmup_is_on(platform):
    assert await stage_read(platform, auto_warmup_enabled=True, auto_warmup_stage=1) == 1
    assert await stage_read(platform, auto_warmup_enabled=True, auto_warmup_stage="29") == 29
    assert await stage_read(platform, auto_warmup_enabled=True) is None
    assert await stage_read(platform, auto_warmup_enabled=False, auto_warmup_stage=5) is None


@pytest.mark.parametrize("stage", [0, 30, -1, "five", 2.5, [1]])
async def test_a_stage_that_is_none_makes_the_answer_unreadable(platform, stage):
    with pytest.raises(SourceFailed, match="auto_warmup_stage"):
        await stage_read(platform, auto_warmup_enabled=True, auto_warmup_stage=stage)
