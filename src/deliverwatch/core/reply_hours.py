"""One class of replies and all mail of a sender at a mailbox provider, side by side, hour by hour."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from deliverwatch.core.block import ReplyHour, TrafficHour

_MOST_SAMPLES = 3
_TRIED_IN_AN_HOUR = 12
"""Attempts at one message, at most: Postfix waits five minutes at least (minimal_backoff_time, postconf(5), read
2026-11-26), others longer."""


class Counts(NamedTuple):
    """`verdicts`: the replies of the class, deferred or bounced; `expired`: those of messages that the queue gave up
    on; `retries`: those to messages that had been tried before. `attempted`: never less than the verdicts. `ended`:
    messages that came to their end, delivered or not."""

    verdicts: int = 0
    bounced: int = 0
    expired: int = 0
    retries: int = 0
    attempted: int = 0
    delivered: int = 0
    ended: int = 0

    @property
    def share(self) -> float:
        return self.verdicts / self.attempted if self.attempted else 0.0


class Hour(NamedTuple):
    """`is_measured`: whether any traffic was counted, and not the replies alone."""

    hour_at: datetime
    replies: tuple[ReplyHour, ...]
    counts: Counts
    is_measured: bool = True


def side_by_side(replies: Iterable[ReplyHour], traffic: Iterable[TrafficHour]) -> list[Hour]:
    """In order of time. `replies`: of one class."""
    said: dict[datetime, list[ReplyHour]] = defaultdict(list)
    for reply in replies:
        said[reply.hour_at].append(reply)
    went = {hour.hour_at: hour for hour in traffic}
    return [
        _hour(tuple(sorted(said[at])), went.get(at) or TrafficHour(at, 0, 0, 0, 0)) for at in sorted({*said, *went})
    ]


def total(hours: Iterable[Hour]) -> Counts:
    return Counts(*map(sum, zip(*[hour.counts for hour in hours], strict=True)))


def messages(hours: Sequence[Hour]) -> int:
    """To how many messages the verdicts were given, at least: a bounce ends one, a first attempt begins one, and a
    message is tried again every five minutes at the most. Where nobody tells retries apart, each verdict is one."""
    counts = total(hours)
    busiest = max((hour.counts.verdicts for hour in hours), default=0)
    return max(counts.bounced, counts.verdicts - counts.retries, -(-busiest // _TRIED_IN_AN_HOUR))


def evidence(hours: Sequence[Hour]) -> dict[str, Any]:
    """JSON values: the rules with how often each, counts, and a masked reply of each of the most frequent ones. Where
    no traffic was measured, the share and what it is of are null."""
    counts, is_measured = total(hours), any(hour.is_measured for hour in hours)
    rules: Counter[str] = Counter()
    samples: dict[str, str] = {}
    for reply in (reply for hour in hours for reply in hour.replies):
        rules[reply.rule] += reply.deferred + reply.bounced
        if reply.sample:
            samples.setdefault(reply.rule, reply.sample)
    often: Mapping[str, int] = dict(sorted(rules.items(), key=lambda rule: (-rule[1], rule[0])))
    return {
        "rule": next(iter(often), None),
        "rules": often,
        "replies": counts.verdicts,
        "deferred": counts.verdicts - counts.bounced,
        "bounced": counts.bounced,
        "expired": counts.expired,
        "attempted": counts.attempted if is_measured else None,
        "delivered": counts.delivered if is_measured else None,
        "share": round(counts.share, 4) if is_measured else None,
        "samples": [samples[rule] for rule in often if rule in samples][:_MOST_SAMPLES],
    }


def _hour(replies: tuple[ReplyHour, ...], traffic: TrafficHour) -> Hour:
    return Hour(traffic.hour_at, replies, _counts(replies, traffic), traffic.attempted > 0)


def _counts(replies: Sequence[ReplyHour], traffic: TrafficHour) -> Counts:
    bounced = sum(reply.bounced for reply in replies)
    verdicts = bounced + sum(reply.deferred for reply in replies)
    return Counts(
        verdicts,
        bounced,
        sum(reply.expired for reply in replies),
        sum(reply.retries for reply in replies),
        max(traffic.attempted, verdicts),
        traffic.delivered,
        max(traffic.delivered + traffic.bounced, bounced),
    )
