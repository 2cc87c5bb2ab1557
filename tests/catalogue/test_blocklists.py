"""The shipped catalogue says what the lists say of themselves, and an overlay changes just what it names."""

import re
from datetime import timedelta

import pytest

from deliverwatch.catalogue.blocklists import load_blocklists
from deliverwatch.catalogue.shipped import shipped
from deliverwatch.core.blocklist import AccessTerms, Answer, AskedName, Impact, Outcome, RemovalWay, Reply, judge
from deliverwatch.core.errors import CatalogueError
from deliverwatch.core.subjects import SubjectKind

LISTS = {blocklist.id: blocklist for blocklist in load_blocklists()}


def answered(list_id, *values):
    return judge(LISTS[list_id], Answer(Reply.ANSWER, values, timedelta(seconds=60)))


def test_the_ten_most_important_lists_are_there():
    assert set(LISTS) == {
        "spamhaus-zen",
        "spamhaus-dbl",
        "abusix-combined",
        "barracuda-brbl",
        "spamcop-scbl",
        "surbl-multi",
        "uribl-multi",
        "psbl",
        "mailspike-bl",
        "validity-rpbl",
    }


def test_only_lists_with_open_terms_are_on_by_default():
    on = {blocklist.id for blocklist in LISTS.values() if blocklist.on_by_default}
    assert on == {"spamcop-scbl", "uribl-multi", "psbl", "mailspike-bl"}
    assert {LISTS[each].access.terms for each in on} == {AccessTerms.OPEN}


def test_every_list_but_one_can_be_verified_for_all_its_kinds():
    unverifiable = {each.id for each in LISTS.values() if not all(each.verifiable(kind) for kind in each.kinds)}
    assert unverifiable == {"validity-rpbl"}


@pytest.mark.parametrize("blocklist", LISTS.values(), ids=lambda blocklist: blocklist.id)
def test_the_promised_answers_of_test_points_are_listings(blocklist):
    for point in blocklist.test_points:
        if point.expect:
            verdict = judge(blocklist, Answer(Reply.ANSWER, point.expect))
            assert verdict.outcome is Outcome.LISTED, verdict


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
        ("uribl-multi", ["127.0.0.4"], Impact.LOW),
        ("uribl-multi", ["127.0.0.6"], Impact.HIGH),
        ("validity-rpbl", ["127.0.0.1"], Impact.MEDIUM),
        ("mailspike-bl", ["127.0.0.12"], Impact.LOW),
        ("abusix-combined", ["127.0.0.200"], Impact.HIGH),
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
        ("validity-rpbl", "127.255.255.255"),
    ],
)
def test_refusals_are_never_listings(list_id, value):
    assert answered(list_id, value).outcome is Outcome.REFUSED


def test_domain_lists_have_test_points_of_several_labels():
    for blocklist in LISTS.values():
        for point in blocklist.points_for(SubjectKind.DOMAIN):
            assert "." in point.name


def test_ipv6_test_points_stay_ipv6():
    assert {point.name for point in LISTS["spamhaus-zen"].points_for(SubjectKind.IPV6)} == {
        "::ffff:7f00:2",
        "::ffff:7f00:1",
    }


def test_uribl_is_asked_for_registered_domains_and_the_others_are_not():
    assert {each.id for each in LISTS.values() if each.asked_name is AskedName.REGISTERED} == {"uribl-multi"}


def test_spamcop_takes_no_requests_and_nobody_is_told_to_pay():
    assert LISTS["spamcop-scbl"].removal.way is RemovalWay.AUTOMATIC
    assert not re.search(r"\bpay(ment)?\b|express", shipped("blocklists.yaml").read_text(), re.IGNORECASE)


def test_keyed_zones_take_the_key_as_one_label():
    keyed = {each.id: each.keyed_zone for each in LISTS.values() if each.keyed_zone}
    assert keyed == {
        "spamhaus-zen": "{key}.zen.dq.spamhaus.net",
        "spamhaus-dbl": "{key}.dbl.dq.spamhaus.net",
        "abusix-combined": "{key}.combined.mail.abusix.zone",
    }


NEW = """
  - id: example-bl
    name: Example BL
    zone: BL.example.
    kinds: [ipv4, domain]
    scope: address
    codes: [{value: 127.0.0.2, impact: low, meaning: listed}]
    test_points: [{kind: domain, name: invalid, expect: []}, {kind: domain, name: _test.bl, expect: [127.0.0.9]}]
    access: {terms: open, note: free}
    removal: {way: automatic}
    source: made up
    checked_on: 2026-11-22
    confidence: low
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
