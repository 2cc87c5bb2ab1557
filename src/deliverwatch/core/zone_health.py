"""Is the list itself well?

A list is believed only while its test points answer as its operator promises (RFC 5782 §5), asked through the same
resolver, before and after the batch. One point must be listed: a list that went empty, or a resolver that answers
NXDOMAIN for everything, fails it. One must not be: a list that lists the world fails that. A list without both for a
kind of subject is `unverifiable`: what it lists is shown with that label and opens nothing, and its NXDOMAIN proves
nothing.

One bad round makes a list `failing`, two in a row `quarantined`; a quarantined list comes back after two good rounds
at least an hour apart.

A refusal is no illness of the list: it will not have us, on this path and under this key. It is stopped there at once,
one test point is asked every hour, and it goes on when that is answered. A list that is caught listing what it must not
has lied before, as like as not: see `core.doubt`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from deliverwatch.core.blocklist import Blocklist, TestPoint
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.verdict import Answer, Outcome, Reply, Verdict, judge


class Health(StrEnum):
    HEALTHY = "healthy"
    FAILING = "failing"
    QUARANTINED = "quarantined"
    UNVERIFIABLE = "unverifiable"


@dataclass(frozen=True, slots=True)
class TestResult:
    """What the test points of one list said, through one resolver, for the kinds of subjects of one batch.

    `outcome` CLEAR: as promised. LISTED never occurs. REFUSED, UNREACHABLE, NONSENSE: how they failed. None: the list
    has no usable test points. `lies`: it lists what must not be listed, or as what it is not. `ttl_for`: how long a
    cache may go on to repeat what they said.
    """

    __test__ = False  # a word of the field, not a test case

    outcome: Outcome | None
    detail: str | None = None
    lies: bool = False
    ttl_for: timedelta = timedelta(0)

    @property
    def passed(self) -> bool:
        return self.outcome is Outcome.CLEAR

    @property
    def failed(self) -> bool:
        return self.outcome is not None and not self.passed


@dataclass(frozen=True, slots=True)
class ZoneState:
    """`stopped_at`: since when the list refuses us; `ask_again_at`: when it is asked next whether it still does.
    `bad_kinds`: the kinds of subjects whose test points failed since the list is not well; the others are believed.
    `lies`: it was caught lying since then."""

    health: Health = Health.HEALTHY
    since: datetime | None = None
    bad_rounds: int = 0
    good_since: datetime | None = None
    detail: str | None = None
    stopped_at: datetime | None = None
    ask_again_at: datetime | None = None
    bad_kinds: frozenset[SubjectKind] = frozenset()
    lies: bool = False

    def may_be_asked(self, now: datetime, policy: "HealthPolicy") -> bool:
        """A stop that ends further ahead than any can comes from a clock that was set back."""
        return self.ask_again_at is None or not now < self.ask_again_at <= now + policy.ask_again_after


def believed(zones: Iterable[ZoneState], kind: SubjectKind) -> bool:
    """Of a list's states, one for each path: whether any of them vouches for what it says of a kind of subjects now."""
    states = list(zones)
    return not states or any(each.health is not Health.QUARANTINED or kind not in _ill(each) for each in states)


def _ill(state: ZoneState) -> frozenset[SubjectKind]:
    return state.bad_kinds or frozenset(SubjectKind)


@dataclass(frozen=True, slots=True)
class HealthPolicy:
    quarantine_after: int = 2
    recover_after: timedelta = timedelta(hours=1)
    ask_again_after: timedelta = timedelta(hours=1)


def judge_test_points(
    blocklist: Blocklist,
    kinds: Iterable[SubjectKind],
    answers: Mapping[TestPoint, Answer],
    points: Iterable[TestPoint] | None = None,
) -> TestResult:
    """The worst of the points that the kinds need; a point without an answer counts as unreachable. `points`: only
    those, when not all were asked. Points that do not suffice can still show that the list lies."""
    kinds = sorted(set(kinds))
    if not kinds:
        return _NOTHING_ASKED
    verifiable = all(blocklist.verifiable(kind) for kind in kinds)
    if points is None:
        points = [point for kind in kinds for point in blocklist.points_for(kind)] if verifiable else list(answers)
    unanswered = Answer(Reply.TIMEOUT)
    faults = [
        fault for point in points if (fault := _fault(blocklist, point, answers.get(point, unanswered))) is not None
    ]
    if faults:
        return max(faults, key=_gravity)
    if not verifiable:
        return _NO_TEST_POINTS
    ttls = [answer.ttl_for for answer in answers.values() if answer.ttl_for is not None]
    return TestResult(Outcome.CLEAR, ttl_for=max(ttls, default=timedelta(0)))


_NO_TEST_POINTS = TestResult(
    None, "the list publishes no test points for this kind of subject: nothing it says can be verified"
)
_NOTHING_ASKED = TestResult(None, "nothing was asked")
_GRAVITY: list[Outcome | None] = [Outcome.UNREACHABLE, Outcome.REFUSED, Outcome.NONSENSE]


def _gravity(test: TestResult) -> tuple[int, bool]:
    return _GRAVITY.index(test.outcome), test.lies


def _fault(blocklist: Blocklist, point: TestPoint, answer: Answer) -> TestResult | None:
    verdict = judge(blocklist, answer)
    if not verdict.outcome.conclusive:
        return TestResult(verdict.outcome, f"test point {point.name}: {verdict.detail}")
    if point.expect and verdict.outcome is Outcome.CLEAR:
        return TestResult(
            Outcome.NONSENSE,
            f"test point {point.name} must be listed and is not: the list has gone empty, or something hides it",
        )
    if point.expect and not set(point.expect) & set(verdict.codes):
        found, expected = ", ".join(verdict.codes), " or ".join(point.expect)
        return TestResult(Outcome.NONSENSE, f"test point {point.name} answered {found}, expected {expected}", lies=True)
    if not point.expect and verdict.outcome is Outcome.LISTED:
        return TestResult(
            Outcome.NONSENSE,
            f"test point {point.name} must not be listed and is: the list lists the world, or something answers for it",
            lies=True,
        )
    return None


def settle(verdict: Verdict, test: TestResult) -> Verdict:
    """What remains of a verdict once the test points of its batch are known."""
    if test.passed or not verdict.outcome.conclusive:
        return verdict
    if test.failed:
        return Verdict(Outcome.NONSENSE, codes=verdict.codes, detail=f"the list cannot be believed: {test.detail}")
    if verdict.outcome is Outcome.LISTED:
        return replace(verdict, detail=f"unverifiable: {test.detail}")
    return Verdict(Outcome.NONSENSE, detail=f"not found, which proves nothing: {test.detail}")


@dataclass(frozen=True, slots=True)
class ListPath:
    """A list as seen through one resolver: the thing whose health is kept."""

    list_id: str
    path: str


def fold(
    state: ZoneState,
    seen: ListPath,
    at: datetime,
    test: TestResult,
    policy: HealthPolicy,
    bad_kinds: frozenset[SubjectKind] = frozenset(),
) -> tuple[ZoneState, tuple[Event, ...]]:
    """One round of test points. `test` is the worse of before and after the batch, over all kinds; `bad_kinds`: those
    for which it failed. `at`: when the round began, so that rounds an hour apart are."""
    after, events = _fold(state, seen, at, test, policy)
    if after.health in (Health.FAILING, Health.QUARANTINED):
        after = replace(after, bad_kinds=after.bad_kinds | bad_kinds, lies=after.lies or test.lies)
    return after, events


def _fold(
    state: ZoneState, seen: ListPath, at: datetime, test: TestResult, policy: HealthPolicy
) -> tuple[ZoneState, tuple[Event, ...]]:
    if test.outcome is Outcome.REFUSED:
        return _refused_round(state, seen, at, test, policy)
    if test.outcome is None:
        return _without_test_points(state, seen, at, test)
    if test.failed:
        return _bad_round(state, seen, at, test, policy)
    return _good_round(state, seen, at, policy)


def _refused_round(
    state: ZoneState, seen: ListPath, at: datetime, test: TestResult, policy: HealthPolicy
) -> tuple[ZoneState, tuple[Event, ...]]:
    """Counts neither for nor against a quarantine."""
    first = state.stopped_at is None
    after = replace(
        state,
        health=state.health if state.health is Health.QUARANTINED else Health.FAILING,
        since=at if first and state.health is not Health.QUARANTINED else state.since,
        detail=test.detail,
        stopped_at=at if first else state.stopped_at,
        ask_again_at=at + policy.ask_again_after,
    )
    return after, (_event(EventKind.LIST_BLIND, seen, at, at, test),) if first else ()


def _without_test_points(
    state: ZoneState, seen: ListPath, at: datetime, test: TestResult
) -> tuple[ZoneState, tuple[Event, ...]]:
    if state.health is Health.UNVERIFIABLE:
        return state, ()
    after = ZoneState(Health.UNVERIFIABLE, at, detail=test.detail)
    return after, (_recovered(state, seen, at),) if state.stopped_at is not None else ()


def _bad_round(
    state: ZoneState, seen: ListPath, at: datetime, test: TestResult, policy: HealthPolicy
) -> tuple[ZoneState, tuple[Event, ...]]:
    """A stop stays: another trouble is no leave to ask."""
    bad_rounds = min(state.bad_rounds + 1, policy.quarantine_after)
    if state.stopped_at is not None:
        state = replace(state, ask_again_at=at + policy.ask_again_after)
    if state.health is Health.QUARANTINED:
        return replace(state, bad_rounds=bad_rounds, good_since=None, detail=test.detail), ()
    health = Health.QUARANTINED if bad_rounds >= policy.quarantine_after else Health.FAILING
    since = state.since if state.health is Health.FAILING else at
    after = replace(state, health=health, since=since, bad_rounds=bad_rounds, good_since=None, detail=test.detail)
    if health is state.health:
        return after, ()
    kind = EventKind.LIST_QUARANTINED if health is Health.QUARANTINED else EventKind.LIST_FAILING
    return after, (_event(kind, seen, at, since, test),)


def _good_round(
    state: ZoneState, seen: ListPath, at: datetime, policy: HealthPolicy
) -> tuple[ZoneState, tuple[Event, ...]]:
    if state.health is Health.HEALTHY:
        return (state if state.since is not None else ZoneState(since=at)), ()
    if state.health is Health.QUARANTINED:
        state = replace(state, stopped_at=None, ask_again_at=None)
        if state.good_since is None or state.good_since > at:  # later: the clock was set back
            return replace(state, good_since=at, bad_rounds=0), ()
        if at - state.good_since < policy.recover_after:
            return state, ()
    well = ZoneState(since=at)
    if state.health is Health.UNVERIFIABLE:
        return well, ()
    return well, (_recovered(state, seen, at),)


def _recovered(state: ZoneState, seen: ListPath, at: datetime) -> Event:
    passed = TestResult(Outcome.CLEAR, state.detail)
    was = "stopped" if state.stopped_at is not None else str(state.health)
    return _event(EventKind.LIST_RECOVERED, seen, at, state.stopped_at or state.since, passed, was=was)


def _event(
    kind: EventKind, seen: ListPath, at: datetime, since: datetime | None, test: TestResult, **more: str
) -> Event:
    facts = {
        "path": seen.path,
        "since": (since or at).isoformat(),
        "outcome": test.outcome,
        "detail": test.detail,
        **more,
    }
    return Event(f"{kind}/{seen.list_id}/{seen.path}/{at.isoformat()}", kind, at, seen.list_id, facts=facts)


def worse(first: TestResult, second: TestResult) -> TestResult:
    """Of before and after."""
    if first.passed and second.passed:
        return max(first, second, key=lambda test: test.ttl_for)
    return max(first, second, key=lambda test: _gravity(test) if test.failed else (-1, False))


def combine(tests: Iterable[TestResult]) -> TestResult:
    """The condition of a list asked for several kinds of subjects: any failure counts, then any that passed."""
    tests = list(tests)
    failed = [test for test in tests if test.failed]
    if failed:
        return max(failed, key=_gravity)
    return next((test for test in tests if test.passed), tests[0] if tests else _NOTHING_ASKED)
