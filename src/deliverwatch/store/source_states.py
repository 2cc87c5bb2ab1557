"""Where sources stand: what was read of each, what could not be, and under which names mail left."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from deliverwatch.flows.delivery_ports import IngestBatch, RejectionLine, SeenSender, SourceState
from deliverwatch.store.delivery_tables import RejectionRow, SeenSenderRow, SourceStateRow
from deliverwatch.store.dialect import Values
from deliverwatch.store.mapping import delivery as mapping
from deliverwatch.store.merging import Merging, added, earliest, first_known, known, latest, replaced
from deliverwatch.store.tables import table_of

REJECTION = table_of(RejectionRow)
SENDER = table_of(SeenSenderRow)
STATE = table_of(SourceStateRow)

MOST_REJECTIONS = 1_000
"""Of one source that are kept: enough to see what is wrong."""

_NOTHING = {"read": 0, "accepted": 0, "duplicates": 0, "rejected": 0}
_COUNTED = dict.fromkeys(_NOTHING, added)
_INGESTED = Merging(
    STATE,
    {
        "cursor": known,
        "last_ingest_at": latest,
        "last_event_at": latest,
        "failed_since": replaced,
        "failure": replaced,
        **_COUNTED,
    },
)
_REFUSED = Merging(STATE, _COUNTED)
_FAILED = Merging(STATE, {"failed_since": first_known, "failure": replaced})
_SEEN = Merging(SENDER, {"counted": added, "first_at": earliest, "last_at": latest})

_TOO_OLD = (
    select(REJECTION.c.id)
    .where(REJECTION.c.source == bindparam("of_source"))
    .order_by(REJECTION.c.id.desc())
    .offset(MOST_REJECTIONS)
    .limit(1)
    .scalar_subquery()
)
_DROP_REJECTIONS = delete(REJECTION).where(REJECTION.c.source == bindparam("of_source"), REJECTION.c.id <= _TOO_OLD)


def ingested(connection: Connection, batch: IngestBatch) -> None:
    _INGESTED.write(connection, [mapping.source_values(batch)])
    newest = batch.rejections[-MOST_REJECTIONS:]
    keep_rejections(connection, batch.source, [mapping.rejection_values(batch, each) for each in newest])
    _see_senders(connection, batch)


def refused(connection: Connection, line: RejectionLine) -> None:
    """One more record of a source, and it cannot be read."""
    _REFUSED.write(connection, [{**_NOTHING, "source": line.source, "read": 1, "rejected": 1}])
    keep_rejections(connection, line.source, [mapping.rejection_line_values(line)])


def failed(connection: Connection, source: str, why: str, at: datetime) -> None:
    """It has been failing since the first time; why, the last one tells."""
    _FAILED.write(connection, [{**_NOTHING, "source": source, "failed_since": at, "failure": why}])


def states(connection: Connection) -> dict[str, SourceState]:
    return {row.source: mapping.source_state(row) for row in connection.execute(select(STATE))}


def keep_rejections(connection: Connection, source: str, rows: Sequence[Values]) -> None:
    if rows:
        connection.execute(insert(REJECTION), rows)
        connection.execute(_DROP_REJECTIONS, {"of_source": source})


def rejections(connection: Connection, source: str | None, limit: int) -> list[RejectionLine]:
    statement = select(REJECTION).order_by(REJECTION.c.id.desc()).limit(limit)
    if source is not None:
        statement = statement.where(REJECTION.c.source == source)
    return [mapping.rejection(row) for row in connection.execute(statement)]


def seen_senders(connection: Connection, since: datetime) -> list[SeenSender]:
    statement = select(SENDER).where(SENDER.c.last_at >= since).order_by(*SENDER.primary_key)
    return [mapping.seen_sender(row) for row in connection.execute(statement)]


def _see_senders(connection: Connection, batch: IngestBatch) -> None:
    """A batch does not say when it saw each: no earlier than its first hour or period, no later than its last event."""
    begins = [*(key.hour_at for key in batch.facts), *(each.starts_at for each in batch.measures)]
    first_at = min(begins, default=batch.last_event_at or batch.at)
    span = {"first_at": first_at, "last_at": batch.last_event_at or batch.at}
    rows = [{**key._asdict(), "counted": count, **span} for key, count in sorted(batch.senders.items())]
    _SEEN.write(connection, rows)
