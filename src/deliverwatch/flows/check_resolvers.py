"""Is each resolver fit to ask blocklists through? Asks now, and stores nothing."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.resolver_health import ProbedResolver, ResolverFault, resolver_faults
from deliverwatch.flows.check_zones import ZoneCheck, check_zones
from deliverwatch.flows.ports import Lookups


class Probe(Protocol):
    async def __call__(self, path: str) -> ProbedResolver:
        """Asks a resolver for ordinary names. Never raises for anything the network does."""


async def check_resolvers(lookups: Lookups, probe: Probe, blocklists: Sequence[Blocklist]) -> list[ResolverFault]:
    """What is wrong with the configured resolvers, and what to do about it."""
    _, faults = await check_all(lookups, probe, blocklists)
    return faults


async def check_all(
    lookups: Lookups, probe: Probe, blocklists: Sequence[Blocklist]
) -> tuple[list[ZoneCheck], list[ResolverFault]]:
    """Lists and resolvers, on the same answers."""
    seconds = (path for blocklist in blocklists for path in lookups.confirm_paths_for(blocklist))
    checks, probed = await asyncio.gather(
        check_zones(lookups, blocklists),
        asyncio.gather(*(probe(path) for path in dict.fromkeys((*lookups.paths, *seconds)))),
    )
    return checks, resolver_faults(probed, [point for check in checks for point in check.seen])
