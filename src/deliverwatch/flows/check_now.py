"""The one-shot look-up of `deliverwatch check`: no store, no memory, the same looks as the daemon's."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.subjects import Subject
from deliverwatch.core.verdict import Verdict
from deliverwatch.core.zone_health import TestResult
from deliverwatch.flows.look import look_through
from deliverwatch.flows.ports import Clock, Lookups

_LISTS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Finding:
    subject: Subject
    blocklist: Blocklist
    verdict: Verdict
    reason: str | None
    path: str


@dataclass(frozen=True, slots=True)
class ListCondition:
    blocklist: Blocklist
    test: TestResult
    path: str


@dataclass(frozen=True, slots=True)
class Findings:
    """In the order of the subjects given, then by list id. `not_asked`: subjects that no list asked covers."""

    found: tuple[Finding, ...]
    lists: tuple[ListCondition, ...]
    not_asked: tuple[Subject, ...]


async def check_now(
    lookups: Lookups,
    clock: Clock,
    blocklists: Sequence[Blocklist],
    subjects: Sequence[Subject],
    progress: Callable[[int], None],
) -> Findings:
    """`progress` is told how many look-ups were done since it was last called."""
    gate = asyncio.Semaphore(_LISTS_AT_ONCE)

    async def one(blocklist: Blocklist) -> tuple[list[Finding], ListCondition | None]:
        async with gate:
            result = await _check_list(lookups, clock, blocklist, subjects)
        progress(len(result[0]))
        return result

    results = await asyncio.gather(*(one(blocklist) for blocklist in blocklists))
    order = {subject: position for position, subject in enumerate(subjects)}
    found = sorted(
        (finding for findings, _ in results for finding in findings),
        key=lambda finding: (order[finding.subject], finding.blocklist.id),
    )
    conditions = sorted((c for _, c in results if c is not None), key=lambda condition: condition.blocklist.id)
    not_asked = set(subjects) - {finding.subject for finding in found}
    return Findings(tuple(found), tuple(conditions), tuple(subject for subject in subjects if subject in not_asked))


async def _check_list(
    lookups: Lookups, clock: Clock, blocklist: Blocklist, subjects: Sequence[Subject]
) -> tuple[list[Finding], ListCondition | None]:
    covered = [subject for subject in subjects if blocklist.covers(subject.kind)]
    if not covered:
        return [], None
    batch = (await look_through(lookups, clock, blocklist, covered, lookups.paths_for(blocklist)))[-1]
    found = [Finding(subject, blocklist, look.verdict, look.reason, batch.path) for subject, look in batch.looks()]
    return found, ListCondition(blocklist, batch.test, batch.path)
