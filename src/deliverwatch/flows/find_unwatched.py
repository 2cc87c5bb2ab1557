"""Once a day: names under which mail left, and which nobody watches. Each is told once."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.receivers import Routing
from deliverwatch.core.unwatched import Sender, unwatched
from deliverwatch.flows.delivery_ports import IngestStore
from deliverwatch.flows.ports import Clock, Store
from deliverwatch.flows.tell import notify

JOB = "unwatched"
SEEN_WITHIN = timedelta(days=7)
_NAMED_AT_MOST = 50
_TOLD_KEPT = 200


class SenderStore(Store, IngestStore, Protocol):
    """What is needed of the store."""


async def find_unwatched(
    store: SenderStore, clock: Clock, routing: Routing, lease_for: timedelta
) -> list[Sender] | None:
    """Those not told before; None: it was not the time to look, or somebody else looks."""
    now = clock.now()
    key = f"{now.astimezone(UTC):%Y-%m-%d}"
    last = await store.last_slot(JOB)
    if last is not None and last.key >= key and last.finished_at is not None:
        return None
    await store.add_slot(JOB, key, now)
    claim = await store.claim_slot(JOB, key, now, lease_for)
    if claim is None:
        return None
    told = {tuple(each) for event in await _told(store) for each in event.facts["names"]}
    new = [sender for sender in await unwatched_senders(store, clock) if (sender.role, sender.name) not in told]
    if new:
        event = unwatched_event(new[:_NAMED_AT_MOST], now)
        await store.commit_endings({}, [event], notify([event], (), routing))
    await store.finish_slot(claim, clock.now())
    return new


async def unwatched_senders(store: SenderStore, clock: Clock) -> list[Sender]:
    """All of the last days."""
    now = clock.now()
    seen = [
        Sender(each.key.source, each.key.role, each.key.name, each.count, each.first_at, each.last_at)
        for each in await store.seen_senders(now - SEEN_WITHIN)
    ]
    return unwatched(seen, (await store.inventory()).holdings, now.date())


async def _told(store: SenderStore) -> list[Event]:
    return await store.events([EventKind.SENDERS_UNWATCHED], _TOLD_KEPT)


def unwatched_event(senders: list[Sender], at: datetime) -> Event:
    names = [[sender.role, sender.name] for sender in senders]
    counts = {sender.name: sender.events for sender in senders}
    kind = EventKind.SENDERS_UNWATCHED
    return Event(f"{kind}/{at:%Y-%m-%d}", kind, at, "", None, {"names": names, "counts": counts})
