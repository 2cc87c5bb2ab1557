"""The register of advice: opened, kept, mended, and overruled for what a person saw."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.practice_register import covering, register
from samples import NOON

DAY = timedelta(days=1)
DOMAIN = "news.acme.example"


def result(outcome=CheckOutcome.FAIL, days=0, problem="spf_fail", subject=DOMAIN, check=Check.SPF, **facts):
    failed = outcome is CheckOutcome.FAIL
    at = NOON + days * DAY
    return CheckResult(check, subject, outcome, f"found {facts}", at, "TXT", problem if failed else None, facts)


def after(*rounds):
    """All advice, by id, after some rounds of results."""
    kept = {}
    for results in rounds:
        kept |= {each.id: each for each in register("acme", list(kept.values()), results)}
    return list(kept.values())


OPENED = after([result(addresses="192.0.2.10")])[0]
OVERRULED = replace(OPENED, overruled_by="Robin", overruled_at=NOON, overruled_because="it is on its way")


def test_a_failure_opens_advice_with_what_was_found():
    assert (OPENED.customer, OPENED.check, OPENED.subject, OPENED.problem) == ("acme", Check.SPF, DOMAIN, "spf_fail")
    assert (OPENED.opened_at, OPENED.told_at, OPENED.mended_at) == (NOON, None, None)
    assert OPENED.facts == {"addresses": "192.0.2.10"}


def test_the_same_failure_writes_nothing_again():
    assert register("acme", [OPENED], [result(days=1, addresses="192.0.2.10")]) == []


def test_the_same_problem_with_other_figures_stays_the_same_advice():
    told = replace(OPENED, told_at=NOON)
    (changed,) = register("acme", [told], [result(days=1, addresses="192.0.2.11")])
    assert (changed.id, changed.opened_at, changed.told_at) == (OPENED.id, NOON, NOON)
    assert changed.facts == {"addresses": "192.0.2.11"}


def test_a_pass_mends_and_what_fails_again_is_advice_anew():
    advice = after([result()], [result(CheckOutcome.PASS, 1)], [result(days=2)])
    assert [(each.opened_at, each.mended_at) for each in advice] == [(NOON, NOON + DAY), (NOON + 2 * DAY, None)]
    assert len({each.id for each in advice}) == 2


@pytest.mark.parametrize("outcome", [CheckOutcome.UNKNOWN, CheckOutcome.NOT_APPLICABLE])
def test_what_is_not_known_neither_opens_nor_mends(outcome):
    assert register("acme", [OPENED], [result(outcome, 1)]) == []
    assert register("acme", [], [result(outcome, 1)]) == []


def test_another_problem_of_the_subject_takes_its_place():
    first, second = after([result()], [result(days=1, problem="spf_missing")])
    assert (first.mended_at, second.problem, second.mended_at) == (NOON + DAY, "spf_missing", None)


def test_other_subjects_and_checks_are_left_alone():
    others = [result(CheckOutcome.PASS, 1, subject="acme.example"), result(CheckOutcome.PASS, 1, check=Check.DMARC)]
    assert register("acme", [OPENED], others) == []


def test_what_was_overruled_stays_so_while_no_more_fails():
    assert register("acme", [OVERRULED], [result(days=1, addresses="192.0.2.10")]) == []
    both = replace(OVERRULED, facts={"addresses": "192.0.2.10, 192.0.2.11"})
    assert register("acme", [both], [result(days=1, addresses="192.0.2.11")]) == []
    assert covering(result(addresses="192.0.2.10"), [OVERRULED]) == OVERRULED


def test_when_more_fails_than_a_person_overruled_it_is_advice_anew_beside_it():
    more = result(days=1, addresses="192.0.2.10, 192.0.2.12")
    (fresh,) = register("acme", [OVERRULED], [more])
    assert (fresh.overruled_at, fresh.opened_at) == (None, NOON + DAY)
    assert covering(more, [OVERRULED, fresh]) == fresh
    mended = register("acme", [OVERRULED, fresh], [result(CheckOutcome.PASS, 2)])
    assert {each.mended_at for each in mended} == {NOON + 2 * DAY}


def test_an_overruling_ends_with_what_it_was_about():
    first, second = OVERRULED, result(days=2)
    (mended,) = register("acme", [first], [result(CheckOutcome.PASS, 1)])
    (again,) = register("acme", [mended], [second])
    assert covering(second, [mended, again]) == again
    assert again.overruled_at is None


def test_writing_the_same_finding_twice_is_one_advice():
    assert register("acme", [], [result()])[0].id == register("acme", [], [result()])[0].id
