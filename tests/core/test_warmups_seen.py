"""What a customer's copy of a warm-up holds, and what it keeps back."""

from dataclasses import replace

import pytest

from deliverwatch.core.shared_sender import without_others as event_without_others
from deliverwatch.core.warmup.day import Because, DayCounts, DayState, RunNews
from deliverwatch.core.warmup.run import HoldCause
from deliverwatch.core.warmup.status import NextDay
from deliverwatch.core.warmups_seen import concerns_others, for_customer, without_others
from render.warmups import COUNTS, NEXT_ON, RUN, at_provider, hold, judged, status

PERSON = hold(HoldCause.PERSON, by="Robin", reason="bravo complained")
LISTING = hold(HoldCause.LISTING, "yahoo", list_id="psbl", list_name="PSBL", codes=["127.0.0.2"], meanings=["spam"])
GATE = hold(HoldCause.BOUNCE, "yahoo", found=977, of=1200, above_ratio=0.05, denominator="offered")
FAILURE = "postfix cannot be read since 2026-11-24 10:00 UTC: Permission denied for robin@esp.example"


def run(customer="acme", pool="acme-news", plan=RUN.plan):
    return replace(RUN, customer=customer, pool=pool, plan=plan)


@pytest.mark.parametrize(
    ("customer", "parties", "expected"),
    [
        ("acme", ["acme"], False),
        ("acme", [], False),
        (None, ["acme"], False),
        ("acme", ["acme", "bravo"], True),
        ("acme", ["bravo"], True),
        ("bravo", ["acme"], True),
    ],
)
def test_whom_it_concerns(customer, parties, expected):
    assert concerns_others(run(customer), parties, "acme") == expected


def test_the_customers_own_copy_has_the_figures_and_no_words_of_colleagues():
    moved = {"before": 5, "stage": 3, "pool_before": "acme", "pool": "bravo", "added": "since"}
    full = status(
        DayState.HELD,
        judged(news=RunNews.FELL_BACK, **moved),
        holds=(PERSON, LISTING, GATE),
        providers=(at_provider("yahoo", holds=(PERSON, LISTING)),),
    )
    told = for_customer(full)
    assert [each.facts for each in told.holds] == [{}, LISTING.facts, GATE.facts]
    assert [each.facts for each in told.providers[0].holds] == [{}, LISTING.facts]
    assert told.judged.news[0].facts == {"before": 5, "stage": 3}
    assert (told.judged.counts, told.next, told.run) == (COUNTS, full.next, full.run)


@pytest.mark.parametrize(
    ("platform", "words"),
    [
        (None, "its counts have not reached us"),
        ("sparkpost", "its counts, or the sending platform's stage, have not reached us"),
    ],
)
def test_why_a_day_is_not_known_is_told_in_fixed_words(platform, words):
    plan = replace(RUN.plan, platform=platform)
    unknown = status(DayState.UNKNOWN, judged(DayState.UNKNOWN, DayCounts(), unknown=FAILURE), run=run(plan=plan))
    assert for_customer(unknown).judged.unknown == words
    assert "robin@esp" not in repr(for_customer(unknown))
    assert for_customer(status()).judged.unknown is None


def test_a_copy_of_what_is_shared_tells_state_and_holds_alone():
    full = status(
        DayState.HELD,
        run=run("bravo", "bravo-news"),
        holds=(PERSON, LISTING, GATE),
        providers=(at_provider("yahoo"),),
        next=NextDay(NEXT_ON, 4321, "hold", Because.HELD, 5678),
        platform_stops_on=NEXT_ON.replace(day=30),
        by_platform=True,
        over_plan_why="no_overflow",
    )
    told = without_others(full, "acme")
    assert (told.run.ip, told.state, told.shared) == ("192.0.2.10", DayState.HELD, True)
    assert [(each.cause, each.provider, each.since) for each in told.holds] == [
        (each.cause, each.provider, each.since) for each in full.holds
    ]
    assert [each.facts for each in told.holds] == [{}, LISTING.facts, {}]
    assert for_customer(told) == told
    secrets = ("977", "4321", "5678", "1950", "1200", "ravo", "Robin", "Our own", "'own'", "New_York", "no_overflow")
    for secret in secrets:
        assert secret not in repr(told)
    assert (told.day, told.stage, told.by_platform, told.platform_stops_on) == (0, 0, False, None)
    assert told.expected_finish_on is None


@pytest.mark.parametrize(
    ("customer", "pool", "told"),
    [
        ("acme", "acme-news", ("acme", "acme-news")),
        (None, "shared-1", (None, "shared-1")),
        ("bravo", "x", (None, None)),
    ],
)
def test_a_pool_is_named_unless_it_is_anothers(customer, pool, told):
    seen = without_others(status(run=run(customer, pool)), "acme").run
    assert (seen.customer, seen.pool) == told


def test_an_event_tells_no_more_than_the_copy():
    """Of DNS what was before may be told, which anybody may look up; of a warm-up it is a stage."""
    assert event_without_others({"before": 9, "stage": 8, "cause": "bounce"}) == {"cause": "bounce", "shared": True}
    record = {"record": "spf", "before": ["v=spf1 -all"], "now": []}
    assert event_without_others(record) == {**record, "shared": True}
