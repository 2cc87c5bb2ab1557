"""`deliverwatch tokens`: by which programs come to the API."""

from typing import Annotated

import typer

from deliverwatch.app import App
from deliverwatch.cli.access_documents import token_document
from deliverwatch.cli.customers import find_customer
from deliverwatch.cli.options import By, ConfigFile, Json, login_name, with_app
from deliverwatch.cli.output import print_json, print_lines, print_table, say
from deliverwatch.cli.users import find_account
from deliverwatch.core.access import Scope
from deliverwatch.flows.access_ports import ApiToken

tokens = typer.Typer(help="By which programs come to the API.", no_args_is_help=True)

_COLUMNS = (
    "id",
    "account",
    "name",
    "scope",
    "customers",
    "ends with",
    "expires (UTC)",
    "last used (UTC)",
    "revoked (UTC)",
)


@tokens.command()
def add(
    account: Annotated[str, typer.Option("--account", metavar="NAME", help="Whose it is; it may do no more.")],
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="What it is for.")],
    scope: Annotated[Scope, typer.Option("--scope", help="What it may do.")] = Scope.READ,
    customer: Annotated[
        list[str] | None, typer.Option("--customer", metavar="ID", help="Only these; can be given several times.")
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=365, help="How long it opens anything.")] = 90,
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Make a token. It is printed now, and never again."""

    async def work(app: App) -> tuple[ApiToken, str, str]:
        owner = (await find_account(app, account)).account.name
        inventory = await app.store.inventory()
        only = frozenset(find_customer(inventory, each).id for each in customer or ()) or None
        token, text = await app.access.add_token(owner, name, scope, only, days, by or login_name())
        return token, text, owner

    token, text, owner = with_app(config, work)
    if as_json:
        print_json(token_document(token, owner) | {"token": text})
        return
    say(f"Token {token.id} of {owner}, until {token.expires_at:%Y-%m-%d}. Keep it now: it is not shown again.")
    print(text)


@tokens.command("list")
def list_all(
    account: Annotated[str | None, typer.Option("--account", metavar="NAME", help="Only of this account.")] = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Tokens, newest first."""

    async def work(app: App) -> list[tuple[ApiToken, str]]:
        of = None if account is None else (await find_account(app, account)).account.id
        names = {each.account.id: each.account.name for each in await app.access.accounts()}
        return [(each, names[each.account]) for each in await app.store.tokens(of)]

    found = with_app(config, work)
    if as_json:
        print_json([token_document(*each) for each in found])
        return
    print_table(_COLUMNS, (_row(*each) for each in found), "No tokens.")


@tokens.command()
def revoke(
    id_: Annotated[str, typer.Argument(metavar="ID", help="As the list of tokens shows it.")],
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """It opens nothing from now on."""
    with_app(config, lambda app: app.access.revoke_token(id_, by or login_name()))
    if as_json:
        print_json({"id": id_, "revoked": True})
    else:
        print_lines([f"Token {id_} is revoked."])


def _row(token: ApiToken, account: str) -> tuple[object, ...]:
    customers = "all of the account" if token.customers is None else sorted(token.customers)
    times = (token.expires_at, token.last_used_at, token.revoked_at)
    return (token.id, account, token.name, str(token.scope), customers, f"...{token.hint}", *times)
