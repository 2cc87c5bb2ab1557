"""The start of the day: what it says of whom, to whom, and since when."""

import re
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from html import unescape

import httpx
import pytest

from deliverwatch.core.access import Role
from deliverwatch.core.block import Episode, EpisodeKind, episode_key
from deliverwatch.core.inventory import Asset
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.remediation.draft import DraftState, DraftStep
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.delivery_ports import EpisodeChanges
from deliverwatch.web import House, create_app
from samples import NOON, customer
from web.signing_in import ORIGIN, open_house, sign_in
from web.test_pages import a_draft
from web.watched_world import HOSTILE, OPERATOR, READER, TAM_OF_ACME, open_watched


@pytest.fixture
async def world(tmp_path):
    async with open_watched(tmp_path) as world:
        yield world


async def start(world, **who):
    async with world.browser(**(who or OPERATOR)) as client:
        return await client.get("/")


def words(answer):
    return text_of(answer.text.partition("<main")[2])


def section(answer, id_):
    """The words between a heading and the next one."""
    part = answer.text.partition(f'<h2 id="{id_}">')[2].partition("<h2")[0]
    return text_of(part)


def text_of(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


async def verified(world):
    for each in world.app.catalogue.on:
        await world.round(each.id)


async def blocked(world, subject="198.51.100.7", provider="google"):
    found, at = parse_subject(subject), NOON - timedelta(hours=2)
    key = episode_key(EpisodeKind.BLOCK, provider, found, "ip_block", at)
    block = Episode(key, EpisodeKind.BLOCK, provider, found, "ip_block", ReplyClass.IP_BLOCK, at, NOON)
    await world.store.commit_episodes(EpisodeChanges([block]))


async def drafted(world, draft_id, customer="acme", **more):
    draft = a_draft(draft_id, draft_id, customer=customer, **more)
    await world.store.add_draft(draft, DraftStep(NOON, DraftState.PREPARED, "deliverwatch"))


async def test_an_empty_installation_does_not_say_that_all_is_well(world):
    text = words(await start(world))
    assert "No listing on an important list and no block is known, but not everything could be checked." in text
    assert "No source is set up: blocks at mailbox providers are not seen." in text
    assert "never verified" in text


async def test_all_is_well_only_if_every_list_and_source_was_heard(world):
    await verified(world)
    await world.read("postfix")
    good = "No listing is open on an important list, no block is open, and everything was checked."
    assert good in words(await start(world))
    await world.refused("psbl")
    assert good not in words(await start(world))


async def test_a_daemon_that_does_not_tick_is_the_headline(world):
    await verified(world)
    await world.read("postfix")
    house = House(world.app, lambda: NOON - timedelta(hours=1), timedelta(seconds=45))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(house)), base_url=ORIGIN) as client:
        await sign_in(client, house)
        text = words(await client.get("/"))
    assert "Nothing is being watched: the daemon is not running, or it is stuck." in text


async def test_the_worst_of_my_customers_come_with_where_and_how_much(world):
    await world.listed("192.0.2.10")
    answer = await start(world)
    assert "1 customer has open listings on important lists, or blocks. Not everything could be checked." in words(
        answer
    )
    assert "Acme not measured 1 0 1 Passive Spam Block List" in section(answer, "affected")
    assert "1 of 2 customers affected" in words(answer)


async def test_a_list_that_only_informs_affects_nobody(world):
    informs = next(each for each in world.app.catalogue.on if not each.leads)
    await world.listed("192.0.2.10", list_id=informs.id)
    assert "None that we know of has an open listing" in section(await start(world), "affected")


async def test_whoever_sees_some_customers_sees_nothing_of_others(world):
    await world.listed("192.0.2.10")
    await world.listed("198.51.100.7", ("bravo",))
    await drafted(world, "d-acme", due_at=NOON)
    await drafted(world, "d-bravo", "bravo", due_at=NOON)
    mine = await start(world, **TAM_OF_ACME)
    assert "Bravo" not in mine.text
    assert "198.51.100.7" not in mine.text
    assert "d-bravo" not in mine.text
    assert "1 of 1 customers affected" in words(mine)
    every = await start(world, **READER)
    assert "2 of 2 customers affected" in words(every)
    assert {"Bravo", "d-bravo"} <= {each for each in ("Bravo", "d-bravo") if each in every.text}


async def test_whoever_sees_no_customer_is_shown_nothing_and_told_no_sum(world):
    await world.listed("192.0.2.10")
    nobody = await start(world, role=Role.TAM, sees_all=False, email="none@esp.example")
    assert "0 of 0 customers affected" in words(nobody)
    assert "192.0.2.10" not in nobody.text
    assert "no customer's" not in words(nobody)


async def test_what_is_no_customers_is_counted_for_those_who_see_all(world):
    asset = Asset("192.0.2.200", None)
    await world.store.apply_inventory(InventoryChange(assets_added=(asset,)), NOON - timedelta(days=20))
    await world.listed("192.0.2.200", ())
    assert "1 listing or block is of a sender that is no customer's." in section(await start(world), "affected")
    assert "no customer's" not in words(await start(world, **TAM_OF_ACME))


async def test_a_block_counts_with_the_name_of_its_provider(world):
    await blocked(world)
    found = section(await start(world), "affected")
    assert "Bravo not measured 0 1 1 Gmail" in found


async def test_drafts_come_by_when_they_are_due_in_service_hours_and_what_is_late_stands_out(world):
    await drafted(world, "d-later", due_at=NOON + timedelta(hours=5))
    await drafted(world, "d-late", due_at=NOON - timedelta(hours=20))
    answer = await start(world)
    assert answer.text.index("/drafts/d-late") < answer.text.index("/drafts/d-later")
    late = "Tue 17 Nov 2026 11:00 EST (overdue for 6 h of service)"
    assert late in section(answer, "drafts")
    assert "Wed 18 Nov 2026 12:00 EST (3 h of service left)" in section(answer, "drafts")
    assert "2 drafts waiting 1 is overdue" in words(answer)


async def test_news_are_those_since_i_said_that_i_have_seen_them(world):
    await world.listed("192.0.2.10")
    async with world.browser(**OPERATOR) as client:
        first = await client.get("/")
        assert "Opened and closed in the last 24 hours" in words(first)
        assert "1 opened, 0 closed." in section(first, "news")
        assert "listed 192.0.2.10 Passive Spam Block List Acme 5 h ago" in section(first, "news")
        (until,) = re.findall(r'name="until" value="([^"]+)"', first.text)
        await world.listed("192.0.2.11", at=NOON + timedelta(minutes=1))
        answer = await client.post("/seen", data={"until": until})
        assert (answer.status_code, answer.headers["location"]) == (303, "/?done=seen")
        second = await client.get("/?done=seen")
    assert "What happened up to now counts as seen." in words(second)
    assert "Opened and closed since you last looked" in words(second)
    assert "192.0.2.10" not in section(second, "news")
    assert "192.0.2.11" in section(second, "news")


async def test_what_is_yet_to_come_cannot_be_seen(world):
    async with world.browser(**OPERATOR) as client:
        await client.post("/seen", data={"until": (NOON + timedelta(days=9)).isoformat()})
        (kept,) = await world.app.access.accounts()
    assert kept.last_looked_at < NOON + timedelta(minutes=1)


@pytest.mark.parametrize("until", ["", "yesterday", "2026-11-18T12:00:00", "0001-01-01T00:00:00+14:00"])
async def test_a_time_that_is_none_is_refused_and_changes_nothing(world, until):
    async with world.browser(**OPERATOR) as client:
        assert (await client.post("/seen", data={"until": until})).status_code == 422
        (kept,) = await world.app.access.accounts()
    assert kept.last_looked_at is None


async def test_that_it_was_seen_is_in_the_audit_trail_and_others_have_not_seen_it(world):
    async with world.browser(**OPERATOR) as client:
        answer = await client.post("/seen", data={"until": NOON.isoformat()})
    line = (await world.store.audit(limit=1))[0].deed
    assert (line.action, line.request) == ("start.seen", answer.headers["x-request-id"])
    async with world.browser(**READER) as client:
        assert "Opened and closed in the last 24 hours" in words(await client.get("/"))


async def test_lists_and_sources_that_could_not_be_checked_are_named(world):
    await world.refused("psbl")
    answer = await start(world)
    assert "Passive Spam Block List refuses us never verified" in section(answer, "unchecked")


async def test_strangers_text_stays_text(world):
    change = InventoryChange(customers_added=(customer("hostile"),), assets_added=(Asset("192.0.2.99", "hostile"),))
    named = replace(change.customers_added[0], name=HOSTILE)
    await world.store.apply_inventory(replace(change, customers_added=(named,)), NOON - timedelta(days=20))
    await world.listed("192.0.2.99", ("hostile",), reason=HOSTILE)
    await drafted(world, "d-h", "hostile", addressee=HOSTILE)
    text = (await start(world)).text
    assert "<script>alert" not in text
    assert "<img" not in text
    assert not {"\x1b", "\u202e"} & set(text)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\x1b[2J\\u202e" in text


@asynccontextmanager
async def crowded(tmp_path, number):
    async with open_watched(tmp_path) as world:
        customers = tuple(customer(f"customer-{n:03}") for n in range(number))
        assets = tuple(Asset(f"10.0.{n // 250}.{n % 250 + 1}", each.id) for n, each in enumerate(customers))
        change = InventoryChange(customers_added=customers, assets_added=assets)
        await world.store.apply_inventory(change, NOON - timedelta(days=20))
        for asset in assets[:60]:
            await world.listed(asset.name, (asset.holder,), told=False)
        for each in customers[:60]:
            await drafted(world, f"d-{each.id}", each.id, due_at=NOON)
        yield world


async def test_the_page_stays_small_and_counts_what_it_leaves_out(tmp_path):
    async with crowded(tmp_path, 500) as world:
        answer = await start(world)
    assert len(answer.content) < 100_000
    assert "60 of 502 customers affected" in words(answer)
    assert "35 more customers are affected" in section(answer, "affected")
    assert "48 more drafts wait" in section(answer, "drafts")
    assert "40 more, among the alerts" in section(answer, "news")


async def test_nothing_is_shown_to_whom_is_not_signed_in(world):
    async with world.browser() as client:
        assert (await client.get("/")).headers["location"] == "/sign-in?next=%2F"
        answer = await client.post("/seen", data={"until": NOON.isoformat()}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 403


async def test_a_new_installation_is_told_that_it_has_no_customers_and_not_that_all_is_well(tmp_path):
    house = await open_house(tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(house)), base_url=ORIGIN) as client:
        await sign_in(client, house)
        everybodys = words(await client.get("/"))
        await sign_in(client, house, role=Role.TAM, sees_all=False, email="tam@esp.example")
        own = words(await client.get("/"))
    await house.app.store.close()
    assert "The inventory holds no customer yet" in everybodys
    assert "You see no customer yet" in own
