"""Ends the warm-ups of addresses that changed hands: they would go on for nobody.

A run is agreed with one customer. When somebody else holds its address it is ended, and both sides are told so, neither
whose the other is. Whoever holds the address now begins a run of their own.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.warmup.run import RunEnd, StepKind, WarmupRun, WarmupStep
from deliverwatch.flows.load_days import RunStore, WarmupDesk
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.tell import notify
from deliverwatch.flows.tell_warmups import run_event
from deliverwatch.flows.warmup_ports import WarmupChanges, WarmupsOvertaken

HANDED_OVER = "handed_over"
_BY = "deliverwatch"
_REASON = "the address changed hands"


async def end_handed_over(store: RunStore, clock: Clock, desk: WarmupDesk, runs: Collection[WarmupRun]) -> bool:
    """Whether there were any. Runs that somebody else has written meanwhile are left for the next time."""
    inventory, now = await store.inventory(), clock.now()
    holdings = inventory.holdings
    gone = {run.id: (run, asset) for run in runs if (asset := _anothers(run, holdings, _today(run, now))) is not None}
    while gone:
        changes = [_ended(run, now) for run, _ in gone.values()]
        events = [_event(run, asset, holdings, now) for run, asset in gone.values()]
        try:
            await store.commit_warmups(changes, events, notify(events, inventory.customers, desk.routing))
        except WarmupsOvertaken as overtaken:
            gone = {id_: each for id_, each in gone.items() if id_ not in overtaken.run_ids}
        else:
            return True
    return False


def _today(run: WarmupRun, now: datetime) -> date:
    return now.astimezone(ZoneInfo(run.zone)).date()


def _anothers(run: WarmupRun, holdings: Holdings, today: date) -> Asset | None:
    """As which its address is held, if by somebody else. What nobody holds any more was given to nobody."""
    if run.ended is not None or today < run.started_on:
        return None
    held = holdings.on(parse_subject(run.ip), today)
    return held[0] if held and all(asset.holder != run.customer for asset in held) else None


def _ended(run: WarmupRun, now: datetime) -> WarmupChanges:
    after = replace(run, ended=RunEnd.FINISHED, ended_on=_today(run, now))
    return WarmupChanges(after, steps=[WarmupStep(run.id, now, StepKind.FINISHED, _BY, _REASON)])


def _event(run: WarmupRun, asset: Asset, holdings: Holdings, now: datetime) -> Event:
    facts = {"what": HANDED_OVER, "before": run.customer, "after": asset.holder}
    event = run_event(EventKind.WARMUP_NOTICE, run, holdings, now, HANDED_OVER, facts)
    parties = {*event.facts["parties"], *([run.customer] if run.customer is not None else [])}
    return replace(event, facts={**event.facts, "parties": sorted(parties)})
