"""The store as the flows of warm-ups see it. All times are aware UTC; every `add_*` and `commit_*` is one transaction.

Holds that a listing or a block opens are written with the event that opened it (`RoundResult.holds`,
`EpisodeChanges.holds`); what is here is the rest.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from deliverwatch.core.alerting import Notification
from deliverwatch.core.errors import FenceLost
from deliverwatch.core.events import Event
from deliverwatch.core.warmup.plan import WarmupPlan
from deliverwatch.core.warmup.run import Hold, Reading, WarmupRun, WarmupStep
from deliverwatch.core.warmup.status import RunStatus, WarmupDay


class PlanVersion(NamedTuple):
    """What was agreed, and when and why it was changed. `version` 1 is the baseline."""

    run_id: str
    version: int
    plan: WarmupPlan
    at: datetime
    by: str
    reason: str


class RunHistory(NamedTuple):
    """All of it, oldest first. `agreed`: the versions of its plan, the baseline first."""

    status: RunStatus
    days: tuple[WarmupDay, ...]
    steps: tuple[WarmupStep, ...]
    agreed: tuple[PlanVersion, ...]


@dataclass(frozen=True, slots=True)
class WarmupChanges:
    """`run`: as it is to be; its `version` is still the one that was read. `days` replace those of the same day.
    `released`: keys of holds of this run. `agreed`: a new version of the plan; of a new run, the baseline."""

    run: WarmupRun
    days: Sequence[WarmupDay] = ()
    steps: Sequence[WarmupStep] = ()
    holds: Sequence[Hold] = ()
    released: Mapping[str, datetime] | None = None
    agreed: PlanVersion | None = None
    events: Sequence[Event] = ()
    notifications: Sequence[Notification] = ()


class WarmupsOvertaken(FenceLost):
    """Some runs of several were written since they were read, and so nothing was. `run_ids`: those."""

    def __init__(self, run_ids: Collection[str]) -> None:
        super().__init__(f"{len(run_ids)} warm-ups were written by somebody else meanwhile")
        self.run_ids = frozenset(run_ids)


class WarmupStore(Protocol):
    async def add_warmup(self, changes: WarmupChanges) -> None:
        """A new run. Raises NotPossible when its IP has one that is not over."""

    async def commit_warmup(self, changes: WarmupChanges) -> None:
        """Raises FenceLost, and writes nothing, when the run was written since it was read, or would be open beside
        another one of its IP. Events that are there already are left as they are; so are their notifications, and
        holds."""

    async def commit_warmups(
        self, changes: Sequence[WarmupChanges], events: Sequence[Event], notifications: Sequence[Notification]
    ) -> None:
        """All of them, with what is told of several at once. Raises WarmupsOvertaken, and writes nothing, when that
        goes for any of the runs."""

    async def warmups(
        self, *, open_only: bool = False, ended_since: date | None = None, ip: str | None = None
    ) -> list[WarmupRun]:
        """By IP, then newest first. `open_only`: and those that ended since a day, if one is given."""

    async def warmup_days(self, run_ids: Collection[str], since: date | None = None) -> Mapping[str, list[WarmupDay]]:
        """Oldest first, without those of before `since`; a run without any is not among them."""

    async def last_warmup_days(self, run_ids: Collection[str]) -> Mapping[str, WarmupDay]:
        """The newest of each."""

    async def warmup_holds(self, run_ids: Collection[str] | None = None, *, unreleased: bool = False) -> list[Hold]:
        """Oldest first; None: of all runs."""

    async def warmup_steps(self, run_ids: Collection[str]) -> Mapping[str, list[WarmupStep]]:
        """Oldest first."""

    async def warmup_plans(self, run_id: str) -> list[PlanVersion]:
        """The baseline first."""

    async def keep_readings(self, readings: Sequence[Reading]) -> None:
        """One per platform, IP and day: the newest of a day stays."""

    async def readings(self, since: date, ips: Collection[str] | None = None) -> list[Reading]:
        """Oldest first."""
