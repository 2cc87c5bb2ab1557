"""Runs and judged days in a few words, for tests of what is said of them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from deliverwatch.core.warmup.day import DayCounts, DayInputs
from deliverwatch.core.warmup.fold import fold
from deliverwatch.core.warmup.plan import PlanBasis, Stage, WarmupPlan
from deliverwatch.core.warmup.policy import DEFAULT_GATES, WarmupPolicy
from deliverwatch.core.warmup.run import ALL_PROVIDERS, Hold, HoldCause, RunState, StepKind, WarmupRun, WarmupStep
from deliverwatch.core.warmup.status import WarmupDay

MONDAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
Mail = int | None | Mapping[str, tuple[int, int]] | DayInputs
"""Offered and delivered; a day that is not known; offered and delivered by provider; or all that it brought."""


def a_plan(*stages: int | Stage, basis: PlanBasis = PlanBasis.RESULT, **more) -> WarmupPlan:
    each = tuple(Stage(stage) if isinstance(stage, int) else stage for stage in stages)
    return WarmupPlan(
        *("agreed", "As agreed", "Example ESP", basis, each, "agreed with the customer", date(2026, 1, 5)),
        **{"gates": DEFAULT_GATES} | more,
    )


def a_run(*stages: int | Stage, **more) -> WarmupRun:
    plan = a_plan(*stages, **more)
    return WarmupRun("run-1", "192.0.2.1", "acme", plan, 1, "hash", "America/New_York", MONDAY, AT)


def judged(run: WarmupRun, *days: Mail) -> list[WarmupDay]:
    """From Monday on."""
    found: list[WarmupDay] = []
    for number, mail in enumerate(days):
        day = day_of(MONDAY + timedelta(days=number), mail)
        result = fold(run, found[-1].after if found else RunState(), day, WarmupPolicy())
        found.append(WarmupDay(run.id, "digest", result, day.providers))
    return found


def day_of(on: date, mail: Mail) -> DayInputs:
    if isinstance(mail, DayInputs):
        return mail
    if mail is None:
        return DayInputs(on, unknown="nothing was told of it")
    by_provider = {"": (mail, mail)} if isinstance(mail, int) else mail
    return DayInputs(on, providers={name: counts(*each) for name, each in by_provider.items() if each[0]})


def counts(offered: int, delivered: int) -> DayCounts:
    """What was not delivered was put off."""
    return DayCounts(offered, offered, delivered, offered - delivered)


def a_hold(cause: HoldCause = HoldCause.LISTING, provider: str = ALL_PROVIDERS, *, over: bool = False) -> Hold:
    return Hold("run-1", f"{cause} {provider}", cause, provider, AT, {}, AT if over else None)


def a_step(kind: StepKind, stage: int | None = None) -> WarmupStep:
    return WarmupStep("run-1", AT, kind, "robin", "as it has to be", stage)
