"""`deliverwatch tokens`: made, shown once, listed and revoked."""

import pytest

from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.tokens import is_token
from deliverwatch.store import open_store
from flows.rounds import hold
from samples import customer


@pytest.fixture
async def tokens(deliverwatch, tmp_path):
    (tmp_path / "deliverwatch.toml").write_text(
        f'[dns]\nresolvers = ["127.0.0.1:9"]\n[store]\nurl = "sqlite:///{tmp_path}/dw.db"\n'
    )
    (tmp_path / "password").write_text("winter-oak-lantern-7")
    store = open_store(f"sqlite:///{tmp_path}/dw.db")
    await hold(store, Inventory((customer("acme"),), (Asset("192.0.2.8/29", "acme"),)))
    await store.close()
    await deliverwatch("users", "add", "olga", "--role", "operator", "--password-file", "password")

    async def run(*arguments):
        return await deliverwatch("tokens", *arguments)

    return run


MADE = ("add", "--account", "olga", "--name", "reports")


async def test_a_token_is_printed_alone_and_once(tokens):
    made = await tokens(*MADE)
    assert made.code == 0, made.err
    assert is_token(made.out.strip())
    assert "it is not shown again" in made.err
    (listed,) = (await tokens("list", "--json")).document
    assert (listed["account"], listed["name"], listed["scope"], listed["customers"]) == (
        "olga",
        "reports",
        "read",
        None,
    )
    assert made.out.strip() not in str(listed)
    assert made.out.strip().endswith(listed["ends_with"])


async def test_a_token_is_bounded_and_revoked(tokens):
    made = await tokens(*MADE, "--scope", "write", "--customer", "acme", "--days", "7", "--json")
    assert is_token(made.document["token"])
    assert (made.document["scope"], made.document["customers"]) == ("write", ["acme"])
    assert (await tokens("list", "--account", "olga")).out.splitlines()[1].startswith(made.document["id"])
    assert (await tokens("revoke", made.document["id"])).out == f"Token {made.document['id']} is revoked.\n"
    (listed,) = (await tokens("list", "--json")).document
    assert listed["revoked_at"] is not None


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "--account", "nobody", "--name", "x"), "unknown account 'nobody'"),
        ((*MADE, "--customer", "other"), "there is no customer 'other'"),
        ((*MADE, "--days", "366"), "less than or equal to 365"),
        ((*MADE, "--scope", "all"), "'all' is not one of"),
        (("add", "--account", "olga", "--name", " "), "say what it is for"),
        (("revoke", "none"), "there is no token 'none'"),
        (("list", "--account", "nobody"), "unknown account 'nobody'"),
    ],
)
async def test_what_is_wrong_is_a_sentence(tokens, arguments, why):
    ran = await tokens(*arguments)
    assert ran.code == 2
    assert why in " ".join(ran.err.split())
    assert (await tokens("list", "--json")).document == []
    assert (await tokens("list")).out == "No tokens.\n"
