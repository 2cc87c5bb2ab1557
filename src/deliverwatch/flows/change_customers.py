"""A program changes the inventory: one customer's own data, or what it holds, planned as an import would be."""

from collections.abc import Sequence
from datetime import UTC

from deliverwatch.core.errors import InventoryError
from deliverwatch.core.inventory import Customer
from deliverwatch.core.inventory_diff import InventoryChange, plan_import
from deliverwatch.core.subject_changes import SubjectRow, by_row, wanted_assets
from deliverwatch.flows.ports import Clock, Store


async def keep_customer(store: Store, clock: Clock, customer: Customer) -> InventoryChange:
    """Adds it, or writes its own data over; what it holds stays as it is."""
    before = (await store.inventory()).customer(customer.id)
    if before is None:
        change = InventoryChange(customers_added=(customer,))
    else:
        change = InventoryChange(customers_changed=(customer,) if before != customer else ())
    if change:
        await store.apply_inventory(change, clock.now())
    return change


async def change_subjects(
    store: Store, clock: Clock, customer: Customer, rows: Sequence[SubjectRow], *, dry_run: bool
) -> InventoryChange:
    """All of them or none. Raises InventoryError, each fault with its row."""
    now = clock.now()
    today, before = now.astimezone(UTC).date(), await store.inventory()
    own = [each for each in before.assets if each.holder == customer.id]
    held = [each for each in own if each.until_on is None or each.until_on >= today]
    wanted = wanted_assets(held, rows, today)
    try:
        change = plan_import(before, [customer], wanted, False, today)
    except InventoryError as wrong:
        raise InventoryError(*by_row(wrong.faults, rows)) from None
    if change and not dry_run:
        await store.apply_inventory(change, now)
    return change
