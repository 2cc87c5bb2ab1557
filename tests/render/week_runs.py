"""Warm-ups of the week of `render.weeks`, as a customer's report tells them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from deliverwatch.core.warmup.day import Because, DayCounts, DayResult, DayState, Decision
from deliverwatch.core.warmup.plan import PlanBasis, Stage, WarmupPlan
from deliverwatch.core.warmup.run import HoldCause, RunEnd, RunState, WarmupRun
from deliverwatch.core.warmup.status import HoldView, NextDay, ProviderStatus, RunStatus, RunWeek, WarmupDay
from deliverwatch.core.warmups_seen import without_others
from deliverwatch.core.week_warmups import reported_warmups

FIRST = date(2026, 11, 16)
NEXT_ON = date(2026, 11, 23)
MADE_AT = datetime(2026, 11, 23, 14, 20, tzinfo=UTC)
NAMES = {"microsoft_consumer": "Microsoft Outlook.com, Hotmail", "google": "Gmail, Google Workspace"}
VOLUMES = (200, 500, 1000, 2000, 4000, 8000, 15_000, 25_000, 40_000, 60_000)
PLAN = WarmupPlan(
    "own", "Ten steps", "ESP", PlanBasis.RESULT, tuple(map(Stage, VOLUMES)), "made for the tests", date(2026, 11, 1)
)
RUN = WarmupRun(
    id="run",
    ip="192.0.2.10",
    customer="acme",
    plan=PLAN,
    plan_version=1,
    plan_hash="0",
    zone="America/New_York",
    started_on=FIRST - timedelta(days=2),
    created_at=datetime(2026, 11, 13, tzinfo=UTC),
    pool="acme-news",
)
SINCE = datetime(2026, 11, 20, 14, 41, tzinfo=UTC)
LISTED = HoldView(HoldCause.LISTING, "", SINCE, {"list_id": "great", "list_name": "Great list", "codes": ["127.0.0.2"]})
BLOCKED = HoldView(HoldCause.BLOCK, "google", SINCE, {"provider": "google", "class": "ip_block"})
BOUNCED = HoldView(
    HoldCause.BOUNCE, "microsoft_consumer", date(2026, 11, 21), {"found": 480, "of": 6100, "above_ratio": 0.05}
)


def day(on, allowed, delivered, unknown=None, state=DayState.ON_PLAN, complaints=0, offered=None):
    offered = delivered if offered is None else offered
    counts = DayCounts(offered, offered, delivered, 0, offered - delivered, complaints)
    third = delivered // 3
    providers = {
        "microsoft_consumer": counts._replace(delivered=delivered - third),
        "google": counts._replace(delivered=third, complaints=None),
    }
    result = DayResult(
        on, 3, allowed, counts, state, Decision.ADVANCE, Because.ENOUGH_DELIVERED, RunState(4), unknown=unknown
    )
    return WarmupDay("run", "", result, providers)


def days(numbers, **of_the_last):
    """(allowed, delivered) of the days from Monday on; None for one that is not known."""
    made = [
        day(FIRST + timedelta(days=n), *each) if each else day(FIRST + timedelta(days=n), 0, 0, "no source tells of it")
        for n, each in enumerate(numbers)
    ]
    if of_the_last:
        made[-1] = day(made[-1].result.on, *numbers[-1], **of_the_last)
    return made


GROWING = days(zip(VOLUMES[2:9], (990, 1985, 3990, 7700, 14_900, 24_100, 39_100), strict=True))


def run_week(ip="192.0.2.10", state=DayState.ON_PLAN, made=GROWING, shared=False, run=RUN, **status):
    facts = {
        "run": replace(run, id=f"run-{ip}", ip=ip),
        "day": 10,
        "stage": 10,
        "state": state,
        "judged": made[-1].result if made else None,
        "next": NextDay(NEXT_ON, 60_000, Decision.ADVANCE, Because.ENOUGH_DELIVERED),
        "providers": (),
        "holds": (),
        "by_platform": False,
        "platform_stops_on": None,
        "expected_finish_on": date(2026, 11, 23),
    }
    told = RunStatus(**(facts | status))
    return RunWeek(without_others(told, "acme"), ()) if shared else RunWeek(told, tuple(made))


def refused_week(ip="192.0.2.11"):
    made = days([(1000, 985), (2000, 1970), (4000, 3900), (8000, 7600), (8000, 4100), None, (8000, 3900)], offered=7980)
    counts = DayCounts(5200, 5200, 1300, 3100, 800)
    following = NextDay(NEXT_ON, 8000, Decision.REPEAT, Because.REFUSED)
    at = ProviderStatus("microsoft_consumer", 6, DayState.BEHIND_REFUSED, None, counts, following)
    return run_week(
        ip, DayState.BEHIND_REFUSED, made, stage=6, next=following, providers=(at,), expected_finish_on=None
    )


def held_week(ip="192.0.2.12", hold=BLOCKED, **more):
    made = days([(1000, 985), (2000, 1970), (4000, 3900), (8000, 7600), (8000, 7900), (8000, 7850), (8000, 7700)])
    following = NextDay(NEXT_ON, 8000, Decision.HOLD, Because.HELD)
    facts = {"stage": 6, "next": following, "holds": (hold,), "expected_finish_on": None} | more
    return run_week(ip, more.pop("state", DayState.HELD), made, **{k: v for k, v in facts.items() if k != "state"})


def idle_week(ip="2001:db8::10"):
    made = days([(4000, 0)] * 7, state=DayState.BEHIND_NO_TRAFFIC)
    following = NextDay(NEXT_ON, 4000, Decision.REPEAT, Because.NO_MAIL)
    run = replace(RUN, pool="acme-receipts")
    return run_week(ip, DayState.BEHIND_NO_TRAFFIC, made, run=run, stage=5, next=following, expected_finish_on=None)


def over_week(ip="192.0.2.13"):
    made = days([(1000, 985), (2000, 1970), (4000, 9800), (8000, 17_600)], state=DayState.OVER_PLAN)
    return run_week(ip, DayState.OVER_PLAN, made, over_plan_why="no_overflow")


def off_week(ip="192.0.2.14"):
    run = replace(RUN, ended=RunEnd.OFF, ended_on=date(2026, 11, 18))
    made = days([(1000, 985), (2000, 1970), (4000, 900)], state=DayState.OFF)
    over = NextDay(NEXT_ON, None, Decision.HOLD, Because.PLATFORM_OFF)
    return run_week(ip, DayState.OFF, made, run=run, stage=5, next=over, expected_finish_on=None)


def shared_week(ip="203.0.113.1", state=DayState.HELD, holds=(BOUNCED,)):
    run = replace(RUN, customer=None, pool="shared-1")
    return run_week(ip, state, run=run, shared=True, holds=holds, stage=5)


def told(*weeks):
    return reported_warmups(weeks, FIRST, MADE_AT, NAMES)
