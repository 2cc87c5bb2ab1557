"""Which lists are to be asked now, and the round itself under its slot of the ledger.

Two kinds of rounds share one way: the full one, every interval, over all subjects; and the confirming one, over the
suspects of a list, once the time to live of the first answer has run out and a cache can no longer repeat it. A slot
that was begun and not finished (the process was killed) is taken up again under the same key; its first worker, should
it still live, then fails at the fence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.listing import Phase
from deliverwatch.core.schedule import interval_due
from deliverwatch.core.subjects import Subject
from deliverwatch.flows.check_blocklists import Round, RoundPolicy, check_blocklist
from deliverwatch.flows.ports import Clock, Lookups, Store


@dataclass(frozen=True, slots=True)
class DueRound:
    """`suspects` None: a full round over all that is held."""

    blocklist: Blocklist
    job: str
    key: str
    due_at: datetime
    suspects: tuple[Subject, ...] | None = None


@dataclass(frozen=True, slots=True)
class Watchlist:
    """The lists that are on, how often each is asked, and who on our side hears of it."""

    blocklists: tuple[Blocklist, ...]
    every: Mapping[str, timedelta]
    operators: tuple[str, ...]
    policy: RoundPolicy
    lease_for: timedelta


async def due_rounds(
    store: Store, watchlist: Watchlist, clock: Clock, started: Mapping[str, timedelta]
) -> list[DueRound]:
    """`started`: monotonic time of the last start of each job by this process."""
    due = [
        await _due_scan(store, blocklist, watchlist.every[blocklist.id], clock, started)
        for blocklist in watchlist.blocklists
    ]
    scans = [each for each in due if each is not None]
    busy = {each.blocklist.id for each in scans}
    confirming = await _due_confirmations(store, watchlist, clock)
    return scans + [each for each in confirming if each.blocklist.id not in busy]


async def run_round(store: Store, lookups: Lookups, clock: Clock, watchlist: Watchlist, due: DueRound) -> Cycle | None:
    """None when another worker has the slot, or nothing is held that the list covers."""
    inventory = await store.inventory()
    now = clock.now()
    held = [subject for subject in inventory.subjects_on(now.date()) if due.blocklist.covers(subject.kind)]
    wanted = held if due.suspects is None else [subject for subject in held if subject in set(due.suspects)]
    if not wanted:
        return None
    await store.add_slot(due.job, due.key, due.due_at)
    claim = await store.claim_slot(due.job, due.key, now, watchlist.lease_for)
    if claim is None:
        return None
    this = Round(
        claim,
        due.blocklist,
        watchlist.every[due.blocklist.id],
        inventory,
        wanted,
        full=due.suspects is None,
        operators=watchlist.operators,
        policy=watchlist.policy,
    )
    return await check_blocklist(store, lookups, clock, this)


async def _due_scan(
    store: Store, blocklist: Blocklist, every: timedelta, clock: Clock, started: Mapping[str, timedelta]
) -> DueRound | None:
    job = f"scan/{blocklist.id}"
    last = await store.last_slot(job)
    if last is not None and last.finished_at is None:
        return DueRound(blocklist, job, last.key, last.due_at)
    since = clock.monotonic() - started[job] if job in started else None
    if not interval_due(every, clock.now(), last.started_at if last is not None else None, since):
        return None
    number = int(last.key) + 1 if last is not None else 1
    return DueRound(blocklist, job, f"{number:010d}", clock.now())


async def _due_confirmations(store: Store, watchlist: Watchlist, clock: Clock) -> list[DueRound]:
    by_id = {blocklist.id: blocklist for blocklist in watchlist.blocklists}
    ripe: dict[str, list[tuple[datetime, Subject]]] = {}
    for watch, state in (await store.watch_states()).items():
        if state.phase is Phase.SUSPECTED and watch.list_id in by_id and state.first_expires_at is not None:
            ripe.setdefault(watch.list_id, []).append((state.first_expires_at, watch.subject))
    due = [_confirmation(by_id[list_id], suspects, clock.now()) for list_id, suspects in ripe.items()]
    return [each for each in due if each is not None]


def _confirmation(blocklist: Blocklist, suspects: Sequence[tuple[datetime, Subject]], now: datetime) -> DueRound | None:
    """One round per list and newest expiry: an inconclusive second look is left to the next full round."""
    expired = [(expires_at, subject) for expires_at, subject in suspects if expires_at <= now]
    if not expired:
        return None
    newest = max(expires_at for expires_at, _ in expired)
    subjects = tuple(subject for _, subject in expired)
    return DueRound(blocklist, f"confirm/{blocklist.id}", newest.isoformat(), newest, subjects)
