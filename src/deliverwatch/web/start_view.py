"""The start of the day as a value: what the page shows, folded from what one reads of the store for one viewer.

What is not known is said so: a list or a source that could not be checked keeps the page from saying that all is well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from deliverwatch.app import App
from deliverwatch.core.access import Viewer
from deliverwatch.core.desk.affected import Affected
from deliverwatch.core.desk.start import (
    CLOSED,
    OPENED,
    WITHOUT_LOOK,
    Part,
    is_news,
    part,
    unheard_sources,
    waiting_warmups,
)
from deliverwatch.core.list_standing import ListStanding
from deliverwatch.core.remediation.draft import WAITING
from deliverwatch.core.source_condition import SourceHealth
from deliverwatch.core.warmup.status import RunStatus
from deliverwatch.desk import Snapshot
from deliverwatch.flows.alert_ports import NumberedEvent
from deliverwatch.render.tongue import say, say_n
from deliverwatch.web.customers_seen import no_customers
from deliverwatch.web.draft_names import Causes
from deliverwatch.web.draft_queue import Desk, Row, rows
from deliverwatch.web.house import House
from deliverwatch.web.news_rows import NewsRow, news_rows
from deliverwatch.web.probes import is_ticking
from deliverwatch.web.standings import standings
from deliverwatch.web.trouble import open_trouble

_MOST_NEWS_READ = 600
_CUSTOMERS, _NEWS, _DRAFTS, _WARMUPS, _LISTS = 25, 20, 12, 12, 12


@dataclass(frozen=True, slots=True)
class News:
    """`since`: from when on something is new. `may_be_more`: more than were read, and the counts leave them out."""

    since: datetime
    has_looked: bool
    opened: int
    closed: int
    rows: Part[NewsRow]
    may_be_more: bool


@dataclass(frozen=True, slots=True)
class Checks:
    """What could not be checked. `has_sources`: any is set up."""

    lists: Part[ListStanding]
    sources: Sequence[SourceHealth]
    has_sources: bool

    @property
    def all_well(self) -> bool:
        return self.has_sources and not self.sources and not self.lists.count


@dataclass(frozen=True, slots=True)
class StartView:
    """`customers`: how many one sees. `own`: open listings and blocks of senders that are no customer's; None: not for
    this viewer to know."""

    tone: str
    headline: str
    as_of: datetime
    shares_at: datetime
    customers: int
    affected: Part[Affected]
    own: int | None
    news: News
    drafts: Part[Row]
    overdue: int
    warmups: Part[RunStatus]
    checks: Checks


async def start_view(house: House, viewer: Viewer, last_looked_at: datetime | None) -> StartView:
    app, now = house.app, house.app.clock.now()
    snapshot, names = await app.desk.snapshot(), Causes(app)
    trouble, checks = await open_trouble(app, viewer, snapshot), await _checks(app)
    ticks = is_ticking(house.last_tick_at(), now, house.tick_at_most)
    customers = sum(viewer.sees(each) for each in snapshot.customers)
    tone, headline = _headline(len(trouble.affected), ticks, checks.all_well)
    if not customers and ticks:
        tone, headline = "unsure", no_customers(viewer)
    drafts, overdue = await _drafts(app, viewer, snapshot, names)
    return StartView(
        tone=tone,
        headline=headline,
        as_of=now,
        shares_at=snapshot.shares_at,
        customers=customers,
        affected=part(trouble.affected, _CUSTOMERS),
        own=trouble.own,
        news=await _news(app, viewer, snapshot, names, last_looked_at),
        drafts=drafts,
        overdue=overdue,
        warmups=part(waiting_warmups(await app.warmups.waiting_for(viewer.customers)), _WARMUPS),
        checks=checks,
    )


async def _drafts(app: App, viewer: Viewer, snapshot: Snapshot, names: Causes) -> tuple[Part[Row], int]:
    """Those that are due first; and how many are overdue."""
    now, seen = app.clock.now(), viewer.customers
    counts = await app.store.count_drafts(seen, now, states=WAITING)
    heads = await app.store.drafts_due_first(seen, states=WAITING, limit=_DRAFTS)
    first = tuple(rows(heads, Desk(snapshot.customers, app.calendars, names, now)))
    left_out = max(sum(each.count for each in counts) - len(first), 0)
    return Part(first, left_out), sum(each.overdue for each in counts)


async def _checks(app: App) -> Checks:
    doubted = [each for each in (await standings(app)).values() if each.blocklist.leads and each.believed.in_doubt]
    doubted.sort(key=lambda each: -each.blocklist.worst_impact.rank)
    sources = await app.intake.health()
    return Checks(part(doubted, _LISTS), unheard_sources(sources), bool(sources))


async def _news(app: App, viewer: Viewer, snapshot: Snapshot, names: Causes, last_looked_at: datetime | None) -> News:
    since = last_looked_at or app.clock.now() - WITHOUT_LOOK
    read = await app.store.events_of(viewer.customers, kinds=OPENED | CLOSED, since=since, limit=_MOST_NEWS_READ)
    fresh = [each for each in read if each.event.at > since and is_news(each.event)]
    first = part(fresh, _NEWS)
    seen = [NumberedEvent(each.id, app.desk.as_seen(each.event, viewer, snapshot)) for each in first.rows]
    return News(
        since=since,
        has_looked=last_looked_at is not None,
        opened=sum(each.event.kind in OPENED for each in fresh),
        closed=sum(each.event.kind in CLOSED for each in fresh),
        rows=Part(tuple(news_rows(seen, viewer, snapshot, names)), first.more),
        may_be_more=len(read) == _MOST_NEWS_READ,
    )


def _headline(affected: int, ticks: bool, all_checked: bool) -> tuple[str, str]:
    if not ticks:
        return "unsure", say("Nothing is being watched: the daemon is not running, or it is stuck.")
    if affected and all_checked:
        return "bad", say_n(
            "{n} customer has open listings on important lists, or blocks.",
            "{n} customers have open listings on important lists, or blocks.",
            affected,
        )
    if affected:
        return "bad", say_n(
            "{n} customer has open listings on important lists, or blocks. Not everything could be checked.",
            "{n} customers have open listings on important lists, or blocks. Not everything could be checked.",
            affected,
        )
    if not all_checked:
        return "unsure", say(
            "No listing on an important list and no block is known, but not everything could be checked."
        )
    return "good", say("No listing is open on an important list, no block is open, and everything was checked.")
