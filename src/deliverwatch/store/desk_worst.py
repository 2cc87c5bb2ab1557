"""What is worst of all that is open, for one page: its first incidents whole, and how much more there is.

An incident that was cut in its middle would say that it is smaller than it is. So incidents are put in order, the first
ones are read with all that belongs to them, and of the others only the number is.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.blocklist import Impact
from deliverwatch.core.desk.start import Part
from deliverwatch.core.events import Event
from deliverwatch.core.listing import Listing
from deliverwatch.flows.desk_ports import Customers
from deliverwatch.store.desk_reads import EPISODE, EVENT, LISTING, concerns, is_nobody
from deliverwatch.store.dialect import select_in
from deliverwatch.store.mapping import episodes as mapping
from deliverwatch.store.mapping import provider_episodes
from deliverwatch.store.provider_episodes import WITH_CAUSE

_IMPACTS: Mapping[str, int] = {str(each): -each.rank for each in Impact}
_KINDS: Mapping[str, int] = {str(each): place for place, each in enumerate(EpisodeKind)}


def listings(connection: Connection, lists: Collection[str], but: bool, incidents: int) -> Part[Listing]:
    on_these = LISTING.c.list_id.not_in(lists) if but else LISTING.c.list_id.in_(lists)
    is_meant = and_(LISTING.c.closed_at.is_(None), on_these)
    newest = func.max(LISTING.c.opened_at).desc()
    first = (
        select(LISTING.c.incident, LISTING.c.impact)
        .where(is_meant)
        .group_by(LISTING.c.incident, LISTING.c.impact)
        .order_by(case(_IMPACTS, value=LISTING.c.impact), newest, LISTING.c.incident)
        .limit(incidents)
        .subquery()
    )
    theirs = and_(first.c.incident == LISTING.c.incident, first.c.impact == LISTING.c.impact)
    rows = connection.execute(select(LISTING).join(first, theirs).where(is_meant))
    found = tuple(map(mapping.listing, rows))
    return Part(found, _count(connection, is_meant) - len(found))


def episodes(connection: Connection, kinds: Collection[EpisodeKind], since: datetime, alike: int) -> Part[Episode]:
    is_meant = and_(
        EPISODE.c.kind.in_(sorted(map(str, kinds))),
        or_(EPISODE.c.closed_at.is_(None), EPISODE.c.closed_at > since),
    )
    order = (
        *(EPISODE.c.closed_at.is_not(None), case(_KINDS, value=EPISODE.c.kind), EPISODE.c.opened_at.desc()),
        *(EPISODE.c.provider, EPISODE.c.what, EPISODE.c.closed_at, EPISODE.c.ended),
    )
    place, of_all = func.dense_rank().over(order_by=order).label("place"), func.count().over().label("of_all")
    places = select(EPISODE.c.key, place, of_all).where(is_meant).subquery()
    first = connection.execute(select(places.c.key, places.c.of_all).where(places.c.place <= alike)).all()
    rows = select_in(connection, WITH_CAUSE, EPISODE.c.key, [row.key for row in first])
    return Part(tuple(map(provider_episodes.episode, rows)), first[0].of_all - len(rows) if first else 0)


def told(connection: Connection, limit: int) -> list[Event]:
    newest = select(EVENT).where(EVENT.c.incident.is_(None)).order_by(EVENT.c.id.desc()).limit(limit)
    return [mapping.event(row) for row in connection.execute(newest)]


def open_episodes(connection: Connection, customers: Customers, kinds: Collection[EpisodeKind]) -> int:
    if is_nobody(customers):
        return 0
    is_meant = and_(EPISODE.c.kind.in_(sorted(map(str, kinds))), EPISODE.c.closed_at.is_(None))
    return _count(connection, is_meant if customers is None else and_(is_meant, concerns(EPISODE.c.key, customers)))


def _count(connection: Connection, is_meant: ColumnElement[bool]) -> int:
    count: int = connection.execute(select(func.count()).where(is_meant)).scalar_one()
    return count
