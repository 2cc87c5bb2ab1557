"""What weekly reports are made from: everybody's facts of a week, loaded once for all its reports; and what one
customer's report is compared with and measured by.

What rests on the word of a list that was caught lying, and is not decided yet, is kept back like every other message
about it. Of mail only what was counted under the customer's own names is loaded; whose it was on which day is decided
later (`core.week_mail`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from deliverwatch.core.block import EpisodeKind
from deliverwatch.core.coverage import Span
from deliverwatch.core.inventory import Asset, Customer, Holdings, Inventory
from deliverwatch.core.listing import Listing, Watch
from deliverwatch.core.own_counts import Stated
from deliverwatch.core.service_hours import week_of
from deliverwatch.core.told_twice import Spaces
from deliverwatch.core.week_before import LastWeek
from deliverwatch.core.week_facts import WeekFacts, week_facts
from deliverwatch.core.week_mail import Counted, counted_in, names_within
from deliverwatch.flows.delivery_ports import WholeStore
from deliverwatch.flows.warmup_weeks import RunsOfWeek, runs_of_week

_DAY = timedelta(days=1)
_MOST_KEPT = 6
"""Three service zones, and a week that is made up for in each."""


class EverybodysWeek(NamedTuple):
    """`before`: the week before, and its name. `stated`: what sources counted themselves in both, by sender."""

    facts: WeekFacts
    span: Span
    before: Span
    name_before: str
    stated: Mapping[str, list[Stated]]
    warmups: RunsOfWeek


class MailOfWeeks(NamedTuple):
    counted: list[Counted]
    last: LastWeek


class EverybodysWeeks:
    """Those that were asked for last are kept. `longest`: the longest interval of any list."""

    def __init__(self, store: WholeStore, inventory: Inventory, longest: timedelta) -> None:
        self.inventory = inventory
        self._store, self._longest = store, longest
        self._kept: dict[Span, EverybodysWeek] = {}

    @cached_property
    def holdings(self) -> Holdings:
        """Nearly always nothing is due, and nobody asks."""
        return self.inventory.holdings

    @cached_property
    def assets(self) -> Mapping[str, Sequence[Asset]]:
        """By each customer who ever held or shared them: nobody's report goes through those of all the others."""
        found: dict[str, list[Asset]] = defaultdict(list)
        for asset in self.inventory.assets:
            for party in asset.parties:
                found[party].append(asset)
        return dict(found)

    async def of(self, span: Span, zone: ZoneInfo, now: datetime) -> EverybodysWeek:
        if span not in self._kept:
            while len(self._kept) >= _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[span] = await self._load(span, zone, now)
        return self._kept[span]

    async def _load(self, span: Span, zone: ZoneInfo, now: datetime) -> EverybodysWeek:
        store = self._store
        name_before, before = week_of(span.begin - timedelta(hours=1), zone)
        doubted = {watch for watch, state in (await store.watch_states()).items() if state.doubted}
        listings = await store.listings(since=before.begin)
        facts = week_facts(
            Span(span.begin, min(span.end, now)),
            self.holdings,
            [each for each in listings if not _is_doubted(each, doubted)],
            await store.cycles(span.begin - 2 * self._longest, span.end),
            await store.gaps(span.begin, span.end),
            await store.episodes(kinds=[EpisodeKind.BLOCK], since=span.begin),
            await store.drafts(),
        )
        stated: dict[str, list[Stated]] = defaultdict(list)
        for source, each in await store.measures(before.begin - _DAY, span.end + _DAY):
            stated[each.ip or each.domain or ""].append((source, each))
        warmups = runs_of_week(await store.warmups(), self.holdings, span, zone)
        return EverybodysWeek(facts, span, before, name_before, stated, warmups)


async def load_mail(
    store: WholeStore,
    assets: Iterable[Asset],
    customer: Customer,
    week: EverybodysWeek,
    zone: ZoneInfo,
    spaces: Spaces,
) -> MailOfWeeks:
    """And what the last report said of its week. `assets`: the customer's."""
    names = names_within(customer.id, assets, Span(week.before.begin, week.span.end))
    told = await store.traffic(week.before.begin, names, week.span.end) if names else []
    stated = [each for name in sorted(names) for each in week.stated.get(name, ())]
    runs = await store.reports(customer=customer.id, week=week.name_before)
    last = LastWeek(
        week.before,
        runs[0].figures if runs else {},
        tuple(counted_in(week.before, zone, told, stated, spaces)),
    )
    return MailOfWeeks(counted_in(week.span, zone, told, stated, spaces), last)


def _is_doubted(listing: Listing, doubted: Collection[Watch]) -> bool:
    return listing.closed_at is None and Watch(listing.list_id, listing.subject) in doubted
