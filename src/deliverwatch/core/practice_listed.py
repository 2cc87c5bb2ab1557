"""What the practice check of a subject says of its open listings, and the same taken apart, listing by listing.

A subject has one result, since a request waits for all of it; but each listing is advice of its own: it begins at its
own time, and ends by itself. A list that lied takes its listing back, and nobody was ever to mend anything for that.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from deliverwatch.core.instants import instant
from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.practice_problems import Problem

_FACT = "listings"


class Listed(NamedTuple):
    """One open listing; `key`: that of its episode; `name`: of its list."""

    key: str
    list_id: str
    since: datetime
    name: str


def listed(subject: str, some: Iterable[Listed], at: datetime) -> CheckResult:
    """The failed result of a subject that is on some lists, each with its own time."""
    some = sorted(some, key=lambda each: each.name)
    found = f"{subject} is listed on " + ", ".join(f"{each.name} (since {instant(each.since)})" for each in some)
    facts = {"subject": subject, "lists": ", ".join(each.name for each in some), _FACT: _written(some)}
    facts |= {"list": some[0].list_id} if len(some) == 1 else {}
    return CheckResult(Check.LISTINGS, subject, CheckOutcome.FAIL, found, at, "rounds", Problem.LISTED, facts)


def apart(result: CheckResult) -> list[CheckResult]:
    """One for each listing; any other result as it is."""
    some = listings_in(result.facts)
    return [listed(result.subject, [each], result.at) for each in some] if some else [result]


def listings_in(facts: Mapping[str, str]) -> list[Listed]:
    """Of a result, or of the advice that came of it."""
    lines = (line.split(" ", 3) for line in facts.get(_FACT, "").split("\n") if line)
    return [Listed(key, list_id, datetime.fromisoformat(since), name) for key, list_id, since, name in lines]


def _written(some: Sequence[Listed]) -> str:
    """A line of each. The name comes last, as it may hold spaces."""
    return "\n".join(
        f"{each.key} {each.list_id} {each.since.isoformat()} {' '.join(each.name.split())}" for each in some
    )
