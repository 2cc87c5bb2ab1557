"""The first tables. What each is for, and who needs each index: `store.tables`."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    _inventory()
    _ledger()
    _watches()
    _episodes()
    _outbox()
    _drafts()


def only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _inventory() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("service_time_zone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("report_enabled", sa.Boolean(), nullable=False),
        sa.Column("tam_name", sa.Text(), nullable=False),
        sa.Column("tam_email", sa.String(), nullable=False),
        sa.Column("tam_phone", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_customer"),
    )
    op.create_table(
        "contact",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "position", name="pk_contact"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_contact_customer_id"),
    )
    op.create_table(
        "asset",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("pool", sa.String(), nullable=True),
        sa.Column("stream", sa.String(), nullable=True),
        sa.Column("subaccounts", sa.JSON(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("dkim_selectors", sa.JSON(), nullable=False),
        sa.Column("network_owner", sa.Text(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_asset"),
        sa.ForeignKeyConstraint(["holder"], ["customer.id"], name="fk_asset_holder"),
    )
    op.create_index(
        "uq_asset_holding",
        "asset",
        ["name", sa.text("coalesce(holder, '')"), sa.text("coalesce(from_on, '0001-01-01')")],
        unique=True,
    )
    op.create_table(
        "asset_share",
        sa.Column("asset_id", SERIAL, nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("asset_id", "customer_id", name="pk_asset_share"),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name="fk_asset_share_asset_id"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_asset_share_customer_id"),
    )


def _ledger() -> None:
    op.create_table(
        "job_slot",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("job", "key", name="pk_job_slot"),
    )
    op.create_index("ix_job_slot_unfinished", "job_slot", ["due_at"], **only("finished_at IS NULL"))
    op.create_table(
        "cycle",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("vouches_until", INSTANT, nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("clear", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("unreachable", sa.Integer(), nullable=False),
        sa.Column("nonsense", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cycle"),
        sa.UniqueConstraint("job", "key", name="uq_cycle_job_key"),
    )
    op.create_index("ix_cycle_list_id_id", "cycle", ["list_id", "id"])
    op.create_index("ix_cycle_started_at", "cycle", ["started_at"])


def _watches() -> None:
    op.create_table(
        "list_state",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("stale_told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("list_id", name="pk_list_state"),
    )
    op.create_table(
        "zone_state",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("health", sa.String(), nullable=False),
        sa.Column("since", INSTANT, nullable=True),
        sa.Column("bad_rounds", sa.Integer(), nullable=False),
        sa.Column("good_since", INSTANT, nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("list_id", "path", name="pk_zone_state"),
    )
    op.create_table(
        "watch_state",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("as_of", INSTANT, nullable=True),
        sa.Column("opened_at", INSTANT, nullable=True),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("first_path", sa.String(), nullable=True),
        sa.Column("first_expires_at", INSTANT, nullable=True),
        sa.Column("clear_count", sa.Integer(), nullable=False),
        sa.Column("clear_since", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("list_id", "subject", name="pk_watch_state"),
    )
    op.create_table(
        "transition",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("from_phase", sa.String(), nullable=False),
        sa.Column("to_phase", sa.String(), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_transition"),
    )
    op.create_table(
        "watch_gap",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_watch_gap"),
    )
    op.create_index("ix_watch_gap_until", "watch_gap", ["until"])
    op.create_index("uq_watch_gap_open", "watch_gap", ["list_id", "subject"], unique=True, **only("until IS NULL"))


def _episodes() -> None:
    op.create_table(
        "event",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("subject_kind", sa.String(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sa.UniqueConstraint("key", name="uq_event_key"),
    )
    op.create_index("ix_event_at", "event", ["at"])
    op.create_table(
        "listing",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("ended", sa.String(), nullable=True),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("meanings", sa.JSON(), nullable=False),
        sa.Column("impact", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("path", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_listing"),
        sa.ForeignKeyConstraint(["key"], ["event.key"], name="fk_listing_key"),
    )
    op.create_index("ix_listing_closed_at", "listing", ["closed_at"])
    op.create_index("uq_listing_open", "listing", ["list_id", "subject"], unique=True, **only("closed_at IS NULL"))


def _outbox() -> None:
    op.create_table(
        "report_run",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_to", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_report_run"),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_report_run_customer"),
        sa.UniqueConstraint("customer", "week", name="uq_report_run_customer_week"),
    )
    op.create_table(
        "notification",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("customers", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("event_key", sa.String(), nullable=True),
        sa.Column("report_id", sa.String(), nullable=True),
        sa.Column("thread", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", INSTANT, nullable=True),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notification"),
        sa.ForeignKeyConstraint(["event_key"], ["event.key"], name="fk_notification_event_key"),
        sa.ForeignKeyConstraint(["report_id"], ["report_run.id"], name="fk_notification_report_id"),
    )
    op.create_index("ix_notification_created_at", "notification", ["created_at"])
    op.create_index("ix_notification_owed", "notification", ["created_at", "id"], **only("next_attempt_at IS NOT NULL"))
    op.create_index(
        "ix_notification_owed_thread", "notification", ["recipient", "thread"], **only("next_attempt_at IS NOT NULL")
    )
    op.create_index("ix_notification_state", "notification", ["state"])


def _drafts() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("customer", sa.String(), nullable=True),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("form_digest", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("to", sa.String(), nullable=True),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("blockers", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("listing_key", sa.String(), nullable=False),
        sa.Column("follow_up_of", sa.String(), nullable=True),
        sa.Column("pulled_by", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_draft_customer"),
        sa.ForeignKeyConstraint(["follow_up_of"], ["draft.id"], name="fk_draft_follow_up_of"),
        sa.UniqueConstraint("listing_key", name="uq_draft_listing_key"),
    )
    op.create_index("ix_draft_state", "draft", ["state"])
    op.create_table(
        "draft_step",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_draft_step"),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name="fk_draft_step_draft_id"),
    )
    op.create_index("ix_draft_step_draft_id", "draft_step", ["draft_id"])
