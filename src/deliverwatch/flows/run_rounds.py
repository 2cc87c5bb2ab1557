"""Which lists are to be asked now, and the round itself under its slot of the ledger.

Two kinds of rounds share one lane per list: the full one, every interval, over all subjects; and the confirming one,
over the suspects of a list, once the time to live of the first answer has run out and a cache can no longer repeat it.
They are slots of one job, numbered, so that two rounds over one list never run at once, whoever works: what one has
seen is folded into what the one before it left. A slot that was begun and not finished (the process was killed) is
taken up again under the same number; its first worker, should it still live, then fails at the fence.

A receiver that cites a list in its reply starts a look at the subjects it names at once: a round like a confirming one,
at most one in a quarter of an hour. It opens nothing by itself, since the two looks are needed all the same.

A list that refuses us is due when it may be asked again, whatever its interval; and after a start, since what it minds
(a key, a resolver) may have been changed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.listing import ListingState, Phase, Watch
from deliverwatch.core.mail_share import MailShares
from deliverwatch.core.receivers import Routing
from deliverwatch.core.schedule import interval_due
from deliverwatch.core.subjects import Subject
from deliverwatch.core.zone_health import ZoneState
from deliverwatch.flows.check_blocklists import check_blocklist
from deliverwatch.flows.held import Held
from deliverwatch.flows.hold_warmups import HoldingStore, warmups_for
from deliverwatch.flows.ports import Claim, Clock, Lookups, Slot, Store
from deliverwatch.flows.rounds import Round, RoundPolicy

_NEVER = datetime.min.replace(tzinfo=UTC)
_DAY = timedelta(days=1)
_MORE_THAN_ONE_QUERY = 1.1
"""What a look-up costs: test points, second looks, reasons and what was lost are asked as well."""
_REQUESTED_AGAIN_FOR = timedelta(minutes=15)
_CONFIRM_AGAIN = 4
"""An inconclusive confirming round is made again after this part of the interval at the earliest."""


@dataclass(frozen=True, slots=True)
class DueRound:
    """`suspects` None: a full round over all that is held. `requested`: a receiver says that these are listed."""

    blocklist: Blocklist
    key: str
    suspects: tuple[Subject, ...] | None = None
    ask_stopped: bool = False
    requested: bool = False

    @property
    def job(self) -> str:
        return _job(self.blocklist)

    @property
    def kind(self) -> str:
        """Under which the time of its last start is remembered."""
        if self.requested:
            return _request(self.blocklist)
        return _full(self.blocklist) if self.suspects is None else _confirm(self.blocklist)


def _job(blocklist: Blocklist) -> str:
    return f"round/{blocklist.id}"


def _full(blocklist: Blocklist) -> str:
    return f"full/{blocklist.id}"


def _confirm(blocklist: Blocklist) -> str:
    return f"confirm/{blocklist.id}"


def _request(blocklist: Blocklist) -> str:
    return f"request/{blocklist.id}"


@dataclass(frozen=True, slots=True)
class Watchlist:
    """The lists that are on, how often each is asked, and who hears of it. `domain_of`: the registered domain of a
    name. `shares`: how much of whose mail comes from where. `own_domains`: those that our own mail is from."""

    blocklists: tuple[Blocklist, ...]
    every: Mapping[str, timedelta]
    routing: Routing
    policy: RoundPolicy
    lease_for: timedelta
    dry_run: frozenset[str] = frozenset()
    domain_of: Callable[[str], str] = str
    shares: Callable[[], Awaitable[MailShares]] | None = None
    own_domains: Collection[str] = ()

    def every_for(self, blocklist: Blocklist, subjects: int) -> timedelta:
        """No more often than the list's daily budget suffices for."""
        every, per_day = self.every[blocklist.id], blocklist.budget.per_day
        return every if per_day is None else max(every, _DAY * _MORE_THAN_ONE_QUERY * subjects / per_day)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What it depends on whether a list is due. `started`: monotonic time of our own last start of each kind.
    `stopped`: the lists that refuse us, and when they are asked again, way by way. `requested`: those of ours that a
    receiver says are on a list."""

    now: datetime
    monotonic: timedelta
    started: Mapping[str, timedelta]
    cycles: Mapping[str, Cycle]
    states: Mapping[Watch, ListingState]
    stopped: Mapping[str, Sequence[datetime]]
    requested: Mapping[str, Sequence[Subject]]

    def since(self, kind: str) -> timedelta | None:
        return self.monotonic - self.started[kind] if kind in self.started else None


async def due_rounds(
    store: Store, watchlist: Watchlist, clock: Clock, held: Held, started: Mapping[str, timedelta]
) -> list[DueRound]:
    """Lists that cover nothing held, and those somebody works on, are not among them. Longest waiting first."""
    now = clock.now()
    facts = _Facts(
        now,
        clock.monotonic(),
        started,
        await store.last_cycles(),
        await store.watch_states(),
        _stopped(await store.zone_states()),
        await _requested(store, watchlist, held),
    )
    due = []
    for blocklist in watchlist.blocklists:
        if blocklist.kinds.isdisjoint(held.kinds):
            continue
        last = await store.last_slot(_job(blocklist))
        if last is None or not last.is_taken(now, watchlist.lease_for):
            every = watchlist.every_for(blocklist, len(held.covered_by(blocklist)))
            due += _due(blocklist, every, last, facts)
    return sorted(due, key=lambda each: _last_started_at(each.blocklist, facts) or _NEVER)


async def _requested(store: Store, watchlist: Watchlist, held: Held) -> dict[str, list[Subject]]:
    """Of lists that are on, and take subjects of ours."""
    asked = await store.look_requests()
    wanted = [(each, asked[each.id]) for each in watchlist.blocklists if each.id in asked]
    return {blocklist.id: _only(held.covered_by(blocklist), set(subjects)) for blocklist, subjects in wanted}


def _stopped(zones: Mapping[tuple[str, str], ZoneState]) -> dict[str, list[datetime]]:
    stopped: dict[str, list[datetime]] = defaultdict(list)
    for (list_id, _), zone in zones.items():
        if zone.ask_again_at is not None:
            stopped[list_id].append(zone.ask_again_at)
    return stopped


def _due(blocklist: Blocklist, every: timedelta, last: Slot | None, facts: _Facts) -> list[DueRound]:
    """At most one."""
    key = _next_key(last)
    since_full = None if _was_broken_off(last) else facts.since(_full(blocklist))
    if facts.stopped.get(blocklist.id) and facts.since(_full(blocklist)) is None:
        return [DueRound(blocklist, key, ask_stopped=True)]
    if _refused_until_now(blocklist, facts) or interval_due(
        every, facts.now, _last_started_at(blocklist, facts), since_full
    ):
        return [DueRound(blocklist, key)]
    suspects = _ripe(blocklist, facts)
    since = facts.since(_confirm(blocklist))
    if suspects and (since is None or since >= every / _CONFIRM_AGAIN):
        return [DueRound(blocklist, key, suspects)]
    since = facts.since(_request(blocklist))
    if (requested := facts.requested.get(blocklist.id)) and (since is None or since >= _REQUESTED_AGAIN_FOR):
        return [DueRound(blocklist, key, tuple(requested), requested=True)]
    return []


def _refused_until_now(blocklist: Blocklist, facts: _Facts) -> bool:
    """A round that began since then has asked where it could: the stop of a way that is used no more is not due for
    ever."""
    last = _last_started_at(blocklist, facts) or _NEVER
    return any(last < ask_again_at <= facts.now for ask_again_at in facts.stopped.get(blocklist.id, ()))


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


async def run_round(
    store: HoldingStore, lookups: Lookups, clock: Clock, watchlist: Watchlist, held: Held, due: DueRound
) -> Cycle | None:
    """None when another worker has the slot, or nothing is held that the list covers."""
    now = clock.now()
    covered = held.covered_by(due.blocklist)
    wanted = covered if due.suspects is None else _only(covered, set(due.suspects))
    if not wanted:
        return None
    requested = (await store.look_requests()).get(due.blocklist.id, ())
    await store.add_slot(due.job, due.key, now)
    claim = await store.claim_slot(due.job, due.key, now, watchlist.lease_for)
    if claim is None:
        return None
    this = Round(
        claim,
        due.blocklist,
        watchlist.every_for(due.blocklist, len(covered)),
        held.inventory,
        wanted,
        watched=len(covered),
        full=due.suspects is None,
        routing=watchlist.routing,
        shares=watchlist.shares,
        own_domains=watchlist.own_domains,
        policy=watchlist.policy,
        dry_run=due.blocklist.id in watchlist.dry_run,
        ask_stopped=due.ask_stopped,
        domain_of=watchlist.domain_of,
        warmups=await warmups_for(store, due.blocklist),
    )
    keeper = asyncio.create_task(_keep_lease(store, clock, claim, watchlist.lease_for))
    try:
        cycle = await check_blocklist(store, lookups, clock, this)
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
    if requested:
        await store.look_done(due.blocklist.id, requested if this.full else _only(requested, set(wanted)))
    return cycle


async def _keep_lease(store: Store, clock: Clock, claim: Claim, lease_for: timedelta) -> None:
    """A list that bears five queries a second takes its time. Whoever lost the slot learns it when it commits."""
    while True:
        await clock.sleep(lease_for / 3)
        await store.renew_slot(claim, clock.now(), lease_for)


def _only(held: Sequence[Subject], suspects: Collection[Subject]) -> list[Subject]:
    return [subject for subject in held if subject in suspects]
