"""The hours that are judged: the newest ones of everybody, and older ones of those in trouble since then.

A block may stay open for a hundred days, since silence does not end it. It is judged from the day before it opened, so
that its windows are those of its beginning; everybody else is not loaded from then because of that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from deliverwatch.core.block import Episode, EpisodeKind, ReplyHour, TrafficHour
from deliverwatch.core.delivery import FactCounts, FactKey
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.judging import JUDGED
from deliverwatch.core.told_twice import Spaces
from deliverwatch.flows.delivery_ports import EpisodeStore
from deliverwatch.flows.sender_hours import Case, Verdicts, all_hours, cases_of, mail_of, sources_of, traffic_of

_DAY = timedelta(days=1)


class JudgedHours:
    """`since`: from when on everybody is judged; `earlier`: those who are from longer ago, and from when."""

    def __init__(self, since: datetime, earlier: Mapping[Case, datetime], holdings: Holdings, spaces: Spaces) -> None:
        self._since, self._earlier = since, earlier
        self._holdings, self._spaces = holdings, spaces
        self._replies: dict[Case, list[ReplyHour]] = defaultdict(list)
        self._names: dict[Case, set[str]] = defaultdict(set)
        self._facts: list[tuple[FactKey, FactCounts]] = []

    async def load(self, store: EpisodeStore, going_on: Iterable[Case]) -> None:
        """`going_on`: who is judged although nothing was said to them lately."""
        for case in going_on:
            self._names[case].add(case.subject.value)
        self._add(await store.verdicts(self._since, JUDGED))
        first = min(self._earlier.values(), default=self._since)
        named = {case.subject.value for case in self._earlier}
        if named:
            self._add(await store.verdicts(first, JUDGED, named, self._since))
            named = set().union(*(self._names[case] for case in self._earlier))
            self._facts += await store.traffic(first, named, self._since)
        self._facts += await store.traffic(self._since, set().union(*self._names.values()))

    def by_case(self) -> dict[Case, "CaseHours"]:
        traffic, sources = traffic_of(self._facts, self._spaces), sources_of(self._facts)
        return {
            case: CaseHours(
                [hour for hour in self._replies.get(case, ()) if hour.hour_at >= self._from(case)],
                self._traffic(case, traffic),
                frozenset().union(*(sources.get((case.provider, name), ()) for name in self._names[case])),
            )
            for case in self._names
        }

    def _add(self, verdicts: Verdicts) -> None:
        names = mail_of(verdicts, self._holdings)
        for case, hours in cases_of(verdicts, self._holdings, self._spaces).items():
            self._replies[case] += hours
            self._names[case] |= {case.subject.value, *names.get(case, ())}

    def _traffic(self, case: Case, traffic: Mapping[tuple[str, str], list[TrafficHour]]) -> list[TrafficHour]:
        hours = all_hours(traffic.get((case.provider, name), ()) for name in sorted(self._names[case]))
        return [hour for hour in hours if hour.hour_at >= self._from(case)]

    def _from(self, case: Case) -> datetime:
        """An address in trouble for long may have older replies that are about somebody else."""
        return self._earlier.get(case, self._since)


class CaseHours(NamedTuple):
    """`sources`: which told of its traffic."""

    replies: list[ReplyHour]
    traffic: list[TrafficHour]
    sources: frozenset[str]


def begun_before(since: datetime, going_on: Iterable[Episode]) -> dict[Case, datetime]:
    """Those with an open episode that began before `since` had begun for a day, and from when they are judged."""
    earlier: dict[Case, datetime] = {}
    for each in going_on:
        if each.kind is not EpisodeKind.WARNING and each.opened_at - _DAY < since:
            case, begins = Case(each.provider, each.subject), each.opened_at - _DAY
            earlier[case] = min(earlier.get(case, begins), begins).replace(minute=0, second=0, microsecond=0)
    return earlier
