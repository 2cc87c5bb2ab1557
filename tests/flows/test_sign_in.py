"""Signing in: who comes in, who waits, and what is written of it."""

import asyncio
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.core.access import Account, Role
from deliverwatch.core.inventory import Language
from deliverwatch.flows.access_ports import Identity, NotSignedIn, SessionPolicy, SignedIn
from deliverwatch.flows.manage_accounts import AccountDesk
from deliverwatch.flows.sign_in import SignIn
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.store import open_store

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
RIGHT, WRONG = "correct horse, not battery", "wrong horse, no battery"
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
ROBIN = Identity("https://id.esp.example", "4711", "Robin.Doe", "robin@esp.example", Role.TAM, False)


class PlainPasswords:
    """Quick, and notes what it was asked."""

    def __init__(self):
        self.asked = []

    async def kept(self, password, name):
        return f"kept {password}"

    async def fits(self, password, kept_of_it):
        self.asked.append((password, kept_of_it))
        await asyncio.sleep(0)
        return kept_of_it == f"kept {password}"


@pytest.fixture(scope="session")
def made_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("made") / "store.db"
    open_store(f"sqlite:///{path}").shut()
    return path


@pytest.fixture
async def store(tmp_path, made_file):
    store = open_store(f"sqlite:///{shutil.copy(made_file, tmp_path / 'store.db')}")
    yield store
    await store.close()


@pytest.fixture
def clock():
    return SteppedClock(NOON)


@pytest.fixture
def passwords():
    return PlainPasswords()


@pytest.fixture
def desk(store, clock, passwords):
    return AccountDesk(store, clock, passwords, "ops")


@pytest.fixture
async def robin(desk):
    return (await desk.add(Account("", "robin", Role.TAM, "robin@esp.example", False), RIGHT)).account


@pytest.fixture
def door(store, clock, passwords):
    return SignIn(store, clock, passwords, SessionPolicy())


async def enter(door, name="robin", password=RIGHT, address=HOME):
    return await door.by_password(name, password, address, "Browser")


async def deeds(store):
    return [(line.deed.action, line.deed.by, line.deed.object) for line in reversed(await store.audit())]


class TestByPassword:
    @pytest.mark.parametrize("name", ["robin", " Robin ", "ROBIN"])
    async def test_begins_a_session(self, door, store, robin, name):
        came = await enter(door, name)
        session, kept = await store.session(came.session.digest)
        assert isinstance(came, SignedIn)
        assert (kept.account, session, came.account) == (robin, came.session, robin)
        assert session.ends_at - session.began_at == timedelta(hours=24)
        assert (session.address, session.agent) == (HOME, "Browser")
        assert (await deeds(store))[-1] == ("sign-in", "robin", robin.id)

    @pytest.mark.usefixtures("robin")
    async def test_each_session_has_a_secret_of_its_own_that_is_kept_nowhere(self, door, store, tmp_path):
        one, other = await enter(door), await enter(door)
        assert one.secret != other.secret
        assert len(one.secret) == 43
        assert one.secret not in str(await store.audit()) + str(await store.sessions(one.account.id))

    async def test_a_wrong_password_is_written_down(self, door, store, robin):
        assert await enter(door, password=WRONG) == NotSignedIn()
        (line, *_) = await store.audit()
        assert (line.deed.action, line.deed.object) == ("sign-in.refused", robin.id)
        assert line.deed.facts == {"from": HOME, "why": "password"}
        assert await store.sessions(robin.id) == []

    @pytest.mark.usefixtures("robin")
    @pytest.mark.parametrize("name", ["nobody", "", "a name with blanks", "x" * 10_000, "\x00\ud800"])
    async def test_an_unknown_name_is_answered_alike_after_as_much_work_and_written_nowhere(
        self, door, store, passwords, name, tmp_path
    ):
        before = await store.audit()
        assert await enter(door, name, RIGHT) == await enter(door, "robin", WRONG) == NotSignedIn()
        assert passwords.asked == [(RIGHT, None), (WRONG, f"kept {RIGHT}")]
        assert (await store.audit())[1:] == before

    async def test_who_is_disabled_does_not_come_in(self, door, desk, store, robin):
        await desk.change("robin", None, True, {})
        assert await enter(door) == NotSignedIn()
        assert (await store.audit())[0].deed.facts["why"] == "disabled"

    async def test_who_signs_in_elsewhere_has_no_password_that_fits(self, door, passwords):
        await door.by_provider(ROBIN, HOME, "Browser")
        assert await enter(door, "robin.doe", "") == NotSignedIn()
        assert passwords.asked == [("", None)]

    async def test_the_browser_may_call_itself_what_it_likes(self, door, robin):
        came = await door.by_password("robin", RIGHT, HOME, "x" * 100_000)
        assert len(came.session.agent) == 300


class TestTooMany:
    async def fail(self, door, count, name="robin", address=HOME):
        return [await enter(door, name, WRONG, address) for _ in range(count)]

    @pytest.mark.usefixtures("robin")
    async def test_wait_even_with_the_right_password(self, door, clock, passwords):
        assert await self.fail(door, 6) == [NotSignedIn()] * 6
        (waits,) = await self.fail(door, 1)
        assert waits.again_at > clock.now()
        assert await enter(door) == waits
        assert len(passwords.asked) == 6
        clock.advance(timedelta(seconds=1))
        assert isinstance(await enter(door), SignedIn)

    @pytest.mark.usefixtures("robin")
    async def test_a_restart_forgives_nobody(self, door, store, clock, passwords):
        await self.fail(door, 6)
        again = SignIn(store, clock, passwords, SessionPolicy())
        assert (await enter(again)).again_at is not None

    @pytest.mark.usefixtures("robin")
    async def test_at_once_are_not_all_the_first(self, door, passwords):
        found = await asyncio.gather(*(enter(door, password=f"{WRONG} {number}") for number in range(40)))
        assert len(passwords.asked) == sum(each == NotSignedIn() for each in found) == 6

    @pytest.mark.usefixtures("robin")
    async def test_whoever_succeeds_has_mistyped_nothing(self, door):
        for _ in range(5):
            await self.fail(door, 4)
            assert isinstance(await enter(door), SignedIn)

    @pytest.mark.usefixtures("robin")
    async def test_a_stranger_does_not_lock_the_owner_out(self, door, clock):
        assert isinstance(await enter(door), SignedIn)
        for number in range(200):
            clock.advance(timedelta(seconds=30))
            await self.fail(door, 1, address=f"198.51.100.{number}")
        assert isinstance(await enter(door), SignedIn)
        assert (await enter(door, address="203.0.113.1")).again_at is not None

    @pytest.mark.usefixtures("robin")
    async def test_nor_anywhere_for_longer_than_half_a_minute(self, door, clock):
        for number in range(50):
            clock.advance(timedelta(seconds=30))
            await self.fail(door, 1, address=f"198.51.100.{number}")
        clock.advance(timedelta(seconds=30))
        assert isinstance(await enter(door, address=ELSEWHERE), SignedIn)

    @pytest.mark.usefixtures("robin")
    async def test_from_one_address_many_names_are_one_guesser(self, door, clock):
        for number in range(21):
            await self.fail(door, 1, name=f"name{number}", address="2001:db8:1:2::1")
        assert (await enter(door, address="2001:db8:1:2::ffff")).again_at is not None
        assert isinstance(await enter(door, address="2001:db8:1:3::1"), SignedIn)


class TestByProvider:
    async def test_makes_an_account_as_the_groups_say(self, door, store):
        came = await door.by_provider(ROBIN, HOME, "Browser")
        kept = await store.account("robin.doe")
        assert came.account == kept.account == replace(kept.account, role=Role.TAM, email="robin@esp.example")
        assert (kept.password, kept.subject, kept.account.sees_all) == (None, ("https://id.esp.example", "4711"), False)
        assert [action for action, *_ in await deeds(store)] == ["account.by-provider", "sign-in"]

    async def test_brings_it_up_to_date_and_writes_only_what_changed(self, door, desk, store):
        await door.by_provider(ROBIN, HOME, "Browser")
        await desk.change("robin.doe", None, None, {"language": Language.DE})
        await door.by_provider(ROBIN, HOME, "Browser")
        changed = replace(ROBIN, role=Role.READ_ONLY, sees_all=True, email="other@esp.example", name="renamed")
        await door.by_provider(changed, HOME, "Browser")
        kept = await store.account("robin.doe")
        account = kept.account
        assert (account.role, account.sees_all, account.email) == (Role.READ_ONLY, True, "other@esp.example")
        assert account.language is Language.DE
        assert [action for action, *_ in await deeds(store)].count("account.by-provider") == 2

    @pytest.mark.parametrize("known", [True, False])
    async def test_who_is_in_no_group_does_not_come_in(self, door, store, known):
        if known:
            await door.by_provider(ROBIN, HOME, "Browser")
        assert await door.by_provider(replace(ROBIN, role=None), HOME, "Browser") == NotSignedIn()
        assert len(await store.accounts()) == known
        assert (await deeds(store))[-1] == ("sign-in.refused", "Robin.Doe", "")

    async def test_an_account_of_that_name_is_not_taken_over(self, door, store, robin):
        stranger = replace(ROBIN, name="robin", role=Role.OPERATOR)
        assert await door.by_provider(stranger, HOME, "Browser") == NotSignedIn()
        (kept,) = await store.accounts()
        assert (kept.account, kept.subject) == (robin, None)
        assert await door.by_provider(replace(ROBIN, subject="4712", name="robin"), HOME, "B") == NotSignedIn()

    async def test_another_provider_vouches_for_others(self, door):
        await door.by_provider(ROBIN, HOME, "Browser")
        other = replace(ROBIN, issuer="https://other.example")
        assert await door.by_provider(other, HOME, "Browser") == NotSignedIn()

    async def test_who_is_disabled_here_does_not_come_in(self, door, desk):
        await door.by_provider(ROBIN, HOME, "Browser")
        await desk.change("robin.doe", None, True, {})
        assert await door.by_provider(ROBIN, HOME, "Browser") == NotSignedIn()

    @pytest.mark.parametrize("name", ["", "-", "ro\nbin", "röbin", "A" * 65])
    async def test_a_name_that_cannot_be_one_does_not_come_in(self, door, store, name):
        assert await door.by_provider(replace(ROBIN, name=name), HOME, "Browser") == NotSignedIn()
        assert await store.accounts() == []


async def test_how_long_a_session_lasts_is_the_policys(store, clock, passwords, robin):
    long = SignIn(store, clock, passwords, SessionPolicy(timedelta(days=365), timedelta(days=365)))
    usual = SignIn(store, clock, passwords, SessionPolicy())
    came = await long.by_password("robin", RIGHT, HOME, "Browser")
    clock.advance(timedelta(hours=9))
    assert long.is_open(came.session)
    assert not usual.is_open(came.session)
