"""Hostile texts in every field that foreign text can reach, and every page and every answer of the API with them:
a page has the elements that it has with harmless texts, an answer is what it says it is, and in a browser nothing runs.

The fields follow from the tables (`hostile_store`). In each portion every field of every row has another text; after
the last one each text was in each field of each row. DELIVERWATCH_HOSTILE=all: each text by itself, without others
beside it in a value.
"""

import csv
import io
import json
import os
import re
from collections import Counter, defaultdict
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from itertools import product
from urllib.parse import quote

import httpx
import pytest

from deliverwatch.core.access import Scope
from deliverwatch.core.audit import Deed
from deliverwatch.core.visible import visible
from deliverwatch.store.columns import storable
from deliverwatch.web import create_app
from desk import hostile_store, page_payloads
from desk.hostile_seeds import seed
from desk.hostile_store import Spoiler
from desk.page_structure import elements, forms, structure, texts
from desk.places import examples, routes
from servers.sandbox_week import opened_week
from web.signing_in import sign_in, token

ALL = os.environ.get("DELIVERWATCH_HOSTILE") == "all"
TEXTS = [storable(each) for each in (page_payloads.PAYLOADS if ALL else page_payloads.BUNDLES)]
LEAST_FIELDS = 20
SECRET = {"password", "current", "new"}
SLICES = 2
HARMLESS = ("words", "words " * 65, "words\nof several\n\nlines " * 16, "words " * 500)
NO_PLACE_FOR_ANY = {
    *("/sign-in", "/sign-in/provider", "/sign-in/provider/back", "/unsubscribe/{token}", "/healthz", "/readyz"),
    *("/metrics", "/api/v1/events/stream", "/reports/{report_id}/as-sent", "/api/v1/reports/{report_id}/html"),
    "/api/v1/reports/{report_id}/text",
}
"""Answers in which no foreign text stands, or, of a report, as it was when that was sent."""
FOREIGN_AND_KEPT = {
    *("audit_line.by", "audit_line.object", "audit_line.facts", "audit_line.request", "draft.cause"),
    *("kept_answer.key", "raw_body.identity", "report_run.html"),
}
ENDLESS = "/api/v1/events/stream"
FORMULA = re.compile(r"[=+\-@\t\r\n](?!\d+(\.\d+)?$)")


_PLACE = re.compile(r"{(\w+)}")
_READ_BACK = 12
_BEGINNINGS = {each for each in (visible(text)[:_READ_BACK].strip() for text in TEXTS) if len(each) > _READ_BACK / 2}


def harmless(words):
    return lambda field, row: f"{words} {field} {row}"


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
        """Of each route that is read: of a customer in trouble, and of one that warms up."""
        found = {}
        (another,) = [each.account.id for each in await self.house.app.store.accounts() if each.account.name == "reader"]
        for customer in ("delta", "acme"):
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
            await self.spoil(harmless(words), deeds=30)
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
                    if there.written:
                        found.setdefault((there.method, there.action, *there.fields), there)
        return list(found.values())

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


@pytest.fixture
async def reader(played, tmp_path):
    database = tmp_path / "deliverwatch.db"
    async with opened_week(played, tmp_path) as house:
        app = create_app(house)
        seed(database, house.app.clock.now())
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            await sign_in(client, house)
            headers = await token(house, Scope.ADMIN)
            spoiler = Spoiler(database)
            yield Reader(house, app, client, headers, spoiler)
            spoiler.close()


def test_every_column_is_spoilt_or_has_a_reason_not_to_be():
    known, kept = {str(each) for each in hostile_store.columns()}, hostile_store.kept()
    assert [each for each in kept if each not in known or kept.count(each) > 1] == []
    assert {each for each in hostile_store.foreign() if each in kept} == FOREIGN_AND_KEPT


def test_each_text_comes_to_each_field_of_each_row():
    assert len(page_payloads.PAYLOADS) >= 500
    assert [each for each in page_payloads.PAYLOADS if not any(each in some for some in page_payloads.BUNDLES)] == []
    for field, row in product(range(len(hostile_store.fields())), range(3)):
        assert {hostile(portion)(field, row) for portion in range(len(TEXTS))} == set(TEXTS)


@pytest.mark.parametrize("number", range(SLICES))
@pytest.mark.timeout(0 if ALL else 300)
async def test_every_answer_has_the_form_that_it_has_with_harmless_texts(reader, number):
    addresses = await reader.addresses()
    usual = await reader.usual_forms(addresses)
    faults, shown = [], Counter()
    for portion in range(number, len(TEXTS), SLICES):
        await reader.spoil(hostile(portion))
        for address, path in addresses.items():
            answer = await reader.read(address)
            faults += [f"{address}, {portion}: {each}" for each in form_of(answer) - usual[path]]
            shown[path] += shows_any(answer)
    assert faults == []
    assert {path for path in addresses.values() if not shown[path]} - NO_PLACE_FOR_ANY == set()


@pytest.mark.timeout(0 if ALL else 300)
async def test_whatever_is_written_into_a_form_is_a_text_afterwards(reader):
    """Each field that a person writes in, of each form: what is answered, and all pages after it."""
    addresses = await reader.addresses()
    usual = set().union(*(await reader.usual_forms(addresses)).values())
    found = await reader.forms(addresses)
    for words in HARMLESS:
        for form in found:
            for accepted in (False, True):
                usual |= form_of(await reader.fill_in(form, harmless(words), accepted))
    await reader.spoil(harmless("words"))
    faults, answered = [], Counter()
    for portion, form, accepted in product(range(len(TEXTS)), found, (False, True)):
        answer = await reader.fill_in(form, hostile(portion), accepted)
        answered[form.action] += shows_any(answer)
        faults += [f"{form.action}, {portion}: {each}" for each in form_of(answer) - usual]
    for address in addresses:
        faults += [f"{address} afterwards: {each}" for each in form_of(await reader.read(address)) - usual]
    assert faults == []
    assert len({name for form in found for name in form.written}) >= LEAST_FIELDS
    assert [form.action for form in found if form.written.keys() - SECRET and not answered[form.action]] == []


async def test_whatever_an_address_says_is_a_text(reader):
    """What is looked for, where to go after signing in, words of notices, paths of nothing: each text by itself."""
    asked = ("/search?q=", "/sign-in?next=", "/drafts?done=", "/audit?before=", "/customers?after=", "/lists/", "/")
    usual = set()
    for words, begin in product(HARMLESS, asked):
        usual |= form_of(await reader.read(begin + quote(words, safe="")))
    usual |= set().union(*(await reader.usual_forms(await reader.addresses())).values())
    faults = []
    for each, begin in product(page_payloads.PAYLOADS, asked):
        answer = await reader.read(begin + quote(storable(each), safe=""))
        faults += [f"{begin}{each!r}: {fault}" for fault in form_of(answer) - usual]
    assert faults == []


def form_of(answer):
    """All that a text must not change: a set of lines."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    found = {("status", str(answer.status_code)), ("kind", kind)}
    for name, value in answer.headers.multi_items():
        found.add(("header", name, value if name not in _THEIR_OWN else ""))
    if answer.status_code >= 500:
        found.add(("failed", answer.text[:200]))
    return found | FORMS.get(kind, lambda _: set())(answer)


def form_of_page(answer):
    return structure(elements(answer.text))


def form_of_json(answer):
    return {("JSON", type(json.loads(answer.content)).__name__)}


def form_of_table(answer):
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    return {("cells", str(len(each))) for each in lines} | {
        ("formula", each) for line in lines for each in line if FORMULA.match(each)
    }


def form_of_mail(answer):
    message = message_from_bytes(answer.content, policy=SMTP)
    parts = {(each.get_content_type(), name) for each in message.walk() for name in each}
    return {("defect", repr(each)) for each in message.defects} | parts | hidden(message["subject"])


def form_of_text(answer):
    return hidden(answer.content.decode("utf-8"))


def hidden(text):
    lines = text.replace("\N{NO-BREAK SPACE}", " ").replace("\r\n", "\n").split("\n")
    return {("hides", each[:200]) for each in lines if not each.isprintable()}


FORMS = {
    "text/html": form_of_page,
    "application/json": form_of_json,
    "application/problem+json": form_of_json,
    "text/csv": form_of_table,
    "message/rfc822": form_of_mail,
    "text/plain": form_of_text,
    "text/markdown": form_of_text,
}
_THEIR_OWN = frozenset({"content-length", "etag", "x-request-id", "last-modified", "location"})


def shows_any(answer):
    """Whether a hostile text is read back, as `visible` shows it."""
    words = texts(answer.text) if answer.headers.get("content-type", "").startswith("text/html") else answer.text
    return any(each in words for each in _BEGINNINGS)
