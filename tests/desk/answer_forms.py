"""What an answer of the desk is made of: all that no text in it may change."""

import csv
import io
import json
import re
from email import message_from_bytes
from email.policy import SMTP

from desk.page_structure import elements, structure

FORMULA = re.compile(r"[=+\-@\t\r\n](?!\d+(\.\d+)?$)")
_NEXT = re.compile(r'<\?[\w=&%.-]*>; rel="next"')


def form_of(answer):
    """All that a text must not change: a set of lines."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    found = {("status", str(answer.status_code)), ("kind", kind)}
    for name, value in answer.headers.multi_items():
        if not _NEXT.fullmatch(value):
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
