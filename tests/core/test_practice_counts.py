"""Complaints, bounces and TLS, from what was counted of a customer's own mail."""

from datetime import UTC, datetime

import pytest

from deliverwatch.catalogue.reply_rules import load_reply_rules
from deliverwatch.core.delivery import FactCounts, FactKey, ReplyCounts, ReplyKey
from deliverwatch.core.practice import CheckOutcome
from deliverwatch.core.practice_counts import TLS_RULES, Mail, bounces, complaints, mail_of, tls
from deliverwatch.core.practice_policy import POLICY
from deliverwatch.core.practice_problems import Problem
from deliverwatch.core.practice_scope import PracticeScope
from deliverwatch.core.reply import ReplyClass

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
OWN, SHARED = "192.0.2.10", "203.0.113.1"
SCOPE = PracticeScope("acme", (OWN, SHARED), frozenset({OWN, SHARED}), frozenset({OWN, "news.acme.example"}))
NAMES = {"google": "Gmail, Google Workspace", "yahoo": "Yahoo Mail, AOL", "comcast": "Comcast", "mailru": "Mail.ru"}
PASS, FAIL, UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN


def counted(provider="yahoo", ip=OWN, domain="news.acme.example", source="webhook", **counts):
    return FactKey(source, ip, provider, domain, "", "", "", AT), FactCounts(**counts)


def judged(**mail):
    return complaints({id_: Mail(*counts) for id_, counts in mail.items()}, NAMES, AT, POLICY)


def test_mail_of_a_shared_address_is_theirs_by_its_domain_alone():
    facts = [
        counted(ip=SHARED, attempted=10, delivered=9, bounced=1),
        counted(ip=SHARED, domain="bravo.example", attempted=1000, delivered=1),
        counted(ip=SHARED, domain="", attempted=1000),
        counted(attempted=5, complaints=0),
    ]
    assert mail_of(facts, SCOPE, {}) == {"yahoo": Mail(15, 9, 1, 0)}


def test_what_two_sources_told_of_is_counted_once():
    facts = [
        counted(attempted=100, delivered=90),
        counted(source="api", attempted=20, delivered=20),
        counted(source="postfix", attempted=110, delivered=100),
        counted(source="arf", domain="", complaints=2),
        counted(source="fbl", domain="", complaints=1),
    ]
    spaces = {"webhook": "platform", "api": "platform"}
    assert mail_of(facts, SCOPE, spaces) == {"yahoo": Mail(120, 110, None, 2)}


def test_complaints_at_the_limit_fail_and_just_below_they_are_told():
    high = judged(yahoo=(None, 10_000, None, 30), comcast=(None, 10_000, None, 29))
    assert (high.outcome, high.problem, high.facts) == (
        FAIL,
        Problem.COMPLAINTS_HIGH,
        {"providers": "Yahoo Mail"},
    )
    said = judged(comcast=(None, 10_000, None, 29), yahoo=(None, 10_000, None, 9))
    assert said.outcome is PASS
    assert said.found == (
        "complaints: Comcast: 29 complaints of 10,000 delivered (0.29%, above 0.10%); "
        "Yahoo Mail: 9 complaints of 10,000 delivered (0.09%)"
    )


def test_little_mail_proves_nothing_in_either_direction():
    assert judged(yahoo=(None, 999, None, 500)).outcome is UNKNOWN
    assert "too few" in judged(yahoo=(None, 999, None, 0)).found
    some = judged(yahoo=(None, 1000, None, 0), comcast=(None, 999, None, 9))
    assert (some.outcome, "Comcast" in some.found) == (PASS, True)


@pytest.mark.parametrize("mail", [{}, {"yahoo": (9_000, 9_000, 0, None)}, {"yahoo": (None, None, None, 40)}])
def test_complaints_that_nobody_told_of_are_unknown_and_not_none(mail):
    result = judged(**mail)
    assert (result.outcome, result.found) == (UNKNOWN, "complaints are not measured")


def test_gmail_tells_no_complaints_so_that_none_there_is_no_good_news():
    assert judged(google=(None, 50_000, None, 0)).outcome is UNKNOWN


def test_bounces_fail_when_the_lower_end_of_their_share_does():
    assert bounces({"yahoo": Mail(20, 16, 4)}, AT, POLICY).outcome is PASS  # 20 %, of few
    many = bounces({"yahoo": Mail(2000, 1700, 300), "": Mail(0)}, AT, POLICY)
    assert (many.outcome, many.problem, many.facts) == (FAIL, Problem.BOUNCES_HIGH, {"ratio": "15.00%"})
    said = bounces({"yahoo": Mail(2000, 1950, 50)}, AT, POLICY)
    assert (said.outcome, said.found) == (
        PASS,
        "50 of 2,000 attempts bounced in 7 days (2.50%), more than the 2% of a clean list",
    )


@pytest.mark.parametrize("mail", [{}, {"yahoo": Mail(None, 100, None)}, {"yahoo": Mail(100, 100, None)}])
def test_bounces_that_were_not_counted_are_unknown(mail):
    assert bounces(mail, AT, POLICY).outcome is UNKNOWN


def demand(ip=OWN, rule="google-tls", domain=""):
    key = ReplyKey("postfix", ip, "google", domain, ReplyClass.POLICY, rule, "", "", AT)
    return key, ReplyCounts(2, 1, 0, "421 4.7.29 not sent over TLS")


def test_tls_is_proven_by_what_gmail_accepted_and_disproven_by_its_words():
    taken = {"google": Mail(10, 10)}
    assert tls(taken, [], SCOPE, AT, POLICY).outcome is PASS
    assert tls(taken, [demand(rule="tls-or-format-rule"), demand(SHARED)], SCOPE, AT, POLICY).outcome is PASS
    assert tls({"yahoo": Mail(10, 10), "google": Mail(10, 0)}, [], SCOPE, AT, POLICY).outcome is UNKNOWN
    failed = tls(taken, [demand(), demand(SHARED, domain="news.acme.example")], SCOPE, AT, POLICY)
    assert (failed.outcome, failed.problem, failed.facts) == (FAIL, Problem.TLS_DEMANDED, {"replies": "6"})


def test_the_rules_that_demand_tls_are_there():
    rules = {rule.id: rule for rule in load_reply_rules().rules}
    assert {rules[id_].class_ for id_ in TLS_RULES} == {ReplyClass.POLICY}
