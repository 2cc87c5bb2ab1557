"""Answers that are kept under idempotency keys, so that a request which is sent again does nothing again.

A process that was killed in mid-work answers no more. Its key is taken over when it has been silent for long enough,
by the same request alone; should it live after all, what it keeps then is no answer to the key any more.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from deliverwatch.flows.access_ports import WORKED_ON_FOR, KeptAnswer
from deliverwatch.store.access_tables import KeptAnswerRow
from deliverwatch.store.dialect import insert_one
from deliverwatch.store.mapping import access as mapping
from deliverwatch.store.tables import table_of

ANSWER = table_of(KeptAnswerRow)


def begin(connection: Connection, who: str, key: str, request_digest: str, at: datetime) -> KeptAnswer | None:
    taken = {"who": who, "key": key, "request_digest": request_digest}
    if insert_one(connection, ANSWER, {**taken, "status": None, "headers": {}, "body": b"", "at": at}):
        return None
    mine = and_(ANSWER.c.who == who, ANSWER.c.key == key)
    silent = and_(ANSWER.c.status.is_(None), ANSWER.c.at <= at - WORKED_ON_FOR)
    taken_over = update(ANSWER).where(mine, silent, ANSWER.c.request_digest == request_digest).values(at=at)
    if connection.execute(taken_over).rowcount:
        return None
    row = connection.execute(select(ANSWER).where(mine)).first()
    return mapping.answer(row) if row is not None else None


def keep(
    connection: Connection,
    who: str,
    key: str,
    begun_at: datetime,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
) -> None:
    answered = {"status": status, "headers": dict(headers), "body": body}
    connection.execute(update(ANSWER).where(_begun(who, key, begun_at)).values(answered))


def drop(connection: Connection, who: str, key: str, begun_at: datetime) -> None:
    connection.execute(delete(ANSWER).where(_begun(who, key, begun_at)))


def _begun(who: str, key: str, at: datetime) -> ColumnElement[bool]:
    return and_(ANSWER.c.who == who, ANSWER.c.key == key, ANSWER.c.at == at)


def prune(connection: Connection, before: datetime) -> None:
    connection.execute(delete(ANSWER).where(ANSWER.c.at < before))
