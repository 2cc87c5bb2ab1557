"""What rounds know beyond single answers: doubt, flapping, incidents, refusals and budgets; and what was told of it.

A column that must hold something comes with a default: SQLite adds such a one in place, and would copy the table, with
its foreign keys, to take the default away again. What older rows hold then follows from what they meant: a round that
was verified was so for every kind, and a listing was told by itself.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _inventory()
    _rounds()
    _episodes()
    _outbox()


def only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _inventory() -> None:
    op.create_table(
        "inventory_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inventory_revision"),
    )


def _rounds() -> None:
    op.add_column("cycle", sa.Column("kinds_verified", sa.JSON(), nullable=False, server_default="[]"))
    cycle = sa.table("cycle", sa.column("verified", sa.Boolean()), sa.column("kinds_verified", sa.JSON()))
    op.execute(cycle.update().where(cycle.c.verified).values(kinds_verified=["ipv4", "ipv6", "domain"]))
    op.add_column("zone_state", sa.Column("stopped_at", INSTANT, nullable=True))
    op.add_column("zone_state", sa.Column("ask_again_at", INSTANT, nullable=True))
    op.add_column("zone_state", sa.Column("bad_kinds", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("zone_state", sa.Column("lies", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("watch_state", sa.Column("clear_trusted_at", INSTANT, nullable=True))
    op.add_column("watch_state", sa.Column("doubted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "unstable_watch",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("parties", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("list_id", "subject", name="pk_unstable_watch"),
    )
    op.create_table(
        "query_budget",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("list_id", "day", name="pk_query_budget"),
    )


def _episodes() -> None:
    op.create_index("ix_event_list_id_at", "event", ["list_id", "at"])
    op.add_column("listing", sa.Column("incident", sa.String(), nullable=False, server_default=sa.text("''")))
    listing = sa.table("listing", sa.column("key", sa.String()), sa.column("incident", sa.String()))
    op.execute(listing.update().values(incident=listing.c.key))
    op.create_index("ix_listing_list_id_opened_at", "listing", ["list_id", "opened_at"])


def _outbox() -> None:
    op.add_column("report_run", sa.Column("listing_keys", sa.JSON(), nullable=False, server_default="[]"))
    op.create_index("ix_report_run_made_at", "report_run", ["made_at"])
    op.add_column("notification", sa.Column("not_before", INSTANT, nullable=True))
    op.add_column("notification", sa.Column("corrects_message_id", sa.String(), nullable=True))
    op.add_column("notification", sa.Column("corrects_at", INSTANT, nullable=True))
    op.drop_index("ix_notification_owed_thread", "notification")
    op.create_index(
        "ix_notification_waiting_thread",
        "notification",
        ["recipient", "thread"],
        **only("next_attempt_at IS NOT NULL OR state = 'held'"),
    )
    op.create_index("ix_notification_event_key", "notification", ["event_key"])
    op.create_index("ix_notification_report_id", "notification", ["report_id"], **only("report_id IS NOT NULL"))
