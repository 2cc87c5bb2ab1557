"""Hostile texts in every field that foreign text can reach, and every page and every answer of the API with them:
a page has the elements that it has with harmless texts, and an answer is what it says it is.

The fields follow from the tables (`hostile_store`). In each portion every field of every row has another text; after
the last one each text was in each field of each row.
"""

from collections import Counter, defaultdict
from itertools import product
from urllib.parse import quote

import pytest

from deliverwatch.core.visible import visible
from deliverwatch.store.columns import storable
from desk import hostile_store, page_payloads
from desk.answer_forms import form_of
from desk.hostile_reader import ALL, ENDING, HARMLESS, TEXTS, blank, harmless, hostile, opened_reader
from desk.page_structure import texts

LEAST_FIELDS, LEAST_FORMS = 18, 10
ACCEPTED_EVERY = 1 if ALL else 12
SLICES = 4
NO_PLACE_FOR_ANY = {
    *("/sign-in", "/sign-in/provider", "/sign-in/provider/back", "/unsubscribe/{token}", "/healthz", "/readyz"),
    *("/metrics", "/api/v1/events/stream", "/reports/{report_id}/as-sent", "/api/v1/reports/{report_id}/html"),
    *("/api/v1/reports/{report_id}/text", "/api/v1/lists", "/api/v1/exports/blocks.csv"),
}
"""Answers in which no foreign text stands, or, of a report, as it was when that was sent."""
FOREIGN_AND_KEPT = {
    *("audit_line.by", "audit_line.object", "audit_line.facts", "audit_line.request", "draft.cause"),
    *("kept_answer.key", "raw_body.identity", "report_run.html", "report_run.text"),
}
_READ_BACK = 12
_BEGINNINGS = {each for each in (visible(text)[:_READ_BACK].strip() for text in TEXTS) if len(each) > _READ_BACK / 2}


@pytest.fixture
async def reader(played, tmp_path):
    async with opened_reader(played, tmp_path) as reader:
        yield reader


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
    faults, shown = [], defaultdict(bool)
    for portion in range(number, len(TEXTS), SLICES):
        await reader.spoil(hostile(portion))
        for address, path in addresses.items():
            answer = await reader.read(address)
            faults += [f"{address}, {portion}: {each}" for each in form_of(answer) - usual[path]]
            shown[path] = shown[path] or shows_any(answer)
    assert faults == []
    assert {path for path in addresses.values() if not shown[path]} - NO_PLACE_FOR_ANY == set()


@pytest.mark.timeout(0 if ALL else 300)
async def test_whatever_is_written_into_a_form_is_a_text_afterwards(reader):
    """Each field that a person writes in, of each form: what is answered, and all pages after it."""
    addresses = await reader.addresses()
    usual = set().union(*(await reader.usual_forms(addresses)).values())
    found = await reader.forms(addresses)
    for words in HARMLESS:
        ways = ((harmless(words), False), (harmless(words), True), (blank, True))
        for form, (text, accepted) in product(found, ways):
            if text is blank or not form.action.endswith(ENDING):
                usual |= form_of(await reader.fill_in(form, text, accepted))
    await reader.spoil(harmless("words"))
    faults, answered = [], Counter()
    for form, portion, accepted in product(found, range(len(TEXTS)), (False, True)):
        if accepted and portion % ACCEPTED_EVERY:
            continue
        answer = await reader.fill_in(form, hostile(portion), accepted)
        answered[form.action] += shows_any(answer)
        faults += [f"{form.action}, {portion}: {each}" for each in form_of(answer) - usual]
    for address in addresses:
        faults += [f"{address} afterwards: {each}" for each in form_of(await reader.read(address)) - usual]
    assert faults == []
    assert len({name for form in found for name in form.written}) >= LEAST_FIELDS
    assert len([form for form in found if answered[form.action]]) >= LEAST_FORMS


async def test_whatever_an_address_says_is_a_text(reader):
    """What is looked for (each text by itself), where to go after signing in, words of notices, paths of nothing."""
    asked = ("/search?q=", "/sign-in?next=", "/drafts?done=", "/audit?before=", "/customers?after=", "/lists/", "/")
    usual = set()
    for words, begin in product(HARMLESS, asked):
        usual |= form_of(await reader.read(begin + quote(words, safe="")))
    usual |= set().union(*(await reader.usual_forms(await reader.addresses())).values())
    faults = []
    looked_for = [(each, asked[0]) for each in page_payloads.PAYLOADS]
    for each, begin in (*looked_for, *product(TEXTS, asked)):
        answer = await reader.read(begin + quote(storable(each), safe=""))
        faults += [f"{begin}{each!r}: {fault}" for fault in form_of(answer) - usual]
    assert faults == []


def shows_any(answer):
    """Whether a hostile text is read back, as `visible` shows it."""
    words = texts(answer.text) if answer.headers.get("content-type", "").startswith("text/html") else answer.text
    return any(each in words for each in _BEGINNINGS)
