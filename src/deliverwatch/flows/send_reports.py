"""The weekly report: one per customer and week, made once, kept as sent, delivered through the outbox.

Due times come from the service calendar; the ledger holds what was done. A week that was missed while the daemon was
down is made up for when it is at most six days late. A customer gets no report on a week in which nothing of theirs
was watched. What goes wrong with one customer's report is told when all the others have theirs.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deliverwatch.core.alerting import Audience, Notification, notification_id
from deliverwatch.core.block import EpisodeKind
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.coverage import Span
from deliverwatch.core.inventory import Customer, Holdings, Inventory
from deliverwatch.core.listing import Listing, Watch
from deliverwatch.core.verification import held_span, stakes
from deliverwatch.core.week_warmups import ReportedWarmup
from deliverwatch.core.weekly import WeeklyReport, assemble
from deliverwatch.flows.delivery_ports import WholeStore
from deliverwatch.flows.ports import Claim, Clock, ReportRun, Words

JOB = "report"
LATE_AT_MOST = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class ReportDesk:
    """What reports are made with. `weeks_until(customer, now)`: complete weeks and when their report is due, newest
    first. `warmups(customer, span)`: the customer's of that week. `message(report, words, recipient, message_id)`: the
    mail as bytes. `provider_names`: by id. `endings`: when what goes by a form ends by itself, in words, by the form's
    id."""

    lists_on: tuple[Blocklist, ...]
    lists_off: tuple[Blocklist, ...]
    every: Mapping[str, timedelta]
    week_span: Callable[[Customer, str], Span]
    weeks_until: Callable[[Customer, datetime], Iterable[tuple[str, datetime]]]
    zone_name: Callable[[Customer], str]
    warmups: Callable[[Customer, Span], Awaitable[Iterable[ReportedWarmup]]]
    words: Callable[[WeeklyReport], Words]
    message: Callable[[WeeklyReport, Words, str, str], bytes]
    lease_for: timedelta
    provider_names: Mapping[str, str] = field(default_factory=dict)
    endings: Mapping[str, str] = field(default_factory=dict)


async def send_due_reports(store: WholeStore, desk: ReportDesk, clock: Clock) -> int:
    """Returns how many reports were made."""
    made, failures = 0, []
    inventory = await store.inventory()
    done = _Done(store)
    for customer in inventory.customers:
        if not customer.report_enabled or not customer.contacts:
            continue
        try:
            for week, due_at in _due_weeks(desk, customer, clock.now()):
                if not await done.has(customer, week):
                    made += await _make_up(store, desk, clock, inventory, customer, week, due_at)
        except Exception as failure:  # noqa: BLE001 - raised again below, once the others have their reports
            failures.append(failure)
    if failures:
        raise failures[0]
    return made


class _Done:
    """Who has the report of a week, read once for each week: this is asked at every tick for days."""

    def __init__(self, store: WholeStore) -> None:
        self._store = store
        self._customers: dict[str, set[str]] = {}

    async def has(self, customer: Customer, week: str) -> bool:
        if week not in self._customers:
            self._customers[week] = {run.customer for run in await self._store.reports(week=week)}
        return customer.id in self._customers[week]


def _due_weeks(desk: ReportDesk, customer: Customer, now: datetime) -> list[tuple[str, datetime]]:
    weeks = desk.weeks_until(customer, now)
    return [(week, due_at) for week, due_at in weeks if due_at <= now <= due_at + LATE_AT_MOST]


async def _make_up(
    store: WholeStore,
    desk: ReportDesk,
    clock: Clock,
    inventory: Inventory,
    customer: Customer,
    week: str,
    due_at: datetime,
) -> bool:
    if not _was_watched(inventory, customer, desk.week_span(customer, week)):
        return False
    key = f"{customer.id}/{week}"
    await store.add_slot(JOB, key, due_at)
    claim = await store.claim_slot(JOB, key, clock.now(), desk.lease_for)
    return claim is not None and await send_report(store, desk, clock, inventory, customer, week, claim)


async def send_report(
    store: WholeStore,
    desk: ReportDesk,
    clock: Clock,
    inventory: Inventory,
    customer: Customer,
    week: str,
    claim: Claim | None = None,
) -> bool:
    """Makes and queues the report; False when the week has one already."""
    report = await preview(store, desk, clock, inventory, customer, week)
    words = desk.words(report)
    report_id = notification_id("report", customer.id, week)
    notes = [_note(report_id, customer, contact, report.made_at) for contact in customer.contacts]
    run = ReportRun(
        report_id,
        customer.id,
        week,
        report.made_at,
        words.subject,
        words.html or "",
        words.text,
        customer.contacts,
        report.listing_keys,
        report.practice.advice_ids if customer.contacts else (),
    )
    contents = {note.id: desk.message(report, words, note.recipient, note.message_id) for note in notes}
    return await store.commit_report(claim, run, notes, contents)


async def preview(
    store: WholeStore, desk: ReportDesk, clock: Clock, inventory: Inventory, customer: Customer, week: str
) -> WeeklyReport:
    """The report's value as of now, written nowhere. What rests on the word of a list that was caught lying, and is not
    decided yet, is kept back like every other message about it."""
    span = desk.week_span(customer, week)
    doubted = {watch for watch, state in (await store.watch_states()).items() if state.doubted}
    return assemble(
        customer=customer,
        week=week,
        span=span,
        zone_name=desk.zone_name(customer),
        made_at=clock.now(),
        assets=inventory.assets,
        listings=[each for each in await store.listings(since=span.begin) if not _is_doubted(each, doubted)],
        cycles=await store.cycles(span.begin - 2 * max(desk.every.values(), default=timedelta(0)), span.end),
        gaps=await store.gaps(span.begin, span.end),
        lists_on=desk.lists_on,
        lists_off=desk.lists_off,
        every=desk.every,
        drafts=await store.drafts(),
        endings=desk.endings,
        warmups=await desk.warmups(customer, span),
        episodes=await store.episodes(kinds=[EpisodeKind.BLOCK], since=span.begin),
        provider_names=desk.provider_names,
        practice=(await store.practice(customer.id)).get(customer.id, ()),
        advice=await store.advice(customer.id),
    )


def _is_doubted(listing: Listing, doubted: Collection[Watch]) -> bool:
    return listing.closed_at is None and Watch(listing.list_id, listing.subject) in doubted


def _was_watched(inventory: Inventory, customer: Customer, span: Span) -> bool:
    """The dates first: whoever has left is looked at again at every tick for days."""
    held = (asset for asset in inventory.assets if customer.id in asset.parties)
    if not any(held_span(asset).within(span).length for asset in held):
        return False
    return bool(stakes(Holdings(inventory.assets), customer.id, span))


def _note(report_id: str, customer: Customer, contact: str, at: datetime) -> Notification:
    """Each contact gets the same message, under the report's one Message-ID."""
    identity = notification_id("report-copy", report_id, contact)
    return Notification(
        identity, report_id, Audience.CUSTOMER, "email", contact, (customer.id,), at, report_id=report_id
    )
