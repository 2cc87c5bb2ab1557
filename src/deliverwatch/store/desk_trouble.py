"""What is open now and costs mail, in the few columns by which customers are put in order.

Hundreds of customers have thousands of open listings, and the page that a day begins with needs all of them to know
whom it is worst for: so their reasons, codes and evidence stay where they are.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Select, select

from deliverwatch.core.block import EpisodeKind
from deliverwatch.core.blocklist import Impact
from deliverwatch.core.desk.affected import Blocked, Listed
from deliverwatch.flows.desk_ports import Customers
from deliverwatch.store.desk_reads import EPISODE, LISTING, concerns, is_nobody
from deliverwatch.store.mapping.subjects import subject

_OF_LISTING = ("list_id", "subject", "subject_kind", "impact", "incident")
_LISTED = (
    select(*(LISTING.c[name] for name in _OF_LISTING))
    .where(LISTING.c.closed_at.is_(None))
    .order_by(LISTING.c.opened_at.desc(), LISTING.c.key.desc())
)
_BLOCKED = select(EPISODE.c.provider, EPISODE.c.subject, EPISODE.c.subject_kind).where(
    EPISODE.c.closed_at.is_(None), EPISODE.c.kind == str(EpisodeKind.BLOCK)
)


def listed(connection: Connection, customers: Customers, but: Collection[str]) -> list[Listed]:
    if is_nobody(customers):
        return []
    statement = _of(_LISTED.where(LISTING.c.list_id.not_in(sorted(but))), LISTING, customers)
    return [
        Listed(row.list_id, subject(row), Impact(row.impact), row.incident) for row in connection.execute(statement)
    ]


def blocked(connection: Connection, customers: Customers) -> list[Blocked]:
    if is_nobody(customers):
        return []
    return [Blocked(row.provider, subject(row)) for row in connection.execute(_of(_BLOCKED, EPISODE, customers))]


def _of(statement: Select[Any], table: Any, customers: Customers) -> Select[Any]:
    return statement if customers is None else statement.where(concerns(table.c.key, customers))
