"""A customer's week by place: its parts add up to the whole, and what was not observed stays where it was."""

from datetime import timedelta

import pytest

from deliverwatch.core.coverage import Gap
from deliverwatch.core.events import Ending
from deliverwatch.core.inventory import Asset
from deliverwatch.core.listing import Watch
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.verdict import Outcome
from deliverwatch.core.week_places import Place
from render.weeks import (
    ASSETS,
    DOMAINS,
    GREAT,
    HOUR,
    MIDDLE,
    WEEK,
    WEEKS,
    cycles,
    last_week,
    listing,
    week,
)

NEWS = Place("newsletter", "acme-news", None)
RECEIPTS = Place("receipts", "acme-receipts", None)
DOMAIN = Place(None, None, "news.acme.example")


def places(**facts):
    return {each.place: each for each in week(**facts).places}


@pytest.mark.parametrize("name", WEEKS)
def test_places_add_up_to_the_report(name):
    report = WEEKS[name]()
    assert sum((each.due_for for each in report.places), timedelta(0)) == report.due_for
    unverified = sum((each.unverified_for for each in report.places), timedelta(0))
    assert unverified == report.due_for - report.verified_for
    assert sum(each.open_at_end for each in report.places) == report.open_at_end
    assert sum(each.listed for each in report.places) == len(report.listings)


def test_ips_go_by_stream_and_pool_and_each_domain_is_its_own():
    found = places(assets=(*ASSETS, Asset("b.acme.example", "acme"), Asset("192.0.2.1", "acme")))
    assert {NEWS, RECEIPTS, DOMAIN, Place(None, None, "b.acme.example"), Place(None, None, None)} < set(found)


def test_listings_count_where_they_began_now_and_then():
    found = places(
        listings=[
            listing(GREAT, "192.0.2.9", 5),
            listing(MIDDLE, "192.0.2.9", -30, 20, Ending.DELISTED),
            listing(DOMAINS, "news.acme.example", -100, -20, Ending.DELISTED),
        ],
        last_week=last_week(),
    )
    assert [(found[each].open_at_end, found[each].listed, found[each].listed_before) for each in (NEWS, DOMAIN)] == [
        (1, 2, 1),
        (0, 0, 1),
    ]
    assert not found[DOMAIN].is_quiet
    assert found[RECEIPTS].is_quiet


def test_without_a_week_to_compare_with_the_one_before_is_not_known():
    assert {each.listed_before for each in places(listings=[listing(GREAT, "192.0.2.9", -30)]).values()} == {None}


def test_what_was_not_observed_stays_where_it_was():
    gap = Gap(
        Watch("great", parse_subject("2001:db8::10")), WEEK.begin, WEEK.begin + 3 * HOUR, Outcome.UNREACHABLE, "none"
    )
    found = places(gaps=[gap], cycles=cycles(failing={"domains": (10, 12, "no answer in time")}))
    assert (found[RECEIPTS].unverified_for, found[DOMAIN].unverified_for) == (3 * HOUR, 2 * HOUR)
    assert found[NEWS].unverified_for == timedelta(0)


def test_what_no_list_watches_is_not_quiet():
    lists = (GREAT, MIDDLE)
    found = places(lists_on=lists, cycles=cycles(lists))
    assert (found[DOMAIN].due_for, found[DOMAIN].is_quiet, found[NEWS].is_quiet) == (timedelta(0), False, True)


def test_the_worst_comes_first():
    listed = [listing(GREAT, "192.0.2.9", 5, 9, Ending.DELISTED), listing(GREAT, "2001:db8::10", 5)]
    report = week(listings=listed, cycles=cycles(failing={"domains": (10, 12, "no answer in time")}))
    assert [each.place for each in report.places][:3] == [RECEIPTS, NEWS, DOMAIN]
