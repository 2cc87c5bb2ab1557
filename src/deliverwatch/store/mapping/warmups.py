"""Warm-ups: runs with their plan, days, holds, steps, and what platforms say."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from deliverwatch.core.warmup.day import DayCounts, DayResult
from deliverwatch.core.warmup.facts import (
    providers_from_facts,
    providers_to_facts,
    result_from_facts,
    result_to_facts,
)
from deliverwatch.core.warmup.plan import WarmupPlan
from deliverwatch.core.warmup.plan_facts import plan_from_facts, plan_hash, plan_to_facts
from deliverwatch.core.warmup.run import Hold, HoldCause, Reading, RunEnd, StepKind, WarmupRun, WarmupStep
from deliverwatch.core.warmup.status import WarmupDay
from deliverwatch.flows.warmup_ports import PlanVersion
from deliverwatch.store.mapping.rows import AnyRow

_PLANS_REMEMBERED = 256
_DAYS_REMEMBERED = 4_096
"""Four weeks of a hundred and fifty runs: some ten megabytes."""


def run(row: AnyRow) -> WarmupRun:
    """A row of the table with `plan`, `plan_version` and `plan_hash`."""
    return WarmupRun(
        id=row.id,
        ip=row.ip,
        customer=row.customer,
        plan=_plan(row.plan),
        plan_version=row.plan_version,
        plan_hash=row.plan_hash,
        zone=row.zone,
        started_on=row.started_on,
        created_at=row.created_at,
        pool=row.pool,
        ended=RunEnd(row.ended) if row.ended is not None else None,
        ended_on=row.ended_on,
        version=row.version,
    )


def run_values(value: WarmupRun) -> dict[str, Any]:
    """Without the plan, which has a table of its own."""
    return {
        "id": value.id,
        "ip": value.ip,
        "customer": value.customer,
        "zone": value.zone,
        "started_on": value.started_on,
        "created_at": value.created_at,
        "pool": value.pool,
        "ended": str(value.ended) if value.ended is not None else None,
        "ended_on": value.ended_on,
        "version": value.version,
    }


@lru_cache(_PLANS_REMEMBERED)
def _plan(text: str) -> WarmupPlan:
    """Ten thousand runs share a few plans: each is read once, and is there once."""
    return plan_from_facts(json.loads(text))


def plan_version(row: AnyRow) -> PlanVersion:
    return PlanVersion(row.run_id, row.version, _plan(row.plan), row.at, row.by, row.reason)


def plan_version_values(value: PlanVersion) -> dict[str, Any]:
    text = json.dumps(plan_to_facts(value.plan), separators=(",", ":"))
    return {**value._asdict(), "plan": text, "hash": plan_hash(value.plan)}


def day(row: AnyRow) -> WarmupDay:
    """A row whose JSON is text."""
    return WarmupDay(row.run_id, row.digest, _result(row.result), _providers(row.providers))


@lru_cache(_DAYS_REMEMBERED)
def _result(text: str) -> DayResult:
    """Where runs stand is asked for more often than days change."""
    return result_from_facts(json.loads(text))


@lru_cache(_DAYS_REMEMBERED)
def _providers(text: str) -> Mapping[str, DayCounts]:
    return providers_from_facts(json.loads(text))


def day_values(value: WarmupDay) -> dict[str, Any]:
    return {
        "run_id": value.run_id,
        "day": value.result.on,
        "digest": value.digest,
        "result": result_to_facts(value.result),
        "providers": providers_to_facts(value.providers),
    }


def hold(row: AnyRow) -> Hold:
    return Hold(
        run_id=row.run_id,
        key=row.key,
        cause=HoldCause(row.cause),
        provider=row.provider,
        opened_at=row.opened_at,
        facts=row.facts,
        ended_at=row.ended_at,
        ended_how=row.ended_how,
        released_at=row.released_at,
    )


def hold_values(value: Hold) -> dict[str, Any]:
    return {
        "run_id": value.run_id,
        "key": value.key,
        "provider": value.provider,
        "cause": str(value.cause),
        "opened_at": value.opened_at,
        "facts": dict(value.facts),
        "ended_at": value.ended_at,
        "ended_how": value.ended_how,
        "released_at": value.released_at,
    }


def step(row: AnyRow) -> WarmupStep:
    return WarmupStep(row.run_id, row.at, StepKind(row.kind), row.by, row.reason, row.stage)


def step_values(value: WarmupStep) -> dict[str, Any]:
    return {
        "run_id": value.run_id,
        "at": value.at,
        "kind": str(value.kind),
        "by": value.by,
        "reason": value.reason,
        "stage": value.stage,
    }


def reading(row: AnyRow) -> Reading:
    return Reading(
        platform=row.platform,
        ip=row.ip,
        on=row.day,
        read_at=row.read_at,
        warming=row.warming,
        stage=row.stage,
        progress_ratio=row.progress_ratio,
        pool=row.pool,
        stages=row.stages,
        started_on=row.started_on,
    )


def reading_values(value: Reading) -> dict[str, Any]:
    values = value._asdict()
    return {"day": values.pop("on"), **values}
