"""Signing in through an identity provider: who comes in, and everything by which somebody else might."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from deliverwatch.core.access import Role
from deliverwatch.core.inventory import Inventory
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.web import create_app
from samples import customer
from servers.identity_provider import CLIENT, SECRET, identity_provider, key
from web.signing_in import NOON, ORIGIN, add_account, open_house

BACK = f"{ORIGIN}/sign-in/provider/back"


@pytest.fixture
def clock():
    return SteppedClock(NOON)


@pytest.fixture
def provider(clock):
    with identity_provider(BACK, clock.now) as running:
        yield running


@pytest.fixture
async def house(tmp_path, provider, clock):
    settings = (
        f'[web]\npublic_url = "{ORIGIN}"\n[web.oidc]\nissuer = "{provider.issuer}"\nclient_id = "{CLIENT}"\n'
        f'client_secret = "{SECRET}"\nname = "Example login"\noperators = ["ops"]\ntams = ["tams"]\n'
        'readers = ["readers"]\nsee_all = ["everything"]\n'
    )
    found = await open_house(tmp_path, Inventory((customer("acme"),)), clock=clock, settings=settings)
    yield found
    await found.app.store.close()


@pytest.fixture
def pages(house):
    return create_app(house)


@pytest.fixture
async def browser(pages):
    async with _browser(pages) as client:
        yield client


def _browser(pages):
    return httpx.AsyncClient(transport=httpx.ASGITransport(pages), base_url=ORIGIN)


async def away(browser, next_="/customers?q=1"):
    """To the provider; the address with which it sends the browser back."""
    left = await browser.get("/sign-in/provider", params={"next": next_})
    assert left.status_code == 303, left.text
    async with httpx.AsyncClient(trust_env=False) as outside:
        sent = await outside.get(left.headers["location"])
    assert sent.status_code == 302, sent.text
    return sent.headers["location"]


async def through(browser):
    return await browser.get(await away(browser))


def is_in(browser):
    return "deliverwatch" in browser.cookies


async def accounts(house):
    return await house.app.access.accounts()


async def deeds(house):
    return [line.deed for line in await house.app.store.audit()]


async def test_whoever_the_provider_vouches_for_comes_in_and_goes_where_they_wanted(browser, house, provider):
    provider.person |= {"email": "robin@esp.example", "groups": ["tams", "others"]}
    came = await through(browser)
    assert (came.status_code, came.headers["location"]) == (303, "/customers?q=1")
    (kept,) = await accounts(house)
    assert (kept.account.name, kept.account.role, kept.account.email) == ("robin", Role.TAM, "robin@esp.example")
    assert (kept.account.sees_all, kept.password, kept.subject) == (False, None, (provider.issuer, "7"))
    assert (await browser.get("/account")).status_code == 200
    assert "deliverwatch-journey" not in browser.cookies


async def test_the_button_is_there_and_leads_on(browser):
    asked = await browser.get("/sign-in", params={"next": "/drafts"})
    assert 'href="/sign-in/provider?next=/drafts">Sign in with Example login</a>' in asked.text


@pytest.mark.parametrize(
    ("groups", "role", "sees_all"),
    [
        (["readers"], Role.READ_ONLY, False),
        (["tams", "everything"], Role.TAM, True),
        (["readers", "tams", "ops"], Role.OPERATOR, False),
        ("tams", Role.TAM, False),
    ],
)
async def test_its_groups_say_what_one_may_do(browser, house, provider, groups, role, sees_all):
    provider.person["groups"] = groups
    await through(browser)
    (kept,) = await accounts(house)
    assert (kept.account.role, kept.account.sees_all) == (role, sees_all)


@pytest.mark.parametrize("groups", [[], ["others"], None, ["OPS"], {"ops": True}, [["ops"]], "everything"])
async def test_whoever_is_in_no_group_stays_out(browser, house, provider, groups):
    provider.person["groups"] = groups
    stopped = await through(browser)
    assert stopped.status_code == 403
    assert "Example login knows you, but you may not come in here" in stopped.text
    assert not is_in(browser)
    assert await accounts(house) == []
    assert (await deeds(house))[0].action == "sign-in.refused"


async def test_groups_that_changed_change_the_role_and_leaving_them_ends_it(browser, house, provider):
    await through(browser)
    provider.person["groups"] = ["ops"]
    await through(browser)
    (kept,) = await accounts(house)
    assert kept.account.role is Role.OPERATOR
    provider.person["groups"] = []
    assert (await through(browser)).status_code == 403


async def test_a_local_account_of_that_name_is_not_taken_over(browser, house, provider):
    mine = await add_account(house, name="robin", role=Role.OPERATOR)
    assert (await through(browser)).status_code == 403
    assert not is_in(browser)
    assert await accounts(house) == [mine]


async def test_a_disabled_account_stays_out(browser, house):
    await through(browser)
    await house.app.access.change_account("robin", "test", disabled=True)
    browser.cookies.clear()
    assert (await through(browser)).status_code == 403
    assert not is_in(browser)


@pytest.mark.parametrize("verified", [True, None, False])
async def test_a_mail_address_that_is_not_verified_opens_no_customers(browser, house, provider, verified):
    provider.person |= {"email": "tam@esp.example", "email_verified": verified}
    await through(browser)
    (kept,) = await accounts(house)
    assert kept.account.email == ("" if verified is False else "tam@esp.example")


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_both_algorithms_are_taken(browser, provider, algorithm):
    provider.algorithm = algorithm
    assert (await through(browser)).headers["location"] == "/customers?q=1"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": "another", "azp": CLIENT},
        {"aud": None},
        {"aud": ["another", "third"]},
        {"aud": [CLIENT, "another"]},
        {"azp": "another"},
        {"iss": "https://login.other.example"},
        {"iss": None},
        {"exp": None},
        {"iat": None},
        {"nbf": 4102444800},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    ],
    ids=str,
)
async def test_a_token_that_is_not_for_us_now_vouches_for_nobody(browser, house, provider, claims):
    provider.claims |= claims
    await refused(browser, house)


async def refused(browser, house):
    stopped = await through(browser)
    assert stopped.status_code == 403
    assert "What Example login says of you could not be verified" in stopped.text
    assert not is_in(browser)
    assert await accounts(house) == []


async def test_a_token_that_ran_out_vouches_for_nobody(browser, house, provider):
    provider.over_since(timedelta(seconds=30))
    assert (await through(browser)).status_code == 303
    browser.cookies.clear()
    await house.app.access.change_account("robin", "test", disabled=True)
    provider.over_since(timedelta(seconds=90))
    assert "could not be verified" in (await through(browser)).text


async def test_without_a_signature_nobody_is_vouched_for(browser, house, provider):
    provider.header = {"alg": "none"}
    await refused(browser, house)


@pytest.mark.parametrize("shared", [SECRET.encode(), key("RS256").as_pem(private=False)], ids=["secret", "public key"])
async def test_a_shared_secret_signs_nothing(browser, house, provider, shared):
    provider.header, provider.shared = {"alg": "HS256", "kid": "rsa-1"}, shared
    await refused(browser, house)


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_a_key_that_the_token_brings_along_is_not_believed(browser, house, provider):
    own = key("ES256", 2)
    provider.key, provider.header = own, {"kid": "ec-1", "jwk": own.as_dict(private=False)}
    await refused(browser, house)


async def test_a_new_key_is_fetched_once_it_is_used(browser, provider):
    await through(browser)
    browser.cookies.clear()
    provider.key = key("ES256", 3)
    provider.published = [provider.key]
    assert (await through(browser)).status_code == 303
    assert provider.asked.count("/keys") == 2


async def test_a_key_that_is_not_published_signs_nothing(browser, house, provider):
    provider.key = key("ES256", 4)
    await refused(browser, house)


async def test_no_token_vouches_for_nobody(browser, house, provider):
    provider.without_id_token = True
    await refused(browser, house)


@pytest.mark.parametrize("keys", [b"{}", b'{"keys": 3}', b'{"keys": []}', b'{"keys": [{"kty": "RSA"}]}', b"[]", b"no"])
async def test_keys_that_are_none_are_no_traceback(browser, provider, monkeypatch, keys):
    ordinary = provider.get
    monkeypatch.setattr(provider, "get", lambda path, query: (200, keys) if path == "/keys" else ordinary(path, query))
    assert (await through(browser)).status_code in (403, 503)
    assert not is_in(browser)


async def test_what_another_browser_began_does_not_end_here(pages, browser):
    """Else somebody would be signed in as somebody else."""
    back = await away(browser)
    async with _browser(pages) as another:
        stopped = await another.get(back)
        assert stopped.status_code == 400
        assert "This was not begun in this browser" in stopped.text
        await away(another)
        assert (await another.get(back)).status_code == 400
        assert not is_in(another)


async def test_a_code_counts_once(browser, house):
    back = await away(browser)
    journey = browser.cookies["deliverwatch-journey"]
    assert (await browser.get(back)).status_code == 303
    browser.cookies.clear()
    assert (await browser.get(back)).status_code == 400
    browser.cookies.set("deliverwatch-journey", journey, path="/sign-in/provider")
    assert (await browser.get(back)).status_code == 403
    assert not is_in(browser)


async def test_the_way_takes_ten_minutes_at_most(browser, clock):
    back = await away(browser)
    clock.advance(timedelta(minutes=10, seconds=1))
    assert (await browser.get(back)).status_code == 400
    assert not is_in(browser)


@pytest.mark.parametrize("forged", ["", "e30.AAAA", "x" * 5000])
async def test_a_journey_that_we_did_not_seal_is_none(browser, forged):
    back = await away(browser)
    browser.cookies.clear()
    browser.cookies.set("deliverwatch-journey", forged, path="/sign-in/provider")
    assert (await browser.get(back)).status_code == 400


async def test_whoever_turns_back_there_is_told_so(browser):
    state = parse_qs(urlsplit(await away(browser)).query)["state"][0]
    told = await browser.get("/sign-in/provider/back", params={"error": "access_denied<b>", "state": state})
    assert told.status_code == 403
    assert "Example login did not sign you in." in told.text
    assert "<b>" not in told.text
    assert "deliverwatch-journey" not in browser.cookies


@pytest.mark.parametrize("answer", [(500, b"{}"), (302, b""), (200, b"<html>"), (200, b"[]"), (200, b" " * (2 << 20))])
async def test_a_provider_that_is_down_is_a_sentence(browser, provider, answer):
    provider.answer = (answer[0], "http://127.0.0.1:9/" if answer[0] == 302 else answer[1])
    told = await browser.get("/sign-in/provider")
    assert told.status_code == 503
    assert "Example login does not answer as it should" in told.text
    assert 'name="password"' in told.text
    provider.answer = None
    assert (await browser.get("/sign-in/provider")).status_code == 303


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://login.other.example"},
        {"token_endpoint": None},
        {"jwks_uri": 7},
    ],
)
async def test_a_provider_that_says_it_is_another_is_not_believed(browser, provider, discovery):
    provider.discovery = discovery
    assert (await browser.get("/sign-in/provider")).status_code == 503


async def test_codes_and_secrets_go_over_tls_only(browser, provider):
    """Who answers to a name is not known, were it this machine's."""
    provider.discovery = {"token_endpoint": f"{provider.issuer.replace('127.0.0.1', 'localhost')}/token"}
    assert (await through(browser)).status_code == 503
    assert "/token" not in provider.asked


async def test_a_place_of_somebody_else_is_not_where_one_ends(browser):
    came = await browser.get(await away(browser, "//evil.example/"))
    assert came.headers["location"] == "/"


async def test_where_there_is_no_provider_there_is_no_way(tmp_path):
    house = await open_house(tmp_path)
    async with _browser(create_app(house)) as client:
        assert (await client.get("/sign-in/provider")).status_code == 404
        assert (await client.get("/sign-in/provider/back")).status_code == 404
        assert "/sign-in/provider" not in (await client.get("/sign-in")).text
    await house.app.store.close()
