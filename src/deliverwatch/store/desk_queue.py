"""Drafts by when they are due, and how many there are: a page shows the first of hundreds, and says how many more.

What waits for one of us is due by our own desk's time, what was sent is to be looked at again. Where nobody takes
requests, nothing is ever late. What has no time comes last.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select

from deliverwatch.core.remediation.draft import WAITING, Draft, DraftState
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.flows.desk_ports import Customers, DraftCount, DraftHead
from deliverwatch.store.desk_heads import DRAFT, DRAFT_HEADS, draft_head
from deliverwatch.store.desk_reads import is_nobody
from deliverwatch.store.dialect import select_in
from deliverwatch.store.mapping import drafts as mapping

_WAITS = DRAFT.c.state.in_(sorted(map(str, WAITING)))
_TAKEN = DRAFT.c.channel != str(FormChannel.NONE)
_WHEN = case((and_(_WAITS, _TAKEN), DRAFT.c.due_at), (~_WAITS, DRAFT.c.follow_up_at))


def due_first(
    connection: Connection,
    customers: Customers,
    states: Collection[DraftState],
    provider: str | None,
    limit: int,
) -> list[DraftHead]:
    if is_nobody(customers):
        return []
    statement = _of(DRAFT_HEADS, customers, states, provider).order_by(_WHEN.is_(None), _WHEN, DRAFT.c.id)
    return [draft_head(row) for row in connection.execute(statement.limit(limit))]


def counts(
    connection: Connection,
    customers: Customers,
    states: Collection[DraftState],
    provider: str | None,
    now: datetime,
) -> list[DraftCount]:
    if is_nobody(customers):
        return []
    late = func.sum(case((_is_late(now), 1), else_=0))
    counted = select(DRAFT.c.state, DRAFT.c.provider, func.count(), late).group_by(DRAFT.c.state, DRAFT.c.provider)
    rows = connection.execute(_of(counted, customers, states, provider))
    return [DraftCount(DraftState(state), of, count, overdue) for state, of, count, overdue in rows]


def _is_late(now: datetime) -> ColumnElement[bool]:
    return and_(_WAITS, _TAKEN, DRAFT.c.due_at < now)


def _of(
    statement: Select[Any], customers: Customers, states: Collection[DraftState], provider: str | None
) -> Select[Any]:
    statement = statement.where(DRAFT.c.state.in_(sorted(map(str, states))))
    if customers is not None:
        statement = statement.where(DRAFT.c.customer.in_(sorted(customers)))
    return statement if provider is None else statement.where(DRAFT.c.provider == provider)


def whole(connection: Connection, ids: Collection[str]) -> Mapping[str, Draft]:
    return {row.id: mapping.draft(row) for row in select_in(connection, select(DRAFT), DRAFT.c.id, ids)}
