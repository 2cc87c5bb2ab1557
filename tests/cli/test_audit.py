"""`deliverwatch audit`: the trail, and whether somebody touched it."""

import sqlite3

import pytest


@pytest.fixture
async def audit(deliverwatch, tmp_path):
    (tmp_path / "deliverwatch.toml").write_text(
        f'[dns]\nresolvers = ["127.0.0.1:9"]\n[store]\nurl = "sqlite:///{tmp_path}/dw.db"\n'
    )
    (tmp_path / "password").write_text("winter-oak-lantern-7")
    for name in ("olga", "tina"):
        await deliverwatch("users", "add", name, "--role", "operator", "--password-file", "password")
    await deliverwatch("users", "disable", "tina", "--by", "olga")

    async def run(*arguments):
        return await deliverwatch("audit", *arguments)

    return run


async def test_what_was_done_is_listed_newest_first(audit):
    listed = (await audit("list", "--json")).document
    assert [each["number"] for each in listed] == list(range(len(listed), 0, -1))
    assert [each["action"] for each in listed][-2:] == ["account.add", "account.add"]
    assert listed[-1]["by"] == "robin"
    assert listed[-1]["facts"]["name"] == "olga"
    assert listed[-1]["at"].endswith("Z")
    assert len((await audit("list", "--limit", "2", "--json")).document) == 2
    about = (await audit("list", "--object", listed[-1]["object"], "--json")).document
    assert about == [listed[-1]]
    assert "account.add" in (await audit("list")).out
    assert (await audit("list", "--object", "none")).out == "Nothing was done.\n"


async def test_a_whole_trail_is_said_to_be_whole(audit):
    count = len((await audit("list", "--json")).document)
    told = await audit("verify", "--json")
    assert (told.code, told.document) == (0, {"lines": count, "intact": True, "first_broken": None})
    assert (await audit("verify")).out == f"{count} lines, each as it was written.\n"


async def test_a_line_that_somebody_changed_is_found(audit, tmp_path):
    with sqlite3.connect(tmp_path / "dw.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE audit_line SET by = 'somebody' WHERE number = 2")
    database.close()
    told = await audit("verify", "--json")
    assert (told.code, told.document["intact"], told.document["first_broken"]) == (1, False, 2)
    assert "Line 2 is not as it was written" in (await audit("verify")).out
