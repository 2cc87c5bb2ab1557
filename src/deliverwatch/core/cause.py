"""What changed before a listing or a block: the likely cause, from what was counted.

The seven days before it are held against the seven before those, for the sender as a whole and by pool and sending
domain. Of several sources, one that told of both weeks is asked: that a source is new is no change. A change is worth
naming when it is large and no accident of few: volume that doubled, ratios whose interval lies above what they were,
mailings that were not there before. What was not measured is not compared, and nothing found is said to be the cause:
it is what a person looks at first.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from deliverwatch.core.delivery import FactCounts, FactKey
from deliverwatch.core.told_twice import Spaces, most
from deliverwatch.core.wilson import lower_bound, upper_bound

WEEK = timedelta(days=7)

_Fact = tuple[FactKey, FactCounts]

_TIMES = 2.0
_AT_LEAST = 100
"""Attempts of a week: below it a volume doubles by itself."""
_MOST_CHANGES = 12
_MOST_CAMPAIGNS = 5


class _Week(NamedTuple):
    attempted: int | None
    delivered: int | None
    bounced: int | None
    complaints: int | None


def likely_cause(facts: Iterable[_Fact], opened_at: datetime, spaces: Spaces) -> dict[str, Any] | None:
    """JSON values: `since` and `until` of the week before it, and `changes`, each {what, before, after, factor, where}.
    `what`: volume, bounce_ratio, complaint_ratio or new_campaign; `before` and `factor` None: there was nothing to
    compare. None: nothing was measured in that week."""
    facts, until = list(facts), opened_at
    before = [fact for fact in facts if until - 2 * WEEK <= fact[0].hour_at < until - WEEK]
    after = [fact for fact in facts if until - WEEK <= fact[0].hour_at < until]
    if not after:
        return None
    before, after = _of_one_source(before, after, spaces)
    changes = _changes(before, after, "all")
    for place in ("pool", "domain"):
        names = sorted({getattr(key, place) for key, _ in after} - {""})
        if len(names) > 1:
            for name in names:
                changes += _changes(_in(before, place, name), _in(after, place, name), f"{place} {name}")
    changes += _new_campaigns(before, after)
    return {
        "since": (until - WEEK).isoformat(),
        "until": until.isoformat(),
        "compared": bool(before),
        "changes": changes[:_MOST_CHANGES],
    }


def _of_one_source(before: Sequence[_Fact], after: Sequence[_Fact], spaces: Spaces) -> tuple[list[_Fact], list[_Fact]]:
    """What the same space told in both weeks; of complaints it may be another's than of mail."""

    def chosen(column: str) -> str | None:
        then, now = (
            [(_space(key, spaces), count) for key, counts in week if (count := getattr(counts, column)) is not None]
            for week in (before, after)
        )
        both = {space for space, _ in then} & {space for space, _ in now}
        return most(each for each in now if each[0] in both or not both)

    mail, complaints = chosen("attempted"), chosen("complaints")

    def kept(week: Iterable[_Fact]) -> list[_Fact]:
        found = []
        for key, counts in week:
            space = _space(key, spaces)
            if space == mail:
                found.append((key, counts if space == complaints else counts._replace(complaints=None)))
            elif space == complaints:
                found.append((key, FactCounts(complaints=counts.complaints)))
        return found

    return kept(before), kept(after)


def _space(key: FactKey, spaces: Spaces) -> str:
    return spaces.get(key.source, key.source)


def _in(facts: Iterable[_Fact], place: str, name: str) -> list[_Fact]:
    return [fact for fact in facts if getattr(fact[0], place) == name]


def _changes(before: Sequence[_Fact], after: Sequence[_Fact], where: str) -> list[dict[str, Any]]:
    """Without a week to compare with, nothing changed."""
    if not before:
        return []
    then, now = _sum(before), _sum(after)
    found = [
        _volume(then.attempted, now.attempted),
        _ratio("bounce_ratio", (then.bounced, then.attempted), (now.bounced, now.attempted)),
        _ratio("complaint_ratio", (then.complaints, then.delivered), (now.complaints, now.delivered)),
    ]
    return [{**change, "where": where} for change in found if change is not None]


def _volume(before: int | None, after: int | None) -> dict[str, Any] | None:
    if before is None or after is None or after < _AT_LEAST or after < _TIMES * before:
        return None
    return {"what": "volume", "before": before, "after": after, "factor": _factor(before, after)}


def _ratio(
    what: str, before: tuple[int | None, int | None], after: tuple[int | None, int | None]
) -> dict[str, Any] | None:
    """Of counts within others, each week's; named when it certainly grew, and by much."""
    (found_before, of_before), (found_after, of_after) = before, after
    if found_before is None or found_after is None or not of_before or not of_after:
        return None
    then, now = found_before / of_before, found_after / of_after
    if lower_bound(found_after, of_after) <= upper_bound(found_before, of_before) or now < _TIMES * then:
        return None
    return {"what": what, "before": round(then, 5), "after": round(now, 5), "factor": _factor(then, now)}


def _factor(before: float, after: float) -> float | None:
    return round(after / before, 1) if before else None


def _new_campaigns(before: Sequence[_Fact], after: Iterable[_Fact]) -> list[dict[str, Any]]:
    """The largest mailings that the week before did not know."""
    if not before:
        return []
    known = {key.campaign for key, _ in before}
    sent: dict[str, int] = {}
    for key, counts in after:
        if key.campaign and key.campaign not in known and counts.attempted:
            sent[key.campaign] = sent.get(key.campaign, 0) + counts.attempted
    largest = sorted(sent.items(), key=lambda campaign: (-campaign[1], campaign[0]))[:_MOST_CAMPAIGNS]
    return [
        {"what": "new_campaign", "before": None, "after": attempted, "factor": None, "where": f"campaign {name}"}
        for name, attempted in largest
    ]


def _sum(facts: Iterable[_Fact]) -> _Week:
    columns: Mapping[str, list[int]] = {name: [] for name in _Week._fields}
    for _, counts in facts:
        for name, values in columns.items():
            value = getattr(counts, name)
            if value is not None:
                values.append(value)
    return _Week(*(sum(values) if values else None for values in columns.values()))
