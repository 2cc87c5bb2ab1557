"""Is each list itself well? Asks the test points now, list by list, way by way, and stores nothing.

A list is asked on all resolvers, those of the second look included, and first on the way of its own where it has one
(its own servers, a download). After the first point that fails nothing more is asked there: a list that refuses us, or
falls silent, is left alone.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from deliverwatch.core.blocklist import Blocklist, TestPoint
from deliverwatch.core.resolver_health import SeenPoint
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.verdict import Answer
from deliverwatch.core.zone_health import TestResult, combine, judge_test_points
from deliverwatch.flows.ports import Lookups, Resolver

_PAIRS_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class ZoneCheck:
    """`seen`: the points that were asked."""

    list_id: str
    path: str
    test: TestResult
    seen: tuple[SeenPoint, ...] = ()


async def check_zones(lookups: Lookups, blocklists: Iterable[Blocklist]) -> list[ZoneCheck]:
    gate = asyncio.Semaphore(_PAIRS_AT_ONCE)

    async def one(blocklist: Blocklist, path: str) -> ZoneCheck:
        async with gate:
            return await _check(lookups, blocklist, path)

    pairs = [(blocklist, path) for blocklist in blocklists for path in _ways(lookups, blocklist)]
    return list(await asyncio.gather(*(one(blocklist, path) for blocklist, path in pairs)))


def _ways(lookups: Lookups, blocklist: Blocklist) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*lookups.paths_for(blocklist), *lookups.confirm_paths_for(blocklist))))


async def _check(lookups: Lookups, blocklist: Blocklist, path: str) -> ZoneCheck:
    tests: list[TestResult] = []
    answers: dict[TestPoint, Answer] = {}
    resolver = lookups.open(path)
    try:
        for kind in sorted(blocklist.kinds):
            tests.append(await _test(resolver, blocklist, kind, answers))
            if tests[-1].failed:
                break
    finally:
        await resolver.close()
    seen = (SeenPoint(blocklist, path, point, answer) for point, answer in answers.items())
    return ZoneCheck(blocklist.id, path, combine(tests), tuple(seen))


async def _test(
    resolver: Resolver, blocklist: Blocklist, kind: SubjectKind, answers: dict[TestPoint, Answer]
) -> TestResult:
    """Adds to `answers` what it was told."""
    own = await resolver.own_test(blocklist, kind)
    if own is not None or not blocklist.verifiable(kind):
        return own or judge_test_points(blocklist, [kind], {})
    points = blocklist.points_for(kind)
    for number, point in enumerate(points, start=1):
        answers[point] = await resolver.ask(blocklist, kind, point.name)
        test = judge_test_points(blocklist, [kind], answers, points[:number])
        if test.failed:
            break
    return test
