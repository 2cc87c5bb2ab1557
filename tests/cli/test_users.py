"""`deliverwatch users`: the first account, and what becomes of accounts."""

import os
import pty
import select
import sys

import pytest

PASSWORD, NEXT = "winter-oak-lantern-7", "summer-elm-candle-8"


@pytest.fixture
def users(deliverwatch, tmp_path):
    (tmp_path / "deliverwatch.toml").write_text(
        f'[dns]\nresolvers = ["127.0.0.1:9"]\n[store]\nurl = "sqlite:///{tmp_path}/dw.db"\n'
    )
    (tmp_path / "password").write_text(f"{PASSWORD}\nnot this\n")
    (tmp_path / "next").write_text(NEXT)

    async def run(*arguments):
        return await deliverwatch("users", *arguments)

    return run


WITH_PASSWORD = ("--password-file", "password")


async def test_the_first_account_is_made_here(users):
    added = await users("add", "Olga", "--role", "operator", *WITH_PASSWORD, "--json")
    assert added.code == 0, added.err
    assert added.document == {
        "id": added.document["id"],
        "name": "olga",
        "role": "operator",
        "email": None,
        "sees_all": True,
        "language": "en",
        "has_password": True,
        "issuer": None,
        "created_at": added.document["created_at"],
        "disabled_at": None,
    }
    assert (await users("list", "--json")).document == [added.document]
    listed = (await users("list")).out
    assert "olga" in listed
    assert PASSWORD not in listed + added.out
    assert "argon2" not in added.out


async def test_nobody_yet_says_what_to_do(users):
    assert "`deliverwatch users add` makes the first" in (await users("list")).out
    assert (await users("list", "--json")).document == []


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "tina", "--role", "tam", *WITH_PASSWORD), "it would see nothing: give --email ADDRESS"),
        (("add", "tina", "--role", "owner", *WITH_PASSWORD), "'owner' is not one of"),
        (("add", "not a name", "--role", "operator", *WITH_PASSWORD), "cannot be a name"),
        (("add", "tina", "--role", "operator", "--password-file", "none"), "none"),
        (("add", "tina", "--role", "operator", "--password-file", "/dev/null"), "at least 12 characters"),
        (("add", "tina", "--role", "operator", "--password-file", "-"), "at least 12 characters"),
        (("add", "tina", "--role", "operator"), "give --password-file FILE, or - for standard input"),
        (("show", "olg"), "unknown account 'olg': did you mean 'olga'?"),
        (("disable", "nobody"), "unknown account 'nobody'"),
        (("password", "nobody", *WITH_PASSWORD), "unknown account 'nobody'"),
        (("disable", "olga"), "is the last operator"),
        (("role", "olga", "tam", "--all"), "is the last operator"),
        (("add", "OLGA", "--role", "operator", *WITH_PASSWORD), "olga"),
    ],
)
async def test_what_is_wrong_is_a_sentence(users, arguments, why):
    await users("add", "olga", "--role", "operator", *WITH_PASSWORD)
    ran = await users(*arguments)
    assert ran.code == 2
    assert why in " ".join(ran.err.split())
    assert len((await users("list", "--json")).document) == 1


async def test_an_account_changes_and_each_change_is_in_the_trail(users, deliverwatch):
    await users("add", "tina", "--role", "tam", "--email", "tam@esp.example", "--language", "de", *WITH_PASSWORD)
    assert (await users("role", "tina", "read-only", "--all", "--by", "olga")).out == "tina is read-only now.\n"
    assert (await users("password", "tina", "--password-file", "next")).out == "tina has a new password.\n"
    assert (await users("disable", "tina")).out == "tina is disabled.\n"
    shown = (await users("show", "tina", "--json")).document
    assert (shown["role"], shown["sees_all"], shown["email"]) == ("read-only", True, "tam@esp.example")
    assert shown["disabled_at"] is not None
    assert (shown["language"], shown["sessions"], shown["tokens"]) == ("de", [], [])
    assert (await users("enable", "tina")).out == "tina is enabled.\n"
    assert "name: tina" in (await users("show", "tina")).out
    deeds = (await deliverwatch("audit", "list", "--object", shown["id"], "--json")).document
    assert {"account.add", "account.change"} <= {each["action"] for each in deeds}
    assert {"robin", "olga"} == {each["by"] for each in deeds}


def asked_at_a_terminal(folder, *answers):
    """Runs `users add` with a terminal of its own; its exit code, and all that was to be seen there."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        run = (sys.executable, "-m", "deliverwatch", "users", "add", "olga", "--role", "operator")
        os.execve(sys.executable, run, {"PATH": "/usr/bin:/bin", "HOME": str(folder), "USER": "robin"})
    seen = ""
    for answer in answers:
        seen += read_until(terminal, ": ")
        os.write(terminal, f"{answer}\n".encode())
    seen += read_until(terminal, None)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), seen


def read_until(terminal, question):
    """None: to the end. Whoever does not go on is given up."""
    seen = ""
    while question is None or not seen.endswith(question):
        ready, _, _ = select.select([terminal], [], [], 60)
        assert ready, seen
        try:
            more = os.read(terminal, 1024)
        except OSError:  # so ends a terminal on Linux
            more = b""
        if not more:
            break
        seen += more.decode()
    return seen


async def test_at_a_terminal_a_password_is_asked_twice_and_never_seen(users, tmp_path):
    code, seen = asked_at_a_terminal(tmp_path, PASSWORD, "mistyped", PASSWORD, PASSWORD)
    assert code == 0, seen
    assert "olga is added." in seen
    assert PASSWORD not in seen
    assert (await users("list", "--json")).document[0]["name"] == "olga"
