"""What the tests of warm-ups in a store are made from."""

from dataclasses import replace
from datetime import date, timedelta

from contract.store_values import IPV4, NOON
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.warmup.day import Because, DayCounts, DayResult, DayState, Decision
from deliverwatch.core.warmup.plan import Denominator, Gate, GateMeasure, PlanBasis, Stage, WarmupPlan
from deliverwatch.core.warmup.plan_facts import plan_hash
from deliverwatch.core.warmup.run import Hold, HoldCause, Reading, RunState, StepKind, WarmupRun, WarmupStep
from deliverwatch.core.warmup.status import WarmupDay
from deliverwatch.flows.warmup_ports import PlanVersion, WarmupChanges

MONDAY = date(2026, 11, 16)
NASTY = "said \x00 by \ud800 a stranger"
CLEANED = "said \ufffd by \ufffd a stranger"

PLAN = WarmupPlan(
    id="own",
    name="Own plan",
    owner="Example ESP",
    basis=PlanBasis.RESULT,
    stages=(Stage(200, providers={"google": 50, "yahoo": 1.0}), Stage(None, per_hour=100, for_days=2)),
    source="agreed by mail",
    checked_on=MONDAY,
    gates=(Gate(GateMeasure.BOUNCE, Denominator.OFFERED, 0.05, 100, 0.1),),
)
GENTLER = replace(PLAN, stages=(Stage(100), Stage(200)), notes=("slower",))
RUN = WarmupRun("r1", IPV4.value, None, PLAN, 1, plan_hash(PLAN), "Europe/London", MONDAY, NOON, pool="acme-news")
OTHER = replace(RUN, id="r2", ip="192.0.2.11", pool=None)
READING = Reading("sparkpost", IPV4.value, MONDAY, NOON, True, 3, 0.5, "pool \u2603", 29, MONDAY)


def begun(run=RUN, **changes):
    """What a new run is written with."""
    started = WarmupStep(run.id, run.created_at, StepKind.STARTED, "tam@esp.example", "new customer")
    agreed = PlanVersion(run.id, 1, run.plan, run.created_at, "tam@esp.example", "new customer")
    return WarmupChanges(run, steps=[started], agreed=agreed, **changes)


def day(number=0, run=RUN, digest="d", **after):
    on = MONDAY + timedelta(days=number)
    counts = DayCounts(200, 190, 180, None, 5, None, 3, None, 2)
    state = RunState(stage=number + 1, counted=1, enough=True, last_offered={"google": 180}, **after)
    result = DayResult(on, number + 1, 200, counts, DayState.ON_PLAN, Decision.ADVANCE, Because.ENOUGH_DELIVERED, state)
    return WarmupDay(run.id, digest, result, {"google": counts, "": DayCounts()})


def hold(key="listing/1", provider="", run=RUN, **changes):
    values = {"cause": HoldCause.LISTING, "opened_at": NOON, "facts": {"list_id": "zen", "codes": ["127.0.0.2"]}}
    return Hold(run.id, key, provider=provider, **{**values, **changes})


def told(key="warmup_held/r1/listing/1", kind=EventKind.WARMUP_HELD):
    return Event(key, kind, NOON, "", IPV4, {"run_id": "r1", "cause": "listing"})
