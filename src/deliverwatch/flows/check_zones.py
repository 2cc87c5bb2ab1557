"""Is each list itself well? Asks the test points now, list by list, resolver by resolver, and stores nothing."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.zone_health import TestResult, combine
from deliverwatch.flows.look import ask_test_points
from deliverwatch.flows.ports import Lookups


@dataclass(frozen=True, slots=True)
class ZoneCheck:
    list_id: str
    path: str
    test: TestResult


async def check_zones(lookups: Lookups, blocklists: Iterable[Blocklist]) -> list[ZoneCheck]:
    pairs = [(blocklist, path) for blocklist in blocklists for path in lookups.paths]
    return list(await asyncio.gather(*(_check(lookups, blocklist, path) for blocklist, path in pairs)))


async def _check(lookups: Lookups, blocklist: Blocklist, path: str) -> ZoneCheck:
    tests = await ask_test_points(lookups, blocklist, sorted(blocklist.kinds), path)
    return ZoneCheck(blocklist.id, path, combine(tests.values()))
