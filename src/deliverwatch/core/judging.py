"""From hours of replies and traffic to episodes: one mailbox provider, one sender.

Each class of replies that accuses the sender is followed through the hours by itself. Nothing opens on a reply that
speaks of the message (`content_block`), of one receiver's rule (`policy`) or of a public list (`dnsbl_cited`: that list
is looked at instead).

    nothing ──verdicts pass their share, mail ends or starves──> block ──accepted again──> nothing
       └────verdicts pass their share, mail still arrives──> throttle ──persists, or mail expires──> block

Hours are the grain: times are beginnings of hours, and since nobody knows what came first within one, an hour whose own
verdicts pass the share counts for nothing towards an end. What is open already, because it was told, stands
(`standing`): late traffic may show that it was a smaller share than was thought, but only acceptance ends it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from deliverwatch.core.block import (
    Episode,
    EpisodeEnd,
    EpisodeKind,
    JudgingPolicy,
    ReplyHour,
    TrafficHour,
    episode_key,
)
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.reply_hours import Hour, evidence, messages, side_by_side, total
from deliverwatch.core.subjects import Subject
from deliverwatch.core.urgency import is_urgent
from deliverwatch.core.wilson import lower_bound

BLOCKING = frozenset({ReplyClass.IP_BLOCK, ReplyClass.DOMAIN_BLOCK})
JUDGED = BLOCKING | {ReplyClass.RATE_LIMIT, ReplyClass.AUTH_FAILURE}
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(slots=True)
class _Recovery:
    """What the provider took since the last bad hour."""

    attempted: int = 0
    verdicts: int = 0
    delivered: int = 0
    first_at: datetime | None = None


@dataclass(slots=True)
class _Running:
    kind: EpisodeKind
    opened_at: datetime
    last_seen_at: datetime
    hours: list[Hour]
    recovery: _Recovery = field(default_factory=_Recovery)


def judge(
    provider: str,
    subject: Subject,
    replies: Iterable[ReplyHour],
    traffic: Iterable[TrafficHour],
    policy: JudgingPolicy,
    standing: Iterable[Episode] = (),
    after: datetime | None = None,
) -> tuple[Episode, ...]:
    """The episodes, oldest first, whatever order the hours come in. `standing`: those open as far as anybody was told.
    `after`: only hours later than that are looked at, and what stands since then."""
    by_class: dict[ReplyClass, list[ReplyHour]] = defaultdict(list)
    for reply in replies:
        if reply.class_ in JUDGED and (after is None or reply.hour_at > after):
            by_class[reply.class_].append(reply)
    stands = {each.class_: each for each in standing if each.class_ is not None and _stands(each, after)}
    moved = [hour for hour in traffic if after is None or hour.hour_at > after]
    found: list[Episode] = []
    for class_ in sorted({*by_class, *stands}):
        hours = side_by_side(by_class[class_], moved)
        found += _of_class(provider, subject, class_, policy, hours, stands.get(class_))
    return tuple(sorted(found, key=lambda each: (each.opened_at, each.key)))


def _stands(told: Episode, after: datetime | None) -> bool:
    return told.closed_at is None and (after is None or told.opened_at >= after)


def _of_class(
    provider: str,
    subject: Subject,
    class_: ReplyClass,
    policy: JudgingPolicy,
    hours: Sequence[Hour],
    told: Episode | None,
) -> list[Episode]:
    """What was told is taken for given only where the hours would not show it any more."""
    found = _Followed(provider, subject, class_, policy, None).through(hours)
    shows = told is None or any(_goes_on(each, told) for each in found)
    return found if shows else _Followed(provider, subject, class_, policy, told).through(hours)


def _goes_on(found: Episode, told: Episode) -> bool:
    """A block may turn out to have been one already when a throttle was told; the other way round it stays a block."""
    of_kind = found.kind is told.kind or told.kind is EpisodeKind.THROTTLE
    return of_kind and (found.closed_at is None or found.closed_at >= told.opened_at)


class _Followed:
    """One class of replies through the hours."""

    def __init__(
        self, provider: str, subject: Subject, class_: ReplyClass, policy: JudgingPolicy, standing: Episode | None
    ) -> None:
        self._provider, self._subject, self._class, self._policy = provider, subject, class_, policy
        self._standing = standing
        self._running: _Running | None = None
        self._since: list[Hour] = []  # hours since the last episode ended
        self._starved: list[Hour] = []  # those with verdicts since the last delivery
        self._over: list[Episode] = []

    def through(self, hours: Iterable[Hour]) -> list[Episode]:
        for hour in hours:
            self._since.append(hour)
            self._starve(hour)
            self._stand(hour.hour_at)
            self._step(hour)
        self._stand(None)
        if self._running is not None:
            self._over.append(self._episode(self._running, None, None))
        return self._over

    def _starve(self, hour: Hour) -> None:
        if hour.counts.delivered:
            self._starved = []
        elif hour.counts.verdicts:
            self._starved.append(hour)

    def _stand(self, at: datetime | None) -> None:
        """What was told begins when it was told to begin, at the latest. None: no hours are left."""
        told = self._standing
        if told is None or (at is not None and told.opened_at > at):
            return
        self._standing = None
        if self._running is None:
            self._running = _Running(told.kind, told.opened_at, told.last_seen_at if at is None else told.opened_at, [])
        elif self._running.kind is EpisodeKind.THROTTLE and told.kind is EpisodeKind.BLOCK:
            self._becomes_block(told.opened_at, self._since[:-1])

    def _step(self, hour: Hour) -> None:
        if self._running is None:
            if hour.counts.verdicts and (found := self._opening()) is not None:
                kind, first = found
                inside = [each for each in self._since if each.hour_at >= first]
                self._running = _Running(kind, first, hour.hour_at, inside)
            return
        self._running.hours.append(hour)
        if hour.counts.verdicts:
            self._running.last_seen_at = max(hour.hour_at, self._running.last_seen_at)
        if self._running.kind is EpisodeKind.THROTTLE and self._ends_mail(hour):
            self._becomes_block(hour.hour_at, self._since)
        elif self._accepts_again(self._running, hour):
            self._over.append(self._episode(self._running, hour.hour_at, _ACCEPTED[self._running.kind]))
            self._running, self._since, self._starved = None, [], []

    def _becomes_block(self, at: datetime, hours: Iterable[Hour]) -> None:
        assert self._running is not None
        self._over.append(self._episode(self._running, at, EpisodeEnd.BECAME_BLOCK))
        self._running = _Running(EpisodeKind.BLOCK, at, at, [each for each in hours if each.hour_at >= at])

    def _opening(self) -> tuple[EpisodeKind, datetime] | None:
        """What the verdicts up to the newest hour amount to, and the hour of the first of them."""
        if self._class is ReplyClass.AUTH_FAILURE:
            return EpisodeKind.FINDING, self._since[-1].hour_at
        if self._class in BLOCKING and (began := self._blocked()) is not None:
            return EpisodeKind.BLOCK, began
        passing = next((window for window in self._windows() if self._passes(window)), None)
        if passing is None:
            return None
        given_up = self._class not in BLOCKING and self._expires()
        return EpisodeKind.BLOCK if given_up else EpisodeKind.THROTTLE, _first(passing)

    def _blocked(self) -> datetime | None:
        """Since when mail is blocked: some of it ended, or nothing got through for hours."""
        ending = (window for window in self._windows() if total(window).bounced and self._passes(window))
        if (window := next(ending, None)) is not None:
            return _first(window)
        starved = self._starved
        if not starved or total(starved).verdicts < self._policy.starved_verdicts:
            return None
        lasted_for = starved[-1].hour_at - _first(starved)
        return _first(starved) if lasted_for >= self._policy.starved_for and self._passes(starved) else None

    def _windows(self) -> Iterable[list[Hour]]:
        """The newest hours, from the shortest stretch on."""
        return map(self._within, self._policy.windows)

    def _within(self, window_for: timedelta) -> list[Hour]:
        newest = self._since[-1].hour_at
        return [hour for hour in self._since[-(window_for // _HOUR) :] if newest - hour.hour_at < window_for]

    def _passes(self, hours: Sequence[Hour]) -> bool:
        """By attempts; and they must be of several messages, which may have been tried first the day before."""
        counts = total(hours)
        least, ratio = self._policy.throttle_verdicts, self._policy.throttle_ratio
        if self._class in BLOCKING:
            least, ratio = self._policy.block_verdicts, self._block_mark(counts.bounced, self._policy.many_bounced)
        if counts.verdicts < least or lower_bound(counts.verdicts, counts.attempted) < ratio:
            return False
        return messages([each for each in self._since if each.hour_at >= hours[0].hour_at - _DAY]) >= least

    def _block_mark(self, bounced: int, many: float) -> float:
        return self._policy.throttle_ratio if bounced >= many else self._policy.block_ratio

    def _ends_mail(self, hour: Hour) -> bool:
        """Whether a throttle is none any more."""
        assert self._running is not None
        if not hour.counts.verdicts:
            return False
        return self._blocked() is not None if self._class in BLOCKING else self._persists() or self._expires()

    def _persists(self) -> bool:
        assert self._running is not None
        policy = self._policy
        newest = (each for each in reversed(self._running.hours) if each.counts.attempted)
        tried = list(islice(newest, policy.persists_hours))
        counts = total(tried)
        return len(tried) == policy.persists_hours and counts.delivered < policy.enough_ratio * counts.attempted

    def _expires(self) -> bool:
        """Of the mail that came to an end within a day, a share that counts was given up on."""
        counts = total(self._within(_DAY))
        share = lower_bound(counts.expired, max(counts.ended, counts.expired))
        return counts.expired >= self._policy.expired_messages and share >= self._policy.throttle_ratio

    def _accepts_again(self, running: _Running, hour: Hour) -> bool:
        """Never by silence: it takes deliveries, spread over hours, and hardly a verdict meanwhile."""
        recovery, tolerated = running.recovery, self._tolerated(running.kind)
        attempted, verdicts = recovery.attempted + hour.counts.attempted, recovery.verdicts + hour.counts.verdicts
        if hour.counts.verdicts and max(hour.counts.share, verdicts / attempted) >= tolerated:
            running.recovery = _Recovery()
            return False
        recovery.attempted, recovery.verdicts = attempted, verdicts
        if not hour.counts.delivered:
            return False
        recovery.delivered += hour.counts.delivered
        recovery.first_at = recovery.first_at or hour.hour_at
        return self._is_enough(running.kind, recovery.delivered, hour.hour_at - recovery.first_at)

    def _tolerated(self, kind: EpisodeKind) -> float:
        if kind is EpisodeKind.FINDING:
            return 0.0
        opens = self._policy.throttle_ratio
        if kind is EpisodeKind.BLOCK:
            many = self._policy.many_bounced * self._policy.over_below
            opens = self._block_mark(total(self._within(_DAY)).bounced, many)
        return opens * self._policy.over_below

    def _is_enough(self, kind: EpisodeKind, delivered: int, lasted_for: timedelta) -> bool:
        policy = self._policy
        if kind is EpisodeKind.FINDING:
            return delivered >= policy.accepted and lasted_for >= policy.mended_for
        few = delivered >= policy.accepted_of_few and lasted_for >= policy.accepted_of_few_for
        return few or (delivered >= policy.accepted and lasted_for >= policy.accepted_for)

    def _episode(self, running: _Running, closed_at: datetime | None, ended: EpisodeEnd | None) -> Episode:
        """`evidence` is of the time up to the last verdict: what came after is the proof of the end."""
        key = episode_key(running.kind, self._provider, self._subject, self._class, running.opened_at)
        inside = [hour for hour in running.hours if hour.hour_at <= running.last_seen_at]
        proof = evidence(inside)
        if running.kind is EpisodeKind.FINDING:
            proof["urgent"] = is_urgent(inside, self._policy)
        if ended in (EpisodeEnd.ACCEPTED, EpisodeEnd.MENDED):
            proof["accepted"] = running.recovery.delivered
            proof["accepted_since"] = running.recovery.first_at.isoformat() if running.recovery.first_at else None
        return Episode(
            key,
            running.kind,
            self._provider,
            self._subject,
            str(self._class),
            self._class,
            running.opened_at,
            running.last_seen_at,
            closed_at,
            ended,
            evidence=proof,
        )


_ACCEPTED = {
    EpisodeKind.BLOCK: EpisodeEnd.ACCEPTED,
    EpisodeKind.THROTTLE: EpisodeEnd.ACCEPTED,
    EpisodeKind.FINDING: EpisodeEnd.MENDED,
}


def _first(hours: Iterable[Hour]) -> datetime:
    return next(hour.hour_at for hour in hours if hour.counts.verdicts)
