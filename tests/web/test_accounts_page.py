"""`/account`, `/accounts` and `/audit`: what one changes of oneself, what operators change of others, and the trail."""

import re

import httpx
import pytest

from deliverwatch.access import NotSignedIn
from deliverwatch.core.access import Role, Scope
from deliverwatch.core.inventory import Inventory, Language
from deliverwatch.web import create_app
from samples import customer
from web.signing_in import ORIGIN, add_account, open_house, sign_in, start_session

PASSWORD, NEXT = "winter-oak-lantern-7", "summer-elm-candle-8"
HOSTILE = '<img src=x onerror=alert(1)>\u202e"'


@pytest.fixture
async def house(tmp_path):
    found = await open_house(tmp_path, Inventory((customer("acme"),)), settings=f'[web]\npublic_url = "{ORIGIN}"\n')
    yield found
    await found.app.store.close()


@pytest.fixture
async def browser(house):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(house)), base_url=ORIGIN) as client:
        yield client


@pytest.fixture
async def operator(browser, house):
    return await sign_in(browser, house, name="olga")


async def found(house, name):
    return await house.app.store.account(name)


async def audit(house):
    return [(line.deed.by, line.deed.action, line.deed.object) for line in await house.app.store.audit()]


async def test_one_reads_the_pages_in_the_language_one_chose(browser, house):
    me = await sign_in(browser, house, role=Role.READ_ONLY)
    sent = await browser.post("/account/language", data={"language": "de"})
    assert sent.headers["location"] == "/account?done=language"
    assert (await found(house, me.account.name)).account.language is Language.DE
    assert '<html lang="de"' in (await browser.get("/account")).text
    wrong = await browser.post("/account/language", data={"language": "xx"})
    assert wrong.status_code == 422
    assert 'aria-describedby="language-language-wrong"' in wrong.text


async def test_a_new_password_ends_all_other_sessions_and_keeps_whoever_gave_it(browser, house):
    me = await sign_in(browser, house, name="robin", password=PASSWORD)
    await start_session(browser, house, me)
    sent = await browser.post("/account/password", data={"current": PASSWORD, "new": NEXT})
    assert sent.headers["location"] == "/account?done=password"
    assert (await browser.get("/account?done=password")).text.count('<button type="submit" aria-label="End the') == 1
    assert len(await house.app.access.sessions(me.account.id)) == 1
    assert isinstance(await house.app.access.sign_in("robin", PASSWORD, "", ""), NotSignedIn)


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("wrong", NEXT, "current"),
        (PASSWORD, "short", "new"),
        (PASSWORD, "robin-robin-robin", "new"),
        ("", "", "current"),
    ],
)
async def test_a_password_that_is_wrong_or_weak_changes_nothing(browser, house, current, new, field):
    me = await sign_in(browser, house, name="robin", password=PASSWORD)
    before = await found(house, "robin")
    told = await browser.post("/account/password", data={"current": current, "new": new})
    assert told.status_code == 422
    assert f'aria-describedby="password-{field}-wrong"' in told.text
    assert await found(house, "robin") == before
    assert len(await house.app.access.sessions(me.account.id)) == 1


async def test_one_ends_ones_own_sessions_and_nobody_elses(browser, house):
    other = await add_account(house, name="other")
    await start_session(browser, house, other)
    (theirs,) = await house.app.access.sessions(other.account.id)
    me = await sign_in(browser, house, role=Role.READ_ONLY)
    assert (await browser.post(f"/account/sessions/{theirs.id}/end")).status_code == 404
    assert await house.app.access.sessions(other.account.id) == [theirs]
    (mine,) = await house.app.access.sessions(me.account.id)
    assert (await browser.post(f"/account/sessions/{mine.id}/end")).status_code == 303
    assert (await browser.get("/account")).status_code == 303


async def test_one_revokes_ones_own_tokens_and_nobody_elses(browser, house):
    me = await sign_in(browser, house, role=Role.TAM, sees_all=False, email="tam@esp.example")
    other = await add_account(house, name="other")
    theirs, _ = await house.app.access.add_token(other.account.name, "theirs", Scope.READ, None, 30, "test")
    mine, text = await house.app.access.add_token(me.account.name, "mine", Scope.READ, None, 30, "test")
    shown = (await browser.get("/account")).text
    assert "mine" in shown
    assert "theirs" not in shown
    assert (await browser.post(f"/account/tokens/{theirs.id}/revoke")).status_code == 404
    assert (await browser.post(f"/account/tokens/{mine.id}/revoke")).status_code == 303
    assert (await browser.post(f"/account/tokens/{mine.id}/revoke")).status_code == 404
    assert await house.app.access.by_token(text) is None


@pytest.mark.parametrize("role", [Role.TAM, Role.READ_ONLY])
@pytest.mark.parametrize("path", ["/accounts", "/audit"])
async def test_accounts_and_the_trail_are_for_operators(browser, house, role, path):
    assert (await browser.get(path)).status_code == 303
    await sign_in(browser, house, role=role)
    assert (await browser.get(path)).status_code == 403


@pytest.mark.parametrize("role", [Role.TAM, Role.READ_ONLY])
async def test_nobody_else_changes_accounts(browser, house, role):
    target = await add_account(house, name="target")
    token, _ = await house.app.access.add_token("target", "t", Scope.READ, None, 30, "test")
    await sign_in(browser, house, role=role)
    before = await found(house, "target")
    under = f"/accounts/{target.account.id}"
    for path in (
        *("/accounts", f"/accounts/tokens/{token.id}/revoke", "/audit/verify", under, f"{under}/password"),
        *(f"{under}/disable", f"{under}/enable", f"{under}/sessions/s1/end", f"{under}/tokens"),
        f"{under}/tokens/{token.id}/revoke",
    ):
        assert (await browser.post(path, data={"role": "operator", "password": NEXT})).status_code == 403, path
    assert await found(house, "target") == before
    assert (await house.app.store.tokens())[0].revoked_at is None


NEW = {"name": "Tina", "role": "tam", "email": "tam@esp.example", "language": "es", "password": PASSWORD}


async def test_an_operator_adds_an_account_and_it_comes_in(browser, house, operator):
    sent = await browser.post("/accounts", data=NEW)
    assert (sent.status_code, sent.headers["location"]) == (303, "/accounts?done=added")
    kept = await found(house, "tina")
    assert (kept.account.role, kept.account.sees_all, kept.account.language) == (Role.TAM, False, Language.ES)
    assert ("olga", "account.add", kept.account.id) in await audit(house)
    assert "customers whose account manager is tam@esp.example" in (await browser.get("/accounts")).text
    came = await browser.post("/sign-in", data={"name": "tina", "password": PASSWORD})
    assert came.status_code == 303


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "olga"}, "name"),
        ({"name": HOSTILE}, "name"),
        ({"role": "owner"}, "role"),
        ({"email": ""}, "email"),
        ({"language": "xx"}, "language"),
        ({"password": "short"}, "password"),
    ],
)
async def test_what_is_wrong_of_a_new_account_is_said_beside_it(browser, house, operator, change, field):
    told = await browser.post("/accounts", data=NEW | change)
    assert told.status_code == 422
    assert f'aria-describedby="account-{field}-wrong"' in told.text
    assert f'id="account-{field}-wrong"' in told.text
    assert "<img" not in told.text
    assert PASSWORD not in told.text
    assert len(await house.app.access.accounts()) == 1


async def test_an_operator_changes_what_an_account_may_do(browser, house, operator):
    tina = await add_account(house, name="tina", role=Role.TAM, sees_all=True)
    page = f"/accounts/{tina.account.id}"
    sent = await browser.post(page, data={"role": "read-only", "email": "tam@esp.example"})
    assert sent.headers["location"] == f"{page}?done=changed"
    account = (await found(house, "tina")).account
    assert (account.role, account.email, account.sees_all) == (Role.READ_ONLY, "tam@esp.example", False)
    assert (await browser.post(page, data={"role": "tam", "email": " "})).status_code == 422
    assert (await browser.post(page, data={"role": "owner"})).status_code == 422
    assert (await browser.get("/accounts/tina")).status_code == 404
    assert (await browser.get("/accounts/none")).status_code == 404


async def test_an_operator_gives_a_new_password_disables_and_enables(browser, house, operator):
    tina = await add_account(house, name="tina", password=PASSWORD)
    page = f"/accounts/{tina.account.id}"
    await house.app.access.sign_in("tina", PASSWORD, "", "")
    assert (await browser.post(f"{page}/password", data={"password": NEXT})).status_code == 303
    assert await house.app.access.sessions(tina.account.id) == []
    assert (await browser.post(f"{page}/password", data={"password": "short"})).status_code == 422
    await browser.post(f"{page}/disable")
    assert (await found(house, "tina")).disabled_at is not None
    await browser.post(f"{page}/enable")
    assert (await found(house, "tina")).disabled_at is None


async def test_an_operator_does_not_lock_themselves_out(browser, house, operator):
    told = await browser.post(f"/accounts/{operator.account.id}/disable")
    assert told.status_code == 422
    assert (await found(house, "olga")).disabled_at is None


async def test_the_last_operator_keeps_the_role(browser, house, operator):
    told = await browser.post(f"/accounts/{operator.account.id}", data={"role": "read-only", "sees_all": "on"})
    assert told.status_code == 422
    assert 'id="account-role-wrong"' in told.text
    assert "is the last operator" in told.text
    assert (await found(house, "olga")).account.role is Role.OPERATOR


async def test_an_operator_ends_sessions_of_that_account_alone(browser, house, operator):
    tina, theo = [await add_account(house, name=name, password=PASSWORD) for name in ("tina", "theo")]
    session = (await house.app.access.sign_in("tina", PASSWORD, "192.0.2.7", HOSTILE)).session
    shown = await browser.get(f"/accounts/{tina.account.id}")
    assert "192.0.2.7" in shown.text
    assert "<img" not in shown.text
    assert "\u202e" not in shown.text
    assert (await browser.post(f"/accounts/{theo.account.id}/sessions/{session.id}/end")).status_code == 404
    assert (await browser.post(f"/accounts/{tina.account.id}/sessions/{session.id}/end")).status_code == 303
    assert await house.app.access.sessions(tina.account.id) == []


TOKEN = {"token-name": "reports", "scope": "write", "customers": "acme", "days": "30"}


async def test_a_token_is_shown_once_and_opens_what_it_was_made_for(browser, house, operator):
    page = f"/accounts/{operator.account.id}"
    made = await browser.post(f"{page}/tokens", data=TOKEN)
    text = re.search(r'<code id="made">(dw_\w+)</code>', made.text)[1]
    entered = await house.app.access.by_token(text)
    assert (entered.viewer.customers, entered.viewer.by) == (frozenset({"acme"}), "olga (reports)")
    for path in (page, "/accounts", "/audit", "/account"):
        assert text not in (await browser.get(path)).text
    (token,) = await house.app.store.tokens()
    assert (await browser.post(f"/accounts/tokens/{token.id}/revoke")).headers["location"] == "/accounts?done=token"
    assert await house.app.access.by_token(text) is None
    assert (await browser.post(f"/accounts/tokens/{token.id}/revoke")).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"token-name": " "}, "token-name"),
        ({"scope": "all"}, "scope"),
        ({"customers": "acme other"}, "customers"),
        ({"days": "366"}, "days"),
        ({"days": "0"}, "days"),
        ({"days": "x"}, "days"),
        ({"days": "\u0663"}, "days"),
    ],
)
async def test_what_is_wrong_of_a_token_is_said_beside_it(browser, house, operator, change, field):
    told = await browser.post(f"/accounts/{operator.account.id}/tokens", data=TOKEN | change)
    assert told.status_code == 422
    assert f'aria-describedby="token-{field}-wrong"' in told.text
    assert f'id="token-{field}-wrong"' in told.text
    assert await house.app.store.tokens() == []


async def test_the_trail_is_shown_newest_first_page_by_page(browser, house, operator):
    for number in range(230):
        viewer = (await house.app.access.by_session(browser.cookies["deliverwatch"])).viewer
        await house.app.access.record(viewer, "test.done", f"object-{number}", {"told": HOSTILE})
    first = (await browser.get("/audit")).text
    assert numbers(first)[0] == 232
    assert len(numbers(first)) == 100
    assert "<img" not in first
    older = re.search(r'<a href="(/audit\?before=\d+)" rel="next">', first)[1]
    second = (await browser.get(older)).text
    assert numbers(second)[0] == numbers(first)[-1] - 1
    about = (await browser.get("/audit", params={"about": "object-7"})).text
    assert len(numbers(about)) == 1
    assert (await browser.get("/audit", params={"before": "x" * 50})).status_code == 200


def numbers(text):
    return [int(number) for number in re.findall(r'<th scope="row">(\d+)</th>', text)]


async def test_the_trail_is_verified(browser, house, operator):
    told = (await browser.post("/audit/verify")).text
    assert "2 lines, each as it was written." in told
    assert 'class="badge good"' in told
