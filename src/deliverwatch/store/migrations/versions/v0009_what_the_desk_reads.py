"""What the desk reads: whom each event named, and lists that are newest first. What each is for:
`store.desk_tables`, and the tables whose indexes they are.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

INSTANT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT_ONCE = 2_000
BEGINS = ("listing_opened", "block_opened", "throttle_started", "finding_opened", "warning_started")

EVENT = sa.table(
    "event",
    sa.column("id", NUMBER),
    *(sa.column(name, sa.String()) for name in ("key", "kind", "episode")),
    sa.column("at", INSTANT),
    sa.column("facts", sa.JSON()),
)


def upgrade() -> None:
    party = op.create_table(
        "event_party",
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("event_id", NUMBER, nullable=False, autoincrement=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("episode", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("customer", "event_id", name="pk_event_party"),
        sqlite_with_rowid=False,
    )
    _fill(party)
    op.create_index("ix_event_party_episode", "event_party", ["episode", "customer"], **only("episode IS NOT NULL"))
    _indexes()


def only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _indexes() -> None:
    op.create_index("ix_event_kind_id", "event", ["kind", "id"])
    for table in ("listing", "provider_episode"):
        op.create_index(f"ix_{table}_opened_at_key", table, ["opened_at", "key"])
        op.create_index(f"ix_{table}_subject", table, ["subject"], postgresql_ops={"subject": "text_pattern_ops"})
    op.create_index("ix_draft_created_at_id", "draft", ["created_at", "id"])
    op.create_index("ix_draft_customer", "draft", ["customer", "created_at", "id"])
    op.create_index("ix_draft_follow_up_of", "draft", ["follow_up_of"], **only("follow_up_of IS NOT NULL"))
    op.create_index("ix_report_run_customer_made_at", "report_run", ["customer", "made_at", "id"])
    op.create_index("ix_report_run_subject", "report_run", ["made_at", "id", "customer", "subject"])


def _fill(party: sa.Table) -> None:
    connection, last = op.get_bind(), 0
    slices = sa.select(EVENT).order_by(EVENT.c.id).limit(AT_ONCE)
    while events := connection.execute(slices.where(EVENT.c.id > last)).all():
        if rows := [row for event in events for row in _parties(event)]:
            connection.execute(sa.insert(party), rows)
        last = events[-1].id


def _parties(event: Any) -> Iterator[dict[str, Any]]:
    """An event from before the episode was kept with it is a part of the one that it began."""
    own = event.facts.get("own", {}).get("parties", event.facts.get("parties", ()))
    episode = event.episode or (event.key if event.kind in BEGINS else None)
    for customer in dict.fromkeys(event.facts.get("parties", ())):
        yield {
            "customer": customer,
            "event_id": event.id,
            "kind": event.kind,
            "at": event.at,
            "episode": episode if customer in own else None,
        }
