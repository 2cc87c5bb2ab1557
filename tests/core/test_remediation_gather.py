"""What is recorded about a case, as facts with their sources."""

from dataclasses import replace

import pytest

from core.remediation_samples import (
    DAY,
    HOUR,
    NOW,
    REPLY,
    blocked,
    checked,
    episode,
    form,
    listed,
    listing,
    said,
    sent,
)  # fmt: skip
from deliverwatch.core.inventory import Asset, ServiceZone
from deliverwatch.core.practice import Check, CheckOutcome
from deliverwatch.core.remediation.case import Quote, SndsDay
from deliverwatch.core.remediation.draft import DraftState, Requester, RequestOutcome
from deliverwatch.core.remediation.facts import FACTS
from deliverwatch.core.remediation.gather import gather
from deliverwatch.core.reply import ReplyClass
from samples import customer

PLAIN = form()


def of(case, name):
    fact = gather(case).get(name)
    return fact.values if fact is not None else None


@pytest.mark.parametrize("case", [listed(PLAIN), blocked(PLAIN)], ids=["listing", "block"])
def test_every_fact_has_a_name_of_the_closed_list_a_value_and_a_source(case):
    facts = gather(case)
    assert set(facts) <= set(FACTS)
    assert all(fact.values and all(fact.values) and fact.source for fact in facts.values())


def test_a_listing():
    facts = gather(listed(PLAIN, listing(), listing("192.0.2.11", ("127.0.0.4",), NOW - HOUR)))
    assert facts["ips"].values == ("192.0.2.10", "192.0.2.11")
    assert "domains" not in facts
    assert (facts["codes"].value, facts["meanings"].value) == ("127.0.0.2, 127.0.0.4", "sends spam")
    assert facts["listed_since"].value == "2026-11-23 12:00 UTC"
    assert facts["confirmed"].value == "2026-11-23 13:00 UTC by 192.0.2.53:53"
    assert facts["reason"].values == ("sends spam",)
    assert facts["list_zone"].value == "bl.sample.example"
    assert "look-ups of 2026-11-23 12:00 UTC" in facts["codes"].source


def test_a_list_that_gives_no_reason_has_none():
    assert of(listed(PLAIN, listing(reason=None)), "reason") is None


def test_a_block():
    facts = gather(blocked(PLAIN))
    assert (facts["reply"].values, facts["replies"].values) == ((REPLY,), (REPLY,))
    assert facts["block_kind"].value == "ip"
    assert facts["provider_name"].value == "Mailbox"
    assert (facts["refused_since"].value, facts["refused_last"].value) == (
        "2026-11-23 12:00 UTC",
        "2026-11-24 11:00 UTC",
    )
    assert facts["refused_count"].value == "90 of 100 attempts"
    assert facts["refused_count"].moves
    assert facts["refused_last"].moves
    assert not facts["refused_since"].moves


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        ([{"replies": 5000, "attempted": 10000}], "5,000 of 10,000 attempts"),
        ([{"replies": 5}, {"replies": 6}], "11 of 200 attempts"),
        ([{"replies": 5}, {"replies": 6, "attempted": None}], "11 replies"),
        ([{"replies": None}], None),
    ],
)
def test_of_how_many_only_where_all_was_measured(counted, expected):
    episodes = [episode(f"192.0.2.{number}", **each) for number, each in enumerate(counted)]
    assert of(blocked(PLAIN, *episodes), "refused_count") == (expected and (expected,))


@pytest.mark.parametrize(
    ("class_", "kind"),
    [(ReplyClass.IP_BLOCK, "ip"), (ReplyClass.DOMAIN_BLOCK, "domain"), (ReplyClass.RATE_LIMIT, "rate"), (None, None)],
)
def test_the_kind_of_block_is_that_of_the_replies(class_, kind):
    assert of(blocked(PLAIN, replace(episode(), class_=class_)), "block_kind") == (kind and (kind,))


def test_no_more_than_three_replies_each_once():
    samples = ["550 a", "550 b", "550 a", "550 c", "550 d"]
    case = blocked(PLAIN, episode(samples=samples))
    assert (of(case, "replies"), of(case, "reply")) == (("550 a", "550 b", "550 c"), ("550 a",))


def test_many_addresses_as_ranges():
    case = listed(form(most=64), *(listing(f"192.0.2.{number}") for number in range(32)))
    assert of(case, "ips") == ("192.0.2.0/27",)
    assert len(of(replace(case, subjects=case.subjects[:16]), "ips")) == 16


def test_a_form_that_takes_one_at_a_time_gets_them_one_by_one():
    many = [listing(f"192.0.2.{number}") for number in range(32)]
    assert len(of(listed(form(most=1), *many), "ips")) == 32


def test_whose_it_is():
    shared = (Asset("192.0.2.0/24", None, shared_with=("acme", "bravo")),)
    assert of(listed(PLAIN), "dedicated") == ("dedicated",)
    assert of(listed(PLAIN, assets=shared), "dedicated") == ("shared",)
    assert of(listed(PLAIN, assets=()), "dedicated") is None
    assert of(listed(PLAIN), "network_owner") is None
    assert of(listed(PLAIN, holders=(customer("bravo", ServiceZone.UK),)), "time_zone") == ("Europe/London",)


def test_reverse_names_of_the_subjects_alone():
    names = {"192.0.2.10": ("out1.acme.example",), "192.0.2.99": ("out99.bravo.example",)}
    assert of(listed(PLAIN, ptr_names=names), "ptr_names") == ("out1.acme.example",)


def test_the_requester_as_far_as_set():
    facts = gather(listed(PLAIN, requester=Requester(company="Example ESP")))
    assert facts["requester_company"].value == "Example ESP"
    assert not {"requester_name", "requester_phone", "requester_mailbox", "abuse_desk"} & set(facts)


class TestVerified:
    def test_what_passed_lately_and_anybody_can_look_up(self):
        practice = (
            checked(found="PTR is there"),
            checked(Check.SPF, CheckOutcome.FAIL),
            checked(Check.DKIM, CheckOutcome.UNKNOWN),
            checked(Check.DMARC, at=NOW - 3 * DAY),
            checked(Check.COMPLAINTS),
        )
        fact = gather(listed(PLAIN, practice=practice))["verified"]
        assert (fact.values, fact.moves) == (("PTR is there",), True)

    def test_what_the_addressee_demands(self):
        demanding = form(requires=frozenset({Check.ALIGNMENT}))
        practice = (checked(), checked(Check.ALIGNMENT, found="aligned"))
        assert of(listed(demanding, practice=practice), "verified") == ("aligned",)

    def test_no_figure_of_the_customers_mail_elsewhere(self):
        demanding = form(requires=frozenset({Check.COMPLAINTS, Check.GMAIL_SPAM_RATE, Check.BOUNCES, Check.LISTINGS}))
        practice = tuple(checked(each) for each in demanding.requires)
        assert of(listed(demanding, practice=practice), "verified") is None


class TestCustomersWords:
    def test_the_newest_answer_to_each_question_with_its_name_and_time(self):
        new = said({"what_changed": "list cleaned"})
        old = said({"what_changed": "nothing", "cause": "bought addresses"}, at=NOW - 5 * HOUR)
        facts = gather(listed(PLAIN, words=(new, old)))
        assert (facts["what_changed"].value, facts["cause"].value) == ("list cleaned", "bought addresses")
        assert facts["what_changed"].source == "Alex Kim, written down by Robin"
        assert (facts["what_changed"].at, facts["cause"].at) == (NOW - HOUR, NOW - 5 * HOUR)

    def test_what_was_not_said_is_no_fact(self):
        facts = gather(listed(PLAIN, words=(said({"cause": ""}),)))
        assert not {"cause", "what_changed", "changed_on", "changed_by", "consent"} & set(facts)


class TestEarlier:
    def test_a_request_for_what_was_there_before(self):
        before = sent(
            listed(PLAIN, listing(opened_at=NOW - 9 * DAY)), NOW - 8 * DAY, DraftState.CLOSED,
            outcome=RequestOutcome.GRANTED, answered_at=NOW - 7 * DAY,
        )  # fmt: skip
        (said_,) = of(listed(PLAIN, earlier=(before,)), "earlier")
        assert said_ == "192.0.2.10: asked on 2026-11-16 12:00 UTC (#7), granted on 2026-11-17 12:00 UTC"

    def test_without_an_answer_and_for_the_same_listing(self):
        same = sent(listed(PLAIN), NOW - HOUR)
        assert of(listed(PLAIN, earlier=(same,)), "earlier") is None
        other = replace(same, episodes=("another",))
        assert of(listed(PLAIN, earlier=(other,)), "earlier")[0].endswith("no answer recorded")

    def test_what_is_followed_up(self):
        followed = sent(listed(PLAIN), NOW - DAY, DraftState.ANSWERED, outcome=RequestOutcome.DENIED, note="no")
        facts = gather(listed(PLAIN, follows=followed))
        assert (facts["reference"].value, facts["asked_on"].value) == ("#7", "2026-11-23 12:00 UTC")
        assert facts["addressee_said"].value == "no"
        silent = replace(followed, outcome=None, note="a note of ours", reference=None)
        assert not {"addressee_said", "reference"} & set(gather(listed(PLAIN, follows=silent)))


def test_figures_that_move():
    case = listed(PLAIN, quotes=(Quote("Mailbox", 12, "550 listed"),))
    fact = gather(case)["quoted_by"]
    assert (fact.values, fact.moves) == (("Mailbox: 12 replies",), True)
    snds = gather(blocked(PLAIN, snds=(SndsDay("192.0.2.10", "red", "2026-11-23"),)))["snds"]
    assert (snds.values, snds.moves) == (("192.0.2.10: red on 2026-11-23",), True)


def test_who_refuses_is_named_beside_who_answers_for_it():
    case = blocked(PLAIN)
    moved = replace(case.addressee, name="Taker", through="mailbox.example has its mail at mx.taker.example")
    assert of(replace(case, addressee=moved), "provider_name") == ("Mailbox, whose mail lies with Taker",)


def test_a_strangers_words_add_no_line():
    case = listed(PLAIN, listing(reason="spam\r\nBcc: x@acme.example\x1b[2J"))
    (reason,) = of(case, "reason")
    assert not {"\r", "\n", "\x1b"} & set(reason)
    assert "Bcc: x@acme.example" in reason
