"""The ledger of work: slots, their claims and fences.

A claim is one conditional UPDATE: of two that try, the database lets one find the row as it expected it. Each claim
raises the fence by one, and a result is written only while the slot still carries the fence it was claimed under.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, or_, select, update

from deliverwatch.core.errors import FenceLost
from deliverwatch.flows.ports import Claim, Slot
from deliverwatch.store.dialect import insert_one
from deliverwatch.store.mapping import watches as mapping
from deliverwatch.store.tables import JobSlotRow, table_of

SLOT = table_of(JobSlotRow)

_PENDING, _CLAIMED, _DONE = "pending", "claimed", "done"

_STILL_HELD = update(SLOT).where(
    SLOT.c.job == bindparam("of_job"),
    SLOT.c.key == bindparam("of_key"),
    SLOT.c.fence == bindparam("of_fence"),
    SLOT.c.state == _CLAIMED,
)
_RENEW = _STILL_HELD.values(lease_until=bindparam("until"))
_FINISH = _STILL_HELD.values(state=_DONE, finished_at=bindparam("at"), lease_until=None)


def _free(now: datetime, lease_for: timedelta) -> ColumnElement[bool]:
    """As `Slot.is_taken` has it."""
    return or_(SLOT.c.lease_until.is_(None), SLOT.c.lease_until <= now, SLOT.c.lease_until > now + 2 * lease_for)


def _of(claim: Claim) -> Mapping[str, Any]:
    return {"of_job": claim.job, "of_key": claim.key, "of_fence": claim.fence}


def last(connection: Connection, job: str) -> Slot | None:
    row = connection.execute(select(SLOT).where(SLOT.c.job == job).order_by(SLOT.c.key.desc()).limit(1)).first()
    return mapping.slot(row) if row is not None else None


def add(connection: Connection, job: str, key: str, due_at: datetime) -> bool:
    return insert_one(connection, SLOT, {"job": job, "key": key, "due_at": due_at, "state": _PENDING, "fence": 0})


def claim(connection: Connection, job: str, key: str, now: datetime, lease_for: timedelta) -> Claim | None:
    statement = (
        update(SLOT)
        .where(SLOT.c.job == job, SLOT.c.key == key, SLOT.c.finished_at.is_(None), _free(now, lease_for))
        .values(state=_CLAIMED, fence=SLOT.c.fence + 1, lease_until=now + lease_for, started_at=now)
        .returning(SLOT.c.fence)
    )
    fence = connection.execute(statement).scalar()
    return Claim(job, key, fence) if fence is not None else None


def renew(connection: Connection, claim: Claim, now: datetime, lease_for: timedelta) -> None:
    """Raises FenceLost when it is not the claimant's any more."""
    if connection.execute(_RENEW, {**_of(claim), "until": now + lease_for}).rowcount != 1:
        raise FenceLost(
            f"slot {claim.key} of {claim.job} was claimed again meanwhile, or is done: this work is given up"
        )


def finish(connection: Connection, claim: Claim, at: datetime) -> bool:
    """False when this very claim has finished it before. Raises FenceLost when it is not the claimant's any more."""
    if connection.execute(_FINISH, {**_of(claim), "at": at}).rowcount == 1:
        return True
    found = connection.execute(
        select(SLOT.c.fence, SLOT.c.state).where(SLOT.c.job == claim.job, SLOT.c.key == claim.key)
    ).first()
    if found == (claim.fence, _DONE):
        return False
    raise FenceLost(f"slot {claim.key} of {claim.job} was claimed again meanwhile: this result is discarded")


def release(connection: Connection) -> int:
    statement = update(SLOT).where(SLOT.c.finished_at.is_(None), SLOT.c.state == _CLAIMED)
    return connection.execute(statement.values(state=_PENDING, lease_until=None)).rowcount
