"""Customers and assets: read whole, changed by what an import would do, never deleted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select, update

from deliverwatch.core.errors import StoreError
from deliverwatch.core.inventory import Asset, Customer, Inventory
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.store.dialect import insert_into, upsert
from deliverwatch.store.mapping import inventory as mapping
from deliverwatch.store.tables import (
    AssetRow,
    AssetShareRow,
    ContactRow,
    CustomerRow,
    InventoryRevisionRow,
    table_of,
)

ASSET = table_of(AssetRow)
CONTACT = table_of(ContactRow)
CUSTOMER = table_of(CustomerRow)
REVISION = table_of(InventoryRevisionRow)
SHARE = table_of(AssetShareRow)

Holding = tuple[str, str | None, date | None]


def load(connection: Connection) -> Inventory:
    shares: dict[int, list[str]] = defaultdict(list)
    for row in connection.execute(select(SHARE).order_by(SHARE.c.asset_id, SHARE.c.position)):
        shares[row.asset_id].append(row.customer_id)
    assets = connection.execute(select(ASSET).order_by(ASSET.c.id))
    return Inventory(customers(connection), tuple(mapping.asset(row, shares[row.id]) for row in assets))


def customers(connection: Connection) -> tuple[Customer, ...]:
    contacts: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(select(CONTACT).order_by(CONTACT.c.customer_id, CONTACT.c.position)):
        contacts[row.customer_id].append(row.address)
    found = (mapping.customer(row, contacts[row.id]) for row in connection.execute(select(CUSTOMER)))
    return tuple(sorted(found, key=lambda each: each.id))


def apply(connection: Connection, change: InventoryChange, at: datetime) -> None:
    """Raises StoreError when an asset that should change is not on record any more."""
    _write_customers(connection, (*change.customers_added, *change.customers_changed))
    on_record = _on_record(connection)
    for before, after in change.assets_changed:
        _rewrite_asset(connection, _id_of(on_record, before), after)
    for asset, until_on in change.assets_ended:
        connection.execute(update(ASSET).where(ASSET.c.id == _id_of(on_record, asset)).values(until_on=until_on))
    for asset in change.assets_added:
        if _holding(asset) in on_record:  # ended and taken back on one day: the same holding, known from now
            _rewrite_asset(connection, _id_of(on_record, asset), asset, at)
    _insert_assets(connection, [asset for asset in change.assets_added if _holding(asset) not in on_record], at)
    raise_revision(connection)


def revision(connection: Connection) -> int:
    return connection.execute(select(REVISION.c.revision)).scalar() or 0


def raise_revision(connection: Connection) -> None:
    first = insert_into(connection, REVISION).values(id=1, revision=1)
    connection.execute(first.on_conflict_do_update(index_elements=["id"], set_={"revision": REVISION.c.revision + 1}))


def _write_customers(connection: Connection, customers: Sequence[Customer]) -> None:
    if not customers:
        return
    upsert(connection, CUSTOMER, [mapping.customer_values(customer) for customer in customers])
    connection.execute(delete(CONTACT).where(CONTACT.c.customer_id.in_([customer.id for customer in customers])))
    upsert(connection, CONTACT, [values for customer in customers for values in mapping.contact_values(customer)])


def _on_record(connection: Connection) -> dict[Holding, int]:
    rows = connection.execute(select(ASSET.c.id, ASSET.c.name, ASSET.c.holder, ASSET.c.from_on))
    return {(row.name, row.holder, row.from_on): row.id for row in rows}


def _holding(asset: Asset) -> Holding:
    return asset.name, asset.holder, asset.from_on


def _id_of(on_record: Mapping[Holding, int], asset: Asset) -> int:
    try:
        return on_record[_holding(asset)]
    except KeyError:
        raise StoreError(
            f"{asset.name} is not on record as it was a moment ago: somebody else changed the inventory, import again"
        ) from None


def _rewrite_asset(connection: Connection, asset_id: int, asset: Asset, added_at: datetime | None = None) -> None:
    values = mapping.asset_values(asset)
    if added_at is not None:
        values["added_at"] = added_at
    connection.execute(update(ASSET).where(ASSET.c.id == asset_id).values(values))
    connection.execute(delete(SHARE).where(SHARE.c.asset_id == asset_id))
    upsert(connection, SHARE, mapping.share_values(asset_id, asset))


def _insert_assets(connection: Connection, assets: Sequence[Asset], at: datetime) -> None:
    if not assets:
        return
    statement = insert(ASSET).returning(ASSET.c.id, sort_by_parameter_order=True)
    ids = connection.execute(
        statement, [{**mapping.asset_values(asset), "added_at": asset.added_at or at} for asset in assets]
    )
    shares = [mapping.share_values(asset_id, asset) for asset_id, asset in zip(ids.scalars(), assets, strict=True)]
    upsert(connection, SHARE, [values for each in shares for values in each])
