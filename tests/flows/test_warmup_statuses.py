"""Who sees what of an address that goes from one customer to another, on the command line and in the report."""

import pytest

from deliverwatch.core.coverage import Span
from deliverwatch.core.inventory import Asset
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.flows.warmup_statuses import run_statuses
from flows.warmup_world import DAY, IP, TODAY, World
from samples import NOON


@pytest.fixture
async def world(tmp_path):
    world = await World.begin(tmp_path)
    yield world
    await world.store.close()


async def hand_over(world, *assets):
    await world.store.apply_inventory(InventoryChange(assets_added=assets), world.clock.now())


async def seen(world, customer):
    found = await run_statuses(world.store, world.clock, world.desk, customer, None, ended=False)
    return {each.run.ip: each.shared for each in found}


async def week(world, customer, first):
    begin = NOON + (first - TODAY)
    return await world.week(customer, Span(begin, begin + 7 * DAY))


async def test_after_a_handing_over_neither_reads_of_the_other(world):
    """On the second day of a week; the report of the week before is acme's, and was made after it."""
    await world.start(TODAY - 9 * DAY)
    await world.mail(195, on=TODAY - DAY)
    await world.advance()
    assert await seen(world, "acme") == {IP: False}
    (before,) = await week(world, "acme", TODAY - 7 * DAY)
    assert (before.shared, bool(before.days), before.status.run.plan.name) == (False, True, "Own plan")

    await hand_over(world, Asset(IP, "bravo", from_on=TODAY))
    assert (await seen(world, "acme"), await seen(world, "bravo")) == ({}, {IP: True})
    (acmes,) = await week(world, "acme", TODAY - 9 * DAY)
    assert (acmes.shared, acmes.days, acmes.status.judged, acmes.status.next.allowance) == (True, (), None, None)
    (bravos,) = await week(world, "bravo", TODAY)
    assert (bravos.shared, bravos.days, bravos.status.run.pool, bravos.status.run.plan.name) == (True, (), None, "")


async def test_a_run_of_the_esps_is_theirs_who_alone_send_from_it(world):
    await world.start(TODAY - DAY, ip="203.0.113.1")
    await world.mail(195, on=TODAY - DAY, ip="203.0.113.1")
    await world.advance()
    assert await seen(world, "acme") == {"203.0.113.1": True}
    await hand_over(world, Asset("203.0.113.1", None, ("acme",), from_on=TODAY))
    assert await seen(world, "acme") == {"203.0.113.1": True}, "the day that was judged last was bravo's as well"
    await hand_over(world, Asset("203.0.113.1", None, ("acme",), from_on=TODAY - DAY))
    assert await seen(world, "acme") == {"203.0.113.1": False}


async def test_without_a_customer_all_is_shown(world):
    await world.start(TODAY - 2 * DAY)
    await hand_over(world, Asset(IP, "bravo", from_on=TODAY))
    assert await seen(world, None) == {IP: False}
