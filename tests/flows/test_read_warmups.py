"""The daily reading of what platforms say of their own warm-ups: kept, once a day, and told where nobody planned it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from deliverwatch.core.errors import ConfigError, Fault, SourceFailed
from deliverwatch.core.events import EventKind
from deliverwatch.core.platform import PlatformIp, PlatformPool, PlatformSnapshot
from deliverwatch.core.receivers import Routing
from deliverwatch.core.source_condition import SourceCondition
from deliverwatch.core.warmup.plan import PlanBasis, Stage, WarmupPlan
from deliverwatch.core.warmup.run import Reading, RunEnd, WarmupRun
from deliverwatch.flows.read_platform import read_nightly
from deliverwatch.flows.read_warmups import job_of, keep_and_tell, read_daily
from deliverwatch.flows.warmup_ports import PlanVersion, WarmupChanges
from deliverwatch.intake import Intake
from deliverwatch.settings import load_settings
from deliverwatch.store import open_store
from flows.rounds import LEASE, OPS, MovedClock, hold
from sources.platform_server import start_platform

DAY = timedelta(days=1)
IP, OTHERS, NOBODYS = "192.0.2.10", "198.51.100.7", "198.51.100.99"
PLATFORM = "sendgrid"
PLAN = WarmupPlan(
    "two",
    "Two days",
    "nobody",
    PlanBasis.CALENDAR_DAY,
    (Stage(100), Stage(200)),
    "made for the tests",
    date(2026, 11, 1),
)


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/here.db")
    await hold(store)
    yield store
    await store.close()


@pytest.fixture
def clock():
    return MovedClock()


def says(stages, pool="p1", **more):
    async def read(now):
        return [
            Reading(PLATFORM, ip, now.date(), now, warming=True, stage=stage, pool=pool, **more)
            for ip, stage in stages.items()
        ]

    return read


def fails(failure):
    async def read(now):
        raise failure

    return read


async def daily(store, clock, read, only=True):
    return await read_daily(store, PLATFORM, read, clock, Routing((OPS,)), LEASE, lists_only_warming=only)


async def kept(store, ip=IP):
    return [(each.on.day, each.warming, each.stage) for each in await store.readings(date.min, {ip})]


async def told(store):
    return await store.events([EventKind.WARMUP_UNPLANNED])


async def start(store, clock, ip=IP):
    now = clock.now()
    run = WarmupRun(f"run-{ip}", ip, "acme", PLAN, 1, "hash", "UTC", now.date(), now)
    await store.add_warmup(WarmupChanges(run, agreed=PlanVersion(run.id, 1, PLAN, now, "sam", "agreed")))
    return run


async def test_once_a_utc_day_and_every_day_is_kept(store, clock):
    assert len(await daily(store, clock, says({IP: 1}))) == 1
    clock.advance(LEASE + timedelta(seconds=1))
    assert await daily(store, clock, says({IP: 9})) is None
    clock.advance(DAY)
    await daily(store, clock, says({IP: 2}))
    assert await kept(store) == [(18, True, 1), (19, True, 2)]
    assert (await store.source_states())[job_of(PLATFORM)].last_ingest_at.day == 19
    assert PLATFORM not in await store.source_states(), "whether its mail is known is another matter"


@pytest.mark.parametrize(
    "failure",
    [
        SourceFailed("the platform answered 503", permanent=False),
        ConfigError(Fault("", "[sources.sendgrid] url", "the platform answered 503")),
    ],
)
async def test_a_platform_that_fails_leaves_the_day_unknown_and_is_tried_again(store, clock, failure):
    await daily(store, clock, says({IP: 1}))
    clock.advance(DAY)
    assert await daily(store, clock, fails(failure)) is None
    assert "the platform answered 503" in (await store.source_states())[job_of(PLATFORM)].failure
    assert await kept(store) == [(18, True, 1)], "nothing is said of an address because nothing was said"
    assert await daily(store, clock, says({IP: 2})) is None, "the lease of the failed try still runs"
    clock.advance(LEASE + timedelta(seconds=1))
    await daily(store, clock, says({IP: 2}))
    assert await kept(store) == [(18, True, 1), (19, True, 2)]
    assert (await store.source_states())[job_of(PLATFORM)].failure is None


async def test_what_is_listed_no_longer_is_over_however_long_nothing_was_read(store, clock):
    await daily(store, clock, says({IP: 1, OTHERS: 1}))
    clock.advance(9 * DAY)
    await daily(store, clock, says({OTHERS: 9}))
    assert await kept(store) == [(18, True, 1), (27, False, None)]
    clock.advance(DAY)
    await daily(store, clock, says({OTHERS: 10}))
    assert await kept(store) == [(18, True, 1), (27, False, None)], "it is told once"


async def test_where_all_addresses_are_listed_a_missing_one_is_unknown(store, clock):
    await daily(store, clock, says({IP: 1}), only=False)
    clock.advance(DAY)
    await daily(store, clock, says({}), only=False)
    assert await kept(store) == [(18, True, 1)]


async def test_an_unplanned_warmup_is_told_once_to_whoever_it_concerns(store, clock):
    for stage in (4, 5, 6):
        await daily(store, clock, says({IP: stage, NOBODYS: 1}))
        clock.advance(DAY)
    (event,) = await told(store)
    assert event.key == "warmup_unplanned/sendgrid/192.0.2.10/2026-11-18"
    assert event.subject.value == IP
    assert event.facts == {"platform": PLATFORM, "stage": 4, "pool": "p1", "parties": ["acme"]}
    lines = [line.notification for line in await store.outbox()]
    assert OPS in [each.recipient for each in lines]
    assert {each.event_key for each in lines} == {event.key}
    assert {each.customers for each in lines} == {("acme",)}


async def test_another_warmup_of_the_same_address_is_told_again(store, clock):
    for stages in ({IP: 1}, {}, {IP: 1}):
        await daily(store, clock, says(stages))
        clock.advance(DAY)
    assert [event.key[-10:] for event in await told(store)] == ["2026-11-20", "2026-11-18"]


async def test_one_that_has_a_run_is_no_news_nor_when_the_run_ends_before_the_platform_does(store, clock):
    run = await start(store, clock)
    await daily(store, clock, says({IP: 1}))
    clock.advance(DAY)
    ended = replace(run, ended=RunEnd.FINISHED, ended_on=clock.now().date())
    await store.commit_warmup(WarmupChanges(ended))
    await daily(store, clock, says({IP: 2}))
    assert await told(store) == []
    clock.advance(DAY)
    await daily(store, clock, says({}))
    clock.advance(DAY)
    await daily(store, clock, says({IP: 1}))
    assert [event.key[-10:] for event in await told(store)] == ["2026-11-21"]


async def test_the_nightly_inventory_keeps_what_the_platform_says_of_every_address(store, clock):
    async def read(now):
        ips = (PlatformIp(IP, "p1", 5), PlatformIp(OTHERS, "p1"))
        return PlatformSnapshot("sparkpost", now, ips, (PlatformPool("p1", "acme-news"),))

    await read_nightly(store, read, clock, Routing((OPS,)), LEASE, apply=False)
    assert await kept(store) == [(18, True, 5)]
    assert await kept(store, OTHERS) == [(18, False, None)]
    (event,) = await told(store)
    assert event.facts == {"platform": "sparkpost", "stage": 5, "pool": "p1", "parties": ["acme"]}


async def test_that_an_address_is_not_warming_is_kept_once(store, clock):
    for stage in (None, None, 1, 2, None, None):
        await keep_and_tell(store, [reading(clock, IP, stage)], clock.now(), Routing((OPS,)))
        clock.advance(DAY)
    assert await kept(store) == [(18, False, None), (20, True, 1), (21, True, 2), (22, False, None)]


async def test_where_a_run_is_under_way_it_is_kept_of_each_day(store, clock):
    await start(store, clock)
    for _ in range(2):
        await keep_and_tell(store, [reading(clock, IP, None)], clock.now(), Routing((OPS,)))
        clock.advance(DAY)
    assert await kept(store) == [(18, False, None), (19, False, None)]


async def test_a_warm_up_that_never_ends_is_not_told_again_after_a_year(store, clock):
    now, always = clock.now(), reading(clock, IP, 1)
    before = [now - number * DAY for number in range(1, 403)]
    await store.keep_readings([always._replace(on=at.date(), read_at=at) for at in before])
    await keep_and_tell(store, [reading(clock, IP, 1)], clock.now(), Routing((OPS,)))
    assert await told(store) == []


def reading(clock, ip, stage):
    now = clock.now()
    return Reading("sparkpost", ip, now.date(), now, warming=stage is not None, stage=stage)


async def test_the_platforms_that_have_a_key_are_read_and_how_they_are_is_shown(store, clock, tmp_path):
    with start_platform("Bearer bk_eu1_k3y") as platform:
        config = tmp_path / "deliverwatch.toml"
        config.write_text(f"""
[sources.sendgrid]
key = "MFkw"
api_key = "wr0ng"
url = "{platform.url}"
[sources.mailgun]
secret = "signs"
[sources.bird-webhook]
key = "bk_eu1_k3y"
url = "{platform.url}"
""")
        platform.answers["/v1/organization/dedicated-ips"] = {"data": [{"address": IP, "status": "warming"}]}
        intake = Intake(load_settings(config, {}), store, clock, [], Routing((OPS,)), LEASE)
        jobs = intake.warmup_jobs()
        assert list(jobs) == ["sendgrid", "bird"]
        for job in jobs.values():
            await job()
    assert await kept(store) == [(18, True, None)]
    (failure,) = (await intake.warmup_failures()).items()
    assert failure[0] == "SendGrid's warm-ups"
    assert "check [sources.sendgrid] api_key" in failure[1]
    assert "wr0ng" not in failure[1]
    health = {each.title: each.condition for each in await intake.health()}
    assert health["SendGrid's warm-ups"] is SourceCondition.FAILING
    assert health["Bird's warm-ups"] is SourceCondition.FINE
    assert "Mailgun's warm-ups" not in health
    clock.advance(timedelta(days=3))
    health = {each.title: each.condition for each in await intake.health()}
    assert health["Bird's warm-ups"] is SourceCondition.SILENT
