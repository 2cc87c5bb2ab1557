"""The likely cause of what is open is kept once."""

from datetime import timedelta

from deliverwatch.core.delivery import Measure
from deliverwatch.flows.delivery_ports import IngestBatch
from deliverwatch.flows.find_causes import find_causes
from flows.test_judge import HOUR, Log, clock, judge, store  # noqa: F401 - fixtures
from samples import NOON

DAY = timedelta(days=1)
IP = "192.0.2.10"


async def test_what_changed_before_a_block_is_kept_with_it(store, clock):  # noqa: F811
    await Log().mail("192.0.2.10", -10 * 24, 1000).mail("192.0.2.10", -24, 5000).into(store, clock)
    await Log().said("192.0.2.10", bounced=900).into(store, clock)
    await judge(store, clock)
    assert await find_causes(store, clock, {}) == 1
    assert await find_causes(store, clock, {}) == 0
    (block,) = await store.episodes()
    assert [(each["what"], each["factor"]) for each in block.cause["changes"]] == [("volume", 5.0)]
    clock.advance(HOUR)
    await Log().said("192.0.2.10", hour=1, bounced=900).into(store, clock)
    await judge(store, clock)
    (after,) = await store.episodes()
    assert after.cause == block.cause


async def test_it_is_waited_for_while_logs_may_come(store, clock):  # noqa: F811
    await Log().said("192.0.2.10", bounced=900).into(store, clock)
    await judge(store, clock)
    assert await find_causes(store, clock, {}) == 0
    assert await store.causes() == {}
    clock.advance(timedelta(days=3))
    await find_causes(store, clock, {})
    assert list((await store.causes()).values()) == [{}]
    await Log().mail("192.0.2.10", -10, 1000).into(store, clock)
    clock.advance(timedelta(days=1))
    assert await find_causes(store, clock, {}) == 0


async def test_a_day_later_it_is_looked_for_once_more(store, clock):  # noqa: F811
    """The log was read by half."""
    await Log().mail("192.0.2.10", -10 * 24, 1000).mail("192.0.2.10", -24, 1100).into(store, clock)
    await Log().said("192.0.2.10", bounced=900).into(store, clock)
    await judge(store, clock)
    assert await find_causes(store, clock, {}) == 1
    await Log("exim").mail("192.0.2.10", -30 * 24, 1).into(store, clock)
    await Log().mail("192.0.2.10", -23, 3900).into(store, clock)
    clock.advance(timedelta(hours=23))
    assert await find_causes(store, clock, {}) == 0
    clock.advance(timedelta(hours=1))
    assert await find_causes(store, clock, {}) == 1
    (block,) = await store.episodes()
    assert [(each["what"], each["factor"]) for each in block.cause["changes"]] == [("volume", 5.0)]
    clock.advance(timedelta(days=2))
    assert await find_causes(store, clock, {}) == 0


async def test_what_ended_before_anybody_looked_has_one_too(store, clock):  # noqa: F811
    await Log().mail("192.0.2.10", -10 * 24, 1000).mail("192.0.2.10", -24, 5000).into(store, clock)
    log = Log().said("192.0.2.10", bounced=900).mail("192.0.2.10", 1, delivered=50)
    await log.mail("192.0.2.10", 5, delivered=50).into(store, clock)
    clock.advance(6 * HOUR)
    await judge(store, clock)
    assert await find_causes(store, clock, {}) == 1
    (block,) = await store.episodes()
    assert block.closed_at is not None
    assert block.cause["changes"]


async def test_of_what_ended_long_ago_there_is_none(store, clock):  # noqa: F811
    log = Log().mail("192.0.2.10", -24, 5000).said("192.0.2.10", bounced=900).mail("192.0.2.10", 1, delivered=50)
    await log.mail("192.0.2.10", 5, delivered=50).into(store, clock)
    clock.advance(6 * HOUR)
    await judge(store, clock)
    clock.advance(timedelta(days=15))
    assert await find_causes(store, clock, {}) == 0


async def test_a_platforms_own_counts_tell_of_the_weeks_too(store, clock):  # noqa: F811
    midnight = NOON - timedelta(hours=12)
    days = [
        Measure(midnight - number * DAY, DAY, IP, attempted=1000 if number > 7 else 5000) for number in range(1, 15)
    ]
    await store.commit_ingest(IngestBatch("metrics", "metrics", clock.now(), measures=days))
    await Log().said(IP, bounced=900).into(store, clock)
    await judge(store, clock)
    await find_causes(store, clock, {})
    (block,) = await store.episodes()
    assert [(each["what"], each["factor"]) for each in block.cause["changes"]] == [("volume", 5.0)]
