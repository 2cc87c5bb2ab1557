"""`deliverwatch report contacts`: who gets reports no more, and what becomes of them."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from deliverwatch.app import App
from deliverwatch.cli.customers import find_customer
from deliverwatch.cli.options import ConfigFile, CustomerId, Json, with_app
from deliverwatch.cli.output import print_json, print_lines, print_table
from deliverwatch.flows.contacts import restore_contact, see_to_contact
from deliverwatch.flows.report_ports import Contact
from deliverwatch.render.json_times import instant

contacts = typer.Typer(help="Contacts who get no more reports.", no_args_is_help=False, invoke_without_command=True)

Of = Annotated[str, typer.Option("--customer", metavar="ID")]
Address = Annotated[str, typer.Argument(metavar="ADDRESS")]


@contacts.callback()
def list_all(
    context: typer.Context, customer: CustomerId = None, config: ConfigFile = None, as_json: Json = False
) -> None:
    """Contacts to whom something happened: their mail bounced, or they unsubscribed."""
    if context.invoked_subcommand is None:
        _list(customer, config, as_json)


def _list(customer: str | None, config: ConfigFile, as_json: bool) -> None:
    async def work(app: App) -> list[Contact]:
        if customer is not None:
            find_customer(await app.store.inventory(), customer)
        return await app.store.contacts(customer=customer)

    found = with_app(config, work)
    if as_json:
        print_json([_document(each) for each in found])
        return
    rows = [(each.customer, each.address, str(each.state), each.at, _task(each), each.why) for each in found]
    nothing = "Nothing happened to any contact."
    print_table(("customer", "address", "state", "since (UTC)", "task", "why"), rows, nothing)


@contacts.command()
def done(address: Address, customer: Of, config: ConfigFile = None, as_json: Json = False) -> None:
    """You have seen to it; the contact goes on getting no reports."""
    _see_to(address, customer, config, as_json, "is seen to, and gets no reports", see_to_contact)


@contacts.command()
def restore(address: Address, customer: Of, config: ConfigFile = None, as_json: Json = False) -> None:
    """The contact gets reports again."""
    _see_to(address, customer, config, as_json, "gets reports again", restore_contact)


def _see_to(
    address: str,
    customer: str,
    config: ConfigFile,
    as_json: bool,
    now: str,
    act: Callable[..., Awaitable[Contact]],
) -> None:
    async def work(app: App) -> Contact:
        whose = find_customer(await app.store.inventory(), customer)
        return await act(app.store, app.clock, whose.id, address)

    contact = with_app(config, work)
    if as_json:
        print_json(_document(contact))
    else:
        print_lines([f"{contact.address} of {contact.customer} {now}."])


def _task(contact: Contact) -> str:
    return "open" if contact.is_lost and contact.seen_to_at is None else "-"


def _document(contact: Contact) -> dict[str, object]:
    return {
        "customer": contact.customer,
        "address": contact.address,
        "state": str(contact.state),
        "at": instant(contact.at),
        "why": contact.why or None,
        "seen_to_at": instant(contact.seen_to_at),
    }
