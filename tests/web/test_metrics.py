"""/metrics: every family with its unit and type, nothing that names a customer, and open to whom it should be."""

import asyncio
import shutil
import subprocess
from datetime import timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deliverwatch.core.access import Role, Scope
from samples import NOON
from web.signing_in import ORIGIN, token
from web.watched_world import BRAVOS, TAM_OF_ACME, open_watched

FROM_AFAR = ("192.0.2.99", 5555)
PROMTOOL = shutil.which("promtool")


@pytest.fixture
async def watched(tmp_path):
    async with open_watched(tmp_path) as world:
        yield world


async def scraped(client, **more):
    answer = await client.get("/metrics", **more)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.text


def samples(text):
    """By name: the labels and values."""
    found = {}
    for family in text_string_to_metric_families(text):
        for each in family.samples:
            found.setdefault(each.name, []).append((each.labels, each.value))
    return found


def value(found, name, **labels):
    (only,) = [value for told, value in found[name] if labels.items() <= told.items()]
    return only


async def filled(watched):
    await watched.listed("192.0.2.10")
    await watched.listed("198.51.100.7", ("bravo",), reason=BRAVOS)
    await watched.deliver("550 no")
    await watched.listed("203.0.113.1", ("acme", "bravo"))
    await watched.refused()
    await watched.warned()
    await watched.read("postfix")


async def test_the_figures_are_those_of_the_store(watched):
    await filled(watched)
    async with watched.browser() as client:
        found = samples(await scraped(client))
    assert value(found, "deliverwatch_open_listings", list="psbl", impact="high") == 3
    assert value(found, "deliverwatch_open_episodes", kind="warning", provider="microsoft_consumer") == 1
    assert value(found, "deliverwatch_outbox_messages", state="dead") == 4
    assert value(found, "deliverwatch_outbox_messages", state="pending") == 3
    oldest = value(found, "deliverwatch_outbox_oldest_due_timestamp_seconds")
    assert oldest == (NOON - timedelta(hours=5)).timestamp()
    assert value(found, "deliverwatch_lists", state="verified", leads="true") == 1
    assert value(found, "deliverwatch_lists", state="refuses", leads="true") == 1
    assert value(found, "deliverwatch_list_verified", list="psbl") == 1
    assert value(found, "deliverwatch_list_verified", list="spamcop-scbl") == 0
    verified_at = value(found, "deliverwatch_list_last_verified_timestamp_seconds", list="psbl")
    assert verified_at == (NOON - timedelta(minutes=10)).timestamp()
    assert value(found, "deliverwatch_sources", condition="fine") == 1
    assert value(found, "deliverwatch_source_last_event_timestamp_seconds") == NOON.timestamp()
    assert value(found, "deliverwatch_drafts", state="prepared") == 0
    assert value(found, "deliverwatch_warmups", state="held") == 0
    assert value(found, "deliverwatch_database_up") == 1
    assert found["process_resident_memory_bytes"]


async def test_what_is_not_known_is_left_out_and_never_zero(watched):
    watched.house = type(watched.house)(watched.app, lambda: None, watched.house.tick_at_most)
    async with watched.browser() as client:
        found = samples(await scraped(client))
    assert "deliverwatch_last_tick_timestamp_seconds" not in found
    assert "deliverwatch_outbox_oldest_due_timestamp_seconds" not in found
    assert "deliverwatch_list_last_verified_timestamp_seconds" not in found
    assert value(found, "deliverwatch_list_verified", list="psbl") == 0


async def test_nothing_names_a_customer_or_a_subject(watched):
    await filled(watched)
    async with watched.browser() as client:
        await client.get("/lists/psbl?customer=acme")
        await client.get("/customers/acme")
        await client.get("/no/such/acme-page")
        text = await scraped(client)
    for name in ("acme", "bravo", BRAVOS, "192.0.2.", "198.51.100.", "203.0.113."):
        assert name not in text.lower()


async def test_requests_are_counted_by_the_template_of_their_route(watched):
    async with watched.browser(role=Role.OPERATOR) as client:
        for path in ("/lists/psbl", "/lists/spamcop-scbl", "/lists/no-such", "/nowhere", "/nowhere/else"):
            await client.get(path)
        await client.request("BREW", "/lists/psbl")
        found = samples(await scraped(client))
    counted = found["deliverwatch_http_requests_total"]
    by_route = {(told["method"], told["route"], told["status"]): n for told, n in counted}
    assert by_route["GET", "/lists/{list_id}", "200"] == 2
    assert by_route["GET", "/lists/{list_id}", "404"] == 1
    assert by_route["GET", "none", "404"] == 2
    assert sum(n for (method, _, _), n in by_route.items() if method == "other") == 1
    assert value(found, "deliverwatch_http_request_duration_seconds_count", route="/lists/{list_id}", method="GET") == 3


async def test_without_a_database_what_is_known_without_one_is_told(watched, tmp_path):
    async with watched.browser() as client:
        before = samples(await scraped(client))
        assert value(before, "deliverwatch_database_errors_total") == 0
        watched.store._engine.dispose()  # the open file would outlive its name
        for file in tmp_path.glob("house.db*"):
            file.unlink()
        (tmp_path / "house.db").mkdir()
        found = samples(await scraped(client))
    assert value(found, "deliverwatch_database_up") == 0
    assert value(found, "deliverwatch_database_errors_total") > 0
    assert value(found, "deliverwatch_last_tick_timestamp_seconds") > 0
    assert "deliverwatch_open_listings" not in found


async def asked(watched, address=FROM_AFAR, **headers):
    from deliverwatch.web import create_app

    transport = httpx.ASGITransport(create_app(watched.house), client=address)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        answer = await client.get("/metrics", headers=headers)
    if answer.status_code == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"
        assert "deliverwatch_" not in answer.text
    return answer.status_code


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, 401),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.1"}, 401),
        ("127.0.0.1", {"Host": "localhost:8080"}, 200),
        ("127.0.0.1", {"Host": "[::1]:8080"}, 200),
        ("127.0.0.1", {"Host": "rebound.example:8080"}, 401),  # a name of somebody's that was made to lead here
        ("127.0.0.1", {"Host": "[::1"}, 401),
        ("192.0.2.99", {}, 401),
        ("2001:db8::1", {}, 401),
        ("testclient", {}, 401),
    ],
)
async def test_it_is_open_to_this_machine_itself_alone(watched, address, headers, status):
    assert await asked(watched, (address, 5555), **headers) == status


async def test_from_elsewhere_it_takes_a_token_of_who_sees_all(watched):
    assert await asked(watched, **await token(watched.house, Scope.READ)) == 200
    assert await asked(watched, **await token(watched.house, Scope.READ, ["acme"])) == 401
    assert await asked(watched, **await token(watched.house, Scope.READ, **TAM_OF_ACME)) == 401
    assert await asked(watched, Authorization="Bearer dw_nonsense") == 401
    assert await asked(watched, Authorization="Basic dXNlcjpwYXNz") == 401


async def test_a_cookie_is_no_token(watched):
    from deliverwatch.web import create_app

    async with watched.browser(role=Role.OPERATOR) as client:
        cookies = dict(client.cookies)
    transport = httpx.ASGITransport(create_app(watched.house), client=FROM_AFAR)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=cookies) as client:
        assert (await client.get("/metrics")).status_code == 401


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not here: Debian's package prometheus has it")
async def test_prometheus_own_tool_finds_nothing_to_mend(watched):
    await filled(watched)
    async with watched.browser(role=Role.OPERATOR) as client:
        await client.get("/lists")
        text = await scraped(client)
    assert await asyncio.to_thread(_checked, text) == (0, "", "")


def _checked(text):
    found = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    return found.returncode, found.stdout, found.stderr
