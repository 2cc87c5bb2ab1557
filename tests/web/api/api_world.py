"""A house with something of everything in it, of two customers who share a pool, and programs that ask it."""

import shutil
import tempfile
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import httpx

from deliverwatch.app import App
from deliverwatch.core.access import Role, Scope
from deliverwatch.core.delivery import Cluster
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory import Holdings
from deliverwatch.core.receivers import Routing, route
from deliverwatch.core.reconcile import Change
from deliverwatch.core.silences import Cover
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.delivery_ports import EpisodeChanges, IngestBatch
from deliverwatch.flows.judge import events_about
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.settings import load_settings
from deliverwatch.web import House, create_app
from remediation.world import ACME, BRAVO, HOUR, NOON
from web.customer_world import CustomerWorld, open_customers
from web.desk_world import SETTINGS
from web.signing_in import ORIGIN, token

S3140 = "550 5.7.1 Messages from [{}] weren't sent. part of their network is on our block list (S3140)."
BRAVOS = ("198.51.100.5", "bravo", "Bravo")
"""What names bravo, and must not be told to acme."""


class ApiWorld(CustomerWorld):
    async def fill(self):
        await self.listed("192.0.2.20", "psbl")
        await self.listed("198.51.100.5", "psbl", reason="of bravo")
        await self.listed("203.0.113.2", "psbl")
        await self.blocked("192.0.2.10", "microsoft_consumer", S3140.format("192.0.2.10"))
        await self.blocked("198.51.100.6", "microsoft_consumer", S3140.format("198.51.100.6"))
        await self.after()
        await self.report("acme")
        await self.report("bravo")
        await self.warmed("192.0.2.30", (5_000, 4_990))
        await self.warmed("198.51.100.7", (5_000, 4_990))
        for customer in (ACME, BRAVO):
            await self.told(customer)
            cover = Cover(customer=customer.id)
            await self.app.silence("pat", "a move", self.clock.now() + HOUR, cover)
        clusters = [Cluster("550 who are you", 3, True, NOON - HOUR, NOON)]
        await self.store.commit_ingest(IngestBatch("postfix", "replies", NOON, clusters=clusters, read=3, accepted=3))
        return self

    async def _tell(self, kind, episode, key, **more):
        """With all facts that judging tells."""
        holdings = Holdings((await self.store.inventory()).assets)
        events = events_about([Change(None, episode)], holdings, self.clock.now(), self.app._judging)
        await self.store.commit_episodes(EpisodeChanges(events=events))

    async def told(self, customer, address=None):
        """An alert, with its messages; of the oldest thread one is given up. Its number."""
        at = self.clock.now()
        subject = parse_subject(address or {"acme": "192.0.2.21", "bravo": "198.51.100.5"}[customer.id])
        facts = {"opened_at": at.isoformat(), "confirmed_at": at.isoformat(), "codes": ["127.0.0.2"]}
        facts |= {"meanings": ["sends spam"], "impact": "high", "reason": "so", "path": "192.0.2.53:53"}
        facts |= {"first_path": "192.0.2.53:53", "unexplained": [], "parties": [customer.id]}
        key = f"still_listed/psbl/{subject}/{at.isoformat()}"
        facts |= {"since": at.isoformat(), "for_seconds": 1, "days": 7}
        event = Event(key, EventKind.STILL_LISTED, at, "psbl", subject, facts)
        notes = route(event, Routing(("ops@esp.example",)), [customer])
        await self.store.commit_endings({}, [event], notes)
        delivery = await self.store.claim_notification(at + timedelta(days=1), timedelta(seconds=60))
        if delivery is not None:
            await self.store.notification_failed(delivery, "refused", None)
        return (await self.store.events_of([customer.id], limit=1))[0].id

    @cached_property
    def application(self):
        return create_app(self.house)

    async def token(self, scope=Scope.READ, customers=None, **who):
        return await token(self.house, scope, customers, **who)

    @asynccontextmanager
    async def program(self, scope=Scope.READ, customers=None, **who):
        headers = await self.token(scope, customers, **who)
        transport = httpx.ASGITransport(self.application)
        async with httpx.AsyncClient(transport=transport, base_url=f"{ORIGIN}/api/v1", headers=headers) as client:
            yield client


TAM_OF_ACME = {"role": Role.TAM, "sees_all": False, "email": ACME.tam.email}
_FILLED = {}


@asynccontextmanager
async def open_api(tmp_path):
    async with open_customers(tmp_path) as world:
        yield ApiWorld(world.house)


@asynccontextmanager
async def open_filled(tmp_path):
    """A copy of one that is filled once."""
    if not _FILLED:
        made = Path(tempfile.mkdtemp(prefix="deliverwatch-api-"))
        async with open_api(made) as world:
            _FILLED.update(at=(await world.fill()).clock.now(), file=made / "house.db")
    shutil.copy(_FILLED["file"], tmp_path / "house.db")
    config = tmp_path / "deliverwatch.toml"
    config.write_text(SETTINGS + f'\n[store]\nurl = "sqlite:///{tmp_path / "house.db"}"\n', encoding="utf-8")
    app = App.open(load_settings(config, {}), SteppedClock(_FILLED["at"]))
    try:
        yield ApiWorld(House(app, app.clock.now, timedelta(seconds=45)))
    finally:
        await app.store.close()


async def every(client, path, **params):
    """All items of all pages."""
    found, cursor = [], None
    while True:
        more = {"cursor": cursor} if cursor is not None else {}
        answered = await client.get(path, params={**params, **more})
        assert answered.status_code == 200, answered.text
        found += answered.json()["items"]
        cursor = answered.json()["next"]
        assert (cursor is None) == ("link" not in answered.headers)
        if cursor is None:
            return found
