"""Holds of warm-ups, written in the transaction of whatever opened or ended them.

One that is there stays as it was told: what opens it again changes nothing, and neither its end nor its release is
moved.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from deliverwatch.core.warmup.run import Hold, HoldChanges
from deliverwatch.store.dialect import insert_new, select_in
from deliverwatch.store.mapping import warmups as mapping
from deliverwatch.store.tables import table_of
from deliverwatch.store.warmup_tables import WarmupHoldRow

HOLD = table_of(WarmupHoldRow)

_END = (
    update(HOLD)
    .where(HOLD.c.key == bindparam("of_key"), HOLD.c.ended_at.is_(None))
    .values(ended_at=bindparam("at"), ended_how=bindparam("how"))
)
_RELEASE = (
    update(HOLD)
    .where(HOLD.c.run_id == bindparam("of_run"), HOLD.c.key == bindparam("of_key"), HOLD.c.released_at.is_(None))
    .values(released_at=bindparam("at"))
)


def write_holds(connection: Connection, changes: HoldChanges) -> None:
    """Rows in the order of their keys, so that two transactions lock them in the same one."""
    insert_new(connection, HOLD, [mapping.hold_values(hold) for hold in sorted(changes.opened, key=_identity)])
    ends = [{"of_key": key, "at": at, "how": how} for key, (at, how) in sorted(changes.ended.items())]
    if ends:
        connection.execute(_END, ends)


def release(connection: Connection, run_id: str, released: Mapping[str, datetime]) -> None:
    if released:
        connection.execute(_RELEASE, [{"of_run": run_id, "of_key": key, "at": at} for key, at in released.items()])


def holds(connection: Connection, run_ids: Collection[str] | None, unreleased: bool) -> list[Hold]:
    """Oldest first."""
    statement = select(HOLD)
    if unreleased:
        statement = statement.where(HOLD.c.released_at.is_(None))
    rows = (
        connection.execute(statement) if run_ids is None else select_in(connection, statement, HOLD.c.run_id, run_ids)
    )
    return sorted(map(mapping.hold, rows), key=lambda hold: (hold.opened_at, *_identity(hold)))


def _identity(hold: Hold) -> tuple[str, str, str]:
    return hold.run_id, hold.key, hold.provider
