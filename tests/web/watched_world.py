"""A house in which lists were asked, alerts were told and sources spoke, with two customers who share a pool.

Lists are those of the shipped catalogue: psbl is well, spamcop-scbl refuses us through one resolver. What belongs to
bravo alone carries BRAVOS, so that it is found wherever it must not be.
"""

from contextlib import asynccontextmanager
from datetime import timedelta

import httpx

from deliverwatch.core.access import Role
from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.block import Episode, EpisodeKind, episode_key
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.delivery import Cluster, Rejection
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.listing import ListingState, Phase
from deliverwatch.core.receivers import Routing, route
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.zone_health import Health, ZoneState
from deliverwatch.flows.delivery_ports import EpisodeChanges, IngestBatch
from deliverwatch.flows.ports import RoundResult
from deliverwatch.web import create_app
from samples import INVENTORY, NOON
from web.signing_in import ORIGIN, open_house, sign_in

PATH, OTHER_PATH = "192.0.2.53:53", "198.51.100.53:53"
HOSTILE = "<script>alert(1)</script>\x1b[2J\u202e\"'><img src=x onerror=alert(1)>"
BRAVOS = "bravos-own-words"
HOUR = timedelta(hours=1)
_LATELY = NOON - 5 * HOUR
TAM_OF_ACME = {"role": Role.TAM, "sees_all": False, "email": "tam-acme@esp.example"}
OPERATOR = {"role": Role.OPERATOR}
READER = {"role": Role.READ_ONLY, "sees_all": True}


@asynccontextmanager
async def open_watched(tmp_path, settings=""):
    house = await open_house(tmp_path, INVENTORY, settings=settings)
    try:
        yield Watched(house)
    finally:
        await house.app.store.close()


class Watched:
    def __init__(self, house):
        self.house, self.app, self.store = house, house.app, house.app.store
        self._round = 0

    @asynccontextmanager
    async def browser(self, **who):
        transport = httpx.ASGITransport(create_app(self.house))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            if who:
                await sign_in(client, self.house, **who)
            yield client

    async def round(
        self, list_id="psbl", at=NOON - timedelta(minutes=10), verified=True, zones=None, detail=None, **more
    ):
        """One over a whole list. `zones`: by path."""
        self._round += 1
        job, key = f"scan/{list_id}", f"{self._round:010}"
        await self.store.add_slot(job, key, at)
        claim = await self.store.claim_slot(job, key, at, timedelta(minutes=5))
        kinds = (SubjectKind.IPV4, SubjectKind.IPV6, SubjectKind.DOMAIN) if verified else ()
        cycle = Cycle(list_id, PATH, at, at, verified, kinds, True, at + HOUR, 9, clear=9, detail=detail)
        more = {"states": {}, **more}
        await self.store.commit_round(RoundResult(claim, cycle, zones or {}, **more))

    async def refused(self, list_id="spamcop-scbl", detail="it refuses us"):
        stopped = ZoneState(Health.HEALTHY, stopped_at=NOON - HOUR, ask_again_at=NOON + HOUR, detail=detail)
        zones = {PATH: stopped, OTHER_PATH: ZoneState(Health.HEALTHY)}
        await self.round(list_id, verified=False, zones=zones, detail=detail)

    async def listed(
        self, address="192.0.2.10", parties=("acme",), list_id="psbl", reason="sends spam", told=True, at=_LATELY
    ):
        """The number of its alert; told to the operator and to the TAMs of these customers."""
        subject, opened_at = parse_subject(address), at
        at = opened_at.isoformat()
        facts = {"opened_at": at, "confirmed_at": at, "codes": ["127.0.0.2"], "meanings": [f"sends spam {reason}"]}
        facts |= {"impact": "high", "reason": reason, "path": PATH, "first_path": PATH, "unexplained": []}
        facts |= {"parties": list(parties), "mail_share": 0.25}
        key = f"listing_opened/{list_id}/{subject}/{at}"
        event = Event(key, EventKind.LISTING_OPENED, opened_at, list_id, subject, facts)
        concerned = [each for each in INVENTORY.customers if each.id in parties]
        notes = route(event, Routing(("ops@esp.example",)), concerned) if told else ()
        states = {subject: ListingState(Phase.LISTED, opened_at, opened_at, ("127.0.0.2",))}
        await self.round(list_id, states=states, events=[event], notifications=notes)
        return (await self.store.events_of(None, limit=1))[0].id

    async def deliver(self, fails=None):
        """Every message that is owed, accepted; or given up for that reason."""
        now = NOON + 12 * HOUR
        while (delivery := await self.store.claim_notification(now, timedelta(seconds=60))) is not None:
            if fails is None:
                await self.store.notification_sent(delivery, NOON)
            else:
                await self.store.notification_failed(delivery, fails, None)

    async def dead(self):
        return [each.notification.id for each in await self.store.outbox(states=[NotificationState.DEAD])]

    async def warned(self, address="192.0.2.10", parties=("acme",), urgent=False, text="red", **more):
        """What SNDS says of a sender."""
        subject, opened_at = parse_subject(address), NOON - timedelta(days=2)
        key = episode_key(EpisodeKind.WARNING, "microsoft_consumer", subject, "snds_colour", opened_at)
        evidence = {"urgent": urgent, "days": [{"on": "2026-11-17", "text": text}]}
        facts = {"kind": "warning", "provider": "microsoft_consumer", "provider_name": "Outlook.com"}
        facts |= {"what": "snds_colour", "opened_at": opened_at.isoformat(), "parties": list(parties)}
        event = Event(key, EventKind.WARNING_STARTED, opened_at, "", subject, facts | evidence)
        warning = Episode(
            *(key, EpisodeKind.WARNING, "microsoft_consumer", subject, "snds_colour", None, opened_at, NOON),
            evidence=evidence,
            **more,
        )
        await self.store.commit_episodes(EpisodeChanges([warning], [event]))

    async def read(self, source="postfix", *, replies=(), rejected=(), read=7):
        """What a source brought: replies that no rule explains, records that could not be read."""
        clusters = [Cluster(text, count, like, NOON - HOUR, NOON) for text, count, like in replies]
        rejections = [Rejection(*each) for each in rejected]
        counts = {"read": read, "accepted": read - len(rejections), "rejected": len(rejections)}
        batch = IngestBatch(
            source, source, NOON, clusters=clusters, rejections=rejections, last_event_at=NOON, **counts
        )
        await self.store.commit_ingest(batch)
