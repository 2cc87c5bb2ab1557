"""The stage of a trap, and an installation that watches through it for hours."""

import pytest

from deliverwatch.store import open_store
from flows.rounds import MovedClock, Worker, hold, lookups_through
from samples import INVENTORY
from traps.stage import Stage


@pytest.fixture
async def stage(start_nameserver):
    return Stage(await start_nameserver(), start_nameserver)


class Watch:
    """Some lists over some hours: two ways to each, so that one round can open a listing."""

    def __init__(self, worker, path):
        self._path = path
        self.store = worker.store
        self.clock = worker.clock
        self.tick = worker.tick
        self.hours = worker.hours
        self.kinds = worker.kinds
        self.mails = worker.mails

    async def listed(self):
        return {each.subject.value for each in await self.store.listings(open_only=True)}

    async def ended(self):
        return [each.ended for each in await self.store.listings() if each.ended]

    async def health(self):
        """Of the first list, on the way on which rounds are made."""
        states = await self.store.zone_states()
        return next(str(state.health) for (_, path), state in states.items() if path == self._path)

    async def events(self, kind):
        return await self.store.events([kind])


@pytest.fixture
async def watch(tmp_path, stage):
    """await watch(list, ..., held=Inventory) -> Watch"""
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")

    async def start(*blocklists, held=INVENTORY):
        await hold(store, held)
        lookups = lookups_through(stage.server, confirm=[await stage.second()])
        return Watch(Worker(store, lookups, MovedClock(), *blocklists), stage.server.address)

    yield start
    await store.close()
