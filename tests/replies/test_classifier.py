"""Who spoke, whom the reply names, which list it cites, and that remembering changes nothing."""

import random

import pytest

from deliverwatch.core.cited_list import ListFinder
from deliverwatch.core.provider import MailboxProvider, ProviderDirectory, ProviderKind
from deliverwatch.core.reply import Action, ReplyClass, ReplyRule
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.replies.classifier import Classifier
from deliverwatch.replies.memory import Memory

LISTED = "554 5.7.1 Service unavailable; Client host [{}] blocked using {}"


def small(*rules, providers=()):
    forms = {provider.id: provider.form for provider in providers if provider.form}
    return Classifier(rules, ProviderDirectory.of(providers), ListFinder({}, ()), provider_forms=forms)


def rule(name, **more):
    return ReplyRule(name, **{"class_": ReplyClass.IP_BLOCK, "has": ("no entry",), **more})


ALPHA = MailboxProvider(
    "alpha", "Alpha", ProviderKind.MAILBOX_PROVIDER, ("alpha.example",), ("*.mx.alpha.example",), form="alpha"
)


@pytest.mark.parametrize(
    ("reply", "kind", "value"),
    [
        (LISTED.format("192.0.2.7", "bl.example.net"), SubjectKind.IPV4, "192.0.2.7"),
        (LISTED.format("2001:DB8::7", "bl.example.net"), SubjectKind.IPV6, "2001:db8::7"),
        (
            "550 Blocked, see https://bl.example.net/why?ip=198.51.100.9 listed in an RBL",
            SubjectKind.IPV4,
            "198.51.100.9",
        ),
        ("550 see https://bl.example.net/?ip=203.0.113.1 RBL listed 198.51.100.9", SubjectKind.IPV4, "198.51.100.9"),
        ("550 5.7.1 The sending domain news.example.org is blacklisted", SubjectKind.DOMAIN, "news.example.org"),
        ("550 5.7.1 Rejected by DMARC policy for Example.ORG, from 192.0.2.7", SubjectKind.DOMAIN, "example.org"),
        ("550 No PTR record for 192.0.2.7, domain example.org", SubjectKind.IPV4, "192.0.2.7"),
        ("host mx.example.net[203.0.113.5] said: 554 Your server 192.0.2.7 is blocked", SubjectKind.IPV4, "192.0.2.7"),
        ("host mx.example.net[203.0.113.5] said: 554 Your server is blocked", None, None),
        ("554 Your server 10.1.2.3 is blocked", None, None),
        ("550 5.1.1 <someone@example.net> User unknown from 192.0.2.7", None, None),
    ],
)
def test_the_subject_is_the_one_that_is_refused(classifier, reply, kind, value):
    found = classifier.classify(reply)
    assert (found.subject_kind, found.subject) == (kind, value)


@pytest.mark.parametrize(
    ("reply", "list_id", "cited"),
    [
        (LISTED.format("192.0.2.7", "zen.spamhaus.org"), "spamhaus-zen", "zen.spamhaus.org"),
        (LISTED.format("192.0.2.7", "abcdefgh.zen.dq.spamhaus.net"), "spamhaus-zen", "zen.dq.spamhaus.net"),
        (LISTED.format("192.0.2.7", "new.spam.dnsbl.sorbs.net"), "sorbs", "new.spam.dnsbl.sorbs.net"),
        (LISTED.format("192.0.2.7", "dnsbl.example.net"), None, "dnsbl.example.net"),
        (LISTED.format("192.0.2.7", "lists.example.net"), None, "lists.example.net"),
        ("550 Your IP is listed in the Spamhaus PBL", "spamhaus-pbl", "Spamhaus PBL"),
        ("550 Listed in CSS list of Spamhaus", "spamhaus-zen", "Spamhaus CSS"),
        ("550 Your domain is listed in Spamhaus DBL", "spamhaus-dbl", "Spamhaus DBL"),
        ("550 192.0.2.7 is in an RBL", None, None),
        ("554 barracuda.example.net: your message looks like spam", None, None),
        ("220 mx1.example.net Proofpoint ESMTP; 550 5.7.1 no such user", None, None),
    ],
)
def test_the_cited_list_is_named(classifier, reply, list_id, cited):
    found = classifier.classify(reply)
    assert (found.blocklist, found.blocklist_cited) == (list_id, cited)


def test_a_list_is_asked_through_its_own_form_while_it_lives(classifier):
    living, dead = (
        classifier.classify(LISTED.format("192.0.2.7", zone)) for zone in ("bl.spamcop.net", "dnsbl.sorbs.net")
    )
    assert (living.action, living.action_for) == (Action.DRAFT, "spamcop")
    assert (dead.blocklist, dead.action_for) == ("sorbs", None)


def test_a_receiver_that_may_not_ask_a_list_does_not_say_that_we_are_listed(classifier):
    reply = "554 5.7.1 Client host [192.0.2.7] blocked using zen.spamhaus.org; Error: open resolver"
    found = classifier.classify(reply)
    assert (found.class_, found.blocklist, found.action) == (ReplyClass.OTHER_PERMANENT, None, Action.NONE)


def test_who_spoke_is_the_host_then_the_domain_then_the_wording():
    reader = small(
        rule("alphas", providers=("alpha",), alone=True, names_provider="alpha"),
        providers=(
            ALPHA,
            MailboxProvider("beta", "Beta", ProviderKind.MAILBOX_PROVIDER, ("beta.example",), ("mx.beta.example",)),
        ),
    )
    assert reader.classify("550 No entry").provider == "alpha"
    assert reader.classify("550 No entry", "mx.beta.example", "alpha.example").provider == "beta"
    assert reader.classify("550 No entry", None, "beta.example").provider == "beta"
    assert reader.classify("550 Bye", "mx1.mx.alpha.example.").provider == "alpha"
    assert reader.classify("host mx.beta.example[192.0.2.1] said: 550 Bye", None, "alpha.example").provider == "beta"
    assert reader.classify("550 No entry").action_for == "alpha"


def test_a_providers_wording_is_tried_for_it_alone_unless_it_can_be_nobody_elses():
    reader = small(rule("alphas", providers=("alpha",)), providers=(ALPHA,))
    assert reader.classify("550 No entry", "x.mx.alpha.example").rule == "alphas"
    assert reader.classify("550 No entry").class_ is ReplyClass.UNKNOWN


def test_the_first_rule_wins_and_unless_holds_it_back():
    reader = small(rule("first", unless="today"), rule("second", match=r"no entry (?:today|here)"))
    assert [reader.classify(f"550 No entry {word}").rule for word in ("here", "today", "ever")] == [
        "first",
        "second",
        "first",
    ]


def test_the_evidence_is_quoted_as_it_stands_and_names_nobody():
    reader = small(rule("first", match=r"no entry .{0,60}\bhere"))
    found = reader.classify("550 No\r\n550 Entry for Some.One@example.net, here or there")
    assert found.evidence == "No 550 Entry for ***@example.net, here"


def test_what_nobody_explains_is_unknown_and_told_from_a_block(classifier):
    found = classifier.classify("550 Xyzzy 17 at mx3.example.net")
    assert (found.class_, found.rule, found.confidence, found.action) == (ReplyClass.UNKNOWN, None, 0.0, Action.NONE)
    assert not found.looks_like_block
    reader = small()
    one, two = (
        reader.classify(f"550 Blocked {ip} for <{who}@example.net>")
        for ip, who in (("192.0.2.7", "a"), ("198.51.100.2", "b"))
    )
    assert one.looks_like_block
    assert one.template == two.template == "550 blocked <ip> for <<address>>"


def test_replies_that_differ_in_addresses_alone_each_keep_their_own(fresh):
    """What is remembered of one reply never shows in another."""
    reader, chance = fresh(), random.Random(7)
    replies = [
        f"host mx.example.net[203.0.113.9] said: 550-5.7.1 <u{n}@example.org> Mail from 198.51.100.{n % 250 + 1}\n"
        f"550 5.7.1 is blocked using zen.spamhaus.org id{chance.randrange(10**14)}"
        for n in range(200)
    ]
    together = [reader.classify(reply) for reply in replies * 2]
    assert together == [fresh_found for fresh_found in map(fresh().classify, replies)] * 2
    assert len({found.subject for found in together}) > 190


def test_a_memory_is_bounded_and_keeps_what_is_in_use():
    memory = Memory(10)
    for number in range(1000):
        memory.put(number, str(number))
        memory.get(0) or memory.put(0, "0")
    assert len(memory) <= 20
    assert memory.get(0) == "0"
    assert memory.get(500) is None


@pytest.mark.parametrize(
    ("reply", "form"),
    [
        (LISTED.format("192.0.2.7", "zen.spamhaus.org"), "spamhaus-css-xbl"),
        (LISTED.format("192.0.2.7", "sbl.spamhaus.org"), "spamhaus-sbl"),
        (
            "550 5.7.1 messages from [192.0.2.7] weren't sent, part of their network is on our block list (S3140)",
            "microsoft_consumer",
        ),
    ],
)
def test_it_names_the_form_that_a_draft_goes_through(classifier, reply, form):
    assert classifier.classify(reply).action_for == form
