"""A batch of looks against the strict fake nameserver: what the test points allow to be said."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.verdict import Outcome
from deliverwatch.core.zone_health import TestResult
from deliverwatch.flows.look import look_at_list, look_through
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.sandbox.zones import Mode, Zone, list_subject, zone_for
from flows.rounds import lookups_through
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
    return lookups_through(*servers, timeout_for=timedelta(milliseconds=600))


async def batch_of(nameserver, clock, *subjects, blocklist=BLOCKLIST):
    return await look_at_list(lookups(nameserver), clock, blocklist, subjects, nameserver.address)


def outcomes(batch):
    return {subject.value: look.verdict.outcome for subject, look in batch.looks()}


async def test_a_list_that_is_well_is_believed(nameserver, clock):
    batch = await batch_of(nameserver, clock, BAD, GOOD, SIX)
    assert outcomes(batch) == {"192.0.2.10": "listed", "192.0.2.11": "clear", "2001:db8::10": "clear"}
    look = dict(batch.looks())[BAD]
    assert look.reason == "seen in a trap"
    assert look.ttl_for == timedelta(minutes=5) + (batch.finished_at - batch.started_at)
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
    assert not any(look.verifiable for _, look in batch.looks())


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


# --- refusals: nothing more is asked


def asked_for(nameserver, *labels):
    return [nameserver.times_asked(f"{label}.bl.sample.example") for label in labels]


@pytest.mark.parametrize("mode", [Mode.REFUSED, "127.255.255.254"])
async def test_a_refusal_at_a_test_point_is_the_last_query_of_all(nameserver, zone, clock, mode):
    if isinstance(mode, Mode):
        zone.mode = mode
    else:
        zone.list("2.0.0.127", mode)
    batch = await batch_of(nameserver, clock, BAD, GOOD, SIX)
    assert len(nameserver.questions) == 1
    assert set(outcomes(batch).values()) == {Outcome.REFUSED}
    assert batch.test.outcome is Outcome.REFUSED


async def test_a_refusal_at_the_test_point_of_one_kind_is_meant_for_all(nameserver, zone, clock):
    six = "0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"
    zone.misbehave(f"2.{six}", Mode.REFUSED)
    batch = await batch_of(nameserver, clock, BAD, GOOD, SIX)
    assert asked_for(nameserver, "10.2.0.192", "11.2.0.192", f"1.{six}") == [0, 0, 0]
    assert set(outcomes(batch).values()) == {Outcome.REFUSED}


async def test_a_refusal_in_the_middle_voids_the_batch_and_spares_the_test_points(nameserver, zone, clock):
    zone.list("11.2.0.192", "127.255.255.255")
    batch = await batch_of(nameserver, clock, BAD, GOOD)
    assert asked_for(nameserver, "2.0.0.127", "1.0.0.127") == [1, 1]
    assert "in the middle of a round" in batch.test.detail
    assert not any(look.verdict.outcome.conclusive for _, look in batch.looks())


async def test_without_test_points_one_subject_goes_ahead(nameserver, zone, clock):
    zone.mode = Mode.REFUSED
    batch = await batch_of(nameserver, clock, BAD, GOOD, blocklist=replace(BLOCKLIST, test_points=()))
    assert len(nameserver.questions) == 1
    assert set(outcomes(batch).values()) == {Outcome.REFUSED}
    assert batch.test.outcome is Outcome.REFUSED


async def test_without_test_points_the_others_follow_the_one(nameserver, clock):
    batch = await batch_of(nameserver, clock, GOOD, BAD, blocklist=replace(BLOCKLIST, test_points=()))
    assert outcomes(batch) == {"192.0.2.10": "listed", "192.0.2.11": "nonsense"}
    assert not any(look.verifiable for _, look in batch.looks())


async def test_ipv6_is_unverifiable_while_ipv4_is_verified(nameserver, zone, clock):
    list_subject(zone, BLOCKLIST, SIX)
    only_v4 = replace(BLOCKLIST, test_points=BLOCKLIST.points_for(SubjectKind.IPV4))
    batch = await batch_of(nameserver, clock, BAD, GOOD, SIX, blocklist=only_v4)
    looks = dict(batch.looks())
    assert outcomes(batch) == {"192.0.2.10": "listed", "192.0.2.11": "clear", "2001:db8::10": "listed"}
    assert [looks[subject].verifiable for subject in (BAD, GOOD, SIX)] == [True, True, False]
    assert batch.test.passed


async def test_the_first_test_point_that_fails_is_the_last_one_asked(nameserver, zone, clock):
    zone.mode = Mode.EMPTY
    await batch_of(nameserver, clock, GOOD)
    assert asked_for(nameserver, "2.0.0.127", "1.0.0.127", "11.2.0.192") == [1, 0, 0]


# --- what a batch says of itself


async def test_only_what_may_change_something_is_noteworthy(nameserver, zone, clock):
    zone.misbehave("12.2.0.192", Mode.SERVFAIL)
    silent, known = parse_subject("192.0.2.12"), parse_subject("192.0.2.13")
    batch = await batch_of(nameserver, clock, BAD, GOOD, silent, known)
    assert {subject for subject, _ in batch.noteworthy({known.value})} == {BAD, silent, known}
    assert batch.count() == {Outcome.LISTED: 1, Outcome.UNREACHABLE: 1, Outcome.CLEAR: 2}


async def test_a_batch_that_failed_counts_nothing_as_listed_or_clear(nameserver, zone, clock):
    zone.mode = Mode.LISTS_THE_WORLD
    batch = await batch_of(nameserver, clock, BAD, GOOD)
    assert batch.count() == {Outcome.NONSENSE: 2}
    assert list(batch.noteworthy({BAD.value, GOOD.value})) == []


async def test_the_reason_of_what_is_known_to_be_listed_is_not_asked_for_again(nameserver, clock):
    batch = await look_at_list(lookups(nameserver), clock, BLOCKLIST, [BAD], nameserver.address, {BAD.value})
    assert nameserver.times_asked("10.2.0.192.bl.sample.example", "TXT") == 0
    assert outcomes(batch) == {"192.0.2.10": "listed"}


class KnowsItself:
    """A way that knows the list's condition by itself, as a download does; else what it stands for."""

    def __init__(self, resolver, test):
        self._resolver, self._test = resolver, test

    def __getattr__(self, name):
        return getattr(self._resolver, name)

    async def own_test(self, blocklist, kind):
        return self._test


@pytest.mark.parametrize(
    ("test", "found"),
    [
        (TestResult(Outcome.CLEAR), {"192.0.2.10": "listed", "192.0.2.11": "clear"}),
        (TestResult(Outcome.UNREACHABLE, "too old"), {"192.0.2.10": "unreachable", "192.0.2.11": "unreachable"}),
    ],
)
async def test_what_the_way_knows_itself_stands_for_the_test_points(nameserver, clock, test, found):
    way = lookups(nameserver)
    open_ = way.open
    way.open = lambda path: KnowsItself(open_(path), test)
    batch = await look_at_list(way, clock, BLOCKLIST, [BAD, GOOD], nameserver.address)
    assert asked_for(nameserver, "2.0.0.127", "1.0.0.127") == [0, 0]
    assert outcomes(batch) == found
