"""Where all runs stand: the last judged day of each, under the holds and steps of now."""

import ipaddress
from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from deliverwatch.core.errors import NotPossible, unknown_name
from deliverwatch.core.inventory import Holdings, Inventory
from deliverwatch.core.platform import from_facts
from deliverwatch.core.subjects import expand, parse_subject
from deliverwatch.core.warmup.day import DayState
from deliverwatch.core.warmup.days import day_span, hours_of
from deliverwatch.core.warmup.now import status
from deliverwatch.core.warmup.pools import cold_without_overflow, why_over_plan
from deliverwatch.core.warmup.run import Hold, StepKind, WarmupRun, WarmupStep
from deliverwatch.core.warmup.status import RunStatus, WarmupDay
from deliverwatch.core.warmups_seen import concerns_others, without_others
from deliverwatch.flows.load_days import RunStore, WarmupDesk
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.start_warnings import pools_asked_for_overflow
from deliverwatch.flows.warmup_ports import RunHistory

ENDED_SHOWN_FOR = timedelta(days=14)
_DAY = timedelta(days=1)
_RECENT = timedelta(weeks=4)
_Pool = tuple[str | None, str | None]
"""Holder and name."""


async def run_statuses(
    store: RunStore, clock: Clock, desk: WarmupDesk, customer: str | None, ip: str | None, *, ended: bool
) -> list[RunStatus]:
    """By customer, pool and IP. `ended`: all that ever were. `customer`: theirs alone, and of an address that concerns
    others as well what is theirs to know. Raises NotPossible for an unknown customer."""
    inventory, now = await store.inventory(), clock.now()
    runs = await store.warmups(ip=ip)
    if customer is not None:
        runs = _runs_of(customer, runs, inventory, now.date())
    shown = [run for run in runs if ended or run.ended_on is None or now.date() - run.ended_on <= ENDED_SHOWN_FOR]
    found = sorted(await statuses_of(store, clock, desk, shown), key=by_place)
    if customer is None:
        return found
    holdings = inventory.holdings
    return [as_seen_by(customer, each, (), holdings, now) for each in found]


def _runs_of(customer: str, runs: Iterable[WarmupRun], inventory: Inventory, today: date) -> list[WarmupRun]:
    """Of addresses that they hold or share; of one that nobody has any more, theirs whose it was."""
    if inventory.customer(customer) is None:
        raise NotPossible(unknown_name("customer", customer, [each.id for each in inventory.customers]))
    holdings = inventory.holdings
    return [run for run in runs if customer in (holdings.parties(parse_subject(run.ip), today) or (run.customer,))]


def as_seen_by(
    customer: str, status: RunStatus, of_days: Iterable[str], holdings: Holdings, now: datetime
) -> RunStatus:
    """The state is of today, the figures are of the last judged day. `of_days`: whom other days that are told of
    concern."""
    told_of = [now.astimezone(ZoneInfo(status.run.zone)).date()]
    told_of += [status.judged.on] if status.judged is not None else []
    subject = parse_subject(status.run.ip)
    parties = {*of_days, *(party for on in told_of for party in holdings.parties(subject, on))}
    return without_others(status, customer) if concerns_others(status.run, parties, customer) else status


def by_place(each: RunStatus) -> tuple[str, str, int, int, date]:
    address = ipaddress.ip_address(each.run.ip)
    return each.run.customer or "", each.run.pool or "", address.version, int(address), each.run.started_on


async def statuses_of(
    store: RunStore, clock: Clock, desk: WarmupDesk, runs: Collection[WarmupRun], inventory: Inventory | None = None
) -> list[RunStatus]:
    """In their order. `inventory`: that of now, where somebody has it at hand."""
    if not runs:
        return []
    ids, now = [run.id for run in runs], clock.now()
    recent = await store.warmup_days(ids, now.date() - _RECENT)
    older = await store.last_warmup_days([id_ for id_ in ids if id_ not in recent])
    steps = await store.warmup_steps(ids)
    holds: dict[str, list[Hold]] = defaultdict(list)
    for hold in await store.warmup_holds([run.id for run in runs if run.ended is None], unreleased=True):
        holds[hold.run_id].append(hold)
    found = []
    for run in runs:
        days = recent.get(run.id) or [older[run.id]] if run.id in recent or run.id in older else []
        found.append(_status(run, days, holds[run.id], steps.get(run.id, ()), now, desk))
    return await _explained(store, found, now.date(), inventory)


def _status(
    run: WarmupRun,
    days: Sequence[WarmupDay],
    holds: Sequence[Hold],
    steps: Iterable[WarmupStep],
    now: datetime,
    desk: WarmupDesk,
) -> RunStatus:
    today = now.astimezone(ZoneInfo(run.zone)).date()
    judged_until = day_span(days[-1].result.on, run.zone).end if days else datetime.min.replace(tzinfo=now.tzinfo)
    hours = hours_of(day_span(max(today, run.started_on), run.zone))
    steps = list(steps)
    since = [step for step in steps if step.at >= judged_until]
    found = status(run, days, holds, since, today, hours, desk.policy)
    backs = [step for step in steps if step.kind is StepKind.STEPPED_BACK]
    return replace(found, stepped_back=backs[-1] if backs else None)


async def _explained(
    store: RunStore, statuses: list[RunStatus], today: date, inventory: Inventory | None
) -> list[RunStatus]:
    """With what explains a day above plan, as far as it is known. Few are, so that little is loaded."""
    if not any(each.state is DayState.OVER_PLAN for each in statuses):
        return statuses
    told = await store.platform_proposal()
    cold = cold_without_overflow(from_facts(told), pools_asked_for_overflow(told)) if told is not None else ()
    pools: dict[_Pool, list[RunStatus]] = defaultdict(list)
    for each in statuses:
        pools[each.run.customer, each.run.pool].append(each)
    wanted = {(each.run.customer, each.run.pool) for each in statuses if each.state is DayState.OVER_PLAN}
    members = _members(inventory or await store.inventory(), today, wanted)
    explained = []
    for each in statuses:
        pool = each.run.customer, each.run.pool
        of_pool = members.get(pool) if each.run.pool is not None else None
        why = why_over_plan(each, pools[pool], of_pool, cold) if each.state is DayState.OVER_PLAN else None
        explained.append(replace(each, over_plan_why=why))
    return explained


def _members(inventory: Inventory, today: date, wanted: Container[_Pool]) -> Mapping[_Pool, set[str]]:
    """Addresses by holder and pool."""
    members: dict[_Pool, set[str]] = defaultdict(set)
    for asset in inventory.assets:
        pool = asset.holder, asset.pool
        if asset.pool is not None and pool in wanted and not asset.is_domain and asset.held_on(today):
            members[pool] |= {subject.value for subject in expand(asset.name)}
    return members


async def run_history(
    store: RunStore, clock: Clock, desk: WarmupDesk, ip: str, inventory: Inventory | None = None
) -> RunHistory:
    """Of the newest run. Raises NotPossible when there never was one. `inventory`: see `statuses_of`."""
    runs = await store.warmups(ip=ip)
    if not runs:
        raise NotPossible(f"{ip} was never warmed up: see `deliverwatch warmup status --all`")
    run = next((each for each in runs if each.ended is None), runs[0])
    (now,) = await statuses_of(store, clock, desk, [run], inventory)
    days, steps = await store.warmup_days([run.id]), await store.warmup_steps([run.id])
    agreed = await store.warmup_plans(run.id)
    return RunHistory(now, tuple(days.get(run.id, ())), tuple(steps.get(run.id, ())), tuple(agreed))
