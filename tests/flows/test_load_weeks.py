"""What a report is compared with, from a real store: what last week's report said, and what was counted since."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from deliverwatch.core.delivery import FactCounts, FactKey, Measure
from deliverwatch.core.inventory import Asset
from deliverwatch.core.service_hours import week_span
from deliverwatch.core.week_before import FigureName, Restated
from deliverwatch.core.week_mail import WeekMail
from deliverwatch.flows.delivery_ports import IngestBatch
from deliverwatch.flows.send_reports import preview, send_due_reports, send_report
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.store import open_store
from flows.test_reports import DESK, DUE_AT, hold
from samples import customer

IP, SHARED = "192.0.2.9", "203.0.113.2"
LAST, THIS = "2026-W46", "2026-W47"


def begin_of(week):
    return week_span(week, ZoneInfo(DESK.zone_name(customer("acme")))).begin


def fact(week, attempted, ip=IP, hours=5):
    key = FactKey("postfix", ip, "", "", "", "", "", begin_of(week) + timedelta(hours=hours))
    return {key: FactCounts(attempted, attempted - 1, 1, 0)}


@pytest.fixture
async def world(tmp_path):
    """A store with a customer, and last week's report made when it was due."""
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    await hold(store, Asset("192.0.2.8/29", "acme"), Asset(SHARED, None, shared_with=("acme", "bravo")))
    clock = SteppedClock(DUE_AT - timedelta(days=7))
    await store.commit_ingest(IngestBatch("postfix", "postfix", clock.now(), facts=fact(LAST, 100)))
    await send_report(store, DESK, clock, await store.inventory(), customer("acme"), LAST)
    clock.advance(timedelta(days=7))
    yield store, clock
    await store.close()


async def shown(world):
    store, clock = world
    return await preview(store, DESK, clock, await store.inventory(), customer("acme"), THIS)


async def test_a_report_stands_beside_what_the_last_one_said(world):
    assert (await shown(world)).before.restated == ()
    store, clock = world
    await store.commit_ingest(IngestBatch("postfix", "postfix", clock.now(), facts=fact(LAST, 5)))
    report = await shown(world)
    assert report.before.mail == WeekMail(105, 103, 2, 0)
    assert report.before.restated == (
        Restated(FigureName.ATTEMPTED, 100, 105),
        Restated(FigureName.DELIVERED, 99, 103),
        Restated(FigureName.DEFERRED, 1, 2),
    )


async def test_only_the_customers_own_mail_of_the_week_is_counted(world):
    store, clock = world
    facts = fact(THIS, 7) | fact(THIS, 500, SHARED) | fact(THIS, 900, hours=168) | fact(THIS, 900, hours=-1)
    day = begin_of(THIS).replace(hour=0) + timedelta(days=2)
    measures = [
        Measure(day, timedelta(days=1), ip=ip, attempted=30, delivered=30)
        for ip in ("192.0.2.10", SHARED, "192.0.2.99")
    ]
    await store.commit_ingest(IngestBatch("postfix", "postfix", clock.now(), facts=facts))
    await store.commit_ingest(IngestBatch("ses", "ses", clock.now(), measures=measures))
    assert (await shown(world)).mail == WeekMail(37, 36, 1, 0)


async def test_what_is_everybodys_is_loaded_once_for_all_reports_of_a_week(world):
    store, clock = world
    asked = []

    class Watched:
        def __getattr__(self, name):
            asked.append(name)
            return getattr(store, name)

    assert await send_due_reports(Watched(), DESK, clock) == 2
    loaded = ("inventory", "watch_states", "listings", "cycles", "gaps", "episodes", "drafts", "measures", "warmups")
    assert [asked.count(each) for each in loaded] == [1] * len(loaded)
    assert asked.count("commit_report") == 2


async def test_without_a_report_of_last_week_nothing_is_compared(world):
    store, clock = world
    report = await preview(store, DESK, clock, await store.inventory(), customer("acme"), LAST)
    assert report.before.listings is None
    assert report.mail == WeekMail(100, 99, 1, 0)
