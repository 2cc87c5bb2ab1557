"""What speaks against warming up an address now. Each is said before a run begins, and none forbids it.

Receivers want the reverse name of an address to lead back to it (Google, Yahoo and Microsoft for bulk senders, read
November 2026); a name that could not be looked up is said to be that. Whether the platform's pool has another that
takes the overflow is known only where the platform was read.
"""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from deliverwatch.core.block import EpisodeKind
from deliverwatch.core.blocklist import Blocklist, Impact
from deliverwatch.core.platform import from_facts
from deliverwatch.core.sender_dns import Found, Record, RecordKind
from deliverwatch.core.subjects import Subject
from deliverwatch.core.warmup.days import TOLD_LATELY_FOR
from deliverwatch.core.warmup.status import StartWarning, StartWarningKind
from deliverwatch.flows.load_days import RunStore, WarmupDesk
from deliverwatch.flows.watch_dns import RecordLookup

_LOOKED_BACK = timedelta(days=30)
_NAMES_ASKED = 5


class NameLookup(RecordLookup, Protocol):
    async def addresses(self, name: str, *, ipv6: bool) -> Found:
        """Those of one family. Never raises for anything the network does."""


async def start_warnings(
    store: RunStore, names: NameLookup, desk: WarmupDesk, subject: Subject, before: datetime
) -> tuple[StartWarning, ...]:
    """`before`: when the warm-up begins; the mail of later days is its own."""
    return (
        *await _nobody_tells(store, desk, subject, before),
        *await _listed(store, desk.lists, subject),
        *await _blocked(store, subject),
        *await _reverse_name(names, subject),
        *await _without_overflow(store, subject),
        *await _not_cold(store, subject, before),
    )


async def _nobody_tells(store: RunStore, desk: WarmupDesk, subject: Subject, before: datetime) -> list[StartWarning]:
    """A source that is set up, or was read lately, may tell of the address when it sends."""
    since = before - TOLD_LATELY_FOR
    telling = {
        source
        for source, state in (await store.source_states()).items()
        if state.last_event_at is not None and state.last_event_at >= since
    }
    telling |= {key.source for key, _ in await store.traffic(since, {subject.value})}
    return [] if desk.counting & (desk.set_up | telling) else [StartWarning(StartWarningKind.NOBODY_TELLS, {})]


async def _listed(store: RunStore, lists: Mapping[str, Blocklist], subject: Subject) -> list[StartWarning]:
    return [
        StartWarning(
            StartWarningKind.LISTED,
            {
                "list_id": each.list_id,
                "list_name": lists[each.list_id].name if each.list_id in lists else each.list_id,
                "since": each.opened_at.isoformat(),
            },
        )
        for each in await store.listings(open_only=True)
        if each.subject == subject and each.impact.rank >= Impact.HIGH.rank
    ]


async def _blocked(store: RunStore, subject: Subject) -> list[StartWarning]:
    return [
        StartWarning(StartWarningKind.BLOCKED, {"provider": each.provider, "since": each.opened_at.isoformat()})
        for each in await store.episodes(open_only=True, kinds=[EpisodeKind.BLOCK])
        if each.subject == subject
    ]


async def _reverse_name(names: NameLookup, subject: Subject) -> list[StartWarning]:
    found = await names(Record(RecordKind.PTR, subject.value, subject))
    if found.values is None:
        return [_ptr_unknown(found)]
    if not found.values:
        return [StartWarning(StartWarningKind.NO_PTR, {})]
    asked = found.values[:_NAMES_ASKED]
    back = await asyncio.gather(*(names.addresses(name, ipv6=":" in subject.value) for name in asked))
    if any(subject.value in each.values for each in back if each.values is not None):
        return []
    unknown = next((each for each in back if each.values is None), None)
    if unknown is not None:
        return [_ptr_unknown(unknown)]
    leads_to = sorted({address for each in back for address in each.values or ()})
    return [StartWarning(StartWarningKind.PTR_ELSEWHERE, {"names": list(asked), "leads_to": leads_to})]


def _ptr_unknown(found: Found) -> StartWarning:
    return StartWarning(StartWarningKind.PTR_UNKNOWN, {"detail": found.detail})


async def _without_overflow(store: RunStore, subject: Subject) -> list[StartWarning]:
    told = await store.platform_proposal()
    if told is None:
        return []
    platform, asked = from_facts(told), pools_asked_for_overflow(told)
    pools = {pool.id: pool for pool in platform.pools if pool.overflow is None and pool.id in asked}
    return [
        StartWarning(StartWarningKind.NO_OVERFLOW, {"pool": pools[ip.pool].name, "platform": platform.platform})
        for ip in platform.ips
        if ip.address == subject.value and ip.pool in pools
    ]


def pools_asked_for_overflow(told: Mapping[str, Any]) -> Collection[str]:
    """Of an older reading it is not known whether a pool has one."""
    return {pool[0] for pool in told["pools"] if len(pool) > 2}


async def _not_cold(store: RunStore, subject: Subject, before: datetime) -> list[StartWarning]:
    """Days in UTC, in which hours are counted."""
    since = before - _LOOKED_BACK
    told = await store.traffic(since, {subject.value}, before)
    stated = await store.measures(since, before, subject.value)
    days = {key.hour_at.date() for key, counts in told if key.ip == subject.value and counts.delivered}
    days |= {each.starts_at.date() for _, each in stated if each.ip == subject.value and each.delivered}
    if not days:
        return []
    return [StartWarning(StartWarningKind.NOT_COLD, {"last_on": max(days).isoformat(), "days": len(days)})]
