"""Asks one list about many subjects through one resolver, and asks it about itself before and after.

The test points are asked a second time when the batch is done, through a resolver object opened afresh (the first would
answer them from its cache): a list that broke meanwhile voids the whole batch, since nobody knows at which subject it
did (RFC 5782 §5). Where the test points fail beforehand the subjects are not asked at all. Each kind of subject stands
on its own test points.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deliverwatch.core.blocklist import Answer, Blocklist, Outcome, Verdict, judge
from deliverwatch.core.listing import Look
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.zone_health import TestResult, combine, judge_test_points, settle, worse
from deliverwatch.flows.ports import Clock, Lookups, Resolver

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Batch:
    """The looks of one round through one path, already settled by the test points."""

    path: str
    started_at: datetime
    finished_at: datetime
    tests: Mapping[SubjectKind, TestResult]
    looks: Mapping[Subject, Look]

    @property
    def test(self) -> TestResult:
        """The list's own condition, over all kinds asked."""
        return combine(self.tests.values())


async def look_at_list(
    lookups: Lookups, clock: Clock, blocklist: Blocklist, subjects: Sequence[Subject], path: str
) -> Batch:
    """One batch. Raises nothing for what the network or the list does."""
    kinds = sorted({subject.kind for subject in subjects})
    started_at = clock.now()
    before, answers, reasons = await _ask(lookups, clock, blocklist, subjects, kinds, path)
    after = await ask_test_points(lookups, blocklist, [kind for kind in kinds if not before[kind].failed], path)
    tests = {kind: worse(before[kind], after.get(kind, before[kind])) for kind in kinds}
    looks = {
        subject: _look(blocklist, path, tests[subject.kind], answers.get(subject), reasons.get(subject), started_at)
        for subject in subjects
    }
    return Batch(path, started_at, clock.now(), tests, looks)


async def ask_test_points(
    lookups: Lookups, blocklist: Blocklist, kinds: Iterable[SubjectKind], path: str
) -> dict[SubjectKind, TestResult]:
    """The list's condition by kind, through a resolver of its own."""
    resolver = lookups.open(path)
    try:
        return {kind: await _test(resolver, blocklist, kind) for kind in kinds}
    finally:
        await resolver.close()


async def probe(lookups: Lookups, clock: Clock, blocklist: Blocklist, kinds: Sequence[SubjectKind], path: str) -> Batch:
    """The test points alone, asked once."""
    started_at = clock.now()
    tests = await ask_test_points(lookups, blocklist, kinds, path)
    return Batch(path, started_at, clock.now(), tests, {})


async def look_through(
    lookups: Lookups, clock: Clock, blocklist: Blocklist, subjects: Sequence[Subject], paths: Sequence[str]
) -> list[Batch]:
    """Tries the paths in order until one finds the list well. The last batch is the one to use; if none was well, the
    first."""
    batches: list[Batch] = []
    for path in paths:
        batches.append(await look_at_list(lookups, clock, blocklist, subjects, path))
        if not batches[-1].test.failed:
            return batches
    return batches[1:] + batches[:1]


async def _ask(
    lookups: Lookups,
    clock: Clock,
    blocklist: Blocklist,
    subjects: Sequence[Subject],
    kinds: Sequence[SubjectKind],
    path: str,
) -> tuple[dict[SubjectKind, TestResult], dict[Subject, tuple[datetime, Answer]], dict[Subject, str | None]]:
    resolver = lookups.open(path)
    try:
        before = {kind: await _test(resolver, blocklist, kind) for kind in kinds}
        askable = [subject for subject in subjects if not before[subject.kind].failed]
        answers: dict[Subject, tuple[datetime, Answer]] = {}
        for start in range(0, len(askable), _AT_ONCE):
            some = askable[start : start + _AT_ONCE]
            got = await asyncio.gather(*(_timed(resolver, clock, blocklist, subject) for subject in some))
            answers.update(zip(some, got, strict=True))
        listed = [subject for subject, (_, answer) in answers.items() if _lists(blocklist, answer)]
        reasons = await asyncio.gather(*(resolver.reason(blocklist, subject.kind, subject.value) for subject in listed))
        return before, answers, dict(zip(listed, reasons, strict=True))
    finally:
        await resolver.close()


async def _test(resolver: Resolver, blocklist: Blocklist, kind: SubjectKind) -> TestResult:
    if not blocklist.verifiable(kind):
        return judge_test_points(blocklist, [kind], {})
    points = blocklist.points_for(kind)
    answers = await asyncio.gather(*(resolver.ask(blocklist, kind, point.name) for point in points))
    return judge_test_points(blocklist, [kind], dict(zip(points, answers, strict=True)))


async def _timed(resolver: Resolver, clock: Clock, blocklist: Blocklist, subject: Subject) -> tuple[datetime, Answer]:
    answer = await resolver.ask(blocklist, subject.kind, subject.value)
    return clock.now(), answer


def _lists(blocklist: Blocklist, answer: Answer) -> bool:
    return judge(blocklist, answer).outcome is Outcome.LISTED


def _look(
    blocklist: Blocklist,
    path: str,
    test: TestResult,
    answered: tuple[datetime, Answer] | None,
    reason: str | None,
    started_at: datetime,
) -> Look:
    if answered is None:
        outcome = test.outcome or Outcome.NONSENSE
        return Look(started_at, path, Verdict(outcome, detail=f"not asked: {test.detail}"), verifiable=False)
    at, answer = answered
    verdict = settle(judge(blocklist, answer), test)
    return Look(at, path, verdict, answer.ttl_for or timedelta(0), reason, verifiable=test.passed)
