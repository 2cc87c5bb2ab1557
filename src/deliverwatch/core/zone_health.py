"""Is the list itself well?

A list is believed only while its test points answer as its operator promises (RFC 5782 §5), asked through the same
resolver, before and after the batch. One point must be listed: a list that went empty, or a resolver that answers
NXDOMAIN for everything, fails it. One must not be: a list that lists the world fails that. A list without both for a
kind of subject is `unverifiable`: what it lists is shown with that label and opens nothing, and its NXDOMAIN proves
nothing.

One bad round makes a list `failing`, two in a row `quarantined`; a quarantined list comes back after two good rounds
at least an hour apart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from deliverwatch.core.blocklist import Answer, Blocklist, Outcome, Reply, TestPoint, Verdict, judge
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.subjects import SubjectKind


class Health(StrEnum):
    HEALTHY = "healthy"
    FAILING = "failing"
    QUARANTINED = "quarantined"
    UNVERIFIABLE = "unverifiable"


@dataclass(frozen=True, slots=True)
class TestResult:
    """What the test points of one list said, through one resolver, for the kinds of subjects of one batch.

    `outcome` CLEAR: as promised. LISTED never occurs. REFUSED, UNREACHABLE, NONSENSE: how they failed. None: the list
    has no usable test points.
    """

    __test__ = False  # a word of the field, not a test case

    outcome: Outcome | None
    detail: str | None = None

    @property
    def passed(self) -> bool:
        return self.outcome is Outcome.CLEAR

    @property
    def failed(self) -> bool:
        return self.outcome is not None and not self.passed


@dataclass(frozen=True, slots=True)
class ZoneState:
    health: Health = Health.HEALTHY
    since: datetime | None = None
    bad_rounds: int = 0
    good_since: datetime | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class HealthPolicy:
    quarantine_after: int = 2
    recover_after: timedelta = timedelta(hours=1)


def judge_test_points(
    blocklist: Blocklist, kinds: Iterable[SubjectKind], answers: Mapping[TestPoint, Answer]
) -> TestResult:
    """The worst of the points that the kinds need; a point without an answer counts as unreachable."""
    kinds = sorted(set(kinds))
    if not kinds:
        return _NOTHING_ASKED
    if not all(blocklist.verifiable(kind) for kind in kinds):
        return TestResult(
            None, "the list publishes no test points for this kind of subject: nothing it says can be verified"
        )
    unanswered = Answer(Reply.TIMEOUT)
    faults = [
        fault
        for kind in kinds
        for point in blocklist.points_for(kind)
        if (fault := _fault(blocklist, point, answers.get(point, unanswered))) is not None
    ]
    if not faults:
        return TestResult(Outcome.CLEAR)
    return max(faults, key=lambda fault: _GRAVITY.index(fault.outcome))


_NOTHING_ASKED = TestResult(None, "nothing was asked")
_GRAVITY: list[Outcome | None] = [Outcome.UNREACHABLE, Outcome.REFUSED, Outcome.NONSENSE]


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
        return TestResult(Outcome.NONSENSE, f"test point {point.name} answered {found}, expected {expected}")
    if not point.expect and verdict.outcome is Outcome.LISTED:
        return TestResult(
            Outcome.NONSENSE,
            f"test point {point.name} must not be listed and is: the list lists the world, or something answers for it",
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
    state: ZoneState, seen: ListPath, at: datetime, test: TestResult, policy: HealthPolicy
) -> tuple[ZoneState, tuple[Event, ...]]:
    """One round of test points. `test` is the worse of before and after the batch."""
    if test.outcome is None:
        return _without_test_points(state, at, test), ()
    if test.failed:
        return _bad_round(state, seen, at, test, policy)
    return _good_round(state, seen, at, policy)


def _without_test_points(state: ZoneState, at: datetime, test: TestResult) -> ZoneState:
    if state.health is Health.UNVERIFIABLE:
        return state
    return ZoneState(Health.UNVERIFIABLE, at, detail=test.detail)


def _bad_round(
    state: ZoneState, seen: ListPath, at: datetime, test: TestResult, policy: HealthPolicy
) -> tuple[ZoneState, tuple[Event, ...]]:
    bad_rounds = min(state.bad_rounds + 1, policy.quarantine_after)
    if state.health is Health.QUARANTINED:
        return replace(state, bad_rounds=bad_rounds, good_since=None, detail=test.detail), ()
    health = Health.QUARANTINED if bad_rounds >= policy.quarantine_after else Health.FAILING
    since = state.since if state.health is Health.FAILING else at
    after = ZoneState(health, since, bad_rounds, None, test.detail)
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
        if state.good_since is None or state.good_since > at:  # later: the clock was set back
            return replace(state, good_since=at, bad_rounds=0), ()
        if at - state.good_since < policy.recover_after:
            return state, ()
    well = ZoneState(since=at)
    if state.health is Health.UNVERIFIABLE:
        return well, ()
    passed = TestResult(Outcome.CLEAR, state.detail)
    return well, (_event(EventKind.LIST_RECOVERED, seen, at, state.since, passed, was=state.health),)


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
    return max(first, second, key=lambda test: _GRAVITY.index(test.outcome) if test.failed else -1)


def combine(tests: Iterable[TestResult]) -> TestResult:
    """The condition of a list asked for several kinds of subjects: any failure counts, then any that passed."""
    tests = list(tests)
    failed = [test for test in tests if test.failed]
    if failed:
        return max(failed, key=lambda test: _GRAVITY.index(test.outcome))
    return next((test for test in tests if test.passed), tests[0] if tests else _NOTHING_ASKED)
