"""The outbox: what is owed to whom, claimed by one sender at a time.

    held <─doubted─> pending ──claim──> sending ──accepted──> sent
      │                │ ^                │  │
      └─void─> dropped ┘ └──failed, later─┘  └──failed for good──> dead

A claim is committed before anything is sent. `next_attempt_at` is when a notification may be claimed; while it is
being sent, that is the end of the lease: a sender that died is followed by another with the same message under the
same id, since the message is kept here before it is first sent. The number of the attempt is the fence: what a sender
from an expired lease says about its failure is ignored, but what was accepted was accepted, whoever says so.

The oldest goes first, and what belongs to one thread (a watch, a list, a draft) reaches a recipient in its order: an
end is not told while the beginning is still owed, or held back.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, exists, literal_column, or_, select, tuple_, update

from deliverwatch.core.alerting import Notification, NotificationState
from deliverwatch.core.errors import FenceLost
from deliverwatch.core.events import Event
from deliverwatch.flows.ports import Delivery, OutboxLine
from deliverwatch.store.dialect import insert_new, update_in
from deliverwatch.store.mapping import episodes as episode_mapping
from deliverwatch.store.mapping import outbox as mapping
from deliverwatch.store.mapping.rows import AnyRow
from deliverwatch.store.tables import EventRow, NotificationRow, table_of

EVENT = table_of(EventRow)
NOTE = table_of(NotificationRow)

WITHOUT_CONTENT = [column for column in NOTE.c if column is not NOTE.c.content]


def add(
    connection: Connection,
    notifications: Sequence[Notification],
    events: Mapping[str, Event],
    contents: Mapping[str, bytes] | None = None,
) -> None:
    """One that is there already stays as it is, sent or not."""
    rows = []
    for each in notifications:
        event = events.get(each.event_key or "")
        content = (contents or {}).get(each.id)
        rows.append(mapping.notification_values(each, thread(event) if event else None, content))
    insert_new(connection, NOTE, rows)


def add_in_thread(
    connection: Connection, notification: Notification, thread: str, content: bytes | None = None
) -> None:
    """One that follows others, whatever its own event is about. Without an event or report, it brings its content."""
    insert_new(connection, NOTE, [mapping.notification_values(notification, thread, content)])


def drop(connection: Connection, notifications: Sequence[Notification]) -> None:
    """What waits is not told any more, nor is it taken back."""
    waits = NOTE.c.state.in_([str(NotificationState.PENDING), str(NotificationState.HELD)])
    dropped = {"state": str(NotificationState.DROPPED), "next_attempt_at": None}
    update_in(connection, NOTE, waits, NOTE.c.id, [each.id for each in notifications], dropped)
    unread = waits & (NOTE.c.attempts == 0)
    messages = [each.message_id for each in notifications]
    update_in(connection, NOTE, unread, NOTE.c.corrects_message_id, messages, dropped)


def thread(event: Event) -> str:
    """What is told in order: all about one watch, or all about one list."""
    return f"{event.list_id}/{event.subject}" if event.subject is not None else event.list_id


def claim(connection: Connection, now: datetime, lease_for: timedelta) -> Delivery | None:
    oldest = (
        select(NOTE)
        .where(NOTE.c.next_attempt_at <= now, ~_older_is_owed())
        .order_by(NOTE.c.created_at, NOTE.c.id)
        .limit(1)
    )
    while (row := connection.execute(oldest).first()) is not None:
        statement = (
            update(NOTE)
            .where(NOTE.c.id == row.id, NOTE.c.attempts == row.attempts, NOTE.c.next_attempt_at <= now)
            .values(state=str(NotificationState.SENDING), attempts=row.attempts + 1, next_attempt_at=now + lease_for)
        )
        if connection.execute(statement).rowcount == 1:
            return _delivery(connection, row)
    return None


def keep_content(connection: Connection, delivery: Delivery, content: bytes) -> None:
    if connection.execute(update(NOTE).where(*_held(delivery)).values(content=content)).rowcount != 1:
        raise FenceLost(f"notification {delivery.notification.id} was claimed again meanwhile: nothing is sent here")


def sent(connection: Connection, delivery: Delivery, now: datetime) -> None:
    statement = update(NOTE).where(NOTE.c.id == delivery.notification.id, NOTE.c.state != str(NotificationState.SENT))
    connection.execute(
        statement.values(state=str(NotificationState.SENT), sent_at=now, next_attempt_at=None, last_error=None)
    )


def failed(connection: Connection, delivery: Delivery, why: str, next_attempt_at: datetime | None) -> None:
    state = NotificationState.PENDING if next_attempt_at is not None else NotificationState.DEAD
    statement = update(NOTE).where(*_held(delivery))
    connection.execute(statement.values(state=str(state), next_attempt_at=next_attempt_at, last_error=why))


def _held(delivery: Delivery) -> tuple[ColumnElement[bool], ...]:
    """The claim still is this sender's."""
    return (
        NOTE.c.id == delivery.notification.id,
        NOTE.c.state == str(NotificationState.SENDING),
        NOTE.c.attempts == delivery.fence,
    )


def lines(connection: Connection, limit: int, states: Collection[NotificationState]) -> list[OutboxLine]:
    statement = (
        select(*WITHOUT_CONTENT, EVENT.c.kind.label("event_kind"))
        .outerjoin(EVENT, EVENT.c.key == NOTE.c.event_key)
        .order_by(NOTE.c.created_at.desc(), NOTE.c.id)
        .limit(limit)
    )
    if states:
        statement = statement.where(NOTE.c.state.in_(sorted(map(str, states))))
    return [mapping.outbox_line(row) for row in connection.execute(statement)]


def release(connection: Connection) -> int:
    statement = update(NOTE).where(NOTE.c.state == str(NotificationState.SENDING))
    return connection.execute(
        statement.values(state=str(NotificationState.PENDING), next_attempt_at=NOTE.c.created_at)
    ).rowcount


def _older_is_owed() -> ColumnElement[bool]:
    older = NOTE.alias()
    return exists().where(
        or_(older.c.next_attempt_at.is_not(None), older.c.state == literal_column("'held'")),  # as in the index
        older.c.recipient == NOTE.c.recipient,
        older.c.thread == NOTE.c.thread,
        tuple_(older.c.created_at, older.c.id) < tuple_(NOTE.c.created_at, NOTE.c.id),
    )


def _delivery(connection: Connection, row: AnyRow) -> Delivery:
    attempt = row.attempts + 1
    event = None
    if row.event_key is not None:
        found = connection.execute(select(EVENT).where(EVENT.c.key == row.event_key)).one()
        event = episode_mapping.event(found)
    return Delivery(mapping.notification(row), attempt, attempt, event, row.content)
