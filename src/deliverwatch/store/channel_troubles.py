"""Channels on which nothing goes out any more, as the outbox shows it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from deliverwatch.core.alerting import NotificationState
from deliverwatch.flows.alert_ports import ChannelTrouble
from deliverwatch.store.tables import NotificationRow, table_of

NOTE = table_of(NotificationRow)

_FAILED_ENOUGH = 3
"""Attempts that were cut off by our own end are none of the channel's."""


def troubles(connection: Connection, failing: Mapping[str, datetime]) -> list[ChannelTrouble]:
    """Of what is owed (a small part of the outbox): by channel, since the oldest that was tried in vain was made."""
    statement = (
        select(NOTE.c.channel, NOTE.c.created_at, NOTE.c.last_error)
        .where(NOTE.c.next_attempt_at.is_not(None), NOTE.c.failures >= _FAILED_ENOUGH)
        .order_by(NOTE.c.created_at)
    )
    found: dict[str, ChannelTrouble] = {}
    for row in connection.execute(statement):
        since = failing.get(row.channel, row.created_at)
        found.setdefault(
            row.channel, ChannelTrouble(row.channel, since, row.last_error, _owed(connection, row.channel))
        )
    return [each for each in found.values() if not _went_out(connection, each)]


def _owed(connection: Connection, channel: str) -> int:
    owed = select(func.count()).where(NOTE.c.channel == channel, NOTE.c.next_attempt_at.is_not(None))
    return connection.execute(owed).scalar_one()


def _went_out(connection: Connection, trouble: ChannelTrouble) -> bool:
    sent = select(NOTE.c.id).where(
        NOTE.c.created_at >= trouble.since,
        NOTE.c.channel == trouble.channel,
        NOTE.c.state == str(NotificationState.SENT),
    )
    return connection.execute(sent.limit(1)).first() is not None
