"""Accounts. What changes one is written with its line of the audit trail."""

from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from deliverwatch.core.audit import Deed
from deliverwatch.core.errors import NotPossible
from deliverwatch.flows.access_ports import KeptAccount
from deliverwatch.store import audit
from deliverwatch.store.access_tables import AccountRow
from deliverwatch.store.dialect import insert_one
from deliverwatch.store.mapping import access as mapping
from deliverwatch.store.tables import table_of

ACCOUNT = table_of(AccountRow)


def accounts(connection: Connection) -> list[KeptAccount]:
    return [mapping.account(row) for row in connection.execute(select(ACCOUNT).order_by(ACCOUNT.c.name))]


def account(connection: Connection, id_or_name: str) -> KeptAccount | None:
    either = or_(ACCOUNT.c.id == id_or_name, ACCOUNT.c.name == id_or_name)
    row = connection.execute(select(ACCOUNT).where(either)).first()
    return mapping.account(row) if row is not None else None


def of_subject(connection: Connection, issuer: str, subject: str) -> KeptAccount | None:
    same = (ACCOUNT.c.issuer == issuer, ACCOUNT.c.subject == subject)
    row = connection.execute(select(ACCOUNT).where(*same)).first()
    return mapping.account(row) if row is not None else None


def keep(connection: Connection, kept: KeptAccount, deed: Deed, new: bool) -> None:
    """Two that take one name at once: the first has it."""
    values = mapping.account_values(kept)
    taken = f"the name {kept.account.name!r} is taken: choose another one"
    if new:
        if not insert_one(connection, ACCOUNT, values):
            raise NotPossible(taken)
    else:
        owner = select(ACCOUNT.c.id).where(ACCOUNT.c.name == kept.account.name, ACCOUNT.c.id != kept.account.id)
        if connection.execute(owner).first() is not None:
            raise NotPossible(taken)
        if connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == kept.account.id).values(values)).rowcount == 0:
            raise NotPossible(f"there is no account {kept.account.id!r} any more")
    audit.record(connection, deed)


def looked(connection: Connection, account_id: str, at: datetime) -> None:
    connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(last_looked_at=at))
