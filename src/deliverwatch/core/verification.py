"""How much of one customer's week was verified, list by list.

What is due: every list that is on, accuses and can be verified, for every subject of the customer that it covers, from
the moment we knew of the asset to the end of the holding or of the week, less the time in which somebody else held it
more specifically. What was verified: the part of it that lies within verified cycles (`core.coverage`), less the gaps
of single watches. Both are weighed in watch-hours, so that one silent list over 500 addresses weighs more than one over
5.

A list is named as unverified as soon as it went a whole interval without a verified round, or for more than 5 % of the
time due, or was unverified when the week ended. Shorter breaks (rounds that start some seconds late) count in the
share and are not named.

Where a list neither publishes test points for a kind of subject nor is had as a download, nothing it says of that kind
can ever be verified (RFC 5782 §5). That is no failing of a week: it is named once, and neither due nor in the verdict.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from deliverwatch.core.blocklist import Blocklist, Impact
from deliverwatch.core.coverage import NO_ROUNDS, Cycle, Gap, Rounds, Span, holes, total, union
from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.subjects import Subject, SubjectKind

ENOUGH_VERIFIED_RATIO = 0.95
_ALWAYS = Span(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class UnverifiableList:
    """A list that is on and can open nothing for `kinds`: whatever it answers, there is no proof of it."""

    list_id: str
    list_name: str
    impact: Impact
    kinds: tuple[SubjectKind, ...]


@dataclass(frozen=True, slots=True)
class UnverifiedList:
    """A list that is on, and for how long it could not be verified in the week.

    `not_asked_for`: the part of it in which no round was run. `why`: the latest reason of the rounds that failed, None
    when none did. `at_end`: still so when the week ended.
    """

    list_id: str
    list_name: str
    impact: Impact
    due_for: timedelta
    verified_for: timedelta
    not_asked_for: timedelta
    why: str | None
    at_end: bool

    @property
    def unverified_for(self) -> timedelta:
        return self.due_for - self.verified_for

    @property
    def enough(self) -> bool:
        return not self.at_end and _mostly(self.due_for, self.unverified_for)


@dataclass(frozen=True, slots=True)
class UnverifiedWatch:
    """One subject that a list gave no conclusive answer for, although the list itself was well."""

    subject: Subject
    list_id: str
    list_name: str
    impact: Impact
    due_for: timedelta
    unverified_for: timedelta
    why: str | None
    at_end: bool

    @property
    def enough(self) -> bool:
        return not self.at_end and _mostly(self.due_for, self.unverified_for)


@dataclass(frozen=True, slots=True)
class ListCoverage:
    """`due_for` and `verified_for` in watch-hours."""

    blocklist: Blocklist
    due_for: timedelta
    verified_for: timedelta
    enough: bool
    unverified: UnverifiedList | None
    watches: tuple[UnverifiedWatch, ...]


@dataclass(frozen=True, slots=True)
class Stake:
    """Subjects of one kind that were watched for a customer through the same stretches of the week. `assets`: all that
    cover them, anybody's, past and present."""

    kind: SubjectKind
    count: int
    spans: tuple[Span, ...]
    assets: tuple[Asset, ...]


def can_be_verified(blocklist: Blocklist, kind: SubjectKind) -> bool:
    """A file proves itself, test points or not (`feeds`)."""
    return blocklist.verifiable(kind) or any(kind in feed.kinds for feed in blocklist.feeds)


def unverifiable_kinds(blocklist: Blocklist, kinds: Iterable[SubjectKind]) -> tuple[SubjectKind, ...]:
    """Those that it covers and can prove nothing for."""
    return tuple(sorted(kind for kind in kinds if blocklist.covers(kind) and not can_be_verified(blocklist, kind)))


def held_span(asset: Asset) -> Span:
    """The days of the holding, both included, as instants (UTC)."""
    until_on = asset.until_on or date.max
    begin = datetime.combine(asset.from_on, time(), UTC) if asset.from_on else _ALWAYS.begin
    end = datetime.combine(until_on + timedelta(days=1), time(), UTC) if until_on < date.max else _ALWAYS.end
    return Span(begin, end)


def deciding_spans(assets: Sequence[Asset], customer_id: str) -> Iterator[tuple[Asset, Span]]:
    """Of all the assets that cover one subject those of the customer, each with the time in which it decides."""
    for asset in assets:
        if customer_id in asset.parties:
            closer = [held_span(other) for other in assets if other.is_within(asset)]
            yield from ((asset, span) for span in holes(held_span(asset), closer))


def stakes(holdings: Holdings, customer_id: str, period: Span) -> tuple[Stake, ...]:
    """`holdings`: everybody's."""
    return tuple(
        Stake(block.kind, block.count, spans, block.assets)
        for block in holdings.blocks_of(customer_id)
        if (spans := _watched_spans(block.assets, customer_id, period)) and block.count
    )


def _watched_spans(assets: Sequence[Asset], customer_id: str, period: Span) -> tuple[Span, ...]:
    return union(
        span.within(period).within(Span(asset.added_at or _ALWAYS.begin, _ALWAYS.end))
        for asset, span in deciding_spans(assets, customer_id)
    )


@dataclass(frozen=True, slots=True)
class _Silence:
    """All the time one watch of theirs went without a conclusive answer, out of the time it was due."""

    newest: Gap
    spans: tuple[Span, ...]
    due: tuple[Span, ...]

    @property
    def at_end(self) -> bool:
        return self.spans[-1].end == self.due[-1].end

    def lost_for(self, rounds: Rounds) -> timedelta:
        """The part of it in which the list itself was verified."""
        return total(_cut(self.spans, rounds.verified(self.newest.watch.subject.kind)))


@dataclass(frozen=True, slots=True)
class Coverage:
    """Judges lists for one customer. `rounds`: by list. `holdings` and `gaps`: anybody's; gaps about other subjects, or
    other times, fall away."""

    period: Span
    customer_id: str
    holdings: Holdings
    stakes: Sequence[Stake]
    rounds: Mapping[str, Rounds]
    gaps: Mapping[str, Sequence[Gap]]

    def of(self, blocklist: Blocklist, every: timedelta) -> ListCoverage | None:
        """None when nothing is due: it covers nothing that the customer held, accuses nobody, or can prove nothing."""
        parts = [each for each in self.stakes if blocklist.covers(each.kind) and can_be_verified(blocklist, each.kind)]
        if not parts or not blocklist.accuses:
            return None
        rounds = self.rounds.get(blocklist.id, NO_ROUNDS)
        due = union(span for part in parts for span in part.spans)
        unverified = _unverified_list(blocklist, every, due, self._holes(parts, rounds), rounds.all)
        silences = self._silences(blocklist)
        lost = sum((silence.lost_for(rounds) for silence in silences), timedelta(0))
        return ListCoverage(
            blocklist,
            sum((total(part.spans) * part.count for part in parts), timedelta(0)),
            sum((self._verified_for(part, rounds) * part.count for part in parts), timedelta(0)) - lost,
            _clears(unverified, silences),
            unverified,
            tuple(_unverified_watch(blocklist, each) for each in silences if each.at_end or total(each.spans) >= every),
        )

    def _holes(self, parts: Iterable[Stake], rounds: Rounds) -> tuple[Span, ...]:
        """When any of them was not verified."""
        return union(
            hole
            for part in parts
            for span in part.spans
            for hole in holes(span, rounds.verified(part.kind, span.begin))
        )

    def _verified_for(self, part: Stake, rounds: Rounds) -> timedelta:
        return sum(
            (total(_cut(rounds.verified(part.kind, span.begin), [span])) for span in part.spans),
            timedelta(0),
        )

    def _silences(self, blocklist: Blocklist) -> list[_Silence]:
        by_subject: dict[Subject, list[Gap]] = defaultdict(list)
        for gap in self.gaps.get(blocklist.id, ()):
            if can_be_verified(blocklist, gap.watch.subject.kind):
                by_subject[gap.watch.subject].append(gap)
        found = [
            self._silence(gaps, _watched_spans(self.holdings.of(subject), self.customer_id, self.period))
            for subject, gaps in by_subject.items()
        ]
        return [silence for silence in found if silence.spans]

    def _silence(self, gaps: Sequence[Gap], due: tuple[Span, ...]) -> _Silence:
        spans = [Span(gap.since, gap.until or self.period.end) for gap in gaps]
        return _Silence(max(gaps, key=lambda gap: gap.since), union(_cut(spans, due)), due)


def _cut(spans: Iterable[Span], to: Sequence[Span]) -> list[Span]:
    return [span.within(part) for span in spans for part in to]


def _unverified_list(
    blocklist: Blocklist, every: timedelta, due: Sequence[Span], unverified: Sequence[Span], cycles: Sequence[Cycle]
) -> UnverifiedList | None:
    """None when there is nothing to name."""
    missed_a_round = any(hole.length >= every for hole in unverified)
    at_end = _unverified_at_end(due, unverified, every, cycles)
    if not missed_a_round and not at_end and _mostly(total(due), total(unverified)):
        return None
    failed = [cycle for cycle in cycles if not cycle.verified]
    tried = [Span(cycle.started_at, cycle.vouches_until) for cycle in failed]
    return UnverifiedList(
        blocklist.id,
        blocklist.name,
        blocklist.worst_impact,
        total(due),
        total(due) - total(unverified),
        total(hole for span in unverified for hole in holes(span, tried)),
        max(failed, key=lambda cycle: cycle.started_at).detail if failed else None,
        at_end,
    )


def _unverified_at_end(
    due: Sequence[Span], unverified: Sequence[Span], every: timedelta, cycles: Sequence[Cycle]
) -> bool:
    """A round that is merely some seconds late when the week ends does not count."""
    if not unverified or unverified[-1].end < due[-1].end:
        return False
    newest = max(cycles, key=lambda cycle: cycle.started_at, default=None)
    return unverified[-1].length >= every or newest is None or not newest.verified


def _unverified_watch(blocklist: Blocklist, silence: _Silence) -> UnverifiedWatch:
    gap = silence.newest
    return UnverifiedWatch(
        gap.watch.subject,
        blocklist.id,
        blocklist.name,
        blocklist.worst_impact,
        total(silence.due),
        total(silence.spans),
        gap.detail,
        silence.at_end,
    )


def _clears(unverified: UnverifiedList | None, silences: Iterable[_Silence]) -> bool:
    """Whether "not listed" may be said of all their subjects on this list."""
    if unverified is not None and not unverified.enough:
        return False
    return not any(each.at_end or not _mostly(total(each.due), total(each.spans)) for each in silences)


def _mostly(due_for: timedelta, unverified_for: timedelta) -> bool:
    return due_for - unverified_for >= ENOUGH_VERIFIED_RATIO * due_for
