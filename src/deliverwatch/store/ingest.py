"""One batch of sending data, in one transaction: what it counts, and all that keeps it from being counted twice.

What another worker may have done meanwhile is asked first, so that a batch which is too late writes nothing.
"""

from datetime import datetime

from sqlalchemy import Connection, delete

from deliverwatch.flows.delivery_ports import IngestBatch
from deliverwatch.store import facts, file_progress, look_requests, raw_bodies, seen_events, source_states


def commit(connection: Connection, batch: IngestBatch) -> None:
    """Raises FenceLost or AlreadySeen."""
    if batch.progress is not None:
        file_progress.advance(connection, batch.progress, batch.read)
    if batch.raw_id is not None:
        raw_bodies.done(connection, batch.raw_id)
    seen_events.add(connection, batch.space, batch.event_ids, batch.at.date())
    facts.write(connection, batch)
    source_states.ingested(connection, batch)
    look_requests.add(connection, batch.look_requests, batch.at)


def prune(connection: Connection, raw_before: datetime, ids_before: datetime, facts_before: datetime) -> None:
    """How far files were read is never forgotten: one of them could lie there still."""
    raw_bodies.prune(connection, raw_before)
    seen_events.prune(connection, ids_before.date())
    connection.execute(delete(facts.SIGNAL).where(facts.SIGNAL.c.day < facts_before.date()))
    for column in (
        facts.FACT.c.hour_at,
        facts.REPLY.c.hour_at,
        facts.MEASURE.c.starts_at,
        facts.CLUSTER.c.last_at,
        source_states.SENDER.c.last_at,
    ):
        connection.execute(delete(column.table).where(column < facts_before))
