"""Where a run stands now, as the command line, the report and the pages show it.

The last day that was judged, under what has happened since: a hold that opened this morning counts at once, although
the day is not over. What is said of a single mailbox provider is of its own counts and holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from deliverwatch.core.warmup.day import Because, DayCounts, DayResult, DayState, Decision
from deliverwatch.core.warmup.run import HoldCause, RunState, WarmupRun, WarmupStep


class WarmupDay(NamedTuple):
    """A judged day as it is kept. `digest`: of all that it was judged by, so that what changed is seen."""

    run_id: str
    digest: str
    result: DayResult
    providers: Mapping[str, DayCounts]

    @property
    def after(self) -> RunState:
        return self.result.after


@dataclass(frozen=True, slots=True)
class HoldView:
    """`since`: to the minute for what has one, else the day. `over`: its cause is; a person may release it."""

    cause: HoldCause
    provider: str
    since: datetime | date
    facts: Mapping[str, Any]
    over: bool = False


@dataclass(frozen=True, slots=True)
class NextDay:
    """`allowance` None: the run is over, or the plan has no number for this provider. `demand`: messages that are
    likely to be offered; None: too little is known."""

    on: date
    allowance: int | None
    decision: Decision
    because: Because
    demand: int | None = None


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """`allowed`: of the judged day; None: the plan has no number for this provider."""

    provider: str
    stage: int
    state: DayState
    allowed: int | None
    counts: DayCounts | None
    next: NextDay
    holds: tuple[HoldView, ...] = ()


@dataclass(frozen=True, slots=True)
class RunStatus:
    """`day`: counts from 1; 0 before the run begins. `stage`: of the next day. `judged`: the last day that was; None:
    none yet. `expected_finish_on` None: it does not go on like this, or too little is known. `over_plan_why`: what
    explains a day above plan, if it was one (see core.warmup.pools). `shared`: it is one customer's copy, of an address
    that concerns others as well, and tells state and holds alone (see core.warmups_seen). `stepped_back`: the last time
    that a person did so."""

    run: WarmupRun
    day: int
    stage: int
    state: DayState
    judged: DayResult | None
    next: NextDay
    providers: tuple[ProviderStatus, ...]
    holds: tuple[HoldView, ...]
    by_platform: bool
    platform_stops_on: date | None
    expected_finish_on: date | None
    over_plan_why: str | None = None
    shared: bool = False
    stepped_back: WarmupStep | None = None


@dataclass(frozen=True, slots=True)
class RunWeek:
    """A run as a customer's report needs it. `days`: those within the week, oldest first; `released_on`: on which of
    them a person released it. None of one that is shared."""

    status: RunStatus
    days: tuple[WarmupDay, ...]
    released_on: frozenset[date] = frozenset()

    @property
    def shared(self) -> bool:
        return self.status.shared


class StartWarningKind(StrEnum):
    """What speaks against starting a warm-up now. Facts: LISTED list_id, since; BLOCKED provider, since; NO_PTR none;
    PTR_ELSEWHERE names, leads_to; PTR_UNKNOWN detail; NO_OVERFLOW pool, platform; NOT_COLD last_on, days;
    NOBODY_TELLS none."""

    LISTED = "listed"
    BLOCKED = "blocked"
    NO_PTR = "no_ptr"
    PTR_ELSEWHERE = "ptr_elsewhere"
    PTR_UNKNOWN = "ptr_unknown"
    NO_OVERFLOW = "no_overflow"
    NOT_COLD = "not_cold"
    NOBODY_TELLS = "nobody_tells"


class StartWarning(NamedTuple):
    """`facts`: JSON values."""

    kind: StartWarningKind
    facts: Mapping[str, Any]
