"""`deliverwatch customers`: the inventory."""

from datetime import UTC
from pathlib import Path
from typing import Annotated, Any

import typer

from deliverwatch.app import App
from deliverwatch.catalogue.inventory import export_inventory, read_inventory
from deliverwatch.cli.options import By, ConfigFile, Json, login_name, with_app
from deliverwatch.cli.output import busy, print_json, print_lines, print_table
from deliverwatch.cli.platform import platform
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.inventory import Asset, Customer, Inventory
from deliverwatch.core.inventory_diff import InventoryChange, plan_import
from deliverwatch.flows.access_ports import Deed
from deliverwatch.flows.ports import Forgotten
from deliverwatch.render.customer_data_document import customer_data_document, forgotten_document
from deliverwatch.render.customer_document import customer_document
from deliverwatch.render.inventory_changes import change_lines

customers = typer.Typer(help="Customers, their sending IPs, ranges and domains.", no_args_is_help=True)
customers.command()(platform)


@customers.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML, or CSV with one IP or domain per row.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, change nothing.")] = False,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Read an inventory: all of it or, when anything is wrong, nothing. Customers not in the file are left alone."""

    async def work(app: App) -> InventoryChange:
        now = app.clock.now()
        before = await app.store.inventory()
        with busy(f"reading {file}"):
            wanted = read_inventory(file, [customer.id for customer in before.customers])
        change = plan_import(before, wanted.customers, wanted.assets, wanted.has_esp, now.astimezone(UTC).date())
        if change and not dry_run:
            await app.store.apply_inventory(change, now)
        return change

    change = with_app(config, work)
    if as_json:
        print_json(
            {"dry_run": dry_run, "changes": [{"what": what, "name": name} for what, name in change_lines(change)]}
        )
        return
    print_lines(f"{what:<8} {name}" for what, name in change_lines(change))
    verb = "would change" if dry_run else "changed"
    print(f"{len(change_lines(change))} {verb}." if change else "Nothing to change.")


@customers.command()
def export(config: ConfigFile = None) -> None:
    """The inventory as YAML, ready to be read in again."""
    print(export_inventory(with_app(config, lambda app: app.store.inventory())), end="")


@customers.command("list")
def list_all(config: ConfigFile = None, as_json: Json = False) -> None:
    """All customers."""
    inventory = with_app(config, lambda app: app.store.inventory())
    if as_json:
        print_json([_customer(customer, inventory) for customer in inventory.customers])
        return
    rows = [
        (customer.id, customer.name, customer.service_time_zone, customer.tam.name, len(_assets(customer, inventory)))
        for customer in inventory.customers
    ]
    hint = "No customers yet: `deliverwatch customers import FILE` reads them."
    print_table(("customer", "name", "zone", "TAM", "assets"), rows, hint)


@customers.command()
def show(
    customer_id: Annotated[str, typer.Argument(metavar="ID")], config: ConfigFile = None, as_json: Json = False
) -> None:
    """One customer with everything they hold or share."""
    inventory = with_app(config, lambda app: app.store.inventory())
    customer = find_customer(inventory, customer_id)
    if as_json:
        print_json(_customer(customer, inventory))
        return
    print_lines(
        [
            f"{customer.name} ({customer.id})",
            f"service zone {customer.service_time_zone}, language {customer.language}",
            f"TAM {customer.tam.name} <{customer.tam.email}>",
            f"weekly report {'to ' + ', '.join(customer.contacts) if customer.report_enabled else 'off'}",
            "",
        ]
    )
    rows = [
        (
            asset.name,
            "own" if asset.holder else "shared",
            asset.pool,
            asset.stream,
            asset.roles,
            asset.from_on,
            asset.until_on,
        )
        for asset in _assets(customer, inventory)
    ]
    print_table(("asset", "", "pool", "stream", "roles", "from", "until"), rows, "No assets.")


@customers.command()
def data(customer_id: Annotated[str, typer.Argument(metavar="ID")], config: ConfigFile = None) -> None:
    """All that is kept of one customer, as one JSON document for them to take along."""

    async def work(app: App) -> dict[str, Any]:
        customer = find_customer(await app.store.inventory(), customer_id)
        names = {each.id: each.name for each in app.providers.values()}
        return customer_data_document(await app.customers.data(customer), names)

    print_json(with_app(config, work))


@customers.command()
def forget(
    customer_id: Annotated[str, typer.Argument(metavar="ID")],
    yes: Annotated[bool, typer.Option("--yes", help="It cannot be taken back.")] = False,
    with_assets: Annotated[bool, typer.Option("--with-assets", help="Also what they hold today.")] = False,
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Delete what is kept of a customer alone; what concerns others as well stays without them."""

    async def work(app: App) -> Forgotten:
        customer = find_customer(await app.store.inventory(), customer_id)
        if not yes:
            raise NotPossible(
                f"this deletes all that is kept of {customer.name}, for good, and needs --yes; "
                f"`deliverwatch customers data {customer_id}` prints it"
            )
        who = by or login_name()
        await app.store.record(Deed(app.clock.now(), who, "customer.forget", customer_id, {}, None, "cli"))
        return await app.customers.forget(customer, with_assets=with_assets)

    forgotten = with_app(config, work)
    if as_json:
        print_json(forgotten_document(forgotten))
        return
    rows = [(table, count, forgotten.anonymised.get(table, 0)) for table, count in sorted(forgotten.deleted.items())]
    print_table(("of", "deleted", "kept without them"), rows, "Nothing was kept.")


def find_customer(inventory: Inventory, customer_id: str) -> Customer:
    customer = inventory.customer(customer_id)
    if customer is None:
        raise NotPossible(f"there is no customer {customer_id!r}: `deliverwatch customers list` shows them")
    return customer


def _assets(customer: Customer, inventory: Inventory) -> list[Asset]:
    return [asset for asset in inventory.assets if customer.id in asset.parties]


def _customer(customer: Customer, inventory: Inventory) -> dict[str, Any]:
    return customer_document(customer, _assets(customer, inventory))
