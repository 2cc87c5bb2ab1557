"""The tables of who may come in, by which way, and what they did.

Secrets stand here as digests alone. The audit trail is only ever added to: triggers refuse whatever else is tried, on
both databases, and each line carries the digest of the one before (`core.audit`).

Every index names who needs it.
"""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Field

from deliverwatch.store.columns import ForeignText, Serial
from deliverwatch.store.tables import Base, only


class AccountRow(Base, table=True):
    __tablename__ = "account"
    __table_args__ = (
        Index("uq_account_subject", "issuer", "subject", unique=True, **only("subject IS NOT NULL")),  # signing in
    )

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    role: str
    email: str
    sees_all: bool
    language: str
    password: str | None
    issuer: str | None
    subject: str | None
    created_at: datetime
    disabled_at: datetime | None
    last_looked_at: datetime | None


class WebSessionRow(Base, table=True):
    __tablename__ = "web_session"
    __table_args__ = (
        Index("ix_web_session_account", "account"),  # an account's sessions
        Index("ix_web_session_ends_at", "ends_at"),  # pruning
    )

    digest: str = Field(primary_key=True)
    id: str = Field(unique=True)
    account: str = Field(foreign_key="account.id")
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    address: str = Field(sa_type=ForeignText)
    agent: str = Field(sa_type=ForeignText)


class ApiTokenRow(Base, table=True):
    """Revoked ones stay, since lines of the audit trail name them."""

    __tablename__ = "api_token"
    __table_args__ = (Index("ix_api_token_account", "account"),)  # an account's tokens

    id: str = Field(primary_key=True)
    digest: str = Field(unique=True)
    account: str = Field(foreign_key="account.id")
    name: str = Field(sa_type=ForeignText)
    scope: str
    customers: list[str] | None = Field(sa_type=JSON(none_as_null=True))
    hint: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class SignInFailureRow(Base, table=True):
    """In the database, so that a restart forgives nobody."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (
        Index("ix_sign_in_failure_name", "name", "at"),  # throttling, by name
        Index("ix_sign_in_failure_address", "address", "at"),  # throttling, by address
        Index("ix_sign_in_failure_at", "at"),  # pruning
    )

    id: int = Field(primary_key=True, sa_type=Serial)
    name: str
    address: str = Field(sa_type=ForeignText)
    at: datetime


class KnownAddressRow(Base, table=True):
    """From where a name was signed in, and when last."""

    __tablename__ = "known_address"
    __table_args__ = (Index("ix_known_address_at", "at"),)  # pruning

    name: str = Field(primary_key=True)
    address: str = Field(primary_key=True, sa_type=ForeignText)
    at: datetime


class AuditLineRow(Base, table=True):
    """`facts`: as the text that its digest covers."""

    __tablename__ = "audit_line"
    __table_args__ = (Index("ix_audit_line_object", "object", "number"),)  # what was done to one thing

    number: int = Field(primary_key=True, sa_type=BigInteger)
    at: datetime
    by: str = Field(sa_type=ForeignText)
    action: str
    object: str = Field(sa_type=ForeignText)
    facts: str = Field(sa_type=ForeignText)
    token: str | None
    request: str = Field(sa_type=ForeignText)
    before: str
    digest: str


class KeptAnswerRow(Base, table=True):
    """`status` NULL: it is being worked on."""

    __tablename__ = "kept_answer"
    __table_args__ = (Index("ix_kept_answer_at", "at"),)  # pruning

    who: str = Field(primary_key=True)
    key: str = Field(primary_key=True, sa_type=ForeignText)
    request_digest: str
    status: int | None
    headers: dict[str, str] = Field(sa_type=JSON)
    body: bytes
    at: datetime
