"""What the open warm-ups are judged by: their days, with all that is known of each.

Loaded are only the days that may have changed, of a few hundred addresses at a time: one more day costs one day's work,
however long a warm-up has been going on. What is there of all addresses (sources, throttles, a platform's own counts)
is loaded once for all of them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Span
from deliverwatch.core.delivery import FactCounts, FactKey, ReplyCounts, ReplyKey
from deliverwatch.core.own_counts import Stated, facts_of_days
from deliverwatch.core.receivers import Routing
from deliverwatch.core.told_twice import Spaces
from deliverwatch.core.warmup.day import DayInputs
from deliverwatch.core.warmup.days import (
    ACCUSING,
    ONLY_UTC_DAYS,
    TOLD_LATELY_FOR,
    Teller,
    day_counts,
    day_span,
    days_from,
    hours_of,
    why_unknown,
)
from deliverwatch.core.warmup.policy import WarmupPolicy
from deliverwatch.core.warmup.readings import by_ip, is_tracked, reading_of_day, tracked
from deliverwatch.core.warmup.run import Hold, Reading, WarmupRun, WarmupStep
from deliverwatch.flows.delivery_ports import EpisodeStore, IngestStore, SeenSender, SourceState
from deliverwatch.flows.ports import Store
from deliverwatch.flows.warmup_ports import WarmupStore

UTC_ZONE = "UTC"
_DAY = timedelta(days=1)


class RunStore(Store, IngestStore, EpisodeStore, WarmupStore, Protocol):
    """What is needed of the store."""


@dataclass(frozen=True, slots=True)
class WarmupDesk:
    """`operators`: who on our side hears of it. `spaces`: see `core.told_twice`. `counting`: ids of the sources that
    count an address's mail, `set_up` those that bring data by themselves, `streams` those of them that tell as things
    happen. `providers`: names by id of those known; a platform may count by names of its own. `lists`: by id."""

    routing: Routing
    spaces: Spaces = field(default_factory=dict)
    counting: frozenset[str] = frozenset()
    set_up: frozenset[str] = frozenset()
    streams: frozenset[str] = frozenset()
    providers: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, Blocklist] = field(default_factory=dict)
    policy: WarmupPolicy = field(default_factory=WarmupPolicy)


class Wanted(NamedTuple):
    """The days of a run that may have to be judged, `last` included."""

    run: WarmupRun
    first: date
    last: date

    @property
    def span(self) -> Span:
        return Span(day_span(self.first, self.run.zone).begin, day_span(self.last, self.run.zone).end)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is loaded once for all runs. By address, but `states` and `began_at` (the first that it told of), which are
    by source."""

    states: Mapping[str, SourceState]
    began_at: Mapping[str, datetime]
    seen: Mapping[str, list[SeenSender]]
    stated: Mapping[str, list[Stated]]
    throttles: Mapping[str, list[Episode]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is loaded of some runs: by address the facts and replies, by run its holds and steps."""

    facts: Mapping[str, list[tuple[FactKey, FactCounts]]]
    replies: Mapping[str, list[tuple[ReplyKey, ReplyCounts]]]
    readings: Mapping[str, list[Reading]]
    steps: Mapping[str, list[WarmupStep]]


async def load_surroundings(store: RunStore, wanted: Collection[Wanted]) -> Surroundings:
    span = _around(wanted)
    ips = {each.run.ip for each in wanted}
    seen: dict[str, list[SeenSender]] = defaultdict(list)
    began_at: dict[str, datetime] = {}
    for sender in await store.seen_senders(span.begin - TOLD_LATELY_FOR):
        source = sender.key.source
        began_at[source] = min(began_at.get(source, sender.first_at), sender.first_at)
        if sender.key.role == "ip" and sender.key.name in ips:
            seen[sender.key.name].append(sender)
    stated: dict[str, list[Stated]] = defaultdict(list)
    if any(each.run.zone == UTC_ZONE for each in wanted):
        for source, measure in await store.measures(span.begin, span.end):
            if measure.ip in ips:
                stated[measure.ip].append((source, measure))
    throttles: dict[str, list[Episode]] = defaultdict(list)
    for episode in await store.episodes(kinds=[EpisodeKind.THROTTLE], since=span.begin):
        throttles[episode.subject.value].append(episode)
    return Surroundings(await store.source_states(), began_at, seen, stated, throttles)


async def load_days(store: RunStore, wanted: Collection[Wanted]) -> Loaded:
    span = _around(wanted)
    ips = {each.run.ip for each in wanted}
    facts: dict[str, list[tuple[FactKey, FactCounts]]] = defaultdict(list)
    for key, counts in await store.traffic(span.begin, ips, span.end):
        facts[key.ip].append((key, counts))
    replies: dict[str, list[tuple[ReplyKey, ReplyCounts]]] = defaultdict(list)
    for reply, said in await store.verdicts(span.begin, ACCUSING, ips, span.end):
        replies[reply.ip].append((reply, said))
    readings = by_ip(await store.readings(min(each.first for each in wanted) - _DAY, ips))
    steps = await store.warmup_steps([each.run.id for each in wanted])
    return Loaded(facts, replies, readings, steps)


def _around(wanted: Iterable[Wanted]) -> Span:
    spans = [each.span for each in wanted]
    return Span(min(span.begin for span in spans), max(span.end for span in spans))


def inputs_of(
    wanted: Wanted,
    around: Surroundings,
    loaded: Loaded,
    holds: Sequence[Hold],
    desk: WarmupDesk,
    *,
    was_tracked: bool,
) -> list[DayInputs]:
    """Day by day. `was_tracked`: the platform had told a stage before the first of them."""
    run = wanted.run
    mail = _Mail.of(wanted, around, loaded, desk)
    readings = tracked(loaded.readings.get(run.ip, ()), run.started_on)
    steps = loaded.steps.get(run.id, ())
    inputs = []
    for on in days_from(wanted.first, wanted.last):
        span = day_span(on, run.zone)
        facts, replies = mail.on(span)
        inputs.append(
            DayInputs(
                on,
                hours_of(span),
                day_counts(facts, replies, span, desk.spaces, mail.own_sources),
                mail.why_unknown(facts, span),
                holds_at(holds, span.end),
                _throttled(around.throttles.get(run.ip, ()), span),
                tuple(step for step in steps if span.begin <= step.at < span.end),
                reading_of_day(readings, on),
                was_tracked or is_tracked(readings, on),
            )
        )
    return inputs


def holds_at(holds: Iterable[Hold], at: datetime) -> tuple[Hold, ...]:
    """Those in force then, as they stood: what ended or was released later had not, yet."""
    return tuple(
        _as_it_stood(hold, at)
        for hold in holds
        if hold.opened_at < at and (hold.released_at is None or hold.released_at >= at)
    )


def _as_it_stood(hold: Hold, at: datetime) -> Hold:
    if hold.ended_at is None or hold.ended_at < at:
        return replace(hold, released_at=None)
    return replace(hold, ended_at=None, ended_how=None, released_at=None)


def _throttled(throttles: Iterable[Episode], span: Span) -> frozenset[str]:
    return frozenset(
        each.provider
        for each in throttles
        if each.opened_at < span.end and (each.closed_at is None or each.closed_at > span.begin)
    )


@dataclass(frozen=True, slots=True)
class _Mail:
    """What was told of one address's mail over the days that are wanted. `stating`: by UTC day, which sources stated
    counts of their own of it; `own_sources`: the names under which these are counted."""

    facts: Mapping[datetime, list[tuple[FactKey, FactCounts]]]
    replies: Mapping[datetime, list[tuple[ReplyKey, ReplyCounts]]]
    stating: Mapping[datetime, set[str]]
    own_sources: frozenset[str]
    seen: Sequence[SeenSender]
    in_utc: bool
    around: Surroundings
    desk: WarmupDesk

    @classmethod
    def of(cls, wanted: Wanted, around: Surroundings, loaded: Loaded, desk: WarmupDesk) -> "_Mail":
        run, in_utc = wanted.run, wanted.run.zone == UTC_ZONE
        told = _counted(loaded.facts.get(run.ip, ()), desk.counting)
        stated = around.stated.get(run.ip, []) if in_utc else []
        own = _own_facts(stated, told, wanted.span.end, desk)
        facts, replies, stating = defaultdict(list), defaultdict(list), defaultdict(set)
        for fact in (*told, *own):
            facts[fact[0].hour_at].append(fact)
        for reply in loaded.replies.get(run.ip, ()):
            replies[reply[0].hour_at].append(reply)
        own_days = {key.hour_at for key, _ in own}
        for source, measure in stated:
            if measure.starts_at in own_days:
                stating[measure.starts_at].add(source)
        own_sources = frozenset(key.source for key, _ in own)
        seen = around.seen.get(run.ip, ())
        return cls(facts, replies, stating, own_sources, seen, in_utc, around, desk)

    def on(self, span: Span) -> tuple[list[tuple[FactKey, FactCounts]], list[tuple[ReplyKey, ReplyCounts]]]:
        hours = [span.begin + number * timedelta(hours=1) for number in range(hours_of(span))]
        facts = [fact for hour in hours for fact in self.facts.get(hour, ())]
        return facts, [reply for hour in hours for reply in self.replies.get(hour, ())]

    def why_unknown(self, facts: Iterable[tuple[FactKey, FactCounts]], span: Span) -> str | None:
        of_day = {key.source for key, counts in facts if _has_mail(counts)} - self.own_sources
        of_day |= self.stating.get(span.begin, set())
        lately = {
            each.key.source: each.count > 0
            for each in self.seen
            if each.key.source in self.desk.counting
            and each.first_at < span.end
            and each.last_at >= span.end - TOLD_LATELY_FOR
        }
        telling = {source for source, from_events in lately.items() if from_events or self.in_utc}
        if lately and not telling and not of_day:
            return ONLY_UTC_DAYS
        return why_unknown(span, self._tellers(of_day), self._tellers(telling or self._anybody(span)))

    def _anybody(self, span: Span) -> frozenset[str]:
        """Who would tell of the address if it sent: what brings data by itself, and what was read lately."""
        alive = {
            source
            for source, state in self.around.states.items()
            if state.last_event_at is not None and state.last_event_at >= span.end - TOLD_LATELY_FOR
        }
        return self.desk.counting & (self.desk.set_up | alive)

    def _tellers(self, sources: Iterable[str]) -> list[Teller]:
        return [self._teller(source) for source in sorted(sources)]

    def _teller(self, source: str) -> Teller:
        state = self.around.states.get(source, SourceState(source))
        return Teller(
            source,
            self.desk.spaces.get(source, source),
            state.last_ingest_at,
            state.last_event_at,
            state.failed_since,
            state.failure,
            source in self.desk.streams,
            self.around.began_at.get(source),
        )


def _counted(
    facts: Sequence[tuple[FactKey, FactCounts]], counting: Collection[str]
) -> list[tuple[FactKey, FactCounts]]:
    """Of a source that leaves out from where deliveries left, the complaints alone; one delivery is proof that the
    settings give it."""
    proven = {key.source for key, counts in facts if counts.delivered} | set(counting)
    return [
        (key, counts if key.source in proven else FactCounts(complaints=counts.complaints)) for key, counts in facts
    ]


def _own_facts(
    stated: Sequence[Stated], told: Iterable[tuple[FactKey, FactCounts]], until: datetime, desk: WarmupDesk
) -> list[tuple[FactKey, FactCounts]]:
    """Statistics count messages, so that none of them is a retry."""
    return [
        (
            key._replace(provider=key.provider if key.provider in desk.providers else ""),
            counts if counts.attempted is None else counts._replace(retries=0),
        )
        for key, counts in facts_of_days(stated, told, until, desk.spaces)
    ]


def _has_mail(counts: FactCounts) -> bool:
    return counts.attempted is not None or counts.delivered is not None
