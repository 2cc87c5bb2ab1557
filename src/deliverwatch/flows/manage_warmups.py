"""What people do to a warm-up: start, hold, release, step back, amend, finish; each with who and why.

Nothing is changed at any sending platform: these are the agreed plan, and advice. Each act first judges what there is
to judge, so that "the present stage" is that of today; who finds that somebody else wrote meanwhile looks again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from deliverwatch.core.alerting import notification_id
from deliverwatch.core.errors import FenceLost, NotPossible, unknown_name
from deliverwatch.core.events import EventKind
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.service_hours import zone_of
from deliverwatch.core.subjects import Subject, SubjectKind, parse_subject
from deliverwatch.core.visible import visible
from deliverwatch.core.warmup.plan import PlanDays, WarmupPlan, for_volume
from deliverwatch.core.warmup.plan_facts import plan_hash
from deliverwatch.core.warmup.run import ALL_PROVIDERS, Hold, HoldCause, RunEnd, StepKind, WarmupRun, WarmupStep
from deliverwatch.core.warmup.status import RunStatus
from deliverwatch.flows.advance_warmups import advance_warmups
from deliverwatch.flows.load_days import UTC_ZONE, RunStore, WarmupDesk
from deliverwatch.flows.mend_holds import facts_of, missing_holds, opened_events
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.tell import notify
from deliverwatch.flows.tell_warmups import run_event
from deliverwatch.flows.warmup_ports import PlanVersion, WarmupChanges
from deliverwatch.flows.warmup_statuses import statuses_of

_BACK_AT_MOST = timedelta(days=400)
_AHEAD_AT_MOST = timedelta(days=366)
_LONGEST_REASON = 500
_LONGEST_NAME = 100
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Present:
    """A run as it is when a person acts on it, and who does so why."""

    status: RunStatus
    holds: tuple[Hold, ...]
    by: str
    reason: str
    at: datetime

    @property
    def run(self) -> WarmupRun:
        return self.status.run

    def step(self, kind: StepKind, stage: int | None = None) -> WarmupStep:
        return WarmupStep(self.run.id, self.at, kind, self.by, self.reason, stage)

    @property
    def told(self) -> dict[str, Any]:
        return {"by": self.by, "reason": self.reason}


class _Told(NamedTuple):
    """An event to be. `which`: what tells it from others of its kind and run."""

    kind: EventKind
    which: str
    facts: dict[str, Any]


_Deed = tuple[WarmupChanges, _Told | None]
"""What is to be written, and what is to be told of it."""
_Act = Callable[[Present], _Deed]


def address(ip: str) -> Subject:
    """Raises NotPossible."""
    try:
        subject = parse_subject(ip)
    except ValueError as fault:
        raise NotPossible(visible(str(fault))) from None
    if subject.kind is SubjectKind.DOMAIN:
        raise NotPossible(f"{visible(ip, 80)!r} is a domain: expected the IP address that is to be warmed up")
    return subject


async def start(
    store: RunStore,
    clock: Clock,
    desk: WarmupDesk,
    ip: str,
    plan: WarmupPlan,
    on: date,
    by: str,
    target: int | None,
    days: PlanDays | None,
) -> None:
    """Raises NotPossible."""
    subject, now = address(ip), clock.now()
    if not -_BACK_AT_MOST <= on - now.date() <= _AHEAD_AT_MOST:
        raise NotPossible(f"{on} is too far away: expected a day at most 400 days back and at most a year ahead")
    inventory = await store.inventory()
    asset = _asset(inventory, subject, on)
    _refuse_overlap(await store.warmups(ip=subject.value), on)
    plan = _agreed(plan, target, days)
    run = WarmupRun(
        notification_id("warmup", subject.value, on.isoformat(), now.isoformat()),
        subject.value,
        asset.holder,
        plan,
        1,
        plan_hash(plan),
        _zone(inventory, asset, plan),
        on,
        now,
        asset.pool,
    )
    who = _who(by)
    holds = await missing_holds(store, clock, desk, [run], [])
    events = list(opened_events([run], holds, inventory.holdings, now))
    await store.add_warmup(
        WarmupChanges(
            run,
            steps=[WarmupStep(run.id, now, StepKind.STARTED, who, "")],
            holds=holds.opened,
            agreed=PlanVersion(run.id, 1, plan, now, who, ""),
            events=events,
            notifications=notify(events, inventory.customers, desk.routing),
        )
    )


def _refuse_overlap(before: Iterable[WarmupRun], on: date) -> None:
    """A day belongs to one run: its mail would be told twice."""
    last = max((run.ended_on for run in before if run.ended_on is not None), default=None)
    if last is not None and on <= last:
        raise NotPossible(f"an earlier warm-up covers the days up to {last}: expected a day after that")


def _asset(inventory: Inventory, subject: Subject, on: date) -> Asset:
    held = inventory.holdings.on(subject, on)
    if not held:
        raise NotPossible(
            f"nobody holds {subject.value} on {on}: add it to the inventory first, with `deliverwatch customers import`"
        )
    return held[0]


def _agreed(plan: WarmupPlan, target: int | None, days: PlanDays | None) -> WarmupPlan:
    if days is not None:
        plan = replace(plan, days=days)
    if target is None:
        return plan
    if target < 1:
        raise NotPossible(f"{target} messages a day are no target: expected 1 or more")
    cut = for_volume(plan, target)
    if cut.full_volume < target:
        raise NotPossible(
            f"the plan {plan.id} ends at {cut.full_volume:,} messages a day and does not say how it goes on: expected "
            "a target up to that, or another plan"
        )
    return cut


def _zone(inventory: Inventory, asset: Asset, plan: WarmupPlan) -> str:
    customer = inventory.customer(asset.holder) if asset.holder is not None else None
    if plan.days is PlanDays.UTC or customer is None:
        return UTC_ZONE
    return zone_of(customer.service_time_zone).key


async def hold(
    store: RunStore, clock: Clock, desk: WarmupDesk, ip: str, reason: str, by: str, provider: str | None = None
) -> None:
    if provider is not None and provider not in desk.providers:
        raise NotPossible(unknown_name("mailbox provider", provider, desk.providers))

    def act(now: Present) -> _Deed:
        key = f"{StepKind.HELD}/{now.run.id}/{now.at.isoformat()}"
        names = [desk.providers[provider]] if provider is not None else []
        facts = {**now.told, "provider_names": names}
        held = Hold(now.run.id, key, HoldCause.PERSON, provider or ALL_PROVIDERS, now.at, facts)
        changes = WarmupChanges(now.run, steps=[now.step(StepKind.HELD)], holds=[held])
        return changes, _Told(EventKind.WARMUP_HELD, key, facts_of([held]))

    await _act(store, clock, desk, ip, reason, by, act)


async def release(store: RunStore, clock: Clock, desk: WarmupDesk, ip: str, reason: str, by: str) -> None:
    """Of all that holds it, over or not; gates hold no more because of the step."""

    def act(now: Present) -> _Deed:
        if not now.status.holds:
            raise NotPossible(f"nothing holds the warm-up of {now.run.ip}: there is nothing to release")
        released = {each.key: now.at for each in now.holds}
        causes = sorted({each.cause for each in now.status.holds})
        changes = WarmupChanges(now.run, steps=[now.step(StepKind.RELEASED)], released=released)
        return changes, _Told(EventKind.WARMUP_RELEASED, now.at.isoformat(), {**now.told, "causes": causes})

    await _act(store, clock, desk, ip, reason, by, act)


async def step_back(
    store: RunStore, clock: Clock, desk: WarmupDesk, ip: str, reason: str, by: str, stage: int | None = None
) -> None:
    def act(now: Present) -> _Deed:
        present = now.status.stage
        wanted = present - 1 if stage is None else stage
        if present == 1:
            raise NotPossible(f"{now.run.ip} is at stage 1: there is none before it")
        if not 1 <= wanted < present:
            raise NotPossible(
                f"the warm-up of {now.run.ip} is at stage {present}: expected one from 1 to {present - 1}"
            )
        changes = WarmupChanges(now.run, steps=[now.step(StepKind.STEPPED_BACK, wanted)])
        facts = {**now.told, "before": present, "stage": wanted}
        return changes, _Told(EventKind.WARMUP_STEPPED_BACK, now.at.isoformat(), facts)

    await _act(store, clock, desk, ip, reason, by, act)


async def finish(store: RunStore, clock: Clock, desk: WarmupDesk, ip: str, reason: str, by: str) -> None:
    def act(now: Present) -> _Deed:
        ended_on = now.at.astimezone(ZoneInfo(now.run.zone)).date()
        after = replace(now.run, ended=RunEnd.FINISHED, ended_on=ended_on)
        facts = {"end": RunEnd.FINISHED, "stage": now.status.stage, "stages": len(now.run.plan.stages), **now.told}
        changes = WarmupChanges(after, steps=[now.step(StepKind.FINISHED)])
        return changes, _Told(EventKind.WARMUP_ENDED, RunEnd.FINISHED, facts)

    await _act(store, clock, desk, ip, reason, by, act)


async def amend(
    store: RunStore, clock: Clock, desk: WarmupDesk, ip: str, reason: str, by: str, plan: WarmupPlan
) -> None:
    """The days go on being cut as they were: a run has one zone."""

    def act(now: Present) -> _Deed:
        run = now.run
        agreed = replace(plan, days=run.plan.days)
        if plan_hash(agreed) == run.plan_hash:
            raise NotPossible(f"the plan {agreed.id} is what applies to {run.ip} already")
        begun = run.started_on <= now.at.astimezone(ZoneInfo(run.zone)).date()
        stage = _stage_like(agreed, run.plan.allowance(now.status.stage)) if begun else 1
        version = PlanVersion(run.id, run.plan_version + 1, agreed, now.at, now.by, now.reason)
        after = replace(run, plan=agreed, plan_version=version.version, plan_hash=plan_hash(agreed))
        return WarmupChanges(after, steps=[now.step(StepKind.AMENDED, stage)], agreed=version), None

    await _act(store, clock, desk, ip, reason, by, act)


def _stage_like(plan: WarmupPlan, allowance: int) -> int:
    """The highest that allows no more."""
    return max((stage for stage in range(1, len(plan.stages) + 1) if plan.allowance(stage) <= allowance), default=1)


async def _act(
    store: RunStore, clock: Clock, desk: WarmupDesk, ip: str, reason: str, by: str, act: Callable[[Present], _Deed]
) -> None:
    subject, why, who = address(ip), _why(reason), _who(by)
    for number in range(_TRIES):
        await advance_warmups(store, clock, desk, subject.value)
        now = await _present(store, clock, desk, subject, who, why)
        changes, told = act(now)
        try:
            await store.commit_warmup(await _with_news(store, changes, told, now, desk))
        except FenceLost:
            if number + 1 == _TRIES:
                raise
        else:
            return


async def _present(store: RunStore, clock: Clock, desk: WarmupDesk, subject: Subject, by: str, reason: str) -> Present:
    runs = await store.warmups(open_only=True, ip=subject.value)
    if not runs:
        raise NotPossible(f"{subject.value} is not being warmed up: see `deliverwatch warmup status`")
    (status,) = await statuses_of(store, clock, desk, runs[:1])
    holds = await store.warmup_holds([runs[0].id], unreleased=True)
    return Present(status, tuple(holds), by, reason, clock.now())


async def _with_news(
    store: RunStore,
    changes: WarmupChanges,
    told: _Told | None,
    now: Present,
    desk: WarmupDesk,
) -> WarmupChanges:
    if told is None:
        return changes
    inventory = await store.inventory()
    event = run_event(told.kind, now.run, inventory.holdings, now.at, told.which, told.facts)
    return replace(changes, events=[event], notifications=notify([event], inventory.customers, desk.routing))


def _why(reason: str) -> str:
    if not reason.strip():
        raise NotPossible("expected a reason: whoever looks next wants to know")
    if len(reason.strip()) > _LONGEST_REASON:
        raise NotPossible(f"the reason is longer than {_LONGEST_REASON} characters: say it in fewer")
    return visible(reason.strip(), _LONGEST_REASON)


def _who(by: str) -> str:
    if not by.strip():
        raise NotPossible("expected a name: whoever looks next wants to know whom to ask")
    return visible(by.strip(), _LONGEST_NAME)
