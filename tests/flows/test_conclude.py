"""What one round changes, from what was believed and what was seen."""

from datetime import timedelta

from deliverwatch.core.alerting import Audience
from deliverwatch.core.blocklist import Answer, Outcome, Reply, judge
from deliverwatch.core.coverage import Gap
from deliverwatch.core.events import EventKind
from deliverwatch.core.listing import ListingState, Look, Phase, Watch
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.zone_health import Health, TestResult, ZoneState, settle
from deliverwatch.flows.check_blocklists import Round, RoundPolicy, conclude
from deliverwatch.flows.look import Batch
from deliverwatch.flows.ports import Claim, RoundLoad
from samples import INVENTORY, NOON, SAMPLE_LIST

HOUR = timedelta(hours=1)
ACME, SHARED = parse_subject("192.0.2.10"), parse_subject("203.0.113.1")
WELL = TestResult(Outcome.CLEAR)
LIES = TestResult(Outcome.NONSENSE, "test point 127.0.0.1 must not be listed and is")
LISTED = Answer(Reply.ANSWER, ("127.0.0.2",), timedelta(minutes=5))
UNEXPLAINED = Answer(Reply.ANSWER, ("127.0.0.77",), timedelta(minutes=5))
CLEAR, TIMEOUT = Answer(Reply.NXDOMAIN), Answer(Reply.TIMEOUT)


def batch(answers, at=NOON, path="a", test=WELL):
    looks = {
        subject: Look(
            at, path, settle(judge(SAMPLE_LIST, answer), test), answer.ttl_for or timedelta(0), None, test.passed
        )
        for subject, answer in answers.items()
    }
    return Batch(path, at, at + timedelta(seconds=1), {SubjectKind.IPV4: test}, looks)


def before(states=None, gaps=None, zones=None, last_verified_at=NOON - HOUR, stale_told=False):
    return RoundLoad(zones or {}, states or {}, gaps or {}, last_verified_at, stale_told)


def concluded(load, *batches, seconds=(), full=True):
    this = Round(
        Claim("scan/sample", "1", 1), SAMPLE_LIST, HOUR, INVENTORY, [], full, ("ops@esp.example",), RoundPolicy()
    )
    return conclude(this, load, list(batches), list(seconds))


def kinds(result):
    return [event.kind for event in result.events]


def test_an_unchanged_round_writes_its_cycle_and_nothing_else():
    open_since = ListingState(Phase.LISTED, NOON - HOUR, NOON - HOUR, ("127.0.0.2",))
    zones = {"a": ZoneState(since=NOON - HOUR)}
    result = concluded(before({ACME: open_since}, zones=zones), batch({ACME: LISTED, SHARED: CLEAR}))
    assert (result.states, result.zones, result.events, result.notifications) == ({}, {}, [], [])
    assert (result.gaps_opened, result.gaps_closed) == ([], [])
    assert (result.cycle.verified, result.cycle.due, result.cycle.listed, result.cycle.clear) == (True, 2, 1, 1)


def test_one_listed_look_raises_a_suspicion_and_tells_nobody():
    result = concluded(before(), batch({ACME: LISTED}))
    assert result.states[ACME].phase is Phase.SUSPECTED
    assert (result.events, result.notifications) == ([], [])


def test_a_second_path_opens_and_tells_the_operator_and_the_tam():
    second = batch({ACME: LISTED}, NOON + timedelta(seconds=2), "b")
    result = concluded(before(), batch({ACME: LISTED}), seconds=[second])
    assert kinds(result) == [EventKind.LISTING_OPENED]
    readers = {(note.recipient, note.audience) for note in result.notifications}
    assert readers == {("ops@esp.example", Audience.OPERATOR), ("tam-acme@esp.example", Audience.TAM)}


def test_a_shared_address_is_one_incident_and_each_tam_reads_of_their_own():
    second = batch({SHARED: LISTED}, NOON + timedelta(seconds=2), "b")
    result = concluded(before(), batch({SHARED: LISTED}), seconds=[second])
    assert kinds(result) == [EventKind.LISTING_OPENED]
    customers = {note.recipient: note.customers for note in result.notifications}
    assert customers["tam-acme@esp.example"] == ("acme",)
    assert customers["tam-bravo@esp.example"] == ("bravo",)


def test_a_lying_second_path_confirms_nothing():
    second = batch({ACME: LISTED}, NOON + timedelta(seconds=2), "b", LIES)
    result = concluded(before(), batch({ACME: LISTED}), seconds=[second])
    assert result.states[ACME].phase is Phase.SUSPECTED
    assert EventKind.LISTING_OPENED not in kinds(result)
    assert result.zones["b"].health is Health.FAILING


def test_a_list_that_lies_moves_no_listing_and_is_not_verified():
    suspected = ListingState(Phase.SUSPECTED, NOON - HOUR, NOON - HOUR, ("127.0.0.2",), "a", NOON - HOUR)
    result = concluded(before({ACME: suspected}), batch({ACME: LISTED, SHARED: LISTED}, test=LIES))
    assert result.states == {}
    assert kinds(result) == [EventKind.LIST_FAILING]
    assert (result.cycle.verified, result.cycle.nonsense) == (False, 2)
    assert result.gaps_opened == []


def test_a_quarantined_list_that_passes_again_is_not_believed_at_once():
    zones = {"a": ZoneState(Health.QUARANTINED, NOON - HOUR, 2, None, "it lied")}
    suspected = ListingState(Phase.SUSPECTED, NOON - HOUR, NOON - HOUR, ("127.0.0.2",), "a", NOON - HOUR)
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
    load = before(zones={"a": ZoneState(Health.QUARANTINED, NOON - 3 * HOUR, 2)}, last_verified_at=NOON - 3 * HOUR)
    result = concluded(load, batch({ACME: TIMEOUT}, test=LIES))
    assert kinds(result) == [EventKind.LIST_STALE]
    assert result.stale_told
    again = concluded(before(zones=load.zones, last_verified_at=NOON - 3 * HOUR, stale_told=True), batch({}, test=LIES))
    assert (kinds(again), again.stale_told) == ([], True)


def test_an_unexplained_code_opens_with_low_impact_and_is_told_to_the_operator():
    second = batch({ACME: UNEXPLAINED}, NOON + timedelta(seconds=2), "b")
    result = concluded(before(), batch({ACME: UNEXPLAINED}), seconds=[second])
    assert kinds(result) == [EventKind.LISTING_OPENED, EventKind.CODE_UNEXPLAINED]
    assert result.events[0].facts["impact"] == "low"
    assert result.events[1].facts["code"] == "127.0.0.77"


def test_a_confirming_round_is_no_full_cycle():
    result = concluded(before(last_verified_at=None), batch({ACME: LISTED}, test=LIES), full=False)
    assert result.cycle.full is False
    assert EventKind.LIST_STALE not in kinds(result)


def test_a_suspicion_from_a_clock_that_was_ahead_is_forgotten():
    ahead = ListingState(Phase.SUSPECTED, NOON + 9 * HOUR, NOON + 9 * HOUR, ("127.0.0.2",), "a", NOON + 10 * HOUR)
    result = concluded(before({ACME: ahead}), batch({ACME: CLEAR}))
    assert result.states == {ACME: ListingState()}
    opened = ListingState(Phase.LISTED, NOON + 9 * HOUR, NOON - HOUR, ("127.0.0.2",))
    (kept,) = concluded(before({ACME: opened}), batch({ACME: LISTED})).states.values()
    assert (kept.phase, kept.opened_at, kept.as_of) == (Phase.LISTED, NOON - HOUR, None)
