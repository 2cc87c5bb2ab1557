"""Warm-ups of one week, for the reports of all customers.

Which runs went on, and whom their addresses concerned on each of its days, is found once for everybody: an installation
has a thousand customers, and most of them warm nothing up. A customer's report then loads the days of their own.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

from deliverwatch.core.coverage import Span
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.warmup.days import days_from
from deliverwatch.core.warmup.run import StepKind, WarmupRun, WarmupStep
from deliverwatch.core.warmup.status import RunWeek
from deliverwatch.flows.load_days import RunStore, WarmupDesk
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.warmup_statuses import as_seen_by, by_place, statuses_of

_Parties = Mapping[date, Sequence[str]]


class RunsOfWeek(NamedTuple):
    """`runs`: by each customer whom the address concerned on any day. `parties`: all of these by run, day by day.
    `first`: the week's first date."""

    first: date
    holdings: Holdings
    runs: Mapping[str, Sequence[WarmupRun]]
    parties: Mapping[str, _Parties]


def runs_of_week(runs: Iterable[WarmupRun], holdings: Holdings, span: Span, zone: ZoneInfo) -> RunsOfWeek:
    """`span`: cut in `zone`; a run in another zone has the days of the same dates. `holdings`: everybody's."""
    first = span.begin.astimezone(zone).date()
    dates = list(days_from(first, (span.end - timedelta(seconds=1)).astimezone(zone).date()))
    parties: dict[str, _Parties] = {}
    by_customer: dict[str, list[WarmupRun]] = defaultdict(list)
    for run in runs:
        subject = parse_subject(run.ip)
        parties[run.id] = {on: holdings.parties(subject, on) for on in _went_on(run, dates)}
        for customer in set(chain.from_iterable(parties[run.id].values())):
            by_customer[customer].append(run)
    return RunsOfWeek(first, holdings, dict(by_customer), parties)


async def run_weeks(
    store: RunStore, clock: Clock, desk: WarmupDesk, customer: str, of_week: RunsOfWeek
) -> list[RunWeek]:
    """A customer's runs that went on in the week, with the days on which the address concerned them."""
    theirs = of_week.runs.get(customer, ())
    if not theirs:
        return []
    days = await store.warmup_days([run.id for run in theirs], of_week.first)
    steps = await store.warmup_steps([run.id for run in theirs])
    weeks = []
    for each in sorted(await statuses_of(store, clock, desk, theirs), key=by_place):
        parties = of_week.parties[each.run.id]
        seen = as_seen_by(customer, each, chain.from_iterable(parties.values()), of_week.holdings, clock.now())
        within = [day for day in days.get(each.run.id, ()) if customer in parties.get(day.result.on, ())]
        released = _released_on(each.run, steps.get(each.run.id, ())) & {day.result.on for day in within}
        weeks.append(RunWeek(seen, ()) if seen.shared else RunWeek(seen, tuple(within), released))
    return weeks


def _released_on(run: WarmupRun, steps: Iterable[WarmupStep]) -> frozenset[date]:
    zone = ZoneInfo(run.zone)
    return frozenset(step.at.astimezone(zone).date() for step in steps if step.kind is StepKind.RELEASED)


def _went_on(run: WarmupRun, dates: Iterable[date]) -> list[date]:
    return [on for on in dates if run.started_on <= on and (run.ended_on is None or on <= run.ended_on)]
