"""What a customer is asked: in their language, no more than the form needs, and nothing foreign in it acts."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from deliverwatch.core.inventory import Language, Tam
from deliverwatch.core.remediation.draft import DraftKind
from deliverwatch.core.remediation.facts import FROM_CUSTOMER
from deliverwatch.render.action_request import action_request_words
from deliverwatch.render.action_request_words import PHRASES
from render.drafts_out import ACME, ASKED, FORM, MAIL, REPLY
from render.golden import check_golden

REPAIRS = {
    Language.EN: "SPF does not cover 192.0.2.10: add ip4:192.0.2.10 to the TXT record of news.acme.example.",
    Language.DE: "SPF deckt 192.0.2.10 nicht ab: Ergänzen Sie ip4:192.0.2.10 im TXT-Record von news.acme.example.",
    Language.ES: "SPF no incluye 192.0.2.10: añadan ip4:192.0.2.10 al registro TXT de news.acme.example.",
    Language.ID: "SPF tidak mencakup 192.0.2.10: tambahkan ip4:192.0.2.10 pada catatan TXT news.acme.example.",
}
HOSTILE = "<script>alert(1)</script>\x1b[2J\u202e\r\nBcc: x@y.example {since} {{ 7*7 }} http://evil.example"


class Seen(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.words, self._style = [], [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._style = tag == "style"

    def handle_endtag(self, tag):
        self._style = False

    def handle_data(self, data):
        if not self._style:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def made(language=Language.EN, draft=MAIL, subjects=("192.0.2.10",), questions=FROM_CUSTOMER, **changes):
    request = replace(ASKED, language=language, questions=questions)
    repairs = changes.pop("repairs", [REPAIRS[language]])
    return action_request_words(request, draft, replace(ACME, **changes), subjects, repairs)


@pytest.mark.parametrize("language", Language)
def test_the_words(language):
    draft = MAIL if language in (Language.EN, Language.ES) else FORM
    draft = replace(draft, facts={**draft.facts, "reply": REPLY, "reason": "sent to a spam trap"})
    words = made(language, draft, ("192.0.2.10", "192.0.2.12/30"))
    check_golden(f"action_request/{language}.txt", f"Subject: {words.subject}\n\n{words.text}")
    check_golden(f"action_request/{language}.html", words.html)
    assert len(words.subject) <= 100


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", DraftKind)
@pytest.mark.parametrize("asked", [*((name,) for name in FROM_CUSTOMER), ("cause", "changed_on")])
def test_it_asks_exactly_what_is_wanted_in_both_parts(language, kind, asked):
    words = made(language, replace(MAIL, kind=kind), questions=asked)
    for part in (" ".join(words.text.split()), Seen(words.html).text):
        assert {name for name, question in PHRASES[language].questions.items() if question in part} == set(asked)
        assert len(re.findall(r"(?<!\S)\d\. ", part)) == len(asked)
        assert "2026-11-24 08:00 UTC" in part
        assert "tam-acme@esp.example" in part


def test_every_language_asks_for_everything_a_form_may_want():
    assert set(PHRASES) == set(Language)
    assert all(set(say.questions) == set(FROM_CUSTOMER) for say in PHRASES.values())


def test_what_is_not_known_is_not_said():
    words = made(draft=replace(MAIL, facts={}), repairs=())
    assert "First seen" not in words.text + words.html
    assert not [title for title in PHRASES[Language.EN].quotes.values() if title in words.text + words.html]
    assert "monospace" not in words.html
    assert "in order" not in words.text + words.html


@pytest.mark.parametrize(("draft", "fact"), [(MAIL, "reply"), (FORM, "reason")])
def test_what_was_answered_is_quoted_so_that_it_can_be_looked_for(draft, fact):
    quoted = "550 5.7.1 [192.0.2.10] is refused (S3140)"
    words = made(draft=replace(draft, facts={**draft.facts, fact: quoted}))
    for part in (" ".join(words.text.split()), Seen(words.html).text):
        assert f"{PHRASES[Language.EN].quotes[draft.kind]} {quoted}" in part


def test_the_catalogue_s_name_of_a_provider_is_no_foreign_text():
    words = made(draft=replace(MAIL, addressee="Microsoft Outlook.com, Hotmail, Live, MSN"))
    assert words.subject == "Please answer: Microsoft Outlook.com refuses mail from 192.0.2.10"
    for part in (" ".join(words.text.split()), Seen(words.html).text):
        assert "Microsoft Outlook.com refuses mail from 192.0.2.10." in part
        assert "Hotmail" not in part


def test_whoever_stands_in_no_catalogue_is_named_as_a_stranger():
    words = made(draft=replace(MAIL, provider="mx.stranger.example", addressee="mx.stranger.example"))
    assert "mx[.]stranger[.]example refuses mail from" in words.text
    assert "mx.stranger.example" not in words.subject + words.text + words.html


def test_no_listed_name_stands_in_it_as_it_is():
    words = made(draft=FORM, subjects=("news.acme.example",))
    assert "news.acme.example" not in words.text + words.html
    assert "news[.]acme[.]example" in words.text
    assert "[.] for a dot" in words.text


def test_hostile_names_stay_on_their_line_and_out_of_the_markup():
    plain, hostile = (
        made(
            draft=replace(MAIL, provider=text, addressee=text, facts={"refused_since": text, "reply": text}),
            repairs=[text],
            name=text,
            tam=Tam(text, "tam@esp.example", text),
        )
        for text in ("x.example", HOSTILE)
    )
    assert Seen(hostile.html).tags == Seen(plain.html).tags
    assert hostile.subject.isprintable()
    assert "\r" not in hostile.text
    assert "\x1b" not in hostile.text
    assert not [line for line in hostile.text.splitlines() if line.startswith("Bcc:")]
    assert "http://evil.example" not in hostile.text + hostile.html
