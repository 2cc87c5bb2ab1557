"""Drafts: an episode is led on by one of them, each is moved by one at a time, every step is kept.

Who moves a draft says which version they read. The first of two raises it, and the second writes nothing. What the
rest of the world is told of a step is owed from the moment the step is there, and of one draft in the order of its
steps.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from deliverwatch.core.alerting import Notification
from deliverwatch.core.errors import DraftChanged
from deliverwatch.core.remediation.draft import Draft, DraftState, DraftStep
from deliverwatch.store import outbox
from deliverwatch.store.dialect import insert_into, insert_one
from deliverwatch.store.mapping import drafts as mapping
from deliverwatch.store.remediation_tables import DraftEpisodeRow, DraftRow, DraftStepRow
from deliverwatch.store.tables import table_of

ABOUT = table_of(DraftEpisodeRow)
DRAFT = table_of(DraftRow)
STEP = table_of(DraftStepRow)

Contents = Mapping[str, bytes]


def add(
    connection: Connection,
    draft: Draft,
    step: DraftStep,
    notifications: Sequence[Notification],
    contents: Contents | None,
) -> bool:
    with connection.begin_nested() as attempt:
        if not insert_one(connection, DRAFT, mapping.draft_values(draft)) or not _take_up(
            connection, draft, draft.episodes, leads=draft.follow_up_of is None
        ):
            attempt.rollback()
            return False
    _keep_step(connection, draft, step, notifications, contents)
    return True


def move(
    connection: Connection,
    draft: Draft,
    step: DraftStep,
    notifications: Sequence[Notification] = (),
    contents: Contents | None = None,
    release: bool = False,
) -> None:
    as_read = update(DRAFT).where(DRAFT.c.id == draft.id, DRAFT.c.version == draft.version - 1)
    if connection.execute(as_read.values(mapping.draft_values(draft))).rowcount == 0:
        raise DraftChanged(f"draft {draft.id} was changed by somebody else meanwhile: look at it again")
    _follow_episodes(connection, draft, leads=draft.follow_up_of is None and not release)
    if release:
        connection.execute(update(ABOUT).where(ABOUT.c.draft_id == draft.id).values(leads=False))
    _keep_step(connection, draft, step, notifications, contents)


def _follow_episodes(connection: Connection, draft: Draft, leads: bool) -> None:
    """What it is about no longer, it leads on no longer."""
    known = set(connection.execute(select(ABOUT.c.episode_key).where(ABOUT.c.draft_id == draft.id)).scalars())
    if gone := known - set(draft.episodes):
        of_draft = ABOUT.c.draft_id == draft.id
        connection.execute(delete(ABOUT).where(of_draft, ABOUT.c.episode_key.in_(sorted(gone))))
    if not _take_up(connection, draft, set(draft.episodes) - known, leads=leads):
        raise DraftChanged(f"draft {draft.id} cannot take up what another draft leads on meanwhile: look at it again")


def _take_up(connection: Connection, draft: Draft, keys: Collection[str], leads: bool) -> bool:
    """False when another draft leads on one of them. In one order for all, so that of two neither waits for the
    other."""
    rows = [{"draft_id": draft.id, "episode_key": key, "leads": leads} for key in sorted(set(keys))]
    if not rows:
        return True
    statement = insert_into(connection, ABOUT).on_conflict_do_nothing().returning(ABOUT.c.episode_key)
    return len(connection.execute(statement, rows).all()) == len(rows)


def _keep_step(
    connection: Connection,
    draft: Draft,
    step: DraftStep,
    notifications: Sequence[Notification],
    contents: Contents | None,
) -> None:
    connection.execute(insert(STEP), mapping.step_values(draft.id, step))
    tell(connection, draft.id, notifications, contents)


def tell(
    connection: Connection, draft_id: str, notifications: Sequence[Notification], contents: Contents | None
) -> None:
    """In the order of the draft's steps."""
    for each in notifications:
        outbox.add_in_thread(connection, each, draft_id, (contents or {}).get(each.id))


def drafts(
    connection: Connection, customer: str | None, states: Collection[DraftState], since: datetime | None
) -> list[Draft]:
    """Newest first."""
    statement = select(DRAFT).order_by(DRAFT.c.created_at.desc(), DRAFT.c.id)
    if customer is not None:
        statement = statement.where(DRAFT.c.customer == customer)
    if states:
        statement = statement.where(DRAFT.c.state.in_(sorted(map(str, states))))
    if since is not None:
        statement = statement.where(DRAFT.c.changed_at >= since)
    return [mapping.draft(row) for row in connection.execute(statement)]


def find(connection: Connection, draft_id: str) -> Draft | None:
    row = connection.execute(select(DRAFT).where(DRAFT.c.id == draft_id)).first()
    return mapping.draft(row) if row is not None else None


def steps(connection: Connection, draft_id: str) -> list[DraftStep]:
    """Oldest first."""
    statement = select(STEP).where(STEP.c.draft_id == draft_id).order_by(STEP.c.id)
    return [mapping.step(row) for row in connection.execute(statement)]
