"""How alerts are printed, for people and for programs.

What an alert is known by is the subject of its message: with `--customer` as that customer's account manager reads it,
so that nobody else is named.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from deliverwatch.app import App
from deliverwatch.core.events import Event
from deliverwatch.core.instants import instant as shown
from deliverwatch.core.inventory import Inventory
from deliverwatch.core.receivers import EMAIL
from deliverwatch.core.routing import family_of
from deliverwatch.flows.alert_ports import AlertLine, AlertTrail
from deliverwatch.flows.ports import OutboxLine
from deliverwatch.render.alert_record import Reader
from deliverwatch.render.alert_trail import sentences, standing


@dataclass(frozen=True, slots=True)
class Told:
    """`titles`: by the key of the event. `customer`: only theirs is shown."""

    alerts: Sequence[AlertLine]
    titles: Mapping[str, str]
    now: datetime
    customer: str | None

    @property
    def reader(self) -> Reader:
        return Reader(self.titles, self.now, None if self.customer is None else (self.customer,))


def titles(app: App, inventory: Inventory, events: Iterable[Event], customer: str | None = None) -> dict[str, str]:
    theirs = None if customer is None else (customer,)
    return {event.key: app.telling.title(event, inventory, theirs) for event in events}


def lines(told: Told, *, with_messages: bool = True) -> Iterator[str]:
    for alert in told.alerts:
        event = alert.numbered.event
        yield f"{alert.numbered.id}  {shown(event.at)}  {family_of(event.kind)}"
        yield f"  {told.titles[event.key]}"
        if with_messages:
            yield from (f"  {_to(line)}: {standing(line, told.now)}" for line in told.reader.messages(alert))
            if not alert.lines:
                yield "  told to nobody"


def _to(line: OutboxLine) -> str:
    note = line.notification
    return note.recipient if note.channel in (EMAIL, note.recipient) else f"{note.recipient} by {note.channel}"


def trail_lines(app: App, trail: AlertTrail, told: Told, inventory: Inventory) -> list[str]:
    lists = {blocklist.id: blocklist for blocklist in app.catalogue.all}
    names = {customer.id: customer.name for customer in inventory.customers}
    return list(sentences(trail, lambda event: told.titles[event.key], lists, names, told.now))
