"""A customer's best practice as rows: what fails and how to mend it, all checks with evidence, advice and its fate.

What was found alike of several subjects is one row, under their ranges.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from deliverwatch.core.inventory import Language
from deliverwatch.core.practice import Advice, Check, CheckOutcome, CheckResult
from deliverwatch.core.practice_together import AdviceGroup, together
from deliverwatch.core.visible import visible
from deliverwatch.render.practice_shown import found_rows, said_of, state_of
from deliverwatch.render.practice_words import check_name, repair
from deliverwatch.render.tongue import marked, say, spoken

_LONGEST = 500
OUTCOMES: Mapping[CheckOutcome, str] = {
    CheckOutcome.PASS: marked("well"),
    CheckOutcome.FAIL: marked("fails"),
    CheckOutcome.UNKNOWN: marked("not known"),
    CheckOutcome.NOT_APPLICABLE: marked("does not apply"),
}
_TONES: Mapping[CheckOutcome, str] = {CheckOutcome.FAIL: "bad", CheckOutcome.UNKNOWN: "unsure"}
_STATES: Mapping[str, str] = {
    "taken_back": marked("taken back: it was never true"),
    "mended": marked("mended"),
    "overruled": marked("overruled"),
    "told": marked("told to the customer"),
    "in_report": marked("told in the report, in a section of its own"),
    "given": marked("given, not told to the customer yet"),
}


@dataclass(frozen=True, slots=True)
class AdviceRow:
    """`ids`: of the advice. `count`: of how many subjects. `repair`: in the language of the page. `is_open`: it fails
    still; `may_overrule`: and nobody has set it aside."""

    ids: tuple[str, ...]
    name: str
    subjects: str
    count: int
    found: str
    repair: str
    state: str
    opened_at: datetime
    told_at: datetime | None
    mended_at: datetime | None
    overruled_by: str
    overruled_at: datetime | None
    because: str
    is_open: bool

    @property
    def may_overrule(self) -> bool:
        return self.is_open and self.overruled_at is None


@dataclass(frozen=True, slots=True)
class CheckRow:
    tone: str
    name: str
    subjects: str
    outcome: str
    found: str


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """Where one result was seen, and when."""

    name: str
    subject: str
    outcome: str
    source: str
    at: datetime


def advice_rows(advice: Iterable[Advice]) -> list[AdviceRow]:
    return [_advice(each, each.first, spoken()) for each in together(advice)]


def _advice(group: AdviceGroup, advice: Advice, language: Language) -> AdviceRow:
    """`advice`: one of the group."""
    return AdviceRow(
        tuple(each.id for each in group.members),
        check_name(advice.check, language),
        visible(", ".join(group.names), _LONGEST),
        len(group.members),
        visible(said_of(group.found, group.names, several=len(group.names) > 1), _LONGEST),
        repair(advice.problem, group.facts, language) if advice.problem else "",
        say(_STATES[state_of(advice)]),
        advice.opened_at,
        advice.told_at,
        advice.mended_at,
        visible(advice.overruled_by or "", 80),
        advice.overruled_at,
        visible(advice.overruled_because or "", _LONGEST),
        advice.mended_at is None,
    )


def check_rows(results: Iterable[CheckResult]) -> list[CheckRow]:
    """What fails first; subjects of which the same was found are one row."""
    rows = []
    for check, subjects, outcome, found in found_rows(results):
        kind = CheckOutcome(outcome.replace(" ", "_"))
        name, tone = check_name(check, spoken()), _TONES.get(kind, "plain")
        rows.append(
            CheckRow(tone, name, visible(subjects or "", _LONGEST), say(OUTCOMES[kind]), visible(found, _LONGEST))
        )
    return rows


def evidence_rows(results: Sequence[CheckResult]) -> list[EvidenceRow]:
    """Of every result, in the order of the checks."""
    ordered = sorted(results, key=lambda each: (list(Check).index(each.check), each.subject))
    return [
        EvidenceRow(
            check_name(each.check, spoken()),
            visible(each.subject, 253),
            say(OUTCOMES[each.outcome]),
            visible(each.source, 200),
            each.at,
        )
        for each in ordered
    ]
