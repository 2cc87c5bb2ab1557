"""What a customer has to put in order, in the words of the weekly report: what was found, since when, and the repair.

What could not be checked is one line, and what was never checked one sentence of the small print: neither is good or
bad.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from deliverwatch.core.incidents import ranges
from deliverwatch.core.inventory import Language
from deliverwatch.core.practice import Check
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.week_practice import Mended, ReportedAdvice, Unchecked, WeekPractice
from deliverwatch.render.encode import in_mail
from deliverwatch.render.practice_words import check_name, repair
from deliverwatch.render.tongue import listed
from deliverwatch.render.week_rows import Times
from deliverwatch.render.words import at, counted

_LANGUAGE = Language.EN
_MOST_NAMES = 3
_MOST_MENDED = 8
_LONGEST_ABOUT = 140
_LONGEST_FOUND = 200
_LONGEST_REPAIR = 500


@dataclass(frozen=True, slots=True)
class AdviceRow:
    about: str
    found: str
    repair: str


@dataclass(frozen=True, slots=True)
class PracticeRows:
    """`small_print`: what is said where there is no section."""

    rows: tuple[AdviceRow, ...] = ()
    more: int = 0
    checked: str = ""
    mended: str = ""
    unchecked: str = ""
    small_print: str = ""

    @property
    def has_section(self) -> bool:
        return bool(self.rows or self.mended)


def practice_rows(practice: WeekPractice, zone: ZoneInfo, times: Times, *, has_warmups: bool) -> PracticeRows:
    if practice.checked_at is None:
        return PracticeRows(
            small_print="What senders should have in order (SPF, DKIM, DMARC and more): not checked yet."
        )
    unchecked = _unchecked(practice.unchecked)
    if not practice.open and not practice.mended:
        told = _nothing_failed(practice, at(practice.checked_at, zone), has_warmups)
        return PracticeRows(small_print=f"{told} {unchecked}".strip())
    return PracticeRows(
        rows=tuple(_row(each, times) for each in practice.told),
        more=sum(len(each.ids) for each in practice.open[len(practice.told) :]),
        checked=f"As last checked on {at(practice.checked_at, zone)}.",
        mended=_mended(practice.mended, times),
        unchecked=unchecked,
    )


def _nothing_failed(practice: WeekPractice, checked_at: str, has_warmups: bool) -> str:
    """Of what: listings and warm-ups are no part of it, and may be all but well."""
    checks = counted(practice.passed, "best-practice check")
    elsewhere = "listings and warm-ups are" if has_warmups else "listings are"
    return f"{checks} passed, none failed, as last checked on {checked_at}; {elsewhere} told above."


def _row(advice: ReportedAdvice, times: Times) -> AdviceRow:
    facts = {**advice.facts, **dict.fromkeys(advice.subject_facts, _names(advice.subjects))}
    return AdviceRow(
        about=_about(advice.check, advice.subjects),
        found=" ".join(_found(advice, times)),
        repair=in_mail(repair(advice.problem, facts, _LANGUAGE), _LONGEST_REPAIR),
    )


def _found(advice: ReportedAdvice, times: Times) -> Iterator[str]:
    found = in_mail(advice.found, _LONGEST_FOUND).rstrip(".")
    yield f"Since {times(advice.since)}{': ' if found else ''}{found}."
    if not advice.seen_again:
        yield "It could not be checked again."
    if advice.overruled:
        yield "Requests do not wait for it."


def _about(check: Check, subjects: Sequence[str]) -> str:
    name = check_name(check, _LANGUAGE)
    return f"{name}: {in_mail(_names(subjects), _LONGEST_ABOUT)}" if subjects else name


def _names(subjects: Sequence[str]) -> str:
    """Addresses under their ranges; and what is no subject of ours (a selector's name) as it is."""
    try:
        names = ranges(parse_subject(each) for each in subjects)
    except ValueError:
        names = list(subjects)
    more = [f"{len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []
    return listed([*names[:_MOST_NAMES], *more])


def _mended(mended: Sequence[Mended], times: Times) -> str:
    if not mended:
        return ""
    told = [f"{_mended_what(each)} ({times(each.mended_at)})" for each in mended[:_MOST_MENDED]]
    more = [f"{len(mended) - _MOST_MENDED} more"] if len(mended) > _MOST_MENDED else []
    return f"Mended this week: {'; '.join([*told, *more])}."


def _mended_what(mended: Mended) -> str:
    return _about(mended.check, [mended.subject] if mended.subject else [])


def _unchecked(unchecked: Sequence[Unchecked]) -> str:
    """Neither passed nor failed."""
    if not unchecked:
        return ""
    return f"Could not be checked: {'; '.join(_about(each.check, each.subjects) for each in unchecked)}."
