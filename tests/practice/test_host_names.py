"""Reverse names, HELO names and hosts that take mail."""

import pytest

from deliverwatch.core.practice import Check, CheckOutcome
from deliverwatch.core.practice_problems import Problem
from deliverwatch.sandbox.zones import Mode
from practice.dns_world import scope

IP, DOMAIN = "192.0.2.10", "acme.example"
HELO = "out1.acme.example"
PASS, FAIL, UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN


async def ptr(world):
    return (await world.results(scope(IP), Check.PTR))[IP]


async def helo(world, *addresses):
    return (await world.results(scope(*addresses, helo_domains=(HELO,)), Check.HELO))[HELO]


async def mail(world):
    return (await world.results(scope(from_domains=(DOMAIN,)), Check.MX))[DOMAIN]


async def test_a_reverse_name_that_leads_back(world):
    world.ptr(IP, HELO)
    world.has(HELO, "198.51.100.1", IP)
    result = await ptr(world)
    assert (result.outcome, result.found) == (PASS, f"{IP} has the reverse name {HELO}, which leads back to it")


@pytest.mark.parametrize(
    "name",
    ["192-0-2-10.esp.example", "10.2.0.192.esp.example", "dyn12.esp.example", "pool-10.esp.example"],
)
async def test_a_name_that_looks_generic_is_said_and_fails_nothing(world, name):
    world.ptr(IP, name)
    world.has(name, IP)
    result = await ptr(world)
    assert (result.outcome, result.found.endswith("; it looks generic")) == (PASS, True)


async def test_no_reverse_name_and_one_that_leads_elsewhere(world):
    assert (await ptr(world)).problem == Problem.PTR_MISSING
    world.ptr(IP, HELO)
    assert (await ptr(world)).found.endswith("which leads to no address")
    world.has(HELO, "198.51.100.1")
    result = await ptr(world)
    assert (result.outcome, result.problem, result.facts["names"]) == (FAIL, Problem.PTR_ELSEWHERE, HELO)


async def test_a_reverse_name_that_could_not_be_followed(world):
    world.ptr(IP, HELO)
    world.example.misbehave("out1.acme", Mode.SERVFAIL)
    assert (await ptr(world)).outcome is UNKNOWN
    world.reverse.mode = Mode.SILENT
    assert (await ptr(world)).outcome is UNKNOWN


async def test_a_hostile_reverse_name_is_one_line(world):
    world.ptr(IP, r"a\010b\027.esp.example")
    result = await ptr(world)
    assert result.found.isprintable()
    assert all(value.isprintable() for value in result.facts.values())


async def test_the_helo_name_leads_to_an_address_that_sends(world):
    assert (await helo(world, IP)).problem == Problem.HELO_UNRESOLVED
    world.has(HELO, "198.51.100.1")
    assert (await helo(world, IP)).problem == Problem.HELO_ELSEWHERE
    world.has(HELO, "198.51.100.1", "2001:db8::10")
    assert (await helo(world, IP, "2001:db8::10")).outcome is PASS
    assert (await helo(world)).outcome is UNKNOWN
    world.example.misbehave("out1.acme", Mode.SERVFAIL)
    assert (await helo(world, IP)).outcome is UNKNOWN


async def test_a_helo_name_that_is_not_recorded_is_unknown(world):
    result = (await world.results(scope(IP), Check.HELO))[""]
    assert (result.outcome, "not recorded" in result.found) == (UNKNOWN, True)


async def test_hosts_for_replies(world):
    assert (await mail(world)).problem == Problem.MX_MISSING
    world.has(DOMAIN, "192.0.2.25")
    assert (await mail(world)).found == f"mail to {DOMAIN} goes to its own address, as it has no MX"
    world.has(DOMAIN, mx=("10 mx1.acme.example.", "20 mx2.acme.example."))
    result = await mail(world)
    assert (result.problem, result.facts["hosts"]) == (Problem.MX_DEAD, "mx1.acme.example, mx2.acme.example")
    world.has("mx2.acme.example", "2001:db8::25")
    assert (await mail(world)).outcome is PASS


async def test_a_null_mx_takes_no_replies(world):
    world.has(DOMAIN, "192.0.2.25", mx=("0 .",))
    result = await mail(world)
    assert (result.outcome, result.problem) == (FAIL, Problem.MX_NULL)


async def test_hosts_that_could_not_be_looked_up(world):
    world.has(DOMAIN, mx=("10 mx1.acme.example.",))
    world.example.misbehave("mx1.acme", Mode.SERVFAIL)
    assert (await mail(world)).outcome is UNKNOWN
    world.example.misbehave("acme", Mode.REFUSED)
    assert (await mail(world)).outcome is UNKNOWN
