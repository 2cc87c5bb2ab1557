"""Whom to look at: the inventory, as often as it is needed and as seldom as it is loaded.

Twenty lists that are asked about five thousand addresses each hour would load and expand the same inventory twenty
times. It is loaded again when its revision has grown, and expanded once a day, since holdings begin and end by the day.

Our own From domain is looked at with the rest: a list that has it refuses our alerts and reports.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.subjects import DomainRole, Subject, SubjectKind
from deliverwatch.flows.ports import Store


@dataclass
class Held:
    """The inventory on one day."""

    revision: int
    inventory: Inventory
    day: date
    _by_kinds: dict[frozenset[SubjectKind], tuple[Subject, ...]] = field(default_factory=dict)

    @cached_property
    def kinds(self) -> Collection[SubjectKind]:
        return self.inventory.kinds_on(self.day)

    @cached_property
    def _subjects(self) -> tuple[Subject, ...]:
        return tuple(self.inventory.subjects_on(self.day))

    def covered_by(self, blocklist: Blocklist) -> tuple[Subject, ...]:
        """The subjects held that the list takes; the same object for all lists that take the same kinds."""
        if blocklist.kinds not in self._by_kinds:
            self._by_kinds[blocklist.kinds] = tuple(
                subject for subject in self._subjects if blocklist.covers(subject.kind)
            )
        return self._by_kinds[blocklist.kinds]


class HeldCache:
    """`own_domains`: those that our own mail is from."""

    def __init__(self, store: Store, own_domains: Collection[str] = ()) -> None:
        self._store, self._own = store, own_domains
        self._held: Held | None = None

    async def on(self, day: date) -> Held:
        revision = await self._store.inventory_revision()
        if self._held is None or (self._held.revision, self._held.day) != (revision, day):
            self._held = Held(revision, with_own_domains(await self._store.inventory(), self._own, day), day)
        return self._held


def with_own_domains(inventory: Inventory, own_domains: Collection[str], day: date) -> Inventory:
    """As the ESP's own, where nobody holds them anyway."""
    held = {asset.name for asset in inventory.assets if asset.held_on(day)}
    own = [Asset(name, None, roles=(DomainRole.FROM,)) for name in own_domains if name not in held]
    return Inventory(inventory.customers, (*inventory.assets, *own)) if own else inventory
