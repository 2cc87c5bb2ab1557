"""Every night: what the sending platform says it sends from, held against the inventory, and how it warms that up.

The operator chooses what becomes of a difference: `ask` keeps it until a person applies it (`customers platform
--apply`), `apply` writes it at once. Either way it is told, once, as what it is. A platform that cannot be read changes
nothing, and is tried again when the lease of that try has run out; why, stands with the sources' failures.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from deliverwatch.core.errors import InventoryError, SourceFailed
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.platform import PlatformDifference, PlatformSnapshot, difference, from_facts, to_facts
from deliverwatch.core.receivers import Routing
from deliverwatch.core.warmup.readings import of_snapshot
from deliverwatch.flows.delivery_ports import EpisodeStore, IngestBatch, IngestStore
from deliverwatch.flows.ports import Clock, Store
from deliverwatch.flows.read_warmups import keep_and_tell
from deliverwatch.flows.tell import notify
from deliverwatch.flows.warmup_ports import WarmupStore

JOB = "platform"
_NAMED_AT_MOST = 50

ReadPlatform = Callable[[datetime], Awaitable[PlatformSnapshot]]


class PlatformStore(Store, EpisodeStore, IngestStore, WarmupStore, Protocol):
    """What is needed of the store."""


async def read_nightly(
    store: PlatformStore,
    read: ReadPlatform,
    clock: Clock,
    routing: Routing,
    lease_for: timedelta,
    *,
    apply: bool,
) -> PlatformDifference | None:
    """None: it was not the time to, or somebody else reads, or the platform did not answer."""
    now = clock.now()
    last = await store.last_slot(JOB)
    key = f"{now.astimezone(UTC):%Y-%m-%d}"
    if last is not None and last.key >= key and (last.finished_at is not None or last.is_taken(now, lease_for)):
        return None
    await store.add_slot(JOB, key, now)
    claim = await store.claim_slot(JOB, key, now, lease_for)
    if claim is None:
        return None
    try:
        found = await read_now(store, read, clock, routing, apply=apply)
    except SourceFailed as failure:  # the lease is left to run out: then it is tried again
        await store.source_failed(JOB, str(failure), clock.now())
        return None
    await store.finish_slot(claim, clock.now())
    return found


async def read_now(
    store: PlatformStore, read: ReadPlatform, clock: Clock, routing: Routing, *, apply: bool
) -> PlatformDifference:
    """Raises SourceFailed."""
    snapshot = await read(clock.now())
    await store.keep_platform_proposal(to_facts(snapshot))
    await store.commit_ingest(IngestBatch(JOB, JOB, clock.now(), origin="api"))  # it is well
    found = await proposal(store, clock)
    applied = bool(apply and found is not None and found.change) and await _applied(store, found, clock)
    if found:
        event = differs_event(found, snapshot.platform, clock.now(), applied=applied)
        await store.commit_endings({}, [event], notify([event], (), routing))
    await keep_and_tell(store, of_snapshot(snapshot), clock.now(), routing)
    return found or PlatformDifference(InventoryChange(), ())


async def proposal(store: PlatformStore, clock: Clock) -> PlatformDifference | None:
    """How what was read last differs from the inventory of now; None: nothing was read yet."""
    facts = await store.platform_proposal()
    if facts is None:
        return None
    return difference(await store.inventory(), from_facts(facts), clock.now().date())


async def _applied(store: PlatformStore, found: PlatformDifference | None, clock: Clock) -> bool:
    assert found is not None
    try:
        await store.apply_inventory(found.change, clock.now())
    except InventoryError:
        return False  # a person must decide: it stays a proposal
    return True


def differs_event(found: PlatformDifference, platform: str, at: datetime, *, applied: bool) -> Event:
    """The same difference is the same event, however often it is found."""
    facts = {
        "platform": platform,
        "added": [f"{asset.name} ({asset.holder or 'esp'})" for asset in found.change.assets_added],
        "ended": [f"{asset.name} ({asset.holder or 'esp'})" for asset, _ in found.change.assets_ended],
        "unmapped": list(found.unmapped),
        "applied": applied,
    }
    digest = hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
    shown = {name: value[:_NAMED_AT_MOST] if isinstance(value, list) else value for name, value in facts.items()}
    more = sum(max(0, len(value) - _NAMED_AT_MOST) for value in facts.values() if isinstance(value, list))
    return Event(
        f"{EventKind.PLATFORM_DIFFERS}/{digest}", EventKind.PLATFORM_DIFFERS, at, "", None, {**shown, "more": more}
    )
