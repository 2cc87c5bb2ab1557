"""The life of reports. What each table is for: `store.report_tables`."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("report_run", sa.Column("figures", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("report_run", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.add_column("report_run", sa.Column("bulletin", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("report_run", sa.Column("archived_at", INSTANT, nullable=True))
    unarchived = sa.text("archived_at IS NULL")
    op.create_index(
        "ix_report_run_unarchived", "report_run", ["made_at"], sqlite_where=unarchived, postgresql_where=unarchived
    )
    op.create_index("ix_fact_hour_ip", "fact_hour", ["ip", "hour_at"])
    op.create_index("ix_fact_hour_domain", "fact_hour", ["domain", "hour_at"])
    op.create_table(
        "report_word",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("customer", "week", "plan")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("note", "reason", "by")),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("customer", "week", name="pk_report_word"),
        _of_customer("report_word"),
    )
    op.create_table(
        "report_contact",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("customer", "address", "state")),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("seen_to_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("customer", "address", name="pk_report_contact"),
        _of_customer("report_contact"),
    )
    op.create_table(
        "unsubscribe_token",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("digest", "customer", "address")),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_unsubscribe_token"),
        _of_customer("unsubscribe_token"),
    )


def _of_customer(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["customer"], ["customer.id"], name=f"fk_{table}_customer")
