"""Wiring of the customers as programs change them: their data, what they hold, what is kept of them, forgetting them.

What a file says is read by the command line (`customers import`); both are planned in the same way.
"""

from collections.abc import Awaitable, Callable, Sequence

from deliverwatch.core.inventory import Customer
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.subject_changes import SubjectRow
from deliverwatch.flows import change_customers
from deliverwatch.flows.customer_data import WarmupsOf, customer_data, forget_customer
from deliverwatch.flows.customer_data_ports import CustomerData
from deliverwatch.flows.delivery_ports import WholeStore
from deliverwatch.flows.ports import Clock, Forgotten


class Customers:
    """`warmups_of`: a customer's, with their days. `forget_files`: what lies outside the database."""

    def __init__(
        self, store: WholeStore, clock: Clock, warmups_of: WarmupsOf, forget_files: Callable[[str], Awaitable[None]]
    ) -> None:
        self._store, self._clock, self._warmups_of, self._forget_files = store, clock, warmups_of, forget_files

    async def keep(self, customer: Customer) -> InventoryChange:
        """Its own data: added, or written over."""
        return await change_customers.keep_customer(self._store, self._clock, customer)

    async def change_subjects(
        self, customer: Customer, rows: Sequence[SubjectRow], *, dry_run: bool = False
    ) -> InventoryChange:
        """All of them or none. Raises InventoryError, each fault with its row."""
        return await change_customers.change_subjects(self._store, self._clock, customer, rows, dry_run=dry_run)

    async def data(self, customer: Customer) -> CustomerData:
        """All that is kept of them, as they may know it."""
        return await customer_data(self._store, self._clock, self._warmups_of, customer)

    async def forget(self, customer: Customer, *, with_assets: bool = False) -> Forgotten:
        """Raises NotPossible."""
        forgotten = await forget_customer(self._store, self._clock, customer, with_assets=with_assets)
        await self._forget_files(customer.id)
        return forgotten
