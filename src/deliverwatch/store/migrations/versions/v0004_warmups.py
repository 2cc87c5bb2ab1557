"""Warm-ups. What each table is for, and who needs each index: `store.warmup_tables`."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INSTANT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _runs()
    _days()
    _holds()
    _readings()


def only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def of_run(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["run_id"], ["warmup_run.id"], name=f"fk_{table}_run_id")


def must(name: str, type_: Any) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=False)


def may(name: str, type_: Any) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=True)


def _runs() -> None:
    op.create_table(
        "warmup_run",
        must("id", sa.String()),
        must("ip", sa.String()),
        may("customer", sa.String()),
        must("zone", sa.String()),
        must("started_on", sa.Date()),
        must("created_at", INSTANT),
        may("pool", sa.Text()),
        may("ended", sa.String()),
        may("ended_on", sa.Date()),
        must("version", sa.Integer()),
        key("warmup_run", "id"),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_warmup_run_customer"),
    )
    op.create_index("uq_warmup_run_open", "warmup_run", ["ip"], unique=True, **only("ended IS NULL"))
    op.create_table(
        "warmup_plan_version",
        must("run_id", sa.String()),
        must("version", sa.Integer()),
        must("plan", sa.Text()),
        must("hash", sa.String()),
        must("at", INSTANT),
        must("by", sa.Text()),
        must("reason", sa.Text()),
        key("warmup_plan_version", "run_id", "version"),
        of_run("warmup_plan_version"),
    )


def _days() -> None:
    op.create_table(
        "warmup_day",
        must("run_id", sa.String()),
        must("day", sa.Date()),
        must("digest", sa.String()),
        must("result", sa.JSON()),
        must("providers", sa.JSON()),
        key("warmup_day", "run_id", "day"),
        of_run("warmup_day"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "warmup_step",
        must("id", SERIAL),
        must("run_id", sa.String()),
        must("at", INSTANT),
        must("kind", sa.String()),
        must("by", sa.Text()),
        must("reason", sa.Text()),
        may("stage", sa.Integer()),
        key("warmup_step", "id"),
        of_run("warmup_step"),
    )
    op.create_index("ix_warmup_step_run_id", "warmup_step", ["run_id"])


def _holds() -> None:
    op.create_table(
        "warmup_hold",
        *(must(name, sa.String()) for name in ("run_id", "key", "provider", "cause")),
        must("opened_at", INSTANT),
        must("facts", sa.JSON()),
        may("ended_at", INSTANT),
        may("ended_how", sa.String()),
        may("released_at", INSTANT),
        key("warmup_hold", "run_id", "key", "provider"),
        of_run("warmup_hold"),
    )
    op.create_index("ix_warmup_hold_going_on", "warmup_hold", ["key"], **only("ended_at IS NULL"))
    op.create_index("ix_warmup_hold_unreleased", "warmup_hold", ["run_id"], **only("released_at IS NULL"))


def _readings() -> None:
    op.create_table(
        "platform_reading",
        must("day", sa.Date()),
        must("platform", sa.String()),
        must("ip", sa.String()),
        must("read_at", INSTANT),
        must("warming", sa.Boolean()),
        may("stage", sa.BigInteger()),
        may("progress_ratio", sa.Float()),
        may("pool", sa.Text()),
        may("stages", sa.BigInteger()),
        may("started_on", sa.Date()),
        key("platform_reading", "day", "platform", "ip"),
        sqlite_with_rowid=False,
    )
