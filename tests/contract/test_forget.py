"""Forgetting a customer, on both databases: what is theirs alone is gone, what concerns others keeps them no more."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert, select

from contract.store_values import NOON, commit, opening
from deliverwatch.core.alerting import Audience, Notification
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import Watch
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.ports import ReportRun
from deliverwatch.store.engine import open_engine, read_url
from deliverwatch.store.tables import METADATA
from samples import INVENTORY

OWN, SHARED, OTHERS = "192.0.2.10", "203.0.113.1", "198.51.100.7"


async def listed(store, address, parties, at=NOON):
    watch = Watch("zen", parse_subject(address))
    state, events = opening(at, watch)
    told = [replace(each, facts={**each.facts, "parties": list(parties)}) for each in events]
    key = told[0].key
    note = Notification(key, key, Audience.TAM, "email", "tam@esp.example", tuple(parties), at, event_key=key)
    await commit(store, at, states={watch.subject: state}, events=told, notifications=[note])


async def test_what_is_theirs_alone_is_deleted_and_what_is_shared_stays_without_them(store):
    change = InventoryChange(customers_added=INVENTORY.customers, assets_added=INVENTORY.assets)
    await store.apply_inventory(change, NOON)
    for minute, (address, parties) in enumerate(((OWN, ["acme"]), (SHARED, ["acme", "bravo"]), (OTHERS, ["bravo"]))):
        await listed(store, address, parties, NOON.replace(minute=minute))
    run = ReportRun("report", "acme", "2026-W46", NOON, "Your week", "", "")
    await store.commit_report(None, run, [], {})
    forgotten = await store.forget_customer("acme")
    assert forgotten.deleted["listing"] == 1
    assert forgotten.deleted["report_run"] == 1
    assert forgotten.anonymised["event"] >= 1
    assert {each.subject.value for each in await store.listings()} == {SHARED, OTHERS}
    assert await store.events_of(["acme"]) == []
    assert [tuple(each.event.facts["parties"]) for each in await store.events_of(["bravo"])] == [("bravo",)] * 2
    assert {line.notification.customers for line in await store.outbox()} == {("bravo",)}
    inventory = await store.inventory()
    assert [each.id for each in inventory.customers] == ["bravo"]
    assert {each.name for each in inventory.assets} == {"198.51.100.7", "203.0.113.0/30"}
    assert await store.reports() == []
    with pytest.raises(NotPossible):
        await store.forget_customer("acme")


DOMAIN = "news.acme.example"
OF_A_SUBJECT = ("transition", "unstable_watch", "watch_gap", "watch_state", "look_request", "signal")
OF_ACME = {
    **{table: {"subject": OWN} for table in OF_A_SUBJECT},
    **{table: {"ip": OWN} for table in ("fact_hour", "measure", "reply_hour", "platform_reading")},
    "seen_sender": {"name": OWN},
    "dns_value": {"name": f"sel._domainkey.{DOMAIN}"},
    "event": {"key": "k", "subject": OWN},
    "cause": {"key": "k"},
    "listing": {"key": "k", "subject": OWN},
    "provider_episode": {"key": "k", "subject": OWN},
    "notification": {"event_key": "k", "customers": ["acme"]},
    "event_party": {"customer": "acme"},
    "draft": {"id": "d", "customer": "acme"},
    **{table: {"draft_id": "d"} for table in ("draft_step", "draft_episode")},
    "action_request": {"customer": "acme", "draft": "d"},
    "warmup_run": {"id": "w", "customer": "acme", "ip": OWN},
    **{table: {"run_id": "w"} for table in ("warmup_day", "warmup_hold", "warmup_plan_version", "warmup_step")},
    **{table: {"customer": "acme"} for table in ("advice", "practice_result", "silence")},
    **{table: {"customer": "acme"} for table in ("report_run", "report_word", "report_contact", "unsubscribe_token")},
    "job_slot": {"job": "practice/acme"},
    "kept_answer": {"body": b'{"customer":"acme"}'},
}
NOBODYS = {
    *("account", "web_session", "api_token", "sign_in_failure", "known_address"),
    *("cycle", "zone_state", "list_state", "query_budget", "inventory_revision"),
    *("source_state", "file_progress", "seen_event", "rejection", "reply_cluster", "platform_proposal"),
}
STAYS = {"audit_line", "raw_body"}
"""As the docs say."""
INVENTORIES = {"customer", "contact", "asset", "asset_share"}
PLAIN = {
    "Boolean": False,
    "UTCDateTime": NOON,
    "Date": date(2026, 11, 24),
    "Float": 0.5,
    "LargeBinary": b"",
    "JSON": {},
}
NOTE = METADATA.tables["notification"]
NUMBERS = ("Integer", "BigInteger", "Serial")


def filled(table, values):
    """A row: what must be there, with anything."""
    wanted = [column for column in table.columns if not column.nullable and column.name not in values]
    kinds = {column.name: type(column.type).__name__ for column in wanted}
    return {name: 1 if kind in NUMBERS else PLAIN.get(kind, "x") for name, kind in kinds.items()} | values


def test_of_every_table_it_is_known_what_is_forgotten():
    assert {*OF_ACME, *NOBODYS, *STAYS, *INVENTORIES} == set(METADATA.tables)


async def test_no_table_keeps_a_row_of_theirs(store, store_url):
    holding = replace(INVENTORY.assets[0], name=DOMAIN, pool=None, stream=None)
    change = InventoryChange(customers_added=INVENTORY.customers, assets_added=(*INVENTORY.assets, holding))
    await store.apply_inventory(change, NOON)
    engine = open_engine(read_url(store_url))
    with engine.begin() as connection:
        for table in METADATA.sorted_tables:
            if table.name in OF_ACME:
                connection.execute(insert(table).values(filled(table, OF_ACME[table.name])))
        note = {"id": "both", "customers": ["acme", "bravo"], "content": b"Acme Ltd"}
        connection.execute(insert(NOTE).values(filled(NOTE, note)))
        untold = {"id": 2, "key": "told to nobody", "subject": OWN}
        connection.execute(insert(METADATA.tables["event"]).values(filled(METADATA.tables["event"], untold)))
        for name, values in (("account", {"id": "A"}), ("api_token", {"account": "A", "customers": ["acme", "bravo"]})):
            connection.execute(insert(METADATA.tables[name]).values(filled(METADATA.tables[name], values)))
    forgotten = await store.forget_customer("acme")
    assert set(OF_ACME) <= set(forgotten.deleted)
    with engine.begin() as connection:
        both = connection.execute(select(NOTE.c.id, NOTE.c.customers, NOTE.c.content)).all()
        assert [tuple(each) for each in both] == [("both", ["bravo"], None)]
        left = {name: connection.execute(select(METADATA.tables[name])).all() for name in {*OF_ACME} - {NOTE.name}}
        assert {name: rows for name, rows in left.items() if rows} == {}
        assert connection.execute(select(METADATA.tables["api_token"].c.customers)).scalars().all() == [["bravo"]]
    engine.dispose()
