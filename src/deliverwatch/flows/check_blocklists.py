"""One round over one list: due watches -> looks -> events.

Load what is believed of the list, look (the only network step), commit everything the round changed in one
transaction under the slot's fence. A `listed` answer for a watch that is not open yet is looked at a second time at
once where another resolver is configured; otherwise the daemon comes back when the first answer's time to live has
run out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from deliverwatch.core import listing, zone_health
from deliverwatch.core.alerting import Notification, route
from deliverwatch.core.blocklist import Blocklist, Outcome, Polarity
from deliverwatch.core.coverage import Cycle, Gap
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.inventory import Holdings, Inventory
from deliverwatch.core.listing import ListingPolicy, ListingState, Look, Phase, Watch
from deliverwatch.core.subjects import Subject
from deliverwatch.core.zone_health import Health, HealthPolicy, ListPath, TestResult, ZoneState, settle
from deliverwatch.flows.look import Batch, look_through, probe
from deliverwatch.flows.ports import Claim, Clock, Lookups, RoundLoad, RoundResult, Store

_NAMED_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class RoundPolicy:
    """`stale_rounds`: after how many intervals without a verified round the list is called stale, and no sooner than
    `stale_at_least`."""

    listing: ListingPolicy = field(default_factory=ListingPolicy)
    health: HealthPolicy = field(default_factory=HealthPolicy)
    stale_rounds: int = 3
    stale_at_least: timedelta = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Round:
    """What a round is given: the slot it fills, the list, and whom it asks about."""

    claim: Claim
    blocklist: Blocklist
    every: timedelta
    inventory: Inventory
    subjects: Sequence[Subject]
    full: bool
    operators: tuple[str, ...]
    policy: RoundPolicy


async def check_blocklist(store: Store, lookups: Lookups, clock: Clock, this: Round) -> Cycle:
    """Raises FenceLost when another worker took the slot over, StoreError when the database fails."""
    before = await store.load_round(this.blocklist.id)
    batches = await _first_looks(lookups, clock, this, before)
    seconds = await _second_looks(lookups, clock, this, before, batches)
    result = conclude(this, before, batches, seconds)
    await store.commit_round(result)
    return result.cycle


async def _first_looks(lookups: Lookups, clock: Clock, this: Round, before: RoundLoad) -> list[Batch]:
    """The last batch is the one to use. A path on which the list is quarantined is asked for its test points, so that
    it can come back, and used only when there is no other."""
    quarantined = [path for path in lookups.paths if _zone(before, path).health is Health.QUARANTINED]
    paths = [path for path in lookups.paths if path not in quarantined]
    if not paths:
        return await look_through(lookups, clock, this.blocklist, this.subjects, lookups.paths)
    kinds = sorted({subject.kind for subject in this.subjects})
    probes = [await probe(lookups, clock, this.blocklist, kinds, path) for path in quarantined]
    return probes + await look_through(lookups, clock, this.blocklist, this.subjects, paths)


async def _second_looks(
    lookups: Lookups, clock: Clock, this: Round, before: RoundLoad, batches: Sequence[Batch]
) -> list[Batch]:
    main = batches[-1]
    doubtful = [subject for subject, look in main.looks.items() if _wants_second_look(this, before, subject, look)]
    used = {batch.path for batch in batches}
    others = [path for path in dict.fromkeys((*lookups.confirm_paths, *lookups.paths)) if path not in used]
    if not doubtful or not others:
        return []
    return await look_through(lookups, clock, this.blocklist, doubtful, others)


def _wants_second_look(this: Round, before: RoundLoad, subject: Subject, look: Look) -> bool:
    if look.verdict.outcome is not Outcome.LISTED or this.blocklist.polarity is not Polarity.BLOCK:
        return False
    state, _ = _fold_looks(this, subject, _state(before, subject, look.at), [look])
    return state.phase is Phase.SUSPECTED


def conclude(this: Round, before: RoundLoad, batches: Sequence[Batch], seconds: Sequence[Batch]) -> RoundResult:
    """Pure: all that a round changes, from what was believed and what was seen."""
    zones, events = _fold_zones(this, before, [*batches, *seconds])
    main, *seconds = (_believe(batch, zones, before) for batch in (batches[-1], *seconds))
    states, listing_events = _fold_watches(this, before, main, seconds)
    opened, closed, stale_watches = _fold_gaps(this, before, main)
    cycle = _cycle(this, main)
    stale_told, stale_events = _staleness(this, before, cycle)
    events = [*events, *listing_events, *stale_watches, *stale_events]
    return RoundResult(
        claim=this.claim,
        cycle=cycle,
        zones=zones,
        states=states,
        gaps_opened=opened,
        gaps_closed=closed,
        stale_told=stale_told,
        events=events,
        notifications=notify(events, this.inventory, this.operators),
    )


def _believe(batch: Batch, zones: Mapping[str, ZoneState], before: RoundLoad) -> Batch:
    """A quarantined list is asked, so that it can come back, and not believed until it has."""
    zone = zones.get(batch.path) or _zone(before, batch.path)
    if zone.health is not Health.QUARANTINED:
        return batch
    why = TestResult(Outcome.NONSENSE, f"quarantined since {zone.since:%Y-%m-%d %H:%M} UTC: {zone.detail}")
    tests = {kind: why if test.passed else test for kind, test in batch.tests.items()}
    looks = {
        subject: replace(look, verdict=settle(look.verdict, tests[subject.kind]), verifiable=False)
        for subject, look in batch.looks.items()
    }
    return replace(batch, tests=tests, looks=looks)


def _zone(before: RoundLoad, path: str) -> ZoneState:
    return before.zones.get(path, ZoneState())


def notify(events: Iterable[Event], inventory: Inventory, operators: tuple[str, ...]) -> list[Notification]:
    """The outbox rows of some events."""
    holdings = Holdings(inventory.assets)
    by_id = {customer.id: customer for customer in inventory.customers}
    made: list[Notification] = []
    for event in events:
        made += route(event, operators, [by_id[party] for party in _parties(event, holdings) if party in by_id])
    return made


def _parties(event: Event, holdings: Holdings) -> set[str]:
    """Whom it concerns; an end concerns those, too, who were told of the beginning."""
    if event.subject is None:
        return set()
    if event.kind is EventKind.LISTING_HANDED_OVER:
        return set(event.facts["before"]) ^ set(event.facts["after"])
    day = event.at.date()
    if event.kind is not EventKind.LISTING_CLOSED:
        return set(holdings.parties(event.subject, day))
    if event.facts["ended"] == Ending.WITHDRAWN:
        return set(holdings.last_parties(event.subject, day))
    opened_on = datetime.fromisoformat(event.facts["opened_at"]).date()
    return {*holdings.parties(event.subject, opened_on), *holdings.parties(event.subject, day)}


def _fold_zones(this: Round, before: RoundLoad, batches: Sequence[Batch]) -> tuple[dict[str, ZoneState], list[Event]]:
    zones: dict[str, ZoneState] = {}
    events: list[Event] = []
    for batch in batches:
        state = zones.get(batch.path) or _zone(before, batch.path)
        after, happened = zone_health.fold(
            state,
            ListPath(this.blocklist.id, batch.path),
            batch.finished_at,
            batch.test,
            this.policy.health,
        )
        if after != state:
            zones[batch.path] = after
        events += happened
    return zones, events


def _fold_watches(
    this: Round, before: RoundLoad, main: Batch, seconds: Sequence[Batch]
) -> tuple[dict[Subject, ListingState], list[Event]]:
    if this.blocklist.polarity is not Polarity.BLOCK:
        return {}, []
    states: dict[Subject, ListingState] = {}
    events: list[Event] = []
    for subject, look in main.looks.items():
        state = _state(before, subject, main.started_at)
        looks = [look, *(batch.looks[subject] for batch in seconds if subject in batch.looks)]
        after, happened = _fold_looks(this, subject, state, looks)
        if after is not before.states.get(subject, state):
            states[subject] = after
        events += happened
        events += _unexplained(this, happened)
    return states, events


def _state(before: RoundLoad, subject: Subject, now: datetime) -> ListingState:
    """Rounds over a list follow each other, so that a state can be ahead of us only when the clock was."""
    return listing.from_the_future(before.states.get(subject, ListingState()), now)


def _fold_looks(
    this: Round, subject: Subject, state: ListingState, looks: Iterable[Look]
) -> tuple[ListingState, list[Event]]:
    events: list[Event] = []
    for look in looks:
        state, happened = listing.fold(state, Watch(this.blocklist.id, subject), look, this.policy.listing)
        events += happened
    return state, events


def _unexplained(this: Round, events: Iterable[Event]) -> list[Event]:
    """Once per list and set of codes, however many subjects show it."""
    return [
        Event(
            f"{EventKind.CODE_UNEXPLAINED}/{this.blocklist.id}/{','.join(codes)}",
            EventKind.CODE_UNEXPLAINED,
            event.at,
            this.blocklist.id,
            event.subject,
            {"code": ", ".join(codes)},
        )
        for event in events
        if (codes := tuple(event.facts.get("unexplained", ()))[:_NAMED_AT_MOST])
    ]


def _fold_gaps(this: Round, before: RoundLoad, main: Batch) -> tuple[list[Gap], list[Subject], list[Event]]:
    """Single watches without a conclusive answer while their list was well."""
    opened: list[Gap] = []
    closed: list[Subject] = []
    stale: list[Gap] = []
    for subject, look in main.looks.items():
        if not main.tests[subject.kind].passed:
            continue
        gap = before.gaps.get(subject)
        if look.verdict.outcome.conclusive:
            closed += [subject] if gap is not None else []
        elif gap is None:
            watch = Watch(this.blocklist.id, subject)
            opened.append(Gap(watch, look.at, None, look.verdict.outcome, look.verdict.detail))
        elif look.at - gap.since >= _stale_after(this):
            stale.append(gap)
    return opened, closed, _stale_watches(this, stale, main.finished_at) if this.full else []


def _stale_watches(this: Round, stale: Sequence[Gap], at: datetime) -> list[Event]:
    """One event for all of them: its key is that of the longest gap, so that it is told again only after that ended."""
    if not stale:
        return []
    first = min(stale, key=lambda gap: gap.since)
    facts = {
        "since": first.since.isoformat(),
        "outcome": first.outcome,
        "detail": first.detail,
        "watches": len(stale),
        "subjects": [gap.watch.subject.value for gap in stale[:_NAMED_AT_MOST]],
    }
    key = f"{EventKind.WATCHES_STALE}/{this.blocklist.id}/{first.since.isoformat()}"
    return [Event(key, EventKind.WATCHES_STALE, at, this.blocklist.id, facts=facts)]


def _stale_after(this: Round) -> timedelta:
    return stale_after(this.policy, this.every)


def stale_after(policy: RoundPolicy, every: timedelta) -> timedelta:
    return max(policy.stale_rounds * every, policy.stale_at_least)


def _staleness(this: Round, before: RoundLoad, cycle: Cycle) -> tuple[bool, list[Event]]:
    """Silence of a whole list is an event of its own, told once, until the list is verified again."""
    if not this.full or cycle.verified:
        return before.stale_told and not cycle.verified, []
    since = before.last_verified_at or _failing_since(before)
    if before.stale_told or since is None or cycle.started_at - since < _stale_after(this):
        return before.stale_told, []
    return True, [list_stale(this.blocklist.id, since, cycle.started_at, cycle.detail, cycle.due)]


def list_stale(list_id: str, since: datetime, at: datetime, detail: str | None, watches: int) -> Event:
    """Its key is made from `since` alone, so that whoever notices, it is told once."""
    facts = {"since": since.isoformat(), "detail": detail, "watches": watches}
    return Event(
        f"{EventKind.LIST_STALE}/{list_id}/{since.isoformat()}", EventKind.LIST_STALE, at, list_id, facts=facts
    )


def _failing_since(before: RoundLoad) -> datetime | None:
    failing = [
        zone.since
        for zone in before.zones.values()
        if zone.since is not None and zone.health in (Health.FAILING, Health.QUARANTINED)
    ]
    return min(failing, default=None)


def _cycle(this: Round, main: Batch) -> Cycle:
    count = Counter(look.verdict.outcome for look in main.looks.values())
    verified = bool(main.tests) and all(test.passed for test in main.tests.values())
    return Cycle(
        this.blocklist.id,
        main.path,
        main.started_at,
        main.finished_at,
        verified=verified,
        full=this.full,
        vouches_until=main.started_at + this.every,
        due=len(main.looks),
        listed=count[Outcome.LISTED],
        clear=count[Outcome.CLEAR],
        refused=count[Outcome.REFUSED],
        unreachable=count[Outcome.UNREACHABLE],
        nonsense=count[Outcome.NONSENSE],
        detail=None if verified else main.test.detail,
    )
