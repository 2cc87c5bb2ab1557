"""Looks at the records that our senders stand on, and keeps what changed.

All of them every six hours; in the hours between, only those where a look found something else than before, to confirm
it. A look is a slot of the ledger, so that one worker makes it and a restart repeats none. What follows from a change
is judged together with everything else that warns (`flows.judge`).
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from deliverwatch.core.inventory import Inventory
from deliverwatch.core.sender_dns import Found, Record, RecordState, fold, from_facts, records_of, to_facts
from deliverwatch.core.subjects import expand
from deliverwatch.flows.delivery_ports import EpisodeStore
from deliverwatch.flows.ports import Clock, Ledger

JOB = "sender-dns"
_ALL_EVERY_HOURS = 6


class RecordLookup(Protocol):
    async def __call__(self, record: Record, look: int = 0) -> Found:
        """Never raises for anything the network does. `look`: another one begins with another resolver."""


class DnsStore(Ledger, EpisodeStore, Protocol):
    async def inventory(self) -> Inventory: ...


async def watch_dns(store: DnsStore, lookup: RecordLookup, clock: Clock, lease_for: timedelta) -> int | None:
    """How many records changed, or may have; None: it was not the time to look, or somebody else looks."""
    now = clock.now()
    key = f"{now:%Y-%m-%dT%H}"
    last = await store.last_slot(JOB)
    if last is not None and last.key >= key and last.finished_at is not None:
        return None
    await store.add_slot(JOB, key, now)
    claim = await store.claim_slot(JOB, key, now, lease_for)
    if claim is None:
        return None
    known = {pair: from_facts(facts) for pair, facts in (await store.dns_values()).items()}
    records = _due(watched_records(await store.inventory(), now), known, now)
    found = await asyncio.gather(*(lookup(record, now.hour) for record in records))
    changed = _changed(records, found, known, clock.now())
    if changed:
        await store.keep_dns_values({pair: to_facts(state) for pair, state in changed.items()})
    await store.finish_slot(claim, clock.now())
    return len(changed)


def watched_records(inventory: Inventory, now: datetime) -> list[Record]:
    """Each once, however many hold it."""
    today = now.date()
    records = (
        record
        for asset in inventory.assets
        if asset.held_on(today)
        for record in records_of(asset, () if asset.is_domain else expand(asset.name))
    )
    return list({record.key: record for record in records}.values())


def _due(records: list[Record], known: Mapping[tuple[str, str], RecordState], now: datetime) -> list[Record]:
    if now.hour % _ALL_EVERY_HOURS == 0:
        return records
    return [record for record in records if record.key not in known or known[record.key].other is not None]


def _changed(
    records: list[Record], found: list[Found], known: Mapping[tuple[str, str], RecordState], at: datetime
) -> dict[tuple[str, str], RecordState]:
    changed = {}
    for record, answer in zip(records, found, strict=True):
        state = fold(known.get(record.key), answer, at)
        if state is not None and state is not known.get(record.key):
            changed[record.key] = state
    return changed
