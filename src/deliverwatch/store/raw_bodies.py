"""Webhook calls as they came, each kept before it is answered and counted once afterwards.

waiting ──counted──> done
   │ └──cannot be read──> failed
   └──expired──> gone, and named among the rejections
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, literal_column, select, update

from deliverwatch.core.errors import FenceLost
from deliverwatch.flows.delivery_ports import RawBody, RejectionLine
from deliverwatch.store import source_states
from deliverwatch.store.delivery_tables import RawBodyRow
from deliverwatch.store.dialect import insert_one, wiped
from deliverwatch.store.mapping import delivery as mapping
from deliverwatch.store.mapping.rows import AnyRow
from deliverwatch.store.tables import table_of

RAW = table_of(RawBodyRow)

_WAITING, _DONE, _FAILED = "waiting", "done", "failed"
_ORIGIN = "webhook"
_WHOLE = 0
"""The line of what cannot be read as a whole."""

_NEXT = select(RAW).where(RAW.c.state == literal_column("'waiting'")).order_by(RAW.c.id).limit(1)  # as in the index
_LEAVE = (
    update(RAW)
    .where(RAW.c.id == bindparam("of_id"), RAW.c.state == _WAITING)
    .values(state=bindparam("becomes"))
    .returning(RAW.c.source, RAW.c.received_at)
)


def keep(connection: Connection, raw: RawBody) -> bool:
    """False: its source has one of that identity."""
    return insert_one(connection, RAW, mapping.raw_values(raw, _WAITING))


def oldest(connection: Connection, skip: Collection[int]) -> RawBody | None:
    """Of those not in `skip`."""
    row = connection.execute(_NEXT.where(RAW.c.id.not_in(sorted(skip))) if skip else _NEXT).first()
    return mapping.raw_body(row) if row is not None else None


def done(connection: Connection, raw_id: int) -> None:
    """Raises FenceLost when it does not wait any more."""
    if _leave(connection, raw_id, _DONE) is None:
        raise FenceLost(f"webhook call {raw_id} was counted by somebody else meanwhile: this result is discarded")


def fail(connection: Connection, raw_id: int, why: str) -> None:
    """One that does not wait any more is left as it is."""
    row = _leave(connection, raw_id, _FAILED)
    if row is not None:
        _refuse(connection, row, why)


def prune(connection: Connection, before: datetime) -> None:
    """People's addresses are kept no longer than promised, counted or not; what is lost by that is told."""
    late = select(RAW.c.source, RAW.c.received_at).where(RAW.c.received_at < before, RAW.c.state == _WAITING)
    for row in connection.execute(late.order_by(RAW.c.id)).all():
        _refuse(connection, row, "the call was not read before it expired: nothing of it is counted")
    with wiped(connection):
        connection.execute(delete(RAW).where(RAW.c.received_at < before))


def _leave(connection: Connection, raw_id: int, state: str) -> AnyRow | None:
    return connection.execute(_LEAVE, {"of_id": raw_id, "becomes": state}).first()


def _refuse(connection: Connection, row: AnyRow, why: str) -> None:
    source_states.refused(connection, RejectionLine(row.source, row.received_at, _ORIGIN, _WHOLE, why))
