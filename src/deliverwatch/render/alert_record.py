"""An alert as a JSON document: what it was, whom it was told to, how each message stands, and why.

Made for whoever answers for some customers, nobody else is named, and no message about others is shown.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deliverwatch.core.routing import family_of
from deliverwatch.flows.alert_ports import AlertLine, AlertTrail, NumberedEvent
from deliverwatch.flows.ports import OutboxLine
from deliverwatch.render.alert_trail import standing
from deliverwatch.render.json_times import instant


@dataclass(frozen=True, slots=True)
class Reader:
    """`titles`: by the key of the event. `customers`: only theirs is shown; None: all."""

    titles: Mapping[str, str]
    now: datetime
    customers: Collection[str] | None

    def messages(self, alert: AlertLine) -> list[OutboxLine]:
        return [line for line in alert.lines if self._concerned(line.notification.customers)]

    def parties(self, numbered: NumberedEvent) -> list[str]:
        named = numbered.event.facts.get("parties", ())
        return [each for each in named if self.customers is None or each in self.customers]

    def _concerned(self, customers: Collection[str]) -> bool:
        return self.customers is None or not set(self.customers).isdisjoint(customers)


def alert_record(alert: AlertLine, reader: Reader) -> dict[str, Any]:
    messages = [_message(line, reader.now) for line in reader.messages(alert)]
    return {**_named(alert.numbered, reader), "notifications": messages}


def trail_record(trail: AlertTrail, reader: Reader, why: Sequence[str]) -> dict[str, Any]:
    """`event`: its key, by which programs know it."""
    leads = trail.leads
    return {
        **alert_record(trail.alert, reader),
        "event": trail.alert.numbered.event.key,
        "part_of": alert_record(leads, reader) if leads is not None else None,
        "inhibited_by": [_named(each, reader) for each in trail.inhibitors],
        "silences": [each.id for each in trail.silences],
        "why": list(why),
    }


def _named(numbered: NumberedEvent, reader: Reader) -> dict[str, Any]:
    event = numbered.event
    return {
        "number": numbered.id,
        "kind": event.kind,
        "family": family_of(event.kind),
        "at": instant(event.at),
        "title": reader.titles[event.key],
        "list": event.list_id or None,
        "provider": event.facts.get("provider") or None,
        "subject": event.subject.value if event.subject is not None and reader.customers is None else None,
        "customers": reader.parties(numbered),
    }


def _message(line: OutboxLine, now: datetime) -> dict[str, Any]:
    note = line.notification
    return {
        "id": note.id,
        "recipient": note.recipient,
        "channel": note.channel,
        "audience": note.audience,
        "state": line.state,
        "standing": standing(line, now),
        "because": note.because or None,
        "created_at": instant(note.created_at),
        "not_before": instant(note.not_before),
        "digest_at": instant(note.digest_at),
        "sent_at": instant(line.sent_at),
        "attempts": line.attempts,
        "last_error": line.last_error,
        "about": note.about,
    }
