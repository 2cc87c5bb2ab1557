"""An installation as far as rounds go: a real store, real look-ups, and a clock that moves when it is told to."""

from collections import Counter
from datetime import timedelta

from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.receivers import Routing
from deliverwatch.flows.held import HeldCache
from deliverwatch.flows.rounds import RoundPolicy
from deliverwatch.flows.run_rounds import Watchlist, due_rounds, run_round
from deliverwatch.flows.sweep_watches import sweep_watches
from deliverwatch.lookup.dns_lookups import DnsLookups
from deliverwatch.sandbox.clock import SteppedClock
from samples import INVENTORY, NOON

HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=15)
OPS = "ops@esp.example"


class MovedClock(SteppedClock):
    def __init__(self, start=NOON):
        super().__init__(start)

    def set_back(self, by):
        self.advance(-by)


def lookups_through(*servers, confirm=(), timeout_for=timedelta(seconds=2), **more):
    return DnsLookups(
        [server.address for server in servers], [server.address for server in confirm], timeout_for=timeout_for, **more
    )


async def hold(store, inventory=INVENTORY):
    """Makes the inventory the store's."""
    change = InventoryChange(customers_added=inventory.customers, assets_added=inventory.assets)
    await store.apply_inventory(change, NOON - HOUR)


class Worker:
    """One process that works on the store: what it remembers, and its share of the work."""

    def __init__(self, store, lookups, clock, *blocklists, every=HOUR, dry_run=(), policy=None):
        self.store, self.lookups, self.clock = store, lookups, clock
        self.started = {}
        self.held = HeldCache(store)
        self.watchlist = Watchlist(
            blocklists,
            {blocklist.id: every for blocklist in blocklists},
            Routing((OPS,)),
            policy or RoundPolicy(),
            LEASE,
            frozenset(dry_run),
        )

    async def due(self):
        held = await self.held.on(self.clock.now().date())
        return await due_rounds(self.store, self.watchlist, self.clock, held, self.started)

    async def run(self, due):
        self.started[due.kind] = self.clock.monotonic()
        held = await self.held.on(self.clock.now().date())
        return await run_round(self.store, self.lookups, self.clock, self.watchlist, held, due)

    async def tick(self):
        return [await self.run(due) for due in await self.due()]

    async def hours(self, number=1):
        """The rounds of some hours; the last one's cycle."""
        for _ in range(number):
            self.clock.advance(HOUR)
            cycles = await self.tick()
        return cycles[-1] if cycles else None

    async def sweep(self):
        held = await self.held.on(self.clock.now().date())
        return await sweep_watches(self.store, self.clock, self.watchlist, held, timedelta(0))

    async def kinds(self, *, told=False):
        """How often which event is kept, or told: quiet ones are only kept."""
        events = await self.store.events(limit=10_000)
        return dict(Counter(event.kind for event in events if not (told and event.facts.get("quiet"))))

    async def mails(self, kind):
        """{recipient: how many} of one kind."""
        lines = await self.store.outbox(limit=10_000)
        return dict(Counter(line.notification.recipient for line in lines if line.event_kind is kind))
