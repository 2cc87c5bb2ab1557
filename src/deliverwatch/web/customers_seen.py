"""Of the customers whom something concerns, those that the viewer may know of; and what is said where none are."""

from collections.abc import Iterable

from deliverwatch.core.access import Viewer
from deliverwatch.core.inventory import Customer
from deliverwatch.desk import Snapshot
from deliverwatch.render.tongue import say


def customers_seen(snapshot: Snapshot, viewer: Viewer, parties: Iterable[str]) -> tuple[Customer, ...]:
    """By name. One that the inventory has no more is left out."""
    found = (snapshot.customers.get(each) for each in parties if viewer.sees(each))
    return tuple(sorted((each for each in found if each is not None), key=lambda each: (each.name.lower(), each.id)))


def no_customers(viewer: Viewer) -> str:
    """For a new installation, or a new account manager."""
    if viewer.sees_all:
        return say("The inventory holds no customer yet: customers come from a file, or by the API.")
    return say("You see no customer yet: the inventory names none whose account manager has your address.")
