"""Of the customers whom something concerns, those that the viewer may know of."""

from collections.abc import Iterable

from deliverwatch.core.access import Viewer
from deliverwatch.core.inventory import Customer
from deliverwatch.desk import Snapshot


def customers_seen(snapshot: Snapshot, viewer: Viewer, parties: Iterable[str]) -> tuple[Customer, ...]:
    """By name. One that the inventory has no more is left out."""
    found = (snapshot.customers.get(each) for each in parties if viewer.sees(each))
    return tuple(sorted((each for each in found if each is not None), key=lambda each: (each.name.lower(), each.id)))
