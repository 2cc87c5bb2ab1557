"""Mends what the holds of warm-ups missed: what opened or ended while a run was begun, or between two writers.

Nearly always there is nothing to mend, since a listing or a block opens its holds in its own transaction
(`core.warmup.hold_causes.follow`). What is mended is told as it would have been then, under the same key; it holds from
the first day on that is not judged yet.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from deliverwatch.core.block import EpisodeKind
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.warmup.days import day_span
from deliverwatch.core.warmup.hold_causes import not_before, reconcile_holds
from deliverwatch.core.warmup.run import Hold, HoldChanges, WarmupRun
from deliverwatch.flows.load_days import RunStore, WarmupDesk
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.tell import notify
from deliverwatch.flows.tell_warmups import gathered, run_event


async def reconciled_holds(
    store: RunStore, clock: Clock, desk: WarmupDesk, runs: Collection[WarmupRun]
) -> Mapping[str, Sequence[Hold]]:
    """By run: all of its holds, released ones too, oldest first. Those of runs that are over stay as they are."""
    ids = [run.id for run in runs]
    holds = await store.warmup_holds(ids)
    if await _mend(store, clock, desk, [run for run in runs if run.ended is None], holds):
        holds = await store.warmup_holds(ids)
    found: dict[str, list[Hold]] = defaultdict(list)
    for hold in holds:
        found[hold.run_id].append(hold)
    return found


async def _mend(
    store: RunStore, clock: Clock, desk: WarmupDesk, runs: Collection[WarmupRun], holds: Iterable[Hold]
) -> bool:
    by_id = {run.id: run for run in runs}
    theirs = [hold for hold in holds if hold.run_id in by_id]
    changes = await missing_holds(store, clock, desk, runs, theirs)
    if not changes:
        return False
    inventory = await store.inventory()
    last = await store.last_warmup_days(by_id)
    changes = not_before(changes, {id_: day_span(day.result.on, by_id[id_].zone).end for id_, day in last.items()})
    gated = {id_ for id_, day in last.items() if any(not gate.over for gate in day.after.gate_holds)}
    holdings, now = inventory.holdings, clock.now()
    found = [*opened_events(runs, changes, holdings, now), *_ready(runs, theirs, changes, gated, holdings, now)]
    events = gathered(found)
    await store.commit_endings({}, events, notify(events, inventory.customers, desk.routing), changes)
    return True


async def missing_holds(
    store: RunStore, clock: Clock, desk: WarmupDesk, runs: Collection[WarmupRun], holds: Sequence[Hold]
) -> HoldChanges:
    """Ends are looked for as far back as the oldest hold whose cause goes on."""
    since = min((hold.opened_at for hold in holds if hold.ended_at is None), default=clock.now())
    listings = await store.listings(since=since)
    blocks = await store.episodes(kinds=[EpisodeKind.BLOCK], since=since)
    return reconcile_holds(runs, holds, listings, blocks, desk.lists, clock.now())


def opened_events(
    runs: Iterable[WarmupRun], changes: HoldChanges, holdings: Holdings, now: datetime
) -> Iterator[Event]:
    by_id = {run.id: run for run in runs}
    opened: dict[tuple[str, str], list[Hold]] = defaultdict(list)
    for hold in changes.opened:
        opened[hold.run_id, hold.key].append(hold)
    for (run_id, key), some in opened.items():
        yield run_event(EventKind.WARMUP_HELD, by_id[run_id], holdings, now, key, facts_of(some))


def _ready(
    runs: Iterable[WarmupRun],
    holds: Sequence[Hold],
    changes: HoldChanges,
    gated: Collection[str],
    holdings: Holdings,
    now: datetime,
) -> Iterator[Event]:
    """One for each run of which the last cause has ended. `gated`: ids of runs that a gate of their plan holds."""
    going = [hold for hold in holds if hold.released_at is None and hold.ended_at is None]
    still = {hold.run_id for hold in (*going, *changes.opened) if hold.key not in changes.ended} | set(gated)
    for run in runs:
        over = [hold for hold in going if hold.run_id == run.id and hold.key in changes.ended]
        if not over or run.id in still:
            continue
        last = max(over, key=lambda hold: (changes.ended[hold.key][0], hold.key))
        facts = {
            **facts_of([hold for hold in over if hold.key == last.key]),
            "held_since": min(hold.opened_at for hold in over).isoformat(),
            "ended": changes.ended[last.key][1],
        }
        yield run_event(EventKind.WARMUP_READY, run, holdings, now, last.key, facts)


def facts_of(some: Sequence[Hold]) -> dict[str, object]:
    """Of the holds of one cause."""
    providers = [hold.provider for hold in some]
    return {**some[0].facts, "cause": some[0].cause, "providers": providers, "opened_at": some[0].opened_at.isoformat()}
