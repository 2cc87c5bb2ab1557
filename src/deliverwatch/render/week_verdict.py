"""The one sentence that a week's report stands under, and the few words of it in the subject.

It is of the blocklists, of blocks at mailbox providers and of the warm-ups: a week in which a block is open, or a
warm-up is held, refused or switched off, needs the reader, whatever the lists say, and is never called clear.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum, auto
from typing import NamedTuple

from deliverwatch.core.incidents import ranges
from deliverwatch.core.warmup.day import DayState
from deliverwatch.core.week_listings import ReportedListing, together
from deliverwatch.core.week_warmups import ReportedWarmup
from deliverwatch.core.weekly import WeeklyReport, WeekVerdict
from deliverwatch.render.consequences import impact_word
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import named
from deliverwatch.render.tongue import listed, percent, say, say_n
from deliverwatch.render.week_blocks import open_blocks
from deliverwatch.render.week_verdict_words import (
    all_clear,
    listings_ended,
    none_known_open,
    one_or_worst_open,
    only_others_open,
)


class Verdict(NamedTuple):
    """`tone`: bad, unsure or good. `summary`: for the subject, the weightiest first. `sentence`: what everything else
    stands under."""

    state: str
    tone: str
    summary: tuple[str, ...]
    sentence: str


class _Need(NamedTuple):
    """What needs the reader beside the lists: for the subject, and as a sentence."""

    summary: str
    sentence: str


class _Trouble(Enum):
    """What needs the reader about a warm-up, in this order."""

    HELD = auto()
    REFUSED = auto()
    SWITCHED_OFF = auto()


_TROUBLES: Mapping[_Trouble, Callable[[int], str]] = {
    _Trouble.HELD: lambda n: say_n("{n} warm-up held", "{n} warm-ups held", n),
    _Trouble.REFUSED: lambda n: say_n("{n} warm-up refused", "{n} warm-ups refused", n),
    _Trouble.SWITCHED_OFF: lambda n: say_n("{n} warm-up switched off", "{n} warm-ups switched off", n),
}
_ARE: Mapping[_Trouble, Callable[[int], str]] = {
    _Trouble.HELD: lambda n: say_n("{n} is held", "{n} are held", n),
    _Trouble.REFUSED: lambda n: say_n("{n} is refused", "{n} are refused", n),
    _Trouble.SWITCHED_OFF: lambda n: say_n("{n} was switched off", "{n} were switched off", n),
}


def verdict(report: WeeklyReport) -> Verdict:
    of_lists = _of_lists(report)
    needs = [*_of_blocks(report), *_of_warmups(report)]
    if not needs:
        return of_lists
    told = tuple(need.summary for need in needs)
    summary = (
        (_open(report.open_at_end), *told) if of_lists.tone == "bad" else (*told, *_and_listings(report, of_lists))
    )
    sentence = " ".join([of_lists.sentence, *(need.sentence for need in needs)])
    return Verdict(say("Attention"), "bad", summary, sentence)


def _open(listings: int) -> str:
    return say_n("{n} listing open", "{n} listings open", listings)


def _of_blocks(report: WeeklyReport) -> Iterator[_Need]:
    """The oldest is named."""
    groups = open_blocks(report)
    if not groups:
        return
    blocks, oldest = sum(map(len, groups)), groups[0]
    which = say(
        "{names} at {provider}",
        names=named(ranges(each.subject for each in oldest)),
        provider=in_mail(oldest[0].provider_name, 60),
    )
    yield _Need(
        say_n("{n} block open", "{n} blocks open", blocks),
        _blocks_and_oldest(blocks, which) if len(groups) > 1 else _blocks(blocks, which),
    )


def _blocks(blocks: int, which: str) -> str:
    return say_n(
        "{n} block is open at mailbox providers: {which}.",
        "{n} blocks are open at mailbox providers: {which}.",
        blocks,
        which=which,
    )


def _blocks_and_oldest(blocks: int, which: str) -> str:
    return say_n(
        "{n} block is open at mailbox providers, the oldest of them: {which}.",
        "{n} blocks are open at mailbox providers, the oldest of them: {which}.",
        blocks,
        which=which,
    )


def _of_warmups(report: WeeklyReport) -> Iterator[_Need]:
    needs = Counter(_trouble(each) for each in report.warmups if each.needs_the_reader)
    if not needs:
        return
    total = needs.total()
    summary = say_n("{n} warm-up needs you", "{n} warm-ups need you", total)
    if len(needs) == 1:
        summary = _TROUBLES[next(iter(needs))](total)
    which = listed([_ARE[each](needs[each]) for each in _Trouble if each in needs])
    yield _Need(summary, say("Of your warm-ups {which}.", which=which))


def _trouble(warmup: ReportedWarmup) -> _Trouble:
    if warmup.holds or warmup.status.state is DayState.HELD:
        return _Trouble.HELD
    return _Trouble.REFUSED if warmup.status.state is DayState.BEHIND_REFUSED else _Trouble.SWITCHED_OFF


def _and_listings(report: WeeklyReport, of_lists: Verdict) -> tuple[str, ...]:
    """Beside a warm-up or a block "none known open" would be taken for it."""
    if report.verdict is WeekVerdict.ALL_CLEAR:
        return ()
    return (listings_ended(report.closed),) if _only_ended(report) else of_lists.summary


def _only_ended(report: WeeklyReport) -> bool:
    return report.verdict is WeekVerdict.LISTED and not report.open_at_end


def _of_lists(report: WeeklyReport) -> Verdict:
    if report.verdict is WeekVerdict.ALL_CLEAR:
        return _all_clear(report)
    if report.verdict is WeekVerdict.NOT_VERIFIED:
        sentence = say("We saw no listing, but we cannot call the week clear.")
        checked = say("{ratio} checked", ratio=percent(report.verified_ratio))
        return Verdict(say("Not verified"), "unsure", (checked,), sentence)
    open_now = [listing for listing in report.listings if listing.open_at(report.covered.end)]
    return _open_verdict(report, open_now) if open_now else _ended(report)


def _all_clear(report: WeeklyReport) -> Verdict:
    lists = say_n("{n} list", "{n} lists", report.lists_watched - len(report.unverified))
    subjects = say_n("{n} subject", "{n} subjects", report.subjects_watched)
    summary = say("{subjects} on {lists}", subjects=subjects, lists=lists)
    return Verdict(say("All clear"), "good", (summary,), all_clear(report.subjects_watched, lists, _except(report)))


def _except(report: WeeklyReport) -> str:
    """The lists that "all clear" is not said of."""
    at_times, never = len(report.unverified), len(report.unverifiable)
    others = []
    if at_times:
        others.append(
            say_n(
                "{n} other list could not be verified all the time",
                "{n} other lists could not be verified all the time",
                at_times,
            )
        )
    if never:
        others.append(
            say_n(
                "{n} list publishes too little to be verified by",
                "{n} lists publish too little to be verified by",
                never,
            )
        )
    return listed(others) if others else ""


def _ended(report: WeeklyReport) -> Verdict:
    sure = report.enough_verified
    summary = (listings_ended(report.closed), say("none known open"))
    return Verdict(
        say("Ended"),
        "good" if sure else "unsure",
        summary,
        none_known_open(report.closed, over=_over(report), sure=sure),
    )


def _over(report: WeeklyReport) -> bool:
    return report.covered.end == report.span.end


def _open_verdict(report: WeeklyReport, open_now: Sequence[ReportedListing]) -> Verdict:
    """What is open on a list that leads needs the reader; the rest is information."""
    leading = [listing for listing in open_now if listing.leads]
    told = _open(len(open_now))
    if not leading:
        sentence = only_others_open(len(open_now), over=_over(report), sure=report.enough_verified)
        return Verdict(say("For information"), "unsure", (told,), sentence)
    worst = together(leading, report.covered.end)[0]
    which = say(
        "{names} on {list} ({impact} impact)",
        names=named(ranges(each.subject for each in worst)),
        list=in_mail(worst[0].list_name, 60),
        impact=impact_word(worst[0].impact),
    )
    new = say_n("{n} new", "{n} new", report.opened)
    return Verdict(say("Attention"), "bad", (told, new), one_or_worst_open(len(open_now), which, over=_over(report)))
