"""The text of a request: filled from facts, and from nothing else."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.catalogue.forms import load_letters
from deliverwatch.core.blocklist import Confidence
from deliverwatch.core.errors import CatalogueError
from deliverwatch.core.remediation.facts import FACTS, Fact
from deliverwatch.core.remediation.form import Form, FormChannel, LetterKind
from deliverwatch.render.drafts import Letters

REQUEST, DENIED = LetterKind.REQUEST, LetterKind.DENIED
BODY = """\
Please remove {{ subjects }}.
{% if reason %}
You say: {{ reason }}
{% endif %}

{{ requester_name }}
"""
SHARED = {"request.txt.j2": BODY, "denied.txt.j2": "Denied: {{ subjects }}\n"}
FORM = Form("ours", "Ours", FormChannel.EMAIL, (), "a test", date(2026, 11, 22), Confidence.HIGH, "0")
LETTERS = load_letters()
ALL_OF_THEM = replace(
    FORM,
    bodies={
        (kind, language): LETTERS[f"{kind}{'' if language == 'en' else f'.{language}'}.txt.j2"]
        for kind in LetterKind
        for language in ("en", "de", "fr", "it")
    },
)
WRITE = Letters([ALL_OF_THEM], LETTERS)
OF_A_LISTING = ("subjects", "list_name", "list_zone", "codes", "meanings", "reason", "listed_since", "quoted_by")
OF_A_BLOCK = (
    "subjects",
    "provider_name",
    "refused_since",
    "refused_last",
    "refused_count",
    "refused",
    "attempted",
    "replies",
)
COMMON = (
    "cause",
    "what_changed",
    "changed_on",
    "changed_by",
    "requester_name",
    "requester_company",
    "requester_mailbox",
)
_ENGLISH_WORDS = {"meanings", "refused_count"}
FOLLOWED = ("reference", "asked_on", "addressee_said")


def recorded(**values):
    return {name: Fact(value if isinstance(value, tuple) else (value,), "a test") for name, value in values.items()}


def known(*names, **values):
    """Each fact with its own name for a value."""
    return recorded(**{name: f"<{name}>" for name in names}, **values)


def text(body=BODY, brief=False, **values):
    form = replace(FORM, bodies={(REQUEST, "en"): body})
    return Letters([form], SHARED)(form, recorded(**values), REQUEST, "en", brief)


def test_facts_fill_the_text():
    whole = text(subjects=("192.0.2.10", "192.0.2.11"), reason="spam traps", requester_name="Pat Example")
    assert whole == "Please remove 192.0.2.10, 192.0.2.11.\nYou say: spam traps\n\nPat Example\n"


def test_what_is_not_recorded_is_marked_and_never_guessed():
    assert text(subjects="192.0.2.10") == "Please remove 192.0.2.10.\n\n[to be completed: requester name]\n"
    assert text(subjects="192.0.2.10", reason="", requester_name=()) == text(subjects="192.0.2.10")


def test_a_template_sees_each_value_and_whether_it_must_be_brief():
    body = "{% for ip in all.ips %}- {{ ip }}\n{% endfor %}{{ 'brief' if brief else 'long' }} {{ all.domains|length }}"
    assert text(body, ips=("192.0.2.1", "192.0.2.2")) == "- 192.0.2.1\n- 192.0.2.2\nlong 0\n"
    assert text(body, brief=True) == "brief 0\n"


def test_a_form_without_a_text_in_a_language_speaks_english():
    form = replace(FORM, bodies={(REQUEST, "en"): "Hello {{ subjects }}", (REQUEST, "de"): "Hallo {{ subjects }}"})
    letters = Letters([form], SHARED)
    assert letters(form, recorded(subjects="x"), REQUEST, "de") == "Hallo x\n"
    assert letters(form, recorded(subjects="x"), REQUEST, "ja") == "Hello x\n"


def test_a_text_takes_over_the_shared_one_and_puts_other_words_into_it():
    body = '{% extends "request.txt.j2" %}{% block asked %}Ask {{ subjects }}.{% endblock %}'
    form = replace(FORM, bodies={(REQUEST, "en"): body})
    whole = Letters([form], LETTERS)(form, known(*OF_A_BLOCK, *COMMON), REQUEST, "en")
    assert "Ask <subjects>." in whole
    assert "Please lift the block" not in whole
    assert "Kind regards" in whole


@settings(deadline=None)
@given(st.text(st.characters(), max_size=200))
def test_a_strangers_text_stays_on_its_line(reason):
    """Neither new lines nor template syntax in a value are ours."""
    hostile = f"x{reason}{{{{ 7 * 7 }}}}{{% if %}}{{#"
    lines = text(subjects="192.0.2.10", reason=hostile, requester_name="Pat").splitlines()
    assert len(lines) == 4
    assert lines[1].startswith("You say: x")
    assert "{{ 7 * 7 }}{% if %}{#" in lines[1]
    assert (lines[2], lines[3]) == ("", "Pat")


@pytest.mark.parametrize("name", sorted(FACTS))
@pytest.mark.parametrize("about", [OF_A_LISTING, OF_A_BLOCK], ids=["listing", "block"])
def test_no_fact_adds_a_line_to_any_letter(name, about):
    hostile = "x\r\n\r\nWhat we ask\n- \u2028\u202e{{ subjects }}{% endblock %}\x0b\x85y"
    facts = known(*about, *COMMON, *FOLLOWED, "earlier", "verified", "consent", "stream")
    for kind, language in ALL_OF_THEM.bodies:
        before = WRITE(ALL_OF_THEM, {**facts, name: Fact.of("x", "a test")}, kind, language)
        after = WRITE(ALL_OF_THEM, {**facts, name: Fact.of(hostile, "a test")}, kind, language)
        assert len(after.splitlines()) == len(before.splitlines())
        assert after.split("\n") == [line.replace("\u202e", "") for line in after.split("\n")]


@pytest.mark.parametrize("body", ["{% if %}", "{{ subjects", "{% block a %}{% block a %}", "{{ x|no_such_filter }}"])
def test_what_does_not_compile_is_found_before_anything_is_written(body):
    broken = replace(FORM, bodies={(REQUEST, "en"): "\n" + body, (DENIED, "de"): body})
    with pytest.raises(CatalogueError) as raised:
        Letters([FORM, broken], SHARED)
    first, second = raised.value.faults
    assert (first.file, first.place) == ("forms/ours/body.txt.j2", "line 2")
    assert (second.file, second.place) == ("forms/ours/denied.de.txt.j2", "line 1")


def test_a_broken_shared_letter_is_named_as_such():
    form = replace(FORM, bodies={(REQUEST, "en"): '{% extends "request.txt.j2" %}'})
    with pytest.raises(CatalogueError) as raised:
        Letters([form], {"request.txt.j2": "{% if %}"})
    assert {fault.file for fault in raised.value.faults} == {"forms/letters/request.txt.j2"}


@pytest.mark.parametrize(
    "body",
    [
        "{{ subjects.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{% include '/etc/passwd' %}",
        "{% extends 'ours/body.txt.j2' %}",
        "{{ subjects / 0 }}",
        "{{ 1 / 0 }}",
        "{{ subjects() }}",
        "{{ reason.upper() }}",
        "{{ range(10 ** 9)|list }}",
        "{{ all.ips.append('x') }}",
    ],
)
def test_a_text_that_breaks_or_reaches_out_is_the_operators_fault(body):
    with pytest.raises(CatalogueError) as fault:
        text(body, subjects="192.0.2.10")
    assert str(fault.value).startswith("forms/ours/body.txt.j2: ")


@pytest.mark.parametrize("language", ["en", "de", "fr", "it"])
@pytest.mark.parametrize("kind", LetterKind)
@pytest.mark.parametrize("about", [OF_A_LISTING, OF_A_BLOCK], ids=["listing", "block"])
def test_a_shared_letter_says_what_is_recorded_and_leaves_no_gap(about, kind, language):
    facts = known(*about, *COMMON, *FOLLOWED)
    whole = WRITE(ALL_OF_THEM, facts, kind, language)
    expected = {*about, *COMMON} - (_ENGLISH_WORDS if language != "en" else {"refused", "attempted"})
    expected -= {"provider_name"} if kind is not REQUEST else set()  # whom it is written to
    assert [name for name in expected if f"<{name}>" not in whole] == []
    assert "to be completed" not in whole
    if kind is not REQUEST:
        assert "<reference>" in whole
        assert "<asked_on>" in whole
    if kind in (DENIED, LetterKind.MORE_INFORMATION, LetterKind.NOTHING_FOUND):
        assert "    <addressee_said>\n" in whole
    assert max(map(len, whole.splitlines())) <= 125


@pytest.mark.parametrize(
    ("language", "how_much"),
    [
        ("de", "5.320 von 1.045.320 Versuchen"),
        ("fr", "5\u00a0320 sur 1\u00a0045\u00a0320 tentatives"),
        ("it", "5.320 su 1.045.320 tentativi"),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(language, how_much):
    facts = known(*OF_A_BLOCK, *COMMON) | recorded(refused="5,320", attempted="1,045,320")
    assert f": {how_much}\n" in WRITE(ALL_OF_THEM, facts, REQUEST, language)


@pytest.mark.parametrize(
    ("language", "said"), [("de", "in englischer Sprache"), ("fr", "en anglais"), ("it", "in inglese")]
)
def test_a_letter_in_another_language_says_that_the_checks_are_in_english(language, said):
    facts = known(*OF_A_BLOCK, *COMMON) | recorded(verified=("SPF allows 192.0.2.10", "192.0.2.10 has a reverse name"))
    assert WRITE(ALL_OF_THEM, facts, REQUEST, language).count(said) == 1
    assert said not in WRITE(ALL_OF_THEM, known(*OF_A_BLOCK, *COMMON), REQUEST, language)


@pytest.mark.parametrize("language", ["en", "de", "fr", "it"])
def test_what_only_the_customer_knows_stays_a_visible_gap(language):
    facts = known(*OF_A_BLOCK, "requester_name", "requester_company", "requester_mailbox")
    whole = WRITE(ALL_OF_THEM, facts, REQUEST, language)
    assert "[to be completed: cause]" in whole
    assert "[to be completed: what changed]" in whole
    assert "to be completed" not in WRITE(ALL_OF_THEM, facts | known(*COMMON), REQUEST, language)


@pytest.mark.parametrize("language", ["en", "de", "fr", "it"])
def test_a_request_that_was_made_before_says_so(language):
    facts = known(*OF_A_LISTING, *COMMON)
    again = WRITE(ALL_OF_THEM, facts | known("earlier"), REQUEST, language)
    first = WRITE(ALL_OF_THEM, facts, REQUEST, language).splitlines()
    assert next(line for line in again.splitlines() if line not in first).endswith(": <earlier>")


def test_the_brief_version_keeps_what_counts():
    facts = known(*OF_A_BLOCK, *COMMON, "verified", "consent", "stream", "ptr_names")
    long, brief = (WRITE(ALL_OF_THEM, facts, REQUEST, "en", each) for each in (False, True))
    assert len(brief) < 0.7 * len(long)
    for name in ("subjects", "replies", "refused_since", "cause", "what_changed", "changed_on"):
        assert f"<{name}>" in brief
    assert "<verified>" not in brief


def test_a_rate_limit_is_no_block():
    facts = known(*OF_A_BLOCK, *COMMON)
    slowed = WRITE(ALL_OF_THEM, facts | recorded(block_kind="rate"), REQUEST, "en")
    assert "slowed down by" in slowed
    assert "review the limit" in slowed
    assert "lift the block" not in slowed
