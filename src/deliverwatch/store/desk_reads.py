"""Events, listings and episodes of some customers, newest first (`flows.desk_ports`).

One statement for a page, however many customers: whose an event is stands beside it (`store.desk_tables`).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.events import EventKind
from deliverwatch.core.listing import Listing
from deliverwatch.flows.alert_ports import NumberedEvent
from deliverwatch.flows.desk_ports import Customers, Place
from deliverwatch.store.delivery_tables import ProviderEpisodeRow
from deliverwatch.store.desk_tables import EventPartyRow
from deliverwatch.store.dialect import select_in
from deliverwatch.store.mapping import episodes as mapping
from deliverwatch.store.mapping import provider_episodes
from deliverwatch.store.mapping.rows import AnyRow
from deliverwatch.store.provider_episodes import CAUSE, WITH_CAUSE
from deliverwatch.store.tables import EventRow, ListingRow, table_of

EPISODE = table_of(ProviderEpisodeRow)
EVENT = table_of(EventRow)
LISTING = table_of(ListingRow)
PARTY = table_of(EventPartyRow)

_FEW = 100


def events(
    connection: Connection,
    customers: Customers,
    kinds: Collection[EventKind],
    before: int | None,
    after: int | None,
    since: datetime | None,
    limit: int,
) -> list[NumberedEvent]:
    rows = event_rows(connection, customers, kinds, before, after, since, limit)
    return [NumberedEvent(row.id, mapping.event(row)) for row in rows]


def event_rows(
    connection: Connection,
    customers: Customers,
    kinds: Collection[EventKind] = (),
    before: int | None = None,
    after: int | None = None,
    since: datetime | None = None,
    limit: int = 100,
) -> list[AnyRow]:
    """Which of some customers' events are wanted is found in the narrow table alone."""
    if is_nobody(customers):
        return []
    source, number = (EVENT, EVENT.c.id) if customers is None else (PARTY, PARTY.c.event_id)
    kind: ColumnElement[Any] = source.c.kind
    place: ColumnElement[Any] = number
    if since is not None and customers is None:  # its index finds the fewest: the others are kept out of the way
        kind, place = kind.concat(""), number + 0
    wanted = select(number.label("id")).order_by(place if after is not None else place.desc()).limit(limit)
    if customers is not None:
        wanted = wanted.distinct().where(PARTY.c.customer.in_(sorted(customers)))
    if kinds:
        wanted = wanted.where(kind.in_(sorted(map(str, kinds))))
    if since is not None:
        wanted = wanted.where(source.c.at >= since)
    if before is not None:
        wanted = wanted.where(number < before)
    if after is not None:
        wanted = wanted.where(number > after)
    ids = wanted.subquery()
    order = EVENT.c.id if after is not None else EVENT.c.id.desc()
    return list(connection.execute(select(EVENT).join(ids, ids.c.id == EVENT.c.id).order_by(order)))


def parties(connection: Connection, keys: Collection[str]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    named = select(PARTY.c.episode, PARTY.c.customer).where(PARTY.c.episode.is_not(None)).distinct()
    for row in select_in(connection, named, PARTY.c.episode, keys):
        found[row.episode].add(row.customer)
    return {key: frozenset(found[key]) for key in keys}


def listings(
    connection: Connection,
    customers: Customers,
    open_only: bool,
    list_id: str | None,
    since: datetime | None,
    before: Place | None,
    limit: int,
) -> list[Listing]:
    if is_nobody(customers):
        return []
    statement = page(select(LISTING), LISTING.c.opened_at, LISTING.c.key, before, limit)
    statement = _open_at(statement, LISTING.c.closed_at, open_only, since)
    if list_id is not None:
        statement = statement.where(LISTING.c.list_id == list_id)
    if customers is not None:
        statement = statement.where(concerns(LISTING.c.key, customers))
    return [mapping.listing(row) for row in connection.execute(statement)]


def episodes(
    connection: Connection,
    customers: Customers,
    kinds: Collection[EpisodeKind],
    open_only: bool,
    since: datetime | None,
    before: Place | None,
    limit: int,
) -> list[Episode]:
    if is_nobody(customers):
        return []
    statement = page(WITH_CAUSE, EPISODE.c.opened_at, EPISODE.c.key, before, limit)
    statement = _open_at(statement, EPISODE.c.closed_at, open_only, since)
    if kinds:
        statement = statement.where(EPISODE.c.kind.in_(sorted(map(str, kinds))))
    if customers is not None:
        statement = statement.where(concerns(EPISODE.c.key, customers))
    return [provider_episodes.episode(row) for row in connection.execute(statement)]


def causes(connection: Connection, keys: Collection[str]) -> dict[str, Mapping[str, Any]]:
    return {row.key: row.facts for row in select_in(connection, select(CAUSE), CAUSE.c.key, keys)}


def is_nobody(customers: Customers) -> bool:
    return customers is not None and not customers


def concerns(key: ColumnElement[str], customers: Collection[str]) -> ColumnElement[bool]:
    """Of a listing or an episode. What few customers have is looked up first; of many, whose each row is."""
    theirs = select(PARTY.c.episode).where(PARTY.c.customer.in_(sorted(customers)), PARTY.c.episode.is_not(None))
    return key.in_(theirs) if len(customers) <= _FEW else theirs.where(PARTY.c.episode == key).exists()


def page(
    statement: Select[Any], at: ColumnElement[datetime], key: ColumnElement[str], before: Place | None, limit: int
) -> Select[Any]:
    """Newest first. The time alone is compared first: by it an index is entered."""
    statement = statement.order_by(at.desc(), key.desc()).limit(limit)
    if before is None:
        return statement
    time, last = before
    return statement.where(at <= time, or_(at < time, and_(at == time, key < last)))


def _open_at(
    statement: Select[Any], closed_at: ColumnElement[datetime], open_only: bool, since: datetime | None
) -> Select[Any]:
    if open_only:
        statement = statement.where(closed_at.is_(None))
    if since is not None:
        statement = statement.where(or_(closed_at.is_(None), closed_at > since))
    return statement
