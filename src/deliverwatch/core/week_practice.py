"""What a customer has to put in order, and what they mended, in the weekly report.

Advice is of the moment at which the report is made, like the state of warm-ups. It is repeated until it is mended, as
long as its check is still made: what is no longer looked at (a sender that is gone) is not asked for. What could not be
checked is neither good nor bad: it is named, and nothing is said of it. Listings and warm-ups are told by the report
itself, and are left out here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from deliverwatch.core.coverage import Span
from deliverwatch.core.practice import TOLD_ELSEWHERE, Advice, Check, CheckOutcome, CheckResult

MOST_ADVICE = 6
"""So many pieces a report tells; what is left out counts as not told."""

_ORDER = {check: place for place, check in enumerate(Check)}
_STILL = frozenset({CheckOutcome.FAIL, CheckOutcome.UNKNOWN})


@dataclass(frozen=True, slots=True)
class ReportedAdvice:
    """One piece, or several that the same repair mends. `facts`: what its words take, without those that name the
    subject; `subject_facts`: their names. `found`: of one, in words, as seen last. `seen_again`: the last check failed
    as well; else it could not be made. `overruled`: requests do not wait for it."""

    ids: tuple[str, ...]
    check: Check
    subjects: tuple[str, ...]
    problem: str
    facts: Mapping[str, str]
    subject_facts: tuple[str, ...]
    found: str
    since: datetime
    seen_again: bool
    overruled: bool = False


@dataclass(frozen=True, slots=True)
class Mended:
    check: Check
    subject: str
    mended_at: datetime


@dataclass(frozen=True, slots=True)
class Unchecked:
    """`subjects`: those of which the check could not be made; of the customer as a whole: none."""

    check: Check
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WeekPractice:
    """`checked_at`: of the newest result, None: never checked. `failed` and `passed` count results. `open`: all; the
    report tells the first `MOST_ADVICE`."""

    checked_at: datetime | None = None
    passed: int = 0
    failed: int = 0
    open: tuple[ReportedAdvice, ...] = ()
    mended: tuple[Mended, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()

    @property
    def told(self) -> tuple[ReportedAdvice, ...]:
        return self.open[:MOST_ADVICE]

    @property
    def advice_ids(self) -> tuple[str, ...]:
        """What the customer reads of: told from now on."""
        return tuple(each for advice in self.told for each in advice.ids)


NEVER_CHECKED = WeekPractice()


def week_practice(results: Sequence[CheckResult], advice: Iterable[Advice], span: Span) -> WeekPractice:
    """`results`, `advice`: the customer's. `span`: the report's week."""
    results = [result for result in results if result.check not in TOLD_ELSEWHERE]
    advice = list(advice)
    last = {(result.check, result.subject): result for result in results}
    outcomes = [result.outcome for result in results]
    return WeekPractice(
        checked_at=max((result.at for result in results), default=None),
        passed=outcomes.count(CheckOutcome.PASS),
        failed=outcomes.count(CheckOutcome.FAIL),
        open=_open([each for each in advice if each.mended_at is None], last),
        mended=_mended(advice, last, span),
        unchecked=_unchecked(results),
    )


def _open(advice: Iterable[Advice], last: Mapping[tuple[Check, str], CheckResult]) -> tuple[ReportedAdvice, ...]:
    groups: dict[tuple[object, ...], list[Advice]] = defaultdict(list)
    newest = {(each.check, each.subject, each.problem): each for each in sorted(advice, key=_order)}
    for each in newest.values():
        result = last.get((each.check, each.subject))
        if result is not None and result.outcome in _STILL:
            facts = tuple(sorted(_other_facts(each).items())), _subject_facts(each)
            groups[each.check, each.problem, facts, result.outcome, each.overruled_at is not None].append(each)
    return tuple(_together(group, last) for group in groups.values())


def _other_facts(advice: Advice) -> dict[str, str]:
    return {name: value for name, value in advice.facts.items() if value != advice.subject}


def _subject_facts(advice: Advice) -> tuple[str, ...]:
    return tuple(sorted(name for name, value in advice.facts.items() if value == advice.subject))


def _order(advice: Advice) -> tuple[int, datetime, str, str]:
    return _ORDER[advice.check], advice.opened_at, advice.subject, advice.id


def _together(group: Sequence[Advice], last: Mapping[tuple[Check, str], CheckResult]) -> ReportedAdvice:
    first = group[0]
    result = last[first.check, first.subject]
    seen_again = result.outcome is CheckOutcome.FAIL
    found = result.found if seen_again else first.found
    return ReportedAdvice(
        ids=tuple(each.id for each in group),
        check=first.check,
        subjects=tuple(dict.fromkeys(each.subject for each in group if each.subject)),
        problem=first.problem,
        facts=_other_facts(first),
        subject_facts=_subject_facts(first),
        found=found if len(group) == 1 else "",
        since=min(each.opened_at for each in group),
        seen_again=seen_again,
        overruled=first.overruled_at is not None,
    )


def _mended(advice: Iterable[Advice], last: Mapping[tuple[Check, str], CheckResult], span: Span) -> tuple[Mended, ...]:
    """Since the week began, and not failing again by now."""
    found = [
        Mended(each.check, each.subject, each.mended_at)
        for each in sorted(advice, key=_order)
        if each.mended_at is not None and each.mended_at >= span.begin and _is_well(each, last)
    ]
    return tuple(dict.fromkeys(found))


def _is_well(advice: Advice, last: Mapping[tuple[Check, str], CheckResult]) -> bool:
    """As far as is known."""
    result = last.get((advice.check, advice.subject))
    return result is not None and result.outcome is not CheckOutcome.FAIL


def _unchecked(results: Iterable[CheckResult]) -> tuple[Unchecked, ...]:
    found: dict[Check, list[str]] = defaultdict(list)
    for result in sorted(results, key=lambda each: (_ORDER[each.check], each.subject)):
        if result.outcome is CheckOutcome.UNKNOWN:
            found[result.check].append(result.subject)
    return tuple(Unchecked(check, tuple(filter(None, subjects))) for check, subjects in found.items())
