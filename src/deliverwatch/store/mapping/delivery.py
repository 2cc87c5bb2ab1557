"""Sending data: keys and counts, statements, senders, and where sources stand."""

import hashlib
import zlib
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from deliverwatch.core.delivery import (
    Cluster,
    FactCounts,
    FactKey,
    Measure,
    Rejection,
    ReplyCounts,
    ReplyKey,
    SenderKey,
    Signal,
    SignalName,
)
from deliverwatch.core.reply import ReplyClass
from deliverwatch.flows.delivery_ports import FileProgress, IngestBatch, RawBody, RejectionLine, SeenSender, SourceState
from deliverwatch.store.mapping.rows import AnyRow

_NAMES = ("ip", "provider", "domain", "pool", "campaign", "subaccount")
"""By which mail is counted; empty text in the tables, None in a measure."""
_MEASURED = ("attempted", "delivered", "deferred", "bounced", "complaints")
_FAST = 1


def fact(row: AnyRow) -> tuple[FactKey, FactCounts]:
    """Its columns are in the order of their fields."""
    end = len(FactKey._fields)
    return FactKey._make(row[:end]), FactCounts._make(row[end:])


def fact_values(key: FactKey, counts: FactCounts) -> dict[str, Any]:
    return {**key._asdict(), **counts._asdict()}


def reply(row: AnyRow) -> tuple[ReplyKey, ReplyCounts]:
    key = ReplyKey(
        source=row.source,
        ip=row.ip,
        provider=row.provider,
        domain=row.domain,
        class_=ReplyClass(row.reply_class),
        rule=row.rule,
        list_id=row.list_id,
        subject=row.subject,
        hour_at=row.hour_at,
    )
    return key, ReplyCounts(row.deferred, row.bounced, row.expired, row.sample, row.retries)


def reply_values(key: ReplyKey, counts: ReplyCounts) -> dict[str, Any]:
    values = key._asdict()
    return {**values, "reply_class": str(values.pop("class_")), **counts._asdict()}


def cluster(row: AnyRow) -> Cluster:
    return Cluster(row.template, row.replies, row.looks_like_block, row.first_at, row.last_at)


def cluster_values(value: Cluster) -> dict[str, Any]:
    digest = hashlib.sha256(value.template.encode("utf-8", "surrogatepass")).hexdigest()
    return {"digest": digest, **value._asdict()}


def measure(row: AnyRow) -> Measure:
    names = {name: getattr(row, name) or None for name in _NAMES}
    counts = {name: getattr(row, name) for name in _MEASURED}
    return Measure(row.starts_at, timedelta(seconds=row.lasts_seconds), **names, **counts, as_of=row.as_of)


def measure_values(source: str, value: Measure) -> dict[str, Any]:
    return {
        "source": source,
        "starts_at": value.starts_at,
        "lasts_seconds": value.lasts_for // timedelta(seconds=1),
        **{name: getattr(value, name) or "" for name in _NAMES},
        **{name: getattr(value, name) for name in _MEASURED},
        "as_of": value.as_of,
    }


def measured_fact(source: str, value: Measure) -> tuple[FactKey, FactCounts]:
    """A measure as if it were an hour's count."""
    names = {name: getattr(value, name) or "" for name in _NAMES}
    counts = {name: getattr(value, name) for name in _MEASURED}
    return FactKey(source=source, hour_at=value.starts_at, **names), FactCounts(**counts)


def signal(row: AnyRow) -> Signal:
    return Signal(SignalName(row.name), row.provider, row.subject, row.day, row.value, row.text, row.detail)


def signal_values(source: str, value: Signal) -> dict[str, Any]:
    values = value._asdict()
    return {**values, "name": str(value.name), "day": values.pop("on"), "source": source}


def seen_sender(row: AnyRow) -> SeenSender:
    return SeenSender(SenderKey(row.source, row.role, row.name), row.counted, row.first_at, row.last_at)


def progress(row: AnyRow) -> FileProgress:
    return FileProgress(**{**row._mapping, "inode": int(row.inode) if row.inode is not None else None})


def progress_values(value: FileProgress) -> dict[str, Any]:
    return {
        "source": value.source,
        "head": value.head,
        "head_size": value.head_size,
        "path": value.path,
        "inode": str(value.inode) if value.inode is not None else None,
        "offset": value.offset,
        "digest": value.digest,
        "lines": value.lines,
        "read": value.read,
        "accepted": value.accepted,
        "duplicates": value.duplicates,
        "rejected": value.rejected,
        "at": value.at,
    }


def raw_body(row: AnyRow) -> RawBody:
    return RawBody(row.id, row.source, row.identity, row.received_at, row.headers, zlib.decompress(row.body))


def raw_values(value: RawBody, state: str) -> dict[str, Any]:
    """Without the id, which is the database's to give."""
    return {
        "source": value.source,
        "identity": value.identity,
        "received_at": value.received_at,
        "headers": dict(value.headers),
        "body": zlib.compress(value.body, _FAST),
        "state": state,
    }


def source_state(row: AnyRow) -> SourceState:
    return SourceState(**row._mapping)


def source_values(batch: IngestBatch) -> dict[str, Any]:
    """What a batch adds to what is known of its source; it was read, so nothing is failing."""
    return {
        "source": batch.source,
        "cursor": dict(batch.cursor) if batch.cursor is not None else None,
        "last_ingest_at": batch.at,
        "last_event_at": batch.last_event_at,
        "failed_since": None,
        "failure": None,
        "read": batch.read,
        "accepted": batch.accepted,
        "duplicates": batch.duplicates,
        "rejected": batch.rejected,
    }


def rejection(row: AnyRow) -> RejectionLine:
    return RejectionLine(row.source, row.at, row.origin, row.line, row.why)


def rejection_values(batch: IngestBatch, value: Rejection) -> dict[str, Any]:
    return {"source": batch.source, "at": batch.at, "origin": batch.origin, "line": value.line, "why": value.why}


def rejection_line_values(value: RejectionLine) -> dict[str, Any]:
    return asdict(value)
