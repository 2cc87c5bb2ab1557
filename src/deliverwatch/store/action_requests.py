"""What customers were asked, and what they said: written with the step of the draft that needs it, answered once."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, update

from deliverwatch.core.alerting import Notification
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.remediation.customer_word import ActionRequest
from deliverwatch.core.remediation.draft import Draft, DraftStep
from deliverwatch.core.visible import visible
from deliverwatch.store import drafts, practice
from deliverwatch.store.drafts import Contents
from deliverwatch.store.mapping import practice as mapping
from deliverwatch.store.remediation_tables import ActionRequestRow
from deliverwatch.store.tables import table_of

REQUEST = table_of(ActionRequestRow)

_ANSWER = ("answers", "answer_language", "answered_at", "answered_by", "kept_by")


def add(
    connection: Connection,
    request: ActionRequest,
    draft: Draft,
    step: DraftStep,
    notifications: Sequence[Notification],
    contents: Contents | None,
) -> None:
    drafts.move(connection, draft, step, notifications, contents)
    connection.execute(insert(REQUEST), mapping.action_request_values(request))
    practice.told(connection, request.advice, request.asked_at)


def answer(
    connection: Connection,
    request: ActionRequest,
    draft: Draft,
    step: DraftStep,
    notifications: Sequence[Notification],
    contents: Contents | None,
) -> None:
    drafts.move(connection, draft, step, notifications, contents)
    values = mapping.action_request_values(request)
    unanswered = update(REQUEST).where(REQUEST.c.id == request.id, REQUEST.c.answered_at.is_(None))
    if connection.execute(unanswered.values({name: values[name] for name in _ANSWER})).rowcount == 0:
        raise NotPossible(_why_not(connection, request.id))


def _why_not(connection: Connection, request_id: str) -> str:
    row = connection.execute(select(REQUEST).where(REQUEST.c.id == request_id)).first()
    if row is None:
        return f"there is no action request {visible(request_id, 80)}"
    by = visible(row.answered_by or "somebody", 80)
    return f"action request {request_id} was answered already, by {by} at {row.answered_at:%Y-%m-%d %H:%M} UTC"


def requests(connection: Connection, customer: str | None) -> list[ActionRequest]:
    """Newest first."""
    statement = select(REQUEST).order_by(REQUEST.c.asked_at.desc(), REQUEST.c.id)
    if customer is not None:
        statement = statement.where(REQUEST.c.customer == customer)
    return [mapping.action_request(row) for row in connection.execute(statement)]
