"""SPF is evaluated as receivers do it, and our own failures are not the record's."""

import pytest

from deliverwatch.core.practice import Check, CheckOutcome
from deliverwatch.core.practice_problems import Problem
from deliverwatch.sandbox.zones import Mode
from practice.dns_world import scope

DOMAIN = "bounce.acme.example"
ONE, TWO = "192.0.2.10", "192.0.2.11"


@pytest.fixture
def spf(world):
    async def evaluate(*texts, addresses=(ONE,), **more):
        if texts:
            world.texts(DOMAIN, *texts)
        of = scope(*addresses, envelope_domains=(DOMAIN,), **more)
        return (await world.results(of, Check.SPF))[DOMAIN]

    return evaluate


async def test_an_address_that_is_allowed(spf, world):
    world.texts("_spf.esp.example", "v=spf1 ip4:192.0.2.0/24 -all")
    result = await spf("v=spf1 include:_spf.esp.example -all", "some other text")
    assert result.outcome is CheckOutcome.PASS
    assert result.found == f"SPF of {DOMAIN}: allows {ONE}"
    assert result.source == f"TXT of {DOMAIN} by {world.server.address}"


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ("v=spf1 -all", Problem.SPF_FAIL),
        ("v=spf1 ip4:198.51.100.1 ~all", Problem.SPF_SOFTFAIL),
        ("v=spf1 ?all", Problem.SPF_NEUTRAL),
        ("v=spf1", Problem.SPF_NEUTRAL),
        ("no spf here", Problem.SPF_MISSING),
        ("v=spf10 +all", Problem.SPF_MISSING),
    ],
)
async def test_each_way_of_not_being_allowed_is_a_problem_of_its_own(spf, record, problem):
    result = await spf(record)
    assert (result.outcome, result.problem) == (CheckOutcome.FAIL, problem)


async def test_no_name_is_no_record(spf):
    assert (await spf()).problem == Problem.SPF_MISSING


async def test_ten_look_ups_are_taken_and_eleven_are_not(spf, world):
    for number in range(11):
        world.texts(f"n{number}.esp.example", "v=spf1 ip4:198.51.100.1 -all")
    ten = " ".join(f"include:n{number}.esp.example" for number in range(10))
    assert (await spf(f"v=spf1 {ten} ip4:{ONE} -all")).outcome is CheckOutcome.PASS
    result = await spf(f"v=spf1 {ten} include:n10.esp.example ip4:{ONE} -all")
    assert (result.outcome, result.problem) == (CheckOutcome.FAIL, Problem.SPF_TOO_MANY_LOOKUPS)


async def test_includes_that_go_round_in_a_circle_end(spf, world):
    world.texts("a.esp.example", "v=spf1 include:b.esp.example -all")
    world.texts("b.esp.example", "v=spf1 include:a.esp.example -all")
    assert (await spf("v=spf1 include:a.esp.example -all")).problem == Problem.SPF_TOO_MANY_LOOKUPS
    invalid = await spf(f"v=spf1 include:{DOMAIN} -all")
    assert (invalid.problem, "recursion" in invalid.facts["reason"]) == (Problem.SPF_INVALID, True)


async def test_two_records_are_none(spf):
    assert (await spf("v=spf1 +all", f"v=spf1 ip4:{ONE} -all")).problem == Problem.SPF_SEVERAL


async def test_an_include_without_a_record_breaks_it_and_the_reason_is_told(spf):
    result = await spf("v=spf1 include:gone.esp.example -all")
    assert result.problem == Problem.SPF_INVALID
    assert "No valid SPF record for included domain: gone.esp.example" in result.facts["reason"]


@pytest.mark.parametrize("mode", [Mode.SILENT, Mode.SERVFAIL, Mode.REFUSED])
async def test_what_we_could_not_look_up_is_unknown(spf, world, mode):
    world.example.misbehave("_spf.esp", mode)
    result = await spf("v=spf1 include:_spf.esp.example -all")
    assert (result.outcome, result.problem) == (CheckOutcome.UNKNOWN, None)
    assert "_spf.esp.example" in result.found


async def test_the_next_resolver_is_asked(world, start_nameserver):
    world.texts(DOMAIN, f"v=spf1 ip4:{ONE} -all")
    deaf = await start_nameserver()
    of = scope(ONE, envelope_domains=(DOMAIN,))
    found = await world.results(of, Check.SPF, deaf.address, world.server.address)
    assert found[DOMAIN].outcome is CheckOutcome.PASS


async def test_without_a_resolver_nothing_is_known(world):
    found = await world.results(scope(ONE, envelope_domains=(DOMAIN,)), Check.SPF, "127.0.0.1:1")
    assert found[DOMAIN].outcome is CheckOutcome.UNKNOWN


async def test_of_several_addresses_those_count_that_were_seen_to_send(spf):
    record = f"v=spf1 ip4:{ONE} ~all"
    unseen = await spf(record, addresses=(ONE, TWO))
    assert (unseen.outcome, f"does not allow {TWO} (softfail)" in unseen.found) == (CheckOutcome.UNKNOWN, True)
    other = await spf(record, addresses=(ONE, TWO), seen_from={DOMAIN: (ONE,)})
    assert other.outcome is CheckOutcome.PASS
    both = await spf(record, addresses=(ONE, TWO), seen_from={DOMAIN: (ONE, TWO)})
    assert (both.problem, both.facts["addresses"]) == (Problem.SPF_SOFTFAIL, TWO)


async def test_many_addresses_cost_one_question_for_the_record(spf, world):
    addresses = tuple(f"192.0.2.{number}" for number in range(64))
    world.texts("_spf.esp.example", "v=spf1 a:out.esp.example mx:in.esp.example -all")
    world.has("out.esp.example", *addresses, "2001:db8::10")
    world.has("in.esp.example", mx=("10 out.esp.example.",))
    result = await spf("v=spf1 include:_spf.esp.example -all", addresses=(*addresses, "2001:db8::10"))
    assert result.found == f"SPF of {DOMAIN}: allows 192.0.2.0/26, 2001:db8::10"
    assert world.server.times_asked("_spf.esp.example", "TXT") == 1


HOSTILE = [
    "v=spf1 include:%{d" + "9" * 5000 + "}.example -all",
    "v=spf1 " + "a " * 2000,
    "v=spf1 \x1b[31mred\n\rip4:192.0.2.10",
    "v=spf1 exp=%{ \u202e -all",
    "v=spf1 ip4:192.0.2.10/-1 ip6:::/999 -all",
    "v=spf1 redirect=redirect=redirect= -all",
    "v=spf1 exists:%{i}.%{l}.%{h}.%{p}.example \x00 -all",
    "v=spf1 mx:" + "x" * 70 + ".example -all",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_one_short_line_and_breaks_nothing(spf, text):
    result = await spf(text)
    assert result.outcome in (CheckOutcome.FAIL, CheckOutcome.UNKNOWN)
    shown = [result.found, *result.facts.values()]
    assert all(value.isprintable() and len(value) < 400 for value in shown), shown


async def test_without_an_address_it_cannot_be_evaluated(spf):
    assert (await spf("v=spf1 -all", addresses=())).outcome is CheckOutcome.UNKNOWN
