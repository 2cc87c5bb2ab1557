"""The hours of some senders alone, and sums over all: what is judged would else load all that was ever counted."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Select, cast, func, or_, select

from deliverwatch.core.delivery import FactCounts, FactKey, ReplyCounts, ReplyKey
from deliverwatch.core.mail_share import Attempts
from deliverwatch.core.reply import ReplyClass
from deliverwatch.store.delivery_tables import FactHourRow, ReplyHourRow
from deliverwatch.store.mapping import delivery as mapping
from deliverwatch.store.tables import table_of

FACT = table_of(FactHourRow)
REPLY = table_of(ReplyHourRow)

_AT_ONCE = 300
"""Names in one question: each stands in it up to three times, and older libraries of SQLite take 999 values."""


def sum_of(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """PostgreSQL would make a decimal number of it. NULL of nothing but NULL: not measured."""
    return cast(func.sum(column), BigInteger)


_SENDER = (FACT.c.ip, FACT.c.domain, FACT.c.provider)
_SUMS = (sum_of(FACT.c[name]) for name in ("attempted", "delivered", "deferred", "complaints"))
_ATTEMPTS = select(*_SENDER, *_SUMS, FACT.c.source).group_by(*_SENDER, FACT.c.source)
_HOURS = select(*(FACT.c[name] for name in (*FactKey._fields, *FactCounts._fields)))


def verdicts(
    connection: Connection,
    since: datetime,
    until: datetime | None,
    classes: Collection[ReplyClass],
    names: Collection[str] | None,
) -> list[tuple[ReplyKey, ReplyCounts]]:
    """Each once, by whichever of its names it is found."""
    wanted = REPLY.c.reply_class.in_(sorted(map(str, classes)))
    statement = _within(select(REPLY).where(wanted), REPLY.c.hour_at, since, until).order_by(*REPLY.primary_key)
    if names is None:
        return [mapping.reply(row) for row in connection.execute(statement)]
    found: dict[ReplyKey, ReplyCounts] = {}
    for some in _portions(sorted(names)):
        named = or_(REPLY.c.ip.in_(some), REPLY.c.domain.in_(some), REPLY.c.subject.in_(some))
        found |= (mapping.reply(row) for row in connection.execute(statement.where(named)))
    return sorted(found.items(), key=lambda reply: (reply[0].hour_at, reply[0]))


def of_senders(
    connection: Connection, since: datetime, until: datetime | None, names: Collection[str]
) -> list[tuple[FactKey, FactCounts]]:
    """Each hour once, whether it is found by its address, its domain or both."""
    found: dict[FactKey, FactCounts] = {}
    for some in _portions(sorted(names)):
        named = or_(FACT.c.ip.in_(some), FACT.c.domain.in_(some))
        statement = _within(_HOURS.where(named), FACT.c.hour_at, since, until)
        found |= (mapping.fact(row) for row in connection.execute(statement))
    return sorted(found.items(), key=lambda fact: (fact[0].hour_at, fact[0]))


def attempts(connection: Connection, since: datetime, until: datetime) -> list[Attempts]:
    return [Attempts._make(row) for row in connection.execute(_within(_ATTEMPTS, FACT.c.hour_at, since, until))]


def _within(statement: Select[Any], at: Column[Any], since: datetime, until: datetime | None) -> Select[Any]:
    statement = statement.where(at >= since)
    return statement if until is None else statement.where(at < until)


def _portions(names: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
