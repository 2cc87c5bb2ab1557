"""What was verified, and for how long.

One `Cycle` row is written per list and round, whatever it found; a `Gap` opens when one watch gets no conclusive
answer in a round that was otherwise good, and closes at its next conclusive one. From these two follow "last verified"
and the verified share, without a row per check: a watch was verified in a cycle when the cycle was verified and no
gap of that watch covers it. Time without any cycle (a stopped daemon) was not verified either.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from deliverwatch.core.listing import Watch
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.verdict import Outcome

_LATE_RATIO = 1 / 60
"""Of its interval: a minute of an hour."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """One round over one list. `kinds_verified`: the kinds of subjects for which its test points passed before and
    after. `verified`: they passed for every kind that has any. `due`: watches asked. `vouches_until`: when the next one
    is due; what this one found is good until then, whatever the interval is later.

    `full`: all due watches were asked, not only suspects.
    """

    list_id: str
    path: str
    started_at: datetime
    finished_at: datetime
    verified: bool
    kinds_verified: tuple[SubjectKind, ...]
    full: bool
    vouches_until: datetime
    due: int
    listed: int = 0
    clear: int = 0
    refused: int = 0
    unreachable: int = 0
    nonsense: int = 0
    detail: str | None = None

    @property
    def conclusive(self) -> int:
        return self.listed + self.clear


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which one watch got no conclusive answer. `until` None: still so."""

    watch: Watch
    since: datetime
    until: datetime | None
    outcome: Outcome
    detail: str | None


@dataclass(frozen=True, slots=True)
class Span:
    """From `begin` (included) to `end` (excluded)."""

    begin: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return max(self.end - self.begin, timedelta(0))

    def within(self, other: "Span") -> "Span":
        return Span(max(self.begin, other.begin), min(self.end, other.end))


def verified_spans(cycles: Iterable[Cycle], kind: SubjectKind) -> tuple[Span, ...]:
    """The time for which full cycles vouch that subjects of the kind were verified."""
    vouching = [cycle for cycle in cycles if cycle.full and kind in cycle.kinds_verified]
    vouching.sort(key=lambda cycle: cycle.started_at)
    pairs = zip(vouching, [*vouching[1:], None], strict=False)
    return union(Span(this.started_at, _good_until(this, after)) for this, after in pairs)


def _good_until(this: Cycle, after: Cycle | None) -> datetime:
    """A round begins some seconds after it is due. Where a verified one does so, that leaves no hole."""
    allowed_for = (this.vouches_until - this.started_at) * _LATE_RATIO
    if after is None or after.started_at - this.vouches_until > allowed_for:
        return this.vouches_until
    return max(this.vouches_until, after.started_at)


class Rounds:
    """The full rounds over one list. What they vouch for is found once for each kind: it is asked for each range.
    `begin`: of the time that is looked at."""

    def __init__(self, cycles: Iterable[Cycle], begin: datetime) -> None:
        self.all = [cycle for cycle in cycles if cycle.full]
        self._begin = begin
        self._verified = cache(lambda kind: verified_spans(self.all, kind))

    def verified(self, kind: SubjectKind, since: datetime | None = None) -> tuple[Span, ...]:
        """`since`: a round that ran before something was known of cannot have asked about it."""
        if since is None or since <= self._begin:
            return self._verified(kind)
        return verified_spans([cycle for cycle in self.all if cycle.started_at >= since], kind)


NO_ROUNDS = Rounds((), datetime.max.replace(tzinfo=UTC))


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time as spans in order, none empty, no two of which touch."""
    joined: list[Span] = []
    for span in sorted((span for span in spans if span.length), key=lambda span: span.begin):
        if joined and span.begin <= joined[-1].end:
            joined[-1] = Span(joined[-1].begin, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def total(spans: Iterable[Span]) -> timedelta:
    """The length of the union of the spans."""
    return sum((span.length for span in union(spans)), timedelta(0))


def holes(period: Span, spans: Iterable[Span]) -> tuple[Span, ...]:
    """What the spans leave open of the period."""
    covered = union(span.within(period) for span in spans)
    begins = [period.begin, *(span.end for span in covered)]
    ends = [*(span.begin for span in covered), period.end]
    return tuple(Span(begin, end) for begin, end in zip(begins, ends, strict=True) if begin < end)
