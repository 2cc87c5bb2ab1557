"""500 hostile texts, through every form and every way out. Each has the structure that a harmless text in its place
has, and is read back from it as it was, or as `visible` shows it.

Here each text goes through every way with one form, and each form has some; DELIVERWATCH_HOSTILE=all: all with all.
"""

import json
import os
import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import SMTP
from functools import lru_cache
from itertools import product
from urllib.parse import parse_qs, urlsplit

import pytest
from markdown_it import MarkdownIt

from deliverwatch.core.errors import NotPossible
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.visible import visible
from deliverwatch.flows.tell_help_desk import webhook_notification
from deliverwatch.render.action_request import action_request_words
from deliverwatch.render.draft_document import document
from deliverwatch.render.draft_evidence import evidence_file
from deliverwatch.render.draft_markdown import markdown
from deliverwatch.render.draft_ways import eml, mailto, plain
from deliverwatch.render.mail import compose
from forms.recorded import NOW, forms
from hostile.payloads import PAYLOADS
from hostile.spoilt import made

ALL = os.environ.get("DELIVERWATCH_HOSTILE") == "all"
FORMS = sorted(forms())
SENDER = "Example ESP <postmaster@esp.example>"
MOST = 2000  # characters of a fact
_USUAL = 20
_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_FENCED = re.compile(r"^(`{3,})text\n.*?^\1$", re.MULTILINE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_BARE_LINK = re.compile(r"http://evil|www\.evil")


def _is_shown(line):
    """Nothing in it hides. French writes 5 320 with a no-break space, which is none of Python's printable ones."""
    return line.replace("\N{NO-BREAK SPACE}", " ").isprintable()


def as_text(here):
    text = plain(here.draft)
    assert all(map(_is_shown, text.split("\n")))
    return text.count("\n"), text


def as_json(here):
    told = document(here.draft, here.steps)
    read = json.loads(json.dumps(told))
    assert read == told
    return shape(read), visible(read["note"])


def as_webhook(here):
    _, body = webhook_notification(here.draft, here.steps[0], "https://desk.esp.example", NOW, document)
    read = json.loads(body.decode("ascii"))
    return shape(read), visible(read["note"])


def as_markdown(here):
    return _outline(markdown(here.draft, here.steps))


def as_evidence(here):
    return _outline(evidence_file(here.draft, here.steps, here.earlier, [here.request], here.advice))


def as_mail(here):
    message, parts = _parsed(eml(_by_mail(here.draft), SENDER))
    body = message.get_content()
    assert all(map(_is_shown, body.split("\r\n")))
    assert str(message["Subject"]).isprintable()
    return (parts, str(message["From"]), str(message["To"]), body.count("\r\n")), body


def as_link(here):
    """None: too long for one."""
    short = replace(here.draft, text=here.draft.text[:300], text_english=None, fields=())
    try:
        link = mailto(_by_mail(short))
    except NotPossible:
        return None, ""
    assert link.isascii()
    assert not set(link) & set(' "<>\\^`{|}\r\n')
    parts = urlsplit(link)
    query = parse_qs(parts.query, strict_parsing=True, keep_blank_values=True)
    return (parts.scheme, parts.path, parts.fragment, [(name, len(values)) for name, values in query.items()]), ""


def as_question(here):
    """Its repair is in it twice, once harmless: a name makes it explain how names are written."""
    repairs = [here.advice[0].found, "news.acme.example"]
    words = action_request_words(here.request, here.draft, here.customer, here.draft.subjects, repairs)
    assert all(line.isprintable() for line in words.text.split("\n"))
    _, parts = _parsed(compose(SENDER, "sam@acme.example", words.subject, "its header", None, "m-1", NOW))
    return (_TAG.findall(words.html), words.text.count("\n\n"), parts), ""


WAYS = {
    "text": as_text,
    "JSON": as_json,
    "webhook": as_webhook,
    "Markdown": as_markdown,
    "evidence": as_evidence,
    "mail": as_mail,
    "link": as_link,
    "question": as_question,
}


def pairs():
    numbers = range(len(PAYLOADS))
    return product(numbers, FORMS) if ALL else ((number, FORMS[number % len(FORMS)]) for number in numbers)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.timeout(0 if ALL else 300)
def test_a_hostile_text_is_a_text(way):
    wrong = []
    for number, form_id in pairs():
        text, follow_up = PAYLOADS[number], number // len(FORMS) % 2 == 1
        found, words = WAYS[way](_made(form_id, text, follow_up))
        usual, shows = _harmless(way, form_id, follow_up, _USUAL)
        if found not in (None, usual) and found != _harmless(way, form_id, follow_up, len(visible(text, MOST)))[0]:
            wrong.append((form_id, text))
        if shows and visible(text, 40).removesuffix("…").strip() not in words:
            wrong.append((form_id, text, "is not read back"))
    assert wrong == []


def test_there_are_five_hundred_and_each_form_has_several():
    assert len(set(PAYLOADS)) == 500
    assert len({form_id for _, form_id in pairs()}) == len(FORMS)


@lru_cache(4096)  # all that is made where each text meets one form
def _harmless(way, form_id, follow_up, length):
    """With a harmless text of that length, which decides what a form has room for: the structure, and whether it is
    shown there at all."""
    structure, words = WAYS[way](_made(form_id, "x" * length, follow_up))
    return structure, "x" * length in words


@lru_cache(4096)
def _made(form_id, text, follow_up):
    return made(form_id, text, follow_up)


def shape(value):
    """Of JSON values: keys and kinds, without the texts."""
    match value:
        case dict():
            return {name: shape(each) for name, each in value.items()}
        case list():
            return [shape(each) for each in value]
        case _:
            return type(value).__name__


def _outline(text):
    """Of a Markdown document: its elements without their words; and the words."""
    assert not _BARE_LINK.search(_FENCED.sub("", text))
    tokens = _MARKDOWN.parse(text)
    elements, words = [], []
    for token in tokens:
        elements.append((token.type, token.tag, [each.type for each in token.children or () if each.type != "text"]))
        words.append("".join(each.content for each in token.children) if token.children else token.content)
    return elements, "\n".join(words)


def _parsed(content):
    message = message_from_bytes(content, policy=SMTP)
    parts = [(each.get_content_type(), sorted(name.lower() for name, _ in each.items())) for each in message.walk()]
    assert message.defects == []
    return message, parts


def _by_mail(draft):
    return replace(draft, channel=FormChannel.EMAIL, to=draft.to or "postmaster@provider.example")
