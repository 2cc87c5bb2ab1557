"""What warns before a block: what receivers signal, complaints and deferrals by the day, and DNS that changed.

Days are judged when they are over, since the first hour of a day says nothing of it. Only senders that are ours are
warned about. A record that is looked at no more, because the inventory names it no more, ends its warning as withdrawn.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from deliverwatch.core.block import Episode, EpisodeEnd, EpisodeKind, JudgingPolicy
from deliverwatch.core.inventory import Holdings, Inventory
from deliverwatch.core.mail_share import Attempts
from deliverwatch.core.own_counts import attempts_of_days
from deliverwatch.core.reconcile import Change, ended, reconcile
from deliverwatch.core.sender_dns import from_facts, warning
from deliverwatch.core.subjects import Subject, parse_subject
from deliverwatch.core.told_twice import Spaces, once
from deliverwatch.core.warning import warnings
from deliverwatch.core.warning_counts import SenderDay
from deliverwatch.flows.delivery_ports import EpisodeStore
from deliverwatch.flows.watch_dns import watched_records

_DAY = timedelta(days=1)
_LOOKED_BACK = timedelta(days=14)
_COUNTS = ("attempted", "delivered", "deferred", "complaints")


async def warning_changes(
    store: EpisodeStore,
    inventory: Inventory,
    holdings: Holdings,
    gone: Collection[str],
    now: datetime,
    policy: JudgingPolicy,
    spaces: Spaces,
    providers: Collection[str],
) -> list[Change]:
    """`gone`: keys of those that are ended already. `spaces`: see `core.told_twice`. `providers`: ids of those known; a
    platform may count by names of its own."""
    kinds = [EpisodeKind.WARNING]
    going_on = [each.opened_at - _LOOKED_BACK / 2 for each in await store.episodes(open_only=True, kinds=kinds)]
    since = min([now - _LOOKED_BACK, *going_on])
    kept = [each for each in await store.episodes(kinds=kinds, since=since) if each.key not in gone]
    signals = await store.signals(since)
    days = await _days(store, since.date(), now.date(), holdings, spaces, providers)
    senders = list(inventory.subjects_on(now.date()))

    def judge_after(after: datetime | None) -> list[Episode]:
        found = warnings(signals, days, senders, after=after)
        return [each for each in found if holdings.on(each.subject, now.date())]

    changes = _by_sender([each for each in kept if each.provider], judge_after, now, policy)
    return changes + await _dns_changes(store, inventory, [each for each in kept if not each.provider], now, policy)


def _by_sender(
    stored: Iterable[Episode],
    judge_after: Callable[[datetime | None], list[Episode]],
    now: datetime,
    policy: JudgingPolicy,
) -> list[Change]:
    """`judge_after`: judges all senders."""
    found, kept = _grouped(judge_after(None)), _grouped(stored)
    changes: list[Change] = []
    for case, episodes in found.items():
        judge_one = partial(_one_after, judge_after, case)
        changes += reconcile(kept.get(case, []), episodes, judge_one, now, policy)
    return changes


def _grouped(episodes: Iterable[Episode]) -> dict[tuple[str, Subject], list[Episode]]:
    grouped: dict[tuple[str, Subject], list[Episode]] = defaultdict(list)
    for each in episodes:
        grouped[each.provider, each.subject].append(each)
    return grouped


def _one_after(
    judge_after: Callable[[datetime | None], list[Episode]], case: tuple[str, Subject], after: datetime
) -> list[Episode]:
    return _grouped(judge_after(after)).get(case, [])


async def _dns_changes(
    store: EpisodeStore, inventory: Inventory, stored: Sequence[Episode], now: datetime, policy: JudgingPolicy
) -> list[Change]:
    watched = {record.key: record for record in watched_records(inventory, now)}
    hour_at = now.replace(minute=0, second=0, microsecond=0)
    found = []
    for pair, facts in (await store.dns_values()).items():
        told = warning(watched[pair], from_facts(facts), now) if pair in watched else None
        if told is not None:
            what = f"{told.what}: {told.evidence['record']}"
            found.append(replace(told, what=what, last_seen_at=max(hour_at, told.opened_at)))
    named = {record.name for record in watched.values()}
    still = {(each.subject, each.what) for each in found}
    over = [
        ended(each, now, EpisodeEnd.MENDED if each.evidence.get("record") in named else EpisodeEnd.WITHDRAWN)
        for each in stored
        if each.closed_at is None and (each.subject, each.what) not in still
    ]
    changes = _by_sender(stored, lambda after: found if after is None else [], now, policy)
    return [*over, *changes]


async def _days(
    store: EpisodeStore, first: date, today: date, holdings: Holdings, spaces: Spaces, providers: Collection[str]
) -> list[SenderDay]:
    """Those that are over, day by day: sums of one day are few, hours of two weeks are not."""
    days: list[SenderDay] = []
    on = first
    while on < today:
        begins = datetime.combine(on, time(), UTC)
        told = await store.attempts(begins, begins + _DAY)
        stated = [each for each in await store.measures(begins, begins + _DAY) if each[1].provider in providers]
        days += _of_day(once(told + attempts_of_days(stated, told, on, spaces), spaces), on, holdings)
        on += _DAY
    return days


def _of_day(sums: Iterable[Attempts], on: date, holdings: Holdings) -> Iterator[SenderDay]:
    """By sending IP; and by sending domain the complaints that name no IP (Yahoo's are by DKIM domain), against all
    that was delivered from that domain."""
    by_ip: dict[tuple[str, str], list[Attempts]] = defaultdict(list)
    by_domain: dict[tuple[str, str], list[Attempts]] = defaultdict(list)
    for each in sums:
        by_ip[each.provider, each.ip].append(each)
        by_domain[each.provider, each.domain].append(each)
    for (provider, ip), some in by_ip.items():
        if provider and ip and (subject := _ours(ip, on, holdings)) is not None:
            yield SenderDay(provider, subject, on, **{name: _sum(some, name) for name in _COUNTS})
    for (provider, domain), some in by_domain.items():
        complaints = _sum([each for each in some if not each.ip], "complaints")
        if provider and domain and complaints and (subject := _ours(domain, on, holdings)) is not None:
            yield SenderDay(provider, subject, on, delivered=_sum(some, "delivered"), complaints=complaints)


def _sum(some: Iterable[Attempts], name: str) -> int | None:
    known = [value for each in some if (value := getattr(each, name)) is not None]
    return sum(known) if known else None


def _ours(name: str, on: date, holdings: Holdings) -> Subject | None:
    try:
        subject = parse_subject(name)
    except ValueError:  # a log can hold anything
        return None
    return subject if holdings.on(subject, on) else None
