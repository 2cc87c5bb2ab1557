"""What a file of `warmup_plans/` may hold, and how it becomes a `core.warmup.plan.WarmupPlan`.

A file is shorter than the plan: a stage that is only a number is messages a day, and audience advice is given for
ranges of stages. `warmup_plans/README.md` explains every key.
"""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from deliverwatch.catalogue.mailbox_providers import ProviderId
from deliverwatch.catalogue.schema import IsoDate, KebabId, Strict, Text, choice
from deliverwatch.core.errors import unknown_name
from deliverwatch.core.warmup.plan import (
    Denominator,
    Gate,
    GateMeasure,
    Growth,
    Idle,
    PlanBasis,
    PlanDays,
    Stage,
    WarmupPlan,
)
from deliverwatch.core.warmup.policy import DEFAULT_GATES

_MOST_MESSAGES = 1_000_000_000
_MOST_DAYS = 90
_MOST_AUDIENCE_DAYS = 730
_ENOUGH = 0.9
"""What SparkPost asks for."""
_LEAST_FACTOR = 1.01
"""Less would take hundreds of stages to double."""
_SPAN = re.compile(r"([1-9][0-9]{0,3})-([1-9][0-9]{0,3})")
_PLATFORMS = ("sparkpost", "sendgrid", "mailgun", "bird")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _messages(number: int) -> int:
    if not 1 <= number <= _MOST_MESSAGES:
        raise ValueError(f"{number} is not a number of messages: expected 1 to {_MOST_MESSAGES}")
    return number


def _number_of_days(number: int) -> int:
    if not 1 <= number <= _MOST_DAYS:
        raise ValueError(f"{number} is not a number of days: expected 1 to {_MOST_DAYS}")
    return number


def _audience_days(number: int) -> int:
    if not 1 <= number <= _MOST_AUDIENCE_DAYS:
        raise ValueError(f"{number} is not a number of days: expected 1 to {_MOST_AUDIENCE_DAYS}")
    return number


def _ratio(number: float) -> float:
    if not 0 <= number <= 1:
        raise ValueError(f"{number} is not a ratio: expected 0 to 1, as in 0.05 for 5 %")
    return number


def _part(number: float) -> float:
    if not 0 < number <= 1:
        raise ValueError(f"{number} is not a share: expected a number above 0 and up to 1")
    return number


def _factor(number: float) -> float:
    if number < _LEAST_FACTOR:
        raise ValueError(f"{number} is too little to grow by: expected {_LEAST_FACTOR} or more")
    return number


def _cap(value: Any) -> int | float:
    """1 is refused: it could be meant for all, and would be one message a day."""
    if not _is_number(value):
        raise ValueError("expected messages a day, or a share of the full volume as in 0.25")
    if isinstance(value, float):
        return _part(value)
    if value == 1:
        raise ValueError("1 would be one message a day: write 1.0 for the full volume, or 2 messages or more")
    return _messages(value)


def _stage(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return {"per_day": value}
    raise ValueError("expected messages a day as a whole number, or a mapping with per_day or per_hour")


def _span(value: Any) -> tuple[int, int]:
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[1]) > int(found[2]):
        raise ValueError(f"{str(value)[:80]!r} are not stages: expected the first and the last, as in 1-14")
    return int(found[1]), int(found[2])


def _weekday(value: Any) -> int:
    if value not in _WEEKDAYS:
        raise ValueError(unknown_name("weekday", str(value), _WEEKDAYS))
    return _WEEKDAYS.index(value)


def _platform(value: Any) -> str:
    if value not in _PLATFORMS:
        raise ValueError(unknown_name("platform", str(value), _PLATFORMS))
    return str(value)


Messages = Annotated[int, AfterValidator(_messages)]
Days = Annotated[int, AfterValidator(_number_of_days)]
Ratio = Annotated[float, AfterValidator(_ratio)]
Cap = Annotated[Any, BeforeValidator(_cap)]
Span = Annotated[tuple[int, int], BeforeValidator(_span)]


class StageEntry(Strict):
    per_day: Messages | None = None
    per_hour: Messages | None = None
    for_days: Days = 1
    providers: dict[ProviderId, Cap] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_a_number(self) -> "StageEntry":
        if self.per_day is None and self.per_hour is None:
            raise ValueError("says no volume: expected per_day, per_hour or both")
        return self


class AudienceEntry(Strict):
    stages: Span
    days: Annotated[int, AfterValidator(_audience_days)]


class GateEntry(Strict):
    measure: Annotated[GateMeasure, choice(GateMeasure)]
    of: Annotated[Denominator, choice(Denominator)]
    hold_above_ratio: Ratio
    at_least: Messages
    step_back_above_ratio: Ratio | None = None


class IdleEntry(Strict):
    warn_after_days: Days = Idle().warn_after_days
    restart_after_days: Days = Idle().restart_after_days


class GrowthEntry(Strict):
    factor: Annotated[float, AfterValidator(_factor)]
    every_days: Days


class PlanEntry(Strict):
    id: KebabId
    name: Text
    owner: Text
    basis: Annotated[PlanBasis, choice(PlanBasis)]
    days: Annotated[PlanDays, choice(PlanDays)] = PlanDays.SERVICE
    enough_ratio: Annotated[float, AfterValidator(_part)] | None = None
    platform: Annotated[str, BeforeValidator(_platform)] | None = None
    platform_stops_after_days: Days | None = None
    weekdays: list[Annotated[int, BeforeValidator(_weekday)]] | None = None
    stages: list[Annotated[StageEntry, BeforeValidator(_stage)]]
    shrinks: bool = False
    beyond: GrowthEntry | None = None
    audience: list[AudienceEntry] = Field(default_factory=list)
    gates: list[GateEntry] | None = None
    idle: IdleEntry = IdleEntry()
    notes: list[Text] = Field(default_factory=list)
    source: Text
    checked_on: IsoDate


def to_core(entry: PlanEntry) -> WarmupPlan:
    numbered = enumerate(entry.stages, start=1)
    return WarmupPlan(
        id=entry.id,
        name=entry.name,
        owner=entry.owner,
        basis=entry.basis,
        stages=tuple(_stage_to_core(stage, _audience_of(entry, number)) for number, stage in numbered),
        source=entry.source,
        checked_on=entry.checked_on,
        days=entry.days,
        enough_ratio=_ENOUGH if entry.enough_ratio is None else entry.enough_ratio,
        gates=DEFAULT_GATES if entry.gates is None else tuple(Gate(**gate.model_dump()) for gate in entry.gates),
        idle=Idle(**entry.idle.model_dump()),
        weekdays=frozenset(range(7) if entry.weekdays is None else entry.weekdays),
        beyond=None if entry.beyond is None else Growth(**entry.beyond.model_dump()),
        platform=entry.platform,
        platform_stops_after_days=entry.platform_stops_after_days,
        notes=tuple(entry.notes),
    )


def _stage_to_core(stage: StageEntry, audience_days: int | None) -> Stage:
    return Stage(stage.per_day, stage.per_hour, stage.for_days, dict(stage.providers), audience_days)


def _audience_of(entry: PlanEntry, stage: int) -> int | None:
    ranges = ((each.stages, each.days) for each in entry.audience)
    return next((days for (first, last), days in ranges if first <= stage <= last), None)
