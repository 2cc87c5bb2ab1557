"""One service day of a run: what is known of it, and what it was judged to be.

A day's inputs are cut in the run's zone (`core.warmup.days`); its result is made by `core.warmup.fold`, kept, and made
again when the inputs have changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from deliverwatch.core.warmup.run import Hold, Reading, RunState, WarmupStep


class DayCounts(NamedTuple):
    """Of one IP at one mailbox provider ("": all others) on one service day. `attempted`: messages offered, at most;
    `attempted_least`: at least. They are the same where retries are told, and where nothing was deferred. `blocked`,
    `unauthenticated`: refused with a verdict against the sender, for its authentication; both are part of `bounced` or
    `deferred`; `accused_bounced`: how many of `bounced` they count. None: not measured."""

    attempted: int = 0
    attempted_least: int = 0
    delivered: int = 0
    deferred: int | None = 0
    bounced: int = 0
    complaints: int | None = None
    blocked: int | None = None
    unauthenticated: int | None = None
    accused_bounced: int = 0


@dataclass(frozen=True, slots=True)
class DayInputs:
    """All that one day brings to the fold.

    `hours`: of the day. `unknown` None: the day's counts are known (no mail included); else why they are not.
    `holds`: those in force at the end of the day. `throttled`: providers with an open throttle on it. `steps`: of the
    day, in order. `tracked`: the platform tells its stages; then a day without `reading` is unknown.
    """

    on: date
    hours: int = 24
    providers: Mapping[str, DayCounts] = field(default_factory=dict)
    unknown: str | None = None
    holds: tuple[Hold, ...] = ()
    throttled: frozenset[str] = frozenset()
    steps: tuple[WarmupStep, ...] = ()
    reading: Reading | None = None
    tracked: bool = False


class DayState(StrEnum):
    """interface.md, `warmup status`."""

    ON_PLAN = "on_plan"
    BEHIND_NO_TRAFFIC = "behind_no_traffic"
    BEHIND_REFUSED = "behind_refused"
    OVER_PLAN = "over_plan"
    HELD = "held"
    READY_TO_RELEASE = "ready_to_release"
    IDLE = "idle"
    SKIPPED = "skipped"
    FELL_BACK = "fell_back"
    DONE = "done"
    OFF = "off"
    UNKNOWN = "unknown"


class Decision(StrEnum):
    ADVANCE = "advance"
    REPEAT = "repeat"
    HOLD = "hold"
    STEP_BACK = "step_back"


class Because(StrEnum):
    """Why the next day's allowance is what it is."""

    ENOUGH_DELIVERED = "enough_delivered"
    DAY_WITH_MAIL = "day_with_mail"
    DAY_PASSED = "day_passed"
    DAY_PASSED_WITHOUT_MAIL = "day_passed_without_mail"
    STAGE_LASTS = "stage_lasts"
    """The day counted, and the stage takes more of them."""
    TOO_LITTLE_OFFERED = "too_little_offered"
    REFUSED = "refused"
    NO_MAIL = "no_mail"
    NOT_A_PLAN_DAY = "not_a_plan_day"
    NOT_KNOWN = "not_known"
    CANNOT_TELL = "cannot_tell"
    """Attempts are counted with their retries, and whether enough messages were offered hangs on them."""
    HELD = "held"
    READY = "ready"
    RELEASED = "released"
    GATE_STEPS_BACK = "gate_steps_back"
    IDLE_TOO_LONG = "idle_too_long"
    STEPPED_BACK = "stepped_back"
    AMENDED = "amended"
    PLATFORM_STAYS = "platform_stays"
    """On its last stage the platform says itself when it is over."""
    FIRST_DAY = "first_day"
    NOT_BEGUN = "not_begun"
    LAST_STAGE_DONE = "last_stage_done"
    PLATFORM_OFF = "platform_off"
    PERSON_FINISHED = "person_finished"


class RunNews(StrEnum):
    """What a day brings that is worth an event."""

    HELD = "held"
    READY = "ready"
    STEPPED_BACK = "stepped_back"
    ENDED = "ended"
    OVER_PLAN = "over_plan"
    FELL_BACK = "fell_back"
    SKIPPED = "skipped"
    IDLE = "idle"
    AGAINST_HOLD = "against_hold"
    STOPS_SOON = "stops_soon"


class News(NamedTuple):
    """`facts`: JSON values."""

    what: RunNews
    on: date
    facts: Mapping[str, Any]


class DayResult(NamedTuple):
    """One day, judged. `stage`: that of the day. `allowed`: messages of the day. `counts`: of all providers together.
    `by_platform`: it is the sending platform that stays on its stage. `after`: the state for the next day; `news`: what
    is to be told."""

    on: date
    stage: int
    allowed: int
    counts: DayCounts
    state: DayState
    decision: Decision
    because: Because
    after: RunState
    news: tuple[News, ...] = ()
    by_platform: bool = False
    unknown: str | None = None
