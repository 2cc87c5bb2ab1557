"""Did the weekly reports say what was, and did each come once?"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from truth.cast import PARTIES, ROLLS
from truth.evidence import BY_NAME, MUST_BE_TOLD, Evidence, shared_for
from truth.letters import Report
from truth.timeline import HOUR, Span, Trouble

_WEEK = timedelta(days=7)
_MOSTLY_RATIO = 0.05


class Reported(Evidence):
    def _false_reports(self) -> Iterator[str]:
        for report in self.reports:
            for list_name, subject in report.rows:
                excused = (report.recipient, list_name, subject) in self._excused
                if not self._is_true_in(report, BY_NAME[list_name], subject) and not (
                    excused and self._is_lie_in(report, list_name, subject)
                ):
                    yield f"{_report(report)}: {subject} on {list_name} was never listed"
            if report.all_clear:
                yield from self._why_not_clear(report)

    def _why_not_clear(self, report: Report) -> Iterator[str]:
        (party,) = (each for each in PARTIES if each.contact == report.recipient)
        week = Span(report.begin + 12 * HOUR, report.end - 12 * HOUR)
        who, due_for = f"{_report(report)} says all clear", shared_for(self._timeline.whole, week)
        for each in self._timeline.listings:
            seen_for = min(self._reachable_for(each), shared_for(each.span, week))
            if each.roll.accuses and each.subject in party.subjects and seen_for >= MUST_BE_TOLD:
                yield f"{who}, and {each.subject} was on {each.roll.name}"
        for trouble in self._ill.values():
            covers = any(trouble.roll.covers(subject) for subject in party.subjects)
            if covers and trouble.roll.impact == "critical" and _found_in(trouble, week) > _MOSTLY_RATIO * due_for:
                yield f"{who}, and {trouble.roll.name} was {trouble.illness}"
        if self._unverified_ratio(party.subjects, week) > _MOSTLY_RATIO:
            yield f"{who}, and too much was unverified"

    def _unverified_ratio(self, subjects: Iterable[str], week: Span) -> float:
        due = sum(roll.covers(subject) for roll in ROLLS for subject in subjects) * shared_for(
            self._timeline.whole, week
        )
        ill = (
            sum(trouble.roll.covers(subject) for subject in subjects) * _found_in(trouble, week)
            for trouble in self._ill.values()
        )
        return sum(ill, timedelta(0)) / due

    def _missing_reports(self) -> Iterator[str]:
        counted = Counter((report.recipient, report.begin) for report in self.reports)
        weeks = (BEGAN + number * _WEEK for number in range(10) for BEGAN in [_monday(self._timeline.whole.begin)])
        due = [week for week in weeks if week + _WEEK + timedelta(hours=20) <= self._lived.ended_at]
        for party in PARTIES:
            for week in due:
                if counted[party.contact, week] != 1:
                    yield f"{party.contact} got {counted[party.contact, week]} reports of {week:%d %b}"


def _monday(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0) - timedelta(days=moment.weekday())


def _found_in(trouble: Trouble, week: Span) -> timedelta:
    return shared_for(Span(trouble.found_at, trouble.span.end), week)


def _report(report: Report) -> str:
    return f"report to {report.recipient} of {report.begin:%d %b}"
