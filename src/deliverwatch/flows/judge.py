"""Replies and traffic that were taken in -> blocks, throttles, findings and warnings, with their events.

Load what is believed and what was counted since, judge it afresh, find what is new, commit that with its messages. Data
of two weeks are looked at, and of more of those senders that something is open of for longer (`flows.load_hours`).
Judging the same twice writes nothing.

A sender is the sending IP; for a verdict on a domain the sending domain, and so it is where authentication fails from
an IP that several share; and where a reply names another of our own as refused, that one. Senders that nobody holds are
judged as well: it is the operator who reads of them.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from deliverwatch.core.acceptance import NOT_MEASURED, Unmeasured, is_measured
from deliverwatch.core.block import Episode, EpisodeEnd, EpisodeKind, JudgingPolicy
from deliverwatch.core.events import Event
from deliverwatch.core.incidents import gather_by
from deliverwatch.core.inventory import Holdings, Inventory
from deliverwatch.core.judging import judge
from deliverwatch.core.mail_share import MailShares
from deliverwatch.core.provider import MailboxProvider
from deliverwatch.core.receivers import Routing
from deliverwatch.core.reconcile import Change, ended, events_of, reconcile
from deliverwatch.core.subjects import Subject
from deliverwatch.core.told_twice import Spaces, once
from deliverwatch.flows.delivery_ports import EpisodeChanges, EpisodeStore
from deliverwatch.flows.hold_warmups import follow_in_warmups
from deliverwatch.flows.load_hours import CaseHours, JudgedHours, begun_before
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.sender_hours import Case
from deliverwatch.flows.tell import notify
from deliverwatch.flows.warmup_ports import WarmupStore
from deliverwatch.flows.warn import warning_changes

_DAY = timedelta(days=1)
_LOOKED_BACK = timedelta(days=14)
_HOUR = timedelta(hours=1)


class JudgingStore(EpisodeStore, WarmupStore, Protocol):
    async def inventory(self) -> Inventory: ...


@dataclass(frozen=True, slots=True)
class JudgingDesk:
    """`providers`: by id. `operators`: who on our side hears of it. `spaces`: see `core.told_twice`; `unmeasured`: see
    `core.acceptance`."""

    providers: Mapping[str, MailboxProvider]
    routing: Routing
    spaces: Spaces = field(default_factory=dict)
    unmeasured: Unmeasured = field(default_factory=dict)
    policy: JudgingPolicy = field(default_factory=JudgingPolicy)


async def judge_episodes(
    store: JudgingStore, clock: Clock, desk: JudgingDesk, reaching: datetime | None = None, *, warn: bool = True
) -> int:
    """Returns how many episodes opened, changed or ended. `reaching`: back to there, if that is longer ago than what is
    looked at anyway. `warn`: judge what goes by the day as well."""
    now = clock.now()
    inventory = await store.inventory()
    holdings = inventory.holdings
    since = min(now - _LOOKED_BACK, reaching or now).replace(minute=0, second=0, microsecond=0)
    earlier = begun_before(since, await store.episodes(open_only=True))
    stored = await store.episodes(since=min([since, *earlier.values()]))
    changes = _withdrawn(stored, holdings, now)
    gone = {change.after.key for change in changes}
    going_on = [each for each in stored if each.key not in gone]
    hours = JudgedHours(since, earlier, holdings, desk.spaces)
    changes += await _judged(store, going_on, holdings, hours, now, desk)
    if warn:
        known = desk.providers.keys()
        changes += await warning_changes(store, inventory, holdings, gone, now, desk.policy, desk.spaces, known)
    if not changes:
        return 0
    changes = await _with_shares(store, changes, holdings, desk.spaces)
    events = events_about(changes, holdings, now, desk)
    holds, held = await follow_in_warmups(store, events, inventory.assets)
    notifications = notify([*events, *held], inventory.customers, desk.routing)
    episodes = [change.after for change in changes]
    await store.commit_episodes(EpisodeChanges(episodes, [*events, *held], notifications, holds))
    return len(changes)


def _withdrawn(stored: Iterable[Episode], holdings: Holdings, now: datetime) -> list[Change]:
    return [
        ended(each, now, EpisodeEnd.WITHDRAWN)
        for each in stored
        if each.closed_at is None and _is_given_up(each.subject, holdings, now)
    ]


def _is_given_up(subject: Subject, holdings: Holdings, now: datetime) -> bool:
    """It was ours. What never was is somebody's mistake, and not over because of that."""
    return bool(holdings.of(subject)) and not holdings.on(subject, now.date())


async def _judged(
    store: JudgingStore,
    stored: Sequence[Episode],
    holdings: Holdings,
    hours: JudgedHours,
    now: datetime,
    desk: JudgingDesk,
) -> list[Change]:
    known: dict[Case, list[Episode]] = defaultdict(list)
    for each in stored:
        if each.kind is not EpisodeKind.WARNING:
            known[Case(each.provider, each.subject)].append(each)
    await hours.load(store, [case for case, kept in known.items() if any(each.closed_at is None for each in kept)])

    def judge_all() -> list[Change]:
        by_case = hours.by_case()
        changes: list[Change] = []
        for case in sorted(by_case, key=lambda each: (each.provider, each.subject.value)):
            if case.provider and not _is_given_up(case.subject, holdings, now):
                changes += _of_case(case, by_case[case], known[case], now, desk)
        return changes

    return await asyncio.to_thread(judge_all)  # seconds of work, where a thousand senders have trouble


def _of_case(
    case: Case, hours: CaseHours, stored: Collection[Episode], now: datetime, desk: JudgingDesk
) -> list[Change]:
    delivered = sum(hour.delivered for hour in hours.traffic)
    is_seen = is_measured(case.subject, hours.sources, delivered, desk.unmeasured)

    def judge_after(after: datetime | None) -> list[Episode]:
        found = judge(case.provider, case.subject, hours.replies, hours.traffic, desk.policy, stored, after)
        return [each if is_seen or each.closed_at is not None else _unmeasured(each) for each in found]

    return reconcile(stored, judge_after(None), judge_after, now, desk.policy)


def _unmeasured(episode: Episode) -> Episode:
    return replace(episode, evidence={**episode.evidence, "acceptance": NOT_MEASURED})


async def _with_shares(
    store: JudgingStore, changes: Sequence[Change], holdings: Holdings, spaces: Spaces
) -> list[Change]:
    """The share in the day up to the last verdict; loaded once for all that saw their last one in the same hour."""
    shares: dict[datetime, MailShares] = {}
    shared: list[Change] = []
    for change in changes:
        after, until = change.after, change.after.last_seen_at + _HOUR
        if after.provider and (after.closed_at is None or after.mail_share is None):
            if until not in shares:
                attempts = once(await store.attempts(until - _DAY, until), spaces)
                shares[until] = MailShares(attempts, holdings, after.last_seen_at.date())
            after = replace(after, mail_share=shares[until].of(after.subject, after.provider))
        shared.append(Change(change.before, after))
    return shared


def events_about(changes: Iterable[Change], holdings: Holdings, now: datetime, desk: JudgingDesk) -> list[Event]:
    """What is to be told of them."""
    found = [
        _about(event, change.after, holdings, desk.providers) for change in changes for event in events_of(change, now)
    ]
    return gather_by(found, _cause)


def _cause(event: Event) -> tuple[object, ...]:
    """Senders of the same customers that one provider treats alike in one judging are one incident."""
    facts = event.facts
    alike = (facts.get(fact) for fact in ("provider", "class", "what", "rule", "ended", "urgent"))
    return event.kind, event.subject and event.subject.kind, tuple(facts["parties"]), *alike


def _about(event: Event, episode: Episode, holdings: Holdings, providers: Mapping[str, MailboxProvider]) -> Event:
    """With the customers it concerns, and what the provider is called."""
    provider = providers.get(episode.provider)
    facts = {
        "provider_name": provider.name if provider is not None else episode.provider or None,
        "postmaster_url": provider.postmaster_url if provider is not None else None,
        "parties": sorted(_parties(event, episode, holdings)),
    }
    return replace(event, facts={**event.facts, **facts})


def _parties(event: Event, episode: Episode, holdings: Holdings) -> set[str]:
    """Those who held the sender when it began; an end concerns those of today, too."""
    opened_on, today = episode.opened_at.date(), event.at.date()
    if episode.ended is EpisodeEnd.WITHDRAWN:
        return set(holdings.last_parties(episode.subject, today))
    began = set(holdings.parties(episode.subject, opened_on))
    now = set(holdings.parties(episode.subject, today))
    return began | now if episode.closed_at is not None else began or now
