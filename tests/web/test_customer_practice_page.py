"""Best practice of one customer: what fails and how to mend it, the evidence, and overruling it by a plain form."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.access import Role
from deliverwatch.core.inventory import Language
from deliverwatch.core.practice import Advice, Check, CheckOutcome, CheckResult
from remediation.world import NOON
from web.customer_world import ACMES, open_customers
from web.desk_world import HOSTILE, Seen, browsing

PAGE = "/customers/acme/practice"
OVERRULE = f"{PAGE}/overrule"
FORM = {"advice": "a-1", "reason": "it is published tonight"}


@pytest.fixture
async def world(tmp_path):
    async with open_customers(tmp_path) as world:
        await world.store.keep_practice("acme", RESULTS, ADVICE, complete=True)
        yield world


def a_result(check, outcome, subject="news.acme.example", found="there is none", **more):
    return CheckResult(check, subject, outcome, found, NOON, "TXT by 192.0.2.53:53", **more)


RESULTS = [
    a_result(Check.SPF, CheckOutcome.FAIL, problem="spf_missing", facts={"domain": "news.acme.example"}),
    a_result(Check.DMARC, CheckOutcome.PASS, found="p=reject"),
    a_result(Check.DKIM, CheckOutcome.UNKNOWN, found="no answer"),
]
ADVICE = [
    Advice("a-1", "acme", Check.SPF, "news.acme.example", "spf_missing", {"domain": "news.acme.example"}, "none", NOON),
    Advice(
        "a-2",
        "acme",
        Check.DMARC,
        "news.acme.example",
        "dmarc_missing",
        {"domain": "news.acme.example"},
        HOSTILE,
        NOON - timedelta(days=9),
        mended_at=NOON - timedelta(days=2),
    ),
]


MINUTE = timedelta(minutes=1)


def pointless(address, later=timedelta()):
    facts, found = {"address": address}, f"{address} has no reverse name"
    return Advice(f"p-{address}", "acme", Check.PTR, address, "ptr_missing", facts, found, NOON + later)


async def post(world, form, who=ACMES):
    async with browsing(world, **who) as client:
        return await client.post(OVERRULE, data=form)


async def get(world, who=ACMES, query=""):
    async with browsing(world, **who) as client:
        return Seen((await client.get(PAGE + query)).text)


class TestPage:
    async def test_what_fails_stands_with_its_repair_and_its_evidence(self, world):
        seen = await get(world)
        assert "SPF news.acme.example" in seen.text
        assert "To mend it" in seen.text
        assert "TXT by 192.0.2.53:53" in seen.text
        assert "not known" in seen.text

    async def test_what_is_over_is_kept_and_foreign_text_stays_text(self, world):
        seen = await get(world)
        assert "mended" in seen.text
        assert not any(tag == "img" for tag, _ in seen.tags)

    async def test_a_repair_is_said_in_the_readers_language(self, world):
        german = await get(world, {**ACMES, "language": Language.DE})
        assert "SPF-Eintrag" in german.text

    async def test_a_reader_is_offered_no_form(self, world):
        seen = await get(world, {"role": Role.READ_ONLY, "sees_all": True})
        assert OVERRULE not in seen.forms


class TestOverruling:
    async def test_it_is_kept_with_who_and_why_and_written_down(self, world):
        form = {**(await get(world)).forms[OVERRULE], "reason": FORM["reason"]}
        answer = await post(world, form)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"{PAGE}?done=overruled"
        seen = await get(world, query="?done=overruled")
        assert "it is published tonight" in seen.text
        assert "The check is overruled" in seen.text
        assert OVERRULE not in seen.forms
        (line, *_) = [each for each in await world.store.audit() if each.deed.action == "practice.overrule"]
        assert line.deed.facts == {"check": "spf", "subject": "news.acme.example", "reason": FORM["reason"]}

    async def test_a_reason_is_wanted_beside_its_field(self, world):
        answer = await post(world, {**FORM, "reason": "  "})
        assert answer.status_code == 422
        seen = Seen(answer.text)
        (told,) = [told for tag, told in seen.tags if told.get("aria-invalid") == "true"]
        assert any(other.get("id") == told["aria-describedby"] for _, other in seen.tags)
        assert all(each.overruled_at is None for each in await world.store.advice("acme"))

    async def test_what_does_not_fail_cannot_be_overruled_and_what_was_typed_is_kept(self, world):
        await post(world, FORM)
        answer = await post(world, FORM)
        assert answer.status_code == 409
        assert "nothing to overrule" in Seen(answer.text).text

    @pytest.mark.parametrize("advice", ["", "nonsense", "a-2", "b-1"])
    async def test_what_is_no_open_advice_of_theirs_is_refused(self, world, advice):
        theirs = replace(ADVICE[0], id="b-1", customer="bravo")
        await world.store.keep_practice("bravo", [], [theirs], complete=False)
        assert (await post(world, {**FORM, "advice": advice})).status_code == 409
        assert await world.store.advice("bravo") == [theirs]

    async def test_what_was_found_of_several_is_overruled_at_once_and_nothing_beside_it(self, world):
        found = [pointless(f"192.0.2.{number}") for number in (8, 9)]
        await world.store.keep_practice("acme", [], [*found, pointless("192.0.2.10", MINUTE)], complete=False)
        seen = await get(world)
        assert "192.0.2.8/31 has no reverse name" in seen.text
        answer = await post(world, {"advice": "p-192.0.2.8 p-192.0.2.9", "reason": "they move"})
        assert answer.status_code == 303
        kept = {each.id: each.overruled_because for each in await world.store.advice("acme", open_only=True)}
        assert kept == {"a-1": None, "p-192.0.2.8": "they move", "p-192.0.2.9": "they move", "p-192.0.2.10": None}

    async def test_who_only_reads_may_not(self, world):
        assert (await post(world, FORM, {"role": Role.READ_ONLY, "sees_all": True})).status_code == 403

    async def test_of_anothers_customer_there_is_nothing(self, world):
        assert (await post(world, FORM, {**ACMES, "email": "tam-b@esp.example"})).status_code == 404
