"""The preview window: before a report goes, its TAM is told how it stands, and how to look at it, note, hold or skip.

The window is counted in service time, so that it holds working hours of the TAM: that of a report of Monday morning
begins on the Friday before, when the week still runs, and what is shown is how it stands then. The report itself is
made from what is known when it goes.
"""

from datetime import datetime

from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory import Customer
from deliverwatch.core.weekly import WeeklyReport
from deliverwatch.flows.contacts import reachable
from deliverwatch.flows.delivery_ports import WholeStore
from deliverwatch.flows.load_weeks import EverybodysWeeks
from deliverwatch.flows.one_by_one import each_by_itself
from deliverwatch.flows.ports import Clock
from deliverwatch.flows.send_reports import ReportDesk, Settled, everybodys_weeks, preview, was_watched
from deliverwatch.flows.tell import notify

JOB = "report-preview"


async def show_reports(store: WholeStore, desk: ReportDesk, clock: Clock) -> int:
    """Returns how many TAMs were told."""
    inventory, settled = await store.inventory(), Settled(store)
    weeks = everybodys_weeks(store, desk, inventory)

    async def show_to(customer: Customer) -> int:
        shown = _shown_weeks(desk, customer, clock.now())
        new = [each for each in shown if not await settled.has(customer, each[0])]
        return sum([await _show(store, desk, clock, weeks, customer, week, due_at) for week, due_at in new])

    readers = [each for each in inventory.customers if each.report_enabled and each.contacts]
    return sum(await each_by_itself(readers, show_to))


def _shown_weeks(desk: ReportDesk, customer: Customer, now: datetime) -> list[tuple[str, datetime]]:
    found = []
    for week, due_at in desk.weeks_until(customer, now):
        shown_at = desk.shown_at(customer, due_at)
        if shown_at is not None and shown_at <= now < due_at:
            found.append((week, due_at))
    return found


async def _show(
    store: WholeStore,
    desk: ReportDesk,
    clock: Clock,
    weeks: EverybodysWeeks,
    customer: Customer,
    week: str,
    due_at: datetime,
) -> bool:
    if not was_watched(weeks, customer, desk.week_span(customer, week)) or not await reachable(store, customer):
        return False
    key, now = f"{customer.id}/{week}", clock.now()
    await store.add_slot(JOB, key, now)
    claim = await store.claim_slot(JOB, key, now, desk.lease_for)
    if claim is None:
        return False
    report = await preview(store, desk, clock, weeks.inventory, customer, week, weeks)
    event = _event(report, desk.words(report).subject, due_at)
    await store.commit_endings({}, [event], notify([event], weeks.inventory.customers, desk.routing))
    await store.finish_slot(claim, clock.now())
    return True


def _event(report: WeeklyReport, subject: str, due_at: datetime) -> Event:
    kind, customer = EventKind.REPORT_WAITS, report.customer
    facts = {
        "customer": customer.id,
        "parties": [customer.id],
        "week": report.week,
        "goes_at": due_at.isoformat(),
        "subject": subject,
        "figures": dict(report.figures),
    }
    return Event(f"{kind}/{customer.id}/{report.week}", kind, report.made_at, "", None, facts)
