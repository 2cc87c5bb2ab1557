"""What `warmup status` and `warmup show` print, from values: every promised key, null for what is not known."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.cli.output import STYLES
from deliverwatch.core.warmup.day import Because, DayCounts, DayState, Decision
from deliverwatch.core.warmup.pools import OverPlan, PoolStatus, pool_statuses
from deliverwatch.core.warmup.run import HoldCause, RunEnd, RunState, StepKind, WarmupStep
from deliverwatch.core.warmup.status import NextDay, WarmupDay
from deliverwatch.core.warmups_seen import without_others
from deliverwatch.flows.warmup_ports import PlanVersion, RunHistory
from deliverwatch.render.story import OF_ALL
from deliverwatch.render.warmup_documents import (
    history_document,
    pool_document,
    status_document,
)
from deliverwatch.render.warmup_overview import advice_lines, needs_a_hand, notes, status_row
from deliverwatch.render.warmup_tables import (
    because_lines,
    day_row,
    head_lines,
    pool_line,
    provider_row,
    step_lines,
    version_lines,
)
from deliverwatch.render.warmup_words import reason
from render.warmups import COUNTS, DONE, NAMES, NEXT_ON, ON, PLAN, RUN, at_provider, ended, hold, judged, status

PROMISED = {
    *("ip", "customer", "plan", "stage", "day", "started_on", "state", "held_by_platform", "platform_stops_on"),
    *("reason", "yesterday", "next", "providers", "expected_finish_on"),
}
PER_DAY = {"allowed", "attempted", "delivered", "deferred", "bounced", "complaints"}
SUMS = PER_DAY | {"next_allowance", "demand", "why_over_plan", "judged_on"}
PER_NEXT = {"on", "allowance", "decision", "because"}
AT = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
LISTING = hold(HoldCause.LISTING, "yahoo", list_id="psbl", list_name="PSBL \x1b[2J", codes=["127.0.0.2"])
HELD = status(DayState.HELD, holds=(LISTING,), providers=(at_provider("yahoo", DayState.HELD, holds=(LISTING,)),))
UNKNOWN = status(DayState.UNKNOWN, judged(DayState.UNKNOWN, DayCounts(), unknown="nobody told"))
POOL = PoolStatus(
    customer="acme",
    pool="acme-news",
    ips=("192.0.2.10", "192.0.2.11"),
    states={DayState.ON_PLAN: 1, DayState.UNKNOWN: 1},
    judged_on=ON,
    known=1,
    allowed=2000,
    counts=COUNTS,
    next_allowance=4000,
    demand=None,
)


def as_json(document):
    """As it is printed and read again: StrEnums are texts, and nothing else is in the way."""
    return json.loads(json.dumps(document))


@pytest.mark.parametrize("each", [status(), HELD, UNKNOWN, DONE], ids=["on plan", "held", "unknown", "done"])
def test_every_promised_key_is_there(each):
    document = as_json(status_document(each, NAMES))
    assert set(document) >= PROMISED | {"holds", "advice", "pool", "zone", "judged_on"}
    assert set(document["yesterday"]) >= PER_DAY
    assert set(document["next"]) >= PER_NEXT
    for provider in document["providers"]:
        assert set(provider) >= PROMISED - {"providers"} | {"provider"}
    assert '""' not in json.dumps(document)


def test_what_is_not_known_is_null_and_no_zero():
    yesterday = status_document(UNKNOWN, NAMES)["yesterday"]
    assert yesterday["allowed"] == 2000
    assert {yesterday[name] for name in PER_DAY - {"allowed"}} == {None}
    assert status_document(status(), NAMES)["yesterday"]["complaints"] is None
    assert status_document(replace(status(), judged=None), NAMES)["yesterday"] is None


def test_a_provider_has_its_own_counts_and_the_rest_is_the_run_s():
    rest = at_provider("", DayState.ON_PLAN, COUNTS)
    document = status_document(status(providers=(at_provider("yahoo"), rest)), NAMES)
    yahoo, others = document["providers"]
    assert (yahoo["provider"], yahoo["yesterday"]["delivered"], yahoo["yesterday"]["allowed"]) == ("yahoo", 1200, None)
    assert (others["provider"], yahoo["started_on"], yahoo["day"]) == (None, "2026-11-22", 5)


def test_a_hold_is_told_with_its_facts_and_its_advice():
    document = as_json(status_document(HELD, NAMES))
    (held,) = document["holds"]
    assert (held["cause"], held["provider"], held["since"], held["over"]) == (
        "listing",
        "yahoo",
        "2026-11-25T14:41:00Z",
        False,
    )
    assert held["facts"]["list_id"] == "psbl"
    assert set(document["advice"]) == {"text", "why", "source"}
    assert "AcelleMail" in document["advice"]["source"]
    assert document["next"]["because"] != document["next"]["decision"]


def test_of_an_address_that_concerns_others_state_and_holds_are_told_alone():
    gate = hold(HoldCause.BOUNCE, "yahoo", found=977, of=1200, above_ratio=0.05)
    person = hold(HoldCause.PERSON, by="robin", reason="Bravo's list is bought")
    bravos = replace(HELD, run=replace(RUN, customer="bravo", pool="bravo-news"), holds=(LISTING, gate, person))
    shown = without_others(replace(bravos, platform_stops_on=NEXT_ON), "acme")
    document = as_json(status_document(shown, NAMES))
    assert set(document) == set(status_document(status(), NAMES))
    assert document["next"] == {"on": "2026-11-26"} | dict.fromkeys(["allowance", "decision", "because", "demand"])
    assert {name for name, value in document.items() if value is not None} == {
        *("ip", "state", "reason", "next", "holds", "providers", "shared", "advice"),
    }
    assert (document["shared"], document["providers"]) == (True, [])
    assert "PSBL" in document["reason"]
    assert status_row(shown) == ("192.0.2.10", "held", *[None] * 5, "shared", None)
    told = str(document) + str(status_row(shown)) + "".join(notes(shown, NAMES))
    assert "figures of all are left out" in told
    for secret in ("1,950", "1950", "1200", "1,200", "977", "ravo", "robin", "'own'"):
        assert secret not in told


@pytest.mark.parametrize("state", DayState)
def test_why_a_shared_one_is_in_its_state_is_told_without_numbers(state):
    following = replace(status().next, because=Because.STEPPED_BACK)
    seen = without_others(status(state, next=following), "bravo")
    assert "No day" not in reason(seen, NAMES)
    assert not re.search(r"\d", reason(seen, NAMES))


def test_what_a_person_finished_is_not_shown_as_done():
    finished = ended(RunEnd.FINISHED, DayState.DONE)
    assert status_document(finished, NAMES)["state"] == "done"
    assert status_document(finished, NAMES)["advice"] != status_document(DONE, NAMES)["advice"]
    assert (status_row(finished)[1], status_row(DONE)[1]) == ("finished", "done")
    assert provider_row(at_provider("yahoo", DayState.DONE), NAMES, RunEnd.FINISHED)[2] == "finished"
    last = judged(DayState.DONE, after=RunState(1, ended=RunEnd.FINISHED))
    assert day_row(WarmupDay("run-1", "d", last, {}))[8:] == ("finished", None)
    assert "finished" not in STYLES


def test_one_line_for_each_ip():
    assert status_row(status()) == (
        *("192.0.2.10", "on plan", 5, "4 of 4", "1,950 of 2,000", "2,000, repeat"),
        *(status().expected_finish_on, "acme", "own"),
    )
    late = status(next=NextDay(ON.replace(day=29), 2000, Decision.REPEAT, Because.NOT_KNOWN))
    assert "(25 Nov)" in status_row(late)[4]
    assert status_row(UNKNOWN)[4] == "not known of 2,000"
    assert status_row(status(day=judged(), next=NextDay(NEXT_ON, None, Decision.REPEAT, Because.HELD)))[5] is None


def test_only_what_needs_a_hand_is_told_below_the_table():
    assert not needs_a_hand(status())
    assert not needs_a_hand(DONE)
    rest = NextDay(NEXT_ON, 2000, Decision.REPEAT, Because.NOT_A_PLAN_DAY)
    idle = judged(DayState.IDLE, DayCounts())
    assert not needs_a_hand(status(DayState.IDLE, idle, next=rest))
    assert needs_a_hand(status(DayState.IDLE, idle))
    elsewhere = status(providers=(at_provider("yahoo"), at_provider("google", DayState.ON_PLAN, COUNTS)))
    assert needs_a_hand(elsewhere)
    lines = list(notes(elsewhere, NAMES))
    assert [line for line in lines if "Yahoo Mail: " in line]
    assert not [line for line in lines if "google" in line]
    refused = status(DayState.BEHIND_REFUSED, providers=(at_provider("yahoo"),))
    assert sum("Yahoo Mail" in line for line in notes(refused, NAMES)) == 1


@pytest.mark.parametrize(("days", "needed"), [(-1, False), (0, True), (3, True), (4, False)])
def test_that_the_platform_stops_needs_a_hand_in_its_last_days(days, needed):
    assert needs_a_hand(status(platform_stops_on=NEXT_ON + timedelta(days=days))) == needed


def test_what_to_do_is_said_once_for_all_to_whom_it_applies():
    idle = status(DayState.IDLE, judged(DayState.IDLE, DayCounts()))
    lines = list(advice_lines([UNKNOWN, idle, UNKNOWN]))
    assert [line.partition(":")[0] for line in lines] == [
        *("What to do with 192.0.2.10, 192.0.2.10", "  Why", "What to do with 192.0.2.10", "  Why")
    ]


def test_a_run_that_only_begins_needs_no_hand():
    for day, because, words in (
        (0, Because.NOT_BEGUN, "not begun"),
        (0, Because.AMENDED, "not begun"),
        (1, Because.FIRST_DAY, "first day"),
    ):
        following = NextDay(NEXT_ON, 200, Decision.REPEAT, because)
        begins = replace(status(DayState.UNKNOWN), judged=None, next=following, day=day)
        assert status_row(begins)[1] == words
        assert status_row(begins)[5] == "200"
        assert not needs_a_hand(begins)
        document = status_document(begins, NAMES)
        assert document["state"] == "unknown"
        assert "Begin with" in document["advice"]["text"]
    assert "Mend the source" in status_document(UNKNOWN, NAMES)["advice"]["text"]


def test_sums_of_a_pool_say_of_how_many_they_are():
    document = as_json(pool_document(POOL))
    assert (document["states"], document["known"], document["delivered"]) == ({"on_plan": 1, "unknown": 1}, 1, 1950)
    assert document["complaints"] is None
    line = pool_line(replace(POOL, why_over_plan=OverPlan.NO_OVERFLOW))
    assert "1,950 of 2,000 delivered on Wed 25 Nov 2026, of 1 of them" in line
    assert "no other pool takes what is too much" in line
    assert "not known" in pool_line(replace(POOL, counts=None, allowed=None, known=0))


def test_a_pool_of_shared_ones_has_no_sums_and_is_apart_from_the_others():
    anothers = without_others(replace(status(), run=replace(RUN, customer="bravo", pool="bravo-news")), "acme")
    esps = without_others(replace(status(), run=replace(RUN, customer=None, pool="shared-1")), "acme")
    own = replace(status(), run=replace(RUN, customer=None, pool=None))
    alone, of_others, shared = pool_statuses([anothers, esps, own])
    assert (alone.shared, pool_document(alone)["delivered"]) == (False, 1950)
    assert [pool_document(each)["shared"] for each in (of_others, shared)] == [True, True]
    assert {pool_document(each)[name] for each in (of_others, shared) for name in SUMS} == {None}
    assert pool_line(of_others) == "of others (shared): 1 IP: 1 on plan; " + OF_ALL + "."
    assert pool_line(shared).startswith("shared-1 (shared): 1 IP: 1 on plan; shared with others")


def test_the_history_of_a_run_has_days_steps_and_plans():
    known = WarmupDay("run-1", "d", judged(counts=COUNTS._replace(attempted_least=1970)), {"yahoo": COUNTS, "": COUNTS})
    unknown = WarmupDay("run-1", "d", judged(DayState.UNKNOWN, DayCounts(), unknown="nobody told"), {})
    steps = (WarmupStep("run-1", AT, StepKind.STEPPED_BACK, "robin", "second block", 3),)
    history = RunHistory(status(), (known, unknown), steps, (PlanVersion("run-1", 1, PLAN, AT, "robin", "agreed"),))
    document = as_json(history_document(history, NAMES))
    first, second = document["days"]
    assert (first["on"], first["delivered"], first["attempted_least"]) == ("2026-11-25", 1950, 1970)
    assert [each["provider"] for each in first["providers"]] == ["yahoo", None]
    assert (second["delivered"], second["unknown"], second["providers"]) == (None, "nobody told", [])
    assert document["steps"] == [
        {"at": "2026-11-25T09:30:00Z", "kind": "stepped_back", "by": "robin", "reason": "second block", "stage": 3}
    ]
    assert document["plan_versions"][0]["plan"]["full_volume"] == 2000
    assert "1,970 to 2,000" in day_row(known)
    assert "not measured" in day_row(known)
    assert day_row(unknown)[3] == "not known"
    assert list(because_lines([known, known, unknown])) == [
        "  2026-11-25  enough of the allowance was delivered",
        "  2026-11-25  nobody told",
    ]
    text = "\n".join([*head_lines(history, NAMES), *step_lines(history), *version_lines(history)])
    assert "stepped back to stage 3 by robin: second block" in text
    assert "version 1: own, 4 stages, up to 2,000 a day, by robin: agreed" in text
    assert "if it goes on like this" in text
