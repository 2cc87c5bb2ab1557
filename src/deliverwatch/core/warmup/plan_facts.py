"""A plan as JSON values and back, and the hash of what it decides.

A run freezes its plan: the file may change tomorrow, and what was agreed with the customer may not. So the whole plan
is kept with the run, and comes back exactly: a cap that is a share is kept as `{"share": 1.0}`, because a database may
turn 1.0 into 1, which would be one message a day.

The hash is of what decides, and of whom the customer is asked to mail. Names, notes and sources are words: two plans
that differ in nothing else are the same plan.
"""

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from deliverwatch.core.warmup.plan import (
    Denominator,
    Gate,
    GateMeasure,
    Growth,
    Idle,
    PlanBasis,
    PlanDays,
    Stage,
    WarmupPlan,
)

Facts = Mapping[str, Any]

_WORDS = frozenset({"id", "name", "owner", "source", "checked_on", "notes"})


def plan_hash(plan: WarmupPlan) -> str:
    decides = {key: value for key, value in plan_to_facts(plan).items() if key not in _WORDS}
    return sha256(json.dumps(decides, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def plan_to_facts(plan: WarmupPlan) -> dict[str, Any]:
    return {
        "id": plan.id,
        "name": plan.name,
        "owner": plan.owner,
        "basis": plan.basis.value,
        "stages": [_stage_to_facts(stage) for stage in plan.stages],
        "source": plan.source,
        "checked_on": plan.checked_on.isoformat(),
        "days": plan.days.value,
        "enough_ratio": float(plan.enough_ratio),
        "gates": [_gate_to_facts(gate) for gate in plan.gates],
        "idle": {
            "warn_after_days": plan.idle.warn_after_days,
            "restart_after_days": plan.idle.restart_after_days,
        },
        "weekdays": sorted(plan.weekdays),
        "beyond": _growth_to_facts(plan.beyond),
        "platform": plan.platform,
        "platform_stops_after_days": plan.platform_stops_after_days,
        "notes": list(plan.notes),
    }


def plan_from_facts(facts: Facts) -> WarmupPlan:
    return WarmupPlan(
        id=facts["id"],
        name=facts["name"],
        owner=facts["owner"],
        basis=PlanBasis(facts["basis"]),
        stages=tuple(_stage_from_facts(stage) for stage in facts["stages"]),
        source=facts["source"],
        checked_on=date.fromisoformat(facts["checked_on"]),
        days=PlanDays(facts["days"]),
        enough_ratio=float(facts["enough_ratio"]),
        gates=tuple(_gate_from_facts(gate) for gate in facts["gates"]),
        idle=Idle(**facts["idle"]),
        weekdays=frozenset(facts["weekdays"]),
        beyond=_growth_from_facts(facts["beyond"]),
        platform=facts["platform"],
        platform_stops_after_days=facts["platform_stops_after_days"],
        notes=tuple(facts["notes"]),
    )


def _stage_to_facts(stage: Stage) -> dict[str, Any]:
    return {
        "per_day": stage.per_day,
        "per_hour": stage.per_hour,
        "for_days": stage.for_days,
        "providers": {provider: _cap_to_fact(cap) for provider, cap in stage.providers.items()},
        "audience_days": stage.audience_days,
    }


def _stage_from_facts(facts: Facts) -> Stage:
    caps = {provider: _cap_from_fact(cap) for provider, cap in facts["providers"].items()}
    return Stage(facts["per_day"], facts["per_hour"], facts["for_days"], caps, facts["audience_days"])


def _cap_to_fact(cap: int | float) -> int | dict[str, float]:
    return {"share": cap} if isinstance(cap, float) else cap


def _cap_from_fact(fact: int | Mapping[str, float]) -> int | float:
    return float(fact["share"]) if isinstance(fact, Mapping) else int(fact)


def _gate_to_facts(gate: Gate) -> dict[str, Any]:
    return {
        "measure": gate.measure.value,
        "of": gate.of.value,
        "hold_above_ratio": float(gate.hold_above_ratio),
        "at_least": gate.at_least,
        "step_back_above_ratio": None if gate.step_back_above_ratio is None else float(gate.step_back_above_ratio),
    }


def _gate_from_facts(facts: Facts) -> Gate:
    step_back = facts["step_back_above_ratio"]
    return Gate(
        measure=GateMeasure(facts["measure"]),
        of=Denominator(facts["of"]),
        hold_above_ratio=float(facts["hold_above_ratio"]),
        at_least=facts["at_least"],
        step_back_above_ratio=None if step_back is None else float(step_back),
    )


def _growth_to_facts(growth: Growth | None) -> dict[str, Any] | None:
    return None if growth is None else {"factor": float(growth.factor), "every_days": growth.every_days}


def _growth_from_facts(facts: Facts | None) -> Growth | None:
    return None if facts is None else Growth(float(facts["factor"]), facts["every_days"])
