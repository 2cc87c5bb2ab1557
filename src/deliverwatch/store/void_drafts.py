"""Requests about listings that never were.

A list that lied must not be written to: in the transaction that finds a listing void, whatever request is about it and
about nothing that still goes on is closed, whether it waits for a person or was sent. Who has it before them is told so
by the version that has moved on. One that is about something else too is the flow's to renew, without what was void.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from deliverwatch.core.events import Ending
from deliverwatch.core.remediation.draft import PROGRAM, UNDER_WAY, Action, Draft, DraftState, DraftStep
from deliverwatch.store import drafts
from deliverwatch.store.delivery_tables import ProviderEpisodeRow
from deliverwatch.store.dialect import select_in
from deliverwatch.store.mapping import drafts as mapping
from deliverwatch.store.remediation_tables import DraftEpisodeRow, DraftRow
from deliverwatch.store.tables import ListingRow, table_of

ABOUT = table_of(DraftEpisodeRow)
BLOCK = table_of(ProviderEpisodeRow)
DRAFT = table_of(DraftRow)
LISTING = table_of(ListingRow)

_ALL_VOID = "void: the list lied, there never was a listing"
_PARTLY_VOID = "void in part: the list lied about some of it, and the rest is over"
_WAS_SENT = "the request was about a listing that never was: tell the addressee, if it is still open there"


def close(connection: Connection, listing_keys: Collection[str], at: datetime) -> None:
    """`listing_keys`: of void listings, written as such already."""
    concerned = _concerned(connection, listing_keys)
    keys = {key for draft in concerned for key in draft.episodes}
    going_on, void = _going_on(connection, keys), _void(connection, keys)
    for draft in concerned:
        if going_on.isdisjoint(draft.episodes):
            _close(connection, draft, at, _why(draft, void))


def _concerned(connection: Connection, listing_keys: Collection[str]) -> list[Draft]:
    """Locked: nobody moves them until it is settled what becomes of them."""
    ids = {row.draft_id for row in select_in(connection, select(ABOUT), ABOUT.c.episode_key, listing_keys)}
    unfinished = select(DRAFT).where(DRAFT.c.state != str(DraftState.CLOSED)).order_by(DRAFT.c.id).with_for_update()
    return [mapping.draft(row) for row in select_in(connection, unfinished, DRAFT.c.id, ids)]


def _going_on(connection: Connection, keys: Collection[str]) -> set[str]:
    found = set()
    for table in (LISTING, BLOCK):
        is_open = select(table.c.key).where(table.c.closed_at.is_(None))
        found |= {row.key for row in select_in(connection, is_open, table.c.key, keys)}
    return found


def _void(connection: Connection, keys: Collection[str]) -> set[str]:
    void = select(LISTING.c.key).where(LISTING.c.ended == str(Ending.VOID))
    return {row.key for row in select_in(connection, void, LISTING.c.key, keys)}


def _why(draft: Draft, void: set[str]) -> str:
    why = _ALL_VOID if void.issuperset(draft.episodes) else _PARTLY_VOID
    return f"{why}; {_WAS_SENT}" if draft.state in UNDER_WAY else why


def _close(connection: Connection, draft: Draft, at: datetime, why: str) -> None:
    closed = replace(
        draft,
        state=DraftState.CLOSED,
        note=why,
        changed_at=at,
        follow_up_at=None,
        version=draft.version + 1,
    )
    drafts.move(connection, closed, DraftStep(at, DraftState.CLOSED, PROGRAM, why, Action.CLOSED))
