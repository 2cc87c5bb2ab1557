"""What the sending platform's own warm-up does to a run.

SparkPost tells a stage, and no history: what went before is ours to remember. The stage is absent both when the
warm-up was switched off and when it is finished; the last stage tells them apart. While a run is held the platform's
stage is not followed, and that it goes on is told; so it is after a step
back, until the platform's stage is reached again. A stage that jumps further than days have passed was skipped; one
that falls was lowered by somebody, or the address was given to another pool.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from deliverwatch.core.warmup.day import DayInputs, DayState, News, RunNews
from deliverwatch.core.warmup.plan import WarmupPlan
from deliverwatch.core.warmup.policy import WarmupPolicy
from deliverwatch.core.warmup.run import Reading, RunEnd, RunState


class Followed(NamedTuple):
    """`state`: at the beginning of the day. `moved`: FELL_BACK or SKIPPED, if the stage did. `stays`: it is the
    platform that repeats its stage, since the day before was not good enough."""

    state: RunState
    news: tuple[News, ...] = ()
    moved: DayState | None = None
    stays: bool = False


def follow_platform(plan: WarmupPlan, state: RunState, day: DayInputs, policy: WarmupPolicy) -> Followed:
    reading = day.reading
    if reading is None or state.ended is not None:
        return Followed(state)
    if not reading.warming:
        return _ended(plan, state, reading, day.on)
    if reading.stage is None:
        return Followed(state._replace(reading=reading))
    before = state.reading
    same = before is not None and reading.stage == before.stage
    since = state.stage_since if same and state.stage_since is not None else day.on
    after = state._replace(reading=reading, stage_since=since)
    moved, news = _moved(state, before, reading, day.on)
    stays = same and not state.held and state.enough is False and reading.stage < len(plan.stages)
    begins_again = state.idle_days >= plan.idle.restart_after_days
    stays_below = state.held or state.apart or begins_again
    stage = min(reading.stage, state.stage if stays_below else len(plan.stages))
    counted = after.counted if stage == state.stage else 0
    soon = _stops_soon(plan, after, before, policy)
    return Followed(after._replace(stage=stage, counted=counted), (*news, *soon), moved, stays)


def of_this_plan(plan: WarmupPlan, day: DayInputs) -> DayInputs:
    """A platform that goes by other stages than the plan tells nothing of where the run is."""
    if not day.tracked and day.reading is None:
        return day
    if plan.platform is None or (day.reading is not None and day.reading.platform != plan.platform):
        return replace(day, reading=None, tracked=False)
    return day


def stops_on(plan: WarmupPlan, state: RunState) -> date | None:
    """When the platform ends its warm-up if no new stage comes (SparkPost: after 10 days, above stage 1)."""
    stage = state.reading.stage if state.reading is not None else None
    if plan.platform_stops_after_days is None or state.stage_since is None or stage is None:
        return None
    if not 1 < stage < len(plan.stages):
        return None
    return state.stage_since + timedelta(days=plan.platform_stops_after_days)


def _ended(plan: WarmupPlan, state: RunState, reading: Reading, on: date) -> Followed:
    """Off or finished: the stage that was seen last says which."""
    before = state.reading
    if before is None or not before.warming:
        return Followed(state._replace(reading=reading))  # never seen at work: nothing has ended
    last_stage = before.stage or 0
    full = before.stages or len(plan.stages)
    end = RunEnd.DONE if last_stage >= full or (before.progress_ratio or 0) >= 1 else RunEnd.OFF
    facts = {"end": end, "stage": last_stage, "stages": full, "platform": reading.platform}
    after = state._replace(reading=reading, ended=end, ended_on=on)
    return Followed(after, (News(RunNews.ENDED, on, facts),))


def _moved(
    state: RunState, before: Reading | None, reading: Reading, on: date
) -> tuple[DayState | None, tuple[News, ...]]:
    """While the run is held, or went back without the platform, a lower stage is taken, a higher one is not."""
    stage = reading.stage
    if before is None or before.stage is None or stage is None:
        return None, ()
    days = (reading.on - before.on).days
    facts: dict[str, int | str | None] = {"before": before.stage, "stage": stage}
    if stage < min(before.stage, state.stage):
        facts |= {"pool_before": before.pool, "pool": reading.pool}
        return DayState.FELL_BACK, (News(RunNews.FELL_BACK, on, facts),)
    if state.held and stage > before.stage:
        return None, (News(RunNews.AGAINST_HOLD, on, facts),)
    if state.apart:
        return None, ()
    if stage - before.stage > max(days, 1):
        return DayState.SKIPPED, (News(RunNews.SKIPPED, on, facts | {"days": days}),)
    return None, ()


def _stops_soon(plan: WarmupPlan, state: RunState, before: Reading | None, policy: WarmupPolicy) -> tuple[News, ...]:
    """Told on the first reading of the last days, be it that of the first of them or not."""
    stops, reading = stops_on(plan, state), state.reading
    if stops is None or reading is None or before is None:
        return ()
    left, left_before = ((stops - each.on).days for each in (reading, before))
    if not 0 <= left <= policy.stops_soon_days < left_before:
        return ()
    return (News(RunNews.STOPS_SOON, reading.on, {"on": stops.isoformat(), "days": left, "stage": reading.stage}),)
