"""What a week's report says of best practice: what is open, what was mended, and what nobody could check."""

from dataclasses import replace

from deliverwatch.core.practice import Check, CheckOutcome
from deliverwatch.core.week_practice import MOST_ADVICE, NEVER_CHECKED, Mended, Unchecked, week_practice
from render.weeks import CHECKED_AT, HOUR, WEEK, advice, result

NAME = "news.acme.example"
FAILED = result(Check.DMARC, NAME, CheckOutcome.FAIL, "no record is published")
OPEN = advice(Check.DMARC, NAME, "dmarc_missing", "no record, as first seen", -90)


def test_what_was_never_checked_says_nothing():
    assert week_practice([], [], WEEK) == NEVER_CHECKED
    assert NEVER_CHECKED.checked_at is None
    assert NEVER_CHECKED.advice_ids == ()


def test_open_advice_is_told_since_it_was_found_with_what_was_seen_last():
    (told,) = week_practice([FAILED], [OPEN], WEEK).open
    assert (told.subjects, told.since, told.found) == ((NAME,), OPEN.opened_at, "no record is published")
    assert (told.seen_again, told.overruled) == (True, False)


def test_what_could_not_be_checked_again_stays_open_and_is_named_as_unchecked():
    unknown = result(Check.DMARC, NAME, CheckOutcome.UNKNOWN, "no answer in time")
    practice = week_practice([unknown], [OPEN], WEEK)
    assert [(each.seen_again, each.found) for each in practice.open] == [(False, "no record, as first seen")]
    assert practice.unchecked == (Unchecked(Check.DMARC, (NAME,)),)


def test_what_is_no_longer_looked_at_is_not_asked_for():
    gone = advice(Check.PTR, "192.0.2.99", "ptr_missing", "none", -90)
    elsewhere = result(Check.PTR, "192.0.2.10")
    does_not_apply = result(Check.DMARC, NAME, CheckOutcome.NOT_APPLICABLE)
    practice = week_practice([elsewhere, does_not_apply], [gone, OPEN], WEEK)
    assert (practice.open, practice.unchecked, practice.advice_ids) == ((), (), ())


def test_what_the_same_repair_mends_is_one_piece_and_all_of_it_is_told():
    names = ("192.0.2.12", "192.0.2.13")
    found = [
        advice(Check.PTR, name, "ptr_elsewhere", "none", hour, facts={"address": name, "names": "a.example"})
        for hour, name in enumerate(names)
    ]
    other = {"address": "192.0.2.14", "names": "b.example"}
    other = advice(Check.PTR, "192.0.2.14", "ptr_elsewhere", "none", 9, facts=other)
    results = [result(Check.PTR, name, CheckOutcome.FAIL) for name in (*names, "192.0.2.14")]
    practice = week_practice(results, [other, *reversed(found)], WEEK)
    assert [(each.subjects, each.since) for each in practice.open] == [
        (names, WEEK.begin),
        (("192.0.2.14",), WEEK.begin + 9 * HOUR),
    ]
    assert (practice.open[0].facts, practice.open[0].subject_facts) == ({"names": "a.example"}, ("address",))
    assert practice.advice_ids == (*(each.id for each in found), other.id)


def test_what_a_report_has_no_room_for_is_not_told():
    names = [f"n{number}.acme.example" for number in range(MOST_ADVICE + 3)]
    found = [advice(Check.MX, name, "mx_dead", "none", 1, facts={"hosts": f"mx.{name}"}) for name in names]
    practice = week_practice([result(Check.MX, name, CheckOutcome.FAIL) for name in names], found, WEEK)
    assert len(practice.open) == MOST_ADVICE + 3
    assert len(practice.advice_ids) == len(practice.told) == MOST_ADVICE


def test_what_was_mended_since_the_week_began_is_told():
    hours = {"a.example": 40, "b.example": -1, "c.example": 170}
    found = [advice(Check.MX, name, "mx_missing", "none", -90, hour) for name, hour in hours.items()]
    practice = week_practice([result(Check.MX, name) for name in hours], found, WEEK)
    assert practice.mended == (
        Mended(Check.MX, "a.example", WEEK.begin + 40 * HOUR),
        Mended(Check.MX, "c.example", WEEK.begin + 170 * HOUR),
    )
    assert practice.open == ()


def test_what_fails_again_is_open_and_not_mended():
    mended = replace(OPEN, id="before", mended_at=WEEK.begin + 5 * HOUR)
    practice = week_practice([FAILED], [replace(OPEN, opened_at=WEEK.begin + 9 * HOUR), mended], WEEK)
    assert practice.mended == ()
    assert [each.since for each in practice.open] == [WEEK.begin + 9 * HOUR]


def test_what_was_overruled_is_still_to_be_put_in_order():
    overruled = replace(OPEN, overruled_by="Robin Doe", overruled_at=WEEK.begin, overruled_because="mark")
    practice = week_practice([FAILED], [overruled], WEEK)
    assert [each.overruled for each in practice.open] == [True]
    assert "mark" not in repr(practice)


def test_results_are_counted_and_the_newest_is_when_it_was_checked():
    late = result(Check.SPF, NAME, at=CHECKED_AT + HOUR)
    unknown = [result(Check.TLS, "", CheckOutcome.UNKNOWN), result(Check.MX, "b.example", CheckOutcome.UNKNOWN)]
    practice = week_practice([FAILED, late, *unknown], [], WEEK)
    assert (practice.passed, practice.failed, practice.checked_at) == (1, 1, CHECKED_AT + HOUR)
    assert practice.unchecked == (Unchecked(Check.MX, ("b.example",)), Unchecked(Check.TLS, ()))


def test_of_what_was_overruled_and_is_worse_by_now_the_newest_is_told():
    overruled = replace(OPEN, id="before", overruled_at=WEEK.begin)
    worse = replace(OPEN, opened_at=WEEK.begin + HOUR)
    practice = week_practice([FAILED], [worse, overruled], WEEK)
    assert [(each.ids, each.overruled) for each in practice.open] == [((OPEN.id,), False)]


def test_what_the_report_tells_by_itself_is_left_out():
    checks = (Check.LISTINGS, Check.WARMUP)
    results = [result(check, "192.0.2.9", outcome) for check in checks for outcome in CheckOutcome]
    assert (
        week_practice(results, [advice(check, "192.0.2.9", "listed", "", 5) for check in checks], WEEK) == NEVER_CHECKED
    )
