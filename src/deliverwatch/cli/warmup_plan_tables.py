"""Plans as people read them: the stages of one, and the IPs and weeks that a volume takes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from deliverwatch.core.warmup.plan import Gate, PlanBasis, PlanDays, WarmupPlan
from deliverwatch.core.warmup.sizing import EIGHT_WEEKS, SHARED_BELOW_A_MONTH, Sizing
from deliverwatch.render.tongue import percent
from deliverwatch.render.warmup_days import on_day
from deliverwatch.render.warmup_words import limit
from deliverwatch.render.words import counted

STAGE_COLUMNS = ("stage", "per day", "per hour", "days", "caps of providers", "mail only who was active in")
WEEK_COLUMNS = (
    "week",
    "begins",
    "in the week",
    "at its end: one IP",
    "all IPs",
    "share",
    "mail only who was active in",
)
_WEEK = 7
_LEAST_SHARE = 0.001


def stage_rows(plan: WarmupPlan) -> Iterable[tuple[Any, ...]]:
    for number, stage in enumerate(plan.stages, 1):
        caps = [f"{name} {_cap(cap)}" for name, cap in stage.providers.items()]
        yield (
            number,
            _measured_or_none(stage.per_day),
            _measured_or_none(stage.per_hour),
            stage.for_days,
            caps or None,
            _active(stage.audience_days),
        )


def _measured_or_none(count: int | None) -> str | None:
    return None if count is None else f"{count:,}"


def _cap(cap: int | float) -> str:
    return limit(cap) if isinstance(cap, float) else f"{cap:,}"


def _active(days: int | None) -> str | None:
    return None if days is None else f"{days} days"


def plan_lines(plan: WarmupPlan, weekdays: Iterable[str]) -> Iterator[str]:
    """What is said of a plan beside its stages."""
    counts_when = _COUNTS_WHEN[plan.basis].format(limit(plan.enough_ratio))
    yield f"A day counts if {counts_when}; its days are {_DAYS_OF[plan.days]}."
    on = "each day of the week" if len(plan.weekdays) == _WEEK else ", ".join(weekdays)
    yield f"It takes {counted(plan.days_at_least, 'day')} at least, on {on}."
    if any(isinstance(cap, float) for stage in plan.stages for cap in stage.providers.values()):
        yield f"Caps in % are of the full volume, {plan.full_volume:,} a day."
    if plan.beyond is not None:
        yield f"After the last stage: times {plan.beyond.factor:g} every {counted(plan.beyond.every_days, 'day')}."
    if plan.platform_stops_after_days is not None:
        yield f"The platform ends it after {plan.platform_stops_after_days} days without a new stage."
    idle = plan.idle
    yield f"Days without mail: warned of after {idle.warn_after_days}, begun again after {idle.restart_after_days}."
    yield from (_gate(gate) for gate in plan.gates)
    yield from plan.notes
    yield f"Source: {plan.source}, checked on {plan.checked_on}."


_DAYS_OF: Mapping[PlanDays, str] = {PlanDays.SERVICE: "those of the customer's time zone", PlanDays.UTC: "UTC days"}
_COUNTS_WHEN: Mapping[PlanBasis, str] = {
    PlanBasis.CALENDAR_DAY: "it passed, and too much was not refused",
    PlanBasis.SENDING_DAY: "{} of its allowance or more was delivered",
    PlanBasis.RESULT: "more than {} of its allowance was delivered",
}


_WHY_THIS: Mapping[PlanBasis, str] = {
    PlanBasis.RESULT: "it goes by what is delivered, not by the calendar",
    PlanBasis.SENDING_DAY: "it counts days with mail, and no plan that goes by what is delivered takes as few IPs",
    PlanBasis.CALENDAR_DAY: "no plan that looks at the mail takes as few IPs",
}


def _gate(gate: Gate) -> str:
    back = f", steps back above {limit(gate.step_back_above_ratio)}" if gate.step_back_above_ratio is not None else ""
    least = counted(gate.at_least, "message")
    return f"Gate {gate.measure}: holds above {limit(gate.hold_above_ratio)} of {gate.of}, from {least} on{back}."


def sizing_lines(sizing: Sizing, *, chosen: bool) -> Iterator[str]:
    """`chosen`: the plan was, by us."""
    plan = sizing.plan
    yield (
        f"{counted(sizing.volume_per_day, 'message')} a day: {counted(sizing.ips, 'IP')}, each up to "
        f"{sizing.volume_per_ip:,} a day, by {plan.name} ({plan.id})."
    )
    if chosen:
        length = "longest within eight weeks" if sizing.days <= EIGHT_WEEKS else "shortest"
        yield f"Why this plan: {_WHY_THIS[plan.basis]}; of such plans it is the {length}."
    if sizing.ips > sizing.ips_by_volume:
        yield f"Warm IPs could carry it with {sizing.ips_by_volume}; the plan does not reach it with so few."
    if not sizing.dedicated:
        yield f"SparkPost advises a shared pool below {SHARED_BELOW_A_MONTH:,} a month."
    yield (
        f"From {on_day(sizing.begins_on)} to {on_day(sizing.done_on)} at best, {counted(sizing.days, 'day')}: if each "
        "day counts and nothing is held."
    )


def week_rows(sizing: Sizing) -> Iterable[tuple[Any, ...]]:
    for week in sizing.weeks:
        volumes = (f"{week.messages:,}", f"{week.per_ip:,}", f"{week.all_ips:,}", _share(week.share))
        yield week.number, week.begins_on, *volumes, _active(week.audience_days)


def _share(ratio: float) -> str:
    """What is there is no 0%."""
    return f"<{limit(_LEAST_SHARE)}" if 0 < ratio < _LEAST_SHARE else percent(ratio)


def alternative_rows(sizing: Sizing) -> Iterable[tuple[Any, ...]]:
    for each in sizing.alternatives:
        yield each.plan_id, each.basis.replace("_", " "), each.ips, each.days, each.done_on
