"""Mail by day, summed by the database: a chart needs some hundred numbers, and its hours are many thousands of rows.

Of each hour, sender and mailbox provider the space of sources counts that counted most, as everywhere
(`core.told_twice`); what none of them measured is not known, which is not 0.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, and_, case, func, or_, select

from deliverwatch.flows.desk_ports import MailOfDay
from deliverwatch.store.dialect import day_of
from deliverwatch.store.mapping.rows import AnyRow
from deliverwatch.store.traffic import FACT, sum_of

_COUNTS = ("attempted", "delivered", "deferred", "bounced")


def mail_days(
    connection: Connection, names: Sequence[str], since: datetime, until: datetime, spaces: Mapping[str, str]
) -> list[MailOfDay]:
    if not names:
        return []
    hours = _best(names, since, until, spaces).subquery()
    day = day_of(connection, hours.c.hour_at).label("day")
    sums = (sum_of(hours.c[name]).label(name) for name in _COUNTS)
    statement = select(day, hours.c.provider, *sums).where(hours.c.place == 1).group_by(day, hours.c.provider)
    rows = connection.execute(statement.order_by(day, hours.c.provider))
    return [_mail(row) for row in rows]


def _best(names: Sequence[str], since: datetime, until: datetime, spaces: Mapping[str, str]) -> Select[Any]:
    """What each space counted of an hour; `place` 1: the most."""
    wanted = sorted(set(names))
    sender = case((FACT.c.ip != "", FACT.c.ip), else_=FACT.c.domain)
    space = _space(spaces)
    attempted = sum_of(FACT.c.attempted)
    counted = func.coalesce(attempted, sum_of(FACT.c.delivered), -1)
    one = (FACT.c.hour_at, sender, FACT.c.provider)
    place = func.row_number().over(partition_by=one, order_by=(counted.desc(), space)).label("place")
    counts = (sum_of(FACT.c[name]).label(name) for name in _COUNTS)
    return (
        select(FACT.c.hour_at, FACT.c.provider, *counts, place)
        .where(FACT.c.hour_at >= since, FACT.c.hour_at < until)
        .where(or_(FACT.c.ip.in_(wanted), and_(FACT.c.ip == "", FACT.c.domain.in_(wanted))))
        .group_by(*one, space)
    )


def _space(spaces: Mapping[str, str]) -> ColumnElement[str]:
    shared = {source: space for source, space in sorted(spaces.items()) if source != space}
    return case(shared, value=FACT.c.source, else_=FACT.c.source) if shared else FACT.c.source.cast(String)


def _mail(row: AnyRow) -> MailOfDay:
    on = row.day if isinstance(row.day, date) else date.fromisoformat(row.day)
    return MailOfDay(on, row.provider, row.attempted, row.delivered, row.deferred, row.bounced)
