"""What a source counted itself, day by day, beside what was counted from events.

A platform's own statistics tell of senders whose events nobody sends us. They are used by whole days (UTC) that were
over when they were told of, and of a sender and day of which another source told events they are left aside: events say
more, and to add both would count mail twice. Beside events of the same source, whichever saw most counts, as between
any two (`core.told_twice`): they are a space of their own.

One source may have stated the same mail in several groupings (by IP; by IP and campaign). Rows of one grouping add up,
and of several that one is taken which has most of the mail.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from deliverwatch.core.delivery import FactCounts, FactKey, Measure
from deliverwatch.core.mail_share import Attempts
from deliverwatch.core.told_twice import Spaces

_DAY = timedelta(days=1)
_GROUPED_BY = ("ip", "provider", "domain", "pool", "campaign", "subaccount")

Stated = tuple[str, Measure]
"""With its source."""


class _Told(NamedTuple):
    """Of one sender and day, which spaces told events of its mail, and of complaints about it."""

    mail: set[str]
    complaints: set[str]


_Covered = Mapping[tuple[str, date], _Told]


def attempts_of_days(stated: Iterable[Stated], told: Iterable[Attempts], on: date, spaces: Spaces) -> list[Attempts]:
    """For one day: `stated` and `told` are of that day."""
    covered = _covered(
        (name, on, spaces.get(each.source, each.source), _has_mail(each), each.complaints is not None)
        for each in told
        for name in (each.ip, each.domain)
    )
    return [
        Attempts(
            each.ip or "",
            each.domain or "",
            each.provider or "",
            _attempted(each),
            each.delivered,
            each.deferred,
            each.complaints,
            _own_space(source),
        )
        for source, each in _uncovered(stated, covered, spaces)
    ]


def facts_of_days(
    stated: Iterable[Stated], told: Iterable[tuple[FactKey, FactCounts]], until: datetime, spaces: Spaces
) -> list[tuple[FactKey, FactCounts]]:
    """For stretches of whole days that end at `until`: of the days that were over then, each stands at the beginning of
    the 24 hours that it is for."""
    covered = _covered(
        (name, key.hour_at.date(), spaces.get(key.source, key.source), _has_mail(counts), counts.complaints is not None)
        for key, counts in told
        for name in (key.ip, key.domain)
    )
    later_by = until - until.replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        (
            FactKey(
                _own_space(source),
                each.ip or "",
                each.provider or "",
                each.domain or "",
                each.pool or "",
                each.campaign or "",
                each.subaccount or "",
                each.starts_at + later_by,
            ),
            FactCounts(_attempted(each), each.delivered, each.deferred, each.bounced, None, each.complaints),
        )
        for source, each in _uncovered(stated, covered, spaces)
        if each.starts_at + later_by + _DAY <= until
    ]


def _covered(told: Iterable[tuple[str, date, str, bool, bool]]) -> _Covered:
    covered: dict[tuple[str, date], _Told] = defaultdict(lambda: _Told(set(), set()))
    for name, on, space, mail, complaints in told:
        if name and mail:
            covered[name, on].mail.add(space)
        if name and complaints:
            covered[name, on].complaints.add(space)
    return covered


def _uncovered(stated: Iterable[Stated], covered: _Covered, spaces: Spaces) -> Iterator[Stated]:
    """What no other source's events cover of them."""
    for source, each in _in_one_grouping(stated):
        own, rest = {spaces.get(source, source)}, each
        told = covered.get((_sender(each), each.starts_at.date()), _Told(set(), set()))
        if told.mail - own:
            rest = rest._replace(attempted=None, delivered=None, deferred=None, bounced=None)
        if told.complaints - own:
            rest = rest._replace(complaints=None)
        if _has_mail(rest) or rest.complaints is not None:
            yield source, rest


def _in_one_grouping(stated: Iterable[Stated]) -> Iterator[Stated]:
    groupings: dict[tuple[str, str, datetime], dict[tuple[bool, ...], list[Measure]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for source, each in stated:
        if _is_a_whole_day(each) and _sender(each):
            by = tuple(getattr(each, name) is not None for name in _GROUPED_BY)
            groupings[source, _sender(each), each.starts_at][by].append(each)
    for (source, _, _), found in groupings.items():
        most = max(found, key=lambda by: (sum(_attempted(each) or 0 for each in found[by]), sum(by), by))
        yield from ((source, each) for each in found[most])


def _is_a_whole_day(each: Measure) -> bool:
    begins = each.starts_at.replace(hour=0, minute=0, second=0, microsecond=0)
    over = each.as_of is None or each.as_of >= each.starts_at + _DAY
    return each.lasts_for == _DAY and each.starts_at == begins and over


def _sender(each: Measure) -> str:
    return each.ip or each.domain or ""


def _attempted(each: Measure) -> int | None:
    """Statistics count messages: those that were delivered and those that bounced are all that were offered."""
    if each.attempted is not None or each.delivered is None or each.bounced is None:
        return each.attempted
    return each.delivered + each.bounced


def _has_mail(counts: Measure | Attempts | FactCounts) -> bool:
    return counts.attempted is not None or counts.delivered is not None


def _own_space(source: str) -> str:
    return f"{source}, its own counts"
