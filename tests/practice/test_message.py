"""A sample message: one-click unsubscribe under a signature that verifies, and a From domain that is aligned."""

import dkim
import pytest

from deliverwatch.core.errors import NotPossible
from deliverwatch.core.practice import Check, CheckOutcome
from deliverwatch.core.practice_problems import Problem
from deliverwatch.sandbox.zones import Mode
from practice.dns_world import AT, scope, with_their_facts
from practice.keys import pem, record

FROM = "news.acme.example"
KEY = "s1._domainkey.acme.example"
UNSUBSCRIBE = {"List-Unsubscribe": "<https://acme.example/u/1>, <mailto:u@acme.example>"}
POST = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
PASS, FAIL, UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN


def written(from_=f"Acme <offers@{FROM}>", **fields):
    named = {"From": from_, "To": "someone@mail.example", "Subject": "November"} | fields
    lines = [f"{name}: {value}" for name, value in named.items()]
    return "\r\n".join([*lines, "", "Good day.", ""]).encode()


def signed(content, domain="acme.example", fields=(), key=None):
    names = [b"from", b"subject", *(name.lower().encode() for name in fields)]
    return dkim.sign(content, b"s1", domain.encode(), key or pem(), include_headers=names) + content


@pytest.fixture
def read(world):
    async def look(content, **more):
        of = scope("192.0.2.10", **({"from_domains": (FROM,)} | more))
        found = with_their_facts(await world.looks().of_message(content, of, AT))
        return {result.check: result for result in found}

    return look


@pytest.fixture
def published(world):
    world.texts(KEY, record())


async def test_one_click_that_is_signed_and_a_from_domain_that_is_aligned(read, published):
    found = await read(signed(written(**UNSUBSCRIBE, **POST), fields=(*UNSUBSCRIBE, *POST)))
    assert {check: (each.outcome, each.subject) for check, each in found.items()} == {
        Check.ONE_CLICK: (PASS, FROM),
        Check.ALIGNMENT: (PASS, FROM),
    }
    assert all(each.facts["seen_in"] == "message" for each in found.values())


async def test_line_ends_of_a_saved_file_do_not_matter(read, published):
    content = signed(written(**UNSUBSCRIBE, **POST), fields=(*UNSUBSCRIBE, *POST))
    found = await read(content.replace(b"\r\n", b"\n"))
    assert found[Check.ONE_CLICK].outcome is PASS


@pytest.mark.parametrize(
    ("fields", "covered", "problem"),
    [
        ({}, (), Problem.ONE_CLICK_MISSING),
        (POST, tuple(POST), Problem.ONE_CLICK_MISSING),
        ({"List-Unsubscribe": "<mailto:u@acme.example>"} | POST, (*UNSUBSCRIBE, *POST), Problem.ONE_CLICK_NO_HTTPS),
        ({"List-Unsubscribe": "<http://acme.example/u>"} | POST, (*UNSUBSCRIBE, *POST), Problem.ONE_CLICK_NO_HTTPS),
        (UNSUBSCRIBE, tuple(UNSUBSCRIBE), Problem.ONE_CLICK_NO_POST),
        (UNSUBSCRIBE | {"List-Unsubscribe-Post": "Yes"}, (*UNSUBSCRIBE, *POST), Problem.ONE_CLICK_NO_POST),
        (UNSUBSCRIBE | POST, (), Problem.ONE_CLICK_UNSIGNED),
        (UNSUBSCRIBE | POST, tuple(UNSUBSCRIBE), Problem.ONE_CLICK_UNSIGNED),
    ],
)
async def test_what_one_click_lacks(read, published, fields, covered, problem):
    found = (await read(signed(written(**fields), fields=covered)))[Check.ONE_CLICK]
    assert (found.outcome, found.problem, found.facts["domain"]) == (FAIL, problem, FROM)


async def test_a_signature_that_does_not_hold_covers_nothing(read, published):
    content = signed(written(**UNSUBSCRIBE, **POST), fields=(*UNSUBSCRIBE, *POST)).replace(b"Good day", b"Bad day")
    found = await read(content)
    assert found[Check.ONE_CLICK].problem == Problem.ONE_CLICK_UNSIGNED
    assert "body hash mismatch" in found[Check.ONE_CLICK].found
    assert found[Check.ALIGNMENT].problem == Problem.NOT_ALIGNED


async def test_a_key_that_is_gone_fails_and_one_that_we_could_not_ask_for_does_not(read, world):
    content = signed(written(**UNSUBSCRIBE, **POST), fields=(*UNSUBSCRIBE, *POST))
    assert (await read(content))[Check.ONE_CLICK].problem == Problem.ONE_CLICK_UNSIGNED
    world.example.misbehave("s1._domainkey.acme", Mode.SERVFAIL)
    found = await read(content)
    assert [each.outcome for each in found.values()] == [UNKNOWN, UNKNOWN]
    assert "SERVFAIL" in found[Check.ONE_CLICK].found


async def test_the_second_signature_counts_as_well(read, published):
    content = signed(written(**UNSUBSCRIBE, **POST), fields=(*UNSUBSCRIBE, *POST))
    found = await read(b"DKIM-Signature: v=1; d=other.example; h=from; garbage\r\n" + content)
    assert [each.outcome for each in found.values()] == [PASS, PASS]


async def test_an_unaligned_signature_and_what_may_still_be_aligned_by_spf(read, world):
    world.texts("s1._domainkey.esp.example", record())
    content = signed(written(), domain="esp.example")
    found = (await read(content))[Check.ALIGNMENT]
    assert (found.problem, found.facts["others"]) == (Problem.NOT_ALIGNED, "esp.example")
    returned = (await read(b"Return-Path: <b-1@bounce.acme.example>\r\n" + content))[Check.ALIGNMENT]
    assert (returned.outcome, "if SPF passed" in returned.found) == (UNKNOWN, True)
    elsewhere = b"Return-Path: <b-1@bounce.esp.example>\r\n" + content
    assert (await read(elsewhere, envelope_domains=("bounce.acme.example",)))[Check.ALIGNMENT].outcome is FAIL


async def test_an_ed25519_signature_cannot_be_verified_here_and_is_unknown(read, world):
    world.texts(KEY, "v=DKIM1; k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    fields = ":".join(name.lower() for name in ("from", *UNSUBSCRIBE, *POST))
    body = "ZGlnZXN0"
    header = f"v=1; a=ed25519-sha256; c=relaxed/simple; d=acme.example; s=s1; h={fields}; bh={body}; b=AAAA"
    found = await read(f"DKIM-Signature: {header}\r\n".encode() + written(**UNSUBSCRIBE, **POST))
    assert found[Check.ONE_CLICK].outcome is UNKNOWN


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no message at all",
        written(from_="nobody"),
        written(from_=f"a@{FROM}, b@bravo.example"),
        b"From: a@news.acme.example\r\n" + written(),
        written(from_="a@bravo.example"),
        written(from_="a@xnews.acme.example"),
    ],
)
async def test_what_is_no_message_of_theirs_is_refused_in_a_sentence(read, content):
    with pytest.raises(NotPossible, match="message"):
        await read(content)


@pytest.mark.parametrize(
    "header",
    [
        b"DKIM-Signature: v=1; d=\x1b[31m\xff.example; s=s1; h=from; bh=AAAA; b=AAAA; a=rsa-sha256",
        b"DKIM-Signature: v=1; d=acme.example; s=s1; h=from; bh=AA; b=A; a=rsa-sha256; x=99999999999999999999; t=1",
        b"DKIM-Signature: " + b"=" * 5000,
        b"DKIM-Signature:",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=acme.example; s=" + b"s" * 300 + b"; h=from; bh=AAAA; b=AAAA; l=x",
    ],
)
async def test_hostile_signatures_prove_nothing_and_break_nothing(read, published, header):
    found = await read(header + b"\r\n" + written(**UNSUBSCRIBE, **POST))
    assert all(each.outcome is FAIL for each in found.values())
    shown = [text for each in found.values() for text in (each.found, *each.facts.values())]
    assert all(text.isprintable() and len(text) < 600 for text in shown), shown
