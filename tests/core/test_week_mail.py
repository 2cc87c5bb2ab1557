"""The mail of a week: whose it is, counted once, and None where nobody counted."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from deliverwatch.core.coverage import Span
from deliverwatch.core.delivery import FactCounts, FactKey, Measure
from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.service_hours import week_span
from deliverwatch.core.week_mail import NOT_MEASURED, WeekMail, can_grow, counted_in, names_within, week_mail

EASTERN = ZoneInfo("America/New_York")
WEEK = week_span("2026-W47", EASTERN)
OWN, SHARED, THEIRS = "192.0.2.9", "203.0.113.2", "198.51.100.7"
ASSETS = (
    Asset("192.0.2.8/30", "acme"),
    Asset("acme.example", "acme"),
    Asset(SHARED, None, shared_with=("acme", "bravo")),
    Asset(THEIRS, "bravo"),
    Asset("bravo.example", "bravo"),
)


def fact(ip=OWN, domain="", source="powermta", hours=0, provider="outlook", **counts):
    key = FactKey(source, ip, provider, domain, "", "", "", WEEK.begin + timedelta(hours=hours))
    return key, FactCounts(**counts)


def mail(*counted, assets=ASSETS, spaces=None):
    return week_mail("acme", Holdings(assets), counted, spaces or {})


def test_all_that_left_from_theirs_adds_up():
    found = mail(
        fact(attempted=10, delivered=7, deferred=2, bounced=1),
        fact("192.0.2.10", hours=5, attempted=5, delivered=5, deferred=0, bounced=0),
        fact(provider="", hours=9, attempted=1, delivered=0, deferred=1, bounced=0),
    )
    assert found == WeekMail(16, 12, 3, 1)
    assert found.is_measured


def test_of_what_others_send_from_only_their_own_domains_mail_is_theirs():
    of_others = [
        fact(THEIRS, "bravo.example", attempted=1),
        fact(SHARED, "bravo.example", attempted=2),
        fact(SHARED, attempted=4),
    ]
    assert mail(*of_others) == NOT_MEASURED
    assert mail(*of_others, fact(SHARED, "acme.example", attempted=8)).attempted == 8


def test_mail_is_theirs_while_the_sender_was():
    assets = (Asset(OWN, "acme", until_on=date(2026, 11, 17)), Asset(OWN, "bravo", from_on=date(2026, 11, 18)))
    days = [fact(hours=24 * day, attempted=10**day) for day in range(4)]
    assert mail(*days, assets=assets).attempted == 11


def test_what_nobody_counts_is_not_none_of_it():
    assert mail(fact(delivered=7)) == WeekMail(None, 7, None, None)
    assert mail() == NOT_MEASURED
    assert not mail().is_measured


def test_mail_that_two_sources_told_of_counts_once():
    twice = [fact(attempted=10, delivered=9), fact(source="platform", attempted=8, delivered=8)]
    assert mail(*twice) == WeekMail(10, 9, None, None)
    assert mail(*twice, spaces={"platform": "one", "powermta": "one"}) == WeekMail(18, 17, None, None)


def test_names_that_only_a_log_can_hold_are_nobodys():
    assert mail(fact("not an address", "also_not..one", attempted=5)) == NOT_MEASURED


@pytest.mark.parametrize("week", ["2026-W13", "2026-W44", "2026-W10", "2026-W45", "2026-W47"])
def test_a_week_has_seven_days_of_a_sources_own_counts_through_clock_changes(week):
    span = week_span(week, EASTERN)
    first = span.begin.astimezone(EASTERN).date()
    starts = [datetime.combine(first, datetime.min.time(), UTC) + timedelta(days=day) for day in range(-3, 10)]
    stated = [("ses", Measure(at, timedelta(days=1), ip=OWN, attempted=10**n)) for n, at in enumerate(starts)]
    found = counted_in(span, EASTERN, (), stated, {})
    assert week_mail("acme", Holdings(ASSETS), found, {}).attempted == sum(10**n for n in range(3, 10))


def test_hours_are_of_the_week_and_the_next_one_begins_at_its_end():
    told = [fact(hours=hours, attempted=1) for hours in (-1, 0, 167, 168)]
    assert [key.hour_at for key, _ in counted_in(WEEK, EASTERN, told, (), {})] == [
        WEEK.begin,
        WEEK.end - timedelta(hours=1),
    ]


def test_days_of_which_another_source_told_events_are_left_aside():
    stated = [("ses", Measure(WEEK.begin.replace(hour=0), timedelta(days=1), ip=OWN, attempted=500))]
    found = counted_in(WEEK, EASTERN, [fact(hours=3, attempted=3)], stated, {})
    assert week_mail("acme", Holdings(ASSETS), found, {}).attempted == 3


def test_names_are_those_held_alone_at_some_time():
    assets = (*ASSETS, Asset("192.0.2.30", "acme", until_on=date(2026, 10, 1)))
    assert names_within("acme", assets, WEEK) == {*(f"192.0.2.{n}" for n in range(8, 12)), "acme.example"}
    alone = replace(ASSETS[2], shared_with=("acme",))
    assert SHARED in names_within("acme", (alone,), WEEK)


@pytest.mark.parametrize(("later", "grows"), [(timedelta(days=3, minutes=-1), True), (timedelta(days=3), False)])
def test_counts_are_provisional_while_logs_may_be_late(later, grows):
    assert can_grow(Span(WEEK.begin, WEEK.end), WEEK.end + later) is grows
