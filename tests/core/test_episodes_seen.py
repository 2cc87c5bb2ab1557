"""What a customer is shown of blocks, and the share of mail they hit."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.episodes_seen import customers_of, episodes_seen_by, of_these_customers
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.mail_share import Attempts, MailShares
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import parse_subject
from samples import INVENTORY, NOON

DAY = timedelta(days=1)
CAUSE = {
    "changes": [
        {"what": "volume", "before": 9, "after": 18, "factor": 2.0, "where": "all"},
        {"what": "new_campaign", "where": "campaign of bravo"},
    ]
}
SHARES = [
    Attempts("192.0.2.10", "", "mail", 30),
    Attempts("192.0.2.10", "", "other", 20),
    Attempts("192.0.2.11", "", "mail", 50),
    Attempts("198.51.100.7", "", "mail", 900),
    Attempts("192.0.2.12", "", "mail", None),
]


def block(ip="192.0.2.10", opened_at=NOON, closed_at=None, cause=None):
    subject = parse_subject(ip)
    kind, class_ = EpisodeKind.BLOCK, ReplyClass.IP_BLOCK
    return Episode(f"k/{ip}", kind, "mail", subject, str(class_), class_, opened_at, opened_at, closed_at, cause=cause)


def seen(customer, *episodes, assets=INVENTORY.assets):
    return episodes_seen_by(customer, assets, episodes, NOON + DAY)


def test_a_customer_sees_what_hit_their_own_or_shared_senders():
    ours, theirs, shared, nobodys = map(block, ("192.0.2.10", "198.51.100.7", "203.0.113.1", "203.0.113.99"))
    found = seen("acme", ours, theirs, shared, nobodys)
    assert [each.key for each in found] == [ours.key, shared.key]
    assert found[0] == ours


def test_only_of_the_time_in_which_it_was_theirs():
    left = [Asset("192.0.2.10", "acme", until_on=date(2026, 11, 17))]
    before = block(opened_at=NOON - 2 * DAY, closed_at=NOON - DAY)
    assert seen("acme", before, block(), assets=left) == [before]


EVIDENCE = {"rule": "r1", "rules": {"r1": 9}, "replies": 9, "samples": ["550 bravo.example refused"], "unheard_of": 1}


def test_of_a_shared_sender_nobody_elses_mail_is_shown():
    episode = replace(block("203.0.113.1", cause=CAUSE), evidence=EVIDENCE, mail_share=0.5)
    (shared,) = seen("acme", episode)
    assert shared.evidence == {"rule": "r1", "shared": True}
    assert shared.mail_share is None
    assert shared.cause["changes"] == [
        {"what": "volume", "before": None, "after": None, "factor": 2.0, "where": "all"},
    ]
    own = replace(block(cause=CAUSE), evidence=EVIDENCE, mail_share=0.5)
    assert seen("acme", own) == [own]


def test_who_held_it_after_another_in_one_episode_shares_it():
    assets = [Asset("192.0.2.10", "acme", until_on=NOON.date()), Asset("192.0.2.10", "bravo", from_on=NOON.date())]
    (theirs,) = seen("acme", replace(block(), evidence=EVIDENCE), assets=assets)
    assert "samples" not in theirs.evidence
    assert seen("acme", block(closed_at=NOON), assets=assets[:1]) == [block(closed_at=NOON)]


def test_an_address_given_to_one_customer_alone_is_not_shared_with_its_range():
    assets = [Asset("203.0.113.0/30", None, ("acme", "bravo")), Asset("203.0.113.1", "acme")]
    assert seen("acme", block("203.0.113.1"), assets=assets) == [block("203.0.113.1")]


def alert(parties, ip="192.0.2.10"):
    facts = {**EVIDENCE, "parties": parties, "mail_share": 0.5, "ended": None}
    return Event("e", EventKind.BLOCK_OPENED, NOON, "", parse_subject(ip), facts)


@pytest.mark.parametrize(
    ("parties", "readers", "whole"),
    [
        (["acme"], ("acme",), True),
        (["acme", "bravo"], ("acme",), False),
        (["acme", "bravo"], ("acme", "bravo"), True),
        (["bravo"], ("bravo",), False),  # acme holds it today
    ],
)
def test_who_answers_for_all_who_send_from_there_is_told_all(parties, readers, whole):
    told = of_these_customers(alert(parties), readers, Holdings(INVENTORY.assets))
    assert ("samples" in told.facts, "mail_share" in told.facts, "shared" in told.facts) == (whole, whole, not whole)


def test_whose_it_is_when_nobody_held_it_at_first():
    later = Holdings([Asset("192.0.2.10", "acme", from_on=(NOON + DAY).date())])
    assert customers_of(block(), later) == ()
    assert customers_of(block(closed_at=NOON + 2 * DAY), later) == ("acme",)


def test_the_share_is_of_the_holders_mail_and_of_that_provider():
    shares = MailShares(SHARES, Holdings(INVENTORY.assets), NOON.date())
    assert shares.of(parse_subject("192.0.2.10"), "mail") == 0.3
    assert shares.of(parse_subject("198.51.100.7"), "mail") == 1.0
    assert shares.of(parse_subject("192.0.2.12"), "mail") is None
    assert shares.of(parse_subject("203.0.113.99"), "mail") is None


def test_what_leaves_from_nobodys_address_is_its_domains():
    holdings = Holdings([*INVENTORY.assets, Asset("news.acme.example", "acme")])
    shares = MailShares([*SHARES, Attempts("10.0.0.1", "news.acme.example", "mail", 100)], holdings, NOON.date())
    assert shares.of(parse_subject("news.acme.example"), "mail") == 0.5


def test_nothing_measured_is_no_share():
    shares = MailShares([Attempts("192.0.2.10", "", "mail", None)], Holdings(INVENTORY.assets), NOON.date())
    assert shares.of(parse_subject("192.0.2.10"), "mail") is None
