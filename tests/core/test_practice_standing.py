"""Warm-ups and listings that stand against a sender."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.core.blocklist import Impact
from deliverwatch.core.coverage import Cycle, Gap
from deliverwatch.core.listing import Listing, Watch
from deliverwatch.core.practice import CheckOutcome
from deliverwatch.core.practice_listed import listings_in
from deliverwatch.core.practice_problems import Problem
from deliverwatch.core.practice_scope import PracticeScope
from deliverwatch.core.practice_standing import ListsKnown, listings, warmups
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.verdict import Outcome
from deliverwatch.core.warmup.day import DayState
from deliverwatch.core.warmup.run import HoldCause, RunEnd
from render.warmups import RUN, hold, status
from samples import SAMPLE_LIST

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
IP = "192.0.2.10"
SCOPE = PracticeScope("acme", (IP,), frozenset({IP}), frozenset({IP}), ("news.acme.example",))
OTHER = replace(SAMPLE_LIST, id="other", name="Other list")
PASS, FAIL, UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN
NOT_APPLICABLE = CheckOutcome.NOT_APPLICABLE


def warmup(state, *holds, **changes):
    (result,) = warmups([status(state, holds=holds, **changes)], AT)
    return result


def test_above_the_plan_fails():
    result = warmup(DayState.OVER_PLAN)
    assert (result.outcome, result.problem, result.facts) == (FAIL, Problem.WARMUP_OVER_PLAN, {"address": RUN.ip})


@pytest.mark.parametrize(
    ("causes", "outcome"),
    [
        ((HoldCause.COMPLAINT,), FAIL),
        ((HoldCause.PERSON,), FAIL),
        ((HoldCause.LISTING, HoldCause.BOUNCE), FAIL),
        ((HoldCause.LISTING,), PASS),
        ((HoldCause.BLOCK, HoldCause.REFUSED), PASS),
        ((), FAIL),
    ],
)
def test_what_is_held_by_the_thing_that_is_asked_about_does_not_fail(causes, outcome):
    result = warmup(DayState.HELD, *map(hold, causes))
    assert (result.outcome, result.problem) == (outcome, Problem.WARMUP_HELD if outcome is FAIL else None)


@pytest.mark.parametrize(
    ("state", "outcome"), [(DayState.ON_PLAN, PASS), (DayState.READY_TO_RELEASE, PASS), (DayState.UNKNOWN, UNKNOWN)]
)
def test_other_states(state, outcome):
    assert warmup(state).outcome is outcome


def test_a_run_that_is_over_says_nothing_of_now():
    over = warmup(DayState.OVER_PLAN, run=replace(RUN, ended=RunEnd.DONE))
    assert (over.outcome, over.subject) == (NOT_APPLICABLE, "")
    assert [each.outcome for each in warmups([], AT)] == [NOT_APPLICABLE]


def cycle(started_at=AT - HOUR / 2, kinds=(SubjectKind.IPV4,)):
    return Cycle("x", "192.0.2.53:53", started_at, started_at, bool(kinds), kinds, True, started_at + HOUR, 1)


def open_on(blocklist, name=IP):
    at = AT - HOUR
    return Listing(
        "key", blocklist.id, parse_subject(name), at, at, None, None, (), (), Impact.HIGH, None, "192.0.2.53:53", "key"
    )


def looked(leading=(SAMPLE_LIST, OTHER), found=(), cycles=None, gaps=()):
    cycles = {each.id: cycle() for each in leading} if cycles is None else cycles
    results = listings(ListsKnown(leading, found, cycles, gaps), SCOPE, AT)
    return {result.subject: result for result in results}


def test_open_listings_of_a_subject_are_one_result():
    one = looked(found=[open_on(OTHER), open_on(SAMPLE_LIST, "198.51.100.7")])[IP]
    assert (one.outcome, one.problem) == (FAIL, Problem.LISTED)
    assert {name: one.facts.get(name) for name in ("subject", "lists", "list")} == {
        "subject": IP,
        "lists": "Other list",
        "list": "other",
    }
    earlier = replace(open_on(SAMPLE_LIST), opened_at=AT - 2 * HOUR)
    both = looked(found=[earlier, open_on(OTHER)])[IP]
    assert (both.facts["lists"], "list" in both.facts) == ("Other list, Sample list", False)
    assert both.found == (
        f"{IP} is listed on Other list (since 2026-11-24 11:00 UTC), Sample list (since 2026-11-24 10:00 UTC)"
    )
    assert [(each.list_id, each.since) for each in listings_in(both.facts)] == [
        ("other", AT - HOUR),
        ("sample", AT - 2 * HOUR),
    ]


def test_a_listing_on_a_list_that_does_not_lead_does_not_fail():
    assert looked(found=[open_on(replace(OTHER, id="small"))])[IP].outcome is PASS


def test_unlisted_is_said_only_of_what_was_verified():
    assert looked()[IP].found == f"{IP}: no open listing on any of 2 leading lists"
    gap = Gap(Watch("other", parse_subject(IP)), AT - HOUR, None, Outcome.UNREACHABLE, None)
    assert looked(gaps=[replace(gap, until=AT)])[IP].outcome is PASS
    late = cycle(AT - 2 * HOUR - timedelta(minutes=1))
    for unverified in (
        looked(cycles={}),
        looked(cycles={"sample": cycle(), "other": cycle(kinds=())}),
        looked(cycles={"sample": cycle(), "other": late}),
        looked(gaps=[gap]),
    ):
        assert unverified[IP].outcome is UNKNOWN
        assert "not verified now: Other list" in unverified[IP].found


def test_a_list_that_cannot_tell_of_a_subject_says_nothing_of_it():
    found = looked()["news.acme.example"]
    assert found.outcome is NOT_APPLICABLE
    untested = replace(SAMPLE_LIST, test_points=())
    assert looked(leading=(untested,))[IP].outcome is NOT_APPLICABLE


def test_without_a_leading_list_nothing_is_known():
    assert looked(leading=())[""].outcome is UNKNOWN
