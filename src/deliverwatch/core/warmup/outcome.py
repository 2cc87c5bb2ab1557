"""What a day was by its counts: on plan, behind and why, above, without mail, or not known.

Behind for lack of traffic is the customer's affair, and no matter of reputation; behind since mail was refused is the
opposite. Which of the two: whether what was offered and not delivered explains most of what is missing. Some sources
count attempts and do not tell retries from messages; where the answer hangs on that, there is none.
"""

from collections.abc import Iterable
from typing import NamedTuple

from deliverwatch.core.warmup.day import Because, DayCounts, DayInputs, DayState
from deliverwatch.core.warmup.plan import PlanBasis, WarmupPlan
from deliverwatch.core.warmup.policy import WarmupPolicy
from deliverwatch.core.wilson import lower_bound


class Outcome(NamedTuple):
    """`counts`: the day does, for the next stage."""

    state: DayState
    because: Because
    counts: bool = False


_COUNTS_BECAUSE = {
    PlanBasis.RESULT: Because.ENOUGH_DELIVERED,
    PlanBasis.SENDING_DAY: Because.DAY_WITH_MAIL,
    PlanBasis.CALENDAR_DAY: Because.DAY_PASSED,
}


def outcome_of(
    plan: WarmupPlan,
    day: DayInputs,
    moved: DayState | None,
    allowed: int,
    counts: DayCounts,
    unknown: str | None,
    policy: WarmupPolicy,
) -> Outcome:
    """As if nothing held the run. `moved`: the platform's stage jumped or fell, which says more than the counts.
    `unknown`: why the day is not known."""
    if unknown is not None:
        return Outcome(DayState.UNKNOWN, Because.NOT_KNOWN)
    state, behind = by_counts(plan, allowed, counts, policy)
    state = moved or state
    if day.on.weekday() not in plan.weekdays:
        return Outcome(state, Because.NOT_A_PLAN_DAY)
    if behind in (Because.REFUSED, Because.CANNOT_TELL):
        return Outcome(state, behind)
    if _is_enough(plan, allowed, counts, policy):
        return Outcome(state, _COUNTS_BECAUSE[plan.basis], counts=True)
    if plan.basis is PlanBasis.CALENDAR_DAY:
        return Outcome(state, Because.DAY_PASSED_WITHOUT_MAIL, counts=True)
    return Outcome(state, behind or Because.TOO_LITTLE_OFFERED)


def totals(some: Iterable[DayCounts]) -> DayCounts:
    """Of all providers. What none of them measured was not measured; what some did is the sum of theirs."""
    some = list(some)
    attempted = least = delivered = bounced = accused = 0
    deferred = None if some else 0
    complaints = blocked = unauthenticated = None
    for each in some:
        attempted += each.attempted
        least += each.attempted_least
        delivered += each.delivered
        bounced += each.bounced
        accused += each.accused_bounced
        if each.deferred is not None:
            deferred = (deferred or 0) + each.deferred
        if each.complaints is not None:
            complaints = (complaints or 0) + each.complaints
        if each.blocked is not None:
            blocked = (blocked or 0) + each.blocked
        if each.unauthenticated is not None:
            unauthenticated = (unauthenticated or 0) + each.unauthenticated
    return DayCounts(
        attempted, least, delivered, deferred, bounced, complaints, blocked, unauthenticated, accused
    )  # fmt: skip


def by_counts(
    plan: WarmupPlan, allowed: int, counts: DayCounts, policy: WarmupPolicy
) -> tuple[DayState, Because | None]:
    """With the reason, of a day that is behind."""
    if not counts.attempted and not counts.delivered:
        return DayState.IDLE, Because.NO_MAIL
    if counts.delivered > allowed:
        return DayState.OVER_PLAN, None
    band = plan.enough_ratio if plan.basis is PlanBasis.RESULT else policy.on_plan_ratio
    if counts.delivered >= band * allowed:
        return DayState.ON_PLAN, None
    if was_refused(counts.attempted_least, counts.delivered, allowed, band, policy):
        return DayState.BEHIND_REFUSED, Because.REFUSED
    if was_refused(counts.attempted, counts.delivered, allowed, band, policy):
        return DayState.UNKNOWN, Because.CANNOT_TELL
    return DayState.BEHIND_NO_TRAFFIC, Because.TOO_LITTLE_OFFERED


def was_refused(offered: int, delivered: int, allowed: int, band: float, policy: WarmupPolicy) -> bool:
    """What was refused is most of what is missing; and enough was offered, or it is no stray."""
    refused = max(offered - delivered, 0)
    explains = 2 * refused >= allowed - delivered
    return explains and (offered >= band * allowed or lower_bound(refused, offered) > policy.refused_ratio)


def _is_enough(plan: WarmupPlan, allowed: int, counts: DayCounts, policy: WarmupPolicy) -> bool:
    if plan.basis is PlanBasis.RESULT:
        return counts.delivered > plan.enough_ratio * allowed
    if plan.basis is PlanBasis.SENDING_DAY:
        return counts.delivered >= plan.enough_ratio * allowed
    return counts.delivered >= policy.on_plan_ratio * allowed
