"""Accounts, tokens and the audit trail, as pages and commands use them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.access import Account, Role, Scope
from deliverwatch.core.errors import NotPossible, StoreError
from deliverwatch.core.inventory import Customer, Inventory, ServiceZone, Tam
from deliverwatch.store.engine import open_engine, read_url
from web.signing_in import open_house

GOOD = "a long sentence of mine"
ACME = Customer("acme", "Acme Ltd", ServiceZone.UK, Tam("Robin Doe", "robin@esp.example"), ())
ROBIN = Account("", "Robin", Role.TAM, " robin@esp.example ", False)


@pytest.fixture
async def app(tmp_path):
    app = (await open_house(tmp_path, Inventory((ACME,)))).app
    yield app
    await app.store.close()


@pytest.fixture
def access(app):
    return app.access


@pytest.fixture
async def robin(access):
    return (await access.add_account(ROBIN, GOOD, "ops")).account


async def enter(access, password=GOOD):
    return await access.sign_in("robin", password, "192.0.2.1", "Browser")


class TestAccounts:
    async def test_come_in_with_their_password_alone(self, access, robin):
        assert (robin.name, robin.email) == ("robin", "robin@esp.example")
        came = await enter(access)
        assert (await access.by_session(came.secret)).account == robin
        assert not hasattr(await enter(access, GOOD + "."), "secret")
        assert await access.by_session(came.session.digest) is await access.by_session("") is None

    @pytest.mark.parametrize(
        ("changes", "password", "why"),
        [
            ({"name": "Robin"}, GOOD, "is taken"),
            ({"name": "two words"}, GOOD, "cannot be a name"),
            ({"name": ""}, GOOD, "cannot be a name"),
            ({"name": "sam"}, "short", "at least 12"),
            ({"name": "sam"}, "Password1234", "tried first"),
            ({"name": "samsamsamsam"}, "samsamsamsam", "is the name"),
        ],
    )
    async def test_that_cannot_be_are_refused(self, access, robin, changes, password, why):
        with pytest.raises(NotPossible, match=why):
            await access.add_account(replace(ROBIN, **changes), password, "ops")
        assert [each.account for each in await access.accounts()] == [robin]

    async def test_a_new_password_ends_what_the_old_one_began(self, access, robin):
        came = await enter(access)
        await access.change_account("robin", "ops", password="another long sentence")
        assert await access.by_session(came.secret) is None
        assert not hasattr(await enter(access), "secret")
        assert hasattr(await enter(access, "another long sentence"), "secret")

    async def test_another_role_counts_at_once(self, access, robin):
        came = await enter(access)
        changed = await access.change_account("robin", "ops", role=Role.OPERATOR)
        entered = await access.by_session(came.secret)
        assert (changed.account.role, entered.viewer.sees_all) == (Role.OPERATOR, True)

    async def test_who_is_disabled_is_out(self, access, robin):
        came = await enter(access)
        _, text = await access.add_token("robin", "crm", Scope.READ, None, 30, "ops")
        await access.change_account("robin", "ops", disabled=True)
        assert await access.by_session(came.secret) is await access.by_token(text) is None
        await access.change_account("robin", "ops", disabled=False)
        assert await access.by_session(came.secret) is None
        assert await access.by_token(text) is not None

    @pytest.mark.parametrize("change", [{"disabled": True}, {"role": Role.TAM}, {"role": Role.READ_ONLY}])
    async def test_the_last_operator_stays_one(self, access, robin, change):
        await access.change_account("robin", "ops", role=Role.OPERATOR)
        gone = await access.add_account(replace(ROBIN, name="olga", role=Role.OPERATOR), GOOD, "ops")
        await access.change_account("olga", "ops", disabled=True)
        came = await enter(access)
        with pytest.raises(NotPossible, match=r"'robin' is the last operator .* deliverwatch users add NAME --role op"):
            await access.change_account("robin", "ops", **change)
        assert await access.by_session(came.secret) is not None
        await access.change_account("robin", "ops", email="robin.doe@esp.example")
        await access.change_account("olga", "ops", disabled=False)
        await access.change_account("robin", "ops", **change)
        assert (await access.accounts())[0].account.id == gone.account.id

    async def test_one_that_is_not_there_is_named_with_the_one_that_was_meant(self, access, robin):
        with pytest.raises(NotPossible, match="did you mean 'robin'"):
            await access.change_account("robim", "ops", disabled=True)


class TestTokens:
    async def test_do_what_they_were_made_for(self, access, robin):
        token, text = await access.add_token("robin", "crm", Scope.READ, frozenset({"acme"}), 30, "ops")
        entered = await access.by_token(text)
        assert (entered.viewer.customers, entered.session, entered.viewer.token) == ({"acme"}, None, token.id)
        assert text not in str(token)
        assert text.endswith(token.hint)

    @pytest.mark.parametrize(
        ("name", "customers", "days", "why"),
        [
            ("", None, 30, "a name"),
            ("x" * 101, None, 30, "a name"),
            ("crm", None, 0, "1 to 365 days"),
            ("crm", None, 366, "1 to 365 days"),
            ("crm", frozenset({"acmee"}), 30, "did you mean 'acme'"),
        ],
    )
    async def test_that_cannot_be_are_refused(self, access, robin, name, customers, days, why):
        with pytest.raises(NotPossible, match=why):
            await access.add_token("robin", name, Scope.READ, customers, days, "ops")

    async def test_are_revoked_once(self, access, robin):
        token, text = await access.add_token("robin", "crm", Scope.READ, None, 30, "ops")
        await access.revoke_token(token.id, "ops")
        assert await access.by_token(text) is None
        with pytest.raises(NotPossible, match="not revoked"):
            await access.revoke_token(token.id, "ops")

    async def test_use_is_noted_once_a_minute(self, access, robin, app):
        _, text = await access.add_token("robin", "crm", Scope.READ, None, 30, "ops")
        used = []
        for seconds in (0, 50, 20):
            app.clock.advance(timedelta(seconds=seconds))
            await access.by_token(text)
            used.append((await app.store.tokens())[0].last_used_at)
        assert used[0] == used[1] < used[2]


async def test_a_change_of_password_that_is_cut_off_leaves_nobody_in(access, app, robin, monkeypatch):
    came = await enter(access)

    async def cut_off(*_, **__):
        raise StoreError("the database went away")

    monkeypatch.setattr(app.store, "keep_account", cut_off)
    with pytest.raises(StoreError):
        await access.change_account("robin", "ops", password=GOOD + " indeed")
    assert await access.by_session(came.secret) is None


class TestTrail:
    async def test_says_who_did_what_and_holds_no_secret(self, access, robin, app):
        came = await enter(access)
        entered = await access.by_session(came.secret)
        await access.record(entered.viewer, "draft.submit", "d-1", {"reference": "#7"}, "r1")
        _, text = await access.add_token("robin", "crm", Scope.READ, None, 30, "ops")
        await access.sign_out(entered)
        lines = await app.store.audit()
        assert [line.deed.action for line in reversed(lines)] == [
            *("account.add", "sign-in", "draft.submit", "token.add", "sign-out")
        ]
        assert (lines[2].deed.by, lines[2].deed.object, lines[2].deed.request) == ("robin", "d-1", "r1")
        assert await access.by_session(came.secret) is None
        assert not any(secret in str(lines) for secret in (GOOD, came.secret, text, text[3:46]))

    async def test_of_a_token_names_it(self, access, robin, app):
        token, text = await access.add_token("robin", "crm", Scope.WRITE, None, 30, "ops")
        await access.record((await access.by_token(text)).viewer, "draft.submit", "d-1")
        (line, *_) = await app.store.audit()
        assert (line.deed.by, line.deed.token) == ("robin (crm)", token.id)

    @pytest.mark.parametrize("at_once", [1, 2, 1000])
    async def test_is_verified_piece_by_piece(self, access, robin, app, monkeypatch, at_once):
        monkeypatch.setattr("deliverwatch.access._VERIFIED_AT_ONCE", at_once)
        viewer = (await access.by_session((await enter(access)).secret)).viewer
        for number in range(7):
            await access.record(viewer, "x", str(number))
        assert await access.verify_audit() == (9, None)
        tamper(app, "UPDATE audit_line SET object = 'y' WHERE number = 5")
        looked_at, unfit = await access.verify_audit()
        assert (looked_at, unfit.number) == (5, 5)
        tamper(app, "DELETE FROM audit_line WHERE number IN (1, 2)")
        looked_at, unfit = await access.verify_audit()
        assert (looked_at, unfit.number) == (1, 3)

    async def test_an_empty_one_fits(self, access):
        assert await access.verify_audit() == (0, None)


def tamper(app, statement):
    """As whoever may do all with the file could."""
    engine = open_engine(read_url(app.settings.store.url.get_secret_value()))
    with engine.begin() as connection:
        for verb in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS audit_line_{verb}")
        connection.exec_driver_sql(statement)
    engine.dispose()


async def test_what_is_over_is_dropped_and_sessions_that_are_over_are_not_listed(access, robin, app):
    await enter(access)
    await enter(access, "not this one, no")
    assert len(await access.sessions(robin.id)) == 1
    app.clock.advance(timedelta(hours=8))
    assert (await access.sessions(robin.id), len(await app.store.sessions(robin.id))) == ([], 1)
    app.clock.advance(timedelta(hours=16, minutes=1))
    before = await app.store.audit()
    await access.prune()
    assert await app.store.sessions(robin.id) == []
    assert await app.store.audit() == before
