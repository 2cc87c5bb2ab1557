"""Accounts, sessions, tokens and the audit trail. What each table is for, and who needs each index:
`store.access_tables`.

That the audit trail is only added to is seen to by the database: what a program of ours must never do, a mistake of
ours cannot.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

INSTANT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
REFUSED = "the audit trail is only ever added to"
IS_THERE = "WHEN EXISTS (SELECT 1 FROM audit_line WHERE number = NEW.number)"
"""INSERT OR REPLACE takes a row out without a DELETE."""
ON_SQLITE = tuple(
    f"""CREATE TRIGGER audit_line_{verb} BEFORE {verb} ON audit_line {when}
BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"""
    for verb, when in (("UPDATE", ""), ("DELETE", ""), ("INSERT", IS_THERE))
)
ON_POSTGRESQL = (
    f"""CREATE FUNCTION audit_line_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$""",
    """CREATE TRIGGER audit_line_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_line
FOR EACH STATEMENT EXECUTE FUNCTION audit_line_kept()""",
)


def upgrade() -> None:
    _accounts()
    _sessions()
    _tokens()
    _sign_ins()
    _answers()
    _audit_trail()


def must(name: str, type_: Any) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=False)


def may(name: str, type_: Any) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=True)


def key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def unique(table: str, column: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(column, name=f"uq_{table}_{column}")


def of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account"], ["account.id"], name=f"fk_{table}_account")


def _accounts() -> None:
    op.create_table(
        "account",
        *(must(name, sa.String()) for name in ("id", "name", "role", "email")),
        must("sees_all", sa.Boolean()),
        must("language", sa.String()),
        *(may(name, sa.String()) for name in ("password", "issuer", "subject")),
        must("created_at", INSTANT),
        *(may(name, INSTANT) for name in ("disabled_at", "last_looked_at")),
        key("account", "id"),
        unique("account", "name"),
    )
    is_there = sa.text("subject IS NOT NULL")
    op.create_index(
        *("uq_account_subject", "account", ["issuer", "subject"]),
        unique=True,
        sqlite_where=is_there,
        postgresql_where=is_there,
    )


def _sessions() -> None:
    op.create_table(
        "web_session",
        *(must(name, sa.String()) for name in ("digest", "id", "account")),
        *(must(name, INSTANT) for name in ("began_at", "seen_at", "ends_at")),
        *(must(name, sa.Text()) for name in ("address", "agent")),
        key("web_session", "digest"),
        unique("web_session", "id"),
        of_account("web_session"),
    )
    for column in ("account", "ends_at"):
        op.create_index(f"ix_web_session_{column}", "web_session", [column])


def _tokens() -> None:
    op.create_table(
        "api_token",
        *(must(name, sa.String()) for name in ("id", "digest", "account")),
        must("name", sa.Text()),
        must("scope", sa.String()),
        may("customers", sa.JSON()),
        must("hint", sa.String()),
        *(must(name, INSTANT) for name in ("created_at", "expires_at")),
        *(may(name, INSTANT) for name in ("last_used_at", "revoked_at")),
        key("api_token", "id"),
        unique("api_token", "digest"),
        of_account("api_token"),
    )
    op.create_index("ix_api_token_account", "api_token", ["account"])


def _sign_ins() -> None:
    op.create_table(
        "sign_in_failure",
        must("id", SERIAL),
        must("name", sa.String()),
        must("address", sa.Text()),
        must("at", INSTANT),
        key("sign_in_failure", "id"),
    )
    for column in ("name", "address"):
        op.create_index(f"ix_sign_in_failure_{column}", "sign_in_failure", [column, "at"])
    op.create_index("ix_sign_in_failure_at", "sign_in_failure", ["at"])
    op.create_table(
        "known_address",
        must("name", sa.String()),
        must("address", sa.Text()),
        must("at", INSTANT),
        key("known_address", "name", "address"),
    )
    op.create_index("ix_known_address_at", "known_address", ["at"])


def _answers() -> None:
    op.create_table(
        "kept_answer",
        must("who", sa.String()),
        must("key", sa.Text()),
        must("request_digest", sa.String()),
        may("status", sa.Integer()),
        must("headers", sa.JSON()),
        must("body", sa.LargeBinary()),
        must("at", INSTANT),
        key("kept_answer", "who", "key"),
    )
    op.create_index("ix_kept_answer_at", "kept_answer", ["at"])


def _audit_trail() -> None:
    op.create_table(
        "audit_line",
        must("number", sa.BigInteger()),
        must("at", INSTANT),
        must("by", sa.Text()),
        must("action", sa.String()),
        *(must(name, sa.Text()) for name in ("object", "facts")),
        may("token", sa.String()),
        must("request", sa.Text()),
        *(must(name, sa.String()) for name in ("before", "digest")),
        key("audit_line", "number"),
    )
    op.create_index("ix_audit_line_object", "audit_line", ["object", "number"])
    for statement in ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRESQL:
        op.execute(statement)
