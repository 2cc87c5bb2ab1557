"""What the store keeps of who may come in, and of what they did."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from contract.store_values import DAY, HOUR, MINUTE, NOON
from deliverwatch.core.access import Account, Role, Scope
from deliverwatch.core.audit import BEFORE_ALL, first_unfit
from deliverwatch.core.errors import NotPossible, StoreError
from deliverwatch.core.inventory import Language
from deliverwatch.flows.access_ports import WORKED_ON_FOR, ApiToken, Deed, KeptAccount, KeptAnswer, Session
from deliverwatch.store.engine import open_engine, read_url

ROBIN = KeptAccount(
    Account("A1", "robin", Role.TAM, "robin@esp.example", False, Language.DE), "$argon2id$robin", None, NOON
)
SAM = KeptAccount(
    Account("A2", "sam", Role.OPERATOR, "", True), None, ("https://id.esp.example", "4711"), NOON, NOON + HOUR, NOON
)
SESSION = Session("s1", "digest 1", "A1", NOON, NOON, NOON + DAY, "192.0.2.1", "Browser \x00 \ud800")
TOKEN = ApiToken("t1", "token digest 1", "A1", "crm", Scope.WRITE, frozenset({"acme"}), "abcd", NOON, NOON + DAY)


def deed(action="account.add", object_="A1", **facts):
    return Deed(NOON, "ops", action, object_, facts, None, "cli")


@pytest.fixture
async def accounts(store):
    await store.keep_account(SAM, deed(object_="A2"), new=True)
    await store.keep_account(ROBIN, deed(), new=True)


async def actions(store):
    return [line.deed.action for line in reversed(await store.audit())]


async def test_what_the_trail_keeps_of_what_was_typed_is_short_and_can_be_verified(store):
    facts = {"reason": "x" * 10_000, "week": "2026-W47", "days": 3, "covers": {"place": ["y" * 501]}, "z" * 9_000: None}
    line = await store.record(deed("report.note", "o" * 10_000, **facts))
    kept = line.deed.facts
    assert (kept["week"], kept["days"], kept["reason"]) == ("2026-W47", 3, "x" * 499 + "\u2026")
    assert kept["covers"] == {"place": ["y" * 499 + "\u2026"]}
    assert line.deed.object == "o" * 499 + "\u2026"
    assert max(map(len, kept)) == 500
    found = await store.audit()
    assert found == [line]
    assert first_unfit(None, found) is None


@pytest.mark.usefixtures("accounts")
class TestAccounts:
    async def test_are_found_by_id_by_name_and_by_whom_a_provider_names(self, store):
        assert await store.accounts() == [ROBIN, SAM]
        assert await store.account("A1") == await store.account("robin") == ROBIN
        assert await store.account("nobody") is None
        assert await store.account_of_subject("https://id.esp.example", "4711") == SAM
        assert await store.account_of_subject("https://other.example", "4711") is None

    async def test_are_written_over_with_a_line_of_the_trail(self, store):
        changed = replace(ROBIN, account=replace(ROBIN.account, role=Role.READ_ONLY), disabled_at=NOON)
        await store.keep_account(changed, deed("account.change"))
        assert await store.account("A1") == changed
        assert await actions(store) == ["account.add", "account.add", "account.change"]

    @pytest.mark.parametrize("new", [True, False])
    async def test_a_name_is_one_accounts_and_what_failed_leaves_no_line(self, store, new):
        other = replace(SAM, account=replace(SAM.account, id="A3" if new else "A2", name="robin"), subject=None)
        with pytest.raises(NotPossible, match="'robin' is taken"):
            await store.keep_account(other, deed("account.change"), new=new)
        assert await store.accounts() == [ROBIN, SAM]
        assert await actions(store) == ["account.add", "account.add"]

    async def test_an_identity_is_one_accounts(self, store):
        other = replace(SAM, account=replace(SAM.account, id="A3", name="samantha"))
        with pytest.raises(NotPossible):
            await store.keep_account(other, deed(), new=True)

    async def test_one_that_is_not_there_is_not_changed(self, store):
        with pytest.raises(NotPossible):
            await store.keep_account(replace(ROBIN, account=replace(ROBIN.account, id="A9", name="x")), deed())

    async def test_when_the_start_page_was_seen(self, store):
        await store.looked("A1", NOON + HOUR)
        assert (await store.account("A1")).last_looked_at == NOON + HOUR


@pytest.mark.usefixtures("accounts")
class TestSessions:
    async def test_are_found_by_digest_and_seen_later_never_earlier(self, store):
        await store.start_session(SESSION, deed("sign-in"))
        kept = replace(SESSION, agent="Browser \ufffd \ufffd")
        assert await store.session("digest 1") == (kept, ROBIN)
        assert await store.session("s1") is None
        await store.session_seen("digest 1", NOON + HOUR)
        await store.session_seen("digest 1", NOON + MINUTE)
        assert await store.sessions("A1") == [replace(kept, seen_at=NOON + HOUR)]
        assert await store.sessions("A2") == []

    async def test_of_a_disabled_account_are_none(self, store):
        await store.start_session(replace(SESSION, account="A2"), deed("sign-in"))
        assert await store.session("digest 1") is None

    async def test_end_one_by_one_or_all(self, store):
        for number in range(1, 4):
            began_at = NOON + number * MINUTE
            await store.start_session(
                replace(SESSION, id=f"s{number}", digest=f"digest {number}", began_at=began_at), deed("sign-in")
            )
        await store.start_session(replace(SESSION, id="s9", digest="digest 9", account="A2"), deed("sign-in"))
        assert [each.id for each in await store.sessions("A1")] == ["s3", "s2", "s1"]
        assert await store.end_sessions("A1", ["s2", "s9"], deed("sign-out")) == 1
        assert [each.id for each in await store.sessions("A1")] == ["s3", "s1"]
        assert await store.end_sessions("A1", None, deed("sign-out")) == 2
        assert (await store.sessions("A1"), len(await store.sessions("A2"))) == ([], 1)
        assert await store.end_sessions("A1", ["s7"], deed("sign-out")) == 0
        assert (await actions(store))[-3:] == ["sign-in", "sign-out", "sign-out"]

    async def test_what_is_over_is_dropped(self, store):
        await store.start_session(SESSION, deed("sign-in"))
        await store.prune_access(NOON + DAY, NOON, NOON, NOON)
        assert len(await store.sessions("A1")) == 1
        await store.prune_access(NOON + DAY + MINUTE, NOON, NOON, NOON)
        assert await store.sessions("A1") == []
        assert await actions(store) == ["account.add", "account.add", "sign-in"]


@pytest.mark.usefixtures("accounts")
class TestTokens:
    async def test_are_found_by_digest_and_used_later_never_earlier(self, store):
        await store.add_token(TOKEN, deed("token.add"))
        assert await store.token("token digest 1") == (TOKEN, ROBIN)
        assert await store.token("t1") is None
        await store.token_used("t1", NOON + HOUR)
        await store.token_used("t1", NOON + MINUTE)
        assert await store.tokens() == [replace(TOKEN, last_used_at=NOON + HOUR)]

    @pytest.mark.parametrize("customers", [None, frozenset(), frozenset({"acme", "bravo"})])
    async def test_no_bounds_are_not_no_customers(self, store, customers):
        token = replace(TOKEN, customers=customers)
        await store.add_token(token, deed("token.add"))
        assert await store.tokens("A1") == [token]
        assert await store.tokens("A2") == []

    async def test_of_a_disabled_account_are_none(self, store):
        await store.add_token(replace(TOKEN, account="A2"), deed("token.add"))
        assert await store.token("token digest 1") is None

    async def test_are_revoked_once(self, store):
        await store.add_token(TOKEN, deed("token.add"))
        revoking = replace(deed("token.revoke", "t1"), at=NOON + HOUR)
        assert await store.revoke_token("t1", revoking)
        assert not await store.revoke_token("t1", revoking)
        assert not await store.revoke_token("t9", revoking)
        assert await store.token("token digest 1") is None
        assert await store.tokens() == [replace(TOKEN, revoked_at=NOON + HOUR)]
        assert (await actions(store)).count("token.revoke") == 1


class TestFailures:
    async def test_are_counted_by_name_and_by_address(self, store):
        for at, name, address in ((2, "n1", "a1"), (1, "n1", "a2"), (3, "n2", "a1"), (-1, "n1", "a1")):
            await store.sign_in_failed(name, address, NOON + at * MINUTE)
        found = await store.failed_sign_ins("n1", "a1", NOON)
        assert found == ([NOON + MINUTE, NOON + 2 * MINUTE], [NOON + 2 * MINUTE, NOON + 3 * MINUTE])
        assert await store.failed_sign_ins("n3", "a3", NOON) == ([], [])

    async def test_who_signs_in_is_forgiven_what_they_mistyped_and_nobody_else_is(self, store):
        for name, address in (("n1", "a1"), ("n1", "a2"), ("n2", "a1")):
            await store.sign_in_failed(name, address, NOON)
        await store.sign_in_succeeded("n1", "a1", NOON)
        assert await store.failed_sign_ins("n1", "a1", NOON) == ([NOON], [NOON])
        assert await store.failed_sign_ins("n1", "a2", NOON) == ([NOON], [NOON])

    async def test_an_address_is_known_for_a_while(self, store):
        await store.sign_in_succeeded("n1", "a1", NOON)
        await store.sign_in_succeeded("n1", "a1", NOON + HOUR)
        assert await store.signed_in_from("n1", "a1", NOON + HOUR)
        assert not await store.signed_in_from("n1", "a1", NOON + 2 * HOUR)
        assert not await store.signed_in_from("n1", "a2", NOON)
        assert not await store.signed_in_from("n2", "a1", NOON)

    async def test_what_is_old_is_dropped(self, store, count_rows):
        await store.sign_in_failed("n1", "a1", NOON)
        await store.sign_in_succeeded("n2", "a1", NOON)
        await store.begin_answer("A1", "k", "d", NOON)
        await store.prune_access(NOON, NOON, NOON, NOON)
        kept = ("sign_in_failure", "known_address", "kept_answer")
        assert [count_rows()[table] for table in kept] == [1, 1, 1]
        await store.prune_access(NOON, *[NOON + MINUTE] * 3)
        assert [count_rows()[table] for table in kept] == [0, 0, 0]


class TestAnswers:
    async def test_a_key_is_taken_once_by_each(self, store):
        assert await store.begin_answer("t1", "k", "digest", NOON) is None
        assert await store.begin_answer("t2", "k", "digest", NOON) is None
        assert await store.begin_answer("t1", "k", "other", NOON + HOUR) == KeptAnswer("digest", None, {}, b"", NOON)

    async def test_what_was_answered_is_answered_again(self, store):
        await store.begin_answer("t1", "k", "digest", NOON)
        await store.keep_answer("t1", "k", NOON, 201, {"etag": '"1"'}, b"{}\x00")
        found = await store.begin_answer("t1", "k", "digest", NOON + HOUR)
        assert found == KeptAnswer("digest", 201, {"etag": '"1"'}, b"{}\x00", NOON)

    async def test_what_came_to_nothing_may_be_tried_again(self, store):
        await store.begin_answer("t1", "k", "digest", NOON)
        await store.drop_answer("t1", "k", NOON)
        assert await store.begin_answer("t1", "k", "other", NOON + HOUR) is None

    async def test_what_was_left_in_mid_work_is_taken_over_by_the_same_request_alone(self, store):
        await store.begin_answer("t1", "k", "digest", NOON)
        late = NOON + WORKED_ON_FOR
        assert await store.begin_answer("t1", "k", "digest", late - MINUTE) is not None
        assert await store.begin_answer("t1", "k", "other", late) is not None
        assert await store.begin_answer("t1", "k", "digest", late) is None
        assert await store.begin_answer("t1", "k", "digest", late) is not None

    async def test_who_lives_after_all_answers_no_more_for_whoever_took_over(self, store):
        await store.begin_answer("t1", "k", "digest", NOON)
        late = NOON + WORKED_ON_FOR
        await store.begin_answer("t1", "k", "digest", late)
        await store.keep_answer("t1", "k", NOON, 500, {}, b"first")
        await store.drop_answer("t1", "k", NOON)
        await store.keep_answer("t1", "k", late, 200, {}, b"second")
        found = await store.begin_answer("t1", "k", "digest", late + 2 * WORKED_ON_FOR)
        assert found == KeptAnswer("digest", 200, {}, b"second", late)

    async def test_two_at_once_do_not_both_take_it(self, start_store):
        one, other = start_store(), start_store()
        found = await asyncio.gather(*(each.begin_answer("t1", "k", "digest", NOON) for each in (one, other)))
        assert sorted(each is None for each in found) == [False, True]


class TestTrail:
    async def test_is_read_newest_first_in_pages_and_of_one_thing(self, store):
        for number in range(1, 6):
            line = await store.record(deed("draft.submit", f"d-{number % 2}", number=number))
            assert line.number == number
        assert [each.number for each in await store.audit(limit=2)] == [5, 4]
        assert [each.number for each in await store.audit(before=4, limit=2)] == [3, 2]
        assert [each.number for each in await store.audit(object_="d-1")] == [5, 3, 1]
        assert [each.number for each in await store.audit_from(4, 10)] == [4, 5]
        assert (await store.audit_from(1, 1))[0].before == BEFORE_ALL
        assert first_unfit(None, await store.audit_from(1, 10)) is None

    async def test_whatever_was_typed_is_kept_and_still_fits(self, store):
        hostile = "a\x00b\ud800<script>\u202e"
        facts = {"note": hostile, "list": [1, 2.5, None, True], "nested": {hostile: "x"}}
        written = await store.record(Deed(NOON, hostile, "draft.edit", hostile, facts, "t1", hostile))
        (read,) = await store.audit()
        assert read == written
        assert first_unfit(None, [read]) is None
        assert (read.deed.facts, read.deed.by) == (facts, "a\ufffdb\ufffd<script>\u202e")

    async def test_is_one_chain_however_many_write_at_once(self, start_store):
        stores = [start_store() for _ in range(4)]
        await asyncio.gather(*(each.record(deed(number=n)) for n in range(15) for each in stores))
        lines = await stores[0].audit_from(0, 1_000)
        assert [line.number for line in lines] == list(range(1, 61))
        assert first_unfit(None, lines) is None

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_line SET by = 'somebody else'",
            "DELETE FROM audit_line",
            "DELETE FROM audit_line WHERE number = 1",
            "whatever else there is",
        ],
    )
    async def test_is_only_ever_added_to(self, store, store_url, statement):
        if statement == "whatever else there is":
            replaces = "INSERT OR REPLACE INTO audit_line SELECT * FROM audit_line"
            statement = replaces if store_url.startswith("sqlite") else "TRUNCATE audit_line"
        await store.record(deed())
        (before,) = await store.audit()
        engine = open_engine(read_url(store_url))
        with pytest.raises(Exception, match="only ever added to"), engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()
        assert await store.audit() == [before]

    async def test_what_somebody_changed_behind_its_back_is_found(self, store, store_url):
        for number in range(3):
            await store.record(deed(number=number))
        engine = open_engine(read_url(store_url))
        with engine.begin() as connection:
            if store_url.startswith("sqlite"):
                connection.execute(text("DROP TRIGGER audit_line_UPDATE"))
            else:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text("UPDATE audit_line SET by = 'sam' WHERE number = 2"))
        engine.dispose()
        assert first_unfit(None, await store.audit_from(1, 10)).number == 2


async def test_what_failed_is_not_in_the_trail(store):
    """Its line is written with it, or not at all: nobody has this account."""
    with pytest.raises(StoreError):
        await store.start_session(replace(SESSION, account="nobody"), deed("sign-in"))
    assert await store.audit() == []
