"""The warm-ups of the weekly report: bars, sums, what is kept back, what is translatable, and that a mail with many of
them is not cut."""

import re
from dataclasses import astuple, replace
from datetime import date, timedelta
from functools import partial
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.events import Ending
from deliverwatch.core.inventory import Language
from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.warmup.day import Because, DayState, Decision, News, RunNews
from deliverwatch.core.warmup.pools import OverPlan
from deliverwatch.core.warmup.run import ALL_PROVIDERS, HoldCause, RunEnd, StepKind, WarmupStep
from deliverwatch.core.warmup.status import HoldView, NextDay, ProviderStatus
from deliverwatch.render import tongue
from deliverwatch.render.story import OF_ALL
from deliverwatch.render.week_guidance import guidance
from deliverwatch.render.week_warmups import Bar, Room, bar, warmup_rows
from deliverwatch.render.weekly import render_weekly
from render.pseudo import pseudo_tongue
from render.test_translations import SENTENCES, words_of
from render.test_weekly import HOSTILE, NUMBER, Page, html_as_sent, largest_week
from render.week_runs import (
    BLOCKED,
    BOUNCED,
    FIRST,
    LISTED,
    MADE_AT,
    NEXT_ON,
    RUN,
    SINCE,
    VOLUMES,
    day,
    days,
    held_week,
    idle_week,
    refused_week,
    run_week,
    shared_week,
    told,
)
from render.weeks import SMALL, bad_week, listing, week

AFTER_THE_WEEK = NextDay(NEXT_ON, None, "repeat", Because.PERSON_FINISHED)


DELISTED = listing(SMALL, "192.0.2.9", 20, 90, Ending.DELISTED)


def text_of(*weeks):
    words = render_weekly(week(warmups=told(*weeks)))
    assert set(NUMBER.findall(Page(words.html).text)) == set(NUMBER.findall(words.text))
    return " ".join(words.text.split())


def test_a_week_without_warmups_says_nothing_of_them():
    words = render_weekly(bad_week())
    assert "warm-up" not in (words.text + words.html).lower()


@pytest.mark.parametrize(
    ("allowed", "delivered", "longest", "expected"),
    [
        (1000, 1000, 1000, Bar(100, 100, 0, 0)),
        (1000, 250, 1000, Bar(100, 25, 75, 0)),
        (1000, 0, 2000, Bar(50, 0, 100, 0)),
        (1000, 2000, 4000, Bar(50, 50, 0, 50)),
        (10_000_000, 9_999_999, 10_000_000, Bar(100, 99, 1, 0)),
        (1000, 1, 10_000_000, Bar(1, 1, 99, 0)),
        (0, 5, 10, Bar(50, 0, 0, 100)),
        (0, 0, 0, Bar(0, 0, 0, 0)),
    ],
)
def test_a_bar_is_filled_outlined_and_above(allowed, delivered, longest, expected):
    assert bar(allowed, delivered, longest) == expected


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_bar_fits_and_hides_nothing(allowed, delivered, more):
    drawn = bar(allowed, delivered, max(allowed, delivered) + more)
    assert drawn.whole <= 100
    assert drawn.within + drawn.short + drawn.over == (100 if drawn.whole else 0)
    assert (drawn.within > 0) == (min(allowed, delivered) > 0)
    assert (drawn.short > 0, drawn.over > 0) == (allowed > delivered, delivered > allowed)


def test_bars_are_cells_with_width_and_ground():
    html = render_weekly(week(warmups=told(refused_week()))).html
    bars = re.findall(r'class="b" role="presentation" cellspacing="0" width="(\d+)%"', html)
    assert bars == ["12", "25", "50", "100", "100", "100"]
    assert '<td class="bar" width="51%" height="8" bgcolor="#2f7d4a"' in html  # 4,100 of 8,000
    nothing = render_weekly(week(warmups=told(idle_week()))).html
    assert (
        '<td class="bar none" height="8" style="font-size: 1px;line-height: 8px;border: 1px solid #2f7d4a;"' in nothing
    )
    assert '<td class="bar short" height="8" style="font-size: 1px;line-height: 8px;border: 1px solid #2f7d4a;' in html


def test_a_day_that_is_not_known_is_never_a_zero():
    text = text_of(refused_week())
    assert "Sat 21 not known Sun 22 allowed 8,000 delivered 3,900" in text
    assert "22,455 delivered of 31,000 allowed (72.4%), without 1 day not known." in text
    nothing = text_of(run_week(made=days([None] * 7)))
    assert "7 days not known." in nothing
    assert "delivered 0" not in nothing


def test_a_run_that_has_just_begun_has_no_days():
    text = text_of(run_week(made=(), run=replace(RUN, started_on=FIRST + timedelta(days=6)), state=DayState.UNKNOWN))
    assert "1 day not known." in text
    made_early = week(warmups=told(run_week(made=(), run=replace(RUN, zone="UTC", started_on=FIRST))))
    assert "allowed" not in render_weekly(made_early).text.split("Pool acme-news")[1].split("Next,")[0]


def test_the_next_allowance_and_the_expected_end_are_told_if_known():
    text = text_of(run_week())
    assert "Next, Mon 23 Nov 2026: up to 60,000 messages, because enough of the allowance was delivered." in text
    assert "Expected to be done on Mon 23 Nov 2026, if it goes on like this." in text
    assert "Expected" not in text_of(held_week())


def test_complaints_nobody_told_of_are_not_measured():
    assert "Complaints: 0; not measured at Gmail." in text_of(run_week())
    silent = days([(1000, 900)], complaints=None)
    assert "Complaints: not measured." in text_of(run_week(made=silent))


def test_a_pool_is_summed_without_what_is_shared_or_not_known():
    shared = shared_week()
    shared = replace(shared, status=replace(shared.status, run=replace(shared.status.run, pool="acme-news")))
    text = text_of(run_week(), refused_week(), shared)
    sums = "2 IPs of 3, without shared ones; 115,220 delivered of 126,000 allowed (91.4%), without 1 day of one IP"
    assert f"Pool acme-news {sums} not known; next allowance together 68,000." in text
    assert "together" not in text_of(run_week())


def test_next_allowances_are_added_of_one_day_alone():
    other_day = NextDay(NEXT_ON + timedelta(days=1), 60_000, "advance", Because.ENOUGH_DELIVERED)
    over = replace(AFTER_THE_WEEK, on=NEXT_ON + timedelta(days=1))
    assert "next allowance together 68,000" in text_of(run_week(), refused_week(), run_week("192.0.2.9", next=over))
    assert "together" not in text_of(run_week(), refused_week(), run_week("192.0.2.9", next=other_day))
    assert "together" not in text_of(run_week(next=over), run_week("192.0.2.9", next=over))


def test_a_shared_one_has_a_state_and_neither_stage_nor_figures():
    text = text_of(shared_week())
    assert f"203.0.113.1: held; {OF_ALL}" in text
    assert "Pool shared-1 203.0.113.1" in text
    assert "too many messages bounced" in text
    assert "You: Nothing: we run this address, and others send from it too." in text
    assert not {"480", "6,100", "60,000", "39,100"} & set(NUMBER.findall(text))
    assert "Ten steps" not in text


def test_what_was_anothers_names_neither_their_pool_nor_their_plan():
    run = replace(RUN, customer="bravo", pool="bravo-news")
    text = text_of(run_week(shared=True, run=run), run_week(shared=True, state=DayState.OFF, run=run, ip="192.0.2.11"))
    assert "Shared with others 192.0.2.10: on plan;" in text or "Shared with others 192.0.2.11" in text
    assert not re.search(r"bravo|Ten steps|Without a pool|stage \d", text)


def test_the_words_of_our_sources_are_not_the_customers():
    made = days([(1000, 900), None])
    failed = made[-1].result._replace(unknown="postfix cannot be read: Permission denied for robin@esp")
    text = text_of(run_week(state=DayState.UNKNOWN, made=[made[0], made[1]._replace(result=failed)]))
    assert "Tue 17 Nov 2026 is not known: its counts have not reached us." in text
    assert "robin" not in text


@pytest.mark.parametrize(("days_left", "told"), [(2, True), (9, False)])
def test_that_the_platform_stops_is_told_in_its_last_days(days_left, told):
    text = text_of(run_week(platform_stops_on=NEXT_ON + timedelta(days=days_left)))
    assert ("on Wed 25 Nov 2026 at the latest" in text and "unless an engagement age is set" in text) == told
    assert ("The platform ends" in text) == told


def test_what_needs_the_reader_comes_first_and_is_no_clear_week():
    words = render_weekly(week(warmups=told(run_week(), held_week(), refused_week())))
    assert words.subject.startswith("Attention: 2 warm-ups need you - ")
    assert "Of your warm-ups 1 is held and 1 is refused." in " ".join(words.text.split())
    assert 'class="verdict bad"' in words.html
    attention, section = words.text.split("IP WARM-UP")
    assert "Warm-up of 192.0.2.12: held" in attention
    assert "Warm-up of 192.0.2.11: behind: refused" in attention
    assert "192.0.2.10" not in attention
    assert "NEEDS YOUR ATTENTION" not in section
    assert "NEEDS YOUR ATTENTION" not in render_weekly(week(warmups=told(run_week()))).text


def test_a_hold_at_one_provider_is_said_beside_the_state():
    text = text_of(run_week(holds=(BLOCKED,)))
    assert "Warm-up of 192.0.2.10: on plan, held at Gmail" in text
    assert text.count("Held at Gmail since Fri 20 Nov 2026 09:41 EST: it blocks this address.") == 1


def test_a_hold_that_waits_for_its_release_is_told_too():
    text = text_of(run_week(holds=(replace(BLOCKED, over=True),)))
    assert "Held at Gmail since Fri 20 Nov 2026 09:41 EST: it blocked this address; the cause is over." in text
    assert "We: Example TAM decides on the release." in text
    assert "NEEDS YOUR ATTENTION" not in text
    ended = replace(RUN, ended=RunEnd.DONE, ended_on=date(2026, 11, 22))
    assert "Held" not in text_of(run_week(state=DayState.DONE, run=ended, holds=(BLOCKED,), next=AFTER_THE_WEEK))


def test_what_one_listing_holds_is_one_piece_of_advice_since_the_first():
    later = replace(LISTED, since=SINCE + timedelta(hours=1))
    weeks = [held_week(f"192.0.2.{n}", later if n < 20 else LISTED) for n in range(16, 24)]
    text = text_of(*weeks)
    assert "Warm-up of 192.0.2.16/29 (8 addresses): held" in text
    first = text.split("IP WARM-UP")[0]
    assert first.count("the listing on Great list") == 1
    assert "since Fri 20 Nov 2026 09:41 EST" in first


def test_counts_of_one_are_not_said_of_many():
    attention = text_of(held_week("192.0.2.16", BOUNCED), held_week("192.0.2.17", BOUNCED)).split("IP WARM-UP")[0]
    assert "too many messages bounced" in attention
    assert "480" not in attention


def test_nothing_was_changed_at_the_platform_is_said_of_a_hold():
    assert "A hold is advice: nothing was changed at your sending platform." in text_of(held_week())
    assert "A hold is advice" not in text_of(run_week())


def test_that_no_check_failed_is_said_of_the_checks_alone():
    """A held warm-up stands beside it."""
    checked = [CheckResult(Check.SPF, "news.acme.example", CheckOutcome.PASS, "fine", SINCE, "a look")]
    text = " ".join(render_weekly(week(warmups=told(held_week()), practice=checked)).text.split())
    assert "1 best-practice check passed, none failed, as last checked on " in text
    assert "; listings and warm-ups are told above." in text


def test_who_held_it_and_why_is_for_colleagues():
    by_person = HoldView(HoldCause.PERSON, "", SINCE, {"by": "Robin", "reason": "bravo complained"})
    text = text_of(held_week(hold=by_person))
    assert "by a person" in text
    assert "ask Example TAM for the reason" in text
    assert "Robin" not in text
    assert "bravo" not in text


def test_what_a_person_ended_is_not_called_done():
    run = replace(RUN, ended=RunEnd.FINISHED, ended_on=date(2026, 11, 22))
    text = text_of(run_week(state=DayState.DONE, run=run, next=AFTER_THE_WEEK, expected_finish_on=None))
    assert "192.0.2.10: ended by a person" in text
    assert "192.0.2.10: done" not in text
    assert "We: A person ended it before its plan did." in text
    assert "You: Send no more from here than it has carried so far" in text
    assert "1,000 messages a day" not in text


def test_what_a_person_stepped_back_is_not_looked_for_at_the_platform():
    back = NextDay(NEXT_ON, 4000, "step_back", Because.STEPPED_BACK)
    step = WarmupStep("run", SINCE, StepKind.STEPPED_BACK, "Robin", "bravo complained", 5)
    text = text_of(run_week(state=DayState.FELL_BACK, next=back, stepped_back=step))
    assert "A person stepped it back to stage 10 of 10." in text
    assert "Robin" not in text
    assert "bravo" not in text
    assert "You: Go on at the next allowance. Example TAM can tell you why the stage was lowered." in text


def test_what_needs_the_reader_and_has_no_place_above_is_told_below():
    causes = (LISTED, BLOCKED, BOUNCED)
    weeks = [held_week(f"192.0.2.{n}", hold) for n, hold in enumerate(causes, 30)]
    attention, section = render_weekly(week(warmups=told(*weeks, refused_week()))).text.split("IP WARM-UP")
    assert "192.0.2.11" not in attention
    assert "and 1 more among the warm-ups below" in attention
    assert "192.0.2.11: behind: refused" in section.split("What to do")[1]


@pytest.mark.parametrize("state", DayState)
@pytest.mark.parametrize("shared", [False, True])
def test_every_state_has_words(state, shared):
    holds = {DayState.HELD: (LISTED,), DayState.READY_TO_RELEASE: (replace(LISTED, over=True),)}.get(state, ())
    text = text_of(run_week(state=state, shared=shared, holds=holds))
    assert "What to do" in text or "NEEDS YOUR ATTENTION" in text
    assert "{" not in text


def in_all_states():
    """With every cause of a hold at one provider and at all, with counts and without."""
    for state, shared in product(DayState, (False, True)):
        yield run_week(state=state, shared=shared, by_platform=True, platform_stops_on=NEXT_ON)
    for cause, where, over, facts in product(HoldCause, (ALL_PROVIDERS, "google"), (False, True), ({}, FACTS)):
        hold = HoldView(cause, where, FIRST, facts, over)
        yield run_week(state=DayState.READY_TO_RELEASE if over else DayState.HELD, holds=(hold, *[LISTED] * 3))
        yield run_week(holds=(hold,))
    for end, on in product(RunEnd, (None, FIRST)):
        yield run_week(state=ENDS[end], run=replace(RUN, ended=end, ended_on=on), next=AFTER_THE_WEEK)
        yield run_week(state=ENDS[end], run=replace(RUN, ended=end, ended_on=on), shared=True)


def with_all_reasons():
    for why, decision in product(Because, (Decision.ADVANCE, Decision.REPEAT)):
        yield run_week(next=NextDay(NEXT_ON, 500, decision, why))
        yield run_week(state=DayState.FELL_BACK, next=NextDay(NEXT_ON, 500, decision, why))
        yield run_week(state=DayState.UNKNOWN, made=(), shared=True, next=NextDay(NEXT_ON, None, Decision.REPEAT, why))
    for why in OverPlan:
        yield run_week(state=DayState.OVER_PLAN, over_plan_why=why)
    for begun in (0, 1):
        yield run_week(state=DayState.UNKNOWN, made=(), day=begun)


def of_all_days():
    stages = {"before": 5, "stage": 3}
    for state, facts, unknown in product(DayState, ({}, stages), (None, "no source tells of it")):
        for delivered, offered in ((0, 0), (700, 1000), (900, 900)):
            made = day(FIRST, 1000, delivered, unknown, state, offered=offered)
            news = tuple(News(what, FIRST, facts) for what in (RunNews.SKIPPED, RunNews.FELL_BACK))
            counts = made.result.counts._replace(attempted_least=offered // 2, deferred=offered // 4)
            for each in (made.result.counts, counts):
                yield run_week(state=state, made=[made._replace(result=made.result._replace(news=news, counts=each))])
    platform = replace(RUN, plan=replace(RUN.plan, platform="sparkpost"))
    yield run_week(state=DayState.UNKNOWN, made=days([None]), run=platform)


ENDS = {RunEnd.DONE: DayState.DONE, RunEnd.OFF: DayState.OFF, RunEnd.FINISHED: DayState.DONE}
FACTS = {"found": 73, "of": 125, "above_ratio": 0.1, "denominator": "offered", "list_name": "Great list"}
NOT_OURS = words_of("Great list Ten steps Gmail Microsoft Outlook com acme news Mo Fr Nov EST bad unsure good")


def silent_tongue():
    """Each sentence is only what is put in it, so that what was never marked shows, wherever it stands."""
    spoken = pseudo_tongue(SENTENCES)(Language.DE)
    silent = replace(spoken, sentences={english: (only_places(english),) for english in spoken.sentences})
    return lambda language: silent


def only_places(sentence):
    return " ".join(re.findall(r"{\w+}", sentence))


@pytest.mark.parametrize("weeks", [in_all_states, with_all_reasons, of_all_days])
def test_nothing_is_said_of_a_warmup_that_is_not_translatable(weeks, monkeypatch):
    monkeypatch.setattr(tongue, "tongue", silent_tongue())
    zone = ZoneInfo(RUN.zone)
    for each in weeks():
        reported = told(each)
        card, line = (warmup_rows(reported, MADE_AT, zone, Room(cards, 1), ()) for cards in (1, 0))
        said = [astuple(card), astuple(line), *map(astuple, guidance(reported, "", zone))]
        assert words_of(" ".join(texts(said))) <= NOT_OURS


def texts(values):
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple | list):
            yield from texts(value)


def many(count):
    return [(refused_week if n % 2 else held_week)(f"198.51.100.{n}") for n in range(count)]


def test_more_than_eight_are_rows_and_the_rest_a_number():
    text = render_weekly(week(warmups=told(*many(50)))).text
    section = text.split("IP WARM-UP")[1].split("What to do")[0]
    assert section.count("Ten steps, day 10") == 8
    assert section.count(", stage 6 of 10; ") == 30
    assert "and 12 more IPs" in section
    assert "50 IPs; " in section


@pytest.mark.parametrize("base", [week, largest_week, partial(largest_week, lists_for_information=2)])
def test_a_mail_with_thirty_warmups_is_not_cut_by_gmail(base):
    """102 KB of source is where Gmail stops. Each has its own pool, plan and reason of some length."""
    plan = replace(RUN.plan, name="A plan with a rather long name " * 4)
    weeks = []
    for n, each in enumerate(many(30)):
        made = days([(allowed * 100, allowed * 99) for allowed in VOLUMES[:7]])
        run = replace(each.status.run, plan=plan, pool=f"a pool with a rather long name {n}")
        weeks.append(replace(each, status=replace(each.status, run=run), days=tuple(made)))
    words = render_weekly(base(warmups=told(*weeks)))
    assert len(html_as_sent(words)) <= 100_000
    assert set(NUMBER.findall(Page(words.html).text)) == set(NUMBER.findall(words.text))


def test_strangers_text_stays_text():
    plan = replace(RUN.plan, name=HOSTILE)
    listed = replace(LISTED, facts={"list_id": "x", "list_name": HOSTILE})
    unknown = days([(1000, 900), (0, 0)])
    unknown[-1] = unknown[-1]._replace(result=unknown[-1].result._replace(unknown=HOSTILE))
    at = ProviderStatus(HOSTILE, 6, DayState.BEHIND_REFUSED, None, unknown[0].result.counts, AFTER_THE_WEEK)
    weeks = [
        run_week("192.0.2.1", run=replace(RUN, plan=plan, pool=HOSTILE)),
        held_week("192.0.2.2", listed),
        run_week("192.0.2.3", DayState.UNKNOWN, unknown),
        run_week("192.0.2.4", DayState.BEHIND_REFUSED, providers=(at,)),
        run_week("192.0.2.5", holds=(replace(BLOCKED, provider=HOSTILE, facts={}),)),
    ]
    words = render_weekly(week(warmups=told(*weeks)))
    page = Page(words.html)
    assert not {"script", "img"} & set(page.tags)
    assert "<script>alert(1)</script>" in page.text
    assert "http://evil" not in words.text + words.html
    assert not {"\x1b", "\u202e", "\r"} & set(words.text + words.html)


@pytest.mark.parametrize(
    ("base", "subject"),
    [
        (week, "Attention: 1 warm-up held - "),
        (partial(week, listings=[DELISTED]), "Attention: 1 warm-up held, 1 listing ended - "),
        (bad_week, "Attention: 3 listings open, 1 warm-up held - "),
    ],
)
def test_a_held_warm_up_stands_in_the_subject(base, subject):
    words = render_weekly(replace(base(), warmups=told(run_week(holds=(BLOCKED,)))))
    assert words.subject.startswith(subject)
    assert "Of your warm-ups 1 is held." in " ".join(words.text.split())


def test_a_block_and_the_gate_that_measured_it_are_one_hold():
    gate = HoldView(HoldCause.REFUSED, "google", SINCE.date(), {"found": 73, "of": 125, "above_ratio": 0.1})
    text = text_of(run_week(holds=(BLOCKED, gate)))
    assert "it blocks this address; on that day 73 of 125 messages there were refused." in text
    assert text.count("Held at Gmail") == 1
    over = text_of(run_week(holds=(replace(BLOCKED, over=True), gate)))
    assert over.count("eld at Gmail since") == 2


def test_what_held_it_and_who_let_it_go_is_marked_by_the_day():
    held = day(FIRST, 500, 500, state=DayState.HELD)
    back = day(FIRST + timedelta(days=2), 500, 500)
    back = back._replace(result=back.result._replace(decision=Decision.STEP_BACK))
    made = [held, day(FIRST + timedelta(days=1), 500, 500), back, day(FIRST + timedelta(days=3), 500, 500)]
    released = replace(run_week(made=made), released_on=frozenset({FIRST + timedelta(days=1)}))
    text = render_weekly(week(warmups=told(released))).text
    marks = re.findall(r"^ +(\w{3} \d\d) +allowed +500 +delivered +500 *(.*)$", text, re.MULTILINE)
    assert marks == [("Mon 16", "held"), ("Tue 17", "released"), ("Wed 18", "stepped back"), ("Thu 19", "")]


def test_the_same_stage_again_is_said_to_be_that_and_what_a_held_provider_may_have():
    following = NextDay(NEXT_ON, 500, Decision.REPEAT, Because.REFUSED)
    at = ProviderStatus("google", 3, DayState.HELD, None, None, replace(following, allowance=125), (BLOCKED,))
    text = text_of(run_week(next=following, holds=(BLOCKED,), providers=(at,)))
    assert "up to 500 messages, the same stage again, because too much of what was offered was not delivered." in text
    assert "Of these at most 125 at Gmail." in text
    first = replace(following, because=Because.AMENDED)
    assert "the same stage again" not in text_of(run_week(next=first))


def test_one_that_has_not_begun_has_nothing_to_mend():
    run = replace(RUN, started_on=FIRST + timedelta(days=6))
    status = {"judged": None, "day": 0, "next": NextDay(NEXT_ON, 200, Decision.REPEAT, Because.AMENDED)}
    text = text_of(run_week(made=(), run=run, state=DayState.UNKNOWN, **status))
    assert "192.0.2.10: not begun" in text
    assert "You: Begin with those who opened or clicked" in text


def test_bars_are_explained_where_there_are_bars():
    words = render_weekly(week(warmups=told(run_week())))
    assert ("Bars: " in words.text, "Bars: " in words.html) == (False, True)
