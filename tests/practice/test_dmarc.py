"""DMARC of a From domain, and of the domain it belongs to."""

import pytest

from deliverwatch.core.practice import Check, CheckOutcome
from deliverwatch.core.practice_problems import Problem
from deliverwatch.sandbox.zones import Mode
from practice.dns_world import scope

DOMAIN = "news.acme.example"


@pytest.fixture
def dmarc(world):
    async def look():
        return (await world.results(scope(from_domains=(DOMAIN,)), Check.DMARC))[DOMAIN]

    return look


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("v=DMARC1; p=reject; rua=mailto:d@acme.example", "policy reject, with reports (rua)"),
        ("v=DMARC1; p=reject; sp=none; rua=mailto:d@acme.example", "policy reject, with reports (rua)"),
        ("v=DMARC1;p=NONE", "policy none, without reports (no rua): nobody sees what fails"),
    ],
)
async def test_a_record_of_its_own(dmarc, world, record, words):
    world.texts(f"_dmarc.{DOMAIN}", "another text", record)
    result = await dmarc()
    assert (result.outcome, result.found) == (CheckOutcome.PASS, f"DMARC of {DOMAIN}: {words}")


@pytest.mark.parametrize(("tags", "policy"), [("p=reject; sp=none", "none"), ("p=reject", "reject")])
async def test_that_of_the_organisational_domain(dmarc, world, tags, policy):
    world.texts("_dmarc.acme.example", f"v=DMARC1; {tags}")
    result = await dmarc()
    assert (result.outcome, f"policy {policy} by _dmarc.acme.example" in result.found) == (CheckOutcome.PASS, True)


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        (("v=DMARC1; p=none", "v=DMARC1; p=reject"), Problem.DMARC_SEVERAL),
        (("v=DMARC1; rua=mailto:d@acme.example",), Problem.DMARC_INVALID),
        (("v=DMARC1; p=\x1b[31mperhaps\u202e" + "x" * 900,), Problem.DMARC_INVALID),
        (("p=none; v=DMARC1",), Problem.DMARC_MISSING),
    ],
)
async def test_what_no_receiver_takes(dmarc, world, texts, problem):
    world.texts(f"_dmarc.{DOMAIN}", *texts)
    result = await dmarc()
    assert (result.outcome, result.problem) == (CheckOutcome.FAIL, problem)
    assert result.found.isprintable()
    assert len(result.found) < 300


async def test_a_look_up_that_fails_is_not_passed_over(dmarc, world):
    world.texts("_dmarc.acme.example", "v=DMARC1; p=none")
    world.example.misbehave("_dmarc.news.acme", Mode.SILENT)
    assert (await dmarc()).outcome is CheckOutcome.UNKNOWN


async def test_without_a_from_domain_nothing_is_known(world):
    assert (await world.results(scope(), Check.DMARC))[""].outcome is CheckOutcome.UNKNOWN
