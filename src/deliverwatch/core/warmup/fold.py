"""One service day of one run: `(run, state, day, policy) -> what it was, what comes next, and the state after it`.

    offered and delivered ---+
    holds, throttles --------+--> the day's state --> advance | repeat | hold | step back --> the next day's allowance
    the platform's stage ----+

Nothing here knows the day before but the state, so that one more day costs one day; a day whose counts have grown is
judged again from the state before it, and what follows with it. Deferred and then delivered is normal; "no traffic" is
not "refused"; a day that is not known moves nothing. A held run keeps its volume: it does not advance, whatever the
day brought, until a person releases it. Only a plan that moves by the calendar goes on over a day with little mail, as
it says; and not over one on which mail was refused.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from deliverwatch.core.warmup.day import Because, DayCounts, DayInputs, DayResult, DayState, Decision, News, RunNews
from deliverwatch.core.warmup.gates import GatesOfDay, judge_gates
from deliverwatch.core.warmup.holding import HoldsOfDay, holds_of_day, offered_of, take_most, tracks_after
from deliverwatch.core.warmup.outcome import Outcome, outcome_of, totals
from deliverwatch.core.warmup.plan import WarmupPlan
from deliverwatch.core.warmup.platform import Followed, follow_platform, of_this_plan
from deliverwatch.core.warmup.policy import WarmupPolicy
from deliverwatch.core.warmup.run import (
    ALL_PROVIDERS,
    LEARNT_WITHIN,
    GateHold,
    HoldCause,
    RunEnd,
    RunState,
    StepKind,
    WarmupRun,
    WarmupStep,
)

ENDED_STATES = {RunEnd.DONE: DayState.DONE, RunEnd.OFF: DayState.OFF, RunEnd.FINISHED: DayState.DONE}
WHY_ENDED = {
    RunEnd.DONE: Because.LAST_STAGE_DONE,
    RunEnd.OFF: Because.PLATFORM_OFF,
    RunEnd.FINISHED: Because.PERSON_FINISHED,
}
_PLATFORM_UNKNOWN = "the sending platform's stage of this day is not known"
_NOT_JUDGED = frozenset({Because.NOT_KNOWN, Because.CANNOT_TELL, Because.NOT_A_PLAN_DAY})


class _Day(NamedTuple):
    """A day as it is judged. `before`: the state at its beginning, under the platform's stage and without what a person
    released. `offered`: see `holds_of_day`. `idle_days`: known ones without mail, this one among them."""

    plan: WarmupPlan
    before: RunState
    inputs: DayInputs
    allowed: int
    counts: DayCounts
    unknown: str | None
    gates: GatesOfDay
    offered: Mapping[str, int]
    holds: HoldsOfDay
    outcome: Outcome
    idle_days: int


class _Step(NamedTuple):
    """Where the run goes from a day. `counted`: days that count in the stage by then."""

    stage: int
    counted: int
    state: DayState
    decision: Decision
    because: Because
    ended: RunEnd | None = None


def fold(run: WarmupRun, state: RunState, day: DayInputs, policy: WarmupPolicy) -> DayResult:
    """`run`: with the plan that was in force when the day began. `state`: after the day before; the first one is
    `RunState()`. Holds of `day` stand as they did at its end."""
    day = of_this_plan(run.plan, day)
    followed = follow_platform(run.plan, state, day, policy)
    before = _released(followed.state, day.steps)
    allowed, counts = run.plan.allowance(before.stage, day.hours), totals(day.providers.values())
    if before.ended is not None:
        return _ended(before, day, allowed, counts, followed)
    judged = _judged(run.plan, before, day, followed, allowed, counts, policy)
    step = _by_people(_step(judged, policy), day.steps, before.stage, judged.outcome.state)
    after = _after(judged, step, policy)
    return DayResult(
        day.on,
        before.stage,
        allowed,
        counts,
        step.state,
        step.decision,
        step.because,
        after,
        (*followed.news, *_news(judged, step, after)),
        followed.stays,
        judged.unknown,
    )


def _judged(
    plan: WarmupPlan,
    before: RunState,
    day: DayInputs,
    followed: Followed,
    allowed: int,
    counts: DayCounts,
    policy: WarmupPolicy,
) -> _Day:
    unknown = day.unknown or (_PLATFORM_UNKNOWN if day.tracked and day.reading is None else None)
    gates = _gates(plan, before, day, policy)
    offered = offered_of(before, day)
    holds = holds_of_day(day.holds, gates.holds, offered, policy, was_held=before.held)
    outcome = outcome_of(plan, day, followed.moved, allowed, counts, unknown, policy)
    idle_days = before.idle_days if day.unknown is not None else 0 if counts.attempted else before.idle_days + 1
    return _Day(plan, before, day, allowed, counts, unknown, gates, offered, holds, outcome, idle_days)


def _ended(before: RunState, day: DayInputs, allowed: int, counts: DayCounts, followed: Followed) -> DayResult:
    """The platform has ended it today, or it was over before."""
    assert before.ended is not None
    state, because = ENDED_STATES[before.ended], WHY_ENDED[before.ended]
    after = before._replace(held=False, gate_holds=(), tracks={})
    return DayResult(
        day.on, before.stage, allowed, counts, state, Decision.REPEAT, because, after, followed.news, False, day.unknown
    )


def _released(state: RunState, steps: Iterable[WarmupStep]) -> RunState:
    """When a person released it on the day; what the day brings may hold again."""
    if any(step.kind is StepKind.RELEASED for step in steps):
        return state._replace(gate_holds=(), held=False)
    return state


def _gates(plan: WarmupPlan, before: RunState, day: DayInputs, policy: WarmupPolicy) -> GatesOfDay:
    if day.unknown is not None:
        return GatesOfDay(before.gate_holds, (), None, before.deferring)
    return judge_gates(plan.gates, day, before.gate_holds, before.deferring, policy)


def _step(day: _Day, policy: WarmupPolicy) -> _Step:
    before, outcome = day.before, day.outcome
    is_cold = outcome.state is DayState.IDLE and day.idle_days >= day.plan.idle.restart_after_days
    if day.holds.whole:
        return _held(day, policy, is_cold=is_cold)
    if is_cold:
        decision = Decision.STEP_BACK if before.stage > 1 else Decision.REPEAT
        return _Step(1, 0, DayState.IDLE, decision, Because.IDLE_TOO_LONG)
    if not outcome.counts:
        return _Step(before.stage, before.counted, outcome.state, Decision.REPEAT, outcome.because)
    return _counted(day)


def _held(day: _Day, policy: WarmupPolicy, *, is_cold: bool) -> _Step:
    """It may go back, and not on. `is_cold`: receivers have forgotten the address meanwhile."""
    before, over = day.before, day.holds.over
    state, because = (DayState.READY_TO_RELEASE, Because.READY) if over else (DayState.HELD, Because.HELD)
    if before.stage > 1 and is_cold:
        return _Step(1, 0, state, Decision.STEP_BACK, Because.IDLE_TOO_LONG)
    if before.stage > 1 and _takes_the_run_back(day.gates.steps_back, day.offered, policy):
        return _Step(before.stage - 1, 0, state, Decision.STEP_BACK, Because.GATE_STEPS_BACK)
    return _Step(before.stage, before.counted, state, Decision.HOLD, because)


def _takes_the_run_back(hold: GateHold | None, offered: Mapping[str, int], policy: WarmupPolicy) -> bool:
    """A small provider's gate takes that provider back alone, whatever else holds the run."""
    return hold is not None and (hold.provider == ALL_PROVIDERS or take_most([hold.provider], offered, policy))


def _counted(day: _Day) -> _Step:
    plan, before, outcome = day.plan, day.before, day.outcome
    counted = before.counted + 1
    if counted < plan.stages[before.stage - 1].for_days:
        return _Step(before.stage, counted, outcome.state, Decision.REPEAT, Because.STAGE_LASTS)
    if before.stage < len(plan.stages):
        return _Step(before.stage + 1, 0, outcome.state, Decision.ADVANCE, outcome.because)
    if outcome.because is Because.DAY_PASSED_WITHOUT_MAIL:  # the calendar ends a plan, and warms no address
        return _Step(before.stage, before.counted, outcome.state, Decision.REPEAT, Because.TOO_LITTLE_OFFERED)
    if day.inputs.tracked:  # then the platform says when it is over
        return _Step(before.stage, before.counted, outcome.state, Decision.REPEAT, Because.PLATFORM_STAYS)
    return _Step(before.stage, counted, DayState.DONE, Decision.REPEAT, Because.LAST_STAGE_DONE, RunEnd.DONE)


def _by_people(step: _Step, steps: Iterable[WarmupStep], reached: int, by_day: DayState) -> _Step:
    """What they did on the day stands above what the day says, and the last word counts. `reached`: the stage of the
    day, in which a run ends. `by_day`: what it was by its counts; an amendment on its last day keeps a run going."""
    for each in steps:
        if each.kind is StepKind.FINISHED:
            return step._replace(
                stage=min(step.stage, reached),
                state=DayState.DONE,
                decision=Decision.REPEAT,
                because=Because.PERSON_FINISHED,
                ended=RunEnd.FINISHED,
            )
        if each.kind in (StepKind.STEPPED_BACK, StepKind.AMENDED) and each.stage is not None:
            back = each.kind is StepKind.STEPPED_BACK
            state = by_day if step.ended is not None or step.because is Because.STEPPED_BACK else step.state
            is_held = state in (DayState.HELD, DayState.READY_TO_RELEASE)
            step = _Step(
                each.stage,
                0,
                DayState.FELL_BACK if back and not is_held else state,
                Decision.STEP_BACK if back else Decision.HOLD if is_held else Decision.REPEAT,
                Because.STEPPED_BACK if back else Because.AMENDED,
            )
    return step


def _after(day: _Day, step: _Step, policy: WarmupPolicy) -> RunState:
    before, inputs, known = day.before, day.inputs, day.unknown is None
    back, kept = day.gates.steps_back, day.holds.providers | inputs.throttled
    return before._replace(
        stage=step.stage,
        counted=step.counted,
        last_offered=day.offered,
        idle_days=day.idle_days,
        held=day.holds.whole,
        enough=None if day.outcome.because in _NOT_JUDGED else day.outcome.counts,
        over=day.counts.delivered > policy.over_told_ratio * day.allowed if known else before.over,
        gate_holds=day.gates.holds,
        tracks=tracks_after(
            day.plan,
            before,
            inputs,
            kept,
            step.stage,
            grows=day.outcome.counts and not day.holds.whole,
            back=back.provider if back is not None else None,
        ),
        deferring=day.gates.deferring,
        apart=_is_apart(before, step),
        ended=step.ended,
        ended_on=inputs.on if step.ended is not None else None,
        unknown_since=_unknown_since(before, inputs),
    )


def _is_apart(before: RunState, step: _Step) -> bool:
    """From the platform, by a step back that it may not have made."""
    stage = before.reading.stage if before.reading is not None else None
    went_back = before.apart or step.decision is Decision.STEP_BACK
    return went_back and stage is not None and step.stage < stage


def _unknown_since(before: RunState, day: DayInputs) -> date | None:
    since = before.unknown_since
    if since is not None and day.on - since < LEARNT_WITHIN:
        return since
    return day.on if day.unknown is not None else None


def _news(day: _Day, step: _Step, after: RunState) -> Iterable[News]:
    before, plan, on = day.before, day.plan, day.inputs.on
    yield from _news_of_gates(day)
    if step.decision is Decision.STEP_BACK and step.because is not Because.STEPPED_BACK:
        cause = day.gates.steps_back.cause if day.gates.steps_back is not None else "idle"
        yield News(RunNews.STEPPED_BACK, on, {"before": before.stage, "stage": after.stage, "cause": cause})
    if after.over and not before.over:
        yield News(RunNews.OVER_PLAN, on, {"allowed": day.allowed, "delivered": day.counts.delivered})
    if after.idle_days == plan.idle.warn_after_days != before.idle_days:
        restart = plan.idle.restart_after_days
        yield News(RunNews.IDLE, on, {"days": after.idle_days, "restart_after_days": restart})
    if step.ended is RunEnd.DONE:
        yield News(RunNews.ENDED, on, {"end": step.ended, "stage": before.stage, "stages": len(plan.stages)})


def _news_of_gates(day: _Day) -> Iterable[News]:
    """What refuses is told with its block, not again as a gate."""
    gates, on = day.gates, day.inputs.on
    holds = (hold for hold in day.inputs.holds if hold.cause is HoldCause.BLOCK and hold.ended_at is None)
    blocked = {hold.provider for hold in holds}
    for hold in gates.fresh:
        if hold.cause is not HoldCause.REFUSED or hold.provider not in blocked:
            yield News(RunNews.HELD, on, _facts(hold))
    was_over = {(hold.cause, hold.provider) for hold in day.before.gate_holds if hold.over}
    if day.holds.over and any(hold.over and (hold.cause, hold.provider) not in was_over for hold in gates.holds):
        yield News(RunNews.READY, on, {"causes": sorted({hold.cause for hold in gates.holds})})


def _facts(hold: GateHold) -> dict[str, object]:
    return {
        "cause": hold.cause,
        "provider": hold.provider,
        "found": hold.found,
        "of": hold.of,
        "above_ratio": hold.above_ratio,
        "denominator": hold.per,
    }
