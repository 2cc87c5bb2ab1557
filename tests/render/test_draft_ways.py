"""What leaves here says what the draft says: as text, mail, link, JSON and evidence file."""

import json
from dataclasses import fields, replace
from email import message_from_bytes
from email.policy import SMTP
from urllib.parse import parse_qs, urlsplit

import pytest

from deliverwatch.core.errors import NotPossible
from deliverwatch.core.remediation.draft import Draft, DraftField, Missing
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.flows.tell_help_desk import webhook_notification
from deliverwatch.render.draft_document import document
from deliverwatch.render.draft_evidence import evidence_file
from deliverwatch.render.draft_ways import eml, mailto, plain, subject
from deliverwatch.render.markdown_text import escape, fence
from render.drafts_out import ADVICE, ASKED, AT, DENIED, ENGLISH, FOLLOW_UP, FORM, HOUR, MAIL, REPLY, STEPS, TEXT
from render.golden import check_golden

SENDER = "Example ESP <postmaster@esp.example>"
PROMISED = [
    *("id", "customer", "form", "provider", "kind", "channel", "url", "to", "subjects", "state", "follow_up_of"),
    *("missing", "blockers", "fields", "text", "evidence", "created_at", "due_at"),
]
"""interface.md, "A draft"."""


def read(content):
    return message_from_bytes(content, policy=SMTP)


def test_the_text_to_be_copied():
    check_golden("drafts/copy.txt", plain(MAIL))


def test_a_mail_holds_both_languages_and_the_fields_that_the_text_does_not():
    message = read(eml(MAIL, SENDER))
    names = ["From", "To", "Subject", "X-Unsent", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
    assert sorted(message.keys()) == sorted(names)
    assert (message["From"], message["To"]) == (SENDER, "tosa@provider.example")
    assert (message["Subject"], message["X-Unsent"]) == ("E-Mails von 192.0.2.10 werden abgelehnt", "1")
    assert message.get_content_type() == "text/plain"
    body = message.get_content().replace("\r\n", "\n")
    above = "Contact: postmaster@esp.example\nWhat was changed: [to be completed]\n"
    assert body == f"{above}\n{TEXT}\n----- English -----\n\n{ENGLISH}"


def with_field(value, text):
    return replace(MAIL, fields=(DraftField("ips", "IPs", value, None, "replies"),), text=text, text_english=None)


@pytest.mark.parametrize(
    ("value", "text", "stands_above"),
    [
        ("192.0.2.1", "Mail from 192.0.2.1 is refused.", False),
        ("192.0.2.1", "Mail from 192.0.2.10 is refused.", True),
        ("192.0.2.1", "Mail from 10.192.0.2.1 is refused.", True),
        ("192.0.2.1, 192.0.2.2", "- 192.0.2.2\n- 192.0.2.1", False),
        ("192.0.2.1 / 192.0.2.3", "- 192.0.2.2\n- 192.0.2.1", True),
        ("2001:db8::1", "from 2001:db8::1:2", True),
        ("550 5.7.1 no, (S3140)", "    550 5.7.1 no, (S3140)\n", False),
    ],
)
def test_a_mail_names_each_value_once(value, text, stands_above):
    body = read(eml(with_field(value, text), SENDER)).get_content()
    assert body.startswith(f"IPs: {value}\r\n\r\n") is stands_above


def test_a_text_that_only_says_the_fields_over_again_is_left_out():
    assert plain(with_field("192.0.2.1", "IPs: 192.0.2.1\n")) == "IPs: 192.0.2.1\n"


def test_a_link_holds_the_same_mail():
    short = replace(MAIL, text_english=None, to="tosa+x@provider.example, abuse@provider.example")
    link = mailto(short)
    assert link.isascii()
    assert urlsplit(link).path == "tosa%2Bx@provider.example,abuse@provider.example"
    query = parse_qs(urlsplit(link).query, strict_parsing=True)
    assert set(query) == {"subject", "body"}
    message = read(eml(short, SENDER))
    assert query["subject"] == [message["Subject"]]
    assert query["body"] == [message.get_content()]
    assert "\r\n" in query["body"][0]
    assert "\n" not in query["body"][0].replace("\r\n", "")


def test_what_is_too_long_for_a_link_is_refused_and_not_cut():
    long = replace(MAIL, text=TEXT + "more\n" * 400)
    with pytest.raises(NotPossible, match=r"too long for a link \([\d,]+ characters\): take it as a mail \(--as eml\)"):
        mailto(long)
    assert read(eml(long, SENDER)).get_content().count("more") == 400


@pytest.mark.parametrize("way", [mailto, lambda draft: eml(draft, SENDER)])
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"channel": FormChannel.WEB_FORM}, "is not sent by mail, but by web form"),
        ({"channel": FormChannel.PORTAL}, "is not sent by mail"),
        ({"channel": FormChannel.NONE}, "is not sent: nobody takes requests"),
        ({"to": None}, "has no address to send it to"),
        ({"to": "tosa@provider.example\r\nBcc: x@y.example"}, "is not an e-mail address"),
        ({"to": "Tosa <tosa@provider.example>"}, "is not an e-mail address"),
    ],
)
def test_what_is_no_mail_is_a_sentence(way, changes, words):
    with pytest.raises(NotPossible, match=words):
        way(replace(MAIL, **changes))


def test_a_sender_that_is_none_is_a_sentence():
    with pytest.raises(NotPossible):
        eml(MAIL, "Example ESP <postmaster@esp.example>\r\nBcc: x@y.example")


def test_the_subject_names_some_and_counts_the_rest():
    many = replace(FORM, subjects=tuple(f"192.0.2.{number}" for number in range(10)))
    assert subject(many) == "Request for removal: 192.0.2.0, 192.0.2.1, 192.0.2.2 (+7)"


def test_a_follow_up_begins_with_the_reference():
    assert subject(FOLLOW_UP) == "[SRX1234] E-Mails von 192.0.2.10 werden abgelehnt"


def test_a_form_may_have_a_subject_of_its_own():
    own = replace(MAIL, fields=(DraftField("subject", "Subject", "Delist 192.0.2.10", None, "settings"), *MAIL.fields))
    assert subject(own) == "Delist 192.0.2.10"
    assert "Subject:" not in read(eml(own, SENDER)).get_content()


def test_a_value_of_several_lines_stays_under_its_label():
    several = replace(FORM, fields=(DraftField("x", "Verified", "SPF\nPhone: 0\n\nDKIM", None, "checks"),))
    assert plain(several).startswith("Verified:\n  SPF\n  Phone: 0\n  \n  DKIM\n\nHello")


def test_what_hides_in_an_edited_text_is_shown_and_its_lines_stay():
    edited = replace(MAIL, text="Hello\r\n\x1b[2J\u202eyou\x85\u2028\n", text_english=None, fields=())
    shown = "Hello\n\\x1b[2J\\u202eyou\\x85\\u2028\n"
    assert plain(edited) == shown
    assert read(eml(edited, SENDER)).get_content() == shown.replace("\n", "\r\n")


def test_the_document_has_every_promised_key_and_no_internal_one():
    told = document(MAIL, STEPS)
    assert set(PROMISED) <= set(told)
    names = {field.name for field in fields(Draft)}
    assert set(told) == names - {"form_digest", "cause"} | {"history"}
    assert json.loads(json.dumps(told)) == told
    assert (told["created_at"], told["due_at"]) == ("2026-11-24T10:00:00Z", "2026-11-24T14:00:00Z")
    assert told["edits"][0]["at"] == told["history"][1]["at"] == "2026-11-24T11:00:00Z"
    assert told["subjects"] == ["192.0.2.10"]
    assert told["missing"] == [{"field": "changed", "why": "only the customer knows"}]
    assert (told["version"], told["text"]) == (3, TEXT)


def test_what_is_unknown_is_null_and_never_empty():
    told = document(replace(MAIL, addressee="", text="", note=""))
    assert (told["addressee"], told["text"], told["note"], told["ticket"]) == (None, None, None, None)
    assert "history" not in told


def test_a_step_is_told_as_one_message_however_often():
    moved = replace(MAIL, version=4)
    step = STEPS[2]
    note, body = webhook_notification(moved, step, "https://desk.esp.example", AT + HOUR, document)
    assert webhook_notification(moved, step, "https://desk.esp.example", AT + HOUR, document) == (note, body)
    other, _ = webhook_notification(replace(moved, version=5), step, "https://desk.esp.example", AT, document)
    assert (note.id, note.channel, note.recipient) == (note.message_id, "webhook", "https://desk.esp.example")
    assert note.id != other.id
    assert (note.customers, note.event_key, note.report_id) == (("acme",), None, None)
    assert json.loads(body) == {
        "event": "draft.edited",
        "at": "2026-11-24T11:00:00Z",
        "by": "Robin",
        "note": "role mailbox",
        "draft": document(moved),
    }


def test_a_draft_of_nobody_in_particular_names_no_customer():
    note, _ = webhook_notification(replace(MAIL, customer=None), STEPS[0], "https://desk.esp.example", AT, document)
    assert note.customers == ()


def test_the_evidence_file():
    check_golden("drafts/evidence.md", evidence_file(FOLLOW_UP, STEPS, [DENIED, FOLLOW_UP], [ASKED], ADVICE))


def test_an_evidence_file_of_nothing_says_so():
    bare = replace(MAIL, evidence=(), missing=(), customer=None, to=None, url=None)
    said = evidence_file(bare, (), (), (), ())
    assert said.count("Nothing is recorded.") == 3
    assert "The customer was asked nothing." in said
    assert "- Customer: several, or our own asset" in said
    assert "(e-mail: not known)" in said


def unknown_of(draft, requests=()):
    whole = evidence_file(draft, (), (), requests, ())
    return whole.partition("## What is not known\n\n")[2].partition("\n\n##")[0].splitlines()


def test_what_only_the_customer_knows_is_unknown_once_and_tells_nobody_to_run_a_command():
    ask = "only the customer knows: `deliverwatch drafts ask` writes to them, `drafts told` keeps what they say"
    setting = "set phone in [requester] of the configuration"
    lacks = replace(MAIL, missing=(Missing("what_changed", ask), Missing("phone", setting)))
    assert unknown_of(lacks) == ["- what was changed: only the customer knows", "- Phone: not recorded"]
    asked = replace(ASKED, questions=("what_changed",), answers={}, answered_at=None)
    said = "the customer was asked on 2026-11-24 11:00 UTC by Robin, no answer is recorded"
    assert unknown_of(lacks, [asked]) == ["- Phone: not recorded", f"- what was changed: {said}"]
    renewed = replace(lacks, missing=(Missing("what_changed", said),))
    assert unknown_of(renewed, [asked, replace(asked, id="a-0")]) == [f"- what was changed: {said}"]
    assert unknown_of(renewed, [asked, ASKED]) == ["- when it was changed: " + said]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("192.0.2.10", "192.0.2.10"),
        ("1. a", "1\\. a"),
        ("- a", "\\- a"),
        ("a | b", "a \\| b"),
        ("a\nb", "a\\\\nb"),
        ("<b>", "\\<b\\>"),
        ("http://x.example", "http:\\//x.example"),
        (" a ", "&#32;a&#32;"),
        ("a\u202eb", "a\\\\u202eb"),
        ("", ""),
    ],
)
def test_a_piece_of_markdown(text, escaped):
    assert escape(text) == escaped


def test_a_fence_is_longer_than_what_it_holds():
    assert fence(f"{REPLY}\r\n````\n\x1b") == f"`````text\n{REPLY}\n````\n\\x1b\n`````"
