"""A customer's practice in words: rows of subjects alike, repairs of several, and the register of advice."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.cli.output import print_wrapped
from deliverwatch.core.inventory import Language
from deliverwatch.core.practice import TAKEN_BACK, Check, CheckOutcome, CheckResult
from deliverwatch.core.practice_listed import Listed, listed
from deliverwatch.core.practice_problems import Problem
from deliverwatch.core.practice_register import register
from deliverwatch.render.practice_shown import found_rows, register_lines, repair_lines, state_of

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
PASS, FAIL = CheckOutcome.PASS, CheckOutcome.FAIL
PSBL = Listed("k", "psbl", AT - timedelta(days=1), "PSBL")
LONG = "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"


def passed(check, subject, found):
    return CheckResult(check, subject, PASS, found.format(subject), AT, "here")


def no_name(address):
    facts = {"address": address}
    return CheckResult(
        Check.PTR, address, FAIL, f"{address} has no reverse name", AT, "PTR", Problem.PTR_MISSING, facts
    )


def on_psbl(*addresses):
    return [listed(address, [PSBL._replace(key=f"k/{address}")], AT) for address in addresses]


def test_several_of_which_the_same_was_found_are_told_as_several():
    rows = list(found_rows(on_psbl("192.0.2.8", "192.0.2.9", "192.0.2.11")))
    names = "192.0.2.8/31, 192.0.2.11"
    assert rows == [(Check.LISTINGS, names, "fail", f"{names} are listed on PSBL (since 2026-11-23 12:00 UTC)")]
    (row,) = found_rows([no_name("192.0.2.8"), no_name("192.0.2.9")])
    assert row[3] == "192.0.2.8/31 have no reverse name"
    (row,) = found_rows([no_name("192.0.2.8")])
    assert row[3] == "192.0.2.8 has no reverse name"


@pytest.mark.parametrize(
    ("subject", "leads_to"), [("192.0.2.{}", "192.0.2.{}0"), ("d{}.acme.example", "news.d{}.acme.example")]
)
def test_a_subject_is_not_found_within_a_longer_name(subject, leads_to):
    results = [passed(Check.HELO, subject.format(n), f"{{}} leads to {leads_to.format(n)}") for n in (1, 2)]
    assert [row[3] for row in found_rows(results)] == [each.found for each in results]


def test_what_is_not_as_planned_is_no_part_of_a_crowd():
    plain = [passed(Check.WARMUP, f"192.0.2.{last}", "the warm-up of {} is on plan") for last in (8, 9, 20, 22, 24, 26)]
    others = [
        passed(Check.WARMUP, "192.0.2.30", "the warm-up of {} is held: listing"),
        passed(Check.WARMUP, "192.0.2.31", "the warm-up of {} is ready to release"),
    ]
    assert [(row[1], row[3]) for row in found_rows([*plain, *others])] == [
        (
            "192.0.2.8/31, 192.0.2.20, 192.0.2.22, 192.0.2.24, 192.0.2.26",
            "the warm-ups of 192.0.2.8/31, 192.0.2.20, 192.0.2.22, 192.0.2.24 and 1 more are on plan",
        ),
        ("192.0.2.30", "the warm-up of 192.0.2.30 is held: listing"),
        ("192.0.2.31", "the warm-up of 192.0.2.31 is ready to release"),
    ]


def test_many_that_are_well_are_one_row_but_not_those_with_a_remark():
    named = "{} has the reverse name out.acme.example, which leads back to it"
    many = [passed(Check.PTR, f"192.0.2.{last}", named.replace("out", f"out{last}")) for last in range(8, 16)]
    remark = passed(Check.PTR, "192.0.2.30", f"{named}, and looks generic")
    rows = [(row[1], row[3]) for row in found_rows([*many, remark])]
    assert [row[0] for row in rows] == ["192.0.2.8/29", "192.0.2.30"]
    assert rows[0][1].startswith("8 looked at, one of them: 192.0.2.8 has")
    assert rows[1][1].endswith("and looks generic")


def test_one_repair_is_one_line_with_ranges_and_nobody_is_left_out():
    lines = repair_lines([no_name(f"192.0.2.{last}") for last in (8, 9, 11)], (), Language.EN)
    assert lines == [
        "- Reverse name: Set a reverse name (PTR) for 192.0.2.8/31, 192.0.2.11, and let that name lead back to it."
    ]
    scattered = [f"192.0.2.{last}" for last in range(1, 20, 2)]
    lines = repair_lines(map(no_name, scattered), (), Language.EN)
    assert len(lines) == 3
    assert re.findall(r"192\.0\.2\.\d+", " ".join(lines)) == scattered


def test_what_is_overruled_is_a_line_of_its_own():
    results = on_psbl("192.0.2.8", "192.0.2.9", "192.0.2.20")
    advice = register("acme", [], results)
    advice[2] = replace(advice[2], overruled_by="Robin", overruled_at=AT, overruled_because="known")
    lines = repair_lines(results, advice, Language.EN)
    assert [line.partition(". ")[0] for line in lines] == [
        "- Blocklists: Listed on PSBL: 192.0.2.8/31",
        "- Blocklists: Listed on PSBL: 192.0.2.20",
    ]
    assert [line.endswith("(overruled)") for line in lines] == [False, True]


def test_the_states_of_advice():
    (listing,) = register("acme", [], on_psbl("192.0.2.8"))
    (given,) = register("acme", [], [no_name("192.0.2.8")])
    overruled = replace(given, overruled_at=AT, overruled_by="Robin", overruled_because="known")
    assert [state_of(each) for each in (given, replace(given, told_at=AT), overruled)] == ["given", "told", "overruled"]
    assert state_of(replace(overruled, mended_at=AT)) == "mended"
    assert state_of(listing) == "in_report"
    assert next(register_lines([listing])) == "- listings 192.0.2.8: the weekly report tells it as a listing"
    void = replace(listing, facts={**listing.facts, TAKEN_BACK: "the list lied"}, mended_at=AT)
    assert state_of(void) == "taken_back"
    assert list(register_lines([void]))[:2] == [
        "- listings 192.0.2.8: taken back, the list lied",
        "  given 2026-11-24 12:00, taken back 2026-11-24 12:00",
    ]


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")


def test_the_register_is_readable_on_a_narrow_terminal(narrow, capsys):
    lists = [PSBL._replace(key=f"k{number}", name=f"List number {number}") for number in range(3)]
    advice = register("acme", [], [listed(LONG, lists, AT), no_name(LONG)])
    print_wrapped(register_lines(advice))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert sum(LONG in line for line in lines) == 2 * len(advice)
