"""The tables of warm-ups: runs, what was agreed, what each day was judged to be, what holds them, what people did.

A run's plan is its newest version in `warmup_plan_version`; the first is the baseline and none is ever changed. A day
is written over while late data come in, and otherwise stays. A hold is never deleted: its cause ends, a person releases
it, and both are kept. `platform_reading` is what a sending platform says of its own warm-up, whether or not a run of
ours is on that address.

Every index names who needs it.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Text
from sqlmodel import Field

from deliverwatch.store.columns import ForeignText, Serial
from deliverwatch.store.tables import Base, only

_NO_ROWID = {"sqlite_with_rowid": False}  # the key is the row: no second tree for it


class WarmupRunRow(Base, table=True):
    """`customer` NULL: the ESP's own address."""

    __tablename__ = "warmup_run"
    __table_args__ = (
        # add_warmup: one at a time on an address; warmups that are open
        Index("uq_warmup_run_open", "ip", unique=True, **only("ended IS NULL")),
    )

    id: str = Field(primary_key=True)
    ip: str
    customer: str | None = Field(foreign_key="customer.id")
    zone: str
    started_on: date
    created_at: datetime
    pool: str | None = Field(sa_type=ForeignText)
    ended: str | None
    ended_on: date | None
    version: int


class WarmupPlanVersionRow(Base, table=True):
    """Append-only. `plan`: JSON, as text, so that equal ones are told before they are read: most runs share a few."""

    __tablename__ = "warmup_plan_version"

    run_id: str = Field(primary_key=True, foreign_key="warmup_run.id")
    version: int = Field(primary_key=True)
    plan: str = Field(sa_type=Text)
    hash: str
    at: datetime
    by: str = Field(sa_type=ForeignText)
    reason: str = Field(sa_type=ForeignText)


class WarmupDayRow(Base, table=True):
    """`result` and `providers`: as `core.warmup.facts` has them."""

    __tablename__ = "warmup_day"
    __table_args__ = (_NO_ROWID,)

    run_id: str = Field(primary_key=True, foreign_key="warmup_run.id")
    day: date = Field(primary_key=True)
    digest: str
    result: dict[str, Any] = Field(sa_type=JSON)
    providers: dict[str, Any] = Field(sa_type=JSON)


class WarmupHoldRow(Base, table=True):
    """`key`: of the listing, the episode or the person's step. `provider`: empty text for all."""

    __tablename__ = "warmup_hold"
    __table_args__ = (
        # a listing or block that ends, in all runs
        Index("ix_warmup_hold_going_on", "key", **only("ended_at IS NULL")),
        # warmup_holds: those that nobody released yet
        Index("ix_warmup_hold_unreleased", "run_id", **only("released_at IS NULL")),
    )

    run_id: str = Field(primary_key=True, foreign_key="warmup_run.id")
    key: str = Field(primary_key=True)
    provider: str = Field(primary_key=True)
    cause: str
    opened_at: datetime
    facts: dict[str, Any] = Field(sa_type=JSON)
    ended_at: datetime | None
    ended_how: str | None
    released_at: datetime | None


class WarmupStepRow(Base, table=True):
    """Append-only."""

    __tablename__ = "warmup_step"
    __table_args__ = (
        # warmup_steps
        Index("ix_warmup_step_run_id", "run_id"),
    )

    id: int = Field(primary_key=True, sa_type=Serial)
    run_id: str = Field(foreign_key="warmup_run.id")
    at: datetime
    kind: str
    by: str = Field(sa_type=ForeignText)
    reason: str = Field(sa_type=ForeignText)
    stage: int | None


class PlatformReadingRow(Base, table=True):
    """The key begins with the day: what is read is a window up to now."""

    __tablename__ = "platform_reading"
    __table_args__ = (_NO_ROWID,)

    day: date = Field(primary_key=True)
    platform: str = Field(primary_key=True)
    ip: str = Field(primary_key=True)
    read_at: datetime
    warming: bool
    stage: int | None = Field(sa_type=BigInteger)
    progress_ratio: float | None
    pool: str | None = Field(sa_type=ForeignText)
    stages: int | None = Field(sa_type=BigInteger)
    started_on: date | None
