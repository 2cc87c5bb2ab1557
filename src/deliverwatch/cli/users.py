"""`deliverwatch users`: the accounts that sign in at the pages. The first one is made here."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from deliverwatch.app import App
from deliverwatch.cli.access_documents import account_document, account_row, session_document, token_document
from deliverwatch.cli.options import By, ConfigFile, Json, login_name, with_app
from deliverwatch.cli.output import print_json, print_lines, print_table
from deliverwatch.core.access import Account, Role
from deliverwatch.core.errors import NotPossible, unknown_name
from deliverwatch.core.inventory import Language
from deliverwatch.flows.access_ports import KeptAccount
from deliverwatch.settings.sources import read_file

users = typer.Typer(help="The accounts that sign in at the pages.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="By which one signs in.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", metavar="FILE", help="Its first line; - is standard input. Else it is asked for."),
]
Email = Annotated[str | None, typer.Option("--email", metavar="ADDRESS", help="By which the inventory names a TAM.")]
All = Annotated[bool | None, typer.Option("--all/--own", help="Sees all customers, or those of its mail address.")]
Spoken = Annotated[Language | None, typer.Option("--language", help="Of the pages.")]

_COLUMNS = ("name", "role", "email", "sees", "language", "signs in by", "state", "since (UTC)")


@users.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option("--role", help="What it may do.")],
    email: Email = None,
    sees_all: All = None,
    language: Spoken = None,
    password_file: PasswordFile = None,
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Add an account with a password."""
    account = Account("", name, role, email or "", bool(sees_all), language or Language.EN)
    if role is not Role.OPERATOR and not account.sees_all and not email:
        raise NotPossible("it would see nothing: give --email ADDRESS as the inventory names a TAM, or --all")
    password = _password(password_file)
    kept = with_app(config, lambda app: app.access.add_account(account, password, by or login_name()))
    _said(kept, as_json, "is added")


@users.command("list")
def list_all(config: ConfigFile = None, as_json: Json = False) -> None:
    """All accounts, by name."""
    found = with_app(config, lambda app: app.access.accounts())
    if as_json:
        print_json([account_document(each) for each in found])
        return
    print_table(_COLUMNS, map(account_row, found), "No accounts: `deliverwatch users add` makes the first.")


@users.command()
def show(name: Name, config: ConfigFile = None, as_json: Json = False) -> None:
    """One account, with its sessions and tokens."""

    async def work(app: App) -> dict[str, object]:
        kept = await find_account(app, name)
        return account_document(kept) | {
            "sessions": [session_document(each) for each in await app.access.sessions(kept.account.id)],
            "tokens": [token_document(each, kept.account.name) for each in await app.store.tokens(kept.account.id)],
        }

    document = with_app(config, work)
    if as_json:
        print_json(document)
        return
    sessions, tokens = document.pop("sessions"), document.pop("tokens")
    print_lines(f"{key}: {'-' if value is None else value}" for key, value in document.items())
    assert isinstance(sessions, list)
    assert isinstance(tokens, list)
    print_lines(f"session {each['id']}: seen {each['seen_at']} from {each['address']}" for each in sessions)
    print_lines(f"token {each['id']}: {each['name']}, {_until(each)}" for each in tokens)


@users.command()
def disable(name: Name, by: By = None, config: ConfigFile = None, as_json: Json = False) -> None:
    """It signs in no more; its sessions end, and its tokens open nothing."""
    _said(_change(name, by, config, disabled=True), as_json, "is disabled")


@users.command()
def enable(name: Name, by: By = None, config: ConfigFile = None, as_json: Json = False) -> None:
    """It may sign in again."""
    _said(_change(name, by, config, disabled=False), as_json, "is enabled")


@users.command()
def password(
    name: Name, password_file: PasswordFile = None, by: By = None, config: ConfigFile = None, as_json: Json = False
) -> None:
    """Give it a new password; its sessions end."""
    with_app(config, lambda app: find_account(app, name))
    _said(_change(name, by, config, password=_password(password_file)), as_json, "has a new password")


@users.command()
def role(
    name: Name,
    role: Annotated[Role, typer.Argument(metavar="ROLE", help="operator, tam or read-only.")],
    email: Email = None,
    sees_all: All = None,
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Change what it may do, and whose customers it sees."""
    changes = {"role": role, "email": email, "sees_all": sees_all}
    given = {field: value for field, value in changes.items() if value is not None}
    _said(_change(name, by, config, **given), as_json, f"is {role} now")


def _until(token: dict[str, object]) -> str:
    revoked = token["revoked_at"]
    return f"until {token['expires_at']}" if revoked is None else f"revoked {revoked}"


async def find_account(app: App, name: str) -> KeptAccount:
    found = await app.store.account(name)
    if found is None:
        raise NotPossible(unknown_name("account", name, [each.account.name for each in await app.access.accounts()]))
    return found


def _change(name: str, by: str | None, config: Path | None, **changes: object) -> KeptAccount:
    async def work(app: App) -> KeptAccount:
        kept = await find_account(app, name)
        return await app.access.change_account(kept.account.name, by or login_name(), **changes)  # type: ignore[arg-type]

    return with_app(config, work)


def _said(kept: KeptAccount, as_json: bool, what: str) -> None:
    if as_json:
        print_json(account_document(kept))
    else:
        print_lines([f"{kept.account.name} {what}."])


def _password(file: Path | None) -> str:
    if file is None:
        return _asked_twice()
    text = sys.stdin.readline() if str(file) == "-" else read_file(file).partition("\n")[0]
    return text.rstrip("\r\n")


def _asked_twice() -> str:
    if not sys.stdin.isatty():
        raise NotPossible(
            "nobody is there to be asked for a password: give --password-file FILE, or - for standard input"
        )
    given: str = typer.prompt("Password", hide_input=True, confirmation_prompt="Again", err=True)
    return given
