"""The register of advice: what was found to fail, from the day it was found until it was found mended.

A failure opens advice, or keeps what is open for the same problem; another problem of the same subject is another piece
of advice, and a check that passes mends all that is open. UNKNOWN moves nothing, in neither direction. What failed
again later is advice anew. A person's overruling is about what they saw: when more fails than that (another address,
another list), new advice stands beside the overruled one.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from deliverwatch.core.practice import Advice, CheckOutcome, CheckResult

_WHOM = ("addresses", "lists", "providers", "days", "hosts", "names")
"""Facts that name several, joined by ", "."""


def register(customer: str, kept: Sequence[Advice], results: Iterable[CheckResult]) -> list[Advice]:
    """`kept`: what there is of that customer; returned is what must be written. Each result speaks for its own time."""
    changed: list[Advice] = []
    for result in results:
        still_open = [
            each
            for each in kept
            if each.mended_at is None and (each.check, each.subject) == (result.check, result.subject)
        ]
        if result.outcome is CheckOutcome.PASS:
            changed += [replace(each, mended_at=result.at) for each in still_open]
        elif result.outcome is CheckOutcome.FAIL:
            changed += _failed(customer, still_open, result)
    return changed


def covering(result: CheckResult, kept: Iterable[Advice]) -> Advice | None:
    """The open advice that a failed result stands in; the newest, which may be overruled."""
    same = [
        each
        for each in kept
        if each.mended_at is None
        and (each.check, each.subject, each.problem) == (result.check, result.subject, result.problem)
    ]
    return max(same, key=lambda each: each.opened_at, default=None)


def _failed(customer: str, still_open: Sequence[Advice], result: CheckResult) -> list[Advice]:
    other = [replace(each, mended_at=result.at) for each in still_open if each.problem != result.problem]
    same = covering(result, still_open)
    if same is None or (same.overruled_at is not None and _names_more(result, same)):
        return [*other, _opened(customer, result)]
    if same.overruled_at is not None or (same.found, dict(same.facts)) == (result.found, dict(result.facts)):
        return other
    return [*other, replace(same, found=result.found, facts=dict(result.facts))]


def _names_more(result: CheckResult, advice: Advice) -> bool:
    return any(
        set(result.facts.get(name, "").split(", ")) - set(advice.facts.get(name, "").split(", ")) for name in _WHOM
    )


def _opened(customer: str, result: CheckResult) -> Advice:
    problem = result.problem or ""
    return Advice(
        id=advice_id(customer, result.check, result.subject, problem, result.at),
        customer=customer,
        check=result.check,
        subject=result.subject,
        problem=problem,
        facts=dict(result.facts),
        found=result.found,
        opened_at=result.at,
    )


def advice_id(customer: str, check: str, subject: str, problem: str, opened_at: datetime) -> str:
    """Derived, so that the same finding written twice is one."""
    parts = "\n".join((customer, check, subject, problem, opened_at.isoformat()))
    return hashlib.sha256(parts.encode()).hexdigest()[:16]
