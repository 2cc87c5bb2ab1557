"""Messages as bytes: what is set is in them, and nothing else."""

from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.core.errors import ChannelFailed
from deliverwatch.render.mail import compose

AT = datetime(2026, 11, 23, 14, 20, tzinfo=UTC)
ALWAYS = ["from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type"]


def made(**changes):
    facts = {
        "sender": "Deliverability <deliverability@esp.example>",
        "recipient": "tam@esp.example",
        "subject": "LISTED: 192.0.2.10",
        "text": "What happened.\n",
        "html": "<p>What happened.</p>",
        "message_id": "5f2b",
        "date": AT,
    }
    return compose(**(facts | changes))


def names(content):
    return [name.lower() for name in message_from_bytes(content, policy=SMTP)]


def test_a_message_with_two_parts():
    message = message_from_bytes(made(reply_to="tam@esp.example"), policy=SMTP)
    assert message["From"] == "Deliverability <deliverability@esp.example>"
    assert message["To"] == "tam@esp.example"
    assert message["Reply-To"] == "tam@esp.example"
    assert message["Message-ID"] == "<5f2b@esp.example>"
    assert message["Date"] == "Mon, 23 Nov 2026 14:20:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert [part["Content-Transfer-Encoding"] for part in message.iter_parts()] == ["quoted-printable"] * 2
    assert message.get_body(("plain",)).get_content().splitlines() == ["What happened."]


def test_a_correction_stands_below_what_it_takes_back():
    content = made(corrects="1a2b")
    message = message_from_bytes(content, policy=SMTP)
    assert message["In-Reply-To"] == message["References"] == "<1a2b@esp.example>"
    assert message["Message-ID"] == "<5f2b@esp.example>"
    assert sorted(names(content)) == sorted([*ALWAYS, "in-reply-to", "references"])


def test_what_is_corrected_adds_no_header_of_its_own():
    with pytest.raises((ChannelFailed, ValueError)):
        made(corrects="1a2b>\r\nBcc: x@y.example")


def test_a_message_without_html_is_plain_text():
    message = message_from_bytes(made(html=None), policy=SMTP)
    assert message.get_content_type() == "text/plain"
    assert message["Content-Transfer-Encoding"] == "quoted-printable"


def test_the_same_input_is_the_same_message():
    here = timezone(timedelta(hours=-5))
    assert made() == made() == made(date=AT.astimezone(here))
    assert made() != made(message_id="5f2c")


def test_lines_end_in_crlf_and_are_short_whatever_the_text():
    content = made(text="ü" * 5000 + "\n.\nFrom x\n" + "x" * 3000 + "\n", html="<p>" + "y" * 9000 + "</p>")
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    text = message_from_bytes(content, policy=SMTP).get_body(("plain",)).get_content()
    assert text.split("\r\n") == ["ü" * 5000, ".", "From x", "x" * 3000, ""]


SMUGGLED = [
    "=?utf-8?q?a=0ABcc=3A_x=40y.example?=",
    "=?utf-8?b?YQpCY2M6IHhAeS5leGFtcGxl?=",
    "a\r\nBcc: x@y.example",
    "\n\n<b>",
]
PIECES = st.one_of(st.sampled_from(SMUGGLED), st.text(st.characters(), max_size=30))


@settings(deadline=None)
@given(st.lists(PIECES, max_size=8).map("".join))
def test_a_subject_adds_no_header(subject):
    content = made(subject=subject, html=None)
    assert sorted(names(content)) == sorted([*ALWAYS, "content-transfer-encoding"])
    message = message_from_bytes(content, policy=SMTP)
    assert [address.addr_spec for address in message["To"].addresses] == ["tam@esp.example"]


@settings(deadline=None)
@given(st.lists(st.one_of(PIECES, st.sampled_from(["<x@y.example>", ",", "(", '"', "\\"])), max_size=8).map("".join))
def test_the_authors_name_adds_no_header_and_no_address(name):
    """Either the message is refused, or it comes from one printable name and our address."""
    try:
        message = message_from_bytes(made(sender=f"{name} <deliverability@esp.example>"), policy=SMTP)
    except ChannelFailed:
        return
    assert len(message["From"].addresses) == 1
    assert sorted(map(str.lower, message.keys())) == sorted(ALWAYS)


@pytest.mark.parametrize("field", ["sender", "recipient", "reply_to"])
@pytest.mark.parametrize(
    "address", ["", "nobody", "a b@x.example", "t@esp.example\r\nBcc: x@y.example", "a@b, c@d.example"]
)
def test_what_is_no_address_makes_no_message(field, address):
    with pytest.raises(ChannelFailed) as refused:
        made(**{field: address})
    assert refused.value.permanent


def test_a_header_that_would_read_differently_makes_no_message(monkeypatch):
    """The guard itself: what an encoder lets through is caught when the message is parsed back."""
    monkeypatch.setattr("deliverwatch.render.mail.in_header", lambda text, limit: text)
    with pytest.raises((ChannelFailed, ValueError)):
        made(subject="hello\nBcc: x@y.example")
    smuggled = "=?utf-8?q?hello=0ABcc=3A_x=40y.example?="
    try:
        content = made(subject=smuggled)
    except ChannelFailed:
        return
    assert sorted(names(content)) == sorted(ALWAYS)


def test_a_long_subject_stays_on_its_line():
    """Folded right behind "Subject:", it would be shown with a leading space."""
    subject = "LISTED (critical): acme-deals[.]example on Spamhaus DBL - Acme Outdoor Ltd"
    content = made(subject=subject)
    assert f"\r\nSubject: {subject}\r\n".encode() in content
