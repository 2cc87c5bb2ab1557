"""Notifications."""

from typing import Any

from deliverwatch.core.alerting import Audience, Notification, NotificationState, Told
from deliverwatch.core.events import EventKind
from deliverwatch.flows.ports import OutboxLine
from deliverwatch.store.mapping.rows import AnyRow


def notification(row: AnyRow) -> Notification:
    corrects = Told(row.corrects_message_id, row.corrects_at) if row.corrects_message_id is not None else None
    return Notification(
        id=row.id,
        message_id=row.message_id,
        audience=Audience(row.audience),
        channel=row.channel,
        recipient=row.recipient,
        customers=tuple(row.customers),
        created_at=row.created_at,
        event_key=row.event_key,
        report_id=row.report_id,
        not_before=row.not_before,
        corrects=corrects,
        because=row.because,
        digest_at=row.digest_at,
        about=row.about,
    )


def notification_values(value: Notification, thread: str | None, content: bytes | None) -> dict[str, Any]:
    """As it enters the outbox: due at once, or when it may be sent, or part of a digest."""
    collected = value.digest_at is not None
    return {
        "id": value.id,
        "message_id": value.message_id,
        "audience": str(value.audience),
        "channel": value.channel,
        "recipient": value.recipient,
        "customers": list(value.customers),
        "created_at": value.created_at,
        "event_key": value.event_key,
        "report_id": value.report_id,
        "thread": thread,
        "state": str(NotificationState.COLLECTED if collected else NotificationState.PENDING),
        "attempts": 0,
        "next_attempt_at": None if collected else value.not_before or value.created_at,
        "sent_at": None,
        "last_error": None,
        "content": content,
        "not_before": value.not_before,
        "corrects_message_id": value.corrects.message_id if value.corrects else None,
        "corrects_at": value.corrects.at if value.corrects else None,
        "because": value.because,
        "digest_at": value.digest_at,
        "about": value.about,
        "settled_at": None,
        "failures": 0,
    }


def outbox_line(row: AnyRow) -> OutboxLine:
    state = NotificationState(row.state)
    return OutboxLine(
        notification=notification(row),
        state=state,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at if state is NotificationState.PENDING else None,
        sent_at=row.sent_at,
        last_error=row.last_error,
        event_kind=EventKind(row.event_kind) if row.event_kind is not None else None,
    )
