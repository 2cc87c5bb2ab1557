"""What keeps a notification back, and what it tells besides, decided in the transaction that writes its event.

First silences, then what inhibits it; a change or an end then follows what became of its beginning (`core.joining`).
Corrections, and messages to customers, pass.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from deliverwatch.core.alerting import Audience, Notification, NotificationState
from deliverwatch.core.events import Event
from deliverwatch.core.joining import UNSENT, Fate, Part, fate, part_of
from deliverwatch.core.silences import Silence, covers
from deliverwatch.store import alert_history, outbox
from deliverwatch.store.alert_history import History, episodes_of, lead_of, read_by
from deliverwatch.store.alert_inhibitors import inhibitor, keeps_back
from deliverwatch.store.alert_tables import SilenceRow
from deliverwatch.store.dialect import update_in
from deliverwatch.store.mapping.silences import silence
from deliverwatch.store.tables import NotificationRow, table_of

NOTE = table_of(NotificationRow)
SILENCE = table_of(SilenceRow)

KeptBack = tuple[NotificationState, str]


class Gate:
    """As it is within one transaction. `silences`: those that are not settled, locked until it is over, so that none is
    settled while something falls under it."""

    def __init__(self, connection: Connection, but: str | None = None) -> None:
        self._connection = connection
        rows = connection.execute(select(SILENCE).where(SILENCE.c.settled_at.is_(None)).with_for_update(read=True))
        self.silences: Sequence[Silence] = [silence(row) for row in rows if row.id != but]
        self._inhibitors: dict[tuple[str, datetime], Event | None] = {}

    def keeps_back(self, note: Notification, read: Sequence[Event], at: datetime) -> KeptBack | None:
        """`read`: all that it tells its reader of."""
        for each in self.silences:
            if each.is_on(at) and covers(each, read, note.customers):
                return NotificationState.SILENCED, each.id
        about = self._inhibited(note, read, at)
        return (NotificationState.INHIBITED, about) if about is not None else None

    def _inhibited(self, note: Notification, read: Sequence[Event], at: datetime) -> str | None:
        """All of it, or none: it cannot be told in part."""
        about: list[str] = []
        for event in read:
            by = self._inhibitor(event, at)
            told = keeps_back(self._connection, note, by) if by is not None else None
            if told is None:
                return None
            about.append(told)
        return about[0]

    def _inhibitor(self, event: Event, at: datetime) -> Event | None:
        asked = event.key, at
        if asked not in self._inhibitors:
            self._inhibitors[asked] = inhibitor(self._connection, event, at)
        return self._inhibitors[asked]


def decide(connection: Connection, notes: Sequence[Notification], events: Mapping[str, Event]) -> None:
    """`notes`: those that were written just now. `events`: all of the same writing."""
    named = [(note, events.get(note.event_key or "")) for note in notes if may_wait(note)]
    told = [(note, event) for note, event in named if event is not None]
    if not told:
        return
    gate, groups = Gate(connection), _groups(events)
    free = [(note, event) for note, event in told if not _keep_back(connection, gate, note, groups[event.key])]
    following = [each for each in free if part_of(each[1]) in (Part.CHANGES, Part.ENDS)]
    if not following:
        return
    history = alert_history.load(connection, episodes_of(m for _, event in following for m in groups[event.key]))
    for note, event in following:
        _follow(connection, note, event, groups[event.key], history)


def may_wait(note: Notification) -> bool:
    return note.corrects is None and note.audience is not Audience.CUSTOMER


def _groups(events: Mapping[str, Event]) -> dict[str, list[Event]]:
    groups = {key: [event] for key, event in events.items()}
    for event in events.values():
        if event.key != (lead := lead_of(event)) and lead in groups:
            groups[lead].append(event)
    return groups


def _keep_back(connection: Connection, gate: Gate, note: Notification, group: Sequence[Event]) -> KeptBack | None:
    kept = gate.keeps_back(note, read_by(note, group), note.created_at)
    if kept is not None:
        outbox.keep_back(connection, note.id, *kept)
    return kept


def _follow(connection: Connection, note: Notification, event: Event, group: Sequence[Event], history: History) -> None:
    earlier = history.earlier(note, episodes_of(read_by(note, group)))
    match fate(event, earlier):
        case Fate(kept_back=before) if before is not None:
            outbox.keep_back(connection, note.id, before.state, before.about)
        case Fate(joins=ids) if ids:
            joined = {"state": str(NotificationState.JOINED), "about": note.id, "next_attempt_at": None}
            update_in(connection, NOTE, NOTE.c.attempts == 0, NOTE.c.id, ids, joined)
        case _ if owed := [each.id for each in earlier if each.state in UNSENT]:
            connection.execute(update(NOTE).where(NOTE.c.id == note.id).values(about=owed[-1]))
