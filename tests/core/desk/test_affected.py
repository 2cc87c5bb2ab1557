"""Customers, worst first by the share of their mail that is hit."""

from datetime import date, timedelta

import pytest

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.blocklist import Impact
from deliverwatch.core.desk.affected import worst_first
from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.listing import Listing
from deliverwatch.core.mail_share import Attempts, MailShares
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import parse_subject
from samples import NOON, customer

DAY = date(2026, 11, 18)
HOLDINGS = Holdings(
    (
        Asset("192.0.2.0/29", "acme"),
        Asset("news.acme.example", "acme"),
        Asset("198.51.100.0/29", "bravo"),
        Asset("203.0.113.1", None, shared_with=("acme", "bravo")),
        Asset("192.0.2.64/29", "cedar"),
    )
)
CUSTOMERS = {each: customer(each) for each in ("acme", "bravo", "cedar")}


def listing(subject, impact=Impact.HIGH, list_id="zen", incident=None):
    at = NOON - timedelta(hours=3)
    key = f"listing_opened/{list_id}/{subject}"
    found = parse_subject(subject)
    return Listing(key, list_id, found, at, at, None, None, (), (), impact, None, "", incident or key)


def block(subject, provider="gmail"):
    at = NOON - timedelta(hours=3)
    key = f"block_opened/{provider}/{subject}"
    return Episode(key, EpisodeKind.BLOCK, provider, parse_subject(subject), "ip_block", ReplyClass.IP_BLOCK, at, at)


def mail(ip, attempted, provider="gmail", domain=""):
    return Attempts(ip, domain, provider, attempted)


def ranked(listings=(), blocks=(), attempts=(), seen=CUSTOMERS, sees_all=True):
    subjects = {each.subject for each in (*listings, *blocks)}
    parties = {each.value: HOLDINGS.parties(each, DAY) for each in subjects}
    return worst_first(seen, listings, blocks, parties, MailShares(attempts, HOLDINGS, DAY), sees_all=sees_all)


def shares(found):
    return {each.customer.id: each.share for each in found}


def test_the_share_is_of_all_mail_of_the_customer_at_all_providers():
    attempts = [mail("192.0.2.1", 30), mail("192.0.2.1", 10, "outlook"), mail("192.0.2.2", 60)]
    assert shares(ranked([listing("192.0.2.1")], (), attempts)) == {"acme": 0.4}


def test_a_block_hits_the_mail_to_that_provider_alone():
    attempts = [mail("192.0.2.1", 30), mail("192.0.2.1", 10, "outlook"), mail("192.0.2.2", 60)]
    assert shares(ranked((), [block("192.0.2.1", "outlook")], attempts)) == {"acme": 0.1}


def test_mail_is_hit_once_however_many_listings_its_sender_and_its_domain_have():
    attempts = [mail("192.0.2.1", 50, domain="news.acme.example"), mail("192.0.2.2", 50)]
    found = [listing("192.0.2.1"), listing("192.0.2.1", list_id="psbl"), listing("news.acme.example", list_id="dbl")]
    assert shares(ranked(found, [block("192.0.2.1")], attempts)) == {"acme": 0.5}


def test_what_was_not_measured_is_not_known_and_what_was_idle_is_none():
    found = [listing("192.0.2.1"), listing("198.51.100.1")]
    assert shares(ranked(found, (), [mail("198.51.100.2", 5)])) == {"acme": None, "bravo": 0.0}


def test_a_listed_domain_that_no_mail_named_says_nothing():
    assert shares(ranked([listing("news.acme.example")], (), [mail("192.0.2.1", 5)])) == {"acme": None}


def test_the_largest_share_comes_first_then_what_nobody_knows_by_impact_then_what_is_idle():
    found = [
        listing("192.0.2.1", Impact.CRITICAL),
        listing("198.51.100.1", Impact.HIGH),
        listing("192.0.2.65", Impact.CRITICAL),
    ]
    attempts = [mail("198.51.100.1", 1), mail("198.51.100.2", 9), mail("192.0.2.66", 4)]
    assert [each.customer.id for each in ranked(found, (), attempts)] == ["bravo", "acme", "cedar"]
    graver = [listing("192.0.2.65", Impact.HIGH), listing("198.51.100.1", Impact.CRITICAL)]
    assert [each.customer.id for each in ranked(graver)] == ["bravo", "cedar"]


def test_a_block_is_as_grave_as_can_be():
    found = ranked([listing("192.0.2.1", Impact.HIGH)], [block("198.51.100.1")])
    assert [(each.customer.id, each.worst) for each in found] == [("bravo", Impact.CRITICAL), ("acme", Impact.HIGH)]


def test_what_opened_together_is_one_listing_and_where_names_blocks_and_the_gravest_list_first():
    found = [
        listing("192.0.2.1", Impact.HIGH, "psbl", "one"),
        listing("192.0.2.2", Impact.HIGH, "psbl", "one"),
        listing("192.0.2.2", Impact.CRITICAL, "zen"),
    ]
    (acme,) = ranked(found, [block("192.0.2.3")])
    assert (acme.listings, acme.blocks, acme.subjects) == (2, 1, 3)
    assert acme.where == ("gmail", "zen", "psbl")


def test_a_shared_sender_concerns_all_who_share_it():
    assert shares(ranked([listing("203.0.113.1")])) == {"acme": None, "bravo": None}


@pytest.mark.parametrize(
    ("seen", "sees_all", "told"),
    [
        (("acme",), False, {"acme": None}),
        (("acme", "bravo"), False, {"acme": 0.8, "bravo": 0.5}),
        (("acme", "bravo"), True, {"acme": 0.8, "bravo": 0.5}),
    ],
)
def test_how_much_others_send_from_a_shared_sender_is_told_to_nobody_else(seen, sees_all, told):
    attempts = [mail("203.0.113.1", 80), mail("192.0.2.1", 20), mail("198.51.100.1", 80)]
    customers = {each: CUSTOMERS[each] for each in seen}
    assert shares(ranked([listing("203.0.113.1")], (), attempts, customers, sees_all)) == told


def test_whoever_sees_no_customer_sees_nothing():
    assert ranked([listing("192.0.2.1")], [block("203.0.113.1")], (), {}, sees_all=False) == []
