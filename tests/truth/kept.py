"""Is the store right, was every message delivered once, and to those alone who may read it?"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.events import Ending
from truth.cast import OPERATOR, PARTIES
from truth.evidence import Evidence, written
from truth.letters import plain, subjects_in
from truth.simulation import NEVER_SENT
from truth.timeline import HOUR, Span


class Kept(Evidence):
    def _indiscretions(self) -> Iterator[str]:
        for each in self._lived.mail:
            if each.recipient == OPERATOR:
                continue
            mine = [party for party in PARTIES if each.recipient in (party.tam, party.contact)]
            may_read = frozenset().union(*(party.subjects for party in mine))
            text = f"{each.mail['Subject']}\n{plain(each)}"
            for subject in set(subjects_in(text)) - may_read:
                yield f"{each.recipient} reads of {subject} in {each.mail['Subject']!r}"
            for party in PARTIES:
                if party not in mine and party.name in text:
                    yield f"{each.recipient} reads of {party.name} in {each.mail['Subject']!r}"

    def _lost_or_doubled(self) -> Iterator[str]:
        came = Counter(each.mail["Message-ID"].strip("<>").partition("@")[0] for each in self._lived.mail)
        for line in self._lived.outbox:
            note, number = line.notification, came.pop(line.notification.message_id, 0)
            sent = line.state is NotificationState.SENT
            if number != sent:
                yield f"{note.message_id} to {note.recipient} is {line.state} and came {number} times"
            elif not sent and line.state not in NEVER_SENT and not self._may_wait(note.created_at):
                yield f"{note.message_id} to {note.recipient} still is {line.state}: {line.last_error}"
        yield from (f"{message_id} came from nowhere" for message_id in came)

    def _may_wait(self, since: datetime) -> bool:
        return self._lived.ended_at - since < HOUR

    def _false_listings(self) -> Iterator[str]:
        matched = Counter[tuple[str, str, Span]]()
        for each in self._lived.listings:
            list_id, subject = each.list_id, each.subject.value
            what = f"{subject} on {list_id}, opened {each.opened_at:%d %b %H:%M}, {each.ended or 'open'}"
            spans = [span for span in self._truth[list_id, subject] if span.holds(each.opened_at)]
            if not spans:
                if each.ended is not Ending.VOID or not self._may_err(list_id, each.opened_at):
                    yield f"{what}: never was"
                continue
            matched[list_id, subject, spans[0]] += 1
            if each.ended is not None and each.ended is not Ending.DELISTED:
                yield f"{what}: was real"
            elif each.closed_at is not None and each.closed_at < spans[0].end:
                yield f"{what}: is listed until {spans[0].end:%d %b %H:%M}"
        yield from (
            f"{about[1]} on {about[0]} is stored {number} times" for about, number in matched.items() if number > 1
        )

    def _missing_listings(self) -> Iterator[str]:
        stored: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        for each in self._lived.listings:
            stored[each.list_id, each.subject.value].append(each.opened_at)
        for each in self._timeline.listings:
            due = each.roll.accuses and self._is_due(each)
            if due and not any(map(each.span.holds, stored[each.roll.id, each.subject])):
                yield f"{each.subject} on {each.roll.name}, {written(each.span)}, is not stored"

    def _belief_in_the_ill(self) -> Iterator[str]:
        for cycle in self._lived.cycles:
            ill = self._ill.get(cycle.list_id)
            if ill is not None and cycle.verified and Span(ill.found_at, ill.span.end).holds(cycle.started_at):
                yield f"{cycle.list_id} counts as verified at {cycle.started_at:%d %b %H:%M}: {ill.illness}"
