"""The weekly report: one per customer and week, made once, kept as sent, delivered through the outbox.

Due times come from the service calendar; the ledger holds what was done. A week that was missed while the daemon was
down is made up for when it is at most six days late. A customer gets no report on a week in which nothing of theirs
was watched, nor while there is nobody left to read it. One that a person held waits, one that was skipped is never
made (`flows.report_words`). What goes wrong with one customer's report is told when all the others have theirs.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from deliverwatch.core.alerting import Audience, Notification, notification_id
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.bulletin import BulletinItem
from deliverwatch.core.coverage import Span
from deliverwatch.core.inventory import Customer, Inventory
from deliverwatch.core.receivers import Routing
from deliverwatch.core.told_twice import Spaces
from deliverwatch.core.verification import held_span, stakes
from deliverwatch.core.week_warmups import ReportedWarmup
from deliverwatch.core.weekly import WeeklyReport, assemble
from deliverwatch.flows.contacts import reachable, token_digest
from deliverwatch.flows.delivery_ports import WholeStore
from deliverwatch.flows.load_weeks import EverybodysWeeks, load_mail
from deliverwatch.flows.ports import Claim, Clock, ReportRun, Words
from deliverwatch.flows.report_ports import WeekPlan
from deliverwatch.flows.warmup_weeks import RunsOfWeek

JOB = "report"
LATE_AT_MOST = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class ReportDesk:
    """What reports are made with. `weeks_until(customer, now)`: the running week and complete ones, and when their
    report is due, newest first. `shown_at(customer, due_at)`: from when on the TAM can look; None: it goes without.
    `warmups(customer, of_week)`: theirs of everybody's. `bulletin(customer, week, told)`: the news that are new to
    them. `message(report, words, recipient, message_id, token)`: the mail as bytes. `new_token`: to unsubscribe by.
    `provider_names`: by id. `endings`: when what goes by a form ends by itself, in words, by the form's id.
    `spaces`: see `core.told_twice`."""

    lists_on: tuple[Blocklist, ...]
    lists_off: tuple[Blocklist, ...]
    every: Mapping[str, timedelta]
    week_span: Callable[[Customer, str], Span]
    weeks_until: Callable[[Customer, datetime], Iterable[tuple[str, datetime]]]
    zone_name: Callable[[Customer], str]
    warmups: Callable[[Customer, RunsOfWeek], Awaitable[Iterable[ReportedWarmup]]]
    words: Callable[[WeeklyReport], Words]
    message: Callable[[WeeklyReport, Words, str, str, str], bytes]
    lease_for: timedelta
    new_token: Callable[[], str]
    routing: Routing
    shown_at: Callable[[Customer, datetime], datetime | None]
    bulletin: Callable[[Customer, str, Collection[str]], tuple[BulletinItem, ...]]
    provider_names: Mapping[str, str] = field(default_factory=dict)
    endings: Mapping[str, str] = field(default_factory=dict)
    spaces: Spaces = field(default_factory=dict)


async def send_due_reports(store: WholeStore, desk: ReportDesk, clock: Clock) -> int:
    """Returns how many reports were made."""
    made, failures = 0, []
    inventory = await store.inventory()
    settled, weeks = Settled(store), everybodys_weeks(store, desk, inventory)
    for customer in inventory.customers:
        if not customer.report_enabled or not customer.contacts:
            continue
        try:
            for week, due_at in _due_weeks(desk, customer, clock.now()):
                if not await settled.has(customer, week):
                    made += await _make_up(store, desk, clock, inventory, customer, week, due_at, weeks)
        except Exception as failure:  # noqa: BLE001 - raised again below, once the others have their reports
            failures.append(failure)
    if failures:
        raise failures[0]
    return made


class Settled:
    """Whose report of a week was made, or is not to be, read once for each week: this is asked at every tick for
    days."""

    def __init__(self, store: WholeStore) -> None:
        self._store = store
        self._customers: dict[str, set[str]] = {}

    async def has(self, customer: Customer, week: str) -> bool:
        if week not in self._customers:
            said = await self._store.report_words(week=week)
            stopped = {word.customer for word in said if word.plan is not WeekPlan.SENT}
            self._customers[week] = stopped | await self._store.reported(week)
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
    weeks: EverybodysWeeks,
) -> bool:
    if not was_watched(weeks, customer, desk.week_span(customer, week)):
        return False
    if not await reachable(store, customer):
        return False
    key = f"{customer.id}/{week}"
    await store.add_slot(JOB, key, due_at)
    claim = await store.claim_slot(JOB, key, clock.now(), desk.lease_for)
    return claim is not None and await send_report(store, desk, clock, inventory, customer, week, claim, weeks)


async def send_report(
    store: WholeStore,
    desk: ReportDesk,
    clock: Clock,
    inventory: Inventory,
    customer: Customer,
    week: str,
    claim: Claim | None = None,
    weeks: EverybodysWeeks | None = None,
) -> bool:
    """Makes and queues the report; False when the week has one already, or is not to have one."""
    readers = await reachable(store, customer)
    report = await preview(store, desk, clock, inventory, customer, week, weeks)
    words = desk.words(report)
    report_id = notification_id("report", customer.id, week)
    notes = [_note(report_id, customer, contact, report.made_at) for contact in readers]
    tokens = {reader: desk.new_token() for reader in readers}
    run = ReportRun(
        report_id,
        customer.id,
        week,
        report.made_at,
        words.subject,
        words.html or "",
        words.text,
        readers,
        report.listing_keys,
        report.practice.advice_ids if readers else (),
        report.figures,
        report.note,
        tuple(item.id for item in report.bulletin),
    )
    contents = {
        note.id: desk.message(report, words, note.recipient, note.message_id, tokens[note.recipient]) for note in notes
    }
    digests = {token_digest(token): reader for reader, token in tokens.items()}
    return await store.commit_report(claim, run, notes, contents, digests)


async def preview(
    store: WholeStore,
    desk: ReportDesk,
    clock: Clock,
    inventory: Inventory,
    customer: Customer,
    week: str,
    weeks: EverybodysWeeks | None = None,
) -> WeeklyReport:
    """The report's value as of now, written nowhere. `weeks`: of the same inventory, where several are made."""
    span, zone, now = desk.week_span(customer, week), ZoneInfo(desk.zone_name(customer)), clock.now()
    weeks = weeks or everybodys_weeks(store, desk, inventory)
    everybodys = await weeks.of(span, zone, now)
    mail = await load_mail(store, weeks.assets.get(customer.id, ()), customer, everybodys, zone, desk.spaces)
    return assemble(
        customer=customer,
        week=week,
        span=span,
        zone_name=desk.zone_name(customer),
        made_at=now,
        facts=everybodys.facts,
        lists_on=desk.lists_on,
        lists_off=desk.lists_off,
        every=desk.every,
        endings=desk.endings,
        warmups=await desk.warmups(customer, everybodys.warmups),
        provider_names=desk.provider_names,
        practice=(await store.practice(customer.id)).get(customer.id, ()),
        advice=await store.advice(customer.id),
        counted=mail.counted,
        last_week=mail.last,
        spaces=desk.spaces,
        bulletin=desk.bulletin(customer, week, await store.told_bulletins(customer.id)),
        note=next((word.note for word in await store.report_words(customer=customer.id, week=week)), ""),
    )


def everybodys_weeks(store: WholeStore, desk: ReportDesk, inventory: Inventory) -> EverybodysWeeks:
    return EverybodysWeeks(store, inventory, max(desk.every.values(), default=timedelta(0)))


def was_watched(weeks: EverybodysWeeks, customer: Customer, span: Span) -> bool:
    """The dates first: whoever has left is looked at again at every tick for days."""
    if not any(held_span(asset).within(span).length for asset in weeks.assets.get(customer.id, ())):
        return False
    return bool(stakes(weeks.holdings, customer.id, span))


def _note(report_id: str, customer: Customer, contact: str, at: datetime) -> Notification:
    """Each contact gets the same message, under the report's one Message-ID."""
    identity = notification_id("report-copy", report_id, contact)
    return Notification(
        identity, report_id, Audience.CUSTOMER, "email", contact, (customer.id,), at, report_id=report_id
    )
