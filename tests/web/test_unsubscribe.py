"""The page on which a reader unsubscribes: as a filter opens it, as a person does, and as mail programs post to it."""

from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from deliverwatch.core.inventory import Language
from deliverwatch.web.headers import SafeHeaders
from deliverwatch.web.templating import templates
from deliverwatch.web.unsubscribe import add_unsubscribe

TOKEN, OTHER = "t" * 32, "o" * 32
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


class Clock:
    def __init__(self):
        self.passed = timedelta(0)

    def monotonic(self):
        return self.passed


@dataclass
class Readers:
    brand: str = "Example <ESP>"
    known: dict = field(default_factory=lambda: {TOKEN: Language.EN})
    gone: list = field(default_factory=list)

    async def language_of(self, token):
        return self.known.get(token)

    async def unsubscribe(self, token):
        self.gone.append(token)
        return token in self.known


@dataclass
class Pages:
    reporting: Readers = field(default_factory=Readers)
    clock: Clock = field(default_factory=Clock)


@pytest.fixture
def pages():
    return Pages()


@pytest.fixture
async def browser(pages):
    app = FastAPI()
    add_unsubscribe(app, pages, templates())
    transport = httpx.ASGITransport(SafeHeaders(app, is_secure=True))
    async with httpx.AsyncClient(transport=transport, base_url="https://d.esp.example") as client:
        yield client


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_whoever_opens_the_link_changes_nothing(browser, pages, method):
    answer = await browser.request(method, f"/unsubscribe/{TOKEN}")
    assert answer.status_code == 200
    assert pages.reporting.gone == []
    if method == "GET":
        assert '<form method="post">' in answer.text
        assert "Example &lt;ESP&gt;" in answer.text


@pytest.mark.parametrize(
    "sent",
    [
        {"data": ONE_CLICK},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b"List-Unsubscribe=One-Click", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
    ],
)
async def test_a_post_unsubscribes_at_once(browser, pages, sent):
    answer = await browser.post(f"/unsubscribe/{TOKEN}", **sent)
    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.text
    assert "<form" not in answer.text
    assert pages.reporting.gone == [TOKEN]


@pytest.mark.parametrize("body", [b"", b"List-Unsubscribe=yes", b"List-Unsubscribe=One-Click" + b"x" * 5000])
async def test_a_post_that_does_not_say_so_unsubscribes_nobody(browser, pages, body):
    assert (await browser.post(f"/unsubscribe/{TOKEN}", content=body)).status_code == 400
    assert pages.reporting.gone == []


@pytest.mark.parametrize("token", [OTHER, "short", "%22%3E%3Cscript%3E", "t" * 33])
async def test_an_unknown_token_is_not_found(browser, pages, token):
    for answer in (
        await browser.get(f"/unsubscribe/{token}"),
        await browser.post(f"/unsubscribe/{token}", data=ONE_CLICK),
    ):
        assert answer.status_code == 404
        assert "This link is not known here" in answer.text
        assert "<script" not in answer.text
    assert pages.reporting.gone == []


@pytest.mark.parametrize("token", [TOKEN, OTHER])
async def test_the_page_is_for_nobody_to_keep(browser, token):
    for answer in (
        await browser.get(f"/unsubscribe/{token}"),
        await browser.post(f"/unsubscribe/{token}", data=ONE_CLICK),
    ):
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
        assert token not in answer.text


async def test_it_speaks_the_readers_language(browser, pages):
    for language in Language:
        pages.reporting.known[TOKEN] = language
        assert f'<html lang="{language}"' in (await browser.get(f"/unsubscribe/{TOKEN}")).text


async def test_who_guesses_is_answered_at_a_bounded_rate_and_keeps_nobody_from_unsubscribing(browser, pages):
    answers = [(await browser.get(f"/unsubscribe/{OTHER}")).status_code for _ in range(101)]
    assert answers == [404] * 100 + [429]
    assert (await browser.post(f"/unsubscribe/{OTHER}", data=ONE_CLICK)).headers["retry-after"] == "10"
    assert (await browser.post(f"/unsubscribe/{TOKEN}", data=ONE_CLICK)).status_code == 200
    pages.clock.passed += timedelta(seconds=1)
    assert (await browser.get(f"/unsubscribe/{OTHER}")).status_code == 404
