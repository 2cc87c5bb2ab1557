"""The sandbox's mail log, read by the reader that the daemon follows it with."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

from deliverwatch.core.delivery import DeliveryOutcome
from deliverwatch.flows.source_ports import ReaderOptions
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.sandbox.sending import TROUBLES, send
from deliverwatch.sandbox.warming import RAMPS
from deliverwatch.sources.registry import SOURCES

BEGAN_AT = datetime(2026, 11, 19, 13, tzinfo=UTC)


async def written(file, until):
    """What was sent from the beginning on, and what was told."""
    told = []
    clock = SteppedClock(BEGAN_AT)
    sending = asyncio.create_task(send(file, clock, BEGAN_AT, lambda at, words: told.append((at, words))))
    while clock.now() < BEGAN_AT + until:
        await asyncio.sleep(0)
        clock.advance(timedelta(minutes=30))
    await asyncio.sleep(0)
    sending.cancel()
    reader = SOURCES["powermta"].reader(ReaderOptions(clock.now(), UTC))
    return list(reader.read(file.read_bytes())), told


async def test_it_is_read_without_a_rejection_and_holds_the_troubles_it_tells_of(tmp_path):
    events, told = await written(tmp_path / "acct.csv", timedelta(hours=62))
    assert {type(each).__name__ for each in events} == {"DeliveryEvent"}
    troubled = Counter(
        (each.ip, each.recipient_domain, each.outcome)
        for each in events
        if each.outcome is not DeliveryOutcome.DELIVERED
    )
    assert troubled == {
        ("192.0.2.10", "hotmail.com", DeliveryOutcome.BOUNCED): 26 * 20,
        ("203.0.113.1", "yahoo.com", DeliveryOutcome.DEFERRED): 20 * 2,
        ("198.51.100.20", "gmail.com", DeliveryOutcome.BOUNCED): 2 * 2,
        ("198.51.100.35", "hotmail.com", DeliveryOutcome.BOUNCED): 219,
    }
    assert all(each.speaker.value == "receiver" and each.reply for each in events if each.outcome.value != "delivered")
    assert told[0] == (BEGAN_AT + TROUBLES[0].begins, TROUBLES[0].begins_in_words)
    assert len(told) == 6


async def test_an_address_that_is_warmed_up_sends_what_its_table_says_and_spreads_it_over_the_day(tmp_path):
    events, _ = await written(tmp_path / "acct.csv", timedelta(hours=62))
    ramp = RAMPS[0]
    sent = Counter(each.at.date() for each in events if each.ip == ramp.ip)
    begins = BEGAN_AT.date() + ramp.begins * timedelta(days=1)
    assert [sent[begins + number * timedelta(days=1)] for number in range(-1, 5)] == [0, *ramp.per_day[:5]]
    hours = Counter(each.at.hour for each in events if each.ip == ramp.ip and each.at.date() == begins)
    assert len(hours) == 24


async def test_two_weeks_lie_behind_and_nothing_is_written_ahead(tmp_path):
    events, _ = await written(tmp_path / "acct.csv", timedelta(hours=1))
    times = [each.at for each in events]
    assert min(times) == BEGAN_AT - timedelta(days=14)
    assert BEGAN_AT - timedelta(hours=1) < max(times) < BEGAN_AT + timedelta(hours=1)
