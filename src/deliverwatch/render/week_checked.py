"""What the weekly report may say of what was checked: why "not listed" cannot be said of the rest, or that it can."""

from collections import Counter

from deliverwatch.core.blocklist import Impact
from deliverwatch.core.verification import ENOUGH_VERIFIED_RATIO
from deliverwatch.core.weekly import WeeklyReport
from deliverwatch.render.encode import in_mail
from deliverwatch.render.tongue import listed, percent, say, say_n
from deliverwatch.render.words import lasting


def doubts(report: WeeklyReport) -> str:
    """Empty when "not listed" may be said of the rest."""
    found = _doubts(report)
    return say("We could not verify enough: {doubts}.", doubts=listed(found)) if found else ""


def _doubts(report: WeeklyReport) -> list[str]:
    if report.enough_verified:
        return []
    if not report.due_for:
        return [_nothing_due(report)]
    found = [
        say("{list} is not watched", list=in_mail(each.list_name, 60))
        for each in report.not_watched
        if each.impact is Impact.CRITICAL
    ]
    found += [
        say(
            "{list} was not verified for {length}",
            list=in_mail(each.list_name, 60),
            length=lasting(each.unverified_for),
        )
        for each in report.unverified
        if each.impact is Impact.CRITICAL and not each.enough
    ]
    watches = (watch for watch in report.unverified_watches if watch.impact is Impact.CRITICAL and not watch.enough)
    unanswered = Counter(in_mail(watch.list_name, 60) for watch in watches)
    found += [_unanswered(name, n) for name, n in unanswered.items()]
    if report.verified_ratio < ENOUGH_VERIFIED_RATIO:
        found.append(say("only {ratio} of the watch-hours were verified", ratio=percent(report.verified_ratio)))
    return found


def _unanswered(list_name: str, subjects: int) -> str:
    return say_n(
        "{list} gave no usable answer for {n} subject",
        "{list} gave no usable answer for {n} subjects",
        subjects,
        list=list_name,
    )


def _nothing_due(report: WeeklyReport) -> str:
    if report.unverifiable:
        return say("nothing of yours was watched on a list that can be verified")
    return say("nothing of yours was watched")


def coverage(report: WeeklyReport) -> str:
    """What may be said when no list has to be named."""
    if not report.due_for and report.unverifiable:
        return say("Nothing of yours was watched in this week on a list that can be verified.")
    if not report.due_for:
        return say("Nothing of yours was watched in this week.")
    if report.unverifiable:
        return say("None of the lists that can be verified went a whole interval without it.")
    return say("No list went a whole interval without being verified.")
