"""A warm-up plan: how much mail a new sending IP may carry, stage by stage.

Mailbox providers distrust an address without history, so its volume grows in steps. What makes the next step apply
differs: on some platforms a day passes, on others a day with mail passes, on others the day's result must have been
good enough; a plan that moves by the calendar says "warm" after a week in which the providers saw nothing. No published
plan is "the" right one: at day 14 they lie a hundredfold apart, so the plan that was agreed with the customer is the
only baseline, and these are presets to start from.

Stages are numbered from 1. A number per hour is turned into a day's by the hours that the day has: 23 to 25.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from math import floor
from types import MappingProxyType

NO_CAPS: Mapping[str, int | float] = MappingProxyType({})


class PlanBasis(StrEnum):
    """What makes a day count for the next stage. CALENDAR_DAY: it passed. SENDING_DAY: enough of its allowance was
    delivered to call it a day with mail. RESULT: nearly all of its allowance was delivered."""

    CALENDAR_DAY = "calendar_day"
    SENDING_DAY = "sending_day"
    RESULT = "result"


class PlanDays(StrEnum):
    """Whose days the plan counts: those of the customer's service zone, or UTC, as the sending platform does."""

    SERVICE = "service"
    UTC = "utc"


class GateMeasure(StrEnum):
    """BOUNCE: bounced, but for what accuses the sender. DEFERRAL: offered, and at the end of the day neither delivered
    nor bounced; two days in a row. COMPLAINT. BLOCK: refused with a verdict against the sender. AUTHENTICATION: refused
    for SPF, DKIM or DMARC."""

    BOUNCE = "bounce"
    DEFERRAL = "deferral"
    COMPLAINT = "complaint"
    BLOCK = "block"
    AUTHENTICATION = "authentication"


class Denominator(StrEnum):
    """OFFERED: messages, without retries where a source tells them. DELIVERED: accepted by the receiving MTA."""

    OFFERED = "offered"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Gate:
    """Above `hold_above_ratio` the ramp is held, above `step_back_above_ratio` it goes back one stage besides; but only
    if the lower end of the interval (Wilson, 95 %) is above, and from `at_least` messages in the denominator on."""

    measure: GateMeasure
    of: Denominator
    hold_above_ratio: float
    at_least: int
    step_back_above_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class Idle:
    """Receivers keep an address's history for about 30 days (SendGrid, Braze, MailWizz)."""

    warn_after_days: int = 20
    restart_after_days: int = 30


@dataclass(frozen=True, slots=True)
class Stage:
    """The most messages of one IP: a day, an hour, or both, all mailbox providers together. `for_days`: how many days
    that count it takes. `providers`: caps of single ones by id; an int is messages a day, a float a share of the full
    volume. `audience_days`: mail only who opened or clicked within so many days; None: no advice."""

    per_day: int | None
    per_hour: int | None = None
    for_days: int = 1
    providers: Mapping[str, int | float] = field(default_factory=lambda: NO_CAPS)
    audience_days: int | None = None

    def allowance(self, hours: int) -> int:
        """For a day of so many hours."""
        by_hour = self.per_hour * hours if self.per_hour is not None else None
        return min(each for each in (self.per_day, by_hour) if each is not None)


@dataclass(frozen=True, slots=True)
class Growth:
    """How a plan goes on beyond its last stage: times `factor` every `every_days` days that count."""

    factor: float
    every_days: int


@dataclass(frozen=True, slots=True)
class WarmupPlan:
    """`enough_ratio`: of the day's allowance, how much must be delivered for the day to count; for RESULT more than it,
    for SENDING_DAY as much. `weekdays`: 0 is Monday; days that are not among them are not part of the plan.
    `platform`: the sending platform whose own warm-up goes by this plan, stage by stage, and is followed where it tells
    its stage. `platform_stops_after_days`: it ends the warm-up after so many days without a new stage."""

    id: str
    name: str
    owner: str
    basis: PlanBasis
    stages: tuple[Stage, ...]
    source: str
    checked_on: date
    days: PlanDays = PlanDays.SERVICE
    enough_ratio: float = 0.9
    gates: tuple[Gate, ...] = ()
    idle: Idle = Idle()
    weekdays: frozenset[int] = frozenset(range(7))
    beyond: Growth | None = None
    platform: str | None = None
    platform_stops_after_days: int | None = None
    notes: tuple[str, ...] = ()

    def allowance(self, stage: int, hours: int = 24) -> int:
        return self.stages[stage - 1].allowance(hours)

    @property
    def full_volume(self) -> int:
        """Messages a day at the end of the plan."""
        return max(stage.allowance(24) for stage in self.stages)

    def provider_allowance(self, stage: int, provider: str, hours: int = 24) -> int | None:
        """None: the plan has no number of its own for this provider."""
        cap = self.stages[stage - 1].providers.get(provider)
        if cap is None:
            return None
        most = floor(cap * self.full_volume) if isinstance(cap, float) else cap
        return min(most, self.allowance(stage, hours))

    def caps(self, provider: str) -> bool:
        return any(provider in stage.providers for stage in self.stages)

    @property
    def capped_providers(self) -> frozenset[str]:
        return frozenset(provider for stage in self.stages for provider in stage.providers)

    @property
    def days_at_least(self) -> int:
        """How many days that count it takes from the first to the last."""
        return sum(stage.for_days for stage in self.stages)


def for_volume(plan: WarmupPlan, per_day: int) -> WarmupPlan:
    """The plan up to the first stage that allows so many messages a day, which then ends at that number; and on, as
    long as caps of single providers grow. It goes beyond its last stage only if it says how; otherwise the result falls
    short of `per_day`."""
    stages: list[Stage] = []
    for stage in (*plan.stages, *_beyond(plan, per_day)):
        if stages and stages[-1].allowance(24) >= per_day and stage.providers == stages[-1].providers:
            break
        stages.append(_cut(stage, per_day) if stage.allowance(24) >= per_day else stage)
    if stages[-1].allowance(24) >= per_day:
        stages[-1] = replace(stages[-1], for_days=1)
    return replace(plan, stages=tuple(stages), beyond=None)


def _cut(stage: Stage, per_day: int) -> Stage:
    providers = {name: cap if isinstance(cap, float) else min(cap, per_day) for name, cap in stage.providers.items()}
    return replace(stage, per_day=per_day, providers=providers)


def _beyond(plan: WarmupPlan, per_day: int) -> list[Stage]:
    if plan.beyond is None:
        return []
    last, more = plan.stages[-1], []
    volume = float(last.allowance(24))
    while volume < per_day:
        volume *= plan.beyond.factor
        more.append(replace(last, per_day=floor(volume), per_hour=None, for_days=plan.beyond.every_days))
    return more
