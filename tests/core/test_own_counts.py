"""What a platform counted itself is used by whole days, where nobody else told of the events."""

from datetime import timedelta

import pytest

from deliverwatch.core.cause import likely_cause
from deliverwatch.core.delivery import FactCounts, FactKey, Measure
from deliverwatch.core.mail_share import Attempts
from deliverwatch.core.own_counts import attempts_of_days, facts_of_days
from deliverwatch.core.told_twice import once
from samples import NOON

DAY = timedelta(days=1)
MIDNIGHT = NOON - timedelta(hours=12)
IP = "192.0.2.10"


def stated(days=0, attempted=1000, lasts_for=DAY, source="metrics", **more):
    values = {"ip": IP, "provider": "mail", "delivered": attempted, "deferred": 30, "complaints": 2, **more}
    return source, Measure(MIDNIGHT + days * DAY, lasts_for, attempted=attempted, **values)


def told(source="postfix", attempted=900, complaints=None, ip=IP):
    return Attempts(ip, "", "mail", attempted, attempted, 5, complaints, source)


def sums(rows):
    return [(each.attempted, each.deferred, each.complaints) for each in rows]


def of_day(measures, events=(), spaces=None):
    return attempts_of_days(measures, events, MIDNIGHT.date(), spaces or {})


def test_a_day_that_nobody_else_told_of_is_counted_as_stated():
    assert sums(of_day([stated()])) == [(1000, 30, 2)]
    assert sums(of_day([stated()], [told(ip="192.0.2.11")])) == [(1000, 30, 2)]


def test_events_of_another_source_come_first_each_count_by_itself():
    assert of_day([stated()], [told(complaints=0)]) == []
    assert sums(of_day([stated()], [told()])) == [(None, None, 2)]
    assert sums(of_day([stated()], [told(attempted=None, complaints=7)])) == [(1000, 30, None)]


def test_of_one_sources_events_and_statistics_whichever_saw_most_counts():
    events = [told(source="metrics", attempted=5, complaints=None)]
    assert sums(once(events + of_day([stated()], events), {})) == [(1000, 30, 2)]
    events = [told(source="metrics", attempted=5000, complaints=9)]
    assert sums(once(events + of_day([stated()], events), {})) == [(5000, 5, 9)]


@pytest.mark.parametrize(
    "partly",
    [
        {"lasts_for": timedelta(hours=1)},
        {"lasts_for": 7 * DAY},
        {"as_of": MIDNIGHT + timedelta(hours=20)},
        {"days": 0.5},
        {"ip": None},
    ],
)
def test_only_whole_days_of_a_sender_count(partly):
    assert of_day([stated(**partly)]) == []
    assert sums(of_day([stated(as_of=MIDNIGHT + DAY)])) == [(1000, 30, 2)]


def test_groupings_of_the_same_mail_are_not_added_up():
    by_campaign = [stated(attempted=600, campaign="a"), stated(attempted=300, campaign="b")]
    assert sums(of_day([stated(), *by_campaign])) == [(1000, 30, 2)]
    assert sorted(sums(of_day(by_campaign))) == [(300, 30, 2), (600, 30, 2)]


def test_what_was_delivered_and_what_bounced_was_offered():
    assert sums(of_day([stated(attempted=None, delivered=900, bounced=50)])) == [(950, 30, 2)]


def test_the_week_before_a_block_is_of_as_many_days_as_the_one_before_it():
    days = [stated(-number, 1000 if number > 7 else 4000) for number in range(15)]
    found = facts_of_days(days, [], NOON, {})
    assert {key.hour_at for key, _ in found} == {NOON - number * DAY for number in range(1, 15)}
    cause = likely_cause(found, NOON, {})
    assert [(each["what"], each["before"], each["after"]) for each in cause["changes"]] == [("volume", 7000, 28000)]


def test_a_day_with_events_of_another_source_is_left_to_them():
    event = FactKey("postfix", IP, "mail", "", "", "", "", NOON - 2 * DAY), FactCounts(10, 10, 0, 0)
    found = facts_of_days([stated(-1), stated(-2)], [event], NOON, {})
    assert [(key.hour_at, counts.attempted) for key, counts in found] == [
        (NOON - DAY, 1000),
        (NOON - 2 * DAY, None),
    ]
