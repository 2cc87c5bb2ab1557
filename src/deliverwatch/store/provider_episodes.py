"""Blocks, throttles, findings and warnings, and the likely causes of them and of listings."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select, union_all

from deliverwatch.core.block import Episode, EpisodeEnd, EpisodeKind
from deliverwatch.flows.delivery_ports import CauseWanted, EpisodeChanges
from deliverwatch.store import episodes as events
from deliverwatch.store.delivery_tables import CauseRow, ProviderEpisodeRow
from deliverwatch.store.dialect import upsert
from deliverwatch.store.mapping import provider_episodes as mapping
from deliverwatch.store.mapping.subjects import subject
from deliverwatch.store.tables import ListingRow, table_of
from deliverwatch.store.warmup_holds import write_holds

CAUSE = table_of(CauseRow)
EPISODE = table_of(ProviderEpisodeRow)
LISTING = table_of(ListingRow)

WITH_CAUSE = select(EPISODE, CAUSE.c.facts.label("cause")).outerjoin(CAUSE, CAUSE.c.key == EPISODE.c.key)


def episodes(
    connection: Connection, open_only: bool, kinds: Collection[EpisodeKind], since: datetime | None
) -> list[Episode]:
    statement = WITH_CAUSE.order_by(EPISODE.c.opened_at.desc(), EPISODE.c.key)
    if open_only:
        statement = statement.where(EPISODE.c.closed_at.is_(None))
    if kinds:
        statement = statement.where(EPISODE.c.kind.in_(sorted(map(str, kinds))))
    if since is not None:
        statement = statement.where(or_(EPISODE.c.closed_at.is_(None), EPISODE.c.closed_at > since))
    return [mapping.episode(row) for row in connection.execute(statement)]


def commit(connection: Connection, changes: EpisodeChanges) -> None:
    """An episode is written over what is there of it, its cause only if it has one. What a person ended meanwhile is
    left as it is: who judged had not heard of it."""
    keys = [episode.key for episode in changes.episodes if episode.ended is not EpisodeEnd.BY_HAND]
    by_hand = select(EPISODE.c.key).where(EPISODE.c.ended == str(EpisodeEnd.BY_HAND))
    left = set(connection.execute(by_hand).scalars()) if keys else set()
    ordered = sorted((each for each in changes.episodes if each.key not in left), key=lambda episode: episode.key)
    upsert(connection, EPISODE, [mapping.episode_values(episode) for episode in ordered])
    for episode in ordered:
        if episode.cause is not None:
            keep_cause(connection, episode.key, episode.cause)
    write_holds(connection, changes.holds)
    events.record(connection, changes.events, changes.notifications)


def causes_wanted(connection: Connection, since: datetime) -> list[CauseWanted]:
    """Oldest first: for those the least is remembered soonest."""
    parts = [
        select(table.c.key, table.c.subject, table.c.subject_kind, table.c.opened_at, CAUSE.c.facts)
        .outerjoin(CAUSE, CAUSE.c.key == table.c.key)
        .where(or_(table.c.opened_at >= since, and_(table.c.closed_at.is_(None), CAUSE.c.key.is_(None))))
        for table in (LISTING, EPISODE)
    ]
    parts[1] = parts[1].where(EPISODE.c.kind == str(EpisodeKind.BLOCK))
    wanted = union_all(*parts).subquery()
    rows = connection.execute(select(wanted).order_by(wanted.c.opened_at, wanted.c.key))
    return [CauseWanted(row.key, subject(row), row.opened_at, row.facts) for row in rows]


def keep_cause(connection: Connection, key: str, cause: Mapping[str, Any]) -> None:
    upsert(connection, CAUSE, [{"key": key, "facts": dict(cause)}])


def cause_of(connection: Connection, key: str | None) -> Mapping[str, Any] | None:
    """Of one listing or episode; None: nobody has looked for it yet."""
    row = connection.execute(select(CAUSE.c.facts).where(CAUSE.c.key == key)).first() if key is not None else None
    return row.facts if row is not None else None


def causes(connection: Connection) -> dict[str, Mapping[str, Any]]:
    return {row.key: row.facts for row in connection.execute(select(CAUSE))}
