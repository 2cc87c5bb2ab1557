"""What changes something began on our own pages, or was refused."""

import httpx
import pytest
from starlette.responses import PlainTextResponse

from deliverwatch.web.same_site import SameSite

PUBLIC = "https://d.esp.example"
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def asked():
    return []


@pytest.fixture
def send(asked):
    """await send("POST", "/drafts", {"Origin": ...}, base="http://127.0.0.1:8080", origin=...) -> status"""

    async def inner(scope, receive, send):
        asked.append(scope["path"])
        await PlainTextResponse("done")(scope, receive, send)

    async def send(method, path, headers, *, base=PUBLIC, origin=PUBLIC):
        transport = httpx.ASGITransport(SameSite(inner, origin))
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return (await client.request(method, path, headers=headers)).status_code

    return send


FOREIGN = [
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "Same-Origin"},
    {"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC},
    {"Sec-Fetch-Site": "same-site", "Origin": PUBLIC},
    [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site")],
    [("Origin", PUBLIC), ("Origin", "https://evil.example")],
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://evil.example"},
    {"Origin": "https://d.esp.example.evil.example"},
    {"Origin": "https://d.esp.example@evil.example"},
    {"Origin": "https://other.esp.example"},
    {"Origin": "http://d.esp.example"},
    {"Origin": "https://d.esp.example:8443"},
    {"Origin": "https://d.esp.example:x"},
    {"Origin": "https://[d.esp.example"},
    {"Referer": PUBLIC + "/drafts"},
]
OURS = [
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": PUBLIC},
    {"Origin": "https://D.ESP.example:443"},
]


@pytest.mark.parametrize("method", UNSAFE)
@pytest.mark.parametrize("headers", FOREIGN)
async def test_from_elsewhere_nothing_is_changed(send, asked, method, headers):
    assert await send(method, "/drafts/1/submit", headers) == 403
    assert asked == []


@pytest.mark.parametrize("method", UNSAFE)
@pytest.mark.parametrize("headers", OURS)
async def test_our_own_pages_may(send, asked, method, headers):
    assert await send(method, "/drafts/1/submit", headers) == 200
    assert asked == ["/drafts/1/submit"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("headers", FOREIGN)
async def test_what_only_reads_may_begin_anywhere(send, method, headers):
    assert await send(method, "/drafts", headers) == 200


@pytest.mark.parametrize("path", ["/api/v1/drafts", "/ingest/sparkpost", "/unsubscribe/x"])
@pytest.mark.parametrize("headers", FOREIGN)
async def test_doors_without_a_cookie_are_not_asked(send, path, headers):
    assert await send("POST", path, headers) == 200


@pytest.mark.parametrize("path", ["/", "/api", "/apis/x", "/ingested/x", "//api/x", "/x/api/v1", "/API/v1", "/sign-in"])
async def test_all_others_are(send, path):
    assert await send("POST", path, {"Sec-Fetch-Site": "cross-site"}) == 403


LOCAL = "http://127.0.0.1:8080"


class TestOnALoopbackAddress:
    """Where nobody said what the pages are called."""

    @pytest.mark.parametrize("base", [LOCAL, "http://localhost:8080", "http://[::1]:8080", "http://127.0.0.1"])
    async def test_the_page_that_was_asked_is_ours(self, send, base):
        assert await send("POST", "/drafts", {"Origin": base}, base=base, origin=None) == 200

    @pytest.mark.parametrize(
        "origin", ["http://127.0.0.1:9090", "http://localhost:8080", "https://127.0.0.1:8080", "null"]
    )
    async def test_another_port_or_name_is_another_page(self, send, origin):
        assert await send("POST", "/drafts", {"Origin": origin}, base=LOCAL, origin=None) == 403

    async def test_a_name_that_was_made_to_lead_here_is_not_ours(self, send):
        """DNS rebinding: name and origin are the attacker's, the address is ours."""
        base = "http://rebound.evil.example:8080"
        assert await send("POST", "/drafts", {"Origin": base}, base=base, origin=None) == 403
        assert await send("POST", "/drafts", {"Origin": base}, base=base) == 403

    async def test_it_is_so_beside_a_public_address_too(self, send):
        assert await send("POST", "/drafts", {"Origin": LOCAL}, base=LOCAL) == 200
