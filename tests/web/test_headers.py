"""The headers of every answer, and what may be otherwise on some."""

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse

from deliverwatch.web import create_app
from deliverwatch.web.headers import AS_SENT, SafeHeaders
from deliverwatch.web.templating import static
from web.signing_in import ORIGIN, open_house, sign_in

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.fixture
async def client(tmp_path):
    house = await open_house(tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(house)), base_url=ORIGIN) as client:
        await sign_in(client, house)
        yield client
    await house.app.store.close()


PLACES = [
    "/",
    "/status",
    "/sign-in",
    "/healthz",
    "/readyz",
    "/nowhere",
    "/api/v1/me",
    "/api/nowhere",
    "/static/desk.js",
]


@pytest.mark.parametrize("path", PLACES)
async def test_every_answer_carries_them(client, path):
    headers = (await client.get(path)).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["permissions-policy"].startswith("clipboard-write=(self), camera=()")
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers
    assert len(headers.get_list("content-security-policy")) == 1


async def test_what_is_refused_before_any_route_carries_them_too(client):
    answer = await client.post("/seen", headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.headers["content-security-policy"]) == (403, POLICY)


async def test_over_tls_browsers_are_to_stay_there(tmp_path):
    house = await open_house(tmp_path, settings='[web]\npublic_url = "https://d.esp.example"')
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(house)), base_url=ORIGIN) as client:
        answer = await client.get("/healthz")
    await house.app.store.close()
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_what_is_named_with_its_version_is_kept(client):
    assert (await client.get(static("desk.js"))).headers["cache-control"] == "public, max-age=31536000, immutable"
    for path in ("/static/desk.js?w=1", "/static/none.js?v=1", "/?v=1"):
        assert (await client.get(path)).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("brought", "name", "kept"),
    [
        ({"Content-Security-Policy": AS_SENT}, "content-security-policy", AS_SENT),
        ({"Content-Security-Policy": "default-src *"}, "content-security-policy", POLICY),
        ({"Cache-Control": "private, no-cache"}, "cache-control", "private, no-cache"),
        ({"Cache-Control": "public"}, "cache-control", "no-store"),
        ({"X-Content-Type-Options": "none"}, "x-content-type-options", "nosniff"),
    ],
)
async def test_a_route_may_bring_what_is_known_and_nothing_else(brought, name, kept):
    app = FastAPI()
    app.get("/")(lambda: HTMLResponse("", headers=brought))
    transport = httpx.ASGITransport(SafeHeaders(app, is_secure=False))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        assert (await client.get("/")).headers.get_list(name) == [kept]


async def test_the_policy_of_what_was_sent_gives_it_no_rights():
    rules = dict(each.strip().partition(" ")[::2] for each in AS_SENT.split(";"))
    assert rules == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "frame-ancestors": "'self'",
        "sandbox": "",
    }


async def test_other_headers_stay():
    app = FastAPI()
    app.get("/")(lambda: JSONResponse({}, headers={"ETag": 'W/"1"', "Set-Cookie": "a=b"}))
    transport = httpx.ASGITransport(SafeHeaders(app, is_secure=False))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        headers = (await client.get("/")).headers
    assert (headers["etag"], headers["set-cookie"]) == ('W/"1"', "a=b")
