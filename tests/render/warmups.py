"""Warm-ups as values, to be worded and printed."""

from dataclasses import replace
from datetime import UTC, date, datetime

from deliverwatch.core.warmup.day import Because, DayCounts, DayResult, DayState, Decision, News, RunNews
from deliverwatch.core.warmup.plan import PlanBasis, Stage, WarmupPlan
from deliverwatch.core.warmup.run import HoldCause, RunEnd, RunState, WarmupRun
from deliverwatch.core.warmup.status import HoldView, NextDay, ProviderStatus, RunStatus

ON = date(2026, 11, 25)
NEXT_ON = date(2026, 11, 26)
NAMES = {"microsoft_consumer": "Microsoft Outlook.com, Hotmail, Live, MSN", "yahoo": "Yahoo Mail, AOL"}
PLAN = WarmupPlan(
    "own",
    "Our own",
    "ESP",
    PlanBasis.RESULT,
    tuple(map(Stage, (200, 500, 1000, 2000))),
    "our own",
    date(2026, 11, 22),
)
RUN = WarmupRun(
    id="run-1",
    ip="192.0.2.10",
    customer="acme",
    plan=PLAN,
    plan_version=1,
    plan_hash="hash",
    zone="America/New_York",
    started_on=date(2026, 11, 22),
    created_at=datetime(2026, 11, 21, tzinfo=UTC),
    pool="acme-news",
)
COUNTS = DayCounts(2000, 2000, 1950, 30, 20)
REFUSED = DayCounts(2000, 2000, 1200, 700, 100)


def judged(state=DayState.ON_PLAN, counts=COUNTS, after=None, news=(), unknown=None, **facts):
    told = (News(news, ON, facts),) if isinstance(news, RunNews) else ()
    because = Because.NOT_KNOWN if unknown else Because.ENOUGH_DELIVERED
    return DayResult(ON, 4, 2000, counts, state, Decision.REPEAT, because, after or RunState(4), told, unknown=unknown)


def status(state=DayState.ON_PLAN, day=None, **more):
    base = RunStatus(
        run=RUN,
        day=5,
        stage=4,
        state=state,
        judged=day if day is not None else judged(state),
        next=NextDay(NEXT_ON, 2000, Decision.REPEAT, Because.TOO_LITTLE_OFFERED),
        providers=(),
        holds=(),
        by_platform=False,
        platform_stops_on=None,
        expected_finish_on=date(2026, 12, 14),
    )
    return replace(base, **more)


def at_provider(provider, state=DayState.BEHIND_REFUSED, counts=REFUSED, **more):
    following = NextDay(NEXT_ON, None, Decision.REPEAT, Because.REFUSED)
    return ProviderStatus(provider, 4, state, more.pop("allowed", None), counts, following, **more)


def hold(cause=HoldCause.LISTING, provider="", over=False, **facts):
    since = (
        ON
        if cause not in (HoldCause.LISTING, HoldCause.BLOCK, HoldCause.PERSON)
        else datetime(2026, 11, 25, 14, 41, tzinfo=UTC)
    )
    return HoldView(cause, provider, since, facts, over)


def ended(end, state):
    run = replace(RUN, ended=end, ended_on=ON)
    return status(state, run=run)


DONE, OFF = (ended(RunEnd.DONE, DayState.DONE), ended(RunEnd.OFF, DayState.OFF))
