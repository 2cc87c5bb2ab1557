"""Is each list itself well? Asks the test points now, list by list, way by way, and stores nothing.

A list is asked on all resolvers, those of the second look included, and first on the way of its own where it has one
(its own servers, a download). After the first point that fails nothing more is asked there: a list that refuses us, or
falls silent, is left alone.
"""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from deliverwatch.core.blocklist import Blocklist, TestPoint
from deliverwatch.core.resolver_health import SeenPoint
from deliverwatch.core.verdict import Answer
from deliverwatch.core.zone_health import TestResult, combine
from deliverwatch.flows.look import ask_points
from deliverwatch.flows.ports import Lookups

_PAIRS_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class ZoneCheck:
    """`seen`: the points that were asked."""

    list_id: str
    path: str
    test: TestResult
    seen: tuple[SeenPoint, ...] = ()


async def check_zones(
    lookups: Lookups, blocklists: Iterable[Blocklist], left_alone: Collection[tuple[str, str]] = ()
) -> list[ZoneCheck]:
    """`left_alone`: lists, by id and path, that are not to be asked there."""
    gate = asyncio.Semaphore(_PAIRS_AT_ONCE)

    async def one(blocklist: Blocklist, path: str) -> ZoneCheck:
        async with gate:
            return await _check(lookups, blocklist, path)

    pairs = [
        (blocklist, path)
        for blocklist in blocklists
        for path in _ways(lookups, blocklist)
        if (blocklist.id, path) not in left_alone
    ]
    return list(await asyncio.gather(*(one(blocklist, path) for blocklist, path in pairs)))


def _ways(lookups: Lookups, blocklist: Blocklist) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*lookups.paths_for(blocklist), *lookups.confirm_paths_for(blocklist))))


async def _check(lookups: Lookups, blocklist: Blocklist, path: str) -> ZoneCheck:
    tests: list[TestResult] = []
    answers: dict[TestPoint, Answer] = {}
    resolver = lookups.open(path)
    try:
        for kind in sorted(blocklist.kinds):
            tests.append(await ask_points(resolver, blocklist, kind, answers))
            if tests[-1].failed:
                break
    finally:
        await resolver.close()
    seen = (SeenPoint(blocklist, path, point, answer) for point, answer in answers.items())
    return ZoneCheck(blocklist.id, path, combine(tests), tuple(seen))
