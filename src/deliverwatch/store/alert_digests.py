"""Digests: what was collected for a reader becomes one message, which tells it from then on."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, text

from deliverwatch.core.alerting import Notification, NotificationState
from deliverwatch.core.events import Event
from deliverwatch.core.joining import episode_of
from deliverwatch.flows.alert_ports import DigestDue, DigestPart
from deliverwatch.store import outbox, provider_episodes
from deliverwatch.store.dialect import insert_one, select_in, update_in
from deliverwatch.store.mapping import episodes as episode_mapping
from deliverwatch.store.mapping import outbox as mapping
from deliverwatch.store.mapping.rows import AnyRow
from deliverwatch.store.tables import COLLECTED, EventRow, NotificationRow, table_of

EVENT = table_of(EventRow)
NOTE = table_of(NotificationRow)

THREAD = "digest"
"""Digests reach their reader in order, and what corrects one comes after it."""


def due(connection: Connection, now: datetime) -> list[DigestDue]:
    """One for each reader: of what was missed, too."""
    statement = select(*outbox.WITHOUT_CONTENT).where(
        text(COLLECTED), NOTE.c.digest_at <= now, ~outbox.follows_unsent()
    )
    found: dict[tuple[str, str], list[AnyRow]] = defaultdict(list)
    for row in connection.execute(statement.order_by(NOTE.c.created_at, NOTE.c.id)):
        found[row.channel, row.recipient].append(row)
    keys = {row.event_key for rows in found.values() for row in rows}
    events = {row.key: episode_mapping.event(row) for row in select_in(connection, select(EVENT), EVENT.c.key, keys)}
    return [
        DigestDue(*reader, max(row.digest_at for row in rows), tuple(_part(connection, row, events) for row in rows))
        for reader, rows in sorted(found.items())
    ]


def commit(connection: Connection, digest: Notification, content: bytes, parts: Collection[str], now: datetime) -> bool:
    waiting = select(NOTE.c.id).where(NOTE.c.state == str(NotificationState.COLLECTED), NOTE.c.digest_at <= now)
    if len(select_in(connection, waiting.with_for_update(), NOTE.c.id, parts)) != len(set(parts)):
        return False
    if not insert_one(connection, NOTE, mapping.notification_values(digest, THREAD, content)):
        return False
    joined = {"state": str(NotificationState.JOINED), "about": digest.id}
    update_in(connection, NOTE, NOTE.c.state == str(NotificationState.COLLECTED), NOTE.c.id, parts, joined)
    return True


def _part(connection: Connection, row: AnyRow, events: dict[str, Event]) -> DigestPart:
    event = events[row.event_key]
    cause = provider_episodes.cause_of(connection, episode_of(event))
    return DigestPart(mapping.notification(row), event, outbox.joined(connection, row.id), cause)
