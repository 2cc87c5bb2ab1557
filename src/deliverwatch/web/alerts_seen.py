"""Alerts as one viewer may read them.

Who sees all customers reads them as the operator does. Others read what was told of their customers alone: the title as
their account manager would have it, and of the messages those that speak of nobody else. A message about several
customers is not shown to who sees only one of them: whom it went to is the others' to know as well.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from deliverwatch.app import App
from deliverwatch.core.access import Viewer
from deliverwatch.core.events import Event
from deliverwatch.core.silences import Silence
from deliverwatch.desk import Snapshot
from deliverwatch.flows.alert_ports import AlertLine, AlertTrail, NumberedEvent
from deliverwatch.flows.ports import OutboxLine

NOT_YOURS = "what you may not see"
_NOT_NAMED = "that you may not see"


@dataclass(frozen=True, slots=True)
class AlertsSeen:
    app: App
    viewer: Viewer
    snapshot: Snapshot

    def title(self, event: Event) -> str:
        if not self._sees(event):
            return NOT_YOURS
        shot = self.snapshot
        return self.app.telling.title(event, shot.inventory, self.viewer.customers, shot.holdings)

    def lines(self, lines: Collection[OutboxLine]) -> tuple[OutboxLine, ...]:
        return tuple(each for each in lines if self._is_theirs(each.notification.customers))

    def silences(self, silences: Collection[Silence]) -> tuple[Silence, ...]:
        return tuple(each for each in silences if self.viewer.sees(each.customer))

    def trail(self, trail: AlertTrail) -> AlertTrail:
        if self.viewer.sees_all:
            return trail
        inhibitors = tuple(each for each in trail.inhibitors if self._sees(each.event))
        known = {each.event.key for each in inhibitors}
        return AlertTrail(
            self.alert(trail.alert, known, _NOT_NAMED),
            self.alert(trail.leads, known, _NOT_NAMED) if trail.leads is not None else None,
            inhibitors,
            self.silences(trail.silences),
        )

    def alert(self, alert: AlertLine, known: Collection[str] = (), instead: str | None = None) -> AlertLine:
        """`known`: keys of events that may be named as the cause of a message; `instead`: of others."""
        if self.viewer.sees_all:
            return alert
        event = self.app.desk.as_seen(alert.numbered.event, self.viewer, self.snapshot)
        lines = tuple(_without_key(each, known, instead) for each in self.lines(alert.lines))
        return AlertLine(NumberedEvent(alert.numbered.id, event), lines)

    def _is_theirs(self, customers: Collection[str]) -> bool:
        mine = self.viewer.customers
        return mine is None or (bool(customers) and mine.issuperset(customers))

    def _sees(self, event: Event) -> bool:
        return self.viewer.sees_any(event.facts.get("parties", ()))


def _without_key(line: OutboxLine, known: Collection[str], instead: str | None) -> OutboxLine:
    """The key of an event names its subject."""
    about = line.notification.about
    if about is None or "/" not in about or about in known:
        return line
    return replace(line, notification=replace(line.notification, about=instead))
