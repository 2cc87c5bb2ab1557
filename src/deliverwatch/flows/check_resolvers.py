"""Is each resolver fit to ask blocklists through? Looked at by hand (`lists health`), and by the daemon.

The daemon looks once a day, and soon after a list fell ill or refused us, though not twice within an hour: then the
resolver may be what ails. A look is a slot of the ledger, so that one worker makes it and a restart makes none. Whoever
runs the installation is told of each trouble of each resolver once a day while it lasts, and of its end.

A list that refuses us on some path is not asked there, as the rounds do not; what it said when it refused counts.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.resolver_health import ProbedResolver, Refusals, ResolverFault, SeenPoint, resolver_faults
from deliverwatch.core.resolver_news import TOLD_BY, resolver_news
from deliverwatch.core.schedule import interval_due
from deliverwatch.core.zone_health import Health, ZoneState
from deliverwatch.flows.check_zones import ZoneCheck, check_zones
from deliverwatch.flows.held import Held
from deliverwatch.flows.ports import Claim, Clock, Lookups, Probe, Slot, Store
from deliverwatch.flows.run_rounds import Watchlist
from deliverwatch.flows.tell import notify

JOB = "resolvers"
_EVERY, _AT_MOST_EVERY = timedelta(days=1), timedelta(hours=1)
_NONE: Refusals = {}
_NEVER = datetime.min.replace(tzinfo=UTC)
_KEPT_IN_MIND = 500


@dataclass(frozen=True, slots=True)
class Checked:
    """Lists and resolvers, as one look found them. `seen`: of all the checks. `faults`: of the resolvers."""

    checks: list[ZoneCheck]
    probed: list[ProbedResolver]
    seen: list[SeenPoint]
    faults: list[ResolverFault]


async def check_all(
    lookups: Lookups, probe: Probe, blocklists: Sequence[Blocklist], refusals: Refusals = _NONE
) -> Checked:
    """Lists and resolvers, on the same answers. Stores nothing."""
    seconds = (path for blocklist in blocklists for path in lookups.confirm_paths_for(blocklist))
    checks, probed = await asyncio.gather(
        check_zones(lookups, blocklists, refusals.keys()),
        asyncio.gather(*(probe(path) for path in dict.fromkeys((*lookups.paths, *seconds)))),
    )
    seen = [point for check in checks for point in check.seen]
    return Checked(checks, probed, seen, resolver_faults(probed, seen, refusals))


async def watch_resolvers(
    store: Store, lookups: Lookups, probe: Probe, clock: Clock, watchlist: Watchlist, held: Held
) -> list[ResolverFault] | None:
    """What was found wrong; None: it was not the time to look, or somebody else looks."""
    now = clock.now()
    blocklists = [each for each in watchlist.blocklists if not each.kinds.isdisjoint(held.kinds)]
    zones = await store.zone_states()
    claim = await _claim(store, zones.values(), now, watchlist.lease_for) if blocklists else None
    if claim is None:
        return None
    refusals = {pair: zone.detail or "" for pair, zone in zones.items() if zone.stopped_at is not None}
    found = await check_all(lookups, probe, blocklists, refusals)
    told = await store.events(TOLD_BY, _KEPT_IN_MIND)
    events = resolver_news(found.faults, found.probed, found.seen, told, now)
    await store.commit_endings({}, events, notify(events, (), watchlist.routing))
    await store.finish_slot(claim, clock.now())
    return found.faults


async def _claim(store: Store, zones: Iterable[ZoneState], now: datetime, lease_for: timedelta) -> Claim | None:
    key = _due_key(await store.last_slot(JOB), zones, now)
    if key is None:
        return None
    await store.add_slot(JOB, key, now)
    return await store.claim_slot(JOB, key, now, lease_for)


def _due_key(last: Slot | None, zones: Iterable[ZoneState], now: datetime) -> str | None:
    """A look that was broken off is made up for."""
    if last is not None and last.finished_at is None:
        return last.key
    started_at = last.started_at if last is not None else None
    # an hour before: a round tells when it began, and may have seen the list fail long after that
    is_fresh = started_at is not None and _last_trouble_at(zones) > started_at - _AT_MOST_EVERY
    every = _AT_MOST_EVERY if is_fresh else _EVERY
    return f"{now:%Y-%m-%dT%H}" if interval_due(every, now, started_at, None) else None


def _last_trouble_at(zones: Iterable[ZoneState]) -> datetime:
    return max((_ill_since(zone) for zone in zones), default=_NEVER)


def _ill_since(zone: ZoneState) -> datetime:
    fell_ill_at = zone.since if zone.health in (Health.FAILING, Health.QUARANTINED) else None
    return max(fell_ill_at or _NEVER, zone.stopped_at or _NEVER)
