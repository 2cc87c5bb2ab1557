"""One IP on its way through a plan: the run, what happens to it, and what is believed of it after each day.

A *run* freezes its plan: what was agreed with the customer is the baseline, and an amendment is another version of it.
Each *service day* is cut as the plan counts days, in one zone for the whole run. What is known of a day (`DayInputs`)
may still grow for three days, since receivers are tried for so long; then the day is settled.

A *hold* stops the ramp: the volume stays, and does not grow. It comes from a listing, a block, a gate of the plan, or a
person; of one mailbox provider, or of all. When its cause is over the run is ready to be released, which a person does.
A hold is advice: nothing is changed at any platform.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from deliverwatch.core.warmup.plan import Denominator, GateMeasure, WarmupPlan

ALL_PROVIDERS = ""
SETTLED_AFTER = timedelta(days=3)
LEARNT_WITHIN = timedelta(days=31)
"""How long a day that was not known may still become known: a log that is read late, a source that was down."""


class RunEnd(StrEnum):
    """DONE: the plan was gone through to its end. OFF: the sending platform ended its warm-up before that. FINISHED: a
    person ended it."""

    DONE = "done"
    OFF = "off"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class WarmupRun:
    """`plan`: the version in force, `plan_version` counts from 1, `plan_hash` is of its content. `zone`: IANA name, in
    which its days are cut. `customer` None: the ESP's own address. `version`: grows with each write, so that two
    writers notice each other."""

    id: str
    ip: str
    customer: str | None
    plan: WarmupPlan
    plan_version: int
    plan_hash: str
    zone: str
    started_on: date
    created_at: datetime
    pool: str | None = None
    ended: RunEnd | None = None
    ended_on: date | None = None
    version: int = 1


class HoldCause(StrEnum):
    LISTING = "listing"
    BLOCK = "block"
    PERSON = "person"
    BOUNCE = "bounce"
    DEFERRAL = "deferral"
    COMPLAINT = "complaint"
    REFUSED = "refused"
    """Of the gate BLOCK: too many verdicts against the sender."""
    AUTHENTICATION = "authentication"


GATE_CAUSES: Mapping[GateMeasure, HoldCause] = {
    GateMeasure.BOUNCE: HoldCause.BOUNCE,
    GateMeasure.DEFERRAL: HoldCause.DEFERRAL,
    GateMeasure.COMPLAINT: HoldCause.COMPLAINT,
    GateMeasure.BLOCK: HoldCause.REFUSED,
    GateMeasure.AUTHENTICATION: HoldCause.AUTHENTICATION,
}


@dataclass(frozen=True, slots=True)
class Hold:
    """From outside the fold: an open listing or block, or a person. `key`: of the listing or episode, or of the
    person's step; one hold per run, key and provider. `provider`: `ALL_PROVIDERS`, or an id. `facts`: JSON values for
    its words (list_id, list_name, codes; provider, class; by, reason). `ended_at`: when its cause was over; a person's
    hold has no other end than a release."""

    run_id: str
    key: str
    cause: HoldCause
    provider: str
    opened_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    ended_at: datetime | None = None
    ended_how: str | None = None
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HoldChanges:
    """What one round or judging changes of holds. `opened`: one that is there already is left as it is. `ended`: those
    of a key, in all runs: when, and how (Ending, EpisodeEnd)."""

    opened: tuple[Hold, ...] = ()
    ended: Mapping[str, tuple[datetime, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.opened or self.ended)


NO_HOLD_CHANGES = HoldChanges()


class GateHold(NamedTuple):
    """By a gate of the plan. `clear_days`: how many days in a row it was measured, and below; `over`: enough of them.
    `found` of `of` messages (`per`: which) on the day that told it."""

    cause: HoldCause
    provider: str
    since: date
    found: int
    of: int
    above_ratio: float
    clear_days: int = 0
    over: bool = False
    per: Denominator = Denominator.OFFERED
    stepped_back: bool = False


class StepKind(StrEnum):
    STARTED = "started"
    HELD = "held"
    RELEASED = "released"
    STEPPED_BACK = "stepped_back"
    AMENDED = "amended"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class WarmupStep:
    """What a person did to a run. `stage`: STEPPED_BACK and AMENDED, the stage that applies from then on."""

    run_id: str
    at: datetime
    kind: StepKind
    by: str
    reason: str
    stage: int | None = None


class Reading(NamedTuple):
    """What a sending platform said of its own warm-up of one IP, on a day. `stage` None: it is off, or finished, or the
    platform does not count in stages. `progress_ratio`: where it tells one. `pool`: the platform's. `warming` False:
    off or finished."""

    platform: str
    ip: str
    on: date
    read_at: datetime
    warming: bool
    stage: int | None = None
    progress_ratio: float | None = None
    pool: str | None = None
    stages: int | None = None
    started_on: date | None = None


class Track(NamedTuple):
    """A provider that is not where the run is: held, or catching up. `stage`: for plans with a cap of its own.
    `offered`: for others, what it was offered on the day before."""

    stage: int
    offered: int | None = None


class RunState(NamedTuple):
    """What is believed after a day.

    `stage`: the next day's; `counted`: days that counted in it. `last_offered`: messages per provider on the last day
    with mail. `idle_days`: known days without mail since then. `held`: the run as a whole. `enough`: whether the day's
    result was what the plan wants; None: not known. `deferring`: providers above the deferral gate on that day; `over`:
    the day was so far above plan that it is told. `reading`: the last one; `stage_since`: when the platform's stage was
    first seen; `apart`: the run went back and the platform did not, so that its stage is not followed up.
    `unknown_since`: the first day within `LEARNT_WITHIN` whose counts are not known.
    """

    stage: int = 1
    counted: int = 0
    last_offered: Mapping[str, int] = {}
    idle_days: int = 0
    held: bool = False
    enough: bool | None = None
    over: bool = False
    gate_holds: tuple[GateHold, ...] = ()
    tracks: Mapping[str, Track] = {}
    deferring: frozenset[str] = frozenset()
    reading: Reading | None = None
    stage_since: date | None = None
    apart: bool = False
    ended: RunEnd | None = None
    ended_on: date | None = None
    unknown_since: date | None = None
