"""Warm-ups as JSON: interface.md, "Status per IP", and more keys beside those.

`reason` and `because` are sentences, `state` and `decision` are words for programs. What is not known is null: counts
of a day that nobody counted, complaints that nobody tells, a date that nobody can forecast; and, of an address that
is `shared`, what is not for the customer who is asked for. `attempted` is messages without their retries where a
source tells these apart, and else at most so many; `attempted_least` is at least.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from deliverwatch.core.warmup.day import DayCounts, DayResult
from deliverwatch.core.warmup.plan import WarmupPlan
from deliverwatch.core.warmup.plan_facts import plan_to_facts
from deliverwatch.core.warmup.pools import PoolStatus
from deliverwatch.core.warmup.run import WarmupStep
from deliverwatch.core.warmup.sizing import Sizing
from deliverwatch.core.warmup.status import HoldView, NextDay, ProviderStatus, RunStatus, WarmupDay
from deliverwatch.flows.warmup_ports import PlanVersion, RunHistory
from deliverwatch.render.json_times import instant
from deliverwatch.render.warmup_advice import advice_for
from deliverwatch.render.warmup_words import Names, because, provider_reason, reason

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_OF_SHARED = frozenset({"ip", "customer", "pool", "state", "reason", "holds", "ended", "ended_on", "shared", "advice"})

Document = dict[str, Any]


def status_document(status: RunStatus, names: Names) -> Document:
    document = _document(status, names)
    if not status.shared:
        return document
    nothing = {"providers": [], "next": dict.fromkeys(document["next"]) | {"on": _day(status.next.on)}}
    return dict.fromkeys(document) | nothing | {name: document[name] for name in _OF_SHARED}


def _document(status: RunStatus, names: Names) -> Document:
    run, judged = status.run, status.judged
    own = {
        **_common(status),
        "stage": min(status.stage, len(run.plan.stages)),
        "state": status.state,
        "reason": reason(status, names),
        "judged_on": _day(judged.on) if judged is not None else None,
        "yesterday": _yesterday(judged) if judged is not None else None,
        "next": _next(status.next),
        "expected_finish_on": _day(status.expected_finish_on),
        "holds": [_hold(hold) for hold in status.holds],
    }
    return {
        **own,
        "providers": [_provider(each, status, names) for each in status.providers],
        "pool": run.pool,
        "zone": run.zone,
        "stages": len(run.plan.stages),
        "plan_version": run.plan_version,
        "over_plan_why": status.over_plan_why,
        "ended": run.ended,
        "ended_on": _day(run.ended_on),
        "shared": status.shared,
        "advice": asdict(advice_for(status)),
    }


def _common(status: RunStatus) -> Document:
    """What a provider's document says as well."""
    run = status.run
    return {
        "ip": run.ip,
        "customer": run.customer,
        "plan": run.plan.id,
        "stage": status.stage,
        "day": status.day,
        "started_on": _day(run.started_on),
        "state": status.state,
        "held_by_platform": status.by_platform,
        "platform_stops_on": _day(status.platform_stops_on),
    }


def _provider(provider: ProviderStatus, status: RunStatus, names: Names) -> Document:
    """`provider` null: all the others. A single provider has no forecast of its own."""
    counts = None
    if status.judged is not None and provider.counts is not None:
        counts = {"on": _day(status.judged.on), "allowed": provider.allowed, **_counts(provider.counts)}
    return {
        **_common(status),
        "provider": provider.provider or None,
        "stage": provider.stage,
        "state": provider.state,
        "reason": provider_reason(provider, names),
        "yesterday": counts,
        "next": _next(provider.next),
        "expected_finish_on": None,
        "holds": [_hold(hold) for hold in provider.holds],
    }


def history_document(history: RunHistory, names: Names) -> Document:
    return {
        **status_document(history.status, names),
        "days": [_judged_day(day) for day in history.days],
        "steps": [_step(step) for step in history.steps],
        "plan_versions": [_version(each) for each in history.agreed],
    }


def pool_document(pool: PoolStatus) -> Document:
    """`known`: of how many IPs `allowed` and the counts are sums. `shared`: there are none, they would be of others,
    too."""
    return {
        "customer": pool.customer,
        "pool": pool.pool,
        "ips": list(pool.ips),
        "states": {str(state): count for state, count in pool.states.items()},
        "judged_on": _day(pool.judged_on),
        "known": pool.known,
        "allowed": pool.allowed,
        **(_counts(pool.counts) if pool.counts is not None else _UNKNOWN_COUNTS),
        "next_allowance": pool.next_allowance,
        "demand": pool.demand,
        "why_over_plan": pool.why_over_plan,
        "shared": pool.shared,
    }


def plan_document(plan: WarmupPlan) -> Document:
    facts = plan_to_facts(plan)
    return facts | {
        "stages": [{"stage": number, **stage} for number, stage in enumerate(facts["stages"], 1)],
        "weekdays": [WEEKDAYS[day] for day in facts["weekdays"]],
        "full_volume": plan.full_volume,
        "days_at_least": plan.days_at_least,
    }


def sizing_document(sizing: Sizing) -> Document:
    return {
        "volume_per_day": sizing.volume_per_day,
        "dedicated": sizing.dedicated,
        "ips": sizing.ips,
        "ips_by_volume": sizing.ips_by_volume,
        "volume_per_ip": sizing.volume_per_ip,
        "plan": sizing.plan.id,
        "begins_on": _day(sizing.begins_on),
        "days": sizing.days,
        "done_on": _day(sizing.done_on),
        "weeks": [asdict(week) | {"begins_on": _day(week.begins_on)} for week in sizing.weeks],
        "alternatives": [
            {
                "plan": each.plan_id,
                "basis": each.basis,
                "ips": each.ips,
                "days": each.days,
                "done_on": _day(each.done_on),
            }
            for each in sizing.alternatives
        ],
    }


_UNKNOWN_COUNTS: Mapping[str, None] = dict.fromkeys(
    ("attempted", "attempted_least", "delivered", "deferred", "bounced", "complaints")
)


def _counts(counts: DayCounts) -> Document:
    return {name: getattr(counts, name) for name in _UNKNOWN_COUNTS}


def _yesterday(day: DayResult) -> Document:
    """The last day that was judged, which says itself when it was."""
    counts = _counts(day.counts) if day.unknown is None else _UNKNOWN_COUNTS
    return {"on": _day(day.on), "allowed": day.allowed, **counts}


def _next(following: NextDay) -> Document:
    return {
        "on": _day(following.on),
        "allowance": following.allowance,
        "decision": following.decision,
        "because": because(following),
        "demand": following.demand,
    }


def _hold(hold: HoldView) -> Document:
    since = instant(hold.since) if isinstance(hold.since, datetime) else _day(hold.since)
    return {
        "cause": hold.cause,
        "provider": hold.provider or None,
        "since": since,
        "over": hold.over,
        "facts": dict(hold.facts),
    }


def _judged_day(day: WarmupDay) -> Document:
    result = day.result
    known: Sequence[tuple[str, DayCounts]] = list(day.providers.items()) if result.unknown is None else []
    return {
        **_yesterday(result),
        "stage": result.stage,
        "state": result.state,
        "decision": result.decision,
        "because": because(NextDay(result.on, None, result.decision, result.because)),
        "held_by_platform": result.by_platform,
        "unknown": result.unknown,
        "providers": [{"provider": provider or None, **_counts(counts)} for provider, counts in known],
    }


def _step(step: WarmupStep) -> Document:
    return {
        "at": instant(step.at),
        "kind": step.kind,
        "by": step.by,
        "reason": step.reason or None,
        "stage": step.stage,
    }


def _version(version: PlanVersion) -> Document:
    return {
        "version": version.version,
        "at": instant(version.at),
        "by": version.by,
        "reason": version.reason or None,
        "plan": plan_document(version.plan),
    }


def _day(on: date | None) -> str | None:
    return on.isoformat() if on is not None else None
