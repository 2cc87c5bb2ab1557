"""What a failed practice check asks of the customer, in their language: one sentence of repair for each problem.

The facts are foreign text (names from DNS, reasons of a library): each is made visible and short where it enters, so
that a sentence stays one line, and each output encodes it for itself. Names of checks, protocols, records and tags stay
as they are in every language.
"""

from collections import defaultdict
from collections.abc import Mapping

from deliverwatch.core.inventory import Language
from deliverwatch.core.practice import Check
from deliverwatch.core.practice_problems import Problem
from deliverwatch.core.visible import visible
from deliverwatch.render.practice_words import de, en, es, id_

_REPAIRS: Mapping[Language, Mapping[Problem, str]] = {
    Language.EN: en.REPAIRS,
    Language.DE: de.REPAIRS,
    Language.ES: es.REPAIRS,
    Language.ID: id_.REPAIRS,
}
_CHECKS: Mapping[Language, Mapping[Check, str]] = {
    Language.EN: en.CHECKS,
    Language.DE: de.CHECKS,
    Language.ES: es.CHECKS,
    Language.ID: id_.CHECKS,
}
_IN_THE_REPORT: Mapping[Check, str] = {
    Check.LISTINGS: "the weekly report tells it as a listing",
    Check.WARMUP: "the weekly report tells it as a warm-up",
}
_LONGEST_FACT = 200
_NOT_RECORDED = "?"


def repair(problem: str, facts: Mapping[str, str], language: Language) -> str:
    """`problem`: of a failed result, or of advice that was kept."""
    words = _REPAIRS[language][Problem(problem)]
    shown = {name: visible(value, _LONGEST_FACT) for name, value in facts.items()}
    return words.format_map(defaultdict(lambda: _NOT_RECORDED, shown))


def check_name(check: Check, language: Language) -> str:
    return _CHECKS[language][check]


def told_by_report(check: Check) -> str | None:
    """For staff, in English: of what the report tells in a place of its own, and nobody asks for beside it."""
    return _IN_THE_REPORT.get(check)
