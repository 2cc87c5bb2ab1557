"""The customer's own mail in their weekly report: what became of it in the week, and in the one before.

Only what left from senders that were this customer's alone on that day is theirs; of what others send from as well,
nothing is told. Two sources may have told of the same mail, so that of each sender and mailbox provider one of them
counts (`core.told_twice`). What no source counts is None, not measured, and never 0.

Logs are late, so that the counts of a week can grow for some days after its end: until then they are provisional.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from deliverwatch.core.coverage import Span
from deliverwatch.core.delivery import FactCounts, FactKey
from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.own_counts import Stated, facts_of_days
from deliverwatch.core.subjects import expand, parse_subject
from deliverwatch.core.told_twice import Spaces, most
from deliverwatch.core.verification import held_span
from deliverwatch.core.warmup.run import SETTLED_AFTER

Counted = tuple[FactKey, FactCounts]


class WeekMail(NamedTuple):
    """Attempts and what became of them. None: not measured."""

    attempted: int | None = None
    delivered: int | None = None
    deferred: int | None = None
    bounced: int | None = None

    @property
    def is_measured(self) -> bool:
        return any(each is not None for each in self)


NOT_MEASURED = WeekMail()


def can_grow(covered: Span, made_at: datetime) -> bool:
    return made_at < covered.end + SETTLED_AFTER


def names_within(customer_id: str, assets: Iterable[Asset], span: Span) -> set[str]:
    """All addresses and domains that were theirs alone at some time in the span, to load what was counted of them."""
    theirs = (asset for asset in assets if asset.parties == (customer_id,) and held_span(asset).within(span).length)
    return {subject.value for asset in theirs for subject in expand(asset.name)}


def counted_in(
    span: Span, zone: ZoneInfo, told: Iterable[Counted], stated: Iterable[Stated], spaces: Spaces
) -> list[Counted]:
    """`told`: by events, hour by hour. `stated`: by sources of their own, of days (UTC): those of the week's dates."""
    first, end = (moment.astimezone(zone).date() for moment in (span.begin, span.end))
    hours = [each for each in told if span.begin <= each[0].hour_at < span.end]
    days = [each for each in stated if first <= each[1].starts_at.date() < end]
    return [*hours, *facts_of_days(days, hours, span.end, spaces)]


def week_mail(customer_id: str, holdings: Holdings, counted: Iterable[Counted], spaces: Spaces) -> WeekMail:
    """`holdings`: everybody's. `counted`: of the week."""
    senders: dict[tuple[str, str], list[Counted]] = defaultdict(list)
    for key, counts in _theirs(customer_id, holdings, counted):
        senders[key.provider, key.ip or key.domain].append((key, counts))
    found = [_of_sender(some, spaces) for some in senders.values()]
    return WeekMail(*map(_sum, zip(*found, strict=True))) if found else NOT_MEASURED


def _theirs(customer_id: str, holdings: Holdings, counted: Iterable[Counted]) -> Iterator[Counted]:
    @cache
    def is_theirs(name: str, day: date) -> bool:
        try:
            return bool(name) and holdings.parties(parse_subject(name), day) == (customer_id,)
        except ValueError:  # a name that only a log could hold
            return False

    for key, counts in counted:
        day = key.hour_at.date()
        if is_theirs(key.ip, day) or is_theirs(key.domain, day):
            yield key, counts


def _of_sender(counted: Iterable[Counted], spaces: Spaces) -> WeekMail:
    named = [(spaces.get(key.source, key.source), counts) for key, counts in counted]
    chosen = most((space, each.delivered if each.attempted is None else each.attempted) for space, each in named)
    theirs = [each for space, each in named if space == chosen]
    return WeekMail(*(_sum(getattr(each, name) for each in theirs) for name in WeekMail._fields))


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
