"""What a person searches for: by the beginning of a subject, by a part of a draft's or report's names, by the number or
key of an event."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, cast, or_, select

from deliverwatch.flows.alert_ports import NumberedEvent
from deliverwatch.flows.desk_ports import Customers, Found
from deliverwatch.store.alert_reads import named
from deliverwatch.store.desk_heads import DRAFT, DRAFT_HEADS, REPORT_HEADS, RUN, draft_head, report_head
from deliverwatch.store.desk_reads import EPISODE, LISTING, PARTY, concerns, is_nobody, page
from deliverwatch.store.dialect import begins_with, holds
from deliverwatch.store.mapping import episodes as mapping
from deliverwatch.store.mapping import provider_episodes
from deliverwatch.store.provider_episodes import WITH_CAUSE


def search(connection: Connection, words: str, customers: Customers, limit: int) -> Found:
    """Capitals count for nothing."""
    sought = words.strip()
    if not sought or is_nobody(customers) or not _can_be_kept(sought):
        return Found()
    return Found(
        tuple(map(mapping.listing, connection.execute(_of_subject(connection, LISTING, sought, customers, limit)))),
        tuple(
            map(
                provider_episodes.episode,
                connection.execute(_of_subject(connection, EPISODE, sought, customers, limit)),
            )
        ),
        tuple(map(draft_head, connection.execute(_drafts(connection, sought, customers, limit)))),
        tuple(map(report_head, connection.execute(_reports(connection, sought, customers, limit)))),
        _event(connection, sought, customers),
    )


def _can_be_kept(text: str) -> bool:
    """No database holds anything else, and PostgreSQL would not even look for it."""
    return "\x00" not in text and not any("\ud800" <= each <= "\udfff" for each in text)


def _of_subject(connection: Connection, table: Any, sought: str, customers: Customers, limit: int) -> Select[Any]:
    """Listings or episodes; or the one of just this key, which no subject looks like."""
    start = select(LISTING) if table is LISTING else WITH_CAUSE
    is_key = "/" in sought
    found = table.c.key == sought if is_key else begins_with(connection, table.c.subject, sought.lower())
    return _of(page(start.where(found), table.c.opened_at, table.c.key, None, limit), table.c.key, customers)


def _of(statement: Select[Any], key: ColumnElement[str], customers: Customers) -> Select[Any]:
    return statement if customers is None else statement.where(concerns(key, customers))


def _drafts(connection: Connection, sought: str, customers: Customers, limit: int) -> Select[Any]:
    named = (
        holds(connection, DRAFT.c.id, sought),
        holds(connection, DRAFT.c.reference, sought),
        holds(connection, cast(DRAFT.c.subjects, Text), f'"{sought}'),
    )
    statement = page(DRAFT_HEADS.where(or_(*named)), DRAFT.c.created_at, DRAFT.c.id, None, limit)
    return statement if customers is None else statement.where(DRAFT.c.customer.in_(sorted(customers)))


def _reports(connection: Connection, sought: str, customers: Customers, limit: int) -> Select[Any]:
    """Found in an index of their subjects, and only then read."""
    named = or_(*(holds(connection, column, sought) for column in (RUN.c.id, RUN.c.subject)))
    found = page(select(RUN.c.id).where(named), RUN.c.made_at, RUN.c.id, None, limit)
    if customers is not None:
        found = found.where(RUN.c.customer.in_(sorted(customers)))
    return page(REPORT_HEADS.where(RUN.c.id.in_(found)), RUN.c.made_at, RUN.c.id, None, limit)


def _event(connection: Connection, sought: str, customers: Customers) -> tuple[NumberedEvent, ...]:
    row = named(connection, sought)
    if row is None:
        return ()
    if customers is not None:
        seen = select(PARTY.c.event_id).where(PARTY.c.event_id == row.id, PARTY.c.customer.in_(sorted(customers)))
        if connection.execute(seen).first() is None:
            return ()
    return (NumberedEvent(row.id, mapping.event(row)),)
