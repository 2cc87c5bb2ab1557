"""Drafts: one per episode, moved by one person at a time, every step kept."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from deliverwatch.core.errors import NotPossible
from deliverwatch.core.remediation import Draft, DraftState, DraftStep
from deliverwatch.store.dialect import insert_one, select_in
from deliverwatch.store.mapping import drafts as mapping
from deliverwatch.store.tables import DraftRow, DraftStepRow, table_of

DRAFT = table_of(DraftRow)
STEP = table_of(DraftStepRow)


def add(connection: Connection, draft: Draft, step: DraftStep) -> bool:
    if not insert_one(connection, DRAFT, mapping.draft_values(draft)):
        return False
    connection.execute(insert(STEP), mapping.step_values(draft.id, step))
    return True


def move(connection: Connection, draft: Draft, step: DraftStep) -> None:
    statement = update(DRAFT).where(DRAFT.c.id == draft.id, DRAFT.c.version == draft.version - 1)
    if connection.execute(statement.values(mapping.draft_values(draft))).rowcount == 0:
        raise NotPossible(f"draft {draft.id} was changed by somebody else meanwhile: look at it again")
    connection.execute(insert(STEP), mapping.step_values(draft.id, step))


def close_waiting(connection: Connection, listing_keys: Collection[str], at: datetime, why: str) -> None:
    """Those of some episodes that wait for a person, who is told so by the version that has moved on."""
    waiting = select(DRAFT).where(DRAFT.c.state.in_([str(DraftState.PREPARED), str(DraftState.PULLED)]))
    for row in select_in(connection, waiting, DRAFT.c.listing_key, listing_keys):
        found = mapping.draft(row)
        closed = replace(found, state=DraftState.CLOSED, note=why, version=found.version + 1)
        move(connection, closed, DraftStep(at, DraftState.CLOSED, "deliverwatch", why))


def drafts(connection: Connection, customer: str | None, state: DraftState | None) -> list[Draft]:
    """Newest first."""
    statement = select(DRAFT).order_by(DRAFT.c.created_at.desc(), DRAFT.c.id)
    if customer is not None:
        statement = statement.where(DRAFT.c.customer == customer)
    if state is not None:
        statement = statement.where(DRAFT.c.state == str(state))
    return [mapping.draft(row) for row in connection.execute(statement)]


def find(connection: Connection, draft_id: str) -> Draft | None:
    row = connection.execute(select(DRAFT).where(DRAFT.c.id == draft_id)).first()
    return mapping.draft(row) if row is not None else None


def steps(connection: Connection, draft_id: str) -> list[DraftStep]:
    """Oldest first."""
    statement = select(STEP).where(STEP.c.draft_id == draft_id).order_by(STEP.c.id)
    return [mapping.step(row) for row in connection.execute(statement)]
