"""What changed before a listing or a block, and what is no change."""

from datetime import timedelta

from deliverwatch.core.cause import likely_cause
from deliverwatch.core.delivery import FactCounts, FactKey
from samples import NOON

DAY = timedelta(days=1)
SPACES = {"webhook": "platform", "api": "platform"}


def fact(days_before, attempted=1000, bounced=10, complaints=None, pool="", domain="", campaign="", source="postfix"):
    key = FactKey(source, "192.0.2.10", "mail", domain, pool, campaign, "", NOON - days_before * DAY)
    return key, FactCounts(attempted, attempted - bounced, 0, bounced, None, complaints)


def changes(*facts):
    return [(each["what"], each["where"], each["factor"]) for each in likely_cause(facts, NOON, SPACES)["changes"]]


def test_nothing_counted_in_the_week_before_is_unknown():
    assert likely_cause([], NOON, SPACES) is None
    assert likely_cause([fact(10), fact(0), fact(-1)], NOON, SPACES) is None


def test_without_another_week_nothing_is_a_change():
    cause = likely_cause([fact(3, campaign="spring", complaints=900)], NOON, SPACES)
    assert (cause["compared"], cause["changes"]) == (False, [])


def test_volume_that_doubled():
    assert changes(fact(10), fact(3, 2000, 20)) == [("volume", "all", 2.0)]
    assert changes(fact(10), fact(3, 1900, 19)) == []
    assert changes(fact(10, 10, 0), fact(3, 90, 0)) == []


def test_ratios_that_certainly_grew():
    assert changes(fact(10), fact(3, bounced=60)) == [("bounce_ratio", "all", 6.0)]
    assert changes(fact(10, 20, 1), fact(3, 20, 3)) == []
    assert changes(fact(10, complaints=1), fact(3, complaints=30)) == [("complaint_ratio", "all", 30.0)]
    assert changes(fact(10, complaints=0), fact(3, complaints=30)) == [("complaint_ratio", "all", None)]


def test_what_was_not_measured_is_not_compared():
    assert changes(fact(10, complaints=None), fact(3, complaints=30)) == []


def test_mailings_that_were_not_there_before_largest_first():
    before = fact(10, campaign="weekly")
    found = changes(
        before, fact(3, 400, 4, campaign="b"), fact(2, 500, 5, campaign="a"), fact(1, 90, 0, campaign="weekly")
    )
    assert found == [("new_campaign", "campaign a", None), ("new_campaign", "campaign b", None)]


def test_where_it_changed():
    still = [fact(10, 5000, 50, pool="a"), fact(3, 5000, 50, pool="a")]
    assert changes(*still, fact(10, pool="b"), fact(3, 3000, 30, pool="b")) == [("volume", "pool b", 3.0)]
    still = [fact(10, 5000, 50, domain="a.example"), fact(3, 5000, 50, domain="a.example")]
    moved = [fact(10, domain="b.example"), fact(3, 3000, 30, domain="b.example")]
    assert changes(*still, *moved) == [("volume", "domain b.example", 3.0)]


def test_a_source_that_is_new_is_no_change():
    log = [fact(10), fact(3)]
    assert changes(*log, fact(3, 3000, 900, source="webhook")) == []
    assert changes(fact(10, source="webhook"), fact(3, 500, 5, source="webhook"), fact(3, 1500, 15, source="api")) == [
        ("volume", "all", 2.0)
    ]


def test_complaints_that_two_sources_tell_are_counted_once():
    def both_weeks(source, before, after):
        mail = None if source == "arf" else 1000
        kinds = ((10, before), (3, after))
        return [
            (key, counts if mail else FactCounts(complaints=counts.complaints))
            for key, counts in (fact(day, complaints=complaints, source=source) for day, complaints in kinds)
        ]

    found = likely_cause([*both_weeks("webhook", 1, 20), *both_weeks("arf", 2, 30)], NOON, SPACES)
    assert [(each["what"], each["before"], each["after"]) for each in found["changes"]] == [
        ("complaint_ratio", round(2 / 990, 5), round(30 / 990, 5))
    ]
