"""What inhibits an event for one of its readers, from what is in the database when it is asked.

Only what the reader is told, or owed, keeps the rest from them: the cause must be on its way to them, or there.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from deliverwatch.core.alerting import Notification, NotificationState
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inhibition import (
    TROUBLE_STANDS_FOR,
    Cause,
    Surroundings,
    cause_of,
    ill_resolvers,
    inhibitor_of,
)
from deliverwatch.core.joining import Part, health_of, part_of
from deliverwatch.core.resolver_news import TOLD_BY
from deliverwatch.core.zone_health import Health
from deliverwatch.store.alert_history import lead_of
from deliverwatch.store.mapping import episodes as episode_mapping
from deliverwatch.store.tables import EventRow, ListingRow, NotificationRow, ZoneStateRow, table_of

EVENT = table_of(EventRow)
LISTING = table_of(ListingRow)
NOTE = table_of(NotificationRow)
ZONE = table_of(ZoneStateRow)

_ILL = (Health.FAILING, Health.QUARANTINED)
_NOT_TOLD = frozenset({NotificationState.SILENCED, NotificationState.DEAD, NotificationState.DROPPED})


def inhibitor(connection: Connection, event: Event, now: datetime) -> Event | None:
    """Of what stands at that time, whoever is told of it."""
    cause = cause_of(event)
    if cause is None:
        return None
    return inhibitor_of(event, _surroundings(connection, event, cause, now))


def keeps_back(connection: Connection, note: Notification, by: Event) -> str | None:
    """The key of the event that the reader is told instead: itself, or what inhibits that in turn."""
    row = connection.execute(
        select(NOTE.c.state, NOTE.c.about)
        .where(NOTE.c.event_key == lead_of(by), NOTE.c.channel == note.channel, NOTE.c.recipient == note.recipient)
        .where(NOTE.c.corrects_message_id.is_(None))
    ).first()
    if row is None or row.state in _NOT_TOLD:
        return None
    inhibited: str | None = row.about
    return inhibited if row.state == NotificationState.INHIBITED else by.key


def _surroundings(connection: Connection, event: Event, cause: Cause, now: datetime) -> Surroundings:
    match cause:
        case Cause.RESOLVER:
            return Surroundings(_troubles(connection, now), _ill_paths(connection, event.list_id))
        case Cause.LIST:
            return Surroundings(illnesses=_illnesses(connection, event.list_id))
        case Cause.WHOLE:
            return Surroundings(on_whole=_on_whole(connection, event))


def _troubles(connection: Connection, now: datetime) -> dict[str, Event]:
    statement = (
        select(EVENT)
        .where(EVENT.c.list_id == "", EVENT.c.at > now - TROUBLE_STANDS_FOR)
        .where(EVENT.c.kind.in_([str(kind) for kind in TOLD_BY]))
        .order_by(EVENT.c.id.desc())
    )
    return ill_resolvers([episode_mapping.event(row) for row in connection.execute(statement)], now)


def _ill_paths(connection: Connection, list_id: str) -> list[str]:
    rows = connection.execute(select(ZONE).where(ZONE.c.list_id == list_id).order_by(ZONE.c.path))
    return [row.path for row in rows if row.stopped_at is not None or row.health in _ILL]


def _illnesses(connection: Connection, list_id: str) -> Sequence[Event]:
    """The newest of each path on which it goes on, by which people are told of it."""
    last = [_last_of(connection, health_of(list_id, path)) for path in _ill_paths(connection, list_id)]
    return [each for each in last if each is not None and part_of(each) is Part.BEGINS]


def _last_of(connection: Connection, episode: str) -> Event | None:
    """One failed round of a list is told to nobody."""
    told = (EVENT.c.episode == episode, EVENT.c.kind != str(EventKind.LIST_FAILING))
    row = connection.execute(select(EVENT).where(*told).order_by(EVENT.c.id.desc()).limit(1)).first()
    return episode_mapping.event(row) if row is not None else None


def _on_whole(connection: Connection, event: Event) -> Event | None:
    assert event.subject is not None
    whole = event.facts["part_of"]
    listed = select(LISTING.c.key).where(
        LISTING.c.list_id == whole, LISTING.c.subject == event.subject.value, LISTING.c.closed_at.is_(None)
    )
    row = connection.execute(select(EVENT).where(EVENT.c.key.in_(listed))).first()
    return episode_mapping.event(row) if row is not None else None
