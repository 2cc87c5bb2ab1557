"""What counts as a DKIM key that receivers take."""

import base64

import pytest

from deliverwatch.core.practice import Check, CheckOutcome
from deliverwatch.core.practice_problems import Problem
from deliverwatch.sandbox.zones import Mode
from practice.dns_world import scope
from practice.keys import record_of

NAME = "s1._domainkey.acme.example"
ED25519 = f"v=DKIM1; k=ed25519; p={base64.b64encode(bytes(32)).decode()}"


@pytest.fixture
def key(world):
    async def look(*texts):
        if texts:
            world.texts(NAME, *texts)
        of = scope(dkim_domains=("acme.example",), selectors={"acme.example": ("s1",)})
        return (await world.results(of, Check.DKIM))[NAME]

    return look


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (record_of(2048), "RSA key of 2048 bits"),
        (record_of(1024), "RSA key of 1024 bits, 2048 are advised"),
        (f"k=rsa; t=y; {record_of(2048)}", "RSA key of 2048 bits; it is declared as a test (t=y)"),
        (ED25519, "Ed25519 key"),
    ],
)
async def test_a_key_that_is_good_or_only_advised_against(key, text, words):
    result = await key(text)
    assert (result.outcome, result.found) == (CheckOutcome.PASS, f"DKIM key {NAME}: {words}")


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ((), Problem.DKIM_MISSING),
        (("some other text",), Problem.DKIM_MISSING),
        (("v=DKIM1; p=",), Problem.DKIM_REVOKED),
        (("v=DKIM1; k=rsa; P = ",), Problem.DKIM_REVOKED),
        ((record_of(2048), record_of(1024)), Problem.DKIM_SEVERAL),
        ((record_of(512),), Problem.DKIM_SHORT),
        (("v=DKIM1; p=AAAA",), Problem.DKIM_INVALID),
        (("v=DKIM1; p=not base64!",), Problem.DKIM_INVALID),
        ((f"v=DKIM2; {record_of(2048)}",), Problem.DKIM_INVALID),
        (("v=DKIM1; k=ed25519; p=AAAA",), Problem.DKIM_INVALID),
        (("v=DKIM1; k=sphincs; p=AAAA",), Problem.DKIM_INVALID),
        ((f"s=tlsrpt; {record_of(2048)}",), Problem.DKIM_INVALID),
        ((f"s=other; {record_of(2048)}",), Problem.DKIM_INVALID),
        (("p=MA==; p=MA==",), Problem.DKIM_INVALID),
        (("p=\x1b[2J\u202e;" + "x" * 3000,), Problem.DKIM_INVALID),
    ],
)
async def test_a_key_that_nobody_can_use(key, texts, problem):
    result = await key(*texts)
    assert (result.outcome, result.problem) == (CheckOutcome.FAIL, problem)
    shown = [result.found, *result.facts.values()]
    assert all(value.isprintable() and len(value) < 400 for value in shown), shown


async def test_a_short_key_tells_its_size(key):
    assert (await key(record_of(768))).facts == {"name": NAME, "bits": "768"}


async def test_what_could_not_be_looked_up_is_unknown(key, world):
    world.example.misbehave("s1._domainkey.acme", Mode.SERVFAIL)
    result = await key(record_of(2048))
    assert (result.outcome, result.found) == (CheckOutcome.UNKNOWN, f"TXT of {NAME} could not be looked up: SERVFAIL")


async def test_without_a_selector_no_key_can_be_looked_up(world):
    found = await world.results(scope(dkim_domains=("acme.example",)), Check.DKIM)
    assert found["acme.example"].outcome is CheckOutcome.UNKNOWN
    assert (await world.results(scope(), Check.DKIM))[""].outcome is CheckOutcome.UNKNOWN
