"""Sessions of browsers, and what was tried to begin one."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from deliverwatch.core.audit import Deed
from deliverwatch.flows.access_ports import KeptAccount, Session
from deliverwatch.store import audit
from deliverwatch.store.access_tables import AccountRow, KnownAddressRow, SignInFailureRow, WebSessionRow
from deliverwatch.store.dialect import upsert
from deliverwatch.store.mapping import access as mapping
from deliverwatch.store.tables import table_of

ACCOUNT = table_of(AccountRow)
FAILURE = table_of(SignInFailureRow)
KNOWN = table_of(KnownAddressRow)
SESSION = table_of(WebSessionRow)


def start(connection: Connection, session: Session, deed: Deed) -> None:
    connection.execute(insert(SESSION).values(asdict(session)))
    audit.record(connection, deed)


def session(connection: Connection, digest: str) -> tuple[Session, KeptAccount] | None:
    row = connection.execute(select(SESSION).where(SESSION.c.digest == digest)).first()
    if row is None:
        return None
    is_open = (ACCOUNT.c.id == row.account, ACCOUNT.c.disabled_at.is_(None))
    of = connection.execute(select(ACCOUNT).where(*is_open)).first()
    return (mapping.session(row), mapping.account(of)) if of is not None else None


def seen(connection: Connection, digest: str, at: datetime) -> None:
    connection.execute(update(SESSION).where(SESSION.c.digest == digest, SESSION.c.seen_at < at).values(seen_at=at))


def sessions(connection: Connection, account_id: str) -> list[Session]:
    """Newest first."""
    mine = select(SESSION).where(SESSION.c.account == account_id)
    return [mapping.session(row) for row in connection.execute(mine.order_by(SESSION.c.began_at.desc(), SESSION.c.id))]


def end(connection: Connection, account_id: str, session_ids: Sequence[str] | None, deed: Deed) -> int:
    statement = delete(SESSION).where(SESSION.c.account == account_id)
    if session_ids is not None:
        statement = statement.where(SESSION.c.id.in_(session_ids))
    ended = connection.execute(statement).rowcount
    if ended:  # the trail tells of no sign-out that was none
        audit.record(connection, deed)
    return ended


def failed(connection: Connection, name: str, address: str, at: datetime) -> None:
    connection.execute(insert(FAILURE).values(name=name, address=address, at=at))


def failures(connection: Connection, name: str, address: str, since: datetime) -> tuple[list[datetime], list[datetime]]:
    of_name, of_address = (
        list(
            connection.execute(select(FAILURE.c.at).where(same, FAILURE.c.at >= since).order_by(FAILURE.c.at)).scalars()
        )
        for same in (FAILURE.c.name == name, FAILURE.c.address == address)
    )
    return of_name, of_address


def is_known(connection: Connection, name: str, address: str, since: datetime) -> bool:
    known = select(KNOWN.c.at).where(KNOWN.c.name == name, KNOWN.c.address == address, KNOWN.c.at >= since)
    return connection.execute(known).first() is not None


def succeeded(connection: Connection, name: str, address: str, at: datetime) -> None:
    upsert(connection, KNOWN, [{"name": name, "address": address, "at": at}])
    connection.execute(delete(FAILURE).where(FAILURE.c.name == name, FAILURE.c.address == address))


def prune(connection: Connection, sessions_before: datetime, failures_before: datetime, known_before: datetime) -> None:
    connection.execute(delete(SESSION).where(SESSION.c.ends_at < sessions_before))
    connection.execute(delete(FAILURE).where(FAILURE.c.at < failures_before))
    connection.execute(delete(KNOWN).where(KNOWN.c.at < known_before))
