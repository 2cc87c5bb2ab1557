"""What is told of requests that were granted in vain, and of blocks whose counts are another's as well."""

from dataclasses import replace
from datetime import date

import pytest

from deliverwatch.core.coverage import Gap
from deliverwatch.core.events import Ending
from deliverwatch.core.inventory import Asset
from deliverwatch.core.listing import Watch
from deliverwatch.core.remediation.draft import DraftState, RequestOutcome
from deliverwatch.core.verdict import Outcome
from render.weeks import GREAT, HOUR, MUTE, WEEK, block, cycles, draft, listing, week

IP = "192.0.2.10"


def no_effect_at(found, **facts):
    """Of a request that was granted 20 hours after it was opened at the eighth."""
    asked = draft(found, DraftState.ANSWERED, outcome=facts.pop("outcome", RequestOutcome.GRANTED))
    kind = "episodes" if found.key.startswith("block") else "listings"
    (told,) = week(**{kind: [found], "drafts": [asked]}, **facts).drafts
    return None if told.no_effect_at is None else (told.no_effect_at - WEEK.begin) / HOUR


@pytest.mark.parametrize(("last_seen", "told"), [(27, None), (28, None), (29, 29), (160, 160)])
def test_a_block_whose_last_refusal_came_after_the_answer(last_seen, told):
    assert no_effect_at(block("outlook", IP, 8, last_seen=last_seen)) == told


def test_a_block_that_ended_was_no_answer_in_vain():
    assert no_effect_at(block("outlook", IP, 8, closed=100, last_seen=90)) is None


@pytest.mark.parametrize("outcome", [None, *(each for each in RequestOutcome if each is not RequestOutcome.GRANTED)])
def test_only_what_was_granted_can_be_in_vain(outcome):
    assert no_effect_at(block("outlook", IP, 8, last_seen=160), outcome=outcome) is None


def test_a_listing_is_still_there_when_a_verified_round_saw_it_last():
    found = listing(GREAT, IP, 8)
    assert no_effect_at(found) == 167
    assert no_effect_at(found, cycles=cycles(failing={"great": (50, 168, "no answer in time")})) == 49
    assert no_effect_at(found, cycles=cycles(failing={"great": (20, 168, "no answer in time")})) is None
    assert no_effect_at(listing(GREAT, IP, 8, 60, Ending.DELISTED)) is None


def test_what_a_list_did_not_say_is_not_said_for_it():
    gap = Gap(Watch("great", listing(GREAT, IP, 8).subject), WEEK.begin + 30 * HOUR, None, Outcome.UNREACHABLE, "none")
    assert no_effect_at(listing(GREAT, IP, 8), gaps=[gap]) is None
    assert no_effect_at(listing(MUTE, IP, 8), lists_on=(GREAT, MUTE)) is None


def counts(*assets):
    (told,) = week(assets=assets, episodes=[block("outlook", IP, 8, replies=410, share=0.25)]).blocks
    return told.replies, told.mail_share


def test_counts_of_a_block_are_told_where_all_of_it_was_theirs():
    own = Asset(IP, "acme")
    assert counts(own) == (410, 0.25)
    assert counts(Asset(IP, None, shared_with=("acme", "bravo"))) == (None, None)
    assert counts(replace(own, until_on=date(2026, 11, 18)), Asset(IP, "bravo", from_on=date(2026, 11, 19))) == (
        None,
        None,
    )
    assert counts(replace(own, from_on=date(2026, 11, 18)), Asset(IP, "bravo", until_on=date(2026, 11, 17))) == (
        None,
        None,
    )
