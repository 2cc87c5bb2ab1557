"""The report's translations: complete, of today's sentences, and each with the places of its English."""

import ast
import html
import re
import runpy
from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest

from deliverwatch.core.inventory import Language
from deliverwatch.render import tongue
from deliverwatch.render.practice_words import de
from deliverwatch.render.tongue import KEYWORDS
from deliverwatch.render.weekly import render_weekly
from render.golden import check_golden
from render.pseudo import CLOSE, OPEN, outside, pseudo_tongue
from render.weeks import ACME, NEWS, NOTE, WEEKS

ROOT = Path(__file__).parents[2]
WORDS = runpy.run_path(str(ROOT / "scripts" / "words.py"))
SENTENCES = WORDS["sentences"]()
OTHERS = sorted(set(Language) - {Language.EN})
PLURAL_FORMS = {Language.DE: 2, Language.ES: 3, Language.ID: 1}
FEW_WORDS = 3


def forms(text):
    return (text,) if isinstance(text, str) else tuple(text)


def messages(language):
    return [each for each in WORDS["translations"](language) if each.id]


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated_and_no_other(language):
    said = {forms(each.id) for each in SENTENCES if each.id}
    translated = {forms(each.id) for each in messages(language) if all(forms(each.string))}
    assert (said - translated, translated - said) == (set(), set()), "`make words`, then translate what is empty"


@pytest.mark.parametrize("language", OTHERS)
def test_the_files_are_as_the_verb_writes_them(language):
    written = (WORDS["LOCALES"] / f"{language}.po").read_bytes()
    assert written == WORDS["as_file"](language, WORDS["updated"](language)), "`make words`"


@pytest.mark.parametrize("language", OTHERS)
def test_each_translation_has_the_forms_and_places_of_its_sentence(language):
    for each in messages(language):
        assert not each.fuzzy, each.id
        assert len(forms(each.string)) == (1 if isinstance(each.id, str) else PLURAL_FORMS[language]), each.id
        for form in forms(each.string):
            assert places(form) == places(forms(each.id)[-1]), form


@pytest.mark.parametrize("language", OTHERS)
def test_each_translation_begins_and_ends_as_its_sentence(language):
    for each in messages(language):
        english = forms(each.id)[0]
        for form in forms(each.string):
            assert (form[:1].isspace(), form[-1:].isspace()) == (english[:1].isspace(), english[-1:].isspace()), form
            assert form.endswith(".") or not english.endswith("."), form


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_stays_in_english(language):
    same = [form for each in messages(language) for form in forms(each.string) if form in forms(each.id)]
    assert [form for form in same if len(re.findall(r"[^\W\d_]+", form)) > FEW_WORDS] == []


def test_sentences_that_differ_in_number_have_the_same_places():
    for each in SENTENCES:
        assert len({frozenset(places(form)) for form in forms(each.id or "")}) == 1, each.id


def test_what_is_said_can_be_extracted():
    """A whole sentence as it stands, or one of a table, where it is `marked`."""
    for path in sorted((ROOT / "src" / "deliverwatch" / "render").glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS:
                where = f"{path.name}, line {call.lineno}"
                sentences = call.args[: 2 if call.func.id == "say_n" else 1]
                if not all(isinstance(each, ast.Constant) for each in sentences):
                    assert call.func.id == "say", where
                    assert is_of_a_table(sentences[0]), where


def is_of_a_table(expression):
    """A key's value, or a name for it."""
    if isinstance(expression, ast.Call):
        return isinstance(expression.func, ast.Attribute) and expression.func.attr == "get"
    return isinstance(expression, ast.Subscript | ast.Name | ast.Attribute)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", ["asked", "compared", "unchecked", "warming"])
def test_the_words(name, language):
    words = render_weekly(replace(WEEKS[name](), customer=replace(ACME, language=language)))
    check_golden(f"weekly/{language}/{name}.txt", f"Subject: {words.subject}\n\n{words.text}")


def shown(page):
    """The words of an HTML page."""
    return html.unescape(re.sub(r"<style.*?</style>|<!--.*?-->|<[^>]+>", " ", page, flags=re.DOTALL))


def words_of(text):
    return set(re.findall(r"[^\W\d_]{2,}", text))


DATA = words_of(
    """Great Middle Small Domain Mute Keyed Rare list Acme Ltd Example TAM tam esp example America New_York EST
    acme news receipts newsletter pool shared sends spam IP IPv4 IPv6 https lookup domains great middle small REQ
    a network of spammers a domain seen in spam a spam source, found by the list's own traps
    Mo Di Mi Do Fr Sa So Nov Dez lang db Outlook com Yahoo Sender Hub Microsoft SRX deliverwatch"""
)
TOLD = words_of(f"{NOTE} {NEWS.title} {NEWS.text}")
PRACTICE = words_of(" ".join([*de.CHECKS.values(), *de.REPAIRS.values()]))


@pytest.mark.parametrize("name", WEEKS)
def test_nothing_is_said_that_is_not_translatable(name, monkeypatch):
    monkeypatch.setattr(tongue, "tongue", pseudo_tongue(SENTENCES))
    customer = replace(ACME, name="Acme", language=Language.DE)
    words = render_weekly(replace(WEEKS[name](), customer=customer))
    assert len(words.subject) <= 70
    whole_subject = words.subject + CLOSE * (words.subject.count(OPEN) - words.subject.count(CLOSE))
    for part in (whole_subject, words.text, shown(words.html)):
        assert words_of(outside(part)) <= DATA | PRACTICE | TOLD
