"""A draft as mail: the link and the file say the same as the page, and nothing can begin another header."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.render.draft_ways import subject
from deliverwatch.web.draft_mail import mail_ways
from web.desk_world import HOSTILE, Seen, browsing, open_world

SENDER = "postmaster@esp.example"


@pytest.fixture
async def world(tmp_path, monkeypatch):
    async with open_world(tmp_path, monkeypatch) as world:
        yield world


@pytest.fixture
async def draft(world):
    made = await world.block()
    return await kept(
        world, replace(made, channel=FormChannel.EMAIL, to="desk@list.example", text="Please look.\nPat\n")
    )


async def kept(world, draft):
    after = replace(draft, version=draft.version + 1)
    await world.store.move_draft(after, (await world.store.draft_steps(draft.id))[-1])
    return after


def parsed(link):
    """As a mail program reads it (RFC 6068)."""
    parts = urlsplit(link)
    return unquote(parts.path), {name: values for name, values in parse_qs(parts.query, strict_parsing=True).items()}


async def test_the_link_holds_recipients_subject_and_text_and_nothing_else(draft):
    short = replace(draft, fields=())
    link = mail_ways(short, SENDER).link
    to, headers = parsed(link)
    assert to == "desk@list.example"
    assert headers == {"subject": [subject(short)], "body": ["Please look.\r\nPat\r\n"]}
    assert "%0D%0A" in link
    assert len(link) <= 1800


async def test_what_is_hostile_stays_in_its_place(draft):
    evil = replace(draft, fields=(), text="a&bcc=x@attacker.example\nSubject: b#c%0D%0A?d", subjects=(HOSTILE,))
    to, headers = parsed(mail_ways(evil, SENDER).link)
    assert (to, set(headers)) == ("desk@list.example", {"subject", "body"})
    assert headers["body"] == ["a&bcc=x@attacker.example\r\nSubject: b#c%0D%0A?d\r\n"]


async def test_what_is_longer_is_offered_as_a_file_alone(draft):
    long = replace(draft, text="word " * 400)
    assert mail_ways(long, SENDER).link is None
    assert mail_ways(long, SENDER).has_file
    fits = replace(draft, fields=(), text="x")
    room = 1800 - len(mail_ways(fits, SENDER).link)
    assert len(mail_ways(replace(fits, text="x" * (room + 1)), SENDER).link) == 1800
    assert mail_ways(replace(fits, text="x" * (room + 2)), SENDER).link is None


async def test_what_goes_by_a_form_is_no_mail_and_what_cannot_be_one_says_why(draft):
    assert mail_ways(replace(draft, channel=FormChannel.WEB_FORM), SENDER) is None
    assert "No address" in mail_ways(replace(draft, to=None), SENDER).why
    assert "[requester]" in mail_ways(draft, None).why


async def test_the_file_parses_back_to_what_the_page_shows(world, draft):
    async with browsing(world) as client:
        answer = await client.get(f"/drafts/{draft.id}/mail.eml")
    assert answer.headers["content-type"] == "message/rfc822"
    assert answer.headers["content-disposition"] == f"attachment; filename={draft.id}.eml"
    message = message_from_bytes(answer.content, policy=default)
    assert (message["To"], message["From"], message["X-Unsent"]) == ("desk@list.example", SENDER, "1")
    assert message["Subject"] == subject(draft)
    assert message["Date"] is None
    assert message.get_content().endswith("Please look.\r\nPat\r\n")


async def test_a_hostile_subject_makes_no_header(world, draft):
    evil = await kept(world, replace(draft, subjects=("x\r\nBcc: y@attacker.example", "=?utf-8?q?a=0ABcc=3A?=")))
    async with browsing(world) as client:
        answer = await client.get(f"/drafts/{evil.id}/mail.eml")
    assert message_from_bytes(answer.content, policy=default)["Bcc"] is None


async def test_one_that_cannot_be_mailed_has_no_file(world):
    made = await world.block()
    assert made.channel is not FormChannel.EMAIL
    async with browsing(world) as client:
        assert (await client.get(f"/drafts/{made.id}/mail.eml")).status_code == 404


async def test_the_page_offers_the_link_once_it_is_taken_on(world, draft):
    await world.desk().pull(draft.id)
    pulled = await world.store.draft(draft.id)
    short = await kept(
        world, replace(pulled, channel=FormChannel.EMAIL, to="desk@list.example", fields=(), text="Please look.\n")
    )
    async with browsing(world) as client:
        seen = Seen((await client.get(f"/drafts/{draft.id}")).text)
    assert mail_ways(short, SENDER).link in seen.links
    assert f"/drafts/{draft.id}/mail.eml" in seen.links
