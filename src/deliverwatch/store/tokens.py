"""API tokens."""

from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from deliverwatch.core.audit import Deed
from deliverwatch.flows.access_ports import ApiToken, KeptAccount
from deliverwatch.store import audit
from deliverwatch.store.access_tables import AccountRow, ApiTokenRow
from deliverwatch.store.mapping import access as mapping
from deliverwatch.store.tables import table_of

ACCOUNT = table_of(AccountRow)
TOKEN = table_of(ApiTokenRow)


def add(connection: Connection, token: ApiToken, deed: Deed) -> None:
    connection.execute(insert(TOKEN).values(mapping.token_values(token)))
    audit.record(connection, deed)


def token(connection: Connection, digest: str) -> tuple[ApiToken, KeptAccount] | None:
    row = connection.execute(select(TOKEN).where(TOKEN.c.digest == digest, TOKEN.c.revoked_at.is_(None))).first()
    if row is None:
        return None
    is_open = (ACCOUNT.c.id == row.account, ACCOUNT.c.disabled_at.is_(None))
    of = connection.execute(select(ACCOUNT).where(*is_open)).first()
    return (mapping.token(row), mapping.account(of)) if of is not None else None


def used(connection: Connection, token_id: str, at: datetime) -> None:
    is_later = or_(TOKEN.c.last_used_at.is_(None), TOKEN.c.last_used_at < at)
    connection.execute(update(TOKEN).where(TOKEN.c.id == token_id, is_later).values(last_used_at=at))


def tokens(connection: Connection, account_id: str | None) -> list[ApiToken]:
    """Newest first."""
    statement = select(TOKEN).order_by(TOKEN.c.created_at.desc(), TOKEN.c.id)
    if account_id is not None:
        statement = statement.where(TOKEN.c.account == account_id)
    return [mapping.token(row) for row in connection.execute(statement)]


def revoke(connection: Connection, token_id: str, deed: Deed) -> bool:
    is_good = (TOKEN.c.id == token_id, TOKEN.c.revoked_at.is_(None))
    if connection.execute(update(TOKEN).where(*is_good).values(revoked_at=deed.at)).rowcount == 0:
        return False
    audit.record(connection, deed)
    return True
