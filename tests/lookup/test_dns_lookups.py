"""Which way a list is asked, and what all ways share."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.blocklist import Budget
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.verdict import NOT_LISTED, Answer, Reply
from deliverwatch.lookup.aiodns_resolver import AiodnsResolver
from deliverwatch.lookup.bulk_resolver import BulkResolver
from deliverwatch.lookup.direct import ListServers
from deliverwatch.lookup.dns_lookups import DIRECT, DnsLookups
from deliverwatch.sandbox.zones import Zone
from servers.lists import sample_list

V4 = SubjectKind.IPV4
BL = sample_list()
CANARY = "c4n4ryk3y"
SECONDS = timedelta(seconds=5)


def test_the_paths_are_written_one_way_and_each_once():
    lookups = DnsLookups(["192.0.2.53", "192.0.2.53:53", "2001:db8::53"], ["192.0.2.54:5353"])
    assert lookups.paths == lookups.paths_for(BL) == ("192.0.2.53:53", "[2001:db8::53]:53")
    assert lookups.confirm_paths_for(BL) == ("192.0.2.54:5353",)


def test_a_list_that_is_asked_directly_has_the_resolvers_to_fall_back_on():
    lookups = DnsLookups(["192.0.2.53"], direct=["sample"])
    assert lookups.paths_for(BL) == ("direct", "192.0.2.53:53")
    assert lookups.paths_for(sample_list(id="other")) == ("192.0.2.53:53",)


def test_a_key_that_is_none_is_refused_at_once():
    with pytest.raises(ValueError, match="the key of sample is not a key") as raised:
        DnsLookups(["192.0.2.53"], keys={"sample": f"{CANARY}.evil"})
    assert CANARY not in str(raised.value)


def test_the_second_look_goes_through_the_other_engine():
    lookups = DnsLookups(["192.0.2.53", "192.0.2.55"], ["192.0.2.54", "192.0.2.55"])
    assert isinstance(lookups.open("192.0.2.53:53"), BulkResolver)
    assert isinstance(lookups.open("192.0.2.55:53"), BulkResolver)
    assert isinstance(lookups.open(DIRECT), BulkResolver)


async def test_only_resolvers_of_the_second_look_are_asked_through_cares():
    resolver = DnsLookups(["192.0.2.53"], ["192.0.2.54"]).open("192.0.2.54:53")
    assert isinstance(resolver, AiodnsResolver)
    await resolver.close()


def test_all_who_ask_a_list_share_its_budget():
    lookups, two = DnsLookups(["192.0.2.53"]), Budget(per_second=2)
    first = lookups.bucket_of(sample_list(budget=two))
    assert first is not None
    assert lookups.bucket_of(sample_list(budget=two)) is first
    assert lookups.bucket_of(sample_list(id="other", budget=two)) is not first
    assert lookups.bucket_of(BL) is None


async def test_the_second_look_keeps_to_the_same_budget(start_nameserver):
    server = await start_nameserver(Zone("bl.example"))
    lookups, blocklist = DnsLookups(["192.0.2.53"], [server.address]), sample_list(budget=Budget(per_second=10_000))
    resolver = lookups.open(server.address)
    before = replace(lookups.bucket_of(blocklist))
    await resolver.ask(blocklist, V4, "192.0.2.1")
    await resolver.close()
    assert lookups.bucket_of(blocklist) != before


def test_a_budget_is_for_the_public_zone_and_for_keys_only_where_there_is_no_other():
    lookups, two = DnsLookups(["192.0.2.53"], keys={"sample": "k3y"}), Budget(per_second=2)
    assert lookups.bucket_of(sample_list(budget=two, keyed_zone="{key}.dq.example")) is None
    assert lookups.bucket_of(sample_list(budget=two)) is not None
    assert lookups.bucket_of(sample_list(budget=two, zone=None, keyed_zone="{key}.dq.example")) is not None
    assert lookups.bucket_of(sample_list(id="other", budget=two, keyed_zone="{key}.dq.example")) is not None


# --- the list's own servers


def records(*lines: str) -> list[str]:
    return ['local-zone: "example." static', *(f"local-data: '{line}'" for line in lines)]


async def test_a_lists_own_servers_are_found_by_their_names(start_unbound):
    unbound = start_unbound(
        {},
        *records(
            "bl.example. 300 IN NS ns1.host.example.",
            "bl.example. 300 IN NS ns2.host.example.",
            "ns1.host.example. 300 IN A 192.0.2.10",
            "ns1.host.example. 300 IN AAAA 2001:db8::10",
            "ns2.host.example. 300 IN A 192.0.2.11",
            "ns2.host.example. 300 IN A 192.0.2.10",
        ),
    )
    found = await ListServers([unbound.address], SECONDS).find(BL)
    assert found[-1] == ("2001:db8::10", 53)
    assert set(found[:-1]) == {("192.0.2.10", 53), ("192.0.2.11", 53)}


async def test_a_zone_inside_another_is_served_with_it_and_the_key_is_asked_of_nobody(start_unbound):
    """A key in the question would find no record here: only the names without it exist."""
    unbound = start_unbound(
        {}, *records("list.example. 300 IN NS ns.list.example.", "ns.list.example. 300 IN A 192.0.2.10")
    )
    keyed = sample_list(zone=None, keyed_zone="{key}.inner.list.example")
    assert await ListServers([unbound.address], SECONDS).find(keyed) == [("192.0.2.10", 53)]


async def test_what_was_found_is_kept(start_unbound, monkeypatch):
    unbound = start_unbound({}, *records("bl.example. 300 IN NS ns.bl.example.", "ns.bl.example. 300 IN A 192.0.2.10"))
    servers = ListServers([unbound.address], SECONDS)
    first = await servers.find(BL)
    monkeypatch.setattr("aiodns.DNSResolver", None)  # nobody is left to be asked
    assert await servers.find(BL) == first


async def test_a_list_whose_servers_cannot_be_found_is_not_asked(start_unbound):
    unbound = start_unbound({}, *records())
    resolver = DnsLookups([unbound.address], direct=["sample"]).open(DIRECT)
    assert resolver.path == "direct"
    answer = await resolver.ask(BL, V4, "192.0.2.1")
    assert answer == Answer(Reply.NETWORK, detail="not asked: no server of the list was found", asked=False)
    await resolver.close()


async def test_a_list_is_asked_at_its_own_server(start_rbldnsd):
    """rbldnsd knows its zones by itself, and says so."""
    server = start_rbldnsd({"bl.example": ["ip4set"]})
    server.write("bl.example", ["192.0.2.1 :127.0.0.3:"])

    async def find(_):
        return [("127.0.0.1", server.port)]

    resolver = BulkResolver(DIRECT, {}, SECONDS, find, lambda _: None, recursion=False)
    assert (await resolver.ask(BL, V4, "192.0.2.1")).values == ("127.0.0.3",)
    assert await resolver.ask(BL, V4, "192.0.2.2") is NOT_LISTED
    await resolver.close()
