"""A batch of looks against the strict fake nameserver: what the test points allow to be said."""

from datetime import timedelta

import pytest

from deliverwatch.core.blocklist import Outcome
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.look import look_at_list, look_through
from deliverwatch.lookup.aiodns_resolver import AiodnsLookups
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.sandbox.zones import Mode, Zone, list_subject, zone_for
from samples import NOON
from samples import SAMPLE_LIST as BLOCKLIST

BAD, GOOD, SIX = parse_subject("192.0.2.10"), parse_subject("192.0.2.11"), parse_subject("2001:db8::10")


@pytest.fixture
def zone():
    zone = zone_for(BLOCKLIST)
    list_subject(zone, BLOCKLIST, BAD, "127.0.0.2", txt="seen in a trap")
    return zone


@pytest.fixture
async def nameserver(start_nameserver, zone):
    return await start_nameserver(zone)


@pytest.fixture
def clock():
    return SteppedClock(NOON)


def lookups(*servers):
    return AiodnsLookups([server.address for server in servers], timeout_for=timedelta(milliseconds=300))


async def batch_of(nameserver, clock, *subjects):
    return await look_at_list(lookups(nameserver), clock, BLOCKLIST, subjects, nameserver.address)


def outcomes(batch):
    return {subject.value: look.verdict.outcome for subject, look in batch.looks.items()}


async def test_a_list_that_is_well_is_believed(nameserver, clock):
    batch = await batch_of(nameserver, clock, BAD, GOOD, SIX)
    assert outcomes(batch) == {"192.0.2.10": "listed", "192.0.2.11": "clear", "2001:db8::10": "clear"}
    assert batch.looks[BAD].reason == "seen in a trap"
    assert batch.looks[BAD].ttl_for == timedelta(minutes=5)
    assert batch.test.passed


async def test_test_points_are_asked_before_and_after_at_the_server(nameserver, clock):
    await batch_of(nameserver, clock, GOOD)
    assert nameserver.times_asked("2.0.0.127.bl.sample.example") == 2
    assert nameserver.times_asked("1.0.0.127.bl.sample.example") == 2
    assert nameserver.times_asked("11.2.0.192.bl.sample.example") == 1


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [
        (Mode.LISTS_THE_WORLD, Outcome.NONSENSE),
        (Mode.EMPTY, Outcome.NONSENSE),
        (Mode.NODATA, Outcome.NONSENSE),
        (Mode.OUTSIDE, Outcome.NONSENSE),
        (Mode.SERVFAIL, Outcome.UNREACHABLE),
        (Mode.SILENT, Outcome.UNREACHABLE),
        (Mode.REFUSED, Outcome.REFUSED),
    ],
)
async def test_a_list_that_is_not_well_says_nothing(nameserver, zone, clock, mode, outcome):
    zone.mode = mode
    batch = await batch_of(nameserver, clock, BAD, GOOD)
    assert set(outcomes(batch).values()) == {outcome}
    assert not any(look.verifiable for look in batch.looks.values())


async def test_a_list_that_fails_beforehand_is_not_asked_about_subjects(nameserver, zone, clock):
    zone.mode = Mode.LISTS_THE_WORLD
    await batch_of(nameserver, clock, BAD)
    assert nameserver.times_asked("10.2.0.192.bl.sample.example") == 0


class EmptiesItself(Zone):
    """Goes empty right after the subject was asked about."""

    def mode_at(self, label):
        mode = super().mode_at(label)
        if label == "11.2.0.192":
            self.mode = Mode.EMPTY
        return mode


async def test_a_list_that_breaks_during_the_batch_voids_it(start_nameserver, zone, clock):
    nameserver = await start_nameserver(EmptiesItself(zone.name, zone.records))
    batch = await batch_of(nameserver, clock, GOOD)
    assert outcomes(batch) == {"192.0.2.11": "nonsense"}
    assert "must be listed and is not" in batch.test.detail


async def test_each_kind_stands_on_its_own_test_points(nameserver, zone, clock):
    zone.unlist("2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0")
    batch = await batch_of(nameserver, clock, BAD, SIX)
    assert outcomes(batch) == {"192.0.2.10": "listed", "2001:db8::10": "nonsense"}


async def test_one_silent_name_is_no_verdict_on_the_others(nameserver, zone, clock):
    zone.misbehave("11.2.0.192", Mode.SILENT)
    batch = await batch_of(nameserver, clock, BAD, GOOD)
    assert outcomes(batch) == {"192.0.2.10": "listed", "192.0.2.11": "unreachable"}


async def test_another_path_is_taken_when_the_first_fails(start_nameserver, nameserver, clock):
    empty = zone_for(BLOCKLIST)
    empty.mode = Mode.EMPTY
    lying = await start_nameserver(empty)
    both = lookups(lying, nameserver)
    batches = await look_through(both, clock, BLOCKLIST, [BAD], both.paths)
    assert [batch.path for batch in batches] == [lying.address, nameserver.address]
    assert outcomes(batches[-1]) == {"192.0.2.10": "listed"}


async def test_when_no_path_is_well_the_first_one_counts(start_nameserver, zone, clock):
    zone.mode = Mode.REFUSED
    first, second = await start_nameserver(zone), await start_nameserver(zone)
    both = lookups(first, second)
    batches = await look_through(both, clock, BLOCKLIST, [BAD], both.paths)
    assert batches[-1].path == first.address
    assert outcomes(batches[-1]) == {"192.0.2.10": "refused"}
