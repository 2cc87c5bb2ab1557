"""Which of the things that events told of still are so."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inhibition import TROUBLE_STANDS_FOR
from deliverwatch.core.joining import Part, episode_of, part_of
from deliverwatch.core.listing import opening_key
from deliverwatch.store.alert_history import History
from deliverwatch.store.delivery_tables import ProviderEpisodeRow
from deliverwatch.store.dialect import select_in
from deliverwatch.store.mapping.subjects import watch
from deliverwatch.store.tables import (
    ListingRow,
    ListStateRow,
    UnstableWatchRow,
    WatchGapRow,
    WatchStateRow,
    table_of,
)
from deliverwatch.store.warmup_tables import WarmupHoldRow

EPISODE = table_of(ProviderEpisodeRow)
GAP = table_of(WatchGapRow)
HOLD = table_of(WarmupHoldRow)
LIST = table_of(ListStateRow)
LISTING = table_of(ListingRow)
STATE = table_of(WatchStateRow)
UNSTABLE = table_of(UnstableWatchRow)

_OF_HOLDS = (EventKind.WARMUP_HELD, EventKind.WARMUP_READY)


def standing(connection: Connection, events: Collection[Event], history: History, now: datetime) -> frozenset[str]:
    """Episodes that go on, and keys of events without one that still are true."""
    named = {each.key if (episode := episode_of(each)) is None else episode: each for each in events}
    open_ones = _open(connection, named)
    return frozenset(
        name for name, event in named.items() if _stands(connection, name, event, open_ones, history.events, now)
    )


def doubted(connection: Connection, events: Iterable[Event]) -> bool:
    """Whether any of the listings that they tell of may be a lie of its list."""
    return any(_is_doubted(connection, each) for each in events if each.list_id and each.subject is not None)


def _is_doubted(connection: Connection, event: Event) -> bool:
    """A listing that is over is not, though the watch may be listed again."""
    assert event.subject is not None
    known = select(STATE).where(
        STATE.c.list_id == event.list_id, STATE.c.subject == event.subject.value, STATE.c.doubted
    )
    row = connection.execute(known).first()
    return row is not None and opening_key(watch(row), row.opened_at) == episode_of(event)


def _open(connection: Connection, keys: Collection[str]) -> set[str]:
    return {
        row.key
        for table in (LISTING, EPISODE)
        for row in select_in(connection, select(table.c.key).where(table.c.closed_at.is_(None)), table.c.key, keys)
    }


def _stands(
    connection: Connection,
    name: str,
    event: Event,
    open_ones: Collection[str],
    history: Mapping[str, Sequence[Event]],
    now: datetime,
) -> bool:
    match event.kind:
        case EventKind.LISTING_UNSTABLE:
            assert event.subject is not None
            known = select(UNSTABLE.c.since).where(
                UNSTABLE.c.list_id == event.list_id, UNSTABLE.c.subject == event.subject.value
            )
            return connection.execute(known).scalar() == event.at
        case EventKind.LIST_BLIND | EventKind.LIST_FAILING | EventKind.LIST_QUARANTINED | EventKind.CHANNEL_FAILING:
            return _goes_on(history.get(name, ()))
        case EventKind.LIST_STALE:
            return bool(connection.execute(select(LIST.c.stale_told).where(LIST.c.list_id == event.list_id)).scalar())
        case EventKind.WATCHES_STALE:
            since = datetime.fromisoformat(event.facts["since"])
            gaps = select(GAP.c.id).where(GAP.c.list_id == event.list_id, GAP.c.until.is_(None), GAP.c.since == since)
            return connection.execute(gaps.limit(1)).first() is not None
        case EventKind.RESOLVER_TROUBLE:
            return event.at > now - TROUBLE_STANDS_FOR and _goes_on(history.get(name, ()))
    if event.kind in _OF_HOLDS:
        holds = select(HOLD.c.key).where(HOLD.c.run_id == event.facts["run_id"], HOLD.c.released_at.is_(None))
        return connection.execute(holds.limit(1)).first() is not None
    return name in open_ones or part_of(event) is Part.ALONE


def _goes_on(past: Sequence[Event]) -> bool:
    return bool(past) and part_of(past[-1]) is not Part.ENDS
