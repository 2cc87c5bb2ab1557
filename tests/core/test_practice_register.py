"""The register of advice: opened, kept, mended, and overruled for what a person saw."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.practice import Check, CheckOutcome, CheckResult, is_taken_back
from deliverwatch.core.practice_listed import Listed, listed
from deliverwatch.core.practice_register import covering, register, void_since
from samples import NOON

DAY = timedelta(days=1)
DOMAIN = "news.acme.example"


def result(outcome=CheckOutcome.FAIL, days=0, problem="spf_fail", subject=DOMAIN, check=Check.SPF, **facts):
    failed = outcome is CheckOutcome.FAIL
    at = NOON + days * DAY
    return CheckResult(check, subject, outcome, f"found {facts}", at, "TXT", problem if failed else None, facts)


def after(*rounds, void=None):
    """All advice, by id, after some rounds of results; `void` comes out in the last."""
    kept = {}
    for number, results in enumerate(rounds, start=1):
        known = void if void is not None and number == len(rounds) else {}
        kept |= {each.id: each for each in register("acme", list(kept.values()), results, known)}
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


PSBL = Listed("listing_opened/psbl", "psbl", NOON - DAY, "PSBL, the\npassive one")
UCEPROTECT = Listed("listing_opened/uceprotect", "uceprotect", NOON + DAY, "UCEPROTECT")


def on(*lists, days=0):
    return listed("192.0.2.10", lists, NOON + days * DAY)


def unlisted(days, outcome=CheckOutcome.PASS):
    return result(outcome, days, subject="192.0.2.10", check=Check.LISTINGS)


def test_another_listing_is_advice_of_its_own_which_begins_when_it_was_found():
    first, second = after([on(PSBL)], [on(PSBL, UCEPROTECT, days=2)])
    assert (first.opened_at, first.mended_at, first.facts["lists"]) == (NOON, None, "PSBL, the passive one")
    assert (second.opened_at, second.mended_at, second.facts["lists"]) == (NOON + 2 * DAY, None, "UCEPROTECT")
    assert second.found == f"192.0.2.10 is listed on UCEPROTECT (since {UCEPROTECT.since:%Y-%m-%d %H:%M} UTC)"


def test_a_listing_that_another_took_the_place_of_is_mended():
    first, second = after([on(PSBL)], [on(UCEPROTECT, days=2)])
    assert (first.facts["lists"], first.mended_at, second.mended_at) == ("PSBL, the passive one", NOON + 2 * DAY, None)
    one, other = after([on(PSBL, UCEPROTECT)], [on(UCEPROTECT, days=1)])
    assert (one.mended_at, other.mended_at) == (NOON + DAY, None)
    assert one.id != other.id


def test_what_is_listed_again_on_the_same_list_is_advice_anew():
    again = PSBL._replace(key="listing_opened/psbl/2", since=NOON + DAY)
    first, second = after([on(PSBL)], [on(again, days=2)])
    assert (first.mended_at, second.opened_at, second.mended_at) == (NOON + 2 * DAY, NOON + 2 * DAY, None)


def test_the_same_listings_write_nothing_again():
    kept = after([on(PSBL, UCEPROTECT)])
    assert register("acme", kept, [on(UCEPROTECT, PSBL, days=1)]) == []


@pytest.mark.parametrize(
    "result_then", [[unlisted(2)], [unlisted(2, CheckOutcome.UNKNOWN)], [], [on(UCEPROTECT, days=2)]]
)
def test_advice_of_a_listing_that_never_was_is_taken_back(result_then):
    kept = after([on(PSBL)], result_then, void={PSBL.key: NOON + DAY})
    assert is_taken_back(kept[0])
    assert kept[0].mended_at == NOON + DAY
    assert not any(is_taken_back(each) for each in kept[1:])
    assert not [each for each in register("acme", kept, [], {PSBL.key: NOON + DAY}) if each.id == kept[0].id]


def test_only_what_was_void_is_taken_back():
    psbl, other = after([on(PSBL, UCEPROTECT)], [unlisted(2)], void={PSBL.key: NOON + DAY})
    assert [is_taken_back(psbl), is_taken_back(other)] == [True, False]
    assert (psbl.mended_at, other.mended_at) == (NOON + DAY, NOON + 2 * DAY)


def test_what_was_called_mended_is_taken_back_when_it_comes_out_later():
    kept = after([on(PSBL)], [unlisted(1)], [], void={PSBL.key: NOON + 3 * DAY})
    assert [(is_taken_back(each), each.mended_at) for each in kept] == [(True, NOON + DAY)]


def test_advice_is_taken_back_at_no_time_before_it_was_given():
    (early,) = after([on(PSBL)], [], void={PSBL.key: NOON - DAY / 2})
    assert early.mended_at == NOON


def test_since_when_listings_are_needed_to_take_advice_back():
    now = NOON + 3 * DAY
    assert void_since([OPENED], now) == now
    assert void_since(after([on(PSBL, UCEPROTECT)]), now) == PSBL.since
    mended = after([on(PSBL)], [unlisted(1)])
    assert void_since(mended, now) == PSBL.since
    assert void_since(mended, NOON + 30 * DAY) == NOON + 30 * DAY
    assert void_since(after([on(PSBL)], [], void={PSBL.key: NOON}), now) == now


def test_of_several_listings_all_must_be_overruled():
    both = on(PSBL, UCEPROTECT, days=2)
    first, second = after([on(PSBL)], [both])
    overruled = replace(first, overruled_by="Robin", overruled_at=NOON, overruled_because="known")
    assert covering(both, [overruled, second]) == second
    assert covering(both, [first, replace(second, overruled_by="Robin", overruled_at=NOON)]) == first
    assert covering(on(PSBL, days=2), [overruled, second]) == overruled
