"""Why somebody was told, or was not: events with what became of their notifications."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from deliverwatch.core.alerting import NotificationState
from deliverwatch.flows.alert_ports import AlertLine, AlertTrail, NumberedEvent
from deliverwatch.flows.desk_ports import Customers
from deliverwatch.flows.ports import OutboxLine
from deliverwatch.store.alert_tables import SilenceRow
from deliverwatch.store.desk_reads import event_rows
from deliverwatch.store.dialect import select_in
from deliverwatch.store.mapping import episodes as episode_mapping
from deliverwatch.store.mapping import outbox as mapping
from deliverwatch.store.mapping.rows import AnyRow
from deliverwatch.store.mapping.silences import silence
from deliverwatch.store.outbox import WITHOUT_CONTENT, carriers
from deliverwatch.store.tables import EventRow, NotificationRow, table_of

EVENT = table_of(EventRow)
NOTE = table_of(NotificationRow)
SILENCE = table_of(SilenceRow)

_LARGEST = 2**63 - 1


def alerts(connection: Connection, customer: str | None, since: datetime | None, limit: int) -> list[AlertLine]:
    customers = None if customer is None else (customer,)
    return _with_lines(connection, event_rows(connection, customers, since=since, limit=limit))


def alerts_of(connection: Connection, customers: Customers, before: int | None, limit: int) -> list[AlertLine]:
    return _with_lines(connection, event_rows(connection, customers, before=before, limit=limit))


def trail(connection: Connection, id_: str) -> AlertTrail | None:
    row = named(connection, id_)
    if row is None:
        return None
    lead = row.facts.get("incident")
    leads = connection.execute(select(EVENT).where(EVENT.c.key == lead)).first() if lead is not None else None
    found = _with_lines(connection, [row] if leads is None else [row, leads])
    about = {line.notification.about for each in found for line in each.lines if line.notification.about is not None}
    inhibitors = select_in(connection, select(EVENT), EVENT.c.key, about)
    silences = select_in(connection, select(SILENCE), SILENCE.c.id, about)
    return AlertTrail(
        found[0],
        found[1] if leads is not None else None,
        tuple(_numbered(each) for each in sorted(inhibitors, key=lambda each: each.id)),
        tuple(silence(each) for each in sorted(silences, key=lambda each: each.begins_at)),
    )


def told_openings(connection: Connection, keys: Collection[str]) -> dict[str, datetime]:
    """What was quiet when it began is told by another event, once it matters."""
    openings = {name: key for key in keys for name in (key, f"{key}/told")}
    events = select_in(connection, select(EVENT.c.key, EVENT.c.incident), EVENT.c.key, openings)
    told_by: dict[str, set[str]] = defaultdict(set)
    for event in events:
        told_by[event.incident or event.key].add(openings[event.key])
    columns = select(*WITHOUT_CONTENT).where(NOTE.c.corrects_message_id.is_(None))
    rows = select_in(connection, columns, NOTE.c.event_key, told_by)
    carried = carriers(connection, rows)
    told: dict[str, datetime] = {}
    for row in rows:
        joined = row.state == NotificationState.JOINED
        sent_at = carried[row.about].sent_at if joined and row.about in carried else row.sent_at
        for key in told_by[row.event_key] if sent_at is not None else ():
            told[key] = min(sent_at, told.get(key, sent_at))
    return told


def named(connection: Connection, id_: str) -> AnyRow | None:
    """By its number, its key, or one of its notifications."""
    if id_.isascii() and id_.isdecimal() and int(id_) <= _LARGEST:
        return connection.execute(select(EVENT).where(EVENT.c.id == int(id_))).first()
    by_key = connection.execute(select(EVENT).where(EVENT.c.key == id_)).first()
    if by_key is not None:
        return by_key
    notified = select(NOTE.c.event_key).where(NOTE.c.id == id_).scalar_subquery()
    return connection.execute(select(EVENT).where(EVENT.c.key == notified)).first()


def _numbered(row: AnyRow) -> NumberedEvent:
    return NumberedEvent(row.id, episode_mapping.event(row))


def _with_lines(connection: Connection, rows: Sequence[AnyRow]) -> list[AlertLine]:
    lines = _lines(connection, rows)
    return [AlertLine(_numbered(row), tuple(lines[row.key])) for row in rows]


def _lines(connection: Connection, rows: Iterable[AnyRow]) -> dict[str, list[OutboxLine]]:
    statement = select(*WITHOUT_CONTENT, EVENT.c.kind.label("event_kind")).join(EVENT, EVENT.c.key == NOTE.c.event_key)
    lines: dict[str, list[OutboxLine]] = defaultdict(list)
    found = select_in(connection, statement, NOTE.c.event_key, {row.key for row in rows})
    for row in sorted(found, key=lambda row: (row.created_at, row.channel, row.recipient, row.id)):
        lines[row.event_key].append(mapping.outbox_line(row))
    return lines
