"""A list is believed only while its test points say what they must, and comes back only after it has proved itself."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.blocklist import CodeStyle, Impact, ReturnCode, TestPoint
from deliverwatch.core.events import EventKind
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.verdict import Answer, Outcome, Reply, Verdict, judge
from deliverwatch.core.zone_health import (
    Health,
    HealthPolicy,
    ListPath,
    TestResult,
    ZoneState,
    combine,
    fold,
    judge_test_points,
    settle,
    worse,
)
from servers.lists import sample_list

V4, V6, DOMAIN = SubjectKind.IPV4, SubjectKind.IPV6, SubjectKind.DOMAIN
BL = sample_list(refusals={"127.0.0.1": "the resolver is blocked"})
SEEN = ListPath("sample", "192.0.2.53:53")
START = datetime(2026, 11, 2, 8, tzinfo=UTC)
POLICY = HealthPolicy()
LISTED, CLEAR = Answer(Reply.ANSWER, ("127.0.0.2",)), Answer(Reply.NXDOMAIN)
PASSED, FAILED, NO_POINTS = (
    TestResult(Outcome.CLEAR),
    TestResult(Outcome.NONSENSE, "gone empty"),
    TestResult(None, "no test points"),
)


def answers(positive=LISTED, negative=CLEAR, kinds=(V4,)):
    return {point: positive if point.expect else negative for kind in kinds for point in BL.points_for(kind)}


# --- judging the test points


def test_points_that_answer_as_promised_pass():
    assert judge_test_points(BL, [V4], answers()) == TestResult(Outcome.CLEAR)
    assert judge_test_points(BL, SubjectKind, answers(kinds=SubjectKind)).passed


@pytest.mark.parametrize(
    ("positive", "negative", "outcome", "detail"),
    [
        (CLEAR, CLEAR, Outcome.NONSENSE, "must be listed and is not: the list has gone empty"),
        (LISTED, LISTED, Outcome.NONSENSE, "must not be listed and is: the list lists the world"),
        (Answer(Reply.ANSWER, ("127.0.0.3",)), CLEAR, Outcome.NONSENSE, "answered 127.0.0.3, expected 127.0.0.2"),
        (Answer(Reply.ANSWER, ("203.0.113.7",)), CLEAR, Outcome.NONSENSE, "outside 127.0.0.0/8"),
        (Answer(Reply.EMPTY), CLEAR, Outcome.NONSENSE, "NOERROR, no A"),
        (Answer(Reply.ANSWER, ("127.0.0.1",)), CLEAR, Outcome.REFUSED, "the resolver is blocked"),
        (Answer(Reply.REFUSED), Answer(Reply.REFUSED), Outcome.REFUSED, "we may not ask it"),
        (LISTED, Answer(Reply.TIMEOUT), Outcome.UNREACHABLE, "no answer in time"),
        (Answer(Reply.SERVFAIL), CLEAR, Outcome.UNREACHABLE, "SERVFAIL"),
        (Answer(Reply.TIMEOUT), LISTED, Outcome.NONSENSE, "lists the world"),
        (Answer(Reply.TIMEOUT), Answer(Reply.REFUSED), Outcome.REFUSED, "we may not ask it"),
    ],
)
def test_the_gravest_fault_is_told(positive, negative, outcome, detail):
    result = judge_test_points(BL, [V4], answers(positive, negative))
    assert result.failed
    assert not result.passed
    assert result.outcome is outcome
    assert detail in result.detail
    assert result.detail.startswith("test point 127.0.0.")


def test_a_point_that_was_not_asked_counts_as_unreachable():
    assert judge_test_points(BL, [V4], {}).outcome is Outcome.UNREACHABLE


def test_one_of_the_expected_values_is_enough_and_others_may_stand_beside_it():
    points = (TestPoint(V4, "127.0.0.2", ("127.0.0.2", "127.0.0.10")), TestPoint(V4, "127.0.0.1"))
    blocklist = sample_list(test_points=points)
    values = Answer(Reply.ANSWER, ("127.0.0.3", "127.0.0.10"))
    assert judge_test_points(blocklist, [V4], {points[0]: values, points[1]: CLEAR}).passed


def test_the_test_point_of_a_bitmask_is_the_whole_value():
    points = (TestPoint(DOMAIN, "test.uribl.example", ("127.0.0.14",)), TestPoint(DOMAIN, "never.example"))
    codes = tuple(ReturnCode(bit, bit, Impact.LOW) for bit in ("2", "4", "8"))
    blocklist = sample_list(test_points=points, style=CodeStyle.BITMASK, codes=codes)
    asked = {points[0]: Answer(Reply.ANSWER, ("127.0.0.14",)), points[1]: CLEAR}
    assert judge_test_points(blocklist, [DOMAIN], asked).passed
    asked[points[0]] = Answer(Reply.ANSWER, ("127.0.0.2",))
    assert judge_test_points(blocklist, [DOMAIN], asked).failed


@pytest.mark.parametrize("left", [0, 1])
def test_a_kind_without_both_sorts_of_points_is_unverifiable_whatever_they_say(left):
    blocklist = sample_list(test_points=BL.points_for(V4)[left : left + 1])
    result = judge_test_points(blocklist, [V4], answers())
    assert (result.outcome, result.passed, result.failed) == (None, False, False)
    assert "publishes no test points" in result.detail


def test_other_kinds_do_not_vouch_for_one_without_points():
    blocklist = sample_list(test_points=BL.points_for(V4))
    assert judge_test_points(blocklist, [V4], answers()).passed
    assert judge_test_points(blocklist, [V4, V6], answers()).outcome is None


def test_no_kind_at_all_proves_nothing():
    assert judge_test_points(BL, [], answers()) == TestResult(None, "nothing was asked")


@pytest.mark.parametrize(
    ("positive", "negative", "lies"),
    [
        (LISTED, LISTED, True),
        (Answer(Reply.ANSWER, ("127.0.0.3",)), CLEAR, True),
        (Answer(Reply.TIMEOUT), LISTED, True),
        (CLEAR, LISTED, True),
        (CLEAR, CLEAR, False),
        (Answer(Reply.ANSWER, ("203.0.113.7",)), CLEAR, False),
        (Answer(Reply.REFUSED), Answer(Reply.REFUSED), False),
    ],
)
def test_only_to_list_what_is_not_or_as_what_it_is_not_is_a_lie(positive, negative, lies):
    assert judge_test_points(BL, [V4], answers(positive, negative)).lies is lies


def test_only_the_points_that_were_asked_are_judged():
    first, _ = BL.points_for(V4)
    assert judge_test_points(BL, [V4], {first: LISTED}, [first]).passed


# --- what remains of a verdict

VERDICTS = [judge(BL, answer) for answer in (LISTED, CLEAR, *map(Answer, Reply))]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_list_that_passed_is_believed(verdict):
    assert settle(verdict, PASSED) is verdict


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.UNREACHABLE, Outcome.NONSENSE])
def test_nothing_conclusive_comes_from_a_list_that_failed(verdict, outcome):
    settled = settle(verdict, TestResult(outcome, "why"))
    assert not settled.outcome.conclusive
    assert settled.impact is None
    assert settled.codes == verdict.codes
    assert settled == verdict or settled.detail == "the list cannot be believed: why"


def test_a_listing_of_an_unverifiable_list_is_shown_with_that_label_and_its_nxdomain_proves_nothing():
    listed = settle(judge(BL, LISTED), NO_POINTS)
    assert (listed.outcome, listed.detail) == (Outcome.LISTED, "unverifiable: no test points")
    clear = settle(judge(BL, CLEAR), NO_POINTS)
    assert (clear.outcome, clear.detail) == (Outcome.NONSENSE, "not found, which proves nothing: no test points")
    refused = Verdict(Outcome.REFUSED, detail="why")
    assert settle(refused, NO_POINTS) is refused


# --- before and after, kind and kind

RESULTS = [PASSED, NO_POINTS, *(TestResult(outcome, outcome) for outcome in Outcome if not outcome.conclusive)]
results_st = st.sampled_from(RESULTS)


@given(before=results_st, after=results_st)
def test_before_and_after_must_both_pass(before, after):
    both = worse(before, after)
    assert both in (before, after)
    assert both.failed is (before.failed or after.failed)
    assert worse(before, after).outcome is worse(after, before).outcome or not both.failed


@given(tests=st.lists(results_st, max_size=4))
def test_any_failure_fails_the_list_and_only_a_pass_makes_it_well(tests):
    together = combine(tests)
    assert together.failed is any(test.failed for test in tests)
    assert together.passed is (any(test.passed for test in tests) and not together.failed)


# --- the story of a list


def story(rounds, state=None):
    """`rounds`: (minutes, TestResult)."""
    state, told = state or ZoneState(), []
    for minutes, test in rounds:
        state, events = fold(state, SEEN, START + timedelta(minutes=minutes), test, POLICY)
        told += events
    return state, told


def kinds(events):
    return [event.kind for event in events]


def test_a_good_round_of_a_new_list_is_no_news():
    state, told = story([(0, PASSED), (60, PASSED)])
    assert (state, told) == (ZoneState(since=START), [])


def test_one_bad_round_makes_a_list_failing_and_two_quarantined():
    state, told = story([(0, FAILED)])
    assert (state.health, kinds(told)) == (Health.FAILING, [EventKind.LIST_FAILING])
    state, told = story([(0, FAILED), (60, FAILED), (120, FAILED)])
    assert (state.health, state.since) == (Health.QUARANTINED, START)
    assert kinds(told) == [EventKind.LIST_FAILING, EventKind.LIST_QUARANTINED]
    assert told[1].facts == {
        "path": "192.0.2.53:53",
        "since": START.isoformat(),
        "outcome": "nonsense",
        "detail": "gone empty",
    }


def test_a_failing_list_recovers_with_the_next_good_round():
    state, told = story([(0, FAILED), (60, PASSED)])
    assert (state, kinds(told)) == (
        ZoneState(since=START + timedelta(minutes=60)),
        [EventKind.LIST_FAILING, EventKind.LIST_RECOVERED],
    )
    assert told[1].facts["since"] == START.isoformat()


@pytest.mark.parametrize(
    ("good_at", "health"),
    [
        ([120], Health.QUARANTINED),
        ([120, 179], Health.QUARANTINED),
        ([120, 180], Health.HEALTHY),
        ([120, 150, 180], Health.HEALTHY),
    ],
)
def test_a_quarantined_list_needs_two_good_rounds_an_hour_apart(good_at, health):
    state, told = story([(0, FAILED), (60, FAILED), *((minutes, PASSED) for minutes in good_at)])
    assert state.health is health
    assert (kinds(told)[-1] is EventKind.LIST_RECOVERED) is (health is Health.HEALTHY)


def test_a_bad_round_in_between_starts_the_hour_anew():
    start = [(0, FAILED), (60, FAILED), (120, PASSED), (150, FAILED)]
    assert story([*start, (180, PASSED)])[0].health is Health.QUARANTINED
    assert story([*start, (180, PASSED), (240, PASSED)])[0].health is Health.HEALTHY


def test_a_list_without_test_points_is_unverifiable_and_no_news():
    state, told = story([(0, NO_POINTS), (60, NO_POINTS)])
    assert (state, told) == (ZoneState(Health.UNVERIFIABLE, START, detail="no test points"), [])
    state, told = story([(0, NO_POINTS), (60, PASSED)])
    assert (state.health, told) == (Health.HEALTHY, [])


rounds_st = st.lists(st.tuples(st.integers(1, 90), st.sampled_from([PASSED, FAILED])), max_size=25)


def on_the_clock(gaps):
    minutes, rounds = 0, []
    for gap, test in gaps:
        minutes += gap
        rounds.append((minutes, test))
    return rounds


def oracle(rounds):
    """The rule of the design, read from the whole history instead of a state."""
    health, bad_in_a_row, good_since = Health.HEALTHY, 0, None
    for minutes, test in rounds:
        bad_in_a_row = 0 if test.passed else bad_in_a_row + 1
        good_since = None if test.failed else minutes if good_since is None else good_since
        if bad_in_a_row >= 2:
            health = Health.QUARANTINED
        elif test.failed and health is Health.HEALTHY:
            health = Health.FAILING
        elif test.passed and (health is Health.FAILING or minutes - good_since >= 60):
            health = Health.HEALTHY
    return health


@given(gaps=rounds_st)
def test_over_any_history_the_health_is_what_the_rule_says(gaps):
    rounds = on_the_clock(gaps)
    assert story(rounds)[0].health is oracle(rounds)


@given(gaps=rounds_st)
def test_over_any_history_what_is_told_is_a_story(gaps):
    state, told = story(on_the_clock(gaps))
    follows = {
        None: {EventKind.LIST_FAILING},
        EventKind.LIST_FAILING: {EventKind.LIST_QUARANTINED, EventKind.LIST_RECOVERED},
        EventKind.LIST_QUARANTINED: {EventKind.LIST_RECOVERED},
        EventKind.LIST_RECOVERED: {EventKind.LIST_FAILING},
    }
    before = None
    for kind in kinds(told):
        assert kind in follows[before]
        before = kind
    assert (before in (None, EventKind.LIST_RECOVERED)) is (state.health is Health.HEALTHY)
    assert len({event.key for event in told}) == len(told)


# --- refusals: no illness, and no leave to ask

NO_LEAVE = TestResult(Outcome.REFUSED, "the resolver is blocked")


def test_a_refusal_stops_at_once_is_told_once_and_ends_with_a_good_round():
    state, told = story([(0, NO_LEAVE)])
    assert (state.stopped_at, state.ask_again_at) == (START, START + timedelta(hours=1))
    assert kinds(told) == [EventKind.LIST_BLIND]
    state, told = story([(0, NO_LEAVE), (60, NO_LEAVE), (120, PASSED)])
    assert kinds(told) == [EventKind.LIST_BLIND, EventKind.LIST_RECOVERED]
    assert (told[1].facts["was"], told[1].facts["since"]) == ("stopped", START.isoformat())
    assert state == ZoneState(since=START + timedelta(hours=2))


def test_refusals_do_not_count_towards_a_quarantine_and_do_not_count_against_one():
    assert story([(60 * hour, NO_LEAVE) for hour in range(9)])[0].health is Health.FAILING
    assert story([(0, FAILED), (60, NO_LEAVE), (120, NO_LEAVE)])[0].health is Health.FAILING
    state, told = story([(0, FAILED), (60, NO_LEAVE), (120, FAILED)])
    assert state.health is Health.QUARANTINED
    assert kinds(told)[-1] is EventKind.LIST_QUARANTINED


def test_another_trouble_is_no_leave_to_ask():
    state, _ = story([(0, NO_LEAVE), (60, FAILED)])
    assert (state.stopped_at, state.ask_again_at) == (START, START + timedelta(hours=2))


def test_a_list_without_test_points_recovers_from_a_refusal_too():
    state, told = story([(0, NO_LEAVE), (60, NO_POINTS)])
    assert (state.health, state.stopped_at) == (Health.UNVERIFIABLE, None)
    assert kinds(told) == [EventKind.LIST_BLIND, EventKind.LIST_RECOVERED]


@pytest.mark.parametrize(("minutes", "may"), [(0, False), (59, False), (60, True), (90, True), (-9000, True)])
def test_after_a_refusal_it_may_be_asked_in_an_hour_or_when_the_clock_was_set_back(minutes, may):
    state, _ = story([(0, NO_LEAVE)])
    assert state.may_be_asked(START + timedelta(minutes=minutes), POLICY) is may


@given(gaps=st.lists(st.tuples(st.integers(1, 90), st.sampled_from([PASSED, FAILED, NO_LEAVE])), max_size=25))
def test_over_any_history_a_stop_has_a_beginning_and_a_time_to_ask_again(gaps):
    state, told = story(on_the_clock(gaps))
    assert (state.stopped_at is None) is (state.ask_again_at is None)
    assert state.stopped_at is None or state.health in (Health.FAILING, Health.QUARANTINED)
    without = [test for _, test in on_the_clock(gaps) if test is not NO_LEAVE]
    assert state.bad_rounds <= sum(test is FAILED for test in without)
    assert len({event.key for event in told}) == len(told)
