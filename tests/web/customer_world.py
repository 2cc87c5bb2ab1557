"""A house in which events name whom they concern, as the program writes them: what pages of customers are made from."""

from contextlib import asynccontextmanager
from dataclasses import replace

from contract.store_values import commit, cycle
from deliverwatch.core.block import CLOSED, OPENED
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.incidents import gather
from deliverwatch.core.inventory import Holdings, Inventory
from deliverwatch.flows.delivery_ports import EpisodeChanges
from deliverwatch.flows.ports import ReportRun
from deliverwatch.flows.tell import about
from deliverwatch.sandbox.clock import SteppedClock
from remediation.world import ACME, ASSETS, BRAVO, NOON
from web.desk_world import SETTINGS, DeskWorld
from web.signing_in import open_house

BOTH = Inventory((ACME, BRAVO), ASSETS)
ACMES = {"role": "tam", "sees_all": False, "email": ACME.tam.email}
BRAVOS = {"role": "tam", "sees_all": False, "email": BRAVO.tam.email}


class CustomerWorld(DeskWorld):
    _together = None

    async def _commit(self, watch, state, events):
        if self._together is not None:
            self._together.append((watch, state, events))
        else:
            await self._commit_all([(watch, state, events)])

    async def _commit_all(self, changes):
        """In one round: what belongs together is one incident."""
        now, holdings = self.clock.now(), Holdings((await self.store.inventory()).assets)
        told = gather(None, [about(event, None, holdings) for *_, events in changes for event in events], 1000)
        list_id = changes[0][0].list_id
        states = {watch.subject: state for watch, state, _ in changes}
        self._states |= {watch: state for watch, state, _ in changes}
        await commit(self.store, now, list_id, cycle=cycle(now, list_id), states=states, events=told)

    async def listed_together(self, subjects, list_id="psbl"):
        self._together = []
        for subject in subjects:
            await self.listed(subject, list_id)
        changes, self._together = self._together, None
        await self._commit_all(changes)

    async def blocked(self, *told, **changes):
        """With the event that opened it."""
        episode = await super().blocked(*told, **changes)
        await self._tell(OPENED[episode.kind], episode, episode.key)
        return episode

    async def accepted(self, episode, **how):
        await super().accepted(episode, **how)
        kind = CLOSED[episode.kind]
        await self._tell(kind, episode, f"{kind}/{episode.key}", ended="accepted")

    async def _tell(self, kind: EventKind, episode, key, **more):
        holdings = Holdings((await self.store.inventory()).assets)
        facts = {"provider": episode.provider, "class": episode.what, "what": episode.what, **more}
        event = Event(key, kind, self.clock.now(), "", episode.subject, facts)
        await self.store.commit_episodes(EpisodeChanges(events=[about(event, None, holdings)]))

    async def report(self, customer="acme", week="2026-W47", **more):
        run = ReportRun(
            id=f"r-{customer}-{week}",
            customer=customer,
            week=week,
            made_at=self.clock.now(),
            subject=f"Your week {week}",
            html="<p style='color:red'>As it was</p>",
            text="As it was",
            sent_to=(f"mail@{customer}.example",),
        )
        run = replace(run, **more)
        await self.store.commit_report(None, run, [], {})
        return run


@asynccontextmanager
async def open_customers(tmp_path, inventory=BOTH, settings=SETTINGS):
    house = await open_house(tmp_path, inventory, clock=SteppedClock(NOON), settings=settings)
    try:
        yield CustomerWorld(house)
    finally:
        await house.app.store.close()
