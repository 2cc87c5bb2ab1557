"""Search, and the list of customers: what is found, and what is not there for whoever may not see it."""

import re
from datetime import timedelta
from html import unescape

import pytest

from deliverwatch.core.alerting import Audience, Notification
from deliverwatch.core.inventory import Asset
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.remediation.draft import DraftState, DraftStep
from deliverwatch.flows.ports import ReportRun
from samples import NOON, customer
from web.test_pages import a_draft
from web.watched_world import HOSTILE, OPERATOR, TAM_OF_ACME, open_watched


@pytest.fixture
async def world(tmp_path):
    async with open_watched(tmp_path) as world:
        for each, address in (("acme", "192.0.2.10"), ("bravo", "198.51.100.7")):
            await world.listed(address, (each,))
            await world.warned(address, (each,))
            draft = a_draft(f"d-{each}", each, customer=each, subjects=(address,), reference=f"SRX-{each}")
            await world.store.add_draft(draft, DraftStep(NOON, DraftState.PREPARED, "deliverwatch"))
            run = ReportRun(f"report-{each}", each, "2026-W46", NOON, f"Your week, {each}", "", "")
            note = Notification(
                each, each, Audience.CUSTOMER, "email", "a@example.org", (each,), NOON, report_id=run.id
            )
            await world.store.commit_report(None, run, [note], {})
        yield world


async def search(world, words, **who):
    async with world.browser(**(who or OPERATOR)) as client:
        answer = await client.get("/search", params={"q": words})
    assert answer.status_code == 200
    return answer.text.partition('<div id="found">')[2].partition("<footer")[0]


def links(found):
    return set(re.findall(r'href="([^"]+)"', found))


@pytest.mark.parametrize(
    ("words", "link"),
    [
        ("acme", "/customers/acme"),
        ("ACM", "/customers/acme"),
        ("Tam of acme", "/customers/acme"),
        ("192.0.2.10", "/customers/acme/subjects"),
        ("192.0.2.8/29", "/customers/acme/subjects"),
        ("acme-news", "/customers/acme/subjects"),
        ("192.0.2.10", "/lists/psbl"),
        ("192.0.2.10", "/drafts/d-acme"),
        ("SRX-acme", "/drafts/d-acme"),
        ("d-acme", "/drafts/d-acme"),
        ("Your week, acme", "/reports/report-acme"),
        ("passive spam", "/lists/psbl"),
        ("psbl.surriel", "/lists/psbl"),
    ],
)
async def test_it_is_found_by_all_its_names(world, words, link):
    assert link in links(await search(world, words))


async def test_an_alert_is_found_by_its_number(world):
    number = (await world.store.events_of({"acme"}, limit=1))[0].id
    async with world.browser(**OPERATOR) as client:
        found = (await client.get("/search", params={"q": f" {number:02} "})).text
    assert f'href="/alerts/{number}"' in found


async def test_what_is_at_a_provider_is_named_with_whether_it_is_open(world):
    found = " ".join(re.sub(r"<[^>]+>", " ", await search(world, "192.0.2.10")).split())
    assert "warning: 192.0.2.10 at Microsoft Outlook.com open since Mon 16 Nov 2026" in found


@pytest.mark.parametrize("words", ["bravo", "198.51.100.7", "198.51.100", "SRX-bravo", "d-bravo", "Your week, bravo"])
async def test_what_one_may_not_see_is_not_there(world, words):
    assert links(await search(world, words))
    found = await search(world, words, **TAM_OF_ACME)
    assert "Nothing was found for" in found
    assert links(found) == set()


async def test_the_alert_of_another_customer_is_not_found_by_its_number(world):
    number = next(each.id for each in await world.store.events_of({"bravo"}))
    assert f"/alerts/{number}" in links(await search(world, f"{number:02}"))
    assert links(await search(world, f"{number:02}", **TAM_OF_ACME)) == set()


async def test_a_shared_pool_is_found_without_the_others_who_share_it(world):
    found = await search(world, "203.0.113.1", **TAM_OF_ACME)
    assert links(found) == {"/customers/acme/subjects", "/customers/acme"}
    assert "Bravo" not in found


async def test_what_nobody_holds_any_more_is_not_found(world):
    ended = Asset("192.0.2.99", "acme", until_on=(NOON - timedelta(days=2)).date())
    await world.store.apply_inventory(InventoryChange(assets_added=(ended,)), NOON - timedelta(days=20))
    assert links(await search(world, "192.0.2.99")) == set()


async def test_one_letter_is_too_little_and_nothing_is_nothing(world):
    assert "Two letters or figures at least." in await search(world, "a")
    assert "found" not in await search(world, "")


@pytest.mark.parametrize("words", [HOSTILE, "%", "' OR 1=1 --", "\x00\x00", "a" * 5000, "_" * 3, "\\%", "ﬀ"])
async def test_any_text_may_be_sought_and_stays_text(world, words):
    found = await search(world, words)
    assert "<script" not in found
    assert "<img" not in found
    assert links(found) == set()


async def test_at_most_ten_of_a_kind_are_shown(world):
    more = tuple(customer(f"acme-{number:02}") for number in range(30))
    await world.store.apply_inventory(InventoryChange(customers_added=more), NOON - timedelta(days=20))
    found = links(await search(world, "acme-"))
    assert len([each for each in found if each.startswith("/customers/acme-")]) == 10


async def customers(world, query="", **who):
    async with world.browser(**(who or OPERATOR)) as client:
        answer = await client.get(f"/customers{query}")
    assert answer.status_code == 200
    return unescape(answer.text.partition("<main")[2].partition("<footer")[0])


def rows(text):
    return re.findall(r'<th scope="row"><a href="/customers/([^"]+)"', text)


async def test_customers_are_listed_by_name_with_what_is_open(world):
    text = await customers(world)
    assert rows(text) == ["acme", "bravo"]
    assert "2 of 2 customers" in text
    assert re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).count("1 0 not measured") == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=brav", ["bravo"]),
        ("?q=tam-acme@esp.example", ["acme"]),
        ("?q=none", []),
        ("?show=nonsense", ["acme", "bravo"]),
        ("?after=acme", ["bravo"]),
        ("?after=gone", ["acme", "bravo"]),
    ],
)
async def test_they_are_filtered(world, query, found):
    assert rows(await customers(world, query)) == found


async def test_those_that_are_affected_can_be_had_alone(world):
    calm = InventoryChange(customers_added=(customer("calm"),))
    await world.store.apply_inventory(calm, NOON - timedelta(days=20))
    await world.listed("192.0.2.11", list_id="spamcop-scbl")
    await world.listed("192.0.2.12", list_id="spamcop-scbl")
    assert rows(await customers(world)) == ["acme", "bravo", "calm"]
    assert rows(await customers(world, "?show=affected")) == ["acme", "bravo"]
    assert rows(await customers(world, "?show=affected&q=bra")) == ["bravo"]


async def test_one_sees_ones_own(world):
    text = await customers(world, **TAM_OF_ACME)
    assert rows(text) == ["acme"]
    assert "Bravo" not in text
    assert "1 of 1 customers" in text


async def test_many_customers_are_parted_into_pages_without_loss(world):
    more = tuple(customer(f"more-{number:03}") for number in range(230))
    await world.store.apply_inventory(InventoryChange(customers_added=more), NOON - timedelta(days=20))
    found, query = [], ""
    while query is not None:
        text = await customers(world, query)
        found += rows(text)
        following = re.search(r'rel="next" href="/customers([^"]+)"', text)
        query = following[1] if following else None
    assert found == ["acme", "bravo", *(each.id for each in more)]
