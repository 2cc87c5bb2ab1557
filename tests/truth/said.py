"""Were the alerts true, and was everything told that must be?"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from truth.cast import OPERATOR, PARTIES
from truth.evidence import BY_NAME, MINUTE, Evidence, written
from truth.letters import Claim, Letter
from truth.timeline import Span, TrueListing


class Said(Evidence):
    def _false_openings(self) -> Iterator[str]:
        for letter in self.of(Claim.LISTED):
            for subject in letter.subjects:
                excused = (letter.recipient, letter.list_name, subject) in self._excused
                if self._is_false(letter, subject) and not excused:
                    yield _sentence(letter, subject, "was not listed then")

    def _false_endings(self) -> Iterator[str]:
        for letter in self.of(Claim.DELISTED):
            list_id = BY_NAME[letter.list_name].id
            clear, until = letter.moments["Clear"][0], letter.moments["Until"][0]
            ill = self._ill.get(list_id)
            if ill is not None and ill.span.holds(until):
                yield _sentence(letter, "", "nobody could know: the list was ill")
            for subject in letter.subjects:
                if any(span.meets(Span(clear + MINUTE, until)) for span in self._truth[list_id, subject]):
                    yield _sentence(letter, subject, "was still listed")
                if not self._were_told(letter, subject):
                    yield _sentence(letter, subject, "was never told to be listed")

    def _were_told(self, ending: Letter, subject: str) -> bool:
        return any(
            letter.recipient == ending.recipient
            and letter.list_name == ending.list_name
            and (subject in letter.subjects or letter.partly)
            and letter.at <= ending.at
            for letter in self.of(Claim.LISTED)
        )

    def _false_corrections(self) -> Iterator[str]:
        for letter in self.of(Claim.CORRECTION):
            for subject in letter.subjects:
                first = self._excused.get((letter.recipient, letter.list_name, subject))
                partly = any(each.partly and each.message_id == letter.in_reply_to for each in self.letters)
                partly |= any(each.partly and each.message_id == letter.in_reply_to for each in self.reports)
                if first is None and not partly:
                    yield _sentence(letter, subject, "takes back what was true, or never told")
                elif first is not None and self._first_told(letter) != letter.in_reply_to:
                    yield _sentence(letter, subject, "does not name the first message")

    def _first_told(self, correction: Letter) -> str | None:
        """One correction may take back what several messages told: it names the first of them, by their dates."""
        order = [*self.letters, *self.reports]
        about = {(correction.recipient, correction.list_name, subject) for subject in correction.subjects}
        told = {message_id for key, message_id in self._excused.items() if key in about}
        return min((each for each in order if each.message_id in told), key=lambda each: each.dated).message_id

    def _missing_corrections(self) -> Iterator[str]:
        taken_back = Counter(
            (letter.recipient, letter.list_name, subject)
            for letter in self.of(Claim.CORRECTION)
            for subject in letter.subjects
        )
        replies = {letter.in_reply_to for letter in self.of(Claim.CORRECTION) if letter.partly}
        for about, first in self._excused.items():
            if taken_back[about] != 1 and not (taken_back[about] == 0 and first in replies):
                yield f"{' '.join(about)}: corrected {taken_back[about]} times"

    def _due_to_be_told(self) -> list[TrueListing]:
        return [each for each in self._timeline.listings if each.roll.leads and self._is_due(each)]

    def _told_at(self, each: TrueListing, reader: str) -> datetime | None:
        return next(
            (
                letter.at
                for letter in self.of(Claim.LISTED)
                if letter.recipient == reader
                and letter.list_name == each.roll.name
                and (each.subject in letter.subjects or letter.partly)
                and each.span.meets(Span(letter.moments["Since"][0], letter.moments["Since"][0] + MINUTE))
            ),
            None,
        )

    def _last_told_at(self, each: TrueListing) -> datetime | None:
        times = [self._told_at(each, reader) for reader in _readers(each.subject)]
        return max((at for at in times if at is not None), default=None)

    def _untold(self) -> Iterator[str]:
        for each in self._due_to_be_told():
            for reader in _readers(each.subject):
                if self._told_at(each, reader) is None:
                    yield f"{reader} was not told of {each.subject} on {each.roll.name}, {written(each.span)}"


def _readers(subject: str) -> list[str]:
    return [OPERATOR, *dict.fromkeys(party.tam for party in PARTIES if subject in party.subjects)]


def _sentence(letter: Letter, subject: str, why: str) -> str:
    return f"{letter.claim} {subject} on {letter.list_name}, to {letter.recipient} at {letter.at:%d %b %H:%M}: {why}"
