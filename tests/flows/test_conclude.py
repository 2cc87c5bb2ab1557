"""What one round changes, from what was believed and what was seen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.alerting import Audience
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Gap
from deliverwatch.core.events import EventKind
from deliverwatch.core.flapping import Unstable
from deliverwatch.core.listing import ListingState, Phase, Watch, opening_key
from deliverwatch.core.receivers import Routing
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.verdict import NOT_LISTED, Answer, Outcome, Reply
from deliverwatch.core.zone_health import Health, TestResult, ZoneState
from deliverwatch.flows.conclude import conclude
from deliverwatch.flows.look import Batch
from deliverwatch.flows.ports import Claim, RoundLoad
from deliverwatch.flows.rounds import Looked, Round, RoundPolicy
from samples import INVENTORY, NOON, SAMPLE_LIST

HOUR = timedelta(hours=1)
ACME, SHARED = parse_subject("192.0.2.10"), parse_subject("203.0.113.1")
RANGE = [parse_subject(f"192.0.2.{number}") for number in range(8, 16)]
WELL = TestResult(Outcome.CLEAR)
LIES = TestResult(Outcome.NONSENSE, "test point 127.0.0.1 must not be listed and is", lies=True)
REFUSED = TestResult(Outcome.REFUSED, "test point 127.0.0.2: the server answered REFUSED")
LISTED = Answer(Reply.ANSWER, ("127.0.0.2",), timedelta(minutes=5))
UNEXPLAINED = Answer(Reply.ANSWER, ("127.0.0.77",), timedelta(minutes=5))
CLEAR, TIMEOUT = NOT_LISTED, Answer(Reply.TIMEOUT)


def batch(answers, at=NOON, path="a", test=WELL):
    found = [None if test.failed else answer for answer in answers.values()]
    return Batch(SAMPLE_LIST, path, at, at + timedelta(seconds=1), {SubjectKind.IPV4: test}, list(answers), found)


def second(*subjects, answer=LISTED, test=WELL):
    """Another path, right after."""
    return batch(dict.fromkeys(subjects, answer), NOON + timedelta(seconds=2), "b", test)


def before(states=None, gaps=None, zones=None, verified_at=(NOON - HOUR,), stale_told=False, **more):
    return RoundLoad(zones or {}, states or {}, gaps or {}, verified_at, stale_told, **more)


def concluded(load, main, *, others=(), seconds=(), watched=100, blocklist: Blocklist = SAMPLE_LIST, **changes):
    this = Round(
        Claim("round/sample", "1", 1),
        blocklist,
        HOUR,
        INVENTORY,
        main.subjects,
        watched,
        True,
        Routing(("ops@esp.example",)),
        RoundPolicy(),
    )
    return conclude(replace(this, **changes), load, Looked(main, tuple(others), tuple(seconds)))


def open_since(at=NOON - HOUR, **changes):
    return ListingState(Phase.LISTED, at, at, ("127.0.0.2",), **changes)


def suspected_since(at=NOON - HOUR):
    return ListingState(Phase.SUSPECTED, at, at, ("127.0.0.2",), "a", at)


def key_of(subject, opened_at=NOON - HOUR):
    return opening_key(Watch("sample", subject), opened_at)


def kinds(result):
    return [event.kind for event in result.events]


def test_an_unchanged_round_writes_its_cycle_and_nothing_else():
    zones = {"a": ZoneState(since=NOON - HOUR)}
    result = concluded(before({ACME: open_since()}, zones=zones), batch({ACME: LISTED, SHARED: CLEAR}))
    assert (result.states, result.zones, result.events, result.notifications) == ({}, {}, [], [])
    assert (result.gaps_opened, result.gaps_closed) == ([], [])
    assert (result.cycle.verified, result.cycle.due, result.cycle.listed, result.cycle.clear) == (True, 2, 1, 1)


def test_one_listed_look_raises_a_suspicion_and_tells_nobody():
    result = concluded(before(), batch({ACME: LISTED}))
    assert result.states[ACME].phase is Phase.SUSPECTED
    assert (result.events, result.notifications) == ([], [])


def test_a_second_path_opens_and_tells_the_operator_and_the_tam():
    result = concluded(before(), batch({ACME: LISTED}), seconds=[second(ACME)])
    assert kinds(result) == [EventKind.LISTING_OPENED]
    readers = {(note.recipient, note.audience) for note in result.notifications}
    assert readers == {("ops@esp.example", Audience.OPERATOR), ("tam-acme@esp.example", Audience.TAM)}


def test_a_shared_address_is_one_incident_and_each_tam_reads_of_their_own():
    result = concluded(before(), batch({SHARED: LISTED}), seconds=[second(SHARED)])
    assert kinds(result) == [EventKind.LISTING_OPENED]
    customers = {note.recipient: note.customers for note in result.notifications}
    assert customers["tam-acme@esp.example"] == ("acme",)
    assert customers["tam-bravo@esp.example"] == ("bravo",)


def test_a_lying_second_path_confirms_nothing():
    result = concluded(before(), batch({ACME: LISTED}), seconds=[second(ACME, test=LIES)])
    assert result.states[ACME].phase is Phase.SUSPECTED
    assert EventKind.LISTING_OPENED not in kinds(result)
    assert result.zones["b"].health is Health.FAILING


def test_a_list_that_lies_moves_no_listing_and_is_not_verified():
    opened = open_since(NOON - 5 * HOUR)
    result = concluded(before({ACME: opened}), batch({ACME: CLEAR, SHARED: LISTED}, test=LIES))
    assert result.states == {}
    assert kinds(result) == [EventKind.LIST_FAILING]
    assert (result.cycle.verified, result.cycle.nonsense) == (False, 2)
    assert result.gaps_opened == []


def test_a_quarantined_list_that_passes_again_is_not_believed_at_once():
    zones = {"a": ZoneState(Health.QUARANTINED, NOON - HOUR, 2, None, "it lied")}
    suspected = suspected_since()
    result = concluded(before({ACME: suspected}, zones=zones), batch({ACME: LISTED}))
    assert result.states == {}
    assert result.cycle.verified is False
    assert "quarantined" in result.cycle.detail
    well_again = {"a": result.zones["a"]}
    later = concluded(before({ACME: suspected}, zones=well_again), batch({ACME: LISTED}, NOON + HOUR))
    assert later.cycle.verified is True
    assert kinds(later) == [EventKind.LIST_RECOVERED, EventKind.LISTING_OPENED]


def test_one_silent_watch_opens_a_gap_which_its_next_answer_closes():
    result = concluded(before(), batch({ACME: TIMEOUT, SHARED: CLEAR}))
    assert [gap.watch.subject for gap in result.gaps_opened] == [ACME]
    later = concluded(before(gaps={ACME: result.gaps_opened[0]}), batch({ACME: CLEAR}, NOON + HOUR))
    assert later.gaps_closed == [ACME]


def test_a_long_gap_is_an_event_of_its_own():
    gaps = {
        subject: Gap(Watch("sample", subject), NOON - hours * HOUR, None, Outcome.UNREACHABLE, None)
        for subject, hours in ((ACME, 3), (SHARED, 4))
    }
    (event,) = concluded(before(gaps=gaps), batch({ACME: TIMEOUT, SHARED: TIMEOUT})).events
    assert event.kind is EventKind.WATCHES_STALE
    assert event.facts["watches"] == 2
    assert event.facts["since"] == (NOON - 4 * HOUR).isoformat()


def test_a_list_that_stays_silent_is_told_once():
    load = before(zones={"a": ZoneState(Health.QUARANTINED, NOON - 3 * HOUR, 2)}, verified_at=(NOON - 3 * HOUR,))
    result = concluded(load, batch({ACME: TIMEOUT}, test=LIES))
    assert kinds(result) == [EventKind.LIST_STALE]
    assert result.stale_told
    again = concluded(before(zones=load.zones, verified_at=(NOON - 3 * HOUR,), stale_told=True), batch({}, test=LIES))
    assert (kinds(again), again.stale_told) == ([], True)


def test_an_unexplained_code_opens_with_low_impact_and_is_told_to_the_operator():
    result = concluded(before(), batch({ACME: UNEXPLAINED}), seconds=[second(ACME, answer=UNEXPLAINED)])
    assert kinds(result) == [EventKind.LISTING_OPENED, EventKind.CODE_UNEXPLAINED]
    assert result.events[0].facts["impact"] == "low"
    assert result.events[1].facts["code"] == "127.0.0.77"


def test_a_confirming_round_is_no_full_cycle():
    result = concluded(before(verified_at=()), batch({ACME: LISTED}, test=LIES), full=False)
    assert result.cycle.full is False
    assert EventKind.LIST_STALE not in kinds(result)


def test_a_suspicion_from_a_clock_that_was_ahead_is_forgotten():
    ahead = ListingState(Phase.SUSPECTED, NOON + 9 * HOUR, NOON + 9 * HOUR, ("127.0.0.2",), "a", NOON + 10 * HOUR)
    result = concluded(before({ACME: ahead}), batch({ACME: CLEAR}))
    assert result.states == {ACME: ListingState(as_of=NOON - timedelta(microseconds=1))}
    opened = ListingState(Phase.LISTED, NOON + 9 * HOUR, NOON - HOUR, ("127.0.0.2",))
    (kept,) = concluded(before({ACME: opened}), batch({ACME: LISTED})).states.values()
    assert (kept.phase, kept.opened_at, kept.as_of) == (
        Phase.LISTED,
        NOON - HOUR,
        NOON - timedelta(microseconds=1),
    )


# --- refusals


def test_a_refusal_is_told_at_once_with_the_way_that_is_used_instead():
    result = concluded(before(), batch({ACME: CLEAR}, path="b"), others=[batch({ACME: CLEAR}, test=REFUSED)])
    (event,) = result.events
    assert (event.kind, event.facts["instead"]) == (EventKind.LIST_BLIND, "b")
    assert result.zones["a"].stopped_at is not None
    assert result.cycle.verified


def test_an_unverifiable_way_is_an_instead_too():
    unverifiable = TestResult(None, "no test points")
    main = batch({ACME: CLEAR}, path="b", test=unverifiable)
    (event,) = concluded(before(), main, others=[batch({ACME: CLEAR}, test=REFUSED)]).events
    assert event.facts["instead"] == "b"


def test_what_was_not_asked_at_all_leaves_the_lists_condition_as_it_was():
    main = replace(batch({ACME: CLEAR}, test=TestResult(Outcome.UNREACHABLE, "the budget is used up")), asked=False)
    result = concluded(before({ACME: open_since()}), main)
    assert (result.zones, result.states, result.gaps_opened, result.events) == ({}, {}, [], [])
    assert (result.cycle.verified, result.cycle.detail) == (False, "the budget is used up")


# --- doubt


def test_a_lie_doubts_what_opened_lately_and_forgets_what_was_suspected():
    old, new = NOON - 4 * HOUR, NOON - 2 * HOUR
    states = {RANGE[0]: open_since(old), RANGE[1]: open_since(new), RANGE[2]: suspected_since(new)}
    load = before(states, verified_at=(NOON - HOUR, NOON - 2 * HOUR))
    result = concluded(load, batch(dict.fromkeys(RANGE, LISTED), test=LIES))
    assert set(result.states) == {RANGE[1], RANGE[2]}
    assert (result.states[RANGE[1]].phase, result.states[RANGE[1]].doubted) == (Phase.LISTED, True)
    assert result.states[RANGE[2]].phase is Phase.CLEAR
    assert result.held_back == [key_of(RANGE[1], new)]


def test_a_lie_on_another_way_holds_back_what_the_main_one_repeats():
    """The main one may have its test points from a cache."""
    probe = batch({}, path="b", test=LIES)
    result = concluded(before({ACME: open_since()}), batch({ACME: LISTED}), others=[probe])
    assert result.states[ACME].doubted
    assert (result.held_back, result.released) == ([key_of(ACME)], [])


def test_a_way_known_to_lie_doubts_nothing_while_the_list_is_well_on_another():
    zones = {"b": ZoneState(Health.QUARANTINED, NOON - 9 * HOUR, 2, None, "it lies", lies=True)}
    load = before({ACME: suspected_since()}, zones=zones)
    result = concluded(load, batch({ACME: LISTED}), others=[batch({}, path="b", test=LIES)])
    assert kinds(result) == [EventKind.LISTING_OPENED]


def test_a_way_known_to_lie_is_no_news_though_the_better_one_failed_for_once():
    zones = {"a": ZoneState(Health.FAILING, NOON - 9 * HOUR, 1, None, "it lies", lies=True)}
    load = before({ACME: open_since()}, zones=zones)
    assert concluded(load, batch({ACME: LISTED}, path="a", test=LIES)).states == {}


def test_a_way_that_was_only_silent_and_now_lies_is_news():
    zones = {"a": ZoneState(Health.FAILING, NOON - HOUR, 1, None, "no answer")}
    result = concluded(before({ACME: open_since()}, zones=zones), batch({ACME: LISTED}, path="a", test=LIES))
    assert result.states[ACME].doubted
    assert result.zones["a"].lies


def test_a_doubted_listing_that_is_seen_again_is_real_and_released():
    result = concluded(before({ACME: open_since(doubted=True)}), batch({ACME: LISTED}))
    assert not result.states[ACME].doubted
    assert (result.held_back, result.released, result.events) == ([], [key_of(ACME)], [])


def test_a_doubted_listing_of_which_nothing_is_heard_stays_doubted():
    result = concluded(before({ACME: open_since(doubted=True)}), batch({ACME: TIMEOUT}))
    assert (result.states, result.held_back, result.released) == ({}, [], [])


def test_a_way_is_judged_once_in_a_round():
    """The test points that were asked again because of a mass listing are no second bad round."""
    result = concluded(before(), batch({ACME: LISTED}, test=LIES), others=[batch({}, test=LIES)])
    assert kinds(result) == [EventKind.LIST_FAILING]
    assert result.zones["a"].bad_rounds == 1


# --- incidents


def test_a_range_is_one_incident_with_one_message_for_each_reader():
    answers = dict.fromkeys(RANGE, LISTED)
    result = concluded(before(), batch(answers), seconds=[second(*RANGE)])
    lead, *others = result.events
    assert lead.facts["members"] == ["192.0.2.8/29"]
    assert {event.facts["incident"] for event in others} == {lead.key}
    assert all(event.facts["quiet"] for event in others)
    assert sorted(note.recipient for note in result.notifications) == ["ops@esp.example", "tam-acme@esp.example"]


def test_a_mass_listing_reaches_the_operator_at_once_and_account_managers_later():
    result = concluded(before(), batch(dict.fromkeys(RANGE, LISTED)), seconds=[second(*RANGE)], watched=32)
    waits = {note.audience: note.not_before for note in result.notifications}
    assert waits[Audience.OPERATOR] is None
    assert waits[Audience.TAM] == result.events[0].at + HOUR + RoundPolicy().mass_grace_for
    assert result.events[0].facts["mass"] == {"opened": 8, "watched": 32}


def test_a_range_that_is_no_mass_waits_for_nobody():
    result = concluded(before(), batch(dict.fromkeys(RANGE, LISTED)), seconds=[second(*RANGE)], watched=33)
    assert all(note.not_before is None for note in result.notifications)


# --- coming and going


def flapping(subject=ACME, since=NOON - 30 * HOUR, changed_at=NOON - 24 * HOUR):
    return {subject: Unstable(since, changed_at)}


def test_the_fourth_opening_is_told_as_unstable_and_not_as_a_listing():
    result = concluded(before(openings={ACME: 3}), batch({ACME: LISTED}), seconds=[second(ACME)])
    assert kinds(result) == [EventKind.LISTING_UNSTABLE, EventKind.LISTING_OPENED]
    assert {note.event_key for note in result.notifications} == {result.events[0].key}
    assert result.unstable == {ACME: Unstable(result.events[1].at, result.events[1].at, ("acme",))}


@pytest.mark.parametrize(
    ("state", "answer", "listed"), [(None, CLEAR, False), (open_since(NOON - 24 * HOUR), LISTED, True)]
)
def test_what_has_been_the_same_for_a_day_settles(state, answer, listed):
    load = before({ACME: state} if state else {}, unstable=flapping())
    result = concluded(load, batch({ACME: answer}))
    (event,) = result.events
    assert (event.kind, event.facts["listed"]) == (EventKind.LISTING_SETTLED, listed)
    assert result.unstable == {ACME: None}


@pytest.mark.parametrize(("answer", "test"), [(TIMEOUT, WELL), (CLEAR, LIES), (CLEAR, REFUSED)])
def test_silence_settles_nothing(answer, test):
    result = concluded(before(unstable=flapping()), batch({ACME: answer}, test=test))
    assert EventKind.LISTING_SETTLED not in kinds(result)
    assert result.unstable == {}


def test_nothing_settles_while_it_is_about_to_move():
    result = concluded(before({ACME: open_since()}, unstable=flapping()), batch({ACME: CLEAR}))
    assert (kinds(result), result.unstable) == ([], {})


def test_what_is_held_no_more_is_forgotten_without_a_word():
    result = concluded(before(unstable=flapping(ACME)), batch({SHARED: CLEAR}))
    assert (kinds(result), result.unstable) == ([], {ACME: None})


# --- lists that wake nobody


def test_a_list_that_only_informs_opens_in_silence():
    result = concluded(
        before(), batch({ACME: LISTED}), seconds=[second(ACME)], blocklist=replace(SAMPLE_LIST, leads=False)
    )
    (event,) = result.events
    assert (event.kind, event.facts["quiet"]) == (EventKind.LISTING_OPENED, True)
    assert result.notifications == []


def test_a_list_on_trial_opens_nothing_and_counts_what_it_found():
    result = concluded(before(), batch({ACME: LISTED}), seconds=[second(ACME)], dry_run=True)
    assert not result.states
    assert not result.events
    assert not result.notifications
    assert result.cycle.listed == 1
