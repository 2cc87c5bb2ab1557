"""What a customer has to put in order, in the words of the weekly report: what was found, since when, and the repair.

What could not be checked is one line, and what was never checked one sentence of the small print: neither is good or
bad.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from deliverwatch.core.incidents import ranges
from deliverwatch.core.practice import Check
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.week_practice import Mended, ReportedAdvice, Unchecked, WeekPractice
from deliverwatch.render.encode import in_mail
from deliverwatch.render.practice_words import check_name, repair
from deliverwatch.render.privacy import is_private, unnamed
from deliverwatch.render.tongue import listed, say, say_n, spoken
from deliverwatch.render.week_rows import Times
from deliverwatch.render.words import at

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
            small_print=say("What senders should have in order (SPF, DKIM, DMARC and more): not checked yet.")
        )
    unchecked = _unchecked(practice.unchecked)
    if not practice.open and not practice.mended:
        told = _nothing_failed(practice, at(practice.checked_at, zone), has_warmups)
        return PracticeRows(small_print=f"{told} {unchecked}".strip())
    return PracticeRows(
        rows=tuple(_row(each, times) for each in practice.told),
        more=sum(len(each.ids) for each in practice.open[len(practice.told) :]),
        checked=say("As last checked on {when}.", when=at(practice.checked_at, zone)),
        mended=_mended(practice.mended, times),
        unchecked=unchecked,
    )


def _nothing_failed(practice: WeekPractice, checked_at: str, has_warmups: bool) -> str:
    """Of what: listings and warm-ups are no part of it, and may be all but well."""
    if has_warmups:
        return say_n(
            "{n} best-practice check passed, none failed, as last checked on {when}; listings and warm-ups are told "
            "above.",
            "{n} best-practice checks passed, none failed, as last checked on {when}; listings and warm-ups are told "
            "above.",
            practice.passed,
            when=checked_at,
        )
    return say_n(
        "{n} best-practice check passed, none failed, as last checked on {when}; listings are told above.",
        "{n} best-practice checks passed, none failed, as last checked on {when}; listings are told above.",
        practice.passed,
        when=checked_at,
    )


def _row(advice: ReportedAdvice, times: Times) -> AdviceRow:
    facts = {**advice.facts, **dict.fromkeys(advice.subject_facts, _names(advice.subjects))}
    return AdviceRow(
        about=_about(advice.check, advice.subjects),
        found=" ".join(_found(advice, times)),
        repair=in_mail(repair(advice.problem, facts, spoken()), _LONGEST_REPAIR),
    )


def _found(advice: ReportedAdvice, times: Times) -> Iterator[str]:
    """What was found is recorded in English."""
    found = in_mail(advice.found, _LONGEST_FOUND).rstrip(".")
    since = times(advice.since)
    yield say("Since {when}: {found}.", when=since, found=found) if found else say("Since {when}.", when=since)
    if not advice.seen_again:
        yield say("It could not be checked again.")
    if advice.overruled:
        yield say("Requests do not wait for it.")


def _about(check: Check, subjects: Sequence[str]) -> str:
    name = check_name(check, spoken())
    return f"{name}: {in_mail(_names(subjects), _LONGEST_ABOUT)}" if subjects else name


def _names(subjects: Sequence[str]) -> str:
    """Addresses under their ranges; and what is no subject of ours (a selector's name) as it is."""
    if is_private():
        return unnamed(subjects)
    try:
        names = ranges(parse_subject(each) for each in subjects)
    except ValueError:
        names = list(subjects)
    return listed([*names[:_MOST_NAMES], *_and_more(len(names) - _MOST_NAMES)])


def _and_more(left_out: int) -> list[str]:
    return [say_n("{n} more", "{n} more", left_out)] if left_out > 0 else []


def _mended(mended: Sequence[Mended], times: Times) -> str:
    if not mended:
        return ""
    told = [f"{_mended_what(each)} ({times(each.mended_at)})" for each in mended[:_MOST_MENDED]]
    return say("Mended this week: {what}.", what="; ".join([*told, *_and_more(len(mended) - _MOST_MENDED)]))


def _mended_what(mended: Mended) -> str:
    return _about(mended.check, [mended.subject] if mended.subject else [])


def _unchecked(unchecked: Sequence[Unchecked]) -> str:
    """Neither passed nor failed."""
    if not unchecked:
        return ""
    what = "; ".join(_about(each.check, each.subjects) for each in unchecked)
    return say("Could not be checked: {what}.", what=what)
