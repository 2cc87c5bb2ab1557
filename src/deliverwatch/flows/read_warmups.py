"""Once a UTC day: what each sending platform says of its own warm-ups, kept as our history of them.

A platform tells of today alone, so a day on which it was not read stays unknown. Of an address that is not warming and
has no run it is kept once that it is not. One that cannot be read changes
nothing, and is tried again when the lease of that try has run out; why, stands with the sources' failures. An address
of ours that a platform warms up although nobody started a run for it is told once for each such warm-up.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from deliverwatch.core.errors import ConfigError, SourceFailed
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.receivers import Routing
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.warmup.readings import by_ip, no_longer_listed, stretch_began_on
from deliverwatch.core.warmup.run import Reading
from deliverwatch.flows.delivery_ports import IngestBatch, IngestStore
from deliverwatch.flows.ports import Claim, Clock, Store
from deliverwatch.flows.tell import about, notify
from deliverwatch.flows.warmup_ports import WarmupStore

SILENT_AFTER = timedelta(days=2)
_LOOKED_BACK = timedelta(days=400)

ReadWarmups = Callable[[datetime], Awaitable[Sequence[Reading]]]


class ReadingStore(Store, IngestStore, WarmupStore, Protocol):
    """What is needed of the store."""


def job_of(platform: str) -> str:
    """Its name in the ledger and among the sources' states: not the source's own, whose mail is another matter."""
    return f"warmups/{platform}"


async def read_daily(
    store: ReadingStore,
    platform: str,
    read: ReadWarmups,
    clock: Clock,
    routing: Routing,
    lease_for: timedelta,
    *,
    lists_only_warming: bool,
) -> Sequence[Reading] | None:
    """None: it was not the time to, or somebody else reads, or the platform did not answer."""
    job = job_of(platform)
    claim = await _claim(store, job, clock.now(), lease_for)
    if claim is None:
        return None
    try:
        found = list(await read(clock.now()))
    except (SourceFailed, ConfigError) as failure:  # the lease is left to run out: then it is tried again
        await store.source_failed(job, str(failure), clock.now())
        return None
    now = clock.now()
    if lists_only_warming:
        found += no_longer_listed(await _read_last(store, platform), found, now)
    await keep_and_tell(store, found, now, routing)
    await store.commit_ingest(IngestBatch(job, job, now, origin="api"))  # it is well
    await store.finish_slot(claim, clock.now())
    return found


async def keep_and_tell(store: ReadingStore, readings: Iterable[Reading], now: datetime, routing: Routing) -> None:
    """Of one platform, read at one time."""
    once = list({each.ip: each for each in readings}.values())
    await store.keep_readings(await _worth_keeping(store, once, now))
    inventory = await store.inventory()
    holdings = inventory.holdings
    warming = [each for each in once if each.warming and holdings.on(parse_subject(each.ip), now.date())]
    events = [about(event, None, holdings) for event in await _unplanned(store, warming, now)]
    if events:
        await store.commit_endings({}, events, notify(events, inventory.customers, routing))


async def _worth_keeping(store: ReadingStore, readings: Sequence[Reading], now: datetime) -> list[Reading]:
    """A platform has thousands of addresses, and most of them warm up no more. Where a run is under way each day is
    judged by what the platform says on it."""
    off = {each.ip for each in readings if not each.warming}
    if not off:
        return list(readings)
    running = {run.ip for run in await store.warmups(open_only=True)}
    since = now.astimezone(UTC).date() - _LOOKED_BACK
    were_warming = {(each.platform, each.ip): each.warming for each in await store.readings(since, off - running)}
    return [each for each in readings if each.warming or were_warming.get((each.platform, each.ip), True)]


async def _claim(store: ReadingStore, job: str, now: datetime, lease_for: timedelta) -> Claim | None:
    last = await store.last_slot(job)
    key = f"{now.astimezone(UTC):%Y-%m-%d}"
    if last is not None and last.key >= key and (last.finished_at is not None or last.is_taken(now, lease_for)):
        return None
    await store.add_slot(job, key, now)
    return await store.claim_slot(job, key, now, lease_for)


async def _read_last(store: ReadingStore, platform: str) -> list[Reading]:
    """The platform's readings since it was read last, however long ago that was; none if it never was."""
    state = (await store.source_states()).get(job_of(platform))
    if state is None or state.last_ingest_at is None:
        return []
    since = state.last_ingest_at.astimezone(UTC).date()
    return _of_platform(await store.readings(since), platform)


async def _unplanned(store: ReadingStore, warming: Sequence[Reading], now: datetime) -> list[Event]:
    """A run that ended while the warm-up went on is no reason to tell of it: a person knew."""
    runs = await store.warmups() if warming else []
    open_ = {run.ip for run in runs if run.ended is None}
    without = {each.ip: each for each in warming if each.ip not in open_}
    if not without:
        return []
    ends = {(run.ip, run.ended_on) for run in runs if run.ended_on is not None and run.ip in without}
    first = now.astimezone(UTC).date() - _LOOKED_BACK
    history = by_ip(await store.readings(first, without.keys()))
    began = {ip: stretch_began_on(_of_platform(history[ip], each.platform)) for ip, each in without.items()}
    known = {ip for ip, ended_on in ends if (since := began[ip]) is not None and ended_on >= since}
    return [  # what began on the first day may have begun before it, and was told then
        _event(without[ip], since, now)
        for ip, since in began.items()
        if since is not None and since > first and ip not in known
    ]


def _of_platform(readings: Iterable[Reading], platform: str) -> list[Reading]:
    return [each for each in readings if each.platform == platform]


def _event(reading: Reading, since: date, at: datetime) -> Event:
    kind = EventKind.WARMUP_UNPLANNED
    facts = {"platform": reading.platform, "stage": reading.stage, "pool": reading.pool}
    key = f"{kind}/{reading.platform}/{reading.ip}/{since}"
    return Event(key, kind, at, "", parse_subject(reading.ip), facts)
