"""What a draft lacks besides empty fields: marks in its text, words to be translated, checks that nobody could make."""

import re
from collections.abc import Mapping

from deliverwatch.core.instants import instant
from deliverwatch.core.practice import Check, CheckOutcome, holds
from deliverwatch.core.remediation.case import Case
from deliverwatch.core.remediation.draft import Missing
from deliverwatch.core.remediation.facts import FACTS, FROM_CUSTOMER, Facts, why_missing
from deliverwatch.core.remediation.fields import TEXT
from deliverwatch.core.remediation.form import FormField
from deliverwatch.core.subjects import SubjectKind

_MARK = re.compile(r"\[to be completed: ([a-z ]+)\]")
"""As `render.drafts` prints a fact that is not recorded."""

_OF_ADDRESSES = frozenset({Check.PTR, Check.HELO})

_SAID_ALIKE = frozenset({"changed_on", "changed_by"})
"""A day and a name read alike in every language."""


def gaps(text: str, facts: Facts, in_fields: set[str], awaited: Mapping[str, str]) -> tuple[Missing, ...]:
    """What the text lacks and no field asks for. `facts`: a mark that a stranger wrote is none."""
    marked = dict.fromkeys(found[1].replace(" ", "_") for found in _MARK.finditer(text))
    names = (name for name in marked if name in FACTS and name not in facts and name not in in_fields)
    return tuple(Missing(name, why_missing(name, awaited)) for name in names)


def awaited(case: Case) -> dict[str, str]:
    """By question: what the customer was asked and has not said."""
    found: dict[str, str] = {}
    for word in case.words:
        said = f"the customer was asked on {instant(word.asked_at)} by {word.asked_by}, no answer is recorded"
        found |= {name: said for name in word.questions if name not in found and not word.answers.get(name)}
    return found


def untranslated(case: Case, wanted: tuple[FormField, ...], language: str) -> tuple[Missing, ...]:
    """The customer's own words are put in as they are, each from the newest answer to its question."""
    asked = {field.fact for field in wanted}
    used = [each for each in FROM_CUSTOMER if each in asked or TEXT in asked]
    said = {name: next((word for word in case.words if word.answers.get(name)), None) for name in used}
    foreign = {name: word.answer_language for name, word in said.items() if word is not None and word.answer_language}
    return tuple(
        Missing(name, f"the customer's words are in {spoken}: translate them before use")
        for name, spoken in foreign.items()
        if name not in _SAID_ALIKE and spoken not in ("en", language)
    )


def unchecked(case: Case) -> tuple[Missing, ...]:
    """What the addressee demands and nobody could find out, or not lately enough."""
    demanded = case.addressee.form.requires
    if all(subject.kind is SubjectKind.DOMAIN for subject in case.subjects):
        demanded -= _OF_ADDRESSES
    return tuple(
        Missing(check, f"demanded by {case.addressee.name} and not known: {why}")
        for check in sorted(demanded)
        if (why := _not_known(check, case))
    )


def _not_known(check: Check, case: Case) -> str | None:
    results = [each for each in case.practice if each.check is check]
    if not results:
        return "it was not checked"
    stale = [each for each in results if not holds(each, case.now)]
    unknown = [each.found for each in results if each.outcome is CheckOutcome.UNKNOWN and each not in stale]
    last = [f"last looked at {instant(max(each.at for each in stale))}"] if stale else []
    return "; ".join(dict.fromkeys([*unknown, *last])) or None


def one_at_a_time(case: Case, wanted: tuple[FormField, ...]) -> tuple[Missing, ...]:
    """A field that takes one address holds them all."""
    if case.addressee.form.most > 1 or len(case.subjects) == 1:
        return ()
    why = f"it takes one at a time, and these are {len(case.subjects)}: fill it in for each"
    return tuple(Missing(field.name, why) for field in wanted if field.fact in ("ips", "subjects"))
