"""A house with drafts and warm-ups in it, made as the program makes them; and what a browser sees of its pages."""

from contextlib import asynccontextmanager
from html.parser import HTMLParser

import httpx

from deliverwatch.core.delivery import FactCounts, FactKey, SenderKey
from deliverwatch.core.inventory import Inventory
from deliverwatch.flows.delivery_ports import IngestBatch
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.web import create_app
from remediation.world import ACME, ASSETS, BRAVO, DAY, HOUR, NOON, World
from web.signing_in import open_house, sign_in

SETTINGS = """
[dns]
resolvers = ["127.0.0.1:9"]
timeout = "200ms"
[requester]
company = "Example ESP"
name = "Deliverability team"
role = "Postmaster desk"
phone = "+1 555 0100"
mailbox = "postmaster@esp.example"
abuse_desk = "abuse@esp.example"
[mail]
from = "Deliverability <deliverability@esp.example>"
"""
S3140 = "550 5.7.1 Messages from [192.0.2.10] weren't sent. part of their network is on our block list (S3140)."
HOSTILE = "<script>alert(1)</script>\x1b[2J\u202e\"'><img src=x onerror=alert(1)>"


class DeskWorld(World):
    """`World`, in a house."""

    def __init__(self, house):
        self.house, self.clock = house, house.app.clock
        self.app, self.store, self.remediation = house.app, house.app.store, house.app.remediation
        self._lists = {each.id: each for each in self.app.catalogue.all}
        self._states = {}

    async def block(self, subject="192.0.2.10", provider="microsoft_consumer", reply=S3140, **more):
        """Its draft."""
        await self.blocked(subject, provider, reply, **more)
        await self.after()
        return next(each for each in await self.drafts() if subject in each.subjects)

    async def listing(self, subject="192.0.2.20", list_id="psbl", codes=("127.0.0.2",), reason="sends spam"):
        await self.listed(subject, list_id, codes, reason)
        await self.after()
        return next(each for each in await self.drafts() if subject in each.subjects)

    async def warmed(self, ip="192.0.2.10", *days, plan="acellemail", by="ann"):
        """A warm-up that began so many days ago, each with (offered, delivered) or None: nobody counted it."""
        began_on = self.clock.now().date()
        await self.app.warmups.start(ip, self.app.warmups.plan(plan), began_on, by)
        for mail in days:
            if mail is not None:
                await self._mailed(ip, *mail)
            self.clock.advance(DAY)
        await self.app.warmups.advance()

    async def _mailed(self, ip, offered, delivered, source="postfix"):
        now = self.clock.now()
        hour = now.replace(minute=0, second=0, microsecond=0)
        facts = {
            FactKey(source, ip, "google", "", "", "", "", hour): FactCounts(
                offered, delivered, 0, offered - delivered, retries=0
            )
        }
        seen = {SenderKey(source, "ip", ip): offered}
        told = now + DAY - HOUR
        batch = IngestBatch(source, f"{source}-{now}", told, facts, {}, read=1, senders=seen, last_event_at=told)
        await self.store.commit_ingest(batch)


@asynccontextmanager
async def open_world(tmp_path, monkeypatch):
    from remediation.read_once import read_once

    read_once(monkeypatch)
    house = await open_house(tmp_path, Inventory((ACME, BRAVO), ASSETS), clock=SteppedClock(NOON), settings=SETTINGS)
    try:
        yield DeskWorld(house)
    finally:
        await house.app.store.close()


@asynccontextmanager
async def browsing(world, **who):
    """A browser of somebody who is signed in; `who`: as `sign_in` takes it."""
    transport = httpx.ASGITransport(create_app(world.house))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        await sign_in(client, world.house, **who)
        yield client


class Seen(HTMLParser):
    """What a page is made of. `forms`: by the path they post to, values by name; `links`: addresses; `words`: its text,
    what stands in controls too."""

    def __init__(self, html):
        super().__init__()
        self.forms, self.links, self.words, self.tags = {}, [], [], []
        self._form = self._area = None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        self.tags.append((tag, told))
        match tag:
            case "form":
                self._form = self.forms.setdefault(told.get("action"), {})
            case "a":
                self.links.append(told.get("href"))
            case "textarea":
                self._area = told.get("name"), []
            case "input" | "button" if self._form is not None and told.get("name"):
                self._form[told["name"]] = told.get("value") or ""
        if tag == "input":
            self.words.append(told.get("value") or "")

    def handle_data(self, data):
        self.words.append(data)
        if self._area is not None:
            self._area[1].append(data)

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        if tag == "textarea":
            name, parts = self._area
            if self._form is not None and name:
                self._form[name] = "".join(parts).removeprefix("\n")
            self._area = None

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())
