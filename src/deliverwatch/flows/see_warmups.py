"""Warm-ups for whoever sees some customers, and not others: the pages and the API ask.

What concerns none of their customers is left out. Of an address that concerns others as well, on a day that is told of,
its state is told and nothing of volumes (`core.warmups_seen`). Who holds what comes from a picture of the inventory
that many questions share: to load it for each would cost more than all the rest.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from deliverwatch.core.inventory import Holdings, Inventory
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.warmup.day import DayState
from deliverwatch.core.warmup.run import WarmupRun
from deliverwatch.core.warmup.status import RunStatus
from deliverwatch.core.warmups_seen import without_others
from deliverwatch.flows.load_days import RunStore, WarmupDesk
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.warmup_ports import RunHistory
from deliverwatch.flows.warmup_statuses import ENDED_SHOWN_FOR, by_place, run_history, statuses_of


class Picture(NamedTuple):
    """Of the inventory as it is now, and who holds what in it."""

    inventory: Inventory
    holdings: Holdings


Seers = Collection[str] | None
"""The customers that somebody sees; None: all, and what is the ESP's own."""


async def statuses_seen(
    store: RunStore, clock: Clock, desk: WarmupDesk, customers: Seers, picture: Picture, *, ended: bool
) -> list[RunStatus]:
    """By customer, pool and IP. `ended`: all that ever were; else those that ended lately at most."""
    runs = await store.warmups(open_only=not ended, ended_since=clock.now().date() - ENDED_SHOWN_FOR)
    return await _statuses(store, clock, desk, customers, picture, runs)


async def waiting_seen(
    store: RunStore, clock: Clock, desk: WarmupDesk, customers: Seers, picture: Picture
) -> list[RunStatus]:
    """Those that are held, or ready to be released. Of the others nothing is loaded but whether they are."""
    runs = await store.warmups(open_only=True)
    ids = [run.id for run in runs]
    held = {hold.run_id for hold in await store.warmup_holds(ids, unreleased=True)}
    held |= {id_ for id_, day in (await store.last_warmup_days(ids)).items() if day.after.gate_holds}
    found = await _statuses(store, clock, desk, customers, picture, [run for run in runs if run.id in held])
    return [each for each in found if each.state in (DayState.HELD, DayState.READY_TO_RELEASE)]


async def _statuses(
    store: RunStore, clock: Clock, desk: WarmupDesk, customers: Seers, picture: Picture, runs: Iterable[WarmupRun]
) -> list[RunStatus]:
    now = clock.now()
    theirs = [run for run in runs if customers is None or _theirs(customers, run, picture.holdings, now)]
    found = sorted(await statuses_of(store, clock, desk, theirs, picture.inventory), key=by_place)
    return [_as_seen(customers, each, picture.holdings, now) for each in found]


async def history_seen(
    store: RunStore, clock: Clock, desk: WarmupDesk, ip: str, customers: Seers, picture: Picture
) -> RunHistory | None:
    """Of the newest run; of an address that concerns others as well its state alone. None: there is none for them."""
    if not await store.warmups(ip=ip):
        return None
    history, now = await run_history(store, clock, desk, ip, picture.inventory), clock.now()
    if customers is not None and not _theirs(customers, history.status.run, picture.holdings, now):
        return None
    subject, days = parse_subject(ip), {day.result.on for day in history.days}
    of_days = {party for on in days for party in picture.holdings.parties(subject, on)}
    seen = _as_seen(customers, history.status, picture.holdings, now, of_days)
    return RunHistory(seen, (), (), ()) if seen.shared else history


def _theirs(customers: Collection[str], run: WarmupRun, holdings: Holdings, now: datetime) -> list[str]:
    """Which of them it concerns today; of an address that nobody has any more, whose it was."""
    today = holdings.parties(parse_subject(run.ip), now.astimezone(ZoneInfo(run.zone)).date())
    return sorted({party for party in today or (run.customer,) if party is not None and party in customers})


def _as_seen(
    customers: Seers, status: RunStatus, holdings: Holdings, now: datetime, of_days: Iterable[str] = ()
) -> RunStatus:
    """`of_days`: whom other days that are told of concern."""
    if customers is None:
        return status
    run, told_of = status.run, [now.astimezone(ZoneInfo(status.run.zone)).date()]
    told_of += [status.judged.on] if status.judged is not None else []
    parties = {*of_days, *(party for on in told_of for party in holdings.parties(parse_subject(run.ip), on))}
    if not {*parties, run.customer} - {*customers, None}:
        return status
    theirs = _theirs(customers, run, holdings, now)
    return without_others(status, run.customer if run.customer in theirs else theirs[0])
