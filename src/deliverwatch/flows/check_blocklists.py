"""One round over one list: due watches -> looks -> events.

Load what is believed of the list, look (the only network step), commit everything the round changed in one
transaction under the slot's fence. A `listed` answer for a watch that is not open yet is looked at a second time at
once where another way to the list is configured; otherwise the daemon comes back when the first answer's time to live
has run out. When much of a list would open at once its test points are asked again, every way there is, before anything
is believed. What follows from the looks is `flows.conclude`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from deliverwatch.core import incidents
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.events import EventKind
from deliverwatch.core.listing import Phase
from deliverwatch.core.subjects import Subject
from deliverwatch.core.verdict import Answer, Outcome, Reply
from deliverwatch.core.zone_health import Health, TestResult, ZoneState, worse
from deliverwatch.flows.conclude import conclude, suspects
from deliverwatch.flows.look import Batch, look_through, probe
from deliverwatch.flows.ports import FEED, Clock, Lookups, RoundLoad, Store
from deliverwatch.flows.rounds import Looked, Round, zone_of

_TEST_QUERIES = 12
"""What a round asks besides its subjects, at most: two points for each of three kinds, before and after."""
_LATEST = datetime.max.replace(tzinfo=UTC)


async def check_blocklist(store: Store, lookups: Lookups, clock: Clock, this: Round) -> Cycle:
    """Raises FenceLost when another worker took the slot over, StoreError when the database fails."""
    before = await store.load_round(this.blocklist.id, clock.now() - this.policy.flapping.within)
    looked = await _look(store, lookups, clock, this, before)
    result = conclude(this, before, looked)
    opened = sum(event.kind is EventKind.LISTING_OPENED for event in result.events)
    if incidents.is_mass(opened, this.watched):
        looked = await _with_test_points_again(lookups, clock, this, before, looked)
        result = conclude(this, before, looked)
    if opened and this.shares is not None:
        result = conclude(this, before, looked, await this.shares())
    await store.commit_round(result)
    return result.cycle


async def _look(store: Store, lookups: Lookups, clock: Clock, this: Round, before: RoundLoad) -> Looked:
    ways = [path for path in lookups.paths_for(this.blocklist) if _may_be_asked(this, before, path, clock)]
    if not ways:
        return Looked(_not_asked(lookups, clock, this, Outcome.REFUSED, _refused(lookups, this, before)))
    granted = await _within_budget(store, clock, this, before, ways)
    if not granted:
        return Looked(_not_asked(lookups, clock, this, Outcome.UNREACHABLE, _spent(this)))
    *others, main = await _first_looks(lookups, clock, this, before, granted, ways)
    if len(granted) < len(this.subjects):
        rest = set(granted)
        main = _with_unasked(main, [subject for subject in this.subjects if subject not in rest], _spent(this))
    seconds = await _second_looks(lookups, clock, this, before, [*others, main])
    await _charge(store, clock, this, [*others, *seconds], main)
    return Looked(main, tuple(others), tuple(seconds))


async def _charge(store: Store, clock: Clock, this: Round, others: Sequence[Batch], main: Batch) -> None:
    """What was asked besides the subjects themselves (other ways, second looks, reasons) is known only now."""
    per_day = this.blocklist.budget.per_day
    if per_day is not None:
        more = [len(batch.subjects) + len(batch.reasons) + _TEST_QUERIES for batch in others if batch.path != FEED]
        await store.take_budget(this.blocklist.id, clock.now().date(), sum(more) + len(main.reasons), per_day)


async def _within_budget(
    store: Store, clock: Clock, this: Round, before: RoundLoad, ways: Sequence[str]
) -> Sequence[Subject]:
    """The subjects for which the day's budget suffices. What is had as a download costs the list's servers nothing."""
    per_day = this.blocklist.budget.per_day
    if per_day is None or FEED in ways:
        return this.subjects
    wanted = len(this.subjects) + _TEST_QUERIES
    granted = await store.take_budget(this.blocklist.id, clock.now().date(), wanted, per_day)
    if granted == wanted:
        return this.subjects
    room = granted - _TEST_QUERIES
    return _part(this, before, room) if room >= len(this.kinds) else []


def _part(this: Round, before: RoundLoad, room: int) -> Sequence[Subject]:
    """Those that have gone without an answer for longest, which is another part each round; and one of each kind,
    since a kind that is asked nothing is not verified at all."""
    begin = int(this.claim.key) * room % len(this.subjects)
    turned = [*this.subjects[begin:], *this.subjects[:begin]]
    turned.sort(key=lambda subject: before.gaps[subject].since if subject in before.gaps else _LATEST)
    firsts = {subject.kind: subject for subject in reversed(turned)}
    return list(dict.fromkeys([*firsts.values(), *turned]))[:room]


def _refused(lookups: Lookups, this: Round, before: RoundLoad) -> str:
    zone = zone_of(before, lookups.paths_for(this.blocklist)[0])
    return f"it refuses us since {zone.stopped_at:%Y-%m-%d %H:%M} UTC: {zone.detail}"


def _spent(this: Round) -> str:
    return f"the day's budget of {this.blocklist.budget.per_day:,} queries is used up: ask the list less often"


def _not_asked(lookups: Lookups, clock: Clock, this: Round, outcome: Outcome, why: str) -> Batch:
    now = clock.now()
    tests = {kind: TestResult(outcome, why) for kind in this.kinds}
    path = lookups.paths_for(this.blocklist)[0]
    return Batch(this.blocklist, path, now, now, tests, this.subjects, [None] * len(this.subjects), asked=False)


def _with_unasked(batch: Batch, subjects: Sequence[Subject], why: str) -> Batch:
    answer = Answer(Reply.TIMEOUT, detail=f"not asked: {why}", asked=False)
    answers = [*batch.answers, *[answer] * len(subjects)]
    return replace(batch, subjects=[*batch.subjects, *subjects], answers=answers)


async def _first_looks(
    lookups: Lookups, clock: Clock, this: Round, before: RoundLoad, subjects: Sequence[Subject], ways: Sequence[str]
) -> list[Batch]:
    """The last batch is the one to use. A path on which the list is quarantined, or refused us when it was asked last,
    is asked for its test points, so that it can come back, and used only when there is no other."""
    listed = {subject.value for subject, state in before.states.items() if state.phase is Phase.LISTED}
    usable = [path for path in ways if not _is_out(zone_of(before, path))]
    if not usable:
        return await look_through(lookups, clock, this.blocklist, subjects, ways, listed)
    out = [path for path in ways if path not in usable]
    probes = [await probe(lookups, clock, this.blocklist, this.kinds, path) for path in out]
    return probes + await look_through(lookups, clock, this.blocklist, subjects, usable, listed)


def _is_out(zone: ZoneState) -> bool:
    return zone.health is Health.QUARANTINED or zone.stopped_at is not None


def _may_be_asked(this: Round, before: RoundLoad, path: str, clock: Clock) -> bool:
    return this.ask_stopped or zone_of(before, path).may_be_asked(clock.now(), this.policy.health)


async def _second_looks(
    lookups: Lookups, clock: Clock, this: Round, before: RoundLoad, batches: Sequence[Batch]
) -> list[Batch]:
    doubtful = suspects(this, before, batches[-1])
    used = {batch.path for batch in batches}
    ways = dict.fromkeys((*lookups.confirm_paths_for(this.blocklist), *lookups.paths_for(this.blocklist)))
    others = [path for path in ways if path not in used and _may_be_asked(this, before, path, clock)]
    if not doubtful or not others:
        return []
    return await look_through(lookups, clock, this.blocklist, doubtful, others)


async def _with_test_points_again(
    lookups: Lookups, clock: Clock, this: Round, before: RoundLoad, looked: Looked
) -> Looked:
    """The way that was used, and every other that was well so far: what one cache repeats from better days another
    does not. A lie on any of them voids the round, as far as it is about to open anything."""
    ways = dict.fromkeys((*lookups.confirm_paths_for(this.blocklist), *lookups.paths_for(this.blocklist)))
    well = [path for path in ways if path == looked.main.path or zone_of(before, path).health is Health.HEALTHY]
    again = [await probe(lookups, clock, this.blocklist, this.kinds, path) for path in well]
    lies = [batch for batch in again if batch.test.lies]
    main = looked.main
    tests = {
        kind: max((worse(test, batch.tests[kind]) for batch in lies if kind in batch.tests), key=_lying, default=test)
        for kind, test in main.tests.items()
    }
    return replace(looked, main=replace(main, tests=tests), others=(*looked.others, *again))


def _lying(test: TestResult) -> bool:
    return test.lies
