"""Every route of the pages that changes something, found by itself: not from another site, not without a session."""

import re

import httpx
import pytest

from deliverwatch.core.access import Role
from deliverwatch.web import create_app
from deliverwatch.web.same_site import WITHOUT_COOKIE
from desk.places import routes
from web.signing_in import ORIGIN, open_house, sign_in

SAFE = {"GET", "HEAD", "OPTIONS"}
OPEN_TO_STRANGERS = {"/sign-in", "/sign-out"}
FROM_ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {},
]


@pytest.fixture
async def house(tmp_path):
    house = await open_house(tmp_path)
    yield house
    await house.app.store.close()


@pytest.fixture
async def pages(house):
    app = create_app(house)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as client:
        client.unsafe = sorted(unsafe_routes(app))
        yield client


def unsafe_routes(app):
    for method, path in routes(app):
        if method not in SAFE and not path.startswith(WITHOUT_COOKIE):
            yield method, re.sub(r"\{[^}]*\}", "1", path)


async def asked(client, method, path, headers):
    answer = await client.request(method, path, headers=headers)
    return answer.status_code, answer.text


async def test_there_are_some(pages):
    assert ("POST", "/sign-in") in pages.unsafe
    assert len(pages.unsafe) > 3


@pytest.mark.parametrize("headers", FROM_ELSEWHERE)
async def test_from_another_site_none_of_them_is_reached(pages, house, headers):
    await sign_in(pages, house)
    del pages.headers["Sec-Fetch-Site"]
    for method, path in pages.unsafe:
        status, said = await asked(pages, method, path, headers)
        assert (status, "another site" in said) == (403, True), (method, path)


async def test_without_a_session_none_of_them_is_let_in(pages):
    for method, path in pages.unsafe:
        if path not in OPEN_TO_STRANGERS:
            status, said = await asked(pages, method, path, {"Sec-Fetch-Site": "same-origin"})
            assert (status, "another site" in said) == (403, False), (method, path)


async def test_who_only_looks_changes_nothing_of_others(pages, house):
    """Whoever is let in by LOOK alone is named here: it is their own."""
    await sign_in(pages, house, role=Role.READ_ONLY)
    for method, path in pages.unsafe:
        if path in OPEN_TO_STRANGERS or path.startswith("/account/") or path == "/account":
            continue
        status, _ = await asked(pages, method, path, {"Sec-Fetch-Site": "same-origin"})
        if path != "/seen":
            assert status == 403, (method, path)
