"""Every state, cause and decision has words, and they say no more than the counts do."""

import re
from dataclasses import replace
from datetime import date

import pytest

from deliverwatch.core.inventory import Language
from deliverwatch.core.warmup.day import Because, DayCounts, DayState, Decision, RunNews
from deliverwatch.core.warmup.days import NOBODY_TELLS
from deliverwatch.core.warmup.pools import OverPlan
from deliverwatch.core.warmup.run import HoldCause, RunEnd, RunState, StepKind, WarmupStep
from deliverwatch.core.warmup.status import NextDay, StartWarning, StartWarningKind
from deliverwatch.render.tongue import speaking
from deliverwatch.render.warmup_advice import advice, advice_for
from deliverwatch.render.warmup_terms import DECISIONS, OVER_PLAN, STATES
from deliverwatch.render.warmup_warnings import warning_words
from deliverwatch.render.warmup_words import (
    because,
    demand_words,
    forecast,
    hold_words,
    limit,
    platform_words,
    provider_reason,
    reason,
    state_words,
    step_words,
)
from render.warmups import DONE, NAMES, NEXT_ON, OFF, ON, RUN, at_provider, ended, hold, judged, status

WARNING_FACTS = {
    StartWarningKind.LISTED: {"list_id": "psbl", "since": "2026-11-20T08:00:00+00:00"},
    StartWarningKind.BLOCKED: {"provider": "yahoo", "since": "2026-11-20T08:00:00+00:00"},
    StartWarningKind.NO_PTR: {},
    StartWarningKind.PTR_ELSEWHERE: {"names": ["mail.acme.example"], "leads_to": ["192.0.2.99"]},
    StartWarningKind.PTR_UNKNOWN: {"detail": "no answer within 3 s."},
    StartWarningKind.NO_OVERFLOW: {"pool": "acme-news", "platform": "sparkpost"},
    StartWarningKind.NOBODY_TELLS: {},
    StartWarningKind.NOT_COLD: {"last_on": "2026-11-20", "days": 1},
}


def is_sentence(text):
    return text[0].isupper() and text.endswith(".") and ".." not in text and "None" not in text


@pytest.mark.parametrize("state", DayState)
def test_every_state_has_a_name_a_reason_and_advice(state):
    assert STATES[state]
    assert is_sentence(reason(status(state), NAMES))
    assert is_sentence(reason(replace(status(state), judged=None), NAMES))
    for each in (advice(state), *(advice(state, cause) for cause in HoldCause)):
        assert is_sentence(each.text)
        assert is_sentence(each.why)
        assert each.source
        assert "inbox" not in f"{each.text} {each.why}"
    assert is_sentence(provider_reason(at_provider("yahoo", state), NAMES))


@pytest.mark.parametrize("cause", HoldCause)
def test_every_cause_of_a_hold_has_words_and_advice_of_its_own(cause):
    assert "None" not in hold_words(hold(cause), NAMES)
    assert advice(DayState.HELD, cause) != advice(DayState.HELD)


@pytest.mark.parametrize("why", Because)
def test_every_because_has_words(why):
    assert because(NextDay(NEXT_ON, 200, Decision.REPEAT, why))


def test_every_decision_step_and_explanation_has_words():
    assert set(DECISIONS) == set(Decision)
    assert set(OVER_PLAN) == set(OverPlan)
    for kind in StepKind:
        assert step_words(WarmupStep("run-1", RUN.created_at, kind, "robin", "the reason", 3)).endswith(": the reason")


@pytest.mark.parametrize("kind", StartWarningKind)
def test_every_warning_before_a_start_has_words(kind):
    assert is_sentence(warning_words(StartWarning(kind, WARNING_FACTS[kind]), NAMES))


def test_a_refusal_names_the_provider_and_what_was_offered_there():
    refused = status(DayState.BEHIND_REFUSED, providers=(at_provider("microsoft_consumer"),))
    assert (
        reason(refused, NAMES)
        == "At Microsoft Outlook.com 1,200 of 2,000 messages were delivered, 100 bounced, 700 put off."
    )


def test_attempts_that_may_be_retries_are_said_to_be_at_most():
    few = judged(DayState.BEHIND_NO_TRAFFIC, DayCounts(900, 500, 480, 400, 20))
    assert (
        reason(status(day=few, state=few.state), NAMES)
        == "At most 900 messages were offered of 2,000 allowed on Wed 25 Nov 2026."
    )


def test_a_day_without_mail_is_not_a_day_of_refusals():
    none = judged(DayState.BEHIND_NO_TRAFFIC, DayCounts())
    assert reason(status(none.state, none), NAMES).startswith("No mail was offered on Wed 25 Nov 2026")
    idle = judged(DayState.IDLE, DayCounts(), RunState(idle_days=22))
    assert "for 22 days" in reason(status(DayState.IDLE, idle), NAMES)


def test_an_unknown_day_says_why_and_gives_no_number():
    unknown = judged(DayState.UNKNOWN, DayCounts(), unknown="powermta has told of nothing since 18:00 UTC")
    text = reason(status(DayState.UNKNOWN, unknown), NAMES)
    assert text == "Wed 25 Nov 2026 is not known: powermta has told of nothing since 18:00 UTC."


def test_a_day_that_cannot_be_judged_and_one_that_is_long_ago_are_not_known_either():
    retried = judged(DayState.UNKNOWN, DayCounts(900, 500, 480, 400, 20))
    assert "between 500 and 900 messages were offered" in reason(status(DayState.UNKNOWN, retried), NAMES)
    old = judged(DayState.ON_PLAN)
    assert reason(status(DayState.UNKNOWN, old), NAMES) == "Nothing is known of the days since Wed 25 Nov 2026."


def test_before_the_first_day_is_over_nothing_is_said_of_it():
    to_come = NextDay(NEXT_ON, 200, Decision.REPEAT, Because.NOT_BEGUN)
    assert (
        reason(replace(status(DayState.UNKNOWN), judged=None, next=to_come, day=0), NAMES)
        == "It begins on Sun 22 Nov 2026."
    )
    first = replace(to_come, because=Because.FIRST_DAY)
    begins = replace(status(DayState.UNKNOWN), judged=None, next=first, day=1)
    assert "No day of it is over" in reason(begins, NAMES)


def test_a_hold_names_its_cause_where_and_since_when():
    listing = hold(HoldCause.LISTING, "yahoo", list_id="spamhaus-zen", list_name="Spamhaus ZEN")
    assert (
        hold_words(listing, NAMES)
        == "held at Yahoo Mail since Wed 25 Nov 2026 14:41 UTC by the listing on Spamhaus ZEN"
    )
    gate = hold(HoldCause.BOUNCE, "yahoo", found=60, of=900, above_ratio=0.05, denominator="offered")
    assert (
        hold_words(gate, NAMES)
        == "held at Yahoo Mail since Wed 25 Nov 2026: 60 of 900 messages offered bounced, above 5%"
    )
    person = hold(HoldCause.PERSON, by="robin", reason="the list is being cleaned", over=True)
    assert hold_words(person, NAMES).endswith("by robin: the list is being cleaned; the cause is over")


def test_a_limit_keeps_the_decimals_that_it_was_given():
    limits = (0.0015, 0.001, 0.05, 0.1, 1.0)
    assert [limit(each) for each in limits] == ["0.15%", "0.1%", "5%", "10%", "100%"]
    with speaking(Language.DE):
        assert [limit(each) for each in limits[:2]] == ["0,15\xa0%", "0,1\xa0%"]


def test_numbers_days_and_shares_of_a_hold_are_written_as_the_language_does():
    gate = hold(HoldCause.COMPLAINT, "yahoo", found=1060, of=90_000, above_ratio=0.0015, denominator="delivered")
    with speaking(Language.DE):
        words = hold_words(gate, NAMES)
    assert {"1.060", "90.000", "0,15\xa0%", "Yahoo Mail"} <= set(re.findall(r"\d[\d.,]*(?:\xa0%)?|Yahoo Mail", words))
    assert "25. Nov. 2026" in words


def test_a_held_run_says_so_once():
    listing = hold(HoldCause.LISTING, list_name="PSBL")
    text = reason(status(DayState.HELD, holds=(listing,)), NAMES)
    assert text == "Held since Wed 25 Nov 2026 14:41 UTC by the listing on PSBL."
    over = reason(status(DayState.READY_TO_RELEASE, holds=(replace(listing, over=True),)), NAMES)
    assert over.startswith("Ready to be released by a person: held since ")


def test_what_still_holds_comes_before_what_is_over():
    both = (hold(HoldCause.BLOCK, "yahoo", over=True), hold(HoldCause.LISTING, list_name="PSBL"))
    text = reason(status(DayState.HELD, holds=both), NAMES)
    assert text.index("PSBL") < text.index("it blocked this address; the cause is over")
    many = tuple(hold(HoldCause.LISTING, list_name=f"list {n}") for n in range(5))
    assert reason(status(DayState.HELD, holds=many), NAMES).endswith("; and 2 more.")


def test_done_switched_off_and_finished_by_a_person_are_told_apart():
    finished = ended(RunEnd.FINISHED, DayState.DONE)
    assert [reason(each, NAMES) for each in (DONE, OFF, finished)] == [
        "Gone through to its last stage on Wed 25 Nov 2026.",
        "The sending platform ended its warm-up on Wed 25 Nov 2026, at stage 4 of 4.",
        "A person ended it on Wed 25 Nov 2026, at stage 4 of 4.",
    ]
    assert forecast(DONE) is None
    assert [state_words(each) for each in (DONE, OFF, finished)] == ["done", "switched off", "finished"]
    assert "about the volume you have reached" in advice_for(DONE).text
    assert is_sentence(advice_for(finished).text)
    assert "volume you have reached" not in advice_for(finished).text


def test_what_the_platform_did_is_told_with_its_stages():
    skipped = judged(DayState.SKIPPED, news=RunNews.SKIPPED, before=3, stage=6, days=1)
    assert "from stage 3 to 6" in reason(status(DayState.SKIPPED, skipped), NAMES)
    fell = judged(DayState.FELL_BACK, news=RunNews.FELL_BACK, before=9, stage=5, pool_before="a", pool="b")
    text = reason(status(DayState.FELL_BACK, fell), NAMES)
    assert "fell from 9 to 5" in text
    assert "from pool a to b" in text
    assert "stays" in platform_words(status(by_platform=True))
    assert platform_words(status()) is None


def test_when_the_platform_stops_is_told_in_the_last_days_as_far_as_it_is_known():
    text = platform_words(status(platform_stops_on=date(2026, 11, 28)))
    assert "on Sat 28 Nov 2026 at the latest" in text
    assert "unless an engagement age is set there" in text
    assert platform_words(status(platform_stops_on=date(2026, 11, 30))) is None


def test_a_person_who_stepped_it_back_is_no_platform():
    following = NextDay(NEXT_ON, 500, Decision.STEP_BACK, Because.STEPPED_BACK)
    stepped = status(DayState.FELL_BACK, next=following, stage=2)
    assert reason(stepped, NAMES) == "A person stepped it back to stage 2 of 4."
    step = WarmupStep("run-1", RUN.created_at, StepKind.STEPPED_BACK, "Robin Doe", "complaints about a list.", 2)
    known = replace(stepped, stepped_back=step)
    assert reason(known, NAMES) == "Robin Doe stepped it back to stage 2 of 4: complaints about a list."
    assert advice_for(known).text == "Go on at the next allowance."
    assert advice_for(status(DayState.FELL_BACK)).text.startswith("Find out what lowered the stage")


def test_a_day_above_plan_is_explained_only_by_what_is_known():
    over = judged(DayState.OVER_PLAN, DayCounts(5000, 5000, 5000))
    assert "since" not in reason(status(DayState.OVER_PLAN, over), NAMES)
    why = reason(status(DayState.OVER_PLAN, over, over_plan_why=OverPlan.NO_OVERFLOW), NAMES)
    assert why.startswith("Above plan: 5,000 messages were delivered of 2,000 allowed")
    assert why.endswith("so its IPs carry it.")


def test_a_forecast_is_no_promise():
    assert forecast(status()) == "Expected to be done on Mon 14 Dec 2026, if it goes on like this."
    assert "while it is held" in forecast(status(DayState.HELD, expected_finish_on=None))
    assert "too little is known" in forecast(status(expected_finish_on=None))
    following = NextDay(NEXT_ON, 2000, Decision.ADVANCE, Because.ENOUGH_DELIVERED, 3500)
    assert demand_words(following).endswith("1,500 more than allowed.")
    assert demand_words(replace(following, demand=None)) is None
    assert demand_words(replace(following, allowance=None)) is None


def test_a_provider_without_counts_or_a_number_in_the_plan_is_given_none():
    assert provider_reason(at_provider("yahoo", DayState.UNKNOWN, None), NAMES) == "Not known."
    text = provider_reason(at_provider("yahoo"), NAMES)
    assert text == "Behind: refused: 1,200 of 2,000 messages were delivered, 100 bounced, 700 put off."
    none = at_provider("yahoo", DayState.IDLE, DayCounts())
    assert provider_reason(none, NAMES) == "Idle: no mail was offered there."
    assert provider_reason(at_provider("yahoo", allowed=500), NAMES).endswith("500 messages were allowed.")
    assert str(ON) not in text


def test_a_hold_at_one_provider_is_advised_on_in_any_state_and_beside_counts_that_are_not_known():
    block = hold(HoldCause.BLOCK, "yahoo")
    assert advice_for(status(DayState.BEHIND_REFUSED, holds=(block,))) == advice(DayState.HELD, HoldCause.BLOCK)
    both = advice_for(status(DayState.UNKNOWN, judged(DayState.UNKNOWN, unknown="nobody told"), holds=(block,)))
    assert both.text.startswith(advice(DayState.HELD, HoldCause.BLOCK).text)
    assert both.text.endswith(advice(DayState.UNKNOWN).text)
    assert both.source == "a rule of deliverwatch"
    over = status(DayState.ON_PLAN, holds=(replace(block, over=True),))
    assert advice_for(over) == advice(DayState.ON_PLAN)


def test_what_is_above_plan_is_advised_on_by_what_explains_it():
    texts = {why: advice_for(status(DayState.OVER_PLAN, over_plan_why=why)).text for why in OverPlan}
    assert len(set(texts.values())) == 3
    assert texts[OverPlan.PLATFORM_OFF].startswith("Turn the platform's warm-up on again")
    assert "overflow pool" in texts[OverPlan.NO_OVERFLOW]


def test_where_nobody_tells_of_the_address_a_source_is_to_be_set_up():
    nobody = judged(DayState.UNKNOWN, DayCounts(), unknown=NOBODY_TELLS)
    assert "Set one up: docs/ingest.md." in advice_for(status(DayState.UNKNOWN, nobody)).text
