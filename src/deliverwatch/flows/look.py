"""Asks one list about many subjects through one resolver, and asks it about itself before and after.

The test points are asked a second time when the batch is done, through a resolver object opened afresh (the first would
answer them from its cache): a list that broke meanwhile voids the whole batch, since nobody knows at which subject it
did (RFC 5782 §5). Where the test points fail beforehand the subjects are not asked at all. Each kind of subject stands
on its own test points. A list that refuses us, at a test point or in the middle, is asked nothing more on that path.

Nearly every answer is NXDOMAIN, and a round asks a hundred thousand times: a batch keeps the answers as they came, and
makes a `Look` only of what somebody wants to see.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from deliverwatch.core.blocklist import Blocklist, TestPoint
from deliverwatch.core.listing import Look
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.verdict import NOT_LISTED, Answer, Outcome, Reply, Verdict, judge
from deliverwatch.core.zone_health import TestResult, combine, judge_test_points, settle, worse
from deliverwatch.flows.ports import Clock, Lookups, Resolver

_REASONS_AT_MOST, _REASONS_AT_ONCE = 500, 20


@dataclass(frozen=True, slots=True)
class Batch:
    """What one list answered in one round through one path, and whether it can be believed.

    `answers`: one for each of the subjects; None: not asked, since its kind's test points failed. `asked` False: there
    was no packet at all, and the list's condition is what it was.
    """

    blocklist: Blocklist
    path: str
    started_at: datetime
    finished_at: datetime
    tests: Mapping[SubjectKind, TestResult]
    subjects: Sequence[Subject] = ()
    answers: Sequence[Answer | None] = ()
    reasons: Mapping[Subject, str | None] = field(default_factory=dict)
    asked: bool = True

    @property
    def test(self) -> TestResult:
        """The list's own condition, over all kinds asked."""
        return combine(self.tests.values())

    def looks(self) -> Iterator[tuple[Subject, Look]]:
        """All of them, settled by the test points."""
        return ((subject, self._look(subject, answer)) for subject, answer in self._pairs())

    def noteworthy(self, known: Collection[str]) -> Iterator[tuple[Subject, Look]]:
        """The looks that may change something: all but the clear ones of subjects that nothing is known of. `known`:
        values of subjects. Kinds whose test points failed are left out: nothing they say moves anything."""
        failed = {kind for kind, test in self.tests.items() if test.failed}
        return (
            (subject, self._look(subject, answer))
            for subject, answer in self._pairs()
            if (answer is not NOT_LISTED or subject.value in known) and subject.kind not in failed
        )

    def count(self) -> Counter[Outcome]:
        counted = Counter[Outcome]()
        if all(test.passed for test in self.tests.values()):
            counted[Outcome.CLEAR] = sum(answer is NOT_LISTED for answer in self.answers)
            counted.update(look.verdict.outcome for _, look in self.noteworthy(()))
        else:
            counted.update(look.verdict.outcome for _, look in self.looks())
        return counted

    def _pairs(self) -> Iterator[tuple[Subject, Answer | None]]:
        return zip(self.subjects, self.answers, strict=True)

    def _look(self, subject: Subject, answer: Answer | None) -> Look:
        test = self.tests[subject.kind]
        if answer is None:
            outcome = test.outcome or Outcome.NONSENSE
            verdict = Verdict(outcome, detail=f"not asked: {test.detail}")
            return Look(self.started_at, self.path, verdict, verifiable=False)
        # it came at some time during the batch, and a cache may repeat it from then on
        lasted_for = self.finished_at - self.started_at
        return Look(
            self.started_at,
            self.path,
            settle(judge(self.blocklist, answer), test),
            (answer.ttl_for or timedelta(0)) + lasted_for,
            self.reasons.get(subject),
            verifiable=test.passed,
            test_ttl_for=test.ttl_for + lasted_for,
        )


async def look_at_list(
    lookups: Lookups,
    clock: Clock,
    blocklist: Blocklist,
    subjects: Sequence[Subject],
    path: str,
    listed: Collection[str] = (),
) -> Batch:
    """One batch. Raises nothing for what the network or the list does. `listed`: values of subjects whose reason is
    known already."""
    started_at = clock.now()
    resolver = lookups.open(path)
    try:
        before = await _tests(resolver, blocklist, sorted({subject.kind for subject in subjects}))
        answers, refused = await _ask(resolver, blocklist, subjects, before)
        fresh = [] if refused else _listings(blocklist, subjects, answers, listed)
        reasons = await _reasons(resolver, blocklist, fresh)
    finally:
        await resolver.close()
    tests = dict.fromkeys(before, refused) if refused else await _tests_after(lookups, blocklist, before, path)
    return Batch(blocklist, path, started_at, clock.now(), tests, subjects, answers, reasons)


async def ask_test_points(
    lookups: Lookups, blocklist: Blocklist, kinds: Iterable[SubjectKind], path: str
) -> dict[SubjectKind, TestResult]:
    """The list's condition by kind, through a resolver of its own."""
    resolver = lookups.open(path)
    try:
        return await _tests(resolver, blocklist, kinds)
    finally:
        await resolver.close()


async def probe(lookups: Lookups, clock: Clock, blocklist: Blocklist, kinds: Sequence[SubjectKind], path: str) -> Batch:
    """The test points alone, asked once."""
    started_at = clock.now()
    tests = await ask_test_points(lookups, blocklist, kinds, path)
    return Batch(blocklist, path, started_at, clock.now(), tests)


async def look_through(
    lookups: Lookups,
    clock: Clock,
    blocklist: Blocklist,
    subjects: Sequence[Subject],
    paths: Sequence[str],
    listed: Collection[str] = (),
) -> list[Batch]:
    """Tries the paths in order until one finds the list well. The last batch is the one to use; if none was well, the
    first."""
    batches: list[Batch] = []
    for path in paths:
        batches.append(await look_at_list(lookups, clock, blocklist, subjects, path, listed))
        if not batches[-1].test.failed:
            return batches
    return batches[1:] + batches[:1]


async def _tests(
    resolver: Resolver, blocklist: Blocklist, kinds: Iterable[SubjectKind]
) -> dict[SubjectKind, TestResult]:
    """After a refusal nothing more is asked: it is meant for all kinds."""
    kinds = list(kinds)
    tests: dict[SubjectKind, TestResult] = {}
    for kind in kinds:
        tests[kind] = await ask_points(resolver, blocklist, kind, {})
        if tests[kind].outcome is Outcome.REFUSED:
            return dict.fromkeys(kinds, tests[kind])
    return tests


async def ask_points(
    resolver: Resolver, blocklist: Blocklist, kind: SubjectKind, answers: dict[TestPoint, Answer]
) -> TestResult:
    """One point after the other; the first that fails is enough. Adds to `answers` what it was told."""
    own = await resolver.own_test(blocklist, kind)
    if own is not None:
        return own
    points = blocklist.points_for(kind)
    for number, point in enumerate(points, start=1):
        answers[point] = await resolver.ask(blocklist, kind, point.name)
        test = judge_test_points(blocklist, [kind], answers, points[:number])
        if test.failed:
            return test
    return judge_test_points(blocklist, [kind], answers, points)


async def _tests_after(
    lookups: Lookups, blocklist: Blocklist, before: Mapping[SubjectKind, TestResult], path: str
) -> dict[SubjectKind, TestResult]:
    """The worse of before and after."""
    after = await ask_test_points(lookups, blocklist, [kind for kind, test in before.items() if test.passed], path)
    return {kind: worse(test, after.get(kind, test)) for kind, test in before.items()}


async def _ask(
    resolver: Resolver, blocklist: Blocklist, subjects: Sequence[Subject], tests: Mapping[SubjectKind, TestResult]
) -> tuple[Sequence[Answer | None], TestResult | None]:
    """The answers, and the refusal that ended it."""
    failed = {kind for kind, test in tests.items() if test.failed}
    refusals = _Refusals(blocklist)
    askable = [subject for subject in subjects if subject.kind not in failed] if failed else subjects
    if any(test.outcome is None for test in tests.values()):  # no test point would have been refused: one goes ahead
        first = await resolver.ask_all(blocklist, askable[:1], refusals)
        rest: Sequence[Answer] = [first[0]] * len(askable[1:])
        if refusals.first is None:
            rest = await resolver.ask_all(blocklist, askable[1:], refusals)
        answers: Sequence[Answer] = [*first, *rest]
    else:
        answers = await resolver.ask_all(blocklist, askable, refusals)
    if not failed:
        return answers, refusals.first
    following = iter(answers)
    return [None if subject.kind in failed else next(following) for subject in subjects], refusals.first


async def _reasons(resolver: Resolver, blocklist: Blocklist, subjects: Sequence[Subject]) -> dict[Subject, str | None]:
    reasons: dict[Subject, str | None] = {}
    for start in range(0, len(subjects), _REASONS_AT_ONCE):
        some = subjects[start : start + _REASONS_AT_ONCE]
        found = await asyncio.gather(*(resolver.reason(blocklist, subject.kind, subject.value) for subject in some))
        reasons |= zip(some, found, strict=True)
    return reasons


class _Refusals:
    """Watches answers for the first that refuses us."""

    def __init__(self, blocklist: Blocklist) -> None:
        self._blocklist = blocklist
        self.first: TestResult | None = None

    def __call__(self, answer: Answer) -> bool:
        verdict = judge(self._blocklist, answer)
        if self.first is None and verdict.outcome is Outcome.REFUSED:
            self.first = TestResult(Outcome.REFUSED, f"in the middle of a round: {verdict.detail}")
        return self.first is not None


def _listings(
    blocklist: Blocklist, subjects: Sequence[Subject], answers: Sequence[Answer | None], known: Collection[str]
) -> list[Subject]:
    """Those that the list has something to say about, as far as it is not known."""
    found = (
        subject
        for subject, answer in zip(subjects, answers, strict=True)
        if answer is not NOT_LISTED
        and answer is not None
        and answer.reply is Reply.ANSWER
        and subject.value not in known
        and judge(blocklist, answer).outcome is Outcome.LISTED
    )
    return list(islice(found, _REASONS_AT_MOST))
