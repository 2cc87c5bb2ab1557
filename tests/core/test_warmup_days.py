"""Service days of one address: how long they are, what is counted on them, and when that is known."""

from datetime import UTC, date, datetime, timedelta

import pytest

from deliverwatch.core.delivery import FactCounts, FactKey, ReplyCounts, ReplyKey
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.warmup.days import (
    NOBODY_TELLS,
    Teller,
    counts_mail,
    day_counts,
    day_span,
    hours_of,
    last_day_over,
    why_unknown,
)

ON = date(2026, 11, 18)
SPAN = day_span(ON, "UTC")
HOUR = timedelta(hours=1)
IP = "192.0.2.10"


def at(hour, on=ON):
    return datetime(on.year, on.month, on.day, tzinfo=UTC) + hour * HOUR


def fact(hour=0, provider="yahoo", source="postfix", **counts):
    return FactKey(source, IP, provider, "", "", "", "", at(hour)), FactCounts(**counts)


def mail(hour=0, delivered=0, deferred=0, bounced=0, provider="yahoo", source="postfix", **more):
    attempted = delivered + deferred + bounced
    return fact(
        hour, provider, source, attempted=attempted, delivered=delivered, deferred=deferred, bounced=bounced, **more
    )


def said(class_, deferred=0, bounced=0, retries=0, source="postfix", hour=0):
    key = ReplyKey(source, IP, "yahoo", "", class_, "rule", "", "", at(hour))
    return key, ReplyCounts(deferred, bounced, 0, "", retries)


def counted(*facts, replies=(), spaces=None, **more):
    return day_counts(facts, replies, SPAN, spaces or {}, **more)


def one(*facts, provider="yahoo", **more):
    return counted(*facts, **more)[provider]


@pytest.mark.parametrize(
    ("zone", "on", "hours"),
    [
        ("Europe/London", date(2026, 3, 29), 23),
        ("Europe/London", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("America/Los_Angeles", date(2026, 3, 8), 23),
        ("America/Los_Angeles", date(2026, 11, 1), 25),
        ("America/Los_Angeles", ON, 24),
        ("UTC", date(2026, 3, 29), 24),
    ],
)
def test_a_day_has_the_hours_that_its_zone_gives_it(zone, on, hours):
    span = day_span(on, zone)
    assert hours_of(span) == hours
    assert span.end == day_span(on + timedelta(days=1), zone).begin


def test_the_last_day_that_is_over_is_yesterday_in_the_zone():
    assert last_day_over(at(3), "UTC") == date(2026, 11, 17)
    assert last_day_over(at(3), "America/New_York") == date(2026, 11, 16)
    assert last_day_over(at(5), "America/New_York") == date(2026, 11, 17)


def test_hours_outside_the_day_are_another_days():
    assert one(mail(-1, 5), mail(0, 7), mail(23, 9), mail(24, 11)).delivered == 16


def test_known_retries_are_no_messages():
    found = one(mail(delivered=80, deferred=40, retries=20))
    assert (found.attempted, found.attempted_least, found.deferred) == (100, 100, 40)


def test_without_deferrals_attempts_are_messages():
    found = one(mail(delivered=80, bounced=20))
    assert (found.attempted, found.attempted_least) == (100, 100)
    found = one(fact(attempted=10, delivered=7, deferred=0, bounced=1))
    assert (found.attempted, found.attempted_least) == (10, 10)


def test_where_retries_are_not_told_what_was_settled_is_the_least():
    found = one(mail(delivered=80, deferred=40, bounced=5))
    assert (found.attempted, found.attempted_least) == (125, 85)


def test_what_was_given_up_is_no_new_message():
    """A queue gave up on mail of days before: bounced, without an attempt."""
    found = one(fact(attempted=10, delivered=10, deferred=0, bounced=4))
    assert (found.attempted, found.attempted_least, found.bounced) == (10, 10, 4)
    assert one(fact(attempted=10, delivered=10, deferred=1, bounced=4)).attempted_least == 10


def test_a_source_that_does_not_count_attempts_counts_what_became_of_them():
    assert one(fact(delivered=7, deferred=2, bounced=1)).attempted == 10


def test_deferrals_that_are_not_measured_are_none():
    found = one(fact(attempted=10, delivered=7))
    assert found.deferred is None
    assert (found.attempted, found.attempted_least) == (10, 7)


def test_of_two_sources_that_saw_the_same_mail_the_one_counts_that_saw_most():
    found = one(mail(delivered=90), mail(delivered=100, source="sparkpost"))
    assert found.delivered == 100


def test_sources_of_one_space_are_added():
    spaces = {"sparkpost": "events", "sparkpost-events": "events"}
    facts = mail(delivered=90, source="sparkpost"), mail(1, 10, source="sparkpost-events")
    assert one(*facts, spaces=spaces).delivered == 100


def test_complaints_may_be_another_sources():
    assert one(mail(delivered=100), fact(source="arf", complaints=3)).complaints == 3


def test_complaints_alone_are_no_mail():
    assert counted(fact(source="arf", complaints=3)) == {}


def test_no_complaint_is_not_measured_where_the_provider_tells_of_none():
    assert one(mail(delivered=9, provider="google", complaints=0), provider="google").complaints is None
    assert one(mail(delivered=9, provider="google", complaints=2), provider="google").complaints == 2
    assert one(mail(delivered=9, complaints=0)).complaints == 0
    assert one(mail(delivered=9)).complaints is None


def test_verdicts_are_counted_as_messages_and_how_many_of_them_bounced():
    replies = [
        said(ReplyClass.IP_BLOCK, deferred=6, bounced=3, retries=2),
        said(ReplyClass.DNSBL_CITED, bounced=1, hour=1),
        said(ReplyClass.AUTH_FAILURE, bounced=4),
        said(ReplyClass.IP_BLOCK, bounced=50, hour=24),
    ]
    found = one(mail(delivered=50, deferred=6, bounced=9), replies=replies)
    assert (found.blocked, found.unauthenticated, found.accused_bounced) == (8, 4, 8)


def test_no_more_verdicts_bounced_than_mail_did():
    found = one(mail(delivered=50, bounced=2), replies=[said(ReplyClass.IP_BLOCK, bounced=9)])
    assert found.accused_bounced == 2


def test_the_verdicts_of_the_source_that_saw_the_mail_count_first():
    replies = [said(ReplyClass.IP_BLOCK, bounced=2), said(ReplyClass.IP_BLOCK, bounced=9, source="dsn")]
    assert one(mail(bounced=5), replies=replies).blocked == 2
    assert one(mail(bounced=5, source="csv"), replies=replies).blocked == 9


def test_a_source_that_tells_of_no_replies_measures_no_verdicts():
    found = one(mail(delivered=5), wordless={"postfix"})
    assert (found.blocked, found.unauthenticated) == (None, None)
    assert one(mail(delivered=5)).blocked == 0


@pytest.mark.parametrize(
    ("not_measured", "counts"),
    [
        (set(), True),
        ({"complaints"}, True),
        ({"attempted"}, True),
        ({"attempted", "delivered"}, False),
        ({"ip"}, False),
        ({"provider", "delivered_by_ip"}, False),
    ],
)
def test_who_counts_the_mail_of_an_address(not_measured, counts):
    assert counts_mail(not_measured) is counts


def teller(source="postfix", read=None, told=None, space=None, **more):
    def moment(hour):
        return None if hour is None else at(hour)

    return Teller(source, space or source, moment(read), moment(told), **more)


def test_a_day_with_mail_is_known_once_its_source_was_read_after_it():
    assert why_unknown(SPAN, [teller(read=24)], [teller(read=24, told=20)]) is None
    assert why_unknown(SPAN, [teller(read=23, told=20)], [teller(read=23, told=20)]) is not None


def test_a_log_that_is_followed_must_have_told_of_something_after_the_day():
    behind = teller(read=30, told=20, streams=True)
    assert why_unknown(SPAN, [behind], [behind]) == "postfix has told of nothing since 2026-11-18 20:00 UTC"
    caught_up = teller(read=30, told=24, streams=True)
    assert why_unknown(SPAN, [caught_up], [caught_up]) is None


def test_each_source_of_the_days_mail_must_have_been_read():
    of_day = [teller(read=24, told=24), teller("exim", read=12, told=12)]
    assert why_unknown(SPAN, of_day, of_day) == "exim has told of nothing since 2026-11-18 12:00 UTC"


def test_a_day_without_mail_is_known_once_all_who_would_tell_have_told_of_later():
    assert why_unknown(SPAN, [], [teller(told=24), teller("exim", told=30)]) is None
    found = why_unknown(SPAN, [], [teller(read=30, told=24), teller("exim", read=30, told=18)])
    assert found == "exim has told of nothing since 2026-11-18 18:00 UTC"


def test_of_one_space_either_will_do():
    lately = [teller("sparkpost", told=24, space="events"), teller("sparkpost-events", told=3, space="events")]
    assert why_unknown(SPAN, [], lately) is None


def test_without_anybody_who_tells_nothing_is_known():
    assert why_unknown(SPAN, [], []) == NOBODY_TELLS


def test_one_that_fails_says_so():
    failing = teller(told=3, failed_since=at(4), failure="401\x1b[2J")
    assert why_unknown(SPAN, [], [failing]) == "postfix cannot be read since 2026-11-18 04:00 UTC: 401\\x1b[2J"
    assert why_unknown(SPAN, [], [teller()]) == "postfix has told of nothing yet"
