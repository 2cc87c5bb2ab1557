"""Whether a blocklist can be believed now: one word for the whole of it, and how it is on each path it is asked by.

A list is VERIFIED when its newest round was, and that round is not too old to say anything of now. Else the word says
what keeps it from being so, as far as that is known. One that proves nothing for what we hold is BEYOND_PROOF: neither
well nor ill. One that is off has no standing at all.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.verification import unverifiable_kinds
from deliverwatch.core.zone_health import Health, ZoneState


class Believed(StrEnum):
    """LATE: its last verified round is over two intervals old. AHEAD: it is as far in the future, since the clock was
    set back. REFUSES: it will not have us. NOT_VERIFIED: its newest round was not, and its test points do not say why.
    """

    VERIFIED = "verified"
    LATE = "late"
    AHEAD = "ahead"
    NOT_ASKED = "not_asked"
    NOT_VERIFIED = "not_verified"
    FAILING = "failing"
    QUARANTINED = "quarantined"
    REFUSES = "refuses"
    BEYOND_PROOF = "beyond_proof"

    @property
    def in_doubt(self) -> bool:
        return self not in (Believed.VERIFIED, Believed.BEYOND_PROOF)


@dataclass(frozen=True, slots=True)
class ListStanding:
    """`verified_at`: when its last verified round was, as far as we know; None: never. `paths`: by path, as it was
    left there. `without_proof`: the kinds of what we hold for which it can prove nothing."""

    blocklist: Blocklist
    every: timedelta
    believed: Believed
    verified_at: datetime | None
    why: str | None
    paths: tuple[tuple[str, ZoneState], ...]
    without_proof: tuple[SubjectKind, ...]


@dataclass(frozen=True, slots=True)
class ListRounds:
    """`newest`: full rounds, by list. `verified_at`: of lists whose newest round was not verified, when one last was.
    `zones`: by list and path. `held`: the kinds of all that anybody holds."""

    now: datetime
    newest: Mapping[str, Cycle]
    verified_at: Mapping[str, datetime | None]
    zones: Mapping[tuple[str, str], ZoneState]
    held: Collection[SubjectKind]

    def standing(self, blocklist: Blocklist, every: timedelta) -> ListStanding:
        cycle = self.newest.get(blocklist.id)
        held = (frozenset(self.held) & blocklist.kinds) or blocklist.kinds
        without_proof = unverifiable_kinds(blocklist, held)
        paths = tuple(
            sorted(
                ((path, zone) for (list_id, path), zone in self.zones.items() if list_id == blocklist.id),
                key=lambda each: each[0],
            )
        )
        believed = Believed.BEYOND_PROOF if len(without_proof) == len(held) else self._believed(cycle, every)
        verified_at = self.verified_at.get(blocklist.id)
        if cycle is not None and cycle.verified:
            verified_at = cycle.finished_at
        why = cycle.detail if cycle is not None and not cycle.verified else None
        return ListStanding(blocklist, every, believed, verified_at, why, paths, without_proof)

    def _believed(self, cycle: Cycle | None, every: timedelta) -> Believed:
        if cycle is None:
            return Believed.NOT_ASKED
        if cycle.verified:
            return self._at_its_age(self.now - cycle.finished_at, 2 * every)
        zone = self.zones.get((cycle.list_id, cycle.path), ZoneState())
        if zone.stopped_at is not None:
            return Believed.REFUSES
        return _ILL.get(zone.health, Believed.NOT_VERIFIED)

    @staticmethod
    def _at_its_age(age: timedelta, at_most: timedelta) -> Believed:
        if abs(age) <= at_most:
            return Believed.VERIFIED
        return Believed.LATE if age > timedelta(0) else Believed.AHEAD


_ILL: Mapping[Health, Believed] = {Health.FAILING: Believed.FAILING, Health.QUARANTINED: Believed.QUARANTINED}
