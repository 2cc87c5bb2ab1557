"""Forgetting a customer, on both databases: what is theirs alone is gone, what concerns others keeps them no more."""

from dataclasses import replace

import pytest

from contract.store_values import NOON, commit, opening
from deliverwatch.core.alerting import Audience, Notification
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import Watch
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.ports import ReportRun
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
