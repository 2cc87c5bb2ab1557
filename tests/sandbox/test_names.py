"""What the sandbox's customers publish is in order, as practice checks see it, but for the two things that are not."""

from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.catalogue.inventory import read_inventory
from deliverwatch.core.inventory import Inventory
from deliverwatch.core.inventory_diff import plan_import
from deliverwatch.core.practice import CheckOutcome
from deliverwatch.core.practice_problems import Problem
from deliverwatch.core.practice_scope import scope_of
from deliverwatch.lookup.names import registered_domain
from deliverwatch.practice.looks import PracticeLooks
from deliverwatch.sandbox.names import build_names, publish_dmarc
from deliverwatch.sandbox.world import INVENTORY

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def inventory(tmp_path):
    file = tmp_path / "customers.yaml"
    file.write_text(INVENTORY, encoding="utf-8")
    wanted = read_inventory(file)
    change = plan_import(Inventory(), wanted.customers, wanted.assets, wanted.has_esp, NOW.date())
    return Inventory(change.customers_added, change.assets_added)


async def failures(server, inventory, customer):
    looks = PracticeLooks((server.address,), timedelta(seconds=5), registered_domain)
    results = await looks(scope_of(customer, inventory, NOW.date()), NOW)
    assert len(results) > 4
    return {(each.subject, each.problem) for each in results if each.outcome is CheckOutcome.FAIL}


async def test_two_things_are_not_in_order_until_one_is(start_nameserver, inventory):
    zones = build_names()
    server = await start_nameserver(*zones.values())
    misled = ("192.0.2.12", Problem.PTR_ELSEWHERE)
    assert await failures(server, inventory, "acme") == {misled, ("news.acme.example", Problem.DMARC_MISSING)}
    publish_dmarc(zones)
    assert await failures(server, inventory, "acme") == {misled}


@pytest.mark.parametrize("customer", ["bravo", "cedar", "delta"])
async def test_what_the_others_publish_is_in_order(start_nameserver, inventory, customer):
    server = await start_nameserver(*build_names().values())
    assert await failures(server, inventory, customer) == set()
