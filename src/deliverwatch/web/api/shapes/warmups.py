"""Warm-ups."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field

from deliverwatch.web.api.shapes.common import CustomerId, Day, Facts, Instant, Ip
from deliverwatch.web.api.shapes.work_examples import STARTED_WARMUP, WARMUP, WARMUP_HISTORY


class CountsShape(BaseModel):
    on: Day
    allowed: int | None
    attempted: int | None
    attempted_least: int | None
    delivered: int | None
    deferred: int | None
    bounced: int | None
    complaints: int | None


class NextShape(BaseModel):
    on: Day | None
    allowance: int | None
    decision: Annotated[str | None, Field(examples=["advance"])]
    because: str | None
    demand: Any = None


class HoldShape(BaseModel):
    cause: Annotated[str, Field(examples=["listing"])]
    provider: str | None
    since: str
    over: bool
    facts: Facts


class WarmupShape(BaseModel):
    """Of an address that is `shared`, what would be others' to know is null."""

    example: ClassVar[Facts] = WARMUP

    ip: Ip
    customer: CustomerId | None
    plan: str | None
    stage: int | None
    day: int | None
    started_on: Day | None
    state: Annotated[str, Field(examples=["on_plan"])]
    held_by_platform: bool | None
    platform_stops_on: Day | None
    reason: str
    judged_on: Day | None
    yesterday: CountsShape | None
    next: NextShape
    expected_finish_on: Day | None
    holds: list[HoldShape]
    providers: list[Facts]
    pool: str | None
    zone: str | None
    stages: int | None
    plan_version: int | None
    over_plan_why: str | None
    ended: str | None
    ended_on: Day | None
    shared: bool
    advice: Facts


class StartWarningShape(BaseModel):
    kind: str
    text: str


class StartedWarmupShape(WarmupShape):
    example: ClassVar[Facts] = STARTED_WARMUP

    warnings: list[StartWarningShape]


class StepShape(BaseModel):
    at: Instant
    kind: str
    by: str
    reason: str | None
    stage: int | None


class WarmupHistoryShape(WarmupShape):
    example: ClassVar[Facts] = WARMUP_HISTORY

    days: list[Facts]
    steps: list[StepShape]
    plan_versions: list[Facts]
