"""The truth and what became of it, side by side: what each check of the oracle asks."""

from collections import defaultdict
from datetime import datetime, timedelta

from truth.cast import ROLLS, Roll
from truth.letters import Claim, Letter, Report, is_report, read_letter, read_report
from truth.simulation import Arrived, Lived
from truth.timeline import HOUR, Illness, Span, Timeline, TrueListing

MINUTE = timedelta(minutes=1)
MUST_BE_TOLD = 3 * HOUR
ROOM = 4 * HOUR  # to find out, and to tell
BY_NAME = {roll.name: roll for roll in ROLLS}


class Evidence:
    def __init__(self, timeline: Timeline, lived: Lived) -> None:
        self._timeline = timeline
        self._lived = lived
        self.letters = [letter for each in lived.mail if (letter := _letter(each)) is not None]
        self.reports = [read_report(each) for each in lived.mail if is_report(each)]
        self._truth: dict[tuple[str, str], list[Span]] = defaultdict(list)
        for each in timeline.listings:
            self._truth[each.roll.id, each.subject].append(each.span)
        self._ill = {trouble.roll.id: trouble for trouble in timeline.troubles}
        self._excused = self._excusable()

    def _was_listed(self, list_id: str, subject: str, minute: datetime) -> bool:
        return any(span.meets(Span(minute, minute + MINUTE)) for span in self._truth[list_id, subject])

    def _may_err(self, list_id: str, minute: datetime) -> bool:
        """The list lists the world, and its test points read right."""
        ill = self._ill.get(list_id)
        lies = ill is not None and ill.illness is Illness.LISTS_THE_WORLD
        return lies and ill.span.begin <= minute + MINUTE and minute <= ill.found_at

    def of(self, *claims: Claim) -> list[Letter]:
        return [letter for letter in self.letters if letter.claim in claims]

    def _is_false(self, letter: Letter, subject: str) -> bool:
        """Both looks must have been at the truth. Of what is told together, the leader's are said."""
        list_id, looks = BY_NAME[letter.list_name].id, letter.moments["Evidence"]
        seen = [self._was_listed(list_id, subject, look) for look in looks]
        return not (any(seen) if len(letter.subjects) > 1 else all(seen))

    def _excusable(self) -> dict[tuple[str, str, str], str]:
        """What was told falsely, and may have been: the first message by reader, list and subject."""
        found: dict[tuple[str, str, str], str] = {}
        for letter in sorted(self.of(Claim.LISTED), key=lambda each: each.dated):
            list_id = BY_NAME[letter.list_name].id
            for subject in letter.subjects:
                if self._is_false(letter, subject) and self._may_err(list_id, letter.moments["Since"][0]):
                    found.setdefault((letter.recipient, letter.list_name, subject), letter.message_id)
        for report in self.reports:
            for list_name, subject in report.rows:
                if self._is_lie_in(report, list_name, subject):
                    found.setdefault((report.recipient, list_name, subject), report.message_id)
        return found

    def _is_lie_in(self, report: Report, list_name: str, subject: str) -> bool:
        """Until the list is well again nobody knows better."""
        roll = BY_NAME[list_name]
        ill = self._ill.get(roll.id)
        lies = (
            ill is not None and ill.illness is Illness.LISTS_THE_WORLD and not self._is_true_in(report, roll, subject)
        )
        return lies and ill.span.begin <= report.at <= ill.span.end + ROOM

    def _is_true_in(self, report: Report, roll: Roll, subject: str) -> bool:
        """Weeks begin at midnight of another zone, and a listing ends three looks after it is gone."""
        week = Span(report.begin, report.end)
        return any(span.meets(week, 12 * HOUR) for span in self._truth[roll.id, subject])

    def _is_due(self, each: TrueListing) -> bool:
        return self._reachable_for(each) >= MUST_BE_TOLD and each.span.begin + ROOM <= self._lived.ended_at

    def _reachable_for(self, each: TrueListing) -> timedelta:
        ill = self._ill.get(each.roll.id)
        end = min(each.span.end, self._timeline.whole.end)
        if ill is not None and each.span.begin < ill.span.begin:
            end = min(end, ill.span.begin)
        return end - each.span.begin


def _letter(arrived: Arrived) -> Letter | None:
    return None if is_report(arrived) else read_letter(arrived)


def shared_for(span: Span, other: Span) -> timedelta:
    return max(min(span.end, other.end) - max(span.begin, other.begin), timedelta(0))


def written(span: Span) -> str:
    return f"{span.begin:%d %b %H:%M} to {span.end:%d %b %H:%M}"
