"""Alerts: silences, digests, what inhibits or tells what, and the episode that an event is a part of.

Events from before are part of no episode: what ends now and began then is told by itself, as it would have been.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in ("episode", "incident"):
        op.add_column("event", sa.Column(column, sa.String(), nullable=True))
        op.create_index(f"ix_event_{column}", "event", [column], **only(f"{column} IS NOT NULL"))
    _notifications()
    _silences()


def only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _notifications() -> None:
    op.add_column("notification", sa.Column("because", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("notification", sa.Column("digest_at", INSTANT, nullable=True))
    op.add_column("notification", sa.Column("about", sa.String(), nullable=True))
    op.add_column("notification", sa.Column("settled_at", INSTANT, nullable=True))
    op.add_column("notification", sa.Column("failures", sa.Integer(), nullable=False, server_default=sa.text("0")))
    inhibited = "state = 'inhibited' AND settled_at IS NULL"
    op.create_index("ix_notification_about", "notification", ["about"], **only("about IS NOT NULL"))
    op.create_index("ix_notification_inhibited", "notification", ["created_at"], **only(inhibited))
    op.create_index("ix_notification_collected", "notification", ["digest_at"], **only("state = 'collected'"))


def _silences() -> None:
    op.create_table(
        "silence",
        sa.Column("id", sa.String(), nullable=False),
        *(sa.Column(name, INSTANT, nullable=False) for name in ("begins_at", "until_at")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("by", "reason")),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("customer", "subject", "place", "family")),
        *(sa.Column(name, INSTANT, nullable=True) for name in ("ended_at", "settled_at")),
        sa.PrimaryKeyConstraint("id", name="pk_silence"),
    )
    op.create_index("ix_silence_unsettled", "silence", ["until_at"], **only("settled_at IS NULL"))
