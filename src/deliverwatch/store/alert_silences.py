"""Silences, and what of the waiting messages falls under one that begins."""

from datetime import datetime

from sqlalchemy import Connection, or_, select, text, update

from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.joining import UNTRIED
from deliverwatch.core.silences import Silence, covers
from deliverwatch.store import outbox
from deliverwatch.store.alert_gate import may_wait
from deliverwatch.store.alert_history import incidents, read_by
from deliverwatch.store.alert_tables import UNSETTLED, SilenceRow
from deliverwatch.store.dialect import insert_one, select_in
from deliverwatch.store.mapping import episodes as episode_mapping
from deliverwatch.store.mapping import outbox as outbox_mapping
from deliverwatch.store.mapping.silences import silence, silence_values
from deliverwatch.store.outbox import WITHOUT_CONTENT
from deliverwatch.store.tables import COLLECTED, WAITING, EventRow, NotificationRow, table_of

EVENT = table_of(EventRow)
NOTE = table_of(NotificationRow)
SILENCE = table_of(SilenceRow)


def keep(connection: Connection, value: Silence) -> None:
    """What waits, and was never tried, falls under it as what comes later does; and what corrects that, with it."""
    if not insert_one(connection, SILENCE, silence_values(value)):
        return
    waiting = (NOTE.c.attempts == 0, NOTE.c.state.in_([str(state) for state in UNTRIED]))
    statement = select(*WITHOUT_CONTENT).where(or_(text(WAITING), text(COLLECTED)), *waiting).with_for_update()
    notes = [outbox_mapping.notification(row) for row in connection.execute(statement)]
    found = [note for note in notes if note.event_key is not None and may_wait(note)]
    rows = select_in(connection, select(EVENT), EVENT.c.key, {note.event_key or "" for note in found})
    groups = incidents(connection, [episode_mapping.event(row) for row in rows])
    covered = {note.id for note in found if covers(value, read_by(note, groups[note.event_key or ""]), note.customers)}
    covered |= {note.id for note in notes if note.corrects is not None and note.corrects.message_id in covered}
    for id_ in sorted(covered):
        outbox.keep_back(connection, id_, NotificationState.SILENCED, value.id)


def end(connection: Connection, silence_id: str, now: datetime) -> bool:
    """One that has not begun is over before it does."""
    is_on = (SILENCE.c.id == silence_id, SILENCE.c.ended_at.is_(None), SILENCE.c.until_at > now)
    return connection.execute(update(SILENCE).where(*is_on).values(ended_at=now)).rowcount == 1


def silences(connection: Connection, since: datetime | None) -> list[Silence]:
    statement = select(SILENCE).order_by(SILENCE.c.begins_at.desc(), SILENCE.c.id)
    if since is not None:
        statement = statement.where(SILENCE.c.until_at > since)
    found = [silence(row) for row in connection.execute(statement)]
    return [each for each in found if since is None or each.over_at > since]


def over(connection: Connection, now: datetime) -> list[str]:
    """Ids of those that are over and not settled, oldest first."""
    rows = connection.execute(select(SILENCE).where(text(UNSETTLED)).order_by(SILENCE.c.until_at, SILENCE.c.id))
    return [row.id for row in rows if silence(row).over_at <= now]
