"""What stands against sending a request now."""

from dataclasses import replace

import pytest

from core.remediation_samples import DAY, HOUR, NOW, REQUESTER, blocked, checked, episode, form, listed, listing
from deliverwatch.core.inventory import Asset
from deliverwatch.core.practice import Advice, Check, CheckOutcome
from deliverwatch.core.remediation.against import against
from deliverwatch.core.remediation.form import FollowUpWay, FormChannel, LetterKind, SelfExpiry, Sender
from deliverwatch.core.subjects import SubjectKind

FAIL, UNKNOWN = CheckOutcome.FAIL, CheckOutcome.UNKNOWN
DEMANDING = form(requires=frozenset({Check.PTR, Check.SPF, Check.LISTINGS}))
OWNED = Asset("192.0.2.0/24", "acme", network_owner="Example Networks")


def stands(case, way=FollowUpWay.AGAIN):
    return against(case, LetterKind.REQUEST, way, lambda result: f"mend {result.check} of {result.subject}")


def only(case, **more):
    (blocker,) = stands(case, **more)
    return blocker


def test_nothing_stands_against_what_is_in_order():
    case = listed(DEMANDING, practice=(checked(), checked(Check.SPF, subject="news.acme.example")))
    assert stands(case) == ()


def test_where_nobody_takes_requests_it_is_said_what_to_do():
    nobody = form(channel=FormChannel.NONE, instead="wait for a week", expires=SelfExpiry("gone after a week"))
    blocker = only(listed(nobody))
    assert (blocker.check, blocker.fix) == ("channel", "wait for a week")
    assert blocker.found == "Sample list takes no requests. Expiry: gone after a week"
    assert only(listed(replace(nobody, expires=None))).found == "Sample list takes no requests"


def test_where_nobody_takes_requests_its_end_is_said_once():
    nobody = form(channel=FormChannel.NONE, instead="wait", expires=SelfExpiry("gone after a week", 7 * DAY))
    blocker = only(listed(nobody, listing(opened_at=NOW - DAY)))
    assert (blocker.check, blocker.fix) == ("channel", "wait")
    assert blocker.found.endswith("Expiry: gone after a week. Counted from what was seen here: 2026-11-30 12:00 UTC")
    assert "Counted" not in only(listed(nobody, listing(opened_at=NOW - 7 * DAY))).found


def test_a_doubt_about_the_addressee_stands_against_it():
    case = blocked(form())
    blocker = only(replace(case, addressee=replace(case.addressee, doubt="the mail hosts could not be looked up")))
    assert (blocker.check, blocker.found) == ("addressee", "the mail hosts could not be looked up")


class TestWhoAsks:
    OWNER = form(sender=Sender.NETWORK_OWNER)

    def test_the_owner_of_the_network_must_ask(self):
        blocker = only(listed(self.OWNER, assets=(OWNED,)))
        assert (blocker.check, blocker.found) == (
            "who asks",
            "Sample list hears the owner of the network only: Example Networks",
        )
        assert "hand this to Example Networks" in blocker.fix

    def test_of_several_owners_each_is_named(self):
        other = replace(OWNED, name="192.0.2.10", network_owner="Other Networks")
        assert ["Example" in each.found for each in stands(listed(self.OWNER, assets=(other, OWNED)))] == [True, False]

    def test_our_own_network_is_asked_for_by_our_abuse_desk(self):
        assert stands(listed(self.OWNER, assets=(replace(OWNED, network_owner="EXAMPLE esp"),))) == ()

    def test_an_owner_that_is_not_recorded_is_not_guessed(self):
        blocker = only(listed(self.OWNER))
        assert "none is recorded" in blocker.found
        assert "set network_owner" in blocker.fix

    def test_network_operations_change_their_own_policy(self):
        blocker = only(listed(form(sender=Sender.NETWORK_OPERATIONS), assets=(OWNED,)))
        assert (blocker.check, "network operations" in blocker.fix) == ("who asks", True)

    @pytest.mark.parametrize("way", FollowUpWay)
    def test_whoever_asked_first_answers_as_well(self, way):
        assert [each.check for each in stands(listed(self.OWNER, assets=(OWNED,)), way)] == ["who asks"]


def test_nobody_answers_a_freemail_address():
    requester = replace(REQUESTER, mailbox="team@freemail.example")
    blocker = only(listed(form(), freemail=True, requester=requester))
    assert (blocker.check, blocker.found.split()[0]) == ("requester", "team@freemail.example")


def test_a_form_that_does_not_take_the_kind():
    only_ipv4 = form(kinds=frozenset({SubjectKind.IPV4}))
    both = (listing("2001:db8::1"), listing("news.acme.example"))
    blocker = only(listed(only_ipv4, *both, assets=()))
    assert (blocker.check, blocker.found) == ("subjects", "this form takes no domain or ipv6")
    assert stands(listed(only_ipv4)) == ()


def test_a_block_that_nobody_was_refused_by_lately_may_be_over():
    old, new = episode(last_seen_at=NOW - 3 * DAY), episode("192.0.2.11", last_seen_at=NOW - DAY + HOUR)
    blocker = only(blocked(form(), old))
    assert (blocker.check, blocker.found) == ("still there", "the last refusal was seen on 2026-11-21 12:00 UTC")
    assert stands(blocked(form(), old, new)) == ()
    assert stands(listed(form(), listing(opened_at=NOW - 30 * DAY))) == ()


class TestPractice:
    def test_what_fails_stands_against_it_with_the_repair(self):
        blocker = only(listed(DEMANDING, practice=(checked(outcome=FAIL, found="192.0.2.10 has no reverse name"),)))
        assert (blocker.check, blocker.found) == ("ptr", "192.0.2.10 has no reverse name")
        assert (blocker.fix, blocker.stands) == ("mend ptr of 192.0.2.10", True)
        assert blocker.key == ("ptr", "192.0.2.10/ptr_missing")

    def test_what_is_found_names_its_subject(self):
        assert only(listed(DEMANDING, practice=(checked(outcome=FAIL, found="none"),))).found == "192.0.2.10: none"

    @pytest.mark.parametrize("outcome", [CheckOutcome.PASS, UNKNOWN, CheckOutcome.NOT_APPLICABLE])
    def test_only_what_fails_does(self, outcome):
        assert stands(listed(DEMANDING, practice=(checked(outcome=outcome),))) == ()

    def test_only_what_the_addressee_demands_does(self):
        assert stands(listed(DEMANDING, practice=(checked(Check.DKIM, FAIL),))) == ()

    def test_a_failure_of_the_day_before_yesterday_holds_and_an_old_one_says_nothing(self):
        assert only(listed(DEMANDING, practice=(checked(outcome=FAIL, at=NOW - 2 * DAY),)))
        assert stands(listed(DEMANDING, practice=(checked(outcome=FAIL, at=NOW - 3 * DAY),))) == ()

    def test_the_listing_that_it_is_about_does_not_stand_against_it(self):
        of_itself = checked(Check.LISTINGS, FAIL, list="sample")
        other = checked(Check.LISTINGS, FAIL, list="another")
        assert stands(listed(DEMANDING, practice=(of_itself,))) == ()
        assert only(listed(DEMANDING, practice=(of_itself, other))).check == "listings"
        assert only(blocked(DEMANDING, episode(), practice=(of_itself,))).check == "listings"

    def advice(self, **changes):
        told = Advice("v-1", "acme", Check.PTR, "192.0.2.10", "ptr_missing", {}, "none", NOW - DAY)
        overruled = {"overruled_by": "Robin", "overruled_at": NOW - DAY, "overruled_because": "moves on Monday"}
        return replace(told, **{**overruled, **changes})

    def test_what_a_person_overruled_is_shown_and_stands_no_more(self):
        case = listed(DEMANDING, practice=(checked(outcome=FAIL),), advice=(self.advice(),))
        blocker = only(case)
        assert (blocker.stands, blocker.overruled_by, blocker.overruled_because) == (False, "Robin", "moves on Monday")
        assert blocker.overruled_at == "2026-11-23T12:00:00Z"

    @pytest.mark.parametrize(
        "changes", [{"mended_at": NOW}, {"subject": "192.0.2.11"}, {"check": Check.SPF}, {"problem": "ptr_elsewhere"}]
    )
    def test_another_failure_is_not_overruled_with_it(self, changes):
        case = listed(DEMANDING, practice=(checked(outcome=FAIL),), advice=(self.advice(**changes),))
        assert only(case).stands
