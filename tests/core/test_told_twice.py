"""Mail that two sources told of is counted once, and what one of them missed is not."""

from deliverwatch.core.mail_share import Attempts
from deliverwatch.core.told_twice import most, once

SPACES = {"webhook": "platform", "api": "platform"}


def seen(source, attempted=None, complaints=None, domain="news.acme.example", ip="192.0.2.10", **more):
    return Attempts(ip, domain, "mail", attempted, complaints=complaints, source=source, **more)


def test_of_two_sources_the_one_that_saw_most():
    assert once([seen("postfix", 90), seen("webhook", 100)], SPACES) == [seen("webhook", 100)]


def test_what_shares_its_event_ids_adds_up():
    both = [seen("webhook", 60), seen("api", 50)]
    assert once([*both, seen("postfix", 100)], SPACES) == both


def test_all_domains_of_the_one_are_kept():
    log = [seen("postfix", 60), seen("postfix", 60, domain="shop.acme.example")]
    assert once([*log, seen("webhook", 100)], SPACES) == log


def test_complaints_may_be_anothers_than_the_mail():
    found = once([seen("webhook", 100, 3), seen("arf", complaints=5, domain="")], SPACES)
    assert found == [seen("webhook", 100), seen("arf", complaints=5, domain="")]


def test_a_source_that_counts_no_attempts_is_judged_by_what_was_delivered():
    assert once([seen("ses", delivered=40), seen("postfix", 30)], SPACES) == [seen("ses", delivered=40)]


def test_senders_are_judged_by_themselves():
    other = seen("webhook", 9, ip="192.0.2.11")
    nameless = [seen("ses", 7, ip=""), seen("ses", 7, ip="", domain="shop.acme.example")]
    assert once([seen("postfix", 90), other, *nameless], SPACES) == [seen("postfix", 90), other, *nameless]


def test_nobody_counted():
    assert most([("postfix", None)]) is None
    assert once([seen("postfix")], SPACES) == []
