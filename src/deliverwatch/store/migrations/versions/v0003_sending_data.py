"""Sending data and the episodes judged from it. What each table is for, and who needs each index:
`store.delivery_tables`.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

NAMES = ("domain", "pool", "campaign", "subaccount")
MEASURED = ("attempted", "delivered", "deferred", "bounced", "complaints")


def upgrade() -> None:
    _hours()
    _statements()
    _sources()
    _once()
    _episodes()
    _found()


def only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def must(name: str, type_: Any) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=False)


def may(name: str, type_: Any) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=True)


def counts(*names: str) -> list[sa.Column[Any]]:
    return [must(name, sa.BigInteger()) for name in names]


def _hours() -> None:
    op.create_table(
        "fact_hour",
        must("hour_at", INSTANT),
        *(must(name, sa.String()) for name in ("source", "ip", "provider")),
        *(must(name, sa.Text()) for name in NAMES),
        *(may(name, sa.BigInteger()) for name in (*MEASURED[:4], "out_of_band", "complaints", "retries")),
        key("fact_hour", "hour_at", "source", "ip", "provider", *NAMES),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reply_hour",
        must("hour_at", INSTANT),
        *(must(name, sa.String()) for name in ("source", "ip", "provider")),
        must("domain", sa.Text()),
        *(must(name, sa.String()) for name in ("reply_class", "rule", "list_id")),
        must("subject", sa.Text()),
        *counts("deferred", "bounced", "expired", "retries"),
        must("sample", sa.Text()),
        key(
            "reply_hour",
            "hour_at",
            "source",
            "ip",
            "provider",
            "domain",
            "reply_class",
            "rule",
            "list_id",
            "subject",
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reply_cluster",
        must("digest", sa.String()),
        must("template", sa.Text()),
        *counts("replies"),
        must("looks_like_block", sa.Boolean()),
        must("first_at", INSTANT),
        must("last_at", INSTANT),
        key("reply_cluster", "digest"),
    )


def _statements() -> None:
    op.create_table(
        "measure",
        must("starts_at", INSTANT),
        must("lasts_seconds", sa.BigInteger()),
        *(must(name, sa.String()) for name in ("source", "ip", "provider")),
        *(must(name, sa.Text()) for name in NAMES),
        *(may(name, sa.BigInteger()) for name in MEASURED),
        may("as_of", INSTANT),
        key("measure", "starts_at", "lasts_seconds", "source", "ip", "provider", *NAMES),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "signal",
        must("day", sa.Date()),
        must("provider", sa.String()),
        must("subject", sa.Text()),
        must("name", sa.String()),
        must("detail", sa.Text()),
        may("value", sa.Float()),
        may("text", sa.Text()),
        must("source", sa.String()),
        key("signal", "day", "provider", "subject", "name", "detail"),
    )


def _sources() -> None:
    op.create_table(
        "source_state",
        must("source", sa.String()),
        may("cursor", sa.JSON()),
        *(may(name, INSTANT) for name in ("last_ingest_at", "last_event_at", "failed_since")),
        may("failure", sa.Text()),
        *counts("read", "accepted", "duplicates", "rejected"),
        key("source_state", "source"),
    )
    op.create_table(
        "rejection",
        must("id", SERIAL),
        must("source", sa.String()),
        must("at", INSTANT),
        must("origin", sa.Text()),
        *counts("line"),
        must("why", sa.Text()),
        key("rejection", "id"),
    )
    op.create_index("ix_rejection_source_id", "rejection", ["source", "id"])
    op.create_table(
        "seen_sender",
        must("source", sa.String()),
        must("role", sa.String()),
        must("name", sa.Text()),
        *counts("counted"),
        must("first_at", INSTANT),
        must("last_at", INSTANT),
        key("seen_sender", "source", "role", "name"),
    )


def _once() -> None:
    op.create_table(
        "seen_event",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        must("space", sa.String()),
        must("seen_day", sa.Integer()),
        key("seen_event", "id", "space"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "file_progress",
        must("source", sa.String()),
        must("head", sa.String()),
        must("head_size", sa.Integer()),
        must("path", sa.Text()),
        may("inode", sa.String()),
        *counts("offset"),
        must("digest", sa.String()),
        *counts("lines", "read", "accepted", "duplicates", "rejected"),
        must("at", INSTANT),
        key("file_progress", "source", "head"),
    )
    op.create_index("ix_file_progress_source_path", "file_progress", ["source", "path"])
    op.create_table(
        "raw_body",
        must("id", SERIAL),
        must("source", sa.String()),
        may("identity", sa.Text()),
        must("received_at", INSTANT),
        must("headers", sa.JSON()),
        must("body", sa.LargeBinary()),
        must("state", sa.String()),
        key("raw_body", "id"),
        sa.UniqueConstraint("source", "identity", name="uq_raw_body_source_identity"),
    )
    op.create_index("ix_raw_body_waiting", "raw_body", ["id"], **only("state = 'waiting'"))
    op.create_index("ix_raw_body_received_at", "raw_body", ["received_at"])


def _episodes() -> None:
    op.create_table(
        "provider_episode",
        *(must(name, sa.String()) for name in ("key", "kind", "provider", "subject", "subject_kind", "what")),
        may("reply_class", sa.String()),
        must("opened_at", INSTANT),
        must("last_seen_at", INSTANT),
        may("closed_at", INSTANT),
        may("ended", sa.String()),
        may("mail_share", sa.Float()),
        must("evidence", sa.JSON()),
        key("provider_episode", "key"),
    )
    op.create_index("ix_provider_episode_closed_at", "provider_episode", ["closed_at"])
    op.create_table("cause", must("key", sa.String()), must("facts", sa.JSON()), key("cause", "key"))


def _found() -> None:
    op.create_table(
        "look_request",
        *(must(name, sa.String()) for name in ("list_id", "subject", "subject_kind")),
        must("asked_at", INSTANT),
        key("look_request", "list_id", "subject"),
    )
    op.create_table(
        "dns_value",
        must("kind", sa.String()),
        must("name", sa.String()),
        must("facts", sa.JSON()),
        key("dns_value", "kind", "name"),
    )
    op.create_table(
        "platform_proposal",
        must("id", sa.Integer()),
        must("facts", sa.JSON()),
        key("platform_proposal", "id"),
    )
