"""One day of a figure that warns, and from where on it does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple


class Level(StrEnum):
    NOTICE = "notice"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class WarningPolicy:
    """`good_days`: how many end a warning; of `spam_rate`, `good_days_of_spam_rate`. `least_attempts`: of a day whose
    deferrals are compared."""

    complaint_notice: float = 0.001
    complaint_urgent: float = 0.003
    error_notice: float = 0.01
    error_urgent: float = 0.10
    good_days: int = 2
    good_days_of_spam_rate: int = 7
    least_attempts: int = 100
    rising_factor: float = 2.0
    rising_ratio: float = 0.05


class Mark(NamedTuple):
    """One day. `level` None: a good day. `shown`: JSON values for the evidence."""

    on: date
    level: Level | None
    shown: Mapping[str, Any]


def level_of(ratio: float, notice: float, urgent: float) -> Level | None:
    """None: good."""
    return Level.URGENT if ratio >= urgent else Level.NOTICE if ratio >= notice else None
