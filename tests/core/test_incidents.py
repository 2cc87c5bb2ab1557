"""One cause, one event that is told; nothing lost, and nothing told twice."""

import ipaddress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.incidents import MASS_AT_LEAST, gather, is_mass, network_of, own_facts, ranges
from deliverwatch.core.subjects import SubjectKind, expand, parse_subject
from samples import NOON, SAMPLE_LIST

OPENED, CLOSED = EventKind.LISTING_OPENED, EventKind.LISTING_CLOSED
MANY = 10_000


def event(subject, kind=OPENED, **facts):
    closing = {"ended": Ending.DELISTED} if kind is CLOSED else {}
    return Event(f"{kind}/sample/{subject}", kind, NOON, "sample", parse_subject(subject), {**closing, **facts})


def led(events):
    """{key of the lead: how many}."""
    leads = {}
    for each in events:
        lead = each.facts.get("incident", each.key)
        leads[lead] = leads.get(lead, 0) + 1
    return leads


@pytest.mark.parametrize(
    ("opened", "watched", "mass"),
    [(4, 4, False), (5, 20, True), (5, 21, False), (6, 24, True), (64, 257, False), (65, 257, True), (5, 5, True)],
)
def test_a_mass_is_five_and_a_quarter(opened, watched, mass):
    assert is_mass(opened, watched) is mass


@given(watched=st.integers(0, 5000), opened=st.integers(0, 5000))
def test_a_mass_stays_one_when_more_open_and_never_is_less_than_five(watched, opened):
    assert not is_mass(MASS_AT_LEAST - 1, watched)
    assert not is_mass(opened, watched) or is_mass(opened + 1, watched)


def test_a_network_is_told_once_and_each_watch_keeps_its_event():
    lead, *others = gather(SAMPLE_LIST, [event(f"192.0.2.{number}") for number in (4, 5, 9)], MANY)
    assert (lead.facts["members"], lead.facts["member_count"]) == (["192.0.2.4/31", "192.0.2.9"], 3)
    assert [(each.facts["incident"], each.facts["quiet"]) for each in others] == [(lead.key, True)] * 2
    assert "quiet" not in lead.facts


def test_the_lead_speaks_for_all_of_them():
    first = event("192.0.2.1", parties=["bravo"])
    other = event("192.0.2.2", parties=["acme"])
    lead, _ = gather(SAMPLE_LIST, [first, other], MANY)
    assert (lead.facts["members"], lead.facts["parties"]) == (["192.0.2.1", "192.0.2.2"], ["acme", "bravo"])
    assert own_facts(lead)["parties"] == ["bravo"]


@pytest.mark.parametrize("mass", [False, True])
@pytest.mark.parametrize(
    "facts", [{"codes": ["127.0.0.10"]}, {"impact": "critical"}, {"removal": "network_owner"}, {"scope": "network"}]
)
def test_nobody_reads_of_a_neighbours_other_listing(facts, mass):
    """PBL is not SBL, though both are in one /24, and though all of it opens at once."""
    plain = [event(f"192.0.2.{number}") for number in range(5)]
    others = [event(f"192.0.2.{number}", **facts) for number in range(5, 10)]
    gathered = gather(SAMPLE_LIST, [*plain, *others], 10 if mass else MANY)
    leads = [each for each in gathered if not each.facts.get("quiet")]
    assert [each.facts["member_count"] for each in leads] == [5, 5]
    assert [bool(each.facts.get("mass")) for each in leads] == [mass, mass]


def test_names_of_one_registered_domain_share_a_cause():
    names = [event("a.acme.example"), event("b.acme.example"), event("a.bravo.example")]
    gathered = gather(SAMPLE_LIST, names, MANY, lambda name: name.partition(".")[2])
    assert [each.facts.get("member_count") for each in gathered] == [2, None, None]
    assert gathered[1].facts["incident"] == gathered[0].key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (event("192.0.2.1"), event("192.0.3.1")),
        (event("2001:db8::1"), event("2001:db8:0:1::1")),
        (event("192.0.2.1"), event("192.0.2.2", CLOSED)),
        (event("192.0.2.1", CLOSED), event("192.0.2.2", CLOSED, ended=Ending.VOID)),
        (event("a.example"), event("b.example")),
        (event("192.0.2.1"), event("192.0.2.2", quiet=True)),
        (event("192.0.2.1", EventKind.LISTING_SETTLED, listed=True), event("192.0.2.2", EventKind.LISTING_SETTLED)),
    ],
)
def test_what_shares_no_cause_is_told_by_itself(one, other):
    assert gather(SAMPLE_LIST, [one, other], MANY) == [one, other]


@pytest.mark.parametrize("kind", [OPENED, CLOSED, EventKind.LISTING_CHANGED, EventKind.LISTING_UNSTABLE])
def test_whatever_happens_to_a_network_is_one_incident(kind):
    assert len(led(gather(SAMPLE_LIST, [event("2001:db8::1", kind), event("2001:db8::ff", kind)], MANY))) == 1


def test_a_list_of_wider_entries_gathers_wider():
    wide = replace(SAMPLE_LIST, granularity={SubjectKind.IPV4: 16, SubjectKind.IPV6: 48})
    assert network_of(wide, parse_subject("192.0.2.1")) == "192.0.0.0/16"
    assert network_of(wide, parse_subject("2001:db8:0:7::1")) == "2001:db8::/48"
    fine = replace(SAMPLE_LIST, granularity={SubjectKind.IPV6: 128})
    assert network_of(fine, parse_subject("2001:db8::1")) == "2001:db8::/64"


def test_a_mass_is_one_incident_whatever_its_members_are_and_ends_are_none_of_it():
    mixed = [event(name) for name in ("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "a.example")]
    lead, *others, end = gather(SAMPLE_LIST, [*mixed, event("192.0.2.9", CLOSED)], 20)
    assert lead.facts["mass"] == {"opened": 5, "watched": 20}
    assert lead.facts["members"] == ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "a.example"]
    assert all(each.facts["incident"] == lead.key for each in others)
    assert "mass" not in end.facts


def test_a_whole_network_is_one_name():
    assert ranges(expand("192.0.2.0/24")) == ["192.0.2.0/24"]


@given(st.sets(st.integers(0, 1023), max_size=60))
def test_ranges_name_each_address_once(numbers):
    names = ranges(parse_subject(f"198.51.{100 + number // 256}.{number % 256}") for number in numbers)
    covered = [address for name in names for address in ipaddress.ip_network(name)]
    assert sorted(int(address) - int(ipaddress.ip_address("198.51.100.0")) for address in covered) == sorted(numbers)


subjects_st = st.one_of(
    st.builds("192.0.{}.{}".format, st.integers(0, 3), st.integers(0, 255)),
    st.builds("2001:db8:0:{}::{:x}".format, st.integers(1, 3), st.integers(1, 255)),
    st.builds("d{}.example".format, st.integers(0, 30)),
)
kinds_st = st.sampled_from([OPENED, CLOSED, EventKind.LISTING_CHANGED, EventKind.LISTING_UNSTABLE])
events_st = st.lists(
    st.builds(event, subjects_st, kinds_st, quiet=st.booleans()), max_size=40, unique_by=lambda each: each.key
)


@given(events=events_st, watched=st.integers(0, 200))
def test_every_event_is_there_once_and_each_member_has_a_lead_that_is_told(events, watched):
    gathered = gather(SAMPLE_LIST, events, watched)
    assert [each.key for each in gathered] == [each.key for each in events]
    by_key = {each.key: each for each in gathered}
    for before, after in zip(events, gathered, strict=True):
        assert (before.kind, before.subject, before.at) == (after.kind, after.subject, after.at)
        if "incident" in after.facts:
            assert after.facts["quiet"]
            lead = by_key[after.facts["incident"]]
            assert lead.kind is after.kind
            assert not lead.facts["quiet"]
    for key, count in led(gathered).items():
        assert by_key[key].facts.get("member_count", 1) == count
