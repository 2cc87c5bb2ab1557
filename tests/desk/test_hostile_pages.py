"""Hostile texts in every field that foreign text can reach, and every page and every answer of the API with them:
a page has the elements that it has with harmless texts, an answer is what it says it is, and in a browser nothing runs.

The fields follow from the tables (`hostile_store`). In each portion every field of every row has another text; after
the last one each text was in each field of each row. DELIVERWATCH_HOSTILE=all: each text by itself, without others
beside it in a value.
"""

import csv
import io
import os
import re
from email import message_from_bytes
from email.policy import SMTP
from urllib.parse import quote

import httpx
import pytest

from deliverwatch.core.access import Scope
from deliverwatch.core.audit import Deed
from deliverwatch.core.visible import visible
from deliverwatch.store.columns import storable
from desk import hostile_store, page_payloads
from desk.hostile_seeds import seed
from desk.hostile_store import Spoiler
from desk.page_structure import elements, structure, texts
from desk.places import examples, routes
from desk.serving import served
from servers.sandbox_week import opened_week
from web.signing_in import sign_in, token

ALL = os.environ.get("DELIVERWATCH_HOSTILE") == "all"
TEXTS = [storable(each) for each in (page_payloads.PAYLOADS if ALL else page_payloads.BUNDLES)]
SLICES = 4
HARMLESS = ("words", "words " * 65, "words\nof several\n\nlines " * 16, "words " * 500)
WITHOUT_FOREIGN_TEXT = {"/sign-in", "/sign-in/provider", "/sign-in/provider/back", "/unsubscribe/{token}"}
_FORMULA = re.compile(r"[=+\-@\t\r\n|%](?!\d+(\.\d+)?$)")


def harmless(words):
    return lambda field, row: f"{words} {field} {row}"


def hostile(portion):
    return lambda field, row: TEXTS[(portion + row + 7 * field) % len(TEXTS)]


@pytest.fixture
async def house(played, tmp_path):
    async with opened_week(played, tmp_path) as house:
        seed(tmp_path / "deliverwatch.db", house.app.clock.now())
        yield house


@pytest.fixture
async def spoiler(house, tmp_path):
    spoiler = Spoiler(tmp_path / "deliverwatch.db")
    yield spoiler
    spoiler.close()


@pytest.fixture
async def client(house):
    transport = httpx.ASGITransport(create_app(house), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        yield client


def test_every_column_is_spoilt_or_has_a_reason_not_to_be():
    known, kept = {str(each) for each in hostile_store.columns()}, hostile_store.kept()
    assert [each for each in kept if each not in known or kept.count(each) > 1] == []
    assert [each for each in hostile_store.foreign() if each in kept] == FOREIGN_AND_KEPT


def test_each_text_comes_to_each_field_of_each_row():
    assert len(page_payloads.PAYLOADS) >= 500
    assert {each for each in page_payloads.PAYLOADS if not any(each in some for some in page_payloads.BUNDLES)} == set()
    assert {hostile(portion)(3, 5) for portion in range(len(TEXTS))} == set(TEXTS)
