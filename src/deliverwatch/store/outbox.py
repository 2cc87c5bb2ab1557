"""The outbox: what is owed to whom, claimed by one sender at a time.

    held <─doubted─> pending ──claim──> sending ──accepted──> sent
      │                │ ^                │  │
      └─void─> dropped ┘ └──failed, later─┘  └──failed for good──> dead

What is never claimed by itself is beside that: collected for a digest, joined into another message, silenced,
inhibited (`alert_gate`, `alert_settling`, `alert_digests`).

A claim is committed before anything is sent. `next_attempt_at` is when a notification may be claimed; while it is
being sent, that is the end of the lease: a sender that died is followed by another with the same message under the
same id, since the message is kept here before it is first sent. The number of the attempt is the fence: what a sender
from an expired lease says about its failure is ignored, but what was accepted was accepted, whoever says so.

The oldest goes first, and what belongs to one thread (a watch, a list, a draft) reaches a recipient in its order: an
end is not told while the beginning is still owed, or held back. A beginning that an incident told in the thread of
another watch is named by the end (`about`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, exists, literal_column, or_, select, tuple_, update

from deliverwatch.core.alerting import Notification, NotificationState
from deliverwatch.core.errors import FenceLost
from deliverwatch.core.events import Event
from deliverwatch.core.joining import KEPT_BACK, UNTRIED, episode_of
from deliverwatch.flows.ports import Delivery, OutboxLine
from deliverwatch.store import provider_episodes
from deliverwatch.store.dialect import insert_into, insert_new, select_in, update_in
from deliverwatch.store.mapping import episodes as episode_mapping
from deliverwatch.store.mapping import outbox as mapping
from deliverwatch.store.mapping.rows import AnyRow
from deliverwatch.store.tables import EventRow, NotificationRow, table_of

EVENT = table_of(EventRow)
NOTE = table_of(NotificationRow)

WITHOUT_CONTENT = [column for column in NOTE.c if column is not NOTE.c.content]


WAITS = UNTRIED | KEPT_BACK
"""It has not gone out, or not for good."""


def add(
    connection: Connection,
    notifications: Sequence[Notification],
    events: Mapping[str, Event],
    contents: Mapping[str, bytes] | None = None,
) -> list[Notification]:
    """Those that were not there yet; one that is stays as it is, sent or not."""
    if not notifications:
        return []
    rows = []
    for each in notifications:
        event = events.get(each.event_key or "")
        content = (contents or {}).get(each.id)
        rows.append(mapping.notification_values(each, thread(event) if event else None, content))
    statement = insert_into(connection, NOTE).on_conflict_do_nothing().returning(NOTE.c.id)
    written = set(connection.execute(statement, rows).scalars())
    return [each for each in notifications if each.id in written]


def add_in_thread(
    connection: Connection, notification: Notification, thread: str, content: bytes | None = None
) -> None:
    """One that follows others, whatever its own event is about. Without an event or report, it brings its content."""
    insert_new(connection, NOTE, [mapping.notification_values(notification, thread, content)])


def keep_back(connection: Connection, note_id: str, state: NotificationState, about: str | None) -> None:
    """`state`: silenced or inhibited, by what `about` names."""
    values = {"state": str(state), "about": about, "next_attempt_at": None}
    connection.execute(update(NOTE).where(NOTE.c.id == note_id).values(values))


def drop(connection: Connection, notifications: Sequence[Notification]) -> None:
    """What waits is not told any more, nor is it taken back."""
    waits = NOTE.c.state.in_([str(state) for state in WAITS])
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
        .where(NOTE.c.next_attempt_at <= now, ~_older_is_owed(), ~follows_unsent())
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
    failed = {"state": str(state), "next_attempt_at": next_attempt_at, "last_error": why}
    connection.execute(statement.values(**failed, failures=NOTE.c.failures + 1))


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


def follows_unsent() -> ColumnElement[bool]:
    """What it names has not gone out."""
    older = NOTE.alias()
    return exists().where(
        older.c.id == NOTE.c.about, or_(older.c.next_attempt_at.is_not(None), older.c.state == "held")
    )


def _delivery(connection: Connection, row: AnyRow) -> Delivery:
    attempt = row.attempts + 1
    event = None
    if row.event_key is not None:
        found = connection.execute(select(EVENT).where(EVENT.c.key == row.event_key)).one()
        event = episode_mapping.event(found)
    if row.content is not None or event is None:
        return Delivery(mapping.notification(row), attempt, attempt, event, row.content)
    cause = provider_episodes.cause_of(connection, episode_of(event))
    return Delivery(mapping.notification(row), attempt, attempt, event, None, joined(connection, row.id), cause)


def joined(connection: Connection, note_id: str) -> tuple[Event, ...]:
    """The events that it tells besides its own, oldest first."""
    keys = select(NOTE.c.event_key).where(NOTE.c.about == note_id, NOTE.c.state == str(NotificationState.JOINED))
    rows = connection.execute(select(EVENT).where(EVENT.c.key.in_(keys)).order_by(EVENT.c.id))
    return tuple(episode_mapping.event(row) for row in rows)


def carriers(connection: Connection, rows: Iterable[AnyRow]) -> dict[str, AnyRow]:
    """The messages that tell those which are joined into others."""
    ids = {row.about for row in rows if row.state == NotificationState.JOINED and row.about is not None}
    return {row.id: row for row in select_in(connection, select(*WITHOUT_CONTENT), NOTE.c.id, ids)}


def resend(connection: Connection, note_id: str, now: datetime) -> bool:
    dead = update(NOTE).where(NOTE.c.id == note_id, NOTE.c.state == str(NotificationState.DEAD))
    again = {"state": str(NotificationState.PENDING), "next_attempt_at": now}
    return connection.execute(dead.values(again)).rowcount == 1
