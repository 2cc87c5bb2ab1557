"""Warm-ups as one customer sees them.

What colleagues wrote (who held a run, and in which words), pools, which may be another's, and what went wrong with our
sources are kept from the customer in whose report a run is shown. Of an address that concerns others as well, by turns
or together, its state is told and what holds it, since when and where (`core.shared_sender`); not its counts, nor how
far it has come on which plan, which tells how much they all send. Both copies are made of what may be told; a fact that
is added to runs is kept back until somebody has thought about it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from deliverwatch.core.shared_sender import of_the_sender
from deliverwatch.core.warmup.day import DayResult
from deliverwatch.core.warmup.plan import PlanBasis, WarmupPlan
from deliverwatch.core.warmup.run import WarmupRun
from deliverwatch.core.warmup.status import HoldView, NextDay, RunStatus

_OF_A_GATE = ("found", "of", "above_ratio", "denominator")
_OF_NEWS = frozenset(
    {
        *("before", "stage", "stages", "days", "restart_after_days", "allowed", "delivered"),
        *("on", "end", "cause", "causes", "provider", *_OF_A_GATE),
    }
)
COUNTS_NOT_HERE = "its counts have not reached us"
PLATFORM_NOT_HERE = "its counts, or the sending platform's stage, have not reached us"
_NO_PLAN = WarmupPlan("", "", "", PlanBasis.RESULT, (), "", date.min)


def concerns_others(run: WarmupRun, parties: Iterable[str], customer: str) -> bool:
    """`parties`: the customers whom the address concerns on the days that are told of."""
    return bool({*parties, run.customer} - {customer, None})


def for_customer(status: RunStatus) -> RunStatus:
    """For their report. One that is shared stays as it is: it holds nothing that is not theirs to know."""
    if status.shared:
        return status
    providers = tuple(replace(each, holds=_holds(each.holds)) for each in status.providers)
    judged = _day(status.judged, status.run.plan) if status.judged is not None else None
    return replace(status, holds=_holds(status.holds), providers=providers, judged=judged, stepped_back=None)


def without_others(status: RunStatus, customer: str) -> RunStatus:
    """Of an address that concerns others than this customer as well."""
    return RunStatus(
        run=_run(status.run, customer),
        day=0,
        stage=0,
        state=status.state,
        judged=None,
        next=NextDay(status.next.on, None, status.next.decision, status.next.because),
        providers=(),
        holds=tuple(replace(hold, facts=of_the_sender(hold.facts)) for hold in status.holds),
        by_platform=False,
        platform_stops_on=None,
        expected_finish_on=None,
        shared=True,
    )


def _run(run: WarmupRun, customer: str) -> WarmupRun:
    """The pools of the ESP are known to those who share them."""
    return WarmupRun(
        id="",
        ip=run.ip,
        customer=run.customer if run.customer == customer else None,
        plan=_NO_PLAN,
        plan_version=0,
        plan_hash="",
        zone="UTC",
        started_on=date.min,
        created_at=datetime.min.replace(tzinfo=UTC),
        pool=run.pool if run.customer in (None, customer) else None,
        ended=run.ended,
        ended_on=run.ended_on,
    )


def _holds(holds: Iterable[HoldView]) -> tuple[HoldView, ...]:
    return tuple(replace(hold, facts=_of_hold(hold.facts)) for hold in holds)


def _of_hold(facts: Mapping[str, Any]) -> dict[str, Any]:
    return of_the_sender(facts) | {name: facts[name] for name in _OF_A_GATE if name in facts}


def _day(day: DayResult, plan: WarmupPlan) -> DayResult:
    """Why it is not known may be a failure of ours, in the words of a machine."""
    not_here = COUNTS_NOT_HERE if plan.platform is None else PLATFORM_NOT_HERE
    told = tuple(
        news._replace(facts={name: fact for name, fact in news.facts.items() if name in _OF_NEWS}) for news in day.news
    )
    return day._replace(news=told, unknown=None if day.unknown is None else not_here)
