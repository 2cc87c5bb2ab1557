"""Which lists are to be asked now, and the round itself under its slot of the ledger.

Two kinds of rounds share one lane per list: the full one, every interval, over all subjects; and the confirming one,
over the suspects of a list, once the time to live of the first answer has run out and a cache can no longer repeat it.
They are slots of one job, numbered, so that two rounds over one list never run at once, whoever works: what one has
seen is folded into what the one before it left. A slot that was begun and not finished (the process was killed) is
taken up again under the same number; its first worker, should it still live, then fails at the fence.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.listing import ListingState, Phase, Watch
from deliverwatch.core.schedule import interval_due
from deliverwatch.core.subjects import Subject
from deliverwatch.flows.check_blocklists import Round, RoundPolicy, check_blocklist
from deliverwatch.flows.ports import Clock, Lookups, Slot, Store

_NEVER = datetime.min.replace(tzinfo=UTC)
_CONFIRM_AGAIN = 4
"""An inconclusive confirming round is made again after this part of the interval at the earliest."""


@dataclass(frozen=True, slots=True)
class DueRound:
    """`suspects` None: a full round over all that is held."""

    blocklist: Blocklist
    key: str
    suspects: tuple[Subject, ...] | None = None

    @property
    def job(self) -> str:
        return _job(self.blocklist)

    @property
    def kind(self) -> str:
        """Under which the time of its last start is remembered."""
        return _full(self.blocklist) if self.suspects is None else _confirm(self.blocklist)


def _job(blocklist: Blocklist) -> str:
    return f"round/{blocklist.id}"


def _full(blocklist: Blocklist) -> str:
    return f"full/{blocklist.id}"


def _confirm(blocklist: Blocklist) -> str:
    return f"confirm/{blocklist.id}"


@dataclass(frozen=True, slots=True)
class Watchlist:
    """The lists that are on, how often each is asked, and who on our side hears of it."""

    blocklists: tuple[Blocklist, ...]
    every: Mapping[str, timedelta]
    operators: tuple[str, ...]
    policy: RoundPolicy
    lease_for: timedelta


@dataclass(frozen=True, slots=True)
class _Facts:
    """What it depends on whether a list is due. `started`: monotonic time of our own last start of each kind."""

    now: datetime
    monotonic: timedelta
    started: Mapping[str, timedelta]
    cycles: Mapping[str, Cycle]
    states: Mapping[Watch, ListingState]

    def since(self, kind: str) -> timedelta | None:
        return self.monotonic - self.started[kind] if kind in self.started else None


async def due_rounds(
    store: Store, watchlist: Watchlist, clock: Clock, started: Mapping[str, timedelta]
) -> list[DueRound]:
    """Lists that cover nothing held, and those somebody works on, are not among them. Longest waiting first."""
    now = clock.now()
    kinds = (await store.inventory()).kinds_on(now.date())
    facts = _Facts(now, clock.monotonic(), started, await store.last_cycles(), await store.watch_states())
    due = []
    for blocklist in watchlist.blocklists:
        last = await store.last_slot(_job(blocklist)) if blocklist.kinds & kinds else None
        if blocklist.kinds & kinds and not (last is not None and last.is_taken(now, watchlist.lease_for)):
            due += _due(blocklist, watchlist.every[blocklist.id], last, facts)
    return sorted(
        due, key=lambda each: _last_started_at(each.blocklist, facts) or datetime.min.replace(tzinfo=now.tzinfo)
    )


def _due(blocklist: Blocklist, every: timedelta, last: Slot | None, facts: _Facts) -> list[DueRound]:
    """At most one."""
    key = _next_key(last)
    since_full = None if _was_broken_off(last) else facts.since(_full(blocklist))
    if interval_due(every, facts.now, _last_started_at(blocklist, facts), since_full):
        return [DueRound(blocklist, key)]
    suspects = _ripe(blocklist, facts)
    since = facts.since(_confirm(blocklist))
    if suspects and (since is None or since >= every / _CONFIRM_AGAIN):
        return [DueRound(blocklist, key, suspects)]
    return []


def _last_started_at(blocklist: Blocklist, facts: _Facts) -> datetime | None:
    cycle = facts.cycles.get(blocklist.id)
    return cycle.started_at if cycle is not None else None


def _was_broken_off(last: Slot | None) -> bool:
    """Begun, and neither finished nor worked on any more."""
    return last is not None and last.finished_at is None


def _next_key(last: Slot | None) -> str:
    if last is not None and _was_broken_off(last):
        return last.key
    return f"{int(last.key) + 1 if last is not None else 1:010d}"


def _ripe(blocklist: Blocklist, facts: _Facts) -> tuple[Subject, ...]:
    """Suspects whose first answer no cache repeats any more."""
    return tuple(
        watch.subject
        for watch, state in facts.states.items()
        if watch.list_id == blocklist.id
        and state.phase is Phase.SUSPECTED
        and state.first_expires_at is not None
        and state.first_expires_at <= facts.now
    )


async def run_round(store: Store, lookups: Lookups, clock: Clock, watchlist: Watchlist, due: DueRound) -> Cycle | None:
    """None when another worker has the slot, or nothing is held that the list covers."""
    inventory = await store.inventory()
    now = clock.now()
    held = [subject for subject in inventory.subjects_on(now.date()) if due.blocklist.covers(subject.kind)]
    wanted = held if due.suspects is None else _only(held, set(due.suspects))
    if not wanted:
        return None
    await store.add_slot(due.job, due.key, now)
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


def _only(held: Sequence[Subject], suspects: Collection[Subject]) -> list[Subject]:
    return [subject for subject in held if subject in suspects]
