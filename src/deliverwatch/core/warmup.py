"""A warm-up plan: how much mail a new sending IP may carry, stage by stage.

Mailbox providers distrust an address without history, so its volume grows in published steps. What makes the next step
apply differs: on some platforms a day passes, on others a day with mail passes, on others the day's result must have
been good enough; a plan that moves by the calendar says "warm" after a week in which the providers saw nothing.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class PlanBasis(StrEnum):
    CALENDAR_DAY = "calendar_day"
    SENDING_DAY = "sending_day"
    GATED = "gated"


@dataclass(frozen=True, slots=True)
class WarmupPlan:
    """`stages`: messages per day of one IP, all providers together.

    `advance_above_ratio`: delivered / stage, for GATED.
    `platform_stops_after_days`: the sending platform ends the warm-up after so many days without a new stage.
    """

    id: str
    name: str
    owner: str
    basis: PlanBasis
    stages: tuple[int, ...]
    source: str
    checked_on: date
    advance_above_ratio: float | None = None
    platform_stops_after_days: int | None = None
    notes: tuple[str, ...] = ()
