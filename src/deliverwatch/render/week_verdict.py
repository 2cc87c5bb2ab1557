"""The one sentence that a week's report stands under, and the few words of it in the subject.

It is of the blocklists, of blocks at mailbox providers and of the warm-ups: a week in which a block is open, or a
warm-up is held, refused or switched off, needs the reader, whatever the lists say, and is never called clear.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from deliverwatch.core.incidents import ranges
from deliverwatch.core.warmup.day import DayState
from deliverwatch.core.week_listings import ReportedListing, together
from deliverwatch.core.week_warmups import ReportedWarmup
from deliverwatch.core.weekly import WeeklyReport, WeekVerdict
from deliverwatch.render.encode import in_mail
from deliverwatch.render.story import named
from deliverwatch.render.tongue import listed, percent
from deliverwatch.render.week_blocks import open_blocks
from deliverwatch.render.words import counted


class Verdict(NamedTuple):
    """`tone`: bad, unsure or good. `summary`: for the subject. `sentence`: what everything else stands under."""

    state: str
    tone: str
    summary: str
    sentence: str


_ARE = {"held": ("is", "are"), "refused": ("is", "are"), "switched off": ("was", "were")}
"""What needs the reader about a warm-up, in this order."""


class _Need(NamedTuple):
    """What needs the reader beside the lists: for the subject, and as a sentence."""

    summary: str
    sentence: str


def verdict(report: WeeklyReport) -> Verdict:
    of_lists = _of_lists(report)
    needs = [*_of_blocks(report), *_of_warmups(report)]
    if not needs:
        return of_lists
    told = ", ".join(need.summary for need in needs)
    worse = f"{counted(report.open_at_end, 'listing')} open, {told}"
    summary = worse if of_lists.tone == "bad" else f"{told}{_and_listings(report, of_lists)}"
    return Verdict("Attention", "bad", summary, " ".join([of_lists.sentence, *(need.sentence for need in needs)]))


def _of_blocks(report: WeeklyReport) -> Iterator[_Need]:
    """The oldest is named."""
    groups = open_blocks(report)
    blocks = sum(map(len, groups))
    if not blocks:
        return
    oldest = groups[0]
    which = f"{named(ranges(each.subject for each in oldest))} at {in_mail(oldest[0].provider_name, 60)}"
    others = ", the oldest of them" if len(groups) > 1 else ""
    are = counted(blocks, "block is", "blocks are")
    yield _Need(f"{counted(blocks, 'block')} open", f"{are} open at mailbox providers{others}: {which}.")


def _of_warmups(report: WeeklyReport) -> Iterator[_Need]:
    needs = Counter(_need(each) for each in report.warmups if each.needs_the_reader)
    if not needs:
        return
    what = next(iter(needs)) if len(needs) == 1 else "need you"
    yield _Need(f"{counted(needs.total(), 'warm-up')} {what}", f"Of your warm-ups {listed(list(_each(needs)))}.")


def _need(warmup: ReportedWarmup) -> str:
    if warmup.holds or warmup.status.state is DayState.HELD:
        return "held"
    return "refused" if warmup.status.state is DayState.BEHIND_REFUSED else "switched off"


def _each(needs: Counter[str]) -> Iterator[str]:
    for need, (one, many) in _ARE.items():
        if need in needs:
            yield f"{counted(needs[need], one, many)} {need}"


def _and_listings(report: WeeklyReport, of_lists: Verdict) -> str:
    """Beside a warm-up or a block "none known open" would be taken for it."""
    if report.verdict is WeekVerdict.ALL_CLEAR:
        return ""
    ended = of_lists.state == "Ended"
    return f", {counted(report.closed, 'listing')} ended" if ended else f", {of_lists.summary}"


def _of_lists(report: WeeklyReport) -> Verdict:
    when = "at the end of the week" if report.covered.end == report.span.end else "now"
    if report.verdict is WeekVerdict.ALL_CLEAR:
        lists = counted(report.lists_watched - len(report.unverified), "list")
        sentence = f"None of your {_subjects(report)} was listed on any of the {lists} that we watch{_except(report)}."
        return Verdict("All clear", "good", f"{counted(report.subjects_watched, 'subject')} on {lists}", sentence)
    if report.verdict is WeekVerdict.NOT_VERIFIED:
        sentence = "We saw no listing, but we cannot call the week clear."
        return Verdict("Not verified", "unsure", f"{percent(report.verified_ratio)} checked", sentence)
    open_now = [listing for listing in report.listings if listing.open_at(report.covered.end)]
    if open_now:
        return _open_verdict(report, open_now, when)
    known = "" if report.enough_verified else " that we know of"
    ended = counted(report.closed, "listing")
    sentence = f"No listing{known} is open {when}; {ended} ended during it."
    return Verdict("Ended", "good" if report.enough_verified else "unsure", f"{ended} ended, none known open", sentence)


def _except(report: WeeklyReport) -> str:
    """The lists that "all clear" is not said of."""
    at_times, never = len(report.unverified), len(report.unverifiable)
    others = [
        f"{counted(at_times, 'other list')} could not be verified all the time" if at_times else "",
        f"{counted(never, 'list publishes', 'lists publish')} too little to be verified by" if never else "",
    ]
    told = listed([each for each in others if each])
    return f" and could verify; {told}" if told else ""


def _open_verdict(report: WeeklyReport, open_now: Sequence[ReportedListing], when: str) -> Verdict:
    """What is open on a list that leads needs the reader; the rest is information."""
    leading = [listing for listing in open_now if listing.leads]
    others = len(open_now) - len(leading)
    told = counted(len(open_now), "listing")
    if not leading:
        known = "" if report.enough_verified else " that we know of"
        are = counted(others, "is", "are")
        sentence = f"No listing{known} on an important list is open {when}; {are} open on other lists."
        return Verdict("For information", "unsure", f"{told} open", sentence)
    worst = together(leading, report.covered.end)[0]
    which = f"{named(ranges(each.subject for each in worst))} on {in_mail(worst[0].list_name, 60)}"
    which = f"{which} ({worst[0].impact} impact)"
    many = f"{len(open_now):,} listings are open {when}, the worst of them {which}."
    sentence = f"1 listing is open {when}: {which}." if len(open_now) == 1 else many
    return Verdict("Attention", "bad", f"{told} open, {report.opened:,} new", sentence)


def _subjects(report: WeeklyReport) -> str:
    one = report.subjects_watched == 1
    return "one sending IP or domain" if one else f"{report.subjects_watched:,} sending IPs and domains"
