"""What a change of the inventory does, in words: before it is made and after."""

from deliverwatch.core.inventory_diff import InventoryChange


def change_lines(change: InventoryChange) -> list[tuple[str, str]]:
    return [
        *(("add", f"customer {customer.id}") for customer in change.customers_added),
        *(("change", f"customer {customer.id}") for customer in change.customers_changed),
        *(("add", f"{asset.name} ({asset.holder or 'esp'})") for asset in change.assets_added),
        *(("change", f"{asset.name} ({asset.holder or 'esp'})") for _, asset in change.assets_changed),
        *(("end", f"{asset.name} ({asset.holder or 'esp'}) on {day}") for asset, day in change.assets_ended),
    ]
