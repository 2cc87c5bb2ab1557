"""Answers that are kept under idempotency keys, so that a request which is sent again does nothing again."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from deliverwatch.flows.access_ports import KeptAnswer
from deliverwatch.store.access_tables import KeptAnswerRow
from deliverwatch.store.dialect import insert_one
from deliverwatch.store.mapping import access as mapping
from deliverwatch.store.tables import table_of

ANSWER = table_of(KeptAnswerRow)


def begin(connection: Connection, who: str, key: str, request_digest: str, at: datetime) -> KeptAnswer | None:
    taken = {"who": who, "key": key, "request_digest": request_digest}
    if insert_one(connection, ANSWER, {**taken, "status": None, "headers": {}, "body": b"", "at": at}):
        return None
    row = connection.execute(select(ANSWER).where(ANSWER.c.who == who, ANSWER.c.key == key)).first()
    return mapping.answer(row) if row is not None else None


def keep(connection: Connection, who: str, key: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
    answered = {"status": status, "headers": dict(headers), "body": body}
    connection.execute(update(ANSWER).where(ANSWER.c.who == who, ANSWER.c.key == key).values(answered))


def drop(connection: Connection, who: str, key: str) -> None:
    connection.execute(delete(ANSWER).where(ANSWER.c.who == who, ANSWER.c.key == key))


def prune(connection: Connection, before: datetime) -> None:
    connection.execute(delete(ANSWER).where(ANSWER.c.at < before))
