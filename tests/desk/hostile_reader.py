"""Whoever reads the desk while its store holds texts that we choose: pages, files, the API, and what forms answer.

DELIVERWATCH_HOSTILE=all: each text by itself, without others beside it in a value.
"""

import os
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import quote

import httpx

from deliverwatch.core.access import Scope
from deliverwatch.core.audit import Deed
from deliverwatch.store.columns import storable
from deliverwatch.web import create_app
from desk import page_payloads
from desk.answer_forms import form_of
from desk.hostile_seeds import seed
from desk.hostile_store import Spoiler
from desk.page_structure import forms
from desk.places import examples, routes
from servers.sandbox_week import opened_week
from web.signing_in import sign_in, token

ALL = os.environ.get("DELIVERWATCH_HOSTILE") == "all"
TEXTS = [storable(each) for each in (page_payloads.PAYLOADS if ALL else page_payloads.BUNDLES)]
HARMLESS = ("words", "words " * 65, "words\nof several\n\nlines " * 16, "words " * 500)
ENDING = ("/finish", "/close")
"""What can be done once comes last."""
SECRET = {"password", "current", "new"}
ENDLESS = "/api/v1/events/stream"
_PLACE = re.compile(r"{(\w+)}")


def harmless(words):
    return lambda field, row: f"{words} {field} {row}"


def blank(_field, _row):
    return " "


def hostile(portion):
    return lambda field, row: TEXTS[(portion + row + 7 * field) % len(TEXTS)]


class Reader:
    """An operator, and a program with all rights, who read whatever there is."""

    def __init__(self, house, app, client, headers, spoiler):
        self.house, self.app, self.client, self.headers, self.spoiler = house, app, client, headers, spoiler
        tomorrow = house.app.clock.now() + timedelta(days=1)
        self.right = {
            **{"until": f"{tomorrow:%Y-%m-%dT%H:%M}", "customer": "acme", "place": "", "subject": "", "days": "30"},
            **{"customers": "", "changed_on": "2026-11-20", "changed_at": "2026-11-20T10:00", "consent": "yes"},
        }

    async def addresses(self):
        """Of each route that is read, with its example of a customer: one that warms up, and one in trouble."""
        found = {}
        (another,) = [
            each.account.id for each in await self.house.app.store.accounts() if each.account.name == "reader"
        ]
        for customer in ("delta", "acme") if ALL else ("delta",):
            values = {**await examples(self.house, customer), "token": "x" * 32, "id_": another}
            for method, path in routes(self.app):
                if method == "GET" and path != ENDLESS and all(values.get(each, "") for each in _PLACE.findall(path)):
                    address = _PLACE.sub(lambda place, v=values: quote(v[place[1]], safe=""), path)
                    found[address + ("?q=192.0.2" if path.endswith("/search") else "")] = path
        return found

    async def read(self, address):
        return await self.client.get(address, headers=self.headers if address.startswith("/api") else None)

    async def usual_forms(self, addresses):
        """By route: what its answers have with harmless texts, whatever these are."""
        usual = defaultdict(set)
        for words in HARMLESS:
            await self.spoil(harmless(words), deeds=60)
            for address, path in addresses.items():
                usual[path] |= form_of(await self.read(address))
        return usual

    async def forms(self, addresses):
        """Each that one writes in, once."""
        found = {}
        for address in addresses:
            if not address.startswith("/api"):
                answer = await self.read(address)
                for form in forms(answer.text) if "html" in answer.headers.get("content-type", "") else ():
                    there = form._replace(action=form.action or address)
                    if there.written.keys() - SECRET:
                        found.setdefault((there.method, there.action.rpartition("/")[2], *there.fields), there)
        return sorted(found.values(), key=lambda form: form.action.endswith(ENDING))

    async def fill_in(self, form, text, accepted=False):
        """The page that answers. `accepted`: as much as there is room for, beside what fields of another kind take;
        else everything everywhere, to be shown again beside what is wrong with it."""
        written = {name: storable(text(number, 0)) for number, name in enumerate(form.written)}
        if accepted:
            right = {name: value for name, value in self.right.items() if name in form.fields}
            written = {name: each[: form.written[name]] for name, each in written.items()} | right
        data = {"data" if form.method == "post" else "params": form.fields | written}
        return await self.client.request(form.method.upper(), form.action, follow_redirects=True, **data)

    async def spoil(self, text, deeds=4):
        self.spoiler.spoil(text)
        for number in range(deeds):
            words = [storable(text(field, number)) for field in range(4)]
            deed = Deed(self.house.app.clock.now(), words[0], words[1], words[2], {"words": words[3]}, None, words[1])
            await self.house.app.store.record(deed)


@asynccontextmanager
async def opened_reader(played, folder) -> AsyncIterator[Reader]:
    database = folder / "deliverwatch.db"
    async with opened_week(played, folder) as house:
        app = create_app(house)
        seed(database, house.app.clock.now())
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            await sign_in(client, house)
            headers = await token(house, Scope.ADMIN)
            await house.app.access.add_token("reader", "words", Scope.READ, None, 30, "the tests")
            spoiler = Spoiler(database)
            yield Reader(house, app, client, headers, spoiler)
            spoiler.close()
