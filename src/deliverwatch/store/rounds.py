"""Rounds over lists: what is believed before, and everything one round changed, in one transaction.

A round that found nothing new writes one row, `cycle`, and marks its slot; the rest is empty. Statements of every round
are built once: building one takes longer than SQLite takes to run it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, insert, or_, select, update

from deliverwatch.core.alerting import Notification
from deliverwatch.core.coverage import Cycle, Gap
from deliverwatch.core.events import Ending, Event
from deliverwatch.core.flapping import Unstable
from deliverwatch.core.listing import ListingState, Phase, Watch
from deliverwatch.core.subjects import Subject
from deliverwatch.core.warmup.run import HoldChanges
from deliverwatch.core.zone_health import ZoneState
from deliverwatch.flows.ports import RoundLoad, RoundResult
from deliverwatch.store import episodes, holding, ledger
from deliverwatch.store.dialect import insert_new, upsert
from deliverwatch.store.mapping import watches as mapping
from deliverwatch.store.mapping.subjects import subject, watch
from deliverwatch.store.tables import (
    CycleRow,
    ListingRow,
    ListStateRow,
    TransitionRow,
    UnstableWatchRow,
    WatchGapRow,
    WatchStateRow,
    ZoneStateRow,
    table_of,
)
from deliverwatch.store.warmup_holds import write_holds

CYCLE = table_of(CycleRow)
GAP = table_of(WatchGapRow)
LIST = table_of(ListStateRow)
LISTING = table_of(ListingRow)
STATE = table_of(WatchStateRow)
TRANSITION = table_of(TransitionRow)
UNSTABLE = table_of(UnstableWatchRow)
ZONE = table_of(ZoneStateRow)

_LIST_ID: BindParameter[str] = bindparam("of_list")
_WATCH_OF_LISTING = (LISTING.c.subject, LISTING.c.subject_kind)
_ZONES = select(ZONE).where(ZONE.c.list_id == _LIST_ID)
_STATES = select(STATE).where(STATE.c.list_id == _LIST_ID)
_GAPS = select(GAP).where(GAP.c.list_id == _LIST_ID, GAP.c.until.is_(None))
_UNSTABLE = select(UNSTABLE).where(UNSTABLE.c.list_id == _LIST_ID)
_STALE_TOLD = select(LIST.c.stale_told).where(LIST.c.list_id == _LIST_ID)
_VERIFIED_AT = (
    select(CYCLE.c.started_at)
    .where(CYCLE.c.list_id == _LIST_ID, CYCLE.c.full, CYCLE.c.verified)
    .order_by(CYCLE.c.id.desc())
    .limit(2)
)
_OPENINGS = (
    select(*_WATCH_OF_LISTING, func.count().label("openings"))
    .where(LISTING.c.list_id == _LIST_ID, LISTING.c.opened_at >= bindparam("opened_since"))
    .where(or_(LISTING.c.ended.is_(None), LISTING.c.ended != str(Ending.VOID)))
    .group_by(*_WATCH_OF_LISTING)
)
_CYCLE = insert(CYCLE)


def load(connection: Connection, list_id: str, openings_since: datetime) -> RoundLoad:
    of = {"of_list": list_id}
    return RoundLoad(
        zones={row.path: mapping.zone_state(row) for row in connection.execute(_ZONES, of)},
        states={subject(row): mapping.listing_state(row) for row in connection.execute(_STATES, of)},
        gaps={subject(row): mapping.gap(row) for row in connection.execute(_GAPS, of)},
        verified_at=tuple(connection.execute(_VERIFIED_AT, of).scalars()),
        stale_told=bool(_stale_told(connection, list_id)),
        openings={
            subject(row): row.openings for row in connection.execute(_OPENINGS, {**of, "opened_since": openings_since})
        },
        unstable={subject(row): mapping.unstable(row) for row in connection.execute(_UNSTABLE, of)},
    )


def commit(connection: Connection, result: RoundResult) -> None:
    """Raises FenceLost when the slot was claimed by somebody else meanwhile; done once, it does nothing more."""
    cycle = result.cycle
    if not ledger.finish(connection, result.claim, cycle.finished_at):
        return
    connection.execute(_CYCLE, mapping.cycle_values(cycle, result.claim))
    upsert(connection, ZONE, [mapping.zone_values(cycle.list_id, *zone) for zone in result.zones.items()])
    _write_states(connection, {Watch(cycle.list_id, subject): state for subject, state in result.states.items()})
    insert_new(connection, GAP, [mapping.gap_values(gap) for gap in result.gaps_opened])
    _close_gaps(connection, cycle, result.gaps_closed)
    if _stale_told(connection, cycle.list_id) is not result.stale_told:
        upsert(connection, LIST, [{"list_id": cycle.list_id, "stale_told": result.stale_told}])
    _write_unstable(connection, cycle.list_id, result.unstable)
    write_holds(connection, result.holds)
    episodes.record(connection, result.events, result.notifications)
    holding.hold_back(connection, cycle.list_id, result.held_back)
    holding.release(connection, cycle.list_id, result.released, cycle.finished_at)


def commit_endings(
    connection: Connection,
    states: Mapping[Watch, ListingState],
    events: Sequence[Event],
    notifications: Sequence[Notification],
    holds: HoldChanges,
) -> None:
    _write_states(connection, states)
    write_holds(connection, holds)
    episodes.record(connection, events, notifications)


def states(connection: Connection) -> dict[Watch, ListingState]:
    return {watch(row): mapping.listing_state(row) for row in connection.execute(select(STATE))}


def zones(connection: Connection) -> dict[tuple[str, str], ZoneState]:
    return {(row.list_id, row.path): mapping.zone_state(row) for row in connection.execute(select(ZONE))}


def cycles(connection: Connection, since: datetime, until: datetime) -> list[Cycle]:
    statement = select(CYCLE).where(CYCLE.c.started_at >= since, CYCLE.c.started_at < until)
    return [mapping.cycle(row) for row in connection.execute(statement.order_by(CYCLE.c.started_at, CYCLE.c.id))]


def cycles_of(connection: Connection, list_id: str, since: datetime) -> list[Cycle]:
    statement = select(CYCLE).where(CYCLE.c.list_id == list_id, CYCLE.c.started_at >= since)
    return [mapping.cycle(row) for row in connection.execute(statement.order_by(CYCLE.c.started_at, CYCLE.c.id))]


def last_verified(connection: Connection, list_ids: Collection[str]) -> dict[str, datetime]:
    newest = {each: connection.execute(_VERIFIED_AT, {"of_list": each}).scalars().first() for each in list_ids}
    return {list_id: began for list_id, began in newest.items() if began is not None}


def last_cycles(connection: Connection) -> dict[str, Cycle]:
    """By the order of writing: a clock that was ahead once leaves rounds from the future behind."""
    other = CYCLE.alias()
    newest = (
        select(other.c.id)
        .where(other.c.list_id == LIST.c.list_id, other.c.full)
        .order_by(other.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = connection.execute(select(CYCLE).join(LIST, CYCLE.c.id == newest))
    return {row.list_id: mapping.cycle(row) for row in rows}


def gaps(connection: Connection, since: datetime, until: datetime) -> list[Gap]:
    statement = select(GAP).where(GAP.c.since < until, or_(GAP.c.until.is_(None), GAP.c.until > since))
    return [mapping.gap(row) for row in connection.execute(statement.order_by(GAP.c.since, GAP.c.id))]


def _stale_told(connection: Connection, list_id: str) -> bool | None:
    """None: the list was never asked."""
    return connection.execute(_STALE_TOLD, {"of_list": list_id}).scalar()


def _write_states(connection: Connection, states: Mapping[Watch, ListingState]) -> None:
    """Clear is the absence of a row; what becomes clear without ever having had one leaves no trace."""
    if not states:
        return
    before = _phases(connection, {watch.list_id for watch in states})
    moved = [(watch, before.get(watch, Phase.CLEAR), state) for watch, state in states.items()]
    moved = [each for each in moved if (each[1], each[2].phase) != (Phase.CLEAR, Phase.CLEAR)]
    gone = [{"l": watch.list_id, "s": watch.subject.value} for watch, _, state in moved if state.phase is Phase.CLEAR]
    if gone:
        connection.execute(
            delete(STATE).where(STATE.c.list_id == bindparam("l"), STATE.c.subject == bindparam("s")), gone
        )
    upsert(
        connection,
        STATE,
        [mapping.state_values(watch, state) for watch, _, state in moved if state.phase is not Phase.CLEAR],
    )
    if moved:
        connection.execute(insert(TRANSITION), [mapping.transition_values(*each) for each in moved])


def _phases(connection: Connection, lists: Iterable[str]) -> dict[Watch, Phase]:
    columns = (STATE.c.list_id, STATE.c.subject, STATE.c.subject_kind, STATE.c.phase)
    rows = connection.execute(select(*columns).where(STATE.c.list_id.in_(sorted(lists))))
    return {watch(row): Phase(row.phase) for row in rows}


def _write_unstable(connection: Connection, list_id: str, unstable: Mapping[Subject, Unstable | None]) -> None:
    known = [(subject, value) for subject, value in unstable.items() if value is not None]
    upsert(connection, UNSTABLE, [mapping.unstable_values(Watch(list_id, subject), value) for subject, value in known])
    settled = [{"s": subject.value} for subject, value in unstable.items() if value is None]
    if settled:
        connection.execute(
            delete(UNSTABLE).where(UNSTABLE.c.list_id == list_id, UNSTABLE.c.subject == bindparam("s")), settled
        )


def _close_gaps(connection: Connection, cycle: Cycle, subjects: Sequence[Subject]) -> None:
    """The end of the round, by which the conclusive answer was there: never earlier than is known."""
    if subjects:
        statement = update(GAP).where(
            GAP.c.list_id == cycle.list_id, GAP.c.subject == bindparam("s"), GAP.c.until.is_(None)
        )
        connection.execute(statement.values(until=cycle.finished_at), [{"s": subject.value} for subject in subjects])
