"""The figures at the head of the weekly report, beside those of the week before, and the customer's own mail.

A change is said in words, and only of what is known: where last week had no report there is none, and where too little
of it was verified it is called what we know of. Numbers that can still grow are called provisional; one that the report
of last week had otherwise is restated, with what was said.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from deliverwatch.core.events import Ending
from deliverwatch.core.week_before import FigureName, WeekBefore
from deliverwatch.core.week_mail import WeekMail
from deliverwatch.core.weekly import WeeklyReport
from deliverwatch.render.tongue import marked, number, percent, say, say_n
from deliverwatch.render.week_rows import Row

_NAMES: Mapping[FigureName, str] = {
    FigureName.OPEN_AT_END: marked("Open at the end"),
    FigureName.OPENED: marked("New listings"),
    FigureName.CLOSED: marked("Ended listings"),
    FigureName.ATTEMPTED: marked("Mail attempted"),
    FigureName.DELIVERED: marked("Mail delivered"),
    FigureName.DEFERRED: marked("Mail deferred"),
    FigureName.BOUNCED: marked("Mail bounced"),
}
_ENDED: Mapping[Ending, Callable[[int], str]] = {
    Ending.DELISTED: lambda n: say_n("{n} delisted", "{n} delisted", n),
    Ending.VOID: lambda n: say_n("{n} void", "{n} void", n),
    Ending.LIST_ENDED: lambda n: say_n("{n} no longer watched", "{n} no longer watched", n),
    Ending.WITHDRAWN: lambda n: say_n("{n} no longer yours", "{n} no longer yours", n),
}


@dataclass(frozen=True, slots=True)
class Figure:
    value: str
    label: str
    note: str


class MailRow(NamedTuple):
    """One kind of count, in both weeks."""

    name: str
    this_week: str
    last_week: str


@dataclass(frozen=True, slots=True)
class MailRows:
    """`rows`: none where nothing was measured. `this_week`, `last_week`: their names, and whether they are final.
    `line`: the same in one sentence. `grows`: why the counts are not final."""

    rows: tuple[MailRow, ...] = ()
    this_week: str = ""
    last_week: str = ""
    line: str = ""
    grows: str = ""


def figures(report: WeeklyReport) -> tuple[Figure, ...]:
    before = report.before
    opened, closed, open_before = None, None, None
    if before.listings is not None:
        open_before, opened, closed = before.listings
    return (
        _figure(
            report.open_at_end,
            say("Open at the end"),
            _open_notes(report),
            _change(report.open_at_end, open_before, before),
        ),
        _figure(report.opened, say("New this week"), [], _change(report.opened, opened, before)),
        _figure(report.closed, say("Ended this week"), _ends(report), _change(report.closed, closed, before)),
        Figure(percent(report.verified_ratio), say("Verified"), _joined([_of_hours(report), _last_ratio(before)])),
    )


def _figure(count: int, label: str, notes: list[str], change: str) -> Figure:
    return Figure(number(count), label, _joined([*notes, change]))


def _joined(notes: list[str]) -> str:
    return "; ".join(filter(None, notes))


def _open_notes(report: WeeklyReport) -> list[str]:
    others = sum(not each.leads and each.open_at(report.covered.end) for each in report.listings)
    return [
        "" if report.enough_verified else say("that we know of"),
        say_n("{n} on less important lists", "{n} on less important lists", others) if others else "",
    ]


def _ends(report: WeeklyReport) -> list[str]:
    ends = Counter(each.ended for each in report.listings if not each.open_at(report.covered.end))
    return [_ENDED[ending](count) for ending, count in sorted(ends.items()) if ending is not None]


def _of_hours(report: WeeklyReport) -> str:
    hours = report.due_for // timedelta(hours=1)
    return say_n("of {n} watch-hour", "of {n} watch-hours", hours)


def _last_ratio(before: WeekBefore) -> str:
    return "" if before.verified_ratio is None else say("last week {ratio}", ratio=percent(before.verified_ratio))


def _change(now: int, last: int | None, before: WeekBefore) -> str:
    if last is None:
        return say("change not known")
    if now == last:
        return say("as last week") if before.enough_verified else say("as we know of last week")
    more = now - last
    return _changed(more) if before.enough_verified else _changed_from_known(more)


def _changed(more: int) -> str:
    if more > 0:
        return say_n("{n} more than last week", "{n} more than last week", more)
    return say_n("{n} fewer than last week", "{n} fewer than last week", -more)


def _changed_from_known(more: int) -> str:
    if more > 0:
        return say_n("{n} more than we know of last week", "{n} more than we know of last week", more)
    return say_n("{n} fewer than we know of last week", "{n} fewer than we know of last week", -more)


def mail_rows(report: WeeklyReport) -> MailRows:
    """Nothing where no source measured anything in either week."""
    mail, last = report.mail, report.before.mail
    if not mail.is_measured and not last.is_measured:
        return MailRows()
    grows = mail.is_measured and report.mail_can_grow
    names = (say("Attempted"), say("Delivered"), say("Deferred"), say("Bounced"))
    return MailRows(
        rows=tuple(MailRow(name, _count(now), _count(then)) for name, now, then in zip(names, mail, last, strict=True)),
        this_week=say("This week, provisional") if grows else say("This week"),
        last_week=say("Last week, restated") if _is_restated(report) else say("Last week"),
        line=_mail_line(mail, last, grows=grows),
        grows=say("Provisional: logs that come late can still add to it.") if grows else "",
    )


def _is_restated(report: WeeklyReport) -> bool:
    return any(each.name in WeekMail._fields for each in report.before.restated)


def _count(value: int | None) -> str:
    return say("not measured") if value is None else number(value)


def _mail_line(mail: WeekMail, last: WeekMail, *, grows: bool) -> str:
    notes = [say("provisional") if grows else "", say("last week: {counts}", counts=_counts(last))]
    return say("Mail of your senders: {counts} ({notes})", counts=_counts(mail), notes=_joined(notes))


def _counts(mail: WeekMail) -> str:
    if not mail.is_measured:
        return say("not measured")
    return say(
        "{attempted} attempted, {delivered} delivered, {deferred} deferred, {bounced} bounced",
        **{name: _count(value) for name, value in mail._asdict().items()},
    )


def restated_rows(report: WeeklyReport) -> list[Row]:
    return [
        Row(say(_NAMES[each.name]), number(each.now), say("the report said {said}", said=number(each.said)))
        for each in report.before.restated
    ]
