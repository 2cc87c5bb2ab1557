"""What is believed of lists and watches, and what rounds found."""

from dataclasses import fields
from typing import Any

from deliverwatch.core.coverage import Cycle, Gap
from deliverwatch.core.flapping import Unstable
from deliverwatch.core.listing import ListingState, Phase, Watch
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.verdict import Outcome
from deliverwatch.core.zone_health import Health, ZoneState
from deliverwatch.flows.ports import Claim, Slot
from deliverwatch.store.mapping.rows import AnyRow
from deliverwatch.store.mapping.subjects import watch, watch_values

_CYCLE_FIELDS = tuple(field.name for field in fields(Cycle))


def slot(row: AnyRow) -> Slot:
    return Slot(row.job, row.key, row.due_at, row.started_at, row.finished_at, row.lease_until)


def cycle(row: AnyRow) -> Cycle:
    kinds = tuple(SubjectKind(kind) for kind in row.kinds_verified)
    return Cycle(**{**{name: getattr(row, name) for name in _CYCLE_FIELDS}, "kinds_verified": kinds})


def cycle_values(value: Cycle, claim: Claim) -> dict[str, Any]:
    return {
        **{name: getattr(value, name) for name in _CYCLE_FIELDS},
        "kinds_verified": [str(kind) for kind in value.kinds_verified],
        "job": claim.job,
        "key": claim.key,
        "fence": claim.fence,
    }


def zone_state(row: AnyRow) -> ZoneState:
    return ZoneState(
        health=Health(row.health),
        since=row.since,
        bad_rounds=row.bad_rounds,
        good_since=row.good_since,
        detail=row.detail,
        stopped_at=row.stopped_at,
        ask_again_at=row.ask_again_at,
        bad_kinds=frozenset(map(SubjectKind, row.bad_kinds)),
        lies=row.lies,
    )


def zone_values(list_id: str, path: str, value: ZoneState) -> dict[str, Any]:
    return {
        "list_id": list_id,
        "path": path,
        "health": str(value.health),
        "since": value.since,
        "bad_rounds": value.bad_rounds,
        "good_since": value.good_since,
        "detail": value.detail,
        "stopped_at": value.stopped_at,
        "ask_again_at": value.ask_again_at,
        "bad_kinds": sorted(value.bad_kinds),
        "lies": value.lies,
    }


def listing_state(row: AnyRow) -> ListingState:
    return ListingState(
        phase=Phase(row.phase),
        as_of=row.as_of,
        opened_at=row.opened_at,
        codes=tuple(row.codes),
        first_path=row.first_path,
        first_expires_at=row.first_expires_at,
        clear_count=row.clear_count,
        clear_since=row.clear_since,
        clear_trusted_at=row.clear_trusted_at,
        doubted=row.doubted,
    )


def state_values(of: Watch, value: ListingState) -> dict[str, Any]:
    return {
        **watch_values(of),
        "phase": str(value.phase),
        "as_of": value.as_of,
        "opened_at": value.opened_at,
        "codes": list(value.codes),
        "first_path": value.first_path,
        "first_expires_at": value.first_expires_at,
        "clear_count": value.clear_count,
        "clear_since": value.clear_since,
        "clear_trusted_at": value.clear_trusted_at,
        "doubted": value.doubted,
    }


def transition_values(of: Watch, before: Phase, after: ListingState) -> dict[str, Any]:
    return {
        **watch_values(of),
        "at": after.as_of,
        "from_phase": str(before),
        "to_phase": str(after.phase),
        "codes": list(after.codes),
    }


def gap(row: AnyRow) -> Gap:
    return Gap(watch(row), row.since, row.until, Outcome(row.outcome), row.detail)


def gap_values(value: Gap) -> dict[str, Any]:
    return {
        **watch_values(value.watch),
        "since": value.since,
        "until": value.until,
        "outcome": str(value.outcome),
        "detail": value.detail,
    }


def unstable(row: AnyRow) -> Unstable:
    return Unstable(row.since, row.changed_at, tuple(row.parties))


def unstable_values(of: Watch, value: Unstable) -> dict[str, Any]:
    return {**watch_values(of), "since": value.since, "changed_at": value.changed_at, "parties": list(value.parties)}
