"""The register of advice: what was found to fail, from the day it was found until it was found mended.

A failure opens advice, or keeps what is open for the same problem; another problem of the same subject is another piece
of advice, so is another listing, and a check that passes mends all that is open. UNKNOWN moves nothing, in neither
direction. What failed again later is advice anew. A person's overruling is about what they saw: when more fails than
that (another address), new advice stands beside the overruled one. Advice of a listing that was void is taken back: it
was never true, whenever that comes out.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from deliverwatch.core.practice import TAKEN_BACK, Advice, CheckOutcome, CheckResult, is_taken_back
from deliverwatch.core.practice_listed import apart, listings_in

_WHOM = ("addresses", "providers", "days", "hosts", "names")
"""Facts that name several, joined by ", "."""
_LATE = timedelta(days=7)
"""So long after it was called mended a listing may still turn out void: its list was off meanwhile."""
_LIED = "the list lied, there never was a listing"
_NOTHING: Mapping[str, datetime] = {}


def register(
    customer: str, kept: Sequence[Advice], results: Iterable[CheckResult], void: Mapping[str, datetime] = _NOTHING
) -> list[Advice]:
    """`kept`: what there is of that customer; returned is what must be written. Each result speaks for its own time.
    `void`: when listings ended of which it came out that they never were, by the keys of their episodes."""
    changed = [_taken_back(each, void) for each in kept if _is_void(each, void)]
    open_ones = [each for each in kept if each.mended_at is None and not _is_void(each, void)]
    for result in results:
        still_open = [each for each in open_ones if (each.check, each.subject) == (result.check, result.subject)]
        if result.outcome is CheckOutcome.PASS:
            changed += [replace(each, mended_at=result.at) for each in still_open]
        elif result.outcome is CheckOutcome.FAIL:
            changed += _failed(customer, still_open, result)
    return changed


def covering(result: CheckResult, kept: Iterable[Advice]) -> Advice | None:
    """The open advice that a failed result stands in: what nobody overruled before what somebody did, then the newest.
    It is overruled when all of the result is."""
    same = [each for each in kept if each.mended_at is None and _is_about(each, result)]
    return max(same, key=lambda each: (each.overruled_at is None, each.opened_at), default=None)


def void_since(kept: Iterable[Advice], now: datetime) -> datetime:
    """Listings that ended later are needed, to take back what came of those that were void."""
    begun = [
        listing.since
        for each in kept
        if not is_taken_back(each) and (each.mended_at is None or now - each.mended_at < _LATE)
        for listing in listings_in(each.facts)
    ]
    return min(begun, default=now)


def _is_about(advice: Advice, result: CheckResult) -> bool:
    same = (advice.check, advice.subject, advice.problem) == (result.check, result.subject, result.problem)
    return same and _keys(advice.facts) <= _keys(result.facts)


def _keys(facts: Mapping[str, str]) -> set[str]:
    return {each.key for each in listings_in(facts)}


def _is_void(advice: Advice, void: Mapping[str, datetime]) -> bool:
    return not is_taken_back(advice) and not _keys(advice.facts).isdisjoint(void)


def _taken_back(advice: Advice, void: Mapping[str, datetime]) -> Advice:
    over = max(advice.opened_at, *(void[key] for key in _keys(advice.facts) if key in void))
    return replace(advice, facts={**advice.facts, TAKEN_BACK: _LIED}, mended_at=advice.mended_at or over)


def _failed(customer: str, still_open: Sequence[Advice], result: CheckResult) -> list[Advice]:
    changed = [replace(each, mended_at=result.at) for each in still_open if not _is_about(each, result)]
    for one in apart(result):
        changed += _kept_open(customer, covering(one, still_open), one)
    return changed


def _kept_open(customer: str, same: Advice | None, result: CheckResult) -> list[Advice]:
    if same is None or (same.overruled_at is not None and _names_more(result, same)):
        return [_opened(customer, result)]
    if same.overruled_at is not None or (same.found, dict(same.facts)) == (result.found, dict(result.facts)):
        return []
    return [replace(same, found=result.found, facts=dict(result.facts))]


def _names_more(result: CheckResult, advice: Advice) -> bool:
    return any(
        set(result.facts.get(name, "").split(", ")) - set(advice.facts.get(name, "").split(", ")) for name in _WHOM
    )


def _opened(customer: str, result: CheckResult) -> Advice:
    problem = result.problem or ""
    return Advice(
        id=_advice_id(customer, result),
        customer=customer,
        check=result.check,
        subject=result.subject,
        problem=problem,
        facts=dict(result.facts),
        found=result.found,
        opened_at=result.at,
    )


def _advice_id(customer: str, result: CheckResult) -> str:
    """Derived, so that the same finding written twice is one."""
    about = (result.check, result.subject, result.problem or "", *sorted(_keys(result.facts)))
    return hashlib.sha256("\n".join((customer, *about, result.at.isoformat())).encode()).hexdigest()[:16]
