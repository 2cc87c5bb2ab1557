"""Signing in by name and password, signing out, and where one ends."""

from datetime import timedelta

import httpx
import pytest

from deliverwatch.core.inventory import Language
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.web import create_app
from deliverwatch.web.signin.own_path import own_path
from web.signing_in import FROM_US, NOON, ORIGIN, add_account, open_house

PASSWORD = "winter-oak-lantern-7"


@pytest.fixture
def clock():
    return SteppedClock(NOON)


@pytest.fixture
async def house(tmp_path, clock):
    found = await open_house(tmp_path, clock=clock, settings=f'[web]\npublic_url = "{ORIGIN}"\n')
    await add_account(found, name="robin", password=PASSWORD, language=Language.EN)
    yield found
    await found.app.store.close()


@pytest.fixture
async def browser(house):
    transport = httpx.ASGITransport(create_app(house))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=FROM_US) as client:
        yield client


async def sign_in(browser, name="robin", password=PASSWORD, **more):
    return await browser.post("/sign-in", data={"name": name, "password": password, **more})


async def test_from_the_page_one_wanted_through_the_form_to_that_page(browser):
    sent = await browser.get("/account?x=1")
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=%2Faccount%3Fx%3D1")
    form = await browser.get(sent.headers["location"])
    assert '<input type="hidden" name="next" value="/account?x=1">' in form.text
    came = await sign_in(browser, next="/account?x=1")
    assert (came.status_code, came.headers["location"]) == (303, "/account?x=1")
    cookie = came.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (await browser.get("/account")).status_code == 200


async def test_while_there_is_no_account_it_is_said_how_to_make_one(tmp_path, clock):
    (tmp_path / "new").mkdir()
    house = await open_house(tmp_path / "new", clock=clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(house)), base_url=ORIGIN) as browser:
        assert "deliverwatch users add" in (await browser.get("/sign-in")).text
        await add_account(house, name="robin")
        assert "deliverwatch users add" not in (await browser.get("/sign-in")).text
    await house.app.store.close()


async def test_over_tls_the_cookie_is_bound_to_it(tmp_path):
    (tmp_path / "other").mkdir()
    house = await open_house(tmp_path / "other", settings='[web]\npublic_url = "https://d.esp.example"\n')
    await add_account(house, name="robin", password=PASSWORD)
    transport = httpx.ASGITransport(create_app(house))
    async with httpx.AsyncClient(transport=transport, base_url="https://d.esp.example", headers=FROM_US) as browser:
        cookie = (await sign_in(browser)).headers["set-cookie"]
    assert cookie.startswith("__Host-deliverwatch=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    await house.app.store.close()


@pytest.mark.parametrize(("name", "password"), [("robin", "wrong"), ("nobody", PASSWORD), ("", ""), ("<b>", "\0")])
async def test_what_is_wrong_of_name_and_password_is_not_said(browser, name, password):
    told = await sign_in(browser, name, password)
    assert told.status_code == 403
    assert '<p class="error" id="wrong">The name or the password is wrong.</p>' in told.text
    assert 'aria-invalid="true" aria-describedby="wrong"' in told.text
    assert "<b>" not in told.text
    assert PASSWORD not in told.text
    assert "set-cookie" not in told.headers


async def test_whoever_tries_too_often_waits(browser, clock):
    for _ in range(30):
        told = await sign_in(browser, password="wrong")
    assert told.status_code == 429
    assert "Too many attempts: try again in" in told.text
    assert (await sign_in(browser)).status_code == 429
    clock.advance(timedelta(seconds=int(told.headers["retry-after"])))
    assert (await sign_in(browser)).status_code == 303


async def test_whoever_is_in_is_not_asked_again(browser):
    await sign_in(browser)
    sent = await browser.get("/sign-in", params={"next": "/drafts"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/drafts")


async def test_signing_in_gives_a_session_of_its_own(browser):
    browser.cookies.set("deliverwatch", "chosen by somebody else", domain="127.0.0.1")
    await sign_in(browser)
    first = browser.cookies["deliverwatch"]
    assert first != "chosen by somebody else"
    await sign_in(browser)
    assert browser.cookies["deliverwatch"] != first


async def test_signing_out_ends_the_session_and_not_only_the_cookie(browser):
    await sign_in(browser)
    secret = browser.cookies["deliverwatch"]
    out = await browser.post("/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in?done=signed-out")
    assert "deliverwatch" not in browser.cookies
    assert "You are signed out." in (await browser.get(out.headers["location"])).text
    browser.cookies.set("deliverwatch", secret)
    assert (await browser.get("/account")).status_code == 303


async def test_signing_out_works_when_the_session_is_over_already(browser, clock):
    await sign_in(browser)
    clock.advance(timedelta(hours=9))
    assert (await browser.post("/sign-out")).status_code == 303
    assert (await browser.post("/sign-out")).status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_no_other_site_signs_anybody_in_or_out(browser, path, site):
    stopped = await browser.post(
        path,
        data={"name": "robin", "password": PASSWORD},
        headers={"Sec-Fetch-Site": site, "Origin": "https://a.example"},
    )
    assert stopped.status_code == 403
    assert "deliverwatch" not in browser.cookies


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/drafts?state=prepared&x=%2F", "/drafts?state=prepared&x=%2F"),
        ("/", "/"),
        (None, "/"),
        ("", "/"),
        ("drafts", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\\..\\b", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("/\t/evil.example", "/"),
        ("/caf\u00e9", "/"),
        ("/ a", "/"),
        ("/sign-in?next=/", "/"),
        ("/sign-out", "/"),
        ("/" + "a" * 2000, "/"),
    ],
)
def test_one_ends_on_a_page_of_ours(wanted, goes_to):
    assert own_path(wanted) == goes_to


async def test_the_form_leads_nowhere_else(browser):
    assert (await sign_in(browser, next="//evil.example")).headers["location"] == "/"
    assert 'value="//evil' not in (await browser.get("/sign-in", params={"next": "//evil.example"})).text
