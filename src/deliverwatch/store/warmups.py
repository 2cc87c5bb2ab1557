"""Warm-ups: one open run for an address, written by one at a time.

Who writes a run says which version they read. The first of two raises it, and the second writes nothing: neither a day
judged from what has changed since, nor an act of a person who has not seen it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from sqlalchemy import Connection, Text, cast, exists, func, insert, or_, select, update

from deliverwatch.core.alerting import Notification
from deliverwatch.core.errors import FenceLost, NotPossible
from deliverwatch.core.events import Event
from deliverwatch.core.warmup.run import HoldChanges, WarmupRun, WarmupStep
from deliverwatch.core.warmup.status import WarmupDay
from deliverwatch.flows.warmup_ports import PlanVersion, WarmupChanges, WarmupsOvertaken
from deliverwatch.store import episodes, warmup_holds
from deliverwatch.store.dialect import insert_one, select_in, upsert
from deliverwatch.store.mapping import warmups as mapping
from deliverwatch.store.tables import table_of
from deliverwatch.store.warmup_tables import WarmupDayRow, WarmupPlanVersionRow, WarmupRunRow, WarmupStepRow

DAY = table_of(WarmupDayRow)
PLAN = table_of(WarmupPlanVersionRow)
RUN = table_of(WarmupRunRow)
STEP = table_of(WarmupStepRow)

T = TypeVar("T", WarmupDay, WarmupStep)

_OTHER_PLAN, _OTHER_DAY, _OTHER_RUN = PLAN.alias(), DAY.alias(), RUN.alias()
_NEWEST_PLAN = select(func.max(_OTHER_PLAN.c.version)).where(_OTHER_PLAN.c.run_id == RUN.c.id).scalar_subquery()
_NEWEST_DAY = select(func.max(_OTHER_DAY.c.day)).where(_OTHER_DAY.c.run_id == RUN.c.id).scalar_subquery()

_RUNS = (
    select(RUN, PLAN.c.plan, PLAN.c.version.label("plan_version"), PLAN.c.hash.label("plan_hash"))
    .select_from(RUN)
    .join(PLAN, (PLAN.c.run_id == RUN.c.id) & (PLAN.c.version == _NEWEST_PLAN))
    .order_by(RUN.c.ip, RUN.c.created_at.desc(), RUN.c.id)
)
_DAY = (DAY.c.run_id, DAY.c.digest, *(cast(DAY.c[name], Text).label(name) for name in ("result", "providers")))
"""JSON as text, so that what was read before is told before it is read again."""
_DAYS = select(*_DAY).order_by(DAY.c.run_id, DAY.c.day)
_LAST_DAYS = select(*_DAY).select_from(RUN).join(DAY, (DAY.c.run_id == RUN.c.id) & (DAY.c.day == _NEWEST_DAY))
_STEPS = select(STEP).order_by(STEP.c.id)


def add(connection: Connection, changes: WarmupChanges) -> None:
    run = changes.run
    assert changes.agreed is not None, "a run begins with a baseline"
    if not insert_one(connection, RUN, mapping.run_values(run)):
        raise NotPossible(f"{run.ip} is being warmed up already: finish that run before another one begins")
    _write(connection, changes)


def commit(connection: Connection, changes: WarmupChanges) -> None:
    if not _is_mine(connection, changes.run):
        ip = changes.run.ip
        raise FenceLost(f"the warm-up of {ip} was written by somebody else meanwhile: this result is discarded")
    _write(connection, changes)


def commit_all(
    connection: Connection,
    changes: Iterable[WarmupChanges],
    events: Sequence[Event],
    notifications: Sequence[Notification],
) -> None:
    """In the order of their ids, so that two transactions lock rows in the same one."""
    ordered = sorted(changes, key=lambda each: each.run.id)
    overtaken = [each.run.id for each in ordered if not _is_mine(connection, each.run)]
    if overtaken:
        raise WarmupsOvertaken(overtaken)
    for each in ordered:
        _write(connection, each)
    episodes.record(connection, events, notifications)


def _is_mine(connection: Connection, run: WarmupRun) -> bool:
    """Raises its version. False when it was written since it was read. One that is to be open again is not, beside
    another of its IP that was begun meanwhile."""
    as_read = update(RUN).where(RUN.c.id == run.id, RUN.c.version == run.version)
    if run.ended is None:
        of_ip = _OTHER_RUN.c.ip == run.ip, _OTHER_RUN.c.ended.is_(None), _OTHER_RUN.c.id != run.id
        as_read = as_read.where(~exists().where(*of_ip))
    written = mapping.run_values(replace(run, version=run.version + 1))
    return connection.execute(as_read.values(written)).rowcount > 0


def _write(connection: Connection, changes: WarmupChanges) -> None:
    if changes.agreed is not None:
        connection.execute(insert(PLAN), mapping.plan_version_values(changes.agreed))
    upsert(connection, DAY, [mapping.day_values(day) for day in changes.days])
    if changes.steps:
        connection.execute(insert(STEP), [mapping.step_values(step) for step in changes.steps])
    warmup_holds.write_holds(connection, HoldChanges(tuple(changes.holds)))
    warmup_holds.release(connection, changes.run.id, changes.released or {})
    episodes.record(connection, changes.events, changes.notifications)


def runs(connection: Connection, open_only: bool, ended_since: date | None, ip: str | None) -> list[WarmupRun]:
    statement = _RUNS
    if open_only:
        is_open = RUN.c.ended.is_(None)
        lately = RUN.c.ended_on >= ended_since if ended_since is not None else None
        statement = statement.where(is_open if lately is None else or_(is_open, lately))
    if ip is not None:
        statement = statement.where(RUN.c.ip == ip)
    return [mapping.run(row) for row in connection.execute(statement)]


def days(connection: Connection, run_ids: Collection[str], since: date | None) -> dict[str, list[WarmupDay]]:
    statement = _DAYS if since is None else _DAYS.where(DAY.c.day >= since)
    return _by_run(mapping.day(row) for row in select_in(connection, statement, DAY.c.run_id, run_ids))


def last_days(connection: Connection, run_ids: Collection[str]) -> dict[str, WarmupDay]:
    rows = select_in(connection, _LAST_DAYS, RUN.c.id, run_ids)
    return {row.run_id: mapping.day(row) for row in rows}


def steps(connection: Connection, run_ids: Collection[str]) -> dict[str, list[WarmupStep]]:
    return _by_run(mapping.step(row) for row in select_in(connection, _STEPS, STEP.c.run_id, run_ids))


def plans(connection: Connection, run_id: str) -> list[PlanVersion]:
    statement = select(PLAN).where(PLAN.c.run_id == run_id).order_by(PLAN.c.version)
    return [mapping.plan_version(row) for row in connection.execute(statement)]


def _by_run(of_runs: Iterable[T]) -> dict[str, list[T]]:
    """In the order they came in."""
    found: dict[str, list[T]] = defaultdict(list)
    for each in of_runs:
        found[each.run_id].append(each)
    return dict(found)
