"""Resolvers as they really go wrong, between us and real lists."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.resolver_health import Trouble
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.flows.check_resolvers import check_all
from deliverwatch.flows.check_zones import check_zones
from deliverwatch.lookup.dns_lookups import DnsLookups
from deliverwatch.lookup.resolver_probe import ResolverProbe
from deliverwatch.sandbox.zones import Mode, Zone, zone_for
from servers.lists import sample_list

V4 = frozenset({SubjectKind.IPV4})
LISTS = [sample_list(id=name, zone=f"{name}.example", kinds=V4) for name in ("one", "two")]
PROBE = ResolverProbe(timedelta(seconds=2))
TEST_ENTRY = ["127.0.0.2 :127.0.0.2:test"]


@pytest.fixture
async def ordinary(start_nameserver):
    """The names of the probe, and what the minimisation test says."""
    zones = {name: Zone(name) for name in ("example.com", "qnamemin-test.internet.nl")}
    zones["qnamemin-test.internet.nl"].list("a.b", txt="NO - QNAME minimisation is NOT enabled on your resolver :(")
    server = await start_nameserver(*zones.values())
    return server, zones


@pytest.fixture
def behind(start_rbldnsd, start_unbound, ordinary):
    """behind(option, ...): an unbound that leads to real lists and to the ordinary names."""
    server = start_rbldnsd({blocklist.zone: ["ip4set"] for blocklist in LISTS})
    for blocklist in LISTS:
        server.write(blocklist.zone, TEST_ENTRY)
    stubs = {blocklist.zone: server.address for blocklist in LISTS} | dict.fromkeys(ordinary[1], ordinary[0].address)
    return lambda *options: start_unbound(stubs, *options).address


async def troubles(*resolvers, confirm=(), lists=LISTS):
    faults = (await check_all(DnsLookups(resolvers, confirm), PROBE, lists)).faults
    return [(fault.path, fault.trouble, fault.lists) for fault in faults]


async def test_a_plain_resolver_is_well(behind):
    assert await troubles(behind()) == []


async def test_one_that_falls_back_from_minimisation_is_well(behind, ordinary):
    ordinary[1]["qnamemin-test.internet.nl"].list("a.b", txt="HOORAY - QNAME minimisation is enabled")
    assert await troubles(behind("qname-minimisation: yes")) == []


async def test_strict_minimisation_hides_lists(behind, ordinary):
    ordinary[1]["qnamemin-test.internet.nl"].list("b", txt="an empty non-terminal is there")
    ordinary[1]["qnamemin-test.internet.nl"].list("a.b", txt="HOORAY - QNAME minimisation is enabled")
    strict = behind("qname-minimisation: yes", "qname-minimisation-strict: yes")
    assert await troubles(strict) == [(strict, Trouble.MINIMISES, ("one", "two"))]


async def test_where_the_probe_says_nothing_it_disagrees_with_one_that_does_not_minimise(behind, ordinary):
    ordinary[1]["qnamemin-test.internet.nl"].mode = Mode.SERVFAIL
    plain, strict = behind(), behind("qname-minimisation: yes", "qname-minimisation-strict: yes")
    assert await troubles(strict, plain) == [(strict, Trouble.DISAGREES, ("one", "two"))]
    assert await troubles(plain, confirm=[strict]) == [(strict, Trouble.DISAGREES, ("one", "two"))]
    assert await troubles(strict) == [(strict, Trouble.HIDES, ("one", "two"))]


async def test_127_8_as_private_addresses_is_a_filter(behind):
    filtering = behind("private-address: 127.0.0.0/8")
    assert await troubles(filtering) == [(filtering, Trouble.FILTERS, ("one", "two"))]


async def test_one_that_does_not_let_us_in_refuses(behind):
    closed = behind("access-control: 127.0.0.0/8 refuse")
    assert await troubles(closed) == [(closed, Trouble.REFUSES, ())]


async def test_a_resolver_that_sends_the_lost_to_a_search_page_rewrites(behind):
    rewriting = behind('local-zone: "invalid." redirect', 'local-data: "invalid. A 203.0.113.80"')
    assert await troubles(rewriting) == [(rewriting, Trouble.REWRITES, ())]


async def test_one_that_is_not_there_is_dead(behind):
    assert await troubles("127.0.0.1:9", behind()) == [("127.0.0.1:9", Trouble.DEAD, ())]


async def test_a_list_says_that_the_resolver_is_public(start_nameserver, ordinary):
    zones = [zone_for(blocklist) for blocklist in LISTS]
    zones[0].list("2.0.0.127", "127.255.255.254")
    server = await start_nameserver(*zones, *ordinary[1].values())
    assert await troubles(server.address) == [(server.address, Trouble.PUBLIC, ("one",))]


async def test_a_server_that_knows_nothing_but_lists_is_well(start_nameserver):
    server = await start_nameserver(*map(zone_for, LISTS))
    assert await troubles(server.address) == []


async def test_a_list_that_went_empty_is_its_own_trouble(start_nameserver, ordinary):
    zones = [zone_for(blocklist) for blocklist in LISTS]
    zones[0].mode = Mode.EMPTY
    server = await start_nameserver(*zones, *ordinary[1].values())
    found = await check_all(DnsLookups([server.address]), PROBE, LISTS)
    assert found.faults == []
    assert [(check.list_id, check.test.passed) for check in found.checks] == [("one", False), ("two", True)]


async def test_after_the_first_point_that_fails_a_list_is_asked_nothing_more(start_nameserver):
    everything = replace(LISTS[0], kinds=frozenset(SubjectKind))
    zone = replace(zone_for(everything), mode=Mode.REFUSED)
    server = await start_nameserver(zone)
    (check,) = await check_zones(DnsLookups([server.address]), [everything])
    assert (len(server.questions), len(check.seen), check.test.outcome) == (1, 1, "refused")


async def test_a_list_without_test_points_is_not_asked(start_nameserver):
    server = await start_nameserver()
    (check,) = await check_zones(DnsLookups([server.address]), [replace(LISTS[0], test_points=())])
    assert (check.test.outcome, check.seen, len(server.questions)) == (None, (), 0)
