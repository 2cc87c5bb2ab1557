"""Who is let in by which door, and who is sent where."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import Depends, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from deliverwatch.core.access import Act, Role, Scope
from deliverwatch.core.inventory import Customer, Inventory, Language, ServiceZone, Tam
from deliverwatch.render.tongue import speaking, spoken
from deliverwatch.web.doors import cookie_name, entered, give_cookie, not_found, person, program, take_cookie
from web.signing_in import ORIGIN, add_account, open_house, sign_in, start_session, token

ROBIN, SAM = Tam("Robin Doe", "robin@esp.example"), Tam("Sam Roe", "sam@esp.example")
ACME = Customer("acme", "Acme Ltd", ServiceZone.UK, ROBIN, ("postmaster@acme.example",))
BRAVO = Customer("bravo", "Bravo Inc", ServiceZone.UK, SAM, ("postmaster@bravo.example",))


@pytest.fixture
async def house(tmp_path):
    house = await open_house(tmp_path, Inventory((ACME, BRAVO)))
    yield house
    await house.app.store.close()


def door_of(way, act, everything):
    """A route that says who came in."""

    async def route(request: Request, viewer=Depends(way(act, everything=everything))):  # noqa: B008
        seen = sorted(viewer.customers) if viewer.customers is not None else None
        return {
            "by": viewer.by,
            "sees": seen,
            "token": viewer.token,
            "speaks": spoken(),
            "account": entered(request).account.id,
        }

    return route


@pytest.fixture
async def client(house):
    app = FastAPI()
    app.state.house = house
    for way in (person, program):
        for act in Act:
            for everything in (False, True):
                path = f"/{way.__name__}/{act}{'/everything' if everything else ''}"
                app.api_route(path, methods=["GET", "HEAD", "POST"])(door_of(way, act, everything))

    @app.exception_handler(HTTPException)
    async def refused(_request, error):
        return JSONResponse(error.detail, error.status_code, error.headers)

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield client


class TestWithoutASession:
    async def test_a_page_is_asked_for_again_after_signing_in(self, client):
        answer = await client.get("/person/look?state=waiting&q=a%26b")
        location = urlsplit(answer.headers["location"])
        assert (answer.status_code, location.path) == (303, "/sign-in")
        assert parse_qs(location.query) == {"next": ["/person/look?state=waiting&q=a%26b"]}

    async def test_what_changes_something_is_refused(self, client):
        assert (await client.post("/person/work")).status_code == 403

    async def test_a_cookie_of_nobody_is_none(self, client, house):
        client.cookies.set(cookie_name(house), "x" * 43)
        assert (await client.get("/person/look")).status_code == 303

    async def test_a_token_opens_no_page(self, client, house):
        headers = await token(house, Scope.ADMIN)
        assert (await client.get("/person/look", headers=headers)).status_code == 303
        client.cookies.set(cookie_name(house), headers["Authorization"].removeprefix("Bearer "))
        assert (await client.get("/person/look")).status_code == 303


class TestWithoutAToken:
    @pytest.mark.parametrize("value", [None, "Bearer", "Bearer x", "Bearer dw_x", "Basic ZHdfeDp4", "dw_x"])
    async def test_the_api_says_what_it_wants(self, client, value):
        answer = await client.get("/program/look", headers={"Authorization": value} if value else {})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")

    async def test_a_cookie_does_not_open_it(self, client, house):
        await sign_in(client, house)
        assert (await client.get("/program/look")).status_code == 401

    async def test_the_secret_of_a_session_does_not_open_it(self, client, house):
        await sign_in(client, house)
        headers = {"Authorization": f"Bearer {client.cookies[cookie_name(house)]}"}
        assert (await client.get("/program/look", headers=headers)).status_code == 401

    async def test_expired_revoked_or_of_a_disabled_account_it_opens_nothing(self, client, house):
        headers, access = await token(house, days=1), house.app.access
        assert (await client.get("/program/look", headers=headers)).status_code == 200
        house.app.clock.advance(timedelta(days=1))
        assert (await client.get("/program/look", headers=headers)).status_code == 401
        headers = await token(house)
        (newest, *_) = await house.app.store.tokens()
        await access.revoke_token(newest.id, "test")
        assert (await client.get("/program/look", headers=headers)).status_code == 401
        headers = await token(house)
        (newest, *_) = await house.app.store.tokens()
        await access.change_account(newest.account, "test", disabled=True)
        assert (await client.get("/program/look", headers=headers)).status_code == 401


MAY = {
    Role.OPERATOR: {Act.LOOK, Act.WORK, Act.ADMINISTER},
    Role.TAM: {Act.LOOK, Act.WORK},
    Role.READ_ONLY: {Act.LOOK},
}
SCOPES = {
    Scope.READ: {Act.LOOK},
    Scope.WRITE: {Act.LOOK, Act.WORK},
    Scope.ADMIN: {Act.LOOK, Act.WORK, Act.ADMINISTER},
}


class TestWhatOneMayDo:
    @pytest.mark.parametrize("act", Act)
    @pytest.mark.parametrize("role", Role)
    async def test_a_role_opens_its_own_pages(self, client, house, role, act):
        await sign_in(client, house, role=role)
        expected = 200 if act in MAY[role] else 403
        assert (await client.get(f"/person/{act}")).status_code == expected
        assert (await client.post(f"/person/{act}")).status_code == expected

    @pytest.mark.parametrize("act", Act)
    @pytest.mark.parametrize("scope", Scope)
    @pytest.mark.parametrize("role", Role)
    async def test_a_token_does_what_role_and_scope_both_allow(self, client, house, role, scope, act):
        headers = await token(house, scope, role=role)
        answer = await client.get(f"/program/{act}", headers=headers)
        assert answer.status_code == (200 if act in MAY[role] & SCOPES[scope] else 403)

    async def test_what_is_the_esps_own_is_for_who_sees_all(self, client, house):
        await sign_in(client, house, role=Role.TAM, sees_all=False, email=ROBIN.email)
        assert (await client.get("/person/look/everything")).status_code == 403
        await sign_in(client, house, role=Role.TAM, sees_all=True)
        assert (await client.get("/person/look/everything")).status_code == 200
        headers = await token(house, Scope.ADMIN, ["acme", "bravo"])
        assert (await client.get("/program/look/everything", headers=headers)).status_code == 403


class TestWhomOneSees:
    @pytest.mark.parametrize(("email", "sees"), [("Robin@ESP.example", ["acme"]), ("", []), ("x@esp.example", [])])
    async def test_a_tam_sees_their_own_customers(self, client, house, email, sees):
        kept = await sign_in(client, house, role=Role.TAM, sees_all=False, email=email)
        found = (await client.get("/person/look")).json()
        assert (found["sees"], found["by"], found["token"]) == (sees, kept.account.name, None)
        assert found["account"] == kept.account.id

    async def test_an_operator_sees_all_whatever_was_said(self, client, house):
        await sign_in(client, house, sees_all=False)
        assert (await client.get("/person/look")).json()["sees"] is None

    @pytest.mark.parametrize(
        ("role", "email", "bounds", "sees"),
        [
            (Role.OPERATOR, "", None, None),
            (Role.OPERATOR, "", ["bravo"], ["bravo"]),
            (Role.TAM, ROBIN.email, None, ["acme"]),
            (Role.TAM, ROBIN.email, ["acme", "bravo"], ["acme"]),
            (Role.TAM, ROBIN.email, ["bravo"], []),
        ],
    )
    async def test_a_token_sees_no_more_than_its_account(self, client, house, role, email, bounds, sees):
        headers = await token(house, Scope.READ, bounds, role=role, sees_all=False, email=email)
        found = (await client.get("/program/look", headers=headers)).json()
        assert found["sees"] == sees
        assert found["token"] is not None
        assert found["by"].endswith("(test)")

    async def test_a_customer_who_changes_hands_changes_desks_at_once(self, client, house):
        from dataclasses import replace

        from deliverwatch.core.inventory_diff import InventoryChange

        await sign_in(client, house, role=Role.TAM, sees_all=False, email=SAM.email)
        assert (await client.get("/person/look")).json()["sees"] == ["bravo"]
        change = InventoryChange(customers_changed=(replace(ACME, tam=SAM),))
        await house.app.store.apply_inventory(change, house.app.clock.now())
        assert (await client.get("/person/look")).json()["sees"] == ["acme", "bravo"]


class TestSession:
    async def test_ends_after_eight_hours_without_use_and_after_a_day_at_most(self, client, house):
        kept = await sign_in(client, house)
        house.app.clock.advance(timedelta(hours=7, minutes=59))
        assert (await client.get("/person/look")).status_code == 200
        house.app.clock.advance(timedelta(hours=8))
        assert (await client.get("/person/look")).status_code == 303
        await start_session(client, house, kept)
        for _ in range(5):
            house.app.clock.advance(timedelta(hours=4, minutes=45))
            assert (await client.get("/person/look")).status_code == 200
        house.app.clock.advance(timedelta(minutes=16))
        assert (await client.get("/person/look")).status_code == 303

    async def test_is_touched_once_a_minute(self, client, house):
        kept = await sign_in(client, house)
        (session,) = await house.app.store.sessions(kept.account.id)
        house.app.clock.advance(timedelta(seconds=50))
        await client.get("/person/look")
        assert await house.app.store.sessions(kept.account.id) == [session]
        house.app.clock.advance(timedelta(seconds=10))
        await client.get("/person/look")
        assert (await house.app.store.sessions(kept.account.id))[0].seen_at > session.seen_at + timedelta(minutes=1)

    async def test_of_a_disabled_account_is_over(self, client, house):
        kept = await sign_in(client, house, role=Role.TAM)
        await house.app.access.change_account(kept.account.name, "test", disabled=True)
        await house.app.access.change_account(kept.account.name, "test", disabled=False)
        assert (await client.get("/person/look")).status_code == 303

    async def test_speaks_the_language_of_its_account(self, client, house):
        with speaking(Language.EN):
            await sign_in(client, house, language=Language.DE)
            assert (await client.get("/person/look")).json()["speaks"] == "de"
            await sign_in(client, house)
            assert (await client.get("/person/look")).json()["speaks"] == "en"


class TestCookie:
    async def test_is_read_by_no_script_and_sent_to_us_alone(self, house):
        await add_account(house, name="robin", password="long enough to keep")
        came = await house.app.access.sign_in("robin", "long enough to keep", "192.0.2.1", "Browser")
        answer = JSONResponse({})
        give_cookie(answer, house, came)
        given = answer.headers["set-cookie"]
        assert given == f"deliverwatch={came.secret}; HttpOnly; Max-Age=86400; Path=/; SameSite=lax"

    @pytest.mark.parametrize("url", ["https://d.esp.example"])
    async def test_over_tls_is_bound_to_the_host(self, tmp_path, url):
        (tmp_path / "other").mkdir()
        house = await open_house(tmp_path / "other", settings=f'[web]\npublic_url = "{url}"')
        answer = JSONResponse({})
        take_cookie(answer, house)
        await house.app.store.close()
        assert answer.headers["set-cookie"].startswith('__Host-deliverwatch=""')
        assert {"HttpOnly", "Secure", "Path=/", "Max-Age=0"} <= set(answer.headers["set-cookie"].split("; "))


def test_nothing_here_says_nothing_of_what_there_is():
    assert not_found().status_code == 404
