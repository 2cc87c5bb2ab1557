"""A run's last judged day, under what has happened since: `core.warmup.status` as of now.

What a person did this morning, and a hold that opened an hour ago, count at once; the day they fall on is judged when
it is over.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeGuard

from deliverwatch.core.warmup.day import Because, DayCounts, DayResult, DayState, Decision
from deliverwatch.core.warmup.fold import ENDED_STATES, WHY_ENDED
from deliverwatch.core.warmup.forecast import demand_on, finish_on
from deliverwatch.core.warmup.holding import HoldsOfDay, holds_of_day, provider_allowance
from deliverwatch.core.warmup.outcome import by_counts
from deliverwatch.core.warmup.plan import WarmupPlan
from deliverwatch.core.warmup.platform import stops_on
from deliverwatch.core.warmup.policy import WarmupPolicy
from deliverwatch.core.warmup.run import (
    ALL_PROVIDERS,
    GateHold,
    Hold,
    RunEnd,
    RunState,
    StepKind,
    Track,
    WarmupRun,
    WarmupStep,
)
from deliverwatch.core.warmup.status import HoldView, NextDay, ProviderStatus, RunStatus, WarmupDay
from deliverwatch.core.wilson import lower_bound

_DAY = timedelta(days=1)
_ACCEPTING = frozenset({DayState.ON_PLAN, DayState.OVER_PLAN, DayState.BEHIND_NO_TRAFFIC})


def status(
    run: WarmupRun,
    days: Sequence[WarmupDay],
    holds: Collection[Hold],
    steps: Sequence[WarmupStep],
    today: date,
    hours: int,
    policy: WarmupPolicy,
    over_plan_why: str | None = None,
) -> RunStatus:
    """`days`: the last judged ones, oldest first; four weeks are enough. `holds`: those that nobody released. `steps`:
    made since the end of the last judged day, in order. `today`: in the run's zone; `hours`: of the next day."""
    days = [day for day in days if run.ended_on is None or day.result.on <= run.ended_on] or days
    last = days[-1] if days else None
    state = _since(run, last.after if last is not None else RunState(), steps)
    held = holds_of_day(holds, state.gate_holds, state.last_offered, policy, was_held=state.held)
    state = state._replace(held=held.whole, tracks=_with_held(state, held))
    judged = last.result if last is not None else None
    shown = _shown(run, judged, held, steps, today, policy)
    next_on = max(today, run.started_on)
    following = _next(run, state, judged, held, steps, today, hours)
    results = [day.result for day in days]
    if following.allowance is not None:
        following = _with_demand(following, results)
    views = _views(holds, state.gate_holds)
    return RunStatus(
        run=run,
        day=max((min(today, run.ended_on or today) - run.started_on).days + 1, 0),
        stage=state.stage,
        state=shown,
        judged=judged,
        next=following,
        providers=_providers(run.plan, days, state, shown, views, following, hours, policy),
        holds=views,
        by_platform=judged.by_platform if judged is not None else False,
        platform_stops_on=stops_on(run.plan, state) if state.ended is None else None,
        expected_finish_on=None if today < run.started_on else finish_on(run.plan, state, results, next_on),
        over_plan_why=over_plan_why,
    )


def _since(run: WarmupRun, state: RunState, steps: Sequence[WarmupStep]) -> RunState:
    """What a person did since counts at once."""
    for step in steps:
        if step.kind is StepKind.RELEASED:
            state = state._replace(gate_holds=(), held=False)
        elif step.kind in (StepKind.STEPPED_BACK, StepKind.AMENDED) and step.stage is not None:
            state = state._replace(stage=step.stage, counted=0)
    stage = min(state.stage, len(run.plan.stages))
    return state._replace(stage=stage, ended=run.ended, ended_on=run.ended_on)


def _with_held(state: RunState, held: HoldsOfDay) -> Mapping[str, Track]:
    """A provider that is held since this morning keeps what it was offered on the last day with mail."""
    fresh = {name: Track(state.stage, state.last_offered.get(name)) for name in held.providers - state.tracks.keys()}
    return {**state.tracks, **fresh} if fresh else state.tracks


def _shown(
    run: WarmupRun,
    judged: DayResult | None,
    held: HoldsOfDay,
    steps: Sequence[WarmupStep],
    today: date,
    policy: WarmupPolicy,
) -> DayState:
    if run.ended is not None:
        return ENDED_STATES[run.ended]
    if held.whole:
        return DayState.READY_TO_RELEASE if held.over else DayState.HELD
    if judged is None or judged.on < today - _DAY:
        return DayState.UNKNOWN
    if _moved(steps) is StepKind.STEPPED_BACK:
        return DayState.FELL_BACK
    if judged.state in (DayState.HELD, DayState.READY_TO_RELEASE):  # released since
        return DayState.UNKNOWN if judged.unknown else by_counts(run.plan, judged.allowed, judged.counts, policy)[0]
    return judged.state


def _next(
    run: WarmupRun,
    state: RunState,
    judged: DayResult | None,
    held: HoldsOfDay,
    steps: Sequence[WarmupStep],
    today: date,
    hours: int,
) -> NextDay:
    on = max(today, run.started_on)
    if run.ended is not None:
        return NextDay(on, None, Decision.REPEAT, WHY_ENDED[run.ended])
    decision, because = _decision(run, judged, held, steps, today)
    return NextDay(on, run.plan.allowance(state.stage, hours), decision, because)


def _decision(
    run: WarmupRun, judged: DayResult | None, held: HoldsOfDay, steps: Sequence[WarmupStep], today: date
) -> tuple[Decision, Because]:
    moved = _moved(steps)
    if moved is StepKind.STEPPED_BACK:
        return Decision.STEP_BACK, Because.STEPPED_BACK
    if held.whole:
        if judged is not None and judged.decision is Decision.STEP_BACK and judged.on == today - _DAY:
            return judged.decision, judged.because
        return Decision.HOLD, Because.READY if held.over else Because.HELD
    if moved:
        return Decision.REPEAT, Because.AMENDED
    if today <= run.started_on:
        return Decision.REPEAT, Because.NOT_BEGUN if today < run.started_on else Because.FIRST_DAY
    if judged is None or judged.on < today - _DAY:
        return Decision.REPEAT, Because.NOT_KNOWN
    if judged.decision is Decision.HOLD:
        return Decision.REPEAT, Because.RELEASED
    return judged.decision, judged.because


def _moved(steps: Sequence[WarmupStep]) -> StepKind | None:
    """What a person did last to its stage."""
    moved = [step.kind for step in steps if step.kind in (StepKind.STEPPED_BACK, StepKind.AMENDED)]
    return moved[-1] if moved else None


def _with_demand(following: NextDay, results: Sequence[DayResult]) -> NextDay:
    assert following.allowance is not None
    demand = demand_on(results, following.on, following.allowance)
    return NextDay(following.on, following.allowance, following.decision, following.because, demand)


def _views(holds: Collection[Hold], gate_holds: Collection[GateHold]) -> tuple[HoldView, ...]:
    rows = [
        HoldView(hold.cause, hold.provider, hold.opened_at, hold.facts, over=hold.ended_at is not None)
        for hold in holds
    ]
    gates = [HoldView(hold.cause, hold.provider, hold.since, _gate_facts(hold), over=hold.over) for hold in gate_holds]
    return (*rows, *gates)


def _gate_facts(hold: GateHold) -> dict[str, object]:
    return {"found": hold.found, "of": hold.of, "above_ratio": hold.above_ratio, "denominator": hold.per}


def _providers(
    plan: WarmupPlan,
    days: Sequence[WarmupDay],
    state: RunState,
    shown: DayState,
    holds: Collection[HoldView],
    following: NextDay,
    hours: int,
    policy: WarmupPolicy,
) -> tuple[ProviderStatus, ...]:
    last = days[-1] if days else None
    tracks = days[-2].after.tracks if len(days) > 1 else {}
    seen: Mapping[str, DayCounts] = last.providers if last is not None else {}
    named = dict.fromkeys(
        [*sorted(seen, key=lambda name: -seen[name].attempted), *state.tracks, *sorted(plan.capped_providers)]
        + [hold.provider for hold in holds if hold.provider != ALL_PROVIDERS]
    )
    return tuple(
        _provider(name, plan, last, tracks, state, shown, [each for each in holds if _concerns(each, name)],
                  following, hours, policy)
        for name in named
    )  # fmt: skip


def _concerns(hold: HoldView, provider: str) -> bool:
    return hold.provider in (provider, ALL_PROVIDERS)


def _provider(
    name: str,
    plan: WarmupPlan,
    last: WarmupDay | None,
    tracks: Mapping[str, Track],
    state: RunState,
    shown: DayState,
    holds: Sequence[HoldView],
    following: NextDay,
    hours: int,
    policy: WarmupPolicy,
) -> ProviderStatus:
    judged = last.result if last is not None else None
    known = judged is not None and judged.unknown is None
    counts = last.providers.get(name, DayCounts()) if last is not None and known else None
    allowed = provider_allowance(plan, judged.stage, tracks, name) if _is_judged_by(judged, plan) else None
    track = state.tracks.get(name)
    stage = min(track.stage, state.stage) if track is not None else state.stage
    allowance = provider_allowance(plan, state.stage, state.tracks, name, hours) if following.allowance else None
    decision, because = following.decision, following.because
    if holds and state.ended is None:
        over = all(hold.over for hold in holds)
        decision, because = Decision.HOLD, Because.READY if over else Because.HELD
    elif track is not None and decision is Decision.ADVANCE:
        before = tracks.get(name)
        decision = decision if before is not None and track.stage > before.stage else Decision.REPEAT
    return ProviderStatus(
        name,
        stage,
        _provider_state(plan, allowed, counts, shown, holds, state.ended, policy),
        allowed,
        counts,
        NextDay(following.on, allowance, decision, because),
        tuple(holds),
    )


def _is_judged_by(judged: DayResult | None, plan: WarmupPlan) -> TypeGuard[DayResult]:
    """False also when the day was judged by what was agreed before the plan was amended."""
    if judged is None or judged.stage > len(plan.stages):
        return False
    return judged.allowed in (plan.allowance(judged.stage, hours) for hours in (23, 24, 25))


def _provider_state(
    plan: WarmupPlan,
    allowed: int | None,
    counts: DayCounts | None,
    shown: DayState,
    holds: Sequence[HoldView],
    ended: RunEnd | None,
    policy: WarmupPolicy,
) -> DayState:
    """Against the plan's own number for the provider; where it has none, whether mail is taken."""
    if ended is not None:
        return ENDED_STATES[ended]
    if holds:
        return DayState.READY_TO_RELEASE if all(hold.over for hold in holds) else DayState.HELD
    if counts is None:
        return DayState.UNKNOWN
    if not counts.attempted and not counts.delivered:
        return DayState.IDLE
    if allowed is not None:
        return by_counts(plan, allowed, counts, policy)[0]
    if _refuses(counts.attempted_least, counts.delivered, policy):
        return DayState.BEHIND_REFUSED
    if _refuses(counts.attempted, counts.delivered, policy):
        return DayState.UNKNOWN
    return shown if shown in _ACCEPTING or shown is DayState.UNKNOWN else DayState.ON_PLAN


def _refuses(offered: int, delivered: int, policy: WarmupPolicy) -> bool:
    return lower_bound(max(offered - delivered, 0), offered) > policy.refused_ratio if offered else False
