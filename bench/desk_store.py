"""A store of two years for the desk to read: made by a process of its own, on the database that it is given.

500 customers of 25 TAMs with 50,000 subjects (ranges, single addresses, domains), and 20 pools that 25 customers share
each. Of two years: some 26,000 listings and 18,000 blocks, throttles and warnings with their 90,000 events and messages
(one customer in ten has four times as much as the others), 10,000 drafts with their steps, 52,000 weekly reports.
Of now: best practice with advice; 100 warm-ups that run and 500 that ended, with their days; mail by the hour of 2,000
addresses for 35 days; the rounds of 90 days over every list that is on. Prints JSON.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

import bulk
import desk_history
from deliverwatch.app import App
from deliverwatch.core.alerting import Audience, Notification, NotificationState, notification_id
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.practice import Advice, Check, CheckOutcome, CheckResult
from deliverwatch.core.service_hours import zone_of
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.warmup.plan_facts import plan_hash
from deliverwatch.core.warmup.run import RunEnd, StepKind, WarmupRun, WarmupStep
from deliverwatch.core.zone_health import Health
from deliverwatch.flows.ports import ReportRun
from deliverwatch.flows.warmup_ports import PlanVersion, WarmupChanges
from deliverwatch.in_use import Catalogue
from deliverwatch.store.engine import open_engine, read_url
from deliverwatch.store.event_parties import PARTY, party_values
from deliverwatch.store.mapping import drafts, episodes, outbox, practice, provider_episodes, reports
from deliverwatch.store.tables import METADATA
from desk_history import CUSTOMERS, DAYS, POOLS, RECEIVERS, SENDING, Happened, address, domain, id_of
from report_store import NOW, Monday, settings

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_HTML = "<p>Your sending IPs were looked at each hour on every list that matters.</p>" * 40
_FACT_DAYS, _SENDING_HOURS, _ROUND_DAYS = 35, (6, 9, 13, 17), 90
_RUNNING, _ENDED = 100, 500

Rows = Iterator[dict[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("url")
    given = parser.parse_args()
    app = App.open(settings(given.folder, given.url), Monday())
    print(json.dumps(asyncio.run(_fill(app, given.url))))


async def _fill(app: App, url: str) -> dict[str, int]:
    await _fill_inventory(app)
    counted = await asyncio.to_thread(_in_bulk, url, lambda connection: _histories(connection, app.catalogue))
    await _fill_warmups(app)
    counted |= await asyncio.to_thread(_in_bulk, url, _ended_warmups)
    await app.store.close()
    return counted


def _in_bulk(url: str, work: Any) -> dict[str, int]:
    """In one transaction, so that it may as well not wait for the disk."""
    engine = open_engine(read_url(url))
    with engine.begin() as connection:
        counted: dict[str, int] = work(connection)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")  # as its autovacuum does within minutes
    engine.dispose()
    return counted


async def _fill_inventory(app: App) -> None:
    assets = [asset for number in range(CUSTOMERS) for asset in desk_history.assets(number)]
    customers = tuple(map(desk_history.customer, range(CUSTOMERS)))
    change = InventoryChange(customers_added=customers, assets_added=(*assets, *desk_history.pools()))
    await app.store.apply_inventory(change, NOW - DAYS * _DAY)


def _histories(connection: Connection, catalogue: Catalogue) -> dict[str, int]:
    lists = list(catalogue.live)
    happened = [desk_history.history(number, lists) for number in range(CUSTOMERS)]
    happened += [desk_history.shared_history(pool, lists) for pool in range(POOLS)]
    events = desk_history.in_order(happened)
    rows: dict[str, Rows] = {
        "event": ({"id": number, **episodes.event_values(event)} for number, event in enumerate(events, 1)),
        "event_party": (row for number, event in enumerate(events, 1) for row in party_values(event, number)),
        "listing": _listings(events),
        "provider_episode": (provider_episodes.episode_values(each) for one in happened for each in one.episodes),
        "report_run": _reports(),
        "notification": _messages(events),
        "draft": (drafts.draft_values(draft) for one in happened for draft, _ in one.drafts),
        "draft_episode": _leads(happened),
        "draft_step": _steps(happened),
        "practice_result": _practice(),
        "advice": (practice.advice_values(each) for number in range(CUSTOMERS) for each in _advice(number)),
        "fact_hour": _mail(),
        "zone_state": (_zone(each.id) for each in lists),
        "cycle": (row for each in lists for row in _rounds(each.id)),
    }
    counted = {name: bulk.write(connection, METADATA.tables[name], made) for name, made in rows.items()}
    for name in ("event", "draft_step", "cycle"):
        bulk.count_on(connection, METADATA.tables[name])
    assert connection.execute(select(PARTY.c.customer).limit(1)).first() is not None
    return counted


def _listings(events: list[Event]) -> Rows:
    ends = {(each.list_id, each.facts["opened_at"], each.subject): each for each in events if _ends(each)}
    for event in events:
        if event.kind is EventKind.LISTING_OPENED:
            end = ends.get((event.list_id, event.facts["opened_at"], event.subject))
            yield episodes.opened_values(event) | (episodes.closed_values(end) if end is not None else {})


def _ends(event: Event) -> bool:
    return event.kind is EventKind.LISTING_CLOSED


def _reports() -> Rows:
    for number in range(CUSTOMERS):
        customer = desk_history.customer(number)
        for week in range(DAYS // 7):
            made_at = NOW - timedelta(weeks=week) - _HOUR
            name = f"{made_at - _DAY:%G-W%V}"
            subject = f"{customer.name}: week {name}, 2 listings, 99.8 % verified"
            figures = {"opened": 2, "open": 1, "closed": 1, "verified_ratio": 0.998}
            run = ReportRun(
                f"report-{number}-{week}",
                customer.id,
                name,
                made_at,
                subject,
                _HTML,
                _HTML[:1_000],
                customer.contacts,
                figures=figures,
            )
            yield reports.report_values(run) | {"archived_at": made_at}


def _messages(events: list[Event]) -> Rows:
    """One to the TAM of each event; all were sent."""
    for event in events:
        for party in event.facts.get("parties", ())[:1]:
            to = desk_history.customer(int(party.removeprefix("customer-"))).tam.email
            id_ = notification_id(event.key, to)
            note = Notification(
                id_, id_, Audience.TAM, "email", to, (party,), event.at, event.key, because="the account manager"
            )
            sent = {"state": str(NotificationState.SENT), "sent_at": event.at, "attempts": 1, "next_attempt_at": None}
            yield outbox.notification_values(note, event.key, b"Subject: told\n\nas it was") | sent


def _leads(happened: list[Happened]) -> Rows:
    for one in happened:
        for draft, _ in one.drafts:
            yield {"draft_id": draft.id, "episode_key": draft.episodes[0], "leads": True}


def _steps(happened: list[Happened]) -> Rows:
    taken = ((draft.id, step) for one in happened for draft, steps in one.drafts for step in steps)
    for number, (id_, step) in enumerate(taken, 1):
        yield {"id": number, **drafts.step_values(id_, step)}


def _practice() -> Rows:
    for number in range(CUSTOMERS):
        for check in Check:
            for which in range(3):
                outcome = CheckOutcome.PASS if which or number % 4 else CheckOutcome.FAIL
                problem = None if outcome is CheckOutcome.PASS else "spf_missing"
                at = NOW - 12 * _HOUR
                result = CheckResult(check, domain(number, which), outcome, "as it is", at, "looked up", problem)
                yield practice.result_values(id_of(number), result)


def _advice(number: int) -> Iterator[Advice]:
    for which in range(4):
        name = domain(number, which)
        opened_at = NOW - (30 + 90 * which) * _DAY
        mended = opened_at + 20 * _DAY if which else None
        facts = {"domain": name}
        advice = Advice(
            f"{number}/{which}", id_of(number), Check.SPF, name, "spf_missing", facts, "no record", opened_at
        )
        yield replace(advice, told_at=opened_at + _DAY, mended_at=mended)


def _mail() -> Rows:
    """Four hours a day of each address that sends."""
    counts = {"out_of_band": 0, "complaints": 1, "retries": 3}
    names = {"pool": "receipts", "campaign": "", "subaccount": ""}
    hours = [NOW.replace(hour=hour, minute=0) - day * _DAY for day in range(_FACT_DAYS) for hour in _SENDING_HOURS]
    for number in range(CUSTOMERS):
        for which in range(SENDING):
            sender = {"ip": address(number, which), "domain": domain(number, 0), "source": "powermta", **names}
            for hour in hours:
                for place, provider in enumerate(RECEIVERS, 1):
                    sent = 400 * place + number
                    of_hour = {"attempted": sent, "delivered": sent - 30, "deferred": 20, "bounced": 10}
                    yield {"hour_at": hour, "provider": provider, **sender, **of_hour, **counts}


def _zone(list_id: str) -> dict[str, Any]:
    return {
        "list_id": list_id,
        "path": "127.0.0.1:53",
        "health": str(Health.HEALTHY),
        "since": NOW - _ROUND_DAYS * _DAY,
        "bad_rounds": 0,
        "bad_kinds": [],
        "lies": False,
    }


def _rounds(list_id: str) -> Rows:
    """One an hour; each Sunday one that was not verified."""
    at = NOW - _ROUND_DAYS * _DAY
    while at < NOW:
        well = at.weekday() < 6 or at.hour != 5
        counts = dict.fromkeys(("refused", "unreachable", "nonsense"), 0)
        yield {
            "list_id": list_id,
            "path": "127.0.0.1:53",
            "started_at": at,
            "finished_at": at + timedelta(minutes=2),
            "verified": well,
            "kinds_verified": [str(kind) for kind in SubjectKind] if well else [],
            "full": True,
            "vouches_until": at + _HOUR,
            "due": 50_000,
            "listed": 500,
            "clear": 49_500,
            **counts,
            "detail": None if well else "no answer in time",
            "job": f"round/{list_id}",
            "key": f"{at:%Y%m%d%H}",
            "fence": 1,
        }
        at += _HOUR


async def _fill_warmups(app: App) -> None:
    """Through the folds, which know best what a day looks like."""
    plan = app.warmups.plan("sparkpost-stages")
    for number in range(_RUNNING):
        started_at = NOW - (10 + number % 20) * _DAY
        run = WarmupRun(
            f"run-{number}",
            address(number * 5, number % SENDING),
            id_of(number * 5),
            plan,
            1,
            plan_hash(plan),
            zone_of(desk_history.customer(number * 5).service_time_zone).key,
            started_at.date(),
            started_at,
            "receipts",
        )
        step = WarmupStep(run.id, started_at, StepKind.STARTED, "robin", "")
        agreed = PlanVersion(run.id, 1, plan, started_at, "robin", "")
        await app.store.add_warmup(WarmupChanges(run, steps=[step], agreed=agreed))
    await app.warmups.advance()


def _ended_warmups(connection: Connection) -> dict[str, int]:
    """As those that run, on other addresses, and over."""
    runs, versions, days = (METADATA.tables[name] for name in ("warmup_run", "warmup_plan_version", "warmup_day"))
    found = [dict(row._mapping) for row in connection.execute(select(runs))]
    agreed = {row.run_id: dict(row._mapping) for row in connection.execute(select(versions))}
    days_of: dict[str, list[dict[str, Any]]] = {run["id"]: [] for run in found}
    for row in connection.execute(select(days)):
        days_of[row.run_id].append(dict(row._mapping))
    ended, their_versions, their_days = [], [], []
    for number in range(_ENDED):
        run, id_ = found[number % len(found)], f"ended-{number}"
        over = {"ended": str(RunEnd.FINISHED), "ended_on": NOW.date() - (1 + number * DAYS // _ENDED) * _DAY}
        ended.append({**run, "id": id_, "ip": address(number, 70), "customer": id_of(number), **over})
        their_versions.append({**agreed[run["id"]], "run_id": id_})
        their_days += [{**day, "run_id": id_} for day in days_of[run["id"]]]
    bulk.write(connection, runs, iter(ended))
    bulk.write(connection, versions, iter(their_versions))
    return {"warmup_run": len(found) + _ENDED, "warmup_day": bulk.write(connection, days, iter(their_days))}


if __name__ == "__main__":
    main()
