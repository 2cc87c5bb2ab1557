"""Counts by hour, and what sources and receivers state for spans of their own."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Select, or_, select

from deliverwatch.core.delivery import (
    Cluster,
    FactCounts,
    FactKey,
    Measure,
    ReplyCounts,
    ReplyKey,
    Signal,
)
from deliverwatch.flows.delivery_ports import IngestBatch
from deliverwatch.store.delivery_tables import FactHourRow, MeasureRow, ReplyClusterRow, ReplyHourRow, SignalRow
from deliverwatch.store.mapping import delivery as mapping
from deliverwatch.store.merging import Merging, added, earliest, latest, replaced
from deliverwatch.store.tables import table_of

FACT = table_of(FactHourRow)
REPLY = table_of(ReplyHourRow)
CLUSTER = table_of(ReplyClusterRow)
MEASURE = table_of(MeasureRow)
SIGNAL = table_of(SignalRow)

K = TypeVar("K", FactKey, ReplyKey)
V = TypeVar("V")

_MEASURED = ("attempted", "delivered", "deferred", "bounced", "complaints", "as_of")

_ADD_FACTS = Merging(FACT, dict.fromkeys(FactCounts._fields, added))
_ADD_REPLIES = Merging(REPLY, dict.fromkeys(("deferred", "bounced", "expired", "retries"), added))
_ADD_CLUSTERS = Merging(
    CLUSTER, {"replies": added, "looks_like_block": replaced, "first_at": earliest, "last_at": latest}
)
_STATE_MEASURES = Merging(MEASURE, dict.fromkeys(_MEASURED, replaced), unless_newer="as_of")
_STATE_SIGNALS = Merging(SIGNAL, dict.fromkeys(("value", "text", "source"), replaced))
_FACTS = select(*(FACT.c[name] for name in (*FactKey._fields, *FactCounts._fields)))


def write(connection: Connection, batch: IngestBatch) -> None:
    """Keys in their order, so that two workers lock rows in the same one; statements in the order they were made in."""
    _ADD_FACTS.write(connection, [mapping.fact_values(*fact) for fact in _in_order(batch.facts)])
    _ADD_REPLIES.write(connection, [mapping.reply_values(*reply) for reply in _in_order(batch.replies)])
    _ADD_CLUSTERS.write(connection, [mapping.cluster_values(each) for each in sorted(batch.clusters)])
    _STATE_MEASURES.write(connection, [mapping.measure_values(batch.source, each) for each in batch.measures])
    _STATE_SIGNALS.write(connection, [mapping.signal_values(batch.source, each) for each in batch.signals])


def facts(connection: Connection, since: datetime, until: datetime | None) -> list[tuple[FactKey, FactCounts]]:
    """Oldest first, hours before measures."""
    statement = _within(_FACTS, FACT.c.hour_at, since, until)
    hours = [mapping.fact(row) for row in connection.execute(statement)]
    return hours + [mapping.measured_fact(*found) for found in measures(connection, since, until)]


def measures(
    connection: Connection, since: datetime, until: datetime | None = None, name: str | None = None
) -> list[tuple[str, Measure]]:
    statement = _within(select(MEASURE), MEASURE.c.starts_at, since, until)
    if name is not None:
        statement = statement.where(or_(MEASURE.c.ip == name, MEASURE.c.domain == name))
    return [(row.source, mapping.measure(row)) for row in connection.execute(statement)]


def replies(connection: Connection, since: datetime) -> list[tuple[ReplyKey, ReplyCounts]]:
    statement = _within(select(REPLY), REPLY.c.hour_at, since, None)
    return [mapping.reply(row) for row in connection.execute(statement)]


def signals(connection: Connection, since: datetime) -> list[Signal]:
    """Of days that were not over when `since` was."""
    statement = select(SIGNAL).where(SIGNAL.c.day >= since.date()).order_by(*SIGNAL.primary_key)
    return [mapping.signal(row) for row in connection.execute(statement)]


def clusters(connection: Connection, limit: int) -> list[Cluster]:
    order = (CLUSTER.c.looks_like_block.desc(), CLUSTER.c.replies.desc(), CLUSTER.c.digest)
    return [mapping.cluster(row) for row in connection.execute(select(CLUSTER).order_by(*order).limit(limit))]


def _in_order(counts: Mapping[K, V]) -> Iterable[tuple[K, V]]:
    return sorted(counts.items(), key=lambda item: item[0])


def _within(statement: Select[Any], column: Column[Any], since: datetime, until: datetime | None) -> Select[Any]:
    """From `since` on, before `until`, by the whole key."""
    statement = statement.where(column >= since).order_by(*column.table.primary_key)
    return statement if until is None else statement.where(column < until)
