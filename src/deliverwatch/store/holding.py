"""Messages that wait while what they tell of is doubted.

One that tells of several listings waits while any of them is doubted: it cannot be told in part.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, select

from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.listing import opening_key
from deliverwatch.store import told
from deliverwatch.store.dialect import update_in
from deliverwatch.store.mapping.subjects import watch
from deliverwatch.store.tables import NotificationRow, WatchStateRow, table_of

NOTE = table_of(NotificationRow)
STATE = table_of(WatchStateRow)


def hold_back(connection: Connection, list_id: str, keys: Collection[str]) -> None:
    """`keys`: of listings of one list. Whatever is being sent goes out."""
    if keys:
        events = told.story(connection, list_id, keys).tells
        held = {"state": str(NotificationState.HELD), "next_attempt_at": None}
        _move(connection, events, (NotificationState.PENDING, NotificationState.COLLECTED), held)


def release(connection: Connection, list_id: str, keys: Collection[str], at: datetime) -> None:
    """`at`: when those may go out that nothing else keeps back."""
    if keys and _any_is_held(connection):
        events = told.story(connection, list_id, keys).tells.keys() - _doubted(connection, list_id)
        in_digest = NOTE.c.digest_at.is_not(None)
        _move(
            connection,
            events,
            (NotificationState.HELD,),
            {
                "state": case((in_digest, str(NotificationState.COLLECTED)), else_=str(NotificationState.PENDING)),
                "next_attempt_at": case((in_digest, None), (NOTE.c.not_before > at, NOTE.c.not_before), else_=at),
            },
        )


def _any_is_held(connection: Connection) -> bool:
    """Seldom, and asked at every end of a listing."""
    held = select(NOTE.c.id).where(NOTE.c.state == str(NotificationState.HELD)).limit(1)
    return connection.execute(held).first() is not None


def _doubted(connection: Connection, list_id: str) -> Collection[str]:
    """Keys of events that tell of what still is doubted."""
    rows = connection.execute(select(STATE).where(STATE.c.list_id == list_id, STATE.c.doubted)).all()
    return told.story(connection, list_id, [opening_key(watch(row), row.opened_at) for row in rows]).tells.keys()


def _move(
    connection: Connection, events: Collection[str], states: Collection[NotificationState], values: Mapping[str, Any]
) -> None:
    update_in(connection, NOTE, NOTE.c.state.in_([str(state) for state in states]), NOTE.c.event_key, events, values)
