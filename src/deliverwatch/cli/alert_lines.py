"""How alerts are printed, for people and for programs.

What an alert is known by is the subject of its message: with `--customer` as that customer's account manager reads it,
so that nobody else is named.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deliverwatch.app import App
from deliverwatch.cli.output import instant
from deliverwatch.core.alerting import Audience, Notification
from deliverwatch.core.events import Event
from deliverwatch.core.instants import instant as shown
from deliverwatch.core.inventory import Inventory
from deliverwatch.core.receivers import EMAIL
from deliverwatch.core.routing import family_of
from deliverwatch.flows.alert_ports import AlertLine, AlertTrail, NumberedEvent
from deliverwatch.flows.ports import Delivery, OutboxLine
from deliverwatch.render.alert_trail import sentences, standing
from deliverwatch.render.alerts import render_alert


@dataclass(frozen=True, slots=True)
class Told:
    """`titles`: by the key of the event. `customer`: only theirs is shown."""

    alerts: Sequence[AlertLine]
    titles: Mapping[str, str]
    now: datetime
    customer: str | None


def titles(app: App, inventory: Inventory, events: Iterable[Event], customer: str | None = None) -> dict[str, str]:
    return {event.key: _title(app, inventory, event, customer) for event in events}


def _title(app: App, inventory: Inventory, event: Event, customer: str | None) -> str:
    audience = Audience.OPERATOR if customer is None else Audience.TAM
    parties = tuple(event.facts.get("parties", ())) if customer is None else (customer,)
    note = Notification("", "", audience, EMAIL, "", parties, event.at, event_key=event.key)
    view = app.telling.view(Delivery(note, 1, 1, event, None), inventory)
    return render_alert(view).subject


def lines(told: Told, *, with_messages: bool = True) -> Iterator[str]:
    for alert in told.alerts:
        event = alert.numbered.event
        yield f"{alert.numbered.id}  {shown(event.at)}  {family_of(event.kind)}"
        yield f"  {told.titles[event.key]}"
        if with_messages:
            yield from (f"  {_to(line)}: {standing(line, told.now)}" for line in _theirs(alert, told))
            if not alert.lines:
                yield "  told to nobody"


def _to(line: OutboxLine) -> str:
    note = line.notification
    return note.recipient if note.channel in (EMAIL, note.recipient) else f"{note.recipient} by {note.channel}"


def _theirs(alert: AlertLine, told: Told) -> list[OutboxLine]:
    """Of one customer the messages that speak of them."""
    return [line for line in alert.lines if told.customer is None or told.customer in line.notification.customers]


def document(alert: AlertLine, told: Told) -> dict[str, Any]:
    return {
        **_named(alert.numbered, told),
        "notifications": [_message(line, told) for line in _theirs(alert, told)],
    }


def _named(numbered: NumberedEvent, told: Told) -> dict[str, Any]:
    event = numbered.event
    return {
        "number": numbered.id,
        "kind": event.kind,
        "family": family_of(event.kind),
        "at": instant(event.at),
        "title": told.titles[event.key],
        "list": event.list_id or None,
        "provider": event.facts.get("provider") or None,
        "subject": event.subject.value if event.subject is not None and told.customer is None else None,
        "customers": list(event.facts.get("parties", ())) if told.customer is None else [told.customer],
    }


def _message(line: OutboxLine, told: Told) -> dict[str, Any]:
    note = line.notification
    return {
        "id": note.id,
        "recipient": note.recipient,
        "channel": note.channel,
        "audience": note.audience,
        "state": line.state,
        "standing": standing(line, told.now),
        "because": note.because or None,
        "created_at": instant(note.created_at),
        "not_before": instant(note.not_before),
        "digest_at": instant(note.digest_at),
        "sent_at": instant(line.sent_at),
        "attempts": line.attempts,
        "last_error": line.last_error,
        "about": note.about,
    }


def trail_lines(app: App, trail: AlertTrail, told: Told, inventory: Inventory) -> list[str]:
    lists = {blocklist.id: blocklist for blocklist in app.catalogue.all}
    names = {customer.id: customer.name for customer in inventory.customers}
    return list(sentences(trail, lambda event: told.titles[event.key], lists, names, told.now))


def trail_document(trail: AlertTrail, told: Told, why: Sequence[str]) -> dict[str, Any]:
    """`event`: its key, by which programs know it."""
    leads = trail.leads
    return {
        **document(trail.alert, told),
        "event": trail.alert.numbered.event.key,
        "part_of": document(leads, told) if leads is not None else None,
        "inhibited_by": [_named(each, told) for each in trail.inhibitors],
        "silences": [each.id for each in trail.silences],
        "why": list(why),
    }
