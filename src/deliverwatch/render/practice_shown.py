"""A customer's practice in words: what was found, what to mend, and the register of advice.

Subjects of which the same was found are one row, as ranges; many that are well are one row too, where they differ in
names and figures alone. A repair is one line, in the customer's language. The register is no table: addresses and
sentences are long, and each piece of advice has to be readable on a narrow terminal.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from deliverwatch.core.inventory import Language
from deliverwatch.core.practice import TAKEN_BACK, Advice, Check, CheckOutcome, CheckResult, is_taken_back
from deliverwatch.core.practice_problems import FACTS_OF, Problem
from deliverwatch.core.practice_register import covering
from deliverwatch.core.practice_together import SUBJECT, names_of, without_subject
from deliverwatch.render.practice_words import check_name, repair, told_by_report

_ORDER = (CheckOutcome.FAIL, CheckOutcome.UNKNOWN, CheckOutcome.PASS, CheckOutcome.NOT_APPLICABLE)
_TOGETHER = 3
_MOST_NAMED = 4
_NAME_OR_FIGURE = re.compile(r"\S*[.\d]\S*")
_OF_SEVERAL = (
    (f"{SUBJECT} is ", f"{SUBJECT} are "),
    (f"{SUBJECT} has ", f"{SUBJECT} have "),
    (f"{SUBJECT} says that it takes ", f"{SUBJECT} say that they take "),
    (f"the warm-up of {SUBJECT} is ", f"the warm-ups of {SUBJECT} are "),
    (f"the HELO name {SUBJECT} has ", f"the HELO names {SUBJECT} have "),
    (f"the HELO name {SUBJECT} leads ", f"the HELO names {SUBJECT} lead "),
)


def found_rows(results: Iterable[CheckResult]) -> Iterator[tuple[Any, ...]]:
    """What fails first: check, subjects, outcome, what was found."""
    groups: dict[tuple[CheckOutcome, Check], list[CheckResult]] = defaultdict(list)
    for each in results:
        groups[each.outcome, each.check].append(each)
    for outcome, check in sorted(groups, key=lambda group: (_ORDER.index(group[0]), list(Check).index(group[1]))):
        for subject, found in _told(outcome, groups[outcome, check]):
            yield check, subject or None, outcome.replace("_", " "), found


def _told(outcome: CheckOutcome, some: Iterable[CheckResult]) -> Iterator[tuple[str, str]]:
    """Subjects, and what was found of them. Where all is alike and well, a few are named."""
    kinds: dict[str, dict[str, list[CheckResult]]] = defaultdict(lambda: defaultdict(list))
    for each in some:
        words = without_subject(each.subject, each.found)
        kinds[_NAME_OR_FIGURE.sub("", words)][words].append(each)
    named = _few if outcome is CheckOutcome.PASS and len(kinds) == 1 else _all
    for alike in kinds.values():
        if outcome is CheckOutcome.PASS and len(alike) > _TOGETHER:
            every = [each for group in alike.values() for each in group]
            yield named(_names(every)), f"{len(every)} looked at, one of them: {every[0].found}"
        else:
            yield from ((named(_names(group)), _of_group(words, group)) for words, group in alike.items())


def said_of(words: str, names: Sequence[str], *, several: bool) -> str:
    """What was found of these names; `words`: with SUBJECT where one of them stood. `several`: as of more than one."""
    if several:
        of_several = (words.replace(one, many, 1) for one, many in _OF_SEVERAL if words.startswith(one))
        words = next(of_several, words)
    return words.replace(SUBJECT, _few(names))


def _of_group(words: str, group: Sequence[CheckResult]) -> str:
    return said_of(words, _names(group), several=len(group) > 1)


def _names(some: Iterable[CheckResult]) -> list[str]:
    return names_of(each.subject for each in some)


def _all(names: Sequence[str]) -> str:
    return ", ".join(names)


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def repair_lines(results: Iterable[CheckResult], advice: Sequence[Advice], language: Language) -> list[str]:
    """One line for all that the same repair mends; a few subjects in each, so that every one is named."""
    groups: dict[tuple[object, ...], list[CheckResult]] = defaultdict(list)
    for each in results:
        if each.problem:
            facts = {name: value for name, value in _facts(each).items() if value != each.subject}
            groups[each.check, each.problem, *facts.items(), _is_overruled(each, advice)].append(each)
    return list(dict.fromkeys(line for group in groups.values() for line in _repairs(group, advice, language)))


def _repairs(group: Sequence[CheckResult], advice: Sequence[Advice], language: Language) -> Iterator[str]:
    first, names = group[0], _names(group)
    overruled = " (overruled)" if _is_overruled(first, advice) else ""
    for start in range(0, len(names), _MOST_NAMED):
        some = ", ".join(names[start : start + _MOST_NAMED])
        facts = {name: some if value == first.subject else value for name, value in _facts(first).items()}
        yield f"- {check_name(first.check, language)}: {repair(first.problem or '', facts, language)}{overruled}"


def _facts(result: CheckResult) -> Mapping[str, str]:
    """Those that the words of its repair take."""
    wanted = FACTS_OF[Problem(result.problem)] if result.problem is not None else ()
    return {name: result.facts[name] for name in wanted if name in result.facts}


def _is_overruled(result: CheckResult, advice: Iterable[Advice]) -> bool:
    covered = covering(result, advice)
    return covered is not None and covered.overruled_at is not None


def state_of(advice: Advice) -> str:
    """Where it stands; what is over is that, whatever was before."""
    if is_taken_back(advice):
        return "taken_back"
    if advice.mended_at is not None:
        return "mended"
    if advice.overruled_at is not None:
        return "overruled"
    if advice.told_at is not None:
        return "told"
    return "in_report" if told_by_report(advice.check) is not None else "given"


def register_lines(advice: Iterable[Advice]) -> Iterator[str]:
    """Three lines of each: what it is about, its times, what was found."""
    for each in advice:
        yield f"- {each.check} {each.subject}".rstrip() + f": {_state(each)}"
        yield f"  {', '.join(_times(each))}"
        yield f"  {each.found}"
        if each.overruled_at is not None:
            yield f"  overruled by {each.overruled_by}: {each.overruled_because}"


def _state(advice: Advice) -> str:
    state = state_of(advice)
    if state == "in_report":
        return told_by_report(advice.check) or state
    return f"taken back, {advice.facts[TAKEN_BACK]}" if state == "taken_back" else state


def _times(advice: Advice) -> Iterator[str]:
    over = "taken back" if is_taken_back(advice) else "mended"
    steps = (
        ("given", advice.opened_at),
        ("told", advice.told_at),
        ("overruled", advice.overruled_at),
        (over, advice.mended_at),
    )
    yield from (f"{step} {_minute(at)}" for step, at in steps if at is not None)


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
