"""The shipped catalogue says what the lists say of themselves, and an overlay changes just what it names."""

import re
from datetime import timedelta

import pytest

from deliverwatch.catalogue.blocklists import load_blocklists, load_lists
from deliverwatch.catalogue.shipped import shipped
from deliverwatch.core.blocklist import (
    AccessTerms,
    Asker,
    Budget,
    Impact,
    ListStatus,
    Polarity,
    RemovalWay,
    Scope,
)
from deliverwatch.core.errors import CatalogueError
from deliverwatch.core.subjects import DomainRole, SubjectKind
from deliverwatch.core.verdict import Answer, Outcome, Reply, judge

LISTS = {blocklist.id: blocklist for blocklist in load_blocklists()}
DEAD = {each.id: each for each in load_lists().dead}


def answered(list_id, *values):
    return judge(LISTS[list_id], Answer(Reply.ANSWER, values, timedelta(seconds=60)))


LEADING = {
    *("spamhaus-zen", "spamhaus-dbl", "abusix-combined", "abusix-dblack", "barracuda-brbl", "spamcop-scbl"),
    *("surbl-multi", "uribl-multi", "invaluement-sip", "invaluement-uri", "psbl", "uceprotect-1", "mailspike-bl"),
    "validity-rpbl",
}


def test_the_lists_of_the_field_are_there_and_few_of_them_lead():
    assert len(LISTS) >= 75
    assert {blocklist.id for blocklist in LISTS.values() if blocklist.leads} == LEADING
    assert all(LISTS[each].used_by or LISTS[each].notes for each in LEADING)


def test_only_lists_with_open_terms_that_can_be_verified_are_on_by_default():
    on = {blocklist.id for blocklist in LISTS.values() if blocklist.on_by_default}
    assert on == {
        *("spamcop-scbl", "uribl-multi", "psbl", "uceprotect-1", "mailspike-bl", "gbudb-truncate"),
    }
    assert {LISTS[each].access.terms for each in on} == {AccessTerms.OPEN}
    assert all(LISTS[each].verifiable(kind) for each in on for kind in LISTS[each].kinds)


def test_of_those_that_lead_only_three_cannot_be_verified():
    unverifiable = {each for each in LEADING if not all(LISTS[each].verifiable(kind) for kind in LISTS[each].kinds)}
    assert unverifiable == {"abusix-dblack", "invaluement-uri", "validity-rpbl"}


@pytest.mark.parametrize(
    ("list_id", "values", "impact"),
    [
        ("spamhaus-zen", ["127.0.0.2"], Impact.CRITICAL),
        ("spamhaus-zen", ["127.0.0.10"], Impact.HIGH),
        ("spamhaus-zen", ["127.0.0.10", "127.0.0.4"], Impact.CRITICAL),
        ("spamhaus-dbl", ["127.0.1.2"], Impact.CRITICAL),
        ("spamhaus-dbl", ["127.0.1.102"], Impact.MEDIUM),
        ("spamhaus-dbl", ["127.0.1.106"], Impact.HIGH),
        ("surbl-multi", ["127.0.0.4"], Impact.INFO),
        ("surbl-multi", ["127.0.0.36"], Impact.INFO),
        ("surbl-multi", ["127.0.0.80"], Impact.HIGH),
        *(("surbl-multi", [f"127.0.0.{bit}"], Impact.HIGH) for bit in (8, 16, 64, 128)),
        ("uribl-multi", ["127.0.0.4"], Impact.LOW),
        ("uribl-multi", ["127.0.0.6"], Impact.HIGH),
        ("validity-rpbl", ["127.0.0.1"], Impact.MEDIUM),
        ("mailspike-bl", ["127.0.0.12"], Impact.LOW),
        ("abusix-combined", ["127.0.0.200"], Impact.HIGH),
        ("spamhaus-zrd", ["127.0.2.17"], Impact.MEDIUM),
        ("uceprotect-3", ["127.0.0.2"], Impact.INFO),
        ("mailspike-rep", ["127.0.0.10"], Impact.MEDIUM),
        ("dronebl", ["127.0.0.255"], Impact.LOW),
    ],
)
def test_impact_is_per_code(list_id, values, impact):
    verdict = answered(list_id, *values)
    assert (verdict.outcome, verdict.impact, verdict.unexplained) == (Outcome.LISTED, impact, ())


@pytest.mark.parametrize(
    ("list_id", "value"),
    [
        *(("spamhaus-zen", f"127.255.255.{last}") for last in (250, 251, 252, 254, 255)),
        ("spamhaus-dbl", "127.0.1.255"),
        ("surbl-multi", "127.0.0.1"),
        ("uribl-multi", "127.0.0.1"),
        ("uribl-multi", "127.0.0.255"),
        ("uribl-black", "127.0.0.1"),
        ("dnswl", "127.0.0.255"),
        ("validity-rpbl", "127.255.255.255"),
    ],
)
def test_refusals_are_never_listings(list_id, value):
    assert answered(list_id, value).outcome is Outcome.REFUSED


def test_domain_lists_have_test_points_of_several_labels_where_their_operators_have_one():
    """One label passes where a minimising resolver hides all longer names."""
    single = {
        blocklist.id
        for blocklist in LISTS.values()
        for point in blocklist.points_for(SubjectKind.DOMAIN)
        if "." not in point.name
    }
    assert single == {"spamhaus-zrd", "nordspam-dbl", "scientificspam-domain"}


def test_ipv6_test_points_stay_ipv6():
    assert {point.name for point in LISTS["spamhaus-zen"].points_for(SubjectKind.IPV6)} == {
        "::ffff:7f00:2",
        "::ffff:7f00:1",
    }


@pytest.mark.parametrize(
    ("asked_name", "expected"),
    [
        ("full", "spamhaus-dbl spamhaus-zrd"),
        (
            "both",
            "abuse-ro-uribl abusix-dblack dnswl-dwl fmbla-short nordspam-dbl scientificspam-domain surbl-multi"
            " swinog-uribl zapbl-rhsbl",
        ),
        (
            "registered",
            "fmbla-fresh invaluement-uri sem-fresh sem-fresh10 sem-fresh15 sem-fresh30 sem-uri sem-urired"
            " uribl-black uribl-grey uribl-multi uribl-red uribl-white",
        ),
    ],
)
def test_each_list_of_domains_is_asked_for_what_it_holds(asked_name, expected):
    of_domains = [each for each in LISTS.values() if SubjectKind.DOMAIN in each.kinds]
    assert sorted(each.id for each in of_domains if each.asked_name == asked_name) == expected.split()


def test_parts_name_the_list_that_holds_them():
    wholes = {whole: {each.id for each in LISTS.values() if each.part_of == whole} for whole in LISTS}
    assert {whole: parts for whole, parts in wholes.items() if parts} == {
        "spamhaus-zen": {"spamhaus-sbl", "spamhaus-xbl", "spamhaus-pbl", "spamhaus-drop"},
        "abusix-combined": {"abusix-black", "abusix-exploit", "abusix-dynamic"},
        "uribl-multi": {"uribl-black", "uribl-grey", "uribl-red"},
        "mailspike-bl": {"mailspike-z"},
        "spamrats-all": {"spamrats-dyna", "spamrats-noptr", "spamrats-spam", "spamrats-auth"},
    }


@pytest.mark.parametrize(
    ("list_id", "value", "scope", "removal"),
    [
        ("spamhaus-zen", "127.0.0.2", Scope.ADDRESS, RemovalWay.NETWORK_OWNER),
        ("spamhaus-zen", "127.0.0.3", Scope.ADDRESS, RemovalWay.SELF_SERVICE),
        ("spamhaus-zen", "127.0.0.9", Scope.NETWORK, RemovalWay.NETWORK_OWNER),
        ("spamhaus-zen", "127.0.0.11", Scope.NETWORK, RemovalWay.SELF_SERVICE),
        ("invaluement-sip24", "127.0.0.2", Scope.NETWORK, RemovalWay.SELF_SERVICE),
        ("uceprotect-3", "127.0.0.2", Scope.ASN, RemovalWay.NETWORK_OWNER),
        ("fmbla", "127.0.2.2", Scope.ASN, RemovalWay.SELF_SERVICE),
    ],
)
def test_whom_a_listing_accuses_and_who_can_end_it_are_per_code(list_id, value, scope, removal):
    verdict = answered(list_id, value)
    assert (verdict.scope, verdict.removal) == (scope, removal)


def test_a_score_is_named_with_its_figure():
    assert answered("spamhaus-zrd", "127.0.2.5").meanings == ("new: first seen at most so many hours ago (5)",)


def test_lists_of_links_weigh_less_for_a_greeting():
    assert LISTS["surbl-multi"].matters_to == {DomainRole.LINK, DomainRole.FROM, DomainRole.DKIM}
    assert LISTS["spamhaus-dbl"].matters_to == frozenset()


def test_what_an_entry_says_of_its_list_arrives():
    assert LISTS["spamhaus-zen"].granularity == {SubjectKind.IPV6: 64}
    assert LISTS["sem-black"].budget == Budget(per_second=5, per_day=100_000)
    assert LISTS["psbl"].budget == Budget()
    assert LISTS["spamrats-all"].status is ListStatus.DEGRADED
    assert LISTS["surbl-multi"].access.own_resolver
    assert not LISTS["psbl"].access.own_resolver


def test_who_uses_a_list_is_said_with_its_basis():
    users = {user.name: user for user in LISTS["spamhaus-zen"].used_by}
    assert users["Outlook.com and Hotmail"].provider == "microsoft_consumer"
    assert "reported" in users["Yahoo"].basis


def test_no_reputation_or_allow_list_leads():
    assert not any(each.leads for each in LISTS.values() if each.polarity is not Polarity.BLOCK)


def test_a_list_without_a_zone_takes_a_key_or_is_downloaded():
    without = {each.id: each for each in LISTS.values() if each.zone is None}
    downloaded = {each.id for each in without.values() if each.keyed_zone is None}
    assert downloaded == {"spamhaus-drop"}
    assert {without[each].access.terms for each in without.keys() - downloaded} == {AccessTerms.KEY}
    assert {feed.refresh_for for feed in LISTS["spamhaus-drop"].feeds} == {timedelta(hours=12)}


def test_spamcop_takes_no_requests_and_nobody_is_told_to_pay():
    assert LISTS["spamcop-scbl"].removal.way is RemovalWay.AUTOMATIC
    assert LISTS["spamcop-scbl"].removal.who is Asker.NOBODY
    assert not re.search(r"\bpay(ment)?\b|express", shipped("blocklists.yaml").read_text(), re.IGNORECASE)
    paid = {each.id for each in LISTS.values() if each.removal.paid}
    assert paid == {"uceprotect-1", "uceprotect-2", "uceprotect-3", "backscatterer", "spfbl"}


def test_the_dead_are_kept_with_the_day_and_the_way():
    assert len(DEAD) == 38
    assert DEAD["sorbs"].died_on == "2024-06-05"
    assert "rhsbl.sorbs.net" in DEAD["sorbs"].zones
    assert DEAD["nixspam"].epitaph == (
        "nixspam is dead since 2025-01-16: it was emptied and kept online for half a year, so that it looked clear to "
        "all; take it out"
    )


def test_no_zone_is_among_the_living_and_the_dead():
    gone = [zone for each in DEAD.values() for zone in each.zones]
    assert len(gone) == len(set(gone))
    assert not set(gone) & {each.shown_zone for each in LISTS.values()}


NEW = """
  - id: example-bl
    name: Example BL
    zone: BL.example.
    kinds: [ipv4, domain]
    scope: address
    codes: [{value: 127.0.0.2, impact: low, meaning: listed}]
    test_points: [{kind: domain, name: invalid, expect: []}, {kind: domain, name: _test.bl, expect: [127.0.0.2]}]
    access: {terms: open, note: free}
    removal: {way: automatic}
    source: made up
    checked_on: 2026-11-22
    confidence: low
    status: unverified
"""


def test_an_overlay_changes_a_key_and_adds_a_list(tmp_path):
    (tmp_path / "blocklists.yaml").write_text("lists:\n  - {id: psbl, on_by_default: false}\n" + NEW)
    merged = {blocklist.id: blocklist for blocklist in load_blocklists(overlay=tmp_path)}
    assert list(merged) == [*LISTS, "example-bl"]
    assert not merged["psbl"].on_by_default
    assert merged["psbl"].zone == "psbl.surriel.com"
    assert merged["spamcop-scbl"] == LISTS["spamcop-scbl"]
    assert merged["example-bl"].zone == "bl.example"


def test_a_fault_of_an_overlay_names_the_file_that_the_key_is_in(tmp_path):
    overlay = tmp_path / "blocklists.yaml"
    overlay.write_text(
        "lists:\n  - id: psbl\n    zone: bl.mailspike.net\n  - id: psbl-2\n    name: Second\n    zon: x\n"
    )
    with pytest.raises(CatalogueError) as raised:
        load_blocklists(overlay=tmp_path)
    told = str(raised.value)
    assert f"'bl.mailspike.net' is already taken by the entry on line 3 of {overlay}" in told
    assert f"{overlay}: line 6, psbl-2: unknown key 'zon': did you mean 'zone'?" in told


def test_an_overlay_that_names_a_dead_list_is_told_when_and_how_it_died(tmp_path):
    overlay = tmp_path / "blocklists.yaml"
    overlay.write_text("lists:\n  - {id: sorbs, on_by_default: true}\n" + NEW.replace("BL.example.", "db.wpbl.info"))
    with pytest.raises(CatalogueError) as raised:
        load_blocklists(overlay=tmp_path)
    told = str(raised.value).splitlines()
    assert told == [
        f"{overlay}: line 2, sorbs > id: {DEAD['sorbs'].epitaph}",
        f"{overlay}: line 6, example-bl > zone: db.wpbl.info is of a dead list: {DEAD['wpbl'].epitaph}",
    ]


def test_an_overlay_may_bury_a_list_of_its_own(tmp_path):
    grave = "{id: local, name: Local, zones: [local.example], died_on: 2026-10, how: it stopped, source: us}"
    (tmp_path / "blocklists.yaml").write_text(f"lists: []\ndead:\n  - {grave}\n")
    lists = load_lists(overlay=tmp_path)
    assert lists.usable == tuple(LISTS.values())
    assert [each.id for each in lists.dead] == [*DEAD, "local"]


def test_an_overlay_without_blocklists_changes_nothing_and_none_at_all_is_a_fault(tmp_path):
    assert load_blocklists(overlay=tmp_path) == tuple(LISTS.values())
    with pytest.raises(CatalogueError, match="is not a folder"):
        load_blocklists(overlay=tmp_path / "none")


def test_a_file_replaces_the_shipped_catalogue(tmp_path):
    (tmp_path / "mine.yaml").write_text("lists:\n" + NEW)
    (only,) = load_blocklists(tmp_path / "mine.yaml")
    assert (only.id, only.kinds) == ("example-bl", {SubjectKind.IPV4, SubjectKind.DOMAIN})


def test_all_addresses_of_the_catalogue_are_https():
    assert "http://" not in shipped("blocklists.yaml").read_text()
