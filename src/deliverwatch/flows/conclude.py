"""What one round over one list changes: pure, from what was believed and what was seen.

Zones first: is the list well on each path, does it refuse us, did it lie? What a liar said before is doubted. Then each
look is folded into its watch; the events are given the customers they concern and the impact on them, made calm where a
watch comes and goes, gathered into incidents, and turned into messages.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce

from deliverwatch.core import flapping, incidents, listing, zone_health
from deliverwatch.core.coverage import Cycle, Gap
from deliverwatch.core.doubt import doubt, doubted_since
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.first_look import with_first_look
from deliverwatch.core.flapping import Unstable
from deliverwatch.core.listing import ListingState, Look, Phase, Watch
from deliverwatch.core.mail_share import MailShares
from deliverwatch.core.subjects import Subject
from deliverwatch.core.verdict import Answer, Outcome, Reply, is_listing, judge
from deliverwatch.core.zone_health import Health, ListPath, TestResult, ZoneState, worse
from deliverwatch.flows.hold_warmups import changes_of
from deliverwatch.flows.look import Batch
from deliverwatch.flows.ports import RoundLoad, RoundResult
from deliverwatch.flows.rounds import Looked, Round, zone_of
from deliverwatch.flows.silence import list_stale, watches_stale
from deliverwatch.flows.tell import about, hushed, notify, unexplained


def conclude(this: Round, before: RoundLoad, looked: Looked, shares: MailShares | None = None) -> RoundResult:
    """`shares`: how much of the mail what opened hits, where that is known."""
    if this.dry_run:
        return _tried(this, before, looked)
    zones, zone_events = _fold_zones(this, before, looked.batches)
    main, *seconds = (_believe(batch, zones, before) for batch in (looked.main, *looked.seconds))
    doubted = _doubted(before, looked)
    known = replace(before, states={**before.states, **doubted})
    folded, listing_events = _fold_watches(this, known, main, seconds)
    states = {**doubted, **folded}
    told, unstable = _words(this, before, states, listing_events, main, shares)
    opened, closed, stale_watches = _fold_gaps(this, before, main)
    cycle = _cycle(this, main)
    stale_told, stale_events = _staleness(this, before, cycle)
    restless = {subject for subject, known in unstable.items() if known is not None}
    holds, held = changes_of(told, this.warmups, this.blocklist, this.inventory.assets, restless)
    events = [*zone_events, *told, *held, *stale_watches, *stale_events]
    return RoundResult(
        claim=this.claim,
        cycle=cycle,
        zones=zones,
        states=states,
        gaps_opened=opened,
        gaps_closed=closed,
        stale_told=stale_told,
        events=events,
        notifications=notify(events, this.inventory.customers, this.routing, this.every + this.policy.mass_grace_for),
        unstable=unstable,
        held_back=_keys(this, states, doubted, lambda state: state.doubted),
        released=_keys(this, states, _once_doubted(before), lambda state: not state.doubted),
        holds=holds,
    )


def _tried(this: Round, before: RoundLoad, looked: Looked) -> RoundResult:
    """A list on trial opens nothing, so that nothing of it can be told. What it would have said is in the figures of
    its rounds, and when it goes live it begins as one that was never asked."""
    zones, zone_events = _fold_zones(this, before, looked.batches)
    cycle = _cycle(this, _believe(looked.main, zones, before))
    return RoundResult(this.claim, cycle, zones, {}, events=[hushed(event) for event in zone_events])


def suspects(this: Round, before: RoundLoad, batch: Batch) -> list[Subject]:
    """Those that a second look would settle."""
    if not this.blocklist.accuses or this.dry_run:
        return []
    return [
        subject
        for subject, look in batch.noteworthy(())
        if is_listing(look.verdict) and _after(this, before, subject, [look])[0].phase is Phase.SUSPECTED
    ]


def _fold_zones(this: Round, before: RoundLoad, batches: Sequence[Batch]) -> tuple[dict[str, ZoneState], list[Event]]:
    """A way is judged once, by the worst that was seen on it, however often it was asked."""
    seen_on: dict[str, list[Batch]] = defaultdict(list)
    for batch in batches:
        if batch.asked:
            seen_on[batch.path].append(batch)
    zones: dict[str, ZoneState] = {}
    events: list[Event] = []
    for path, seen in seen_on.items():
        state, test = zone_of(before, path), reduce(worse, (batch.test for batch in seen))
        list_path, at = ListPath(this.blocklist.id, path), seen[0].started_at
        bad = frozenset(kind for batch in seen for kind, each in batch.tests.items() if each.failed)
        after, happened = zone_health.fold(state, list_path, at, test, this.policy.health, bad)
        if after != state:
            zones[path] = after
        events += happened
    return zones, [_with_the_other_way(event, batches) for event in events]


def _with_the_other_way(event: Event, batches: Sequence[Batch]) -> Event:
    """Where a list refuses us, by which way it is asked instead, if any."""
    if event.kind is not EventKind.LIST_BLIND:
        return event
    instead = next((batch.path for batch in batches if batch.subjects and not batch.test.failed), None)
    return replace(event, facts={**event.facts, "instead": instead})


def _believe(batch: Batch, zones: Mapping[str, ZoneState], before: RoundLoad) -> Batch:
    """A quarantined list is asked, so that it can come back, and not believed until it has."""
    zone = zones.get(batch.path) or zone_of(before, batch.path)
    if zone.health is not Health.QUARANTINED:
        return batch
    why = TestResult(Outcome.NONSENSE, f"quarantined since {zone.since:%Y-%m-%d %H:%M} UTC: {zone.detail}")
    ill = zone.bad_kinds or frozenset(batch.tests)
    tests = {kind: why if test.passed and kind in ill else test for kind, test in batch.tests.items()}
    return replace(batch, tests=tests)


def _doubted(before: RoundLoad, looked: Looked) -> dict[Subject, ListingState]:
    """A way that was caught lying before and goes on with it is no news of the list."""
    found_out = [batch for batch in looked.batches if not zone_of(before, batch.path).lies]
    lying = frozenset(kind for batch in found_out for kind, test in batch.tests.items() if test.lies)
    if not lying:
        return {}
    caught_at = looked.main.started_at
    return doubt(before.states, lying, doubted_since(before.verified_at, caught_at), caught_at)


def _once_doubted(before: RoundLoad) -> list[Subject]:
    return [subject for subject, state in before.states.items() if state.doubted]


def _keys(
    this: Round,
    states: Mapping[Subject, ListingState],
    among: Iterable[Subject],
    wanted: Callable[[ListingState], bool],
) -> list[str]:
    """The episodes of those that are listed, and as wanted, after this round."""
    after = ((subject, states[subject]) for subject in among if subject in states)
    return [
        listing.opening_key(Watch(this.blocklist.id, subject), state.opened_at)
        for subject, state in after
        if state.phase is Phase.LISTED and state.opened_at is not None and wanted(state)
    ]


def _fold_watches(
    this: Round, before: RoundLoad, main: Batch, seconds: Sequence[Batch]
) -> tuple[dict[Subject, ListingState], list[Event]]:
    if not this.blocklist.accuses:
        return {}, []
    again: dict[Subject, list[Look]] = defaultdict(list)
    for batch in seconds:
        for subject, look in batch.looks():
            again[subject].append(look)
    states: dict[Subject, ListingState] = {}
    events: list[Event] = []
    for subject, look in main.noteworthy({subject.value for subject in before.states}):
        after, happened = _after(this, before, subject, [look, *again[subject]])
        if after is not before.states.get(subject, _UNKNOWN):
            states[subject] = after
        events += happened
    return states, events


_UNKNOWN = ListingState()


def _after(this: Round, before: RoundLoad, subject: Subject, looks: Sequence[Look]) -> tuple[ListingState, list[Event]]:
    """Rounds over a list follow each other, so that a state can be ahead of us only when the clock was."""
    state = listing.from_the_future(before.states.get(subject, _UNKNOWN), looks[0].at)
    events: list[Event] = []
    for look in looks:
        state, happened = listing.fold(state, Watch(this.blocklist.id, subject), look, this.policy.listing)
        events += happened
    return state, events


def _words(
    this: Round,
    before: RoundLoad,
    states: Mapping[Subject, ListingState],
    events: Sequence[Event],
    main: Batch,
    shares: MailShares | None,
) -> tuple[list[Event], dict[Subject, Unstable | None]]:
    """The events about watches as they are written and told, and the watches that come and go."""
    if not events and not before.unstable:
        return [], {}
    policy, holdings = this.policy.flapping, this.inventory.holdings
    events = [_hit(this, about(_worth_telling(this, event), this.blocklist, holdings), shares) for event in events]
    events = [with_first_look(event, holdings, before.verified_at) for event in events]
    calmed, changes = flapping.calm(events, before.unstable, before.openings, policy)
    unstable: dict[Subject, Unstable | None] = {**changes}
    if this.full and before.unstable:
        unstable |= dict.fromkeys(before.unstable.keys() - set(this.subjects))  # held no more: forgotten
        still = _verified(main, {each: known for each, known in before.unstable.items() if each not in changes})
        after, at = {**before.states, **states}, main.started_at
        for subject, event in flapping.settled(this.blocklist.id, still, after, at, policy):
            unstable[subject] = None
            calmed.append(about(event, this.blocklist, holdings))
    told = incidents.gather(this.blocklist, calmed, this.watched, this.domain_of)
    told = told if this.blocklist.leads else [hushed(event) for event in told]
    return [*told, *unexplained(this.blocklist.id, told)], unstable


def _hit(this: Round, event: Event, shares: MailShares | None) -> Event:
    """How much of the mail it hits, whether it is our own that may be refused, and which list says the same."""
    if event.subject is None:
        return event
    facts = {**event.facts}
    if event.subject.value in this.own_domains:
        facts["own_from"] = True
    if this.blocklist.part_of is not None:
        facts["part_of"] = this.blocklist.part_of
    if shares is not None and event.kind is not EventKind.LISTING_CLOSED:
        facts |= shares.hit(event.subject)
    return replace(event, facts=facts)


def _worth_telling(this: Round, event: Event) -> Event:
    """Codes that come and go without making a listing worse or better are kept, and told to nobody."""
    if event.kind is not EventKind.LISTING_CHANGED:
        return event
    before = judge(this.blocklist, Answer(Reply.ANSWER, tuple(event.facts["codes_before"])))
    return hushed(event) if before.impact == event.facts["impact"] else event


def _verified(main: Batch, unstable: Mapping[Subject, Unstable]) -> dict[Subject, Unstable]:
    return {
        subject: unstable[subject]
        for subject, look in main.noteworthy({subject.value for subject in unstable})
        if subject in unstable and look.verifiable and look.verdict.outcome.conclusive
    }


def _fold_gaps(this: Round, before: RoundLoad, main: Batch) -> tuple[list[Gap], list[Subject], list[Event]]:
    """Single watches without a conclusive answer while their list was well."""
    opened: list[Gap] = []
    closed: list[Subject] = []
    stale: list[Gap] = []
    for subject, look in main.noteworthy({subject.value for subject in before.gaps}):
        if not main.tests[subject.kind].passed:
            continue
        gap = before.gaps.get(subject)
        if look.verdict.outcome.conclusive:
            closed += [subject] if gap is not None else []
        elif gap is None:
            watch = Watch(this.blocklist.id, subject)
            opened.append(Gap(watch, look.at, None, look.verdict.outcome, look.verdict.detail))
        elif look.at - gap.since >= this.policy.stale_after(this.every):
            stale.append(gap)
    return opened, closed, watches_stale(this.blocklist.id, stale, main.finished_at) if this.full else []


def _cycle(this: Round, main: Batch) -> Cycle:
    count = main.count()
    passed = tuple(kind for kind, test in main.tests.items() if test.passed)
    verified = bool(passed) and not main.test.failed
    return Cycle(
        this.blocklist.id,
        main.path,
        main.started_at,
        main.finished_at,
        verified=verified,
        kinds_verified=passed,
        full=this.full,
        vouches_until=main.started_at + this.every,
        due=len(main.subjects),
        listed=count[Outcome.LISTED],
        clear=count[Outcome.CLEAR],
        refused=count[Outcome.REFUSED],
        unreachable=count[Outcome.UNREACHABLE],
        nonsense=count[Outcome.NONSENSE],
        detail=None if verified else main.test.detail,
    )


def _staleness(this: Round, before: RoundLoad, cycle: Cycle) -> tuple[bool, list[Event]]:
    """Silence of a whole list is an event of its own, told once, until the list is verified again."""
    if not this.full or cycle.verified:
        return before.stale_told and not cycle.verified, []
    since = before.last_verified_at or _failing_since(before)
    patience_for = this.policy.stale_after(this.every)
    if before.stale_told or since is None or cycle.started_at - since < patience_for:
        return before.stale_told, []
    return True, [list_stale(this.blocklist.id, since, cycle.started_at, cycle.detail, cycle.due)]


def _failing_since(before: RoundLoad) -> datetime | None:
    failing = [
        zone.since
        for zone in before.zones.values()
        if zone.since is not None and zone.health in (Health.FAILING, Health.QUARANTINED)
    ]
    return min(failing, default=None)
