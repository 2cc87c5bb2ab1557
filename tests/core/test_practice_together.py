"""Advice that is one matter of several subjects is told once; what differs in anything that is shown stands apart."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.core.practice import TAKEN_BACK, Advice, Check
from deliverwatch.core.practice_listed import Listed, listed
from deliverwatch.core.practice_together import SUBJECT, names_of, together, without_subject

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def an_advice(subject, list_id="sample", since=NOON, **more):
    """Of one listing, whose key names its subject."""
    result = listed(subject, [Listed(f"{subject}/{list_id}", list_id, since, f"List {list_id}")], NOON)
    made = Advice(f"{subject}/{list_id}", "acme", Check.LISTINGS, subject, "listed", result.facts, result.found, NOON)
    return replace(made, **more)


EIGHT = [an_advice(f"192.0.2.{number}") for number in range(8, 16)]


def test_a_range_on_one_list_is_one_matter():
    (group,) = together(EIGHT)
    assert group.names == ("192.0.2.8/29",)
    assert group.members == tuple(EIGHT)
    assert group.found.startswith(f"{SUBJECT} is listed on List sample")
    assert group.facts["subject"] == "192.0.2.8/29"
    assert group.facts["lists"] == "List sample"


@pytest.mark.parametrize(
    "other",
    [
        an_advice("192.0.2.9", "another"),
        an_advice("192.0.2.9", since=NOON - HOUR),
        an_advice("192.0.2.9", opened_at=NOON + HOUR),
        an_advice("192.0.2.9", told_at=NOON + HOUR),
        an_advice("192.0.2.9", mended_at=NOON + HOUR),
        an_advice("192.0.2.9", overruled_at=NOON, overruled_by="Robin", overruled_because="it moves"),
        an_advice("192.0.2.9", check=Check.PTR),
        an_advice("192.0.2.9", problem="ptr_missing"),
        an_advice("192.0.2.9", found="192.0.2.9 is listed elsewhere"),
        an_advice("192.0.2.9", facts={**an_advice("192.0.2.9").facts, TAKEN_BACK: "the list lied"}),
    ],
)
def test_whatever_differs_stands_apart(other):
    assert [group.members for group in together([EIGHT[0], other])] == [(EIGHT[0],), (other,)]


def test_a_check_that_took_seconds_is_one_time():
    (group,) = together([EIGHT[0], replace(EIGHT[1], opened_at=NOON + SECOND)])
    assert group.names == ("192.0.2.8/31",)


def test_of_the_customer_as_a_whole_there_is_no_name():
    (group,) = together([Advice("a", "acme", Check.TLS, "", "tls_demanded", {"replies": "3"}, "mail bounced", NOON)])
    assert (group.names, group.found) == ((), "mail bounced")


def test_a_subject_is_taken_out_as_a_whole_alone():
    assert (
        without_subject("192.0.2.1", "192.0.2.1 and 192.0.2.10, 192.0.2.1.") == f"{SUBJECT} and 192.0.2.10, {SUBJECT}."
    )


def test_what_is_no_subject_of_its_own_is_named_as_it_is():
    assert names_of(["s1._domainkey.a.example", "192.0.2.0", "192.0.2.1"]) == [
        "192.0.2.0/31",
        "s1._domainkey.a.example",
    ]
