"""Events, the episodes projected from them, and the outbox rows they cause: written together or not at all.

Only an event whose key is new is projected, so that a replay finds its episodes as they are.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Update, insert, or_, select, update

from deliverwatch.core.alerting import Notification, is_void
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.joining import Part, part_of
from deliverwatch.core.listing import Listing
from deliverwatch.store import alert_gate, alert_settling, event_parties, holding, outbox, voids
from deliverwatch.store.dialect import insert_into
from deliverwatch.store.mapping import episodes as mapping
from deliverwatch.store.tables import EventRow, ListingRow, table_of
from deliverwatch.store.told import listing_key

EVENT = table_of(EventRow)
LISTING = table_of(ListingRow)


def record(connection: Connection, events: Sequence[Event], notifications: Sequence[Notification]) -> None:
    """The states of watches are written before."""
    new = _write_new(connection, events)
    for event in new:
        _project(connection, event)
    by_key = {event.key: event for event in events}
    alert_gate.decide(connection, outbox.add(connection, notifications, by_key), by_key)
    ends: dict[str, list[Event]] = defaultdict(list)
    for event in new:
        if event.kind is EventKind.LISTING_CLOSED:
            ends[event.list_id].append(event)
    for list_id, of_list in ends.items():
        _follow_ends(connection, list_id, of_list)
    if ended := [event.at for event in new if part_of(event) is Part.ENDS]:
        alert_settling.settle_inhibited(connection, max(ended))


def _follow_ends(connection: Connection, list_id: str, ends: Sequence[Event]) -> None:
    """What is over is not doubted any more: what waited for it is taken back, or goes out."""
    if void := [event for event in ends if is_void(event)]:
        voids.take_back(connection, list_id, void)
    holding.release(connection, list_id, [listing_key(event) for event in ends], max(event.at for event in ends))


def events(connection: Connection, kinds: Sequence[EventKind], limit: int) -> list[Event]:
    statement = select(EVENT).order_by(EVENT.c.at.desc(), EVENT.c.id.desc()).limit(limit)
    if kinds:
        statement = statement.where(EVENT.c.kind.in_([str(kind) for kind in kinds]))
    return [mapping.event(row) for row in connection.execute(statement)]


def listings(connection: Connection, open_only: bool, since: datetime | None) -> list[Listing]:
    statement = select(LISTING).order_by(LISTING.c.opened_at.desc(), LISTING.c.key)
    if open_only:
        statement = statement.where(LISTING.c.closed_at.is_(None))
    if since is not None:
        statement = statement.where(or_(LISTING.c.closed_at.is_(None), LISTING.c.closed_at > since))
    return [mapping.listing(row) for row in connection.execute(statement)]


def _write_new(connection: Connection, events: Sequence[Event]) -> list[Event]:
    """Those that were not there yet, each once, in their order."""
    if not events:
        return []
    statement = insert_into(connection, EVENT).on_conflict_do_nothing().returning(EVENT.c.key, EVENT.c.id)
    written = connection.execute(statement, [mapping.event_values(event) for event in events])
    ids = {row.key: row.id for row in written}
    first = {event.key: event for event in reversed(events)}
    new = [event for event in events if event.key in ids and first[event.key] is event]
    event_parties.write(connection, new, ids)
    return new


def _project(connection: Connection, event: Event) -> None:
    match event.kind:
        case EventKind.LISTING_OPENED:
            connection.execute(insert(LISTING), mapping.opened_values(event))
        case EventKind.LISTING_CHANGED:
            connection.execute(_open_listing(event).values(mapping.changed_values(event)))
        case EventKind.LISTING_CLOSED:
            connection.execute(_open_listing(event).values(mapping.closed_values(event)))


def _open_listing(event: Event) -> Update:
    assert event.subject is not None
    return update(LISTING).where(
        LISTING.c.list_id == event.list_id, LISTING.c.subject == event.subject.value, LISTING.c.closed_at.is_(None)
    )
