"""One word for whether a list can be believed, and never a better one than was verified."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.coverage import Cycle
from deliverwatch.core.list_standing import Believed, ListRounds
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.zone_health import Health, ZoneState
from samples import NOON, SAMPLE_LIST

HOUR = timedelta(hours=1)
PATH, OTHER = "192.0.2.53:53", "198.51.100.53:53"
WITHOUT_POINTS = replace(SAMPLE_LIST, test_points=())


def standing(cycle=None, zone=None, blocklist=SAMPLE_LIST, held=(SubjectKind.IPV4,), **more):
    zones = {("sample", PATH): zone, ("sample", OTHER): ZoneState(), ("else", PATH): ZoneState(Health.FAILING)}
    rounds = ListRounds(
        NOON, {"sample": cycle} if cycle else {}, more, {k: v for k, v in zones.items() if v is not None}, held
    )
    return rounds.standing(blocklist, HOUR)


def cycle(verified=True, ago=timedelta(minutes=10), detail=None):
    at = NOON - ago
    return Cycle("sample", PATH, at, at, verified, (), True, at + HOUR, 9, detail=detail)


@pytest.mark.parametrize(
    ("cycle", "zone", "word"),
    [
        (None, None, Believed.NOT_ASKED),
        (cycle(), None, Believed.VERIFIED),
        (cycle(ago=2 * HOUR), None, Believed.VERIFIED),
        (cycle(ago=2 * HOUR + timedelta(seconds=1)), None, Believed.LATE),
        (cycle(ago=-3 * HOUR), None, Believed.AHEAD),
        (cycle(verified=False), ZoneState(Health.FAILING), Believed.FAILING),
        (cycle(verified=False), ZoneState(Health.QUARANTINED), Believed.QUARANTINED),
        (cycle(verified=False), ZoneState(Health.HEALTHY, stopped_at=NOON), Believed.REFUSES),
        (cycle(verified=False), ZoneState(), Believed.NOT_VERIFIED),
        (cycle(verified=False), None, Believed.NOT_VERIFIED),
    ],
)
def test_the_word_is_what_was_verified(cycle, zone, word):
    found = standing(cycle, zone)
    assert found.believed is word
    assert found.believed.in_doubt is (word is not Believed.VERIFIED)


def test_a_list_that_can_prove_nothing_for_what_is_held_is_neither_well_nor_ill():
    found = standing(cycle(), blocklist=WITHOUT_POINTS)
    assert (found.believed, found.without_proof) == (Believed.BEYOND_PROOF, (SubjectKind.IPV4,))
    assert not found.believed.in_doubt
    part = replace(SAMPLE_LIST, test_points=SAMPLE_LIST.points_for(SubjectKind.IPV4))
    assert standing(cycle(), blocklist=part).without_proof == ()
    both = standing(cycle(), blocklist=part, held=(SubjectKind.IPV4, SubjectKind.IPV6))
    assert (both.believed, both.without_proof) == (Believed.VERIFIED, (SubjectKind.IPV6,))


def test_when_it_was_verified_is_said_of_the_last_time_that_it_was():
    assert standing(cycle()).verified_at == NOON - timedelta(minutes=10)
    assert standing(cycle(verified=False, detail="no answer"), sample=NOON - HOUR).verified_at == NOON - HOUR
    assert standing(cycle(verified=False)).verified_at is None


def test_each_path_is_kept_and_none_of_another_list():
    found = standing(cycle(verified=False, detail="no answer"), ZoneState(Health.FAILING))
    assert [path for path, _ in found.paths] == [PATH, OTHER]
    assert found.why == "no answer"
