"""What platforms say of their own warm-ups: read whole or not at all, and no key in any sentence."""

import json
from base64 import b64encode
from datetime import date, datetime, timedelta, timezone

import pytest

from deliverwatch.core.errors import ConfigError, SourceFailed
from deliverwatch.core.warmup.run import Reading
from deliverwatch.sources import bird_warmup, mailgun_warmup, sendgrid_warmup
from deliverwatch.sources.warmup_registry import WARMUP_SOURCES
from sources.platform_server import start_platform
from sources.receivers import NOW

KEY = "bk_eu1_k3y-of-the-platform"
BEARER, BASIC = f"Bearer {KEY}", "Basic " + b64encode(f"api:{KEY}".encode()).decode()
SENDGRID, MAILGUN, BIRD = "/v3/ips/warmup", "/v3/ip_warmups", "/v1/organization/dedicated-ips"
TODAY = NOW.date()


@pytest.fixture
def platform():
    with start_platform(BEARER) as platform:
        yield platform


@pytest.fixture
def mailgun(platform):
    platform.authorization = BASIC
    return platform


async def sendgrid_says(platform, answer, now=NOW):
    platform.answers[SENDGRID] = [answer]
    return await sendgrid_warmup.read_warmups({"api_key": KEY, "key": "MFkw", "url": platform.url}, now)


async def mailgun_says(platform, *pages, **details):
    platform.answers[MAILGUN] = list(pages)
    for ip, answer in details.pop("details", {}).items():
        platform.answers[f"{MAILGUN}/{ip}"] = lambda question, answer=answer: answer
    return await mailgun_warmup.read_warmups({"api_key": KEY, "secret": "s", "url": platform.url}, NOW)


async def bird_says(platform, *pages):
    platform.answers[BIRD] = list(pages)
    return await bird_warmup.read_warmups({"key": KEY, "url": platform.url}, NOW)


def seconds_ago(**span):
    return int((NOW - timedelta(**span)).timestamp())


async def test_sendgrid_tells_when_it_began_and_the_stage_is_the_day_of_its_table(platform):
    found = await sendgrid_says(
        platform,
        [
            {"ip": "192.0.2.10", "start_date": seconds_ago(hours=1)},
            {"ip": "192.0.2.11", "start_date": seconds_ago(days=1)},
            {"ip": "2001:DB8:0:0::0011", "start_date": str(seconds_ago(days=29, hours=23))},
            {"ip": "192.0.2.13", "start_date": seconds_ago(minutes=-5)},
        ],
    )
    assert [(each.ip, each.stage) for each in found] == [
        ("192.0.2.10", 1),
        ("192.0.2.11", 2),
        ("2001:db8::11", 30),
        ("192.0.2.13", 1),
    ]
    assert found[1] == Reading(
        "sendgrid", "192.0.2.11", TODAY, NOW, warming=True, stage=2, started_on=TODAY - timedelta(days=1)
    )
    assert await sendgrid_says(platform, []) == []


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b'[{"ip": "192.0.2.10", "start_date": 1',
        {"errors": []},
        None,
        ["192.0.2.10"],
        [{"ip": "192.0.2.10"}],
        [{"start_date": 1795000000}],
        [{"ip": "somebody@mail.example", "start_date": 1795000000}],
        [{"ip": "192.0.2.10", "start_date": 1795000000}, {"ip": "192.0.2.11", "start_date": 0}],
        [{"ip": "192.0.2.10", "start_date": "soon"}],
        [{"ip": "192.0.2.10", "start_date": True}],
        [{"ip": "192.0.2.10", "start_date": 1999999999}],
    ],
)
async def test_of_sendgrid_all_is_read_or_nothing(platform, answer):
    with pytest.raises(SourceFailed) as failure:
        await sendgrid_says(platform, b"null" if answer is None else answer)
    assert not failure.value.permanent
    assert "SendGrid's API answered about warm-ups with something that cannot be read" in str(failure.value)
    assert "somebody" not in str(failure.value)


def listed(ip, stage):
    return {"ip": ip, "sent_within_stage": "20%", "throttle": 78, "stage_number": stage, "stage_volume_limit": 4000}


def detailed(stage, began="2026-11-20T10:00:00.123456789Z"):
    details = {"stage": stage, "stage_number": stage, "stage_limit": 4000, "total_stages": 15, "plan_started_at": began}
    return {"details": {**details, "stage_history": [{"first_updated_at": "0001-01-01T00:00:00Z"}]}}


async def test_mailgun_is_read_page_by_page_and_address_by_address(mailgun):
    found = await mailgun_says(
        mailgun,
        {"items": [listed("192.0.2.10", 3)], "paging": {"next": "https://elsewhere.example/v3/x?page=two&limit=1"}},
        {"items": [listed("2001:DB8:0::1", "4")], "paging": {"next": "https://elsewhere.example/v3/x?page=three"}},
        {"items": None, "paging": {"next": "https://elsewhere.example/v3/x?page=three"}},
        details={"192.0.2.10": detailed(2), "2001:db8::1": detailed(3, "0001-01-01T00:00:00Z")},
    )
    began = date(2026, 11, 20)
    assert found == [
        Reading("mailgun", "192.0.2.10", TODAY, NOW, warming=True, stage=3, stages=15, started_on=began),
        Reading("mailgun", "2001:db8::1", TODAY, NOW, warming=True, stage=4, stages=15),
    ]
    assert [question for path, question in mailgun.asked if path == MAILGUN] == [
        {},
        {"page": "two", "limit": "1"},
        {"page": "three"},
    ]


async def test_mailgun_tells_a_stage_by_either_name(mailgun):
    alone = {"items": [{"ip": "192.0.2.10"}], "paging": {}}
    (found,) = await mailgun_says(mailgun, alone, details={"192.0.2.10": {"details": {"stage": 2}}})
    assert found.stage == 2
    (found,) = await mailgun_says(mailgun, alone, details={"192.0.2.10": {"details": {}}})
    assert (found.warming, found.stage, found.stages, found.started_on) == (True, None, None, None)
    assert await mailgun_says(mailgun, {"items": [], "paging": {}}) == []


@pytest.mark.parametrize(
    ("pages", "details"),
    [
        ([b"<html>"], {}),
        ([{}], {}),
        ([{"items": {}}], {}),
        ([{"items": ["x"]}], {}),
        ([{"items": [{"stage_number": 1}]}], {}),
        ([{"items": [listed("192.0.2.10", 0)]}], detailed(1)),
        ([{"items": [listed("192.0.2.10", "third")]}], detailed(1)),
        ([{"items": [listed("192.0.2.10", 1)]}], {"message": "x"}),
        ([{"items": [listed("192.0.2.10", 1)]}], {"details": ["x"]}),
        ([{"items": [listed("192.0.2.10", 1)]}], detailed(1, "yesterday")),
        ([{"items": [listed("192.0.2.10", 1)], "paging": {"next": 5}}], detailed(1)),
        ([{"items": [listed("192.0.2.10", 1)], "paging": {"next": "http://["}}], detailed(1)),
        ([{"items": [listed("192.0.2.10", 1)], "paging": {"next": "next"}}], detailed(1)),
        ([{"items": [listed("192.0.2.10", 1)], "paging": {"next": "?page=two"}}, b'{"items": [{"ip"'], detailed(1)),
        ([{"items": [listed("192.0.2.10", 1)], "paging": {"next": "?page=two"}}, (404, {})], detailed(1)),
        ([{"items": [listed("192.0.2.10", 1)]}], (404, {})),
    ],
)
async def test_of_mailgun_all_is_read_or_nothing(mailgun, pages, details):
    with pytest.raises(SourceFailed, match="Mailgun's API") as failure:
        await mailgun_says(mailgun, *pages, details={"192.0.2.10": details})
    assert KEY not in str(failure.value)


def dedicated(address, status="warming", progress=45, **more):
    return {"id": "dip_1", "address": address, "status": status, "warmup_progress": progress, **more}


async def test_bird_tells_progress_and_no_stage(platform):
    warming = dedicated("192.0.2.10", pool_id="ipp_1", warmup_started_at="2026-11-07T23:30:00-05:00")
    found = await bird_says(
        platform,
        {"data": [warming, dedicated("192.0.2.11", "suspended")], "next_cursor": "Wy&="},
        {"data": [dedicated("2001:DB8:0::1", "active", 100), dedicated("192.0.2.12", progress=None)]},
    )
    assert found[0] == Reading(
        "bird",
        "192.0.2.10",
        TODAY,
        NOW,
        warming=True,
        progress_ratio=0.45,
        pool="ipp_1",
        started_on=date(2026, 11, 8),
    )
    assert [(each.ip, each.warming, each.progress_ratio) for each in found[1:]] == [
        ("2001:db8::1", False, 1.0),
        ("192.0.2.12", True, None),
    ]
    assert [question for _, question in platform.asked] == [
        {"limit": "100"},
        {"limit": "100", "starting_after": "Wy&="},
    ]


@pytest.mark.parametrize(
    "pages",
    [
        [b"[]"],
        [{"data": {}}],
        [{}],
        [{"data": [{"address": "192.0.2.10"}]}],
        [{"data": [dedicated("mta.example")]}],
        [{"data": [dedicated("192.0.2.10", progress=101)]}],
        [{"data": [dedicated("192.0.2.10", progress="half")]}],
        [{"data": [dedicated("192.0.2.10", progress=True)]}],
        [{"data": [], "next_cursor": 7}],
        [{"data": [dedicated("192.0.2.10")], "next_cursor": "two"}, (404, {})],
        [{"data": [dedicated("192.0.2.10")], "next_cursor": "two"}, b'{"data": [{"address": "192.0.2.11"'],
    ],
)
async def test_of_bird_all_is_read_or_nothing(platform, pages):
    with pytest.raises(SourceFailed, match="Bird's API") as failure:
        await bird_says(platform, *pages)
    assert KEY not in str(failure.value)


async def test_pages_that_never_end_are_given_up(platform):
    with pytest.raises(SourceFailed, match="the same page for ever"):
        await bird_says(platform, *[{"data": [], "next_cursor": "two"}] * 5)
    assert len(platform.asked) == 2


@pytest.mark.parametrize("source", WARMUP_SOURCES, ids=lambda source: source.platform)
@pytest.mark.parametrize("status", [401, 403])
async def test_a_refusal_names_the_setting_and_never_the_key(platform, source, status):
    platform.authorization = BASIC if source.platform == "mailgun" else BEARER
    key = "bk_eu1_wr0ng" if status == 401 else KEY
    for path in (SENDGRID, MAILGUN, BIRD):
        platform.answers[path] = lambda question: (403, {})
    with pytest.raises(SourceFailed) as failure:
        await source.read({source.key: key, "url": platform.url}, NOW)
    assert failure.value.permanent
    assert f"HTTP status {status}" in str(failure.value)
    assert f"check [sources.{source.settings_of}] {source.key}" in str(failure.value)
    assert "wr0ng" not in str(failure.value)
    assert "k3y" not in str(failure.value)
    assert len(platform.asked) == 1


@pytest.mark.parametrize("source", WARMUP_SOURCES, ids=lambda source: source.platform)
@pytest.mark.parametrize("more", [{}, {"url": "http://api.example"}, {"url": "https://user:p4ss@api.example"}])
async def test_settings_that_do_not_suffice_are_named(source, more):
    with pytest.raises(ConfigError) as error:
        await source.read({source.key: KEY, **more} if more else {}, NOW)
    (fault,) = error.value.faults
    assert fault.place == f"[sources.{source.settings_of}] {'url' if more else source.key}"
    assert "p4ss" not in str(error.value)
    assert KEY not in str(error.value)


def test_each_platform_has_its_own_house():
    assert sendgrid_warmup.api({"api_key": "k"}).origin == "https://api.sendgrid.com"
    assert mailgun_warmup.api({"api_key": "k"}).origin == "https://api.mailgun.net"
    assert mailgun_warmup.api({"api_key": "k", "url": "https://api.eu.mailgun.net/v3"}).origin == (
        "https://api.eu.mailgun.net"
    )


async def test_days_are_utc_days(platform):
    late = datetime(2026, 11, 26, 20, 30, tzinfo=timezone(timedelta(hours=-5)))
    (found,) = await sendgrid_says(
        platform, json.dumps([{"ip": "192.0.2.10", "start_date": 1795600000}]).encode(), late
    )
    assert found.on == date(2026, 11, 27)
